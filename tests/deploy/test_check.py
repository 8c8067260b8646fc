"""A package is proved again, and brought elsewhere."""

import json
import os
import shutil
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

import dsml_magics as dsml
from dsml_magics.errors import (
    FileNotWritten,
    LedgerError,
    ModelNotFound,
    PackageAltered,
    ProofFailed,
    UsageError,
)
from dsml_magics.package.manifest import seal
from tests.deploy.conftest import X, Y

pytestmark = pytest.mark.slow


@pytest.fixture
def package(workdir, model):
    return dsml.deploy(model, name="income", data=X, target=Y, gate=["roc_auc>=0.9", "size_mb<=50"])


def test_a_package_is_proved_again_without_its_data(package):
    check = dsml.check("income@champion")
    assert (check.made_up, len(check.edges)) == (200, len(package.proof.edges))
    assert ([str(gate).partition(":")[0] for gate in check.gates], check.left) == (
        ["size_mb<=50"],
        ("roc_auc>=0.9",),
    )
    assert "roc_auc>=0.9: not measured again" in str(check)


def test_gates_are_measured_again_with_data(package):
    check = dsml.check("income", data=X, target=Y)
    assert [gate.passed for gate in check.gates] == [True, True]
    with pytest.raises(ProofFailed, match="1 of 2 gates fail now: roc_auc>=0.9: "):
        dsml.check("income", data=X, target=~Y)
    with pytest.raises(UsageError, match="data and target, or neither"):
        dsml.check("income", data=X)


def test_other_answers_than_were_proved_are_told(package, tmp_path, monkeypatch):
    """Such as on a machine with another library: here the answers that travel are changed, and sealed again."""
    folder = tmp_path / "copy"
    dsml.publish("income", to=str(folder))
    with np.load(folder / "dsml/case-answers.npz") as content:
        answers = {name: content[name] for name in content.files}
    answers["predict_proba"][3] += 0.25
    np.savez(folder / "dsml/case-answers.npz", **answers)
    seal(folder)
    with pytest.raises(PackageAltered, match="a manifest that the ledger has"):
        dsml.check(str(folder))
    monkeypatch.setenv("MLFLOW_TRACKING_URI", f"sqlite:///{tmp_path}/other.db")
    __import__("mlflow").set_tracking_uri(None)
    with pytest.raises(
        ProofFailed, match="predict_proba of made-up rows differs in 2 of 400 values.*by 0.25"
    ):
        dsml.check(str(folder))


def test_no_row_of_the_data_travels(workdir):
    rng = np.random.default_rng(3)
    rows = pd.DataFrame(
        {"height": rng.normal(size=300), "note": [f"secret number {at}" for at in range(300)]}
    )
    package = dsml.deploy(lambda frame: frame["height"].to_numpy(), name="income", data=rows)
    case = pd.read_parquet(package.path / "dsml/case.parquet")
    assert not set(case["note"]) & set(rows["note"])
    assert len(set(case["height"]) & set(rows["height"])) < 10
    assert package.proof.made_up == 200


def test_a_folder_is_published_whole(package, tmp_path):
    published = dsml.publish("income@1", to=str(tmp_path / "out" / "income"))
    assert published.what == "folder"
    assert (dsml.predict(published.to, X).to_numpy() == package.load().predict(X)).all()
    with pytest.raises(FileNotWritten, match="does not exist yet"):
        dsml.publish("income", to=published.to)
    assert not list((tmp_path / "out").glob(".*"))


def test_another_server_gets_the_same_package(package, tmp_path, monkeypatch):
    other = f"sqlite:///{tmp_path}/other.db"
    assert "champion there" in str(dsml.publish("income", to=other))
    assert "challenger there" in str(dsml.publish("income", to=other))
    assert len(dsml.models()) == 1
    with pytest.raises(LedgerError, match="another server than the one the package is on"):
        dsml.publish("income", to=os.environ["MLFLOW_TRACKING_URI"])
    monkeypatch.setenv("MLFLOW_TRACKING_URI", other)
    __import__("mlflow").set_tracking_uri(other)
    assert [version.number for version in dsml.models()] == [2, 1]
    assert dsml.check("income@2").made_up == 200


def test_an_unknown_folder_is_told(workdir):
    with pytest.raises(ModelNotFound, match=r"a package in the folder '\./gone'"):
        dsml.check("./gone")


def test_a_build_context_needs_nothing_else(package, tmp_path):
    """No engine is here: its layers' commands are run in a clean environment instead."""
    context = tmp_path / "context"
    dsml.publish("income", to=f"oci:{context}")
    lines = (context / "Dockerfile").read_text().splitlines()
    assert sum(line.startswith("FROM ") for line in lines) == 2
    assert "USER 10001" in lines
    assert any(line.startswith("HEALTHCHECK") for line in lines)
    copied = [line.split()[-2] for line in lines if line.startswith("COPY") and "--from" not in line]
    assert all((context / source).exists() for source in copied)
    compose = yaml.safe_load((context / "compose.yaml").read_text())
    assert compose["services"]["income"]["build"]["dockerfile"] == "Dockerfile"
    service = yaml.safe_load((context / "inferenceservice.yaml").read_text())
    assert service["kind"] == "InferenceService"
    command = next(line for line in lines if line.startswith("CMD"))
    words = json.loads(command.removeprefix("CMD "))
    assert words[:3] == ["dsml", "serve", "/opt/package"]
    assert service["spec"]["predictor"]["containers"][0]["command"][:-2] == words


def link_installed(lines, site):
    """Put distributions into an environment by links: what is there pip need not unpack, and what is missing it tells by installing it."""
    for name, _, version in (line.strip().partition("==") for line in lines):
        found = next(iter(metadata.distributions(name=name)), None)
        if found is None or found.version.partition("+")[0] != version:
            continue
        for file in found.files or ():
            source, target = Path(found.locate_file(file)), site / file
            if ".." not in file.parts and source.is_file() and not target.exists():
                target.parent.mkdir(parents=True, exist_ok=True)
                try:
                    os.link(source, target)
                except OSError:
                    # They are on two file systems.
                    shutil.copy2(source, target)


def test_the_commands_of_the_image_serve_the_package(package, tmp_path):
    """What the build stage installs is enough to serve it, by the command of the image."""
    import socket
    import time
    import urllib.error
    import urllib.request

    context = tmp_path / "context"
    dsml.publish("income", to=f"oci:{context}")
    venv = tmp_path / "venv"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", venv], check=True)
    wanted = [context / "requirements.txt", context / "package/dsml/server/constraints.txt"]
    (site,) = venv.glob("lib/python*/site-packages")
    link_installed([line for file in wanted for line in file.read_text().splitlines()], site)
    lines = (context / "Dockerfile").read_text().splitlines()
    (install,) = [line.removeprefix("RUN pip ") for line in lines if line.startswith("RUN pip install")]
    install = install.replace("--no-cache-dir", "--quiet --disable-pip-version-check --no-compile")
    install = install.replace("/tmp/requirements.txt", f"{context}/requirements.txt")
    install = install.replace("/tmp/server", f"{context}/package/dsml/server")
    pip = f"{sys.executable} -m pip --python {venv}/bin/python"
    subprocess.run(f"{pip} {install}", shell=True, check=True, timeout=1200)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    line = next(each for each in (context / "Dockerfile").read_text().splitlines() if each.startswith("CMD"))
    words = json.loads(line.removeprefix("CMD "))
    changes = {"/opt/package": str(context / "package"), "0.0.0.0": "127.0.0.1", "8080": str(port)}
    changes["/var/lib/dsml/windows"] = str(tmp_path / "windows")
    words = [changes.get(word, word) for word in words]
    env = {"PATH": f"{venv}/bin:/usr/bin:/bin", "HOME": str(tmp_path), "MLFLOW_DISABLE_TELEMETRY": "true"}
    server = subprocess.Popen(
        [venv / "bin" / words[0], *words[1:]], env=env, cwd=tmp_path, stderr=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 90
        while time.monotonic() < until:
            try:
                assert urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=4).status == 200
                break
            except OSError:
                assert server.poll() is None
                time.sleep(0.5)
        rows = X.head(5)
        body = json.dumps({"dataframe_split": rows.to_dict("split")}).encode()
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/invocations", body, {"Content-Type": "application/json"}
        )
        answer = json.loads(urllib.request.urlopen(request, timeout=30).read())
        assert answer["predictions"] == package.load().predict(rows).tolist()
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(
                urllib.request.Request(
                    request.full_url, b'{"dataframe_records": [{"age": "old"}]}', dict(request.headers)
                ),
                timeout=30,
            )
        assert "job" in refused.value.read().decode()  # the contract, which MLflow's server would not check
    finally:
        server.terminate()
        server.wait(30)


def test_the_card_asks_for_what_only_a_person_knows(workdir, model):
    Path("notes.md").write_text("# Purpose\nTo rank <b>leads</b>.\n# Limits\nNot for | lending.\n")
    package = dsml.deploy(model, name="income", data=X, target=Y, notes="notes.md")
    assert "To rank <b>leads</b>." in package.card
    assert package.card.count("To be written by a person") == 2
    page = (package.path / "dsml/card.html").read_text()
    assert "To rank &lt;b&gt;leads&lt;/b&gt;." in page
    assert "<script" not in page
    assert "http" not in page.replace("http://www.w3.org", "")


def test_hostile_names_and_values_stay_text(workdir):
    bad = "<img src=x onerror=alert(1)>|`"
    rows = pd.DataFrame({bad: [bad, "other"] * 50, "n": range(100)})
    package = dsml.deploy(
        lambda frame: frame["n"].to_numpy(), name="odd", data=rows, target=rows["n"].to_numpy()
    )
    page = (package.path / "dsml/card.html").read_text()
    assert "<img" not in page
    assert bad not in package.card
    shutil.rmtree(package.path)
