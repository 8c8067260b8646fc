"""A package that is not as it was proved is refused before anything in it is unpickled."""

import contextlib
import json
import os
import pickle
import socket
from pathlib import Path

import mlflow
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

import dsml_magics as dsml
from dsml_magics.errors import ModelError, PackageAltered, PackageTooNew
from dsml_magics.package.manifest import MANIFEST, seal
from dsml_magics.package.opening import open_package
from tests.deploy.conftest import X, Y

pytestmark = pytest.mark.slow


@pytest.fixture
def model():
    return LogisticRegression().fit(X[["age"]], Y)


@pytest.fixture
def package(workdir, model):
    return dsml.deploy(model, name="income", data=X[["age"]])


class Bomb:
    """A pickle that leaves a trace when it is loaded."""

    def __reduce__(self):
        return (Path.touch, (Path("exploded"),))


def test_an_altered_package_is_refused_before_it_is_loaded(package):
    (package.path / "model.skops").write_bytes(pickle.dumps(Bomb()))
    with pytest.raises(PackageAltered, match=r"'model.skops' was changed"):
        dsml.predict("income", X)
    assert not Path("exploded").exists()


@pytest.mark.parametrize("change", ["add", "remove"])
def test_an_added_or_removed_file_is_refused(package, change):
    if change == "add":
        (package.path / "extra.py").write_text("")
    else:
        (package.path / "conda.yaml").unlink()
    with pytest.raises(PackageAltered, match="was added|is gone"):
        dsml.predict("income", X)


def test_a_folder_that_is_no_package_of_ours_is_refused(workdir, model):
    mlflow.sklearn.save_model(model, "foreign", serialization_format="cloudpickle", pip_requirements=[])
    with pytest.raises(PackageAltered, match="Was it made by `dsml deploy`"):
        dsml.predict("foreign", X)


def refusal(folder):
    """Open a package that must be refused; return the message."""
    with pytest.raises(ModelError) as refused:
        open_package(str(folder))
    assert "\n" not in str(refused.value)
    return str(refused.value)


def test_one_altered_byte_anywhere_is_refused(folder):
    rng = np.random.default_rng(19)
    contract = open_package(str(folder)).contract
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        whole = path.read_bytes()
        assert whole
        for at in {0, len(whole) - 1, *rng.integers(len(whole), size=4).tolist()}:
            path.write_bytes(whole[:at] + bytes([whole[at] ^ int(rng.integers(1, 256))]) + whole[at + 1 :])
            refusal(folder)
        path.write_bytes(whole[:-1])
        refusal(folder)
        path.write_bytes(whole)
    assert open_package(str(folder)).contract == contract


def test_one_altered_byte_in_the_keys_of_the_manifest_is_refused(folder):
    path = folder / MANIFEST
    whole = path.read_bytes()
    for at in [at for at in range(whole.index(b'"files"')) if not whole[at : at + 1].isspace()]:
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 2]) + whole[at + 1 :])
        refusal(folder)


@pytest.mark.parametrize("format_", [None, 0, 1, -3, True, "2", 2.0, [], {}])
def test_a_manifest_without_a_known_format_is_refused(folder, format_):
    content = json.loads((folder / MANIFEST).read_text()) | {"format": format_}
    (folder / MANIFEST).write_text(json.dumps(content, indent=2) + "\n")
    assert "Expected a manifest with a format from 2 to 2, got" in refusal(folder)


def test_a_new_package_without_format_is_not_taken_for_one_of_the_first_release(folder):
    content = json.loads((folder / MANIFEST).read_text())
    del content["format"]
    (folder / MANIFEST).write_text(json.dumps(content, indent=2) + "\n")
    assert "got 'None'" in refusal(folder)
    (folder / MANIFEST).write_text(json.dumps({key: content[key] for key in ("schema", "files")}))
    assert "Expected baseline.json in the package, got none" in refusal(folder)


def test_what_is_no_file_is_refused_before_anything_is_read(folder, tmp_path):
    def pipe(path):
        os.mkfifo(path)

    def unix_socket(path):
        with socket.socket(socket.AF_UNIX) as server, contextlib.chdir(path.parent):
            server.bind(path.name)

    makers = {
        "a named pipe": pipe,
        "a socket": unix_socket,
        "a link": lambda path: path.symlink_to(tmp_path),
    }
    for kind, make in makers.items():
        for name in ("x", "dsml/x", MANIFEST, "requirements.txt", "registered_model_meta"):
            kept = (folder / name).read_bytes() if (folder / name).exists() else None
            (folder / name).unlink(missing_ok=True)
            make(folder / name)
            assert f"{name!r} is {kind}" in refusal(folder)
            (folder / name).unlink()
            if kept is not None:
                (folder / name).write_bytes(kept)
    assert open_package(str(folder))


@pytest.mark.parametrize("name", ["empty", "dsml/empty", "a/b/c"])
def test_an_empty_folder_is_refused(folder, name):
    (folder / name).mkdir(parents=True)
    assert "was added" in refusal(folder)


def test_a_package_is_sealed_without_empty_folders(folder):
    (folder / "assets/deep").mkdir(parents=True)
    seal(folder)
    assert not (folder / "assets").exists()
    assert open_package(str(folder))


def test_nothing_is_written_into_the_package_that_the_ledger_keeps(package):
    dsml.predict("income", X)
    assert not (package.path / "registered_model_meta").exists()


def test_the_file_that_mlflow_adds_is_taken_only_as_it_writes_it(package, tmp_path):
    folder = tmp_path / "copy"
    dsml.publish("income", to=str(folder))
    mlflow.artifacts.download_artifacts(mlflow.MlflowClient().get_model_version("income", "1").source)
    open_package("income")
    kept = Path(mlflow.artifacts.download_artifacts("models:/income/1"))
    meta = kept / "registered_model_meta"
    whole = meta.read_bytes()
    dsml.predict("income", X)
    (folder / meta.name).write_bytes(whole)
    open_package(str(folder))
    for at in range(len(whole)):
        altered = whole[:at] + bytes([whole[at] ^ 2]) + whole[at + 1 :]
        meta.write_bytes(altered)
        with pytest.raises(PackageAltered, match="Delete this file"):
            open_package("income")
        if not altered[at : at + 1].isdigit():
            (folder / meta.name).write_bytes(altered)
            assert "Delete this file" in refusal(folder)
    for content in (whole + b" ", whole + b"x: 1\n", b"\xff", b"{", b"- 1", b"model_name: income\n"):
        (folder / meta.name).write_bytes(content)
        assert "Delete this file" in refusal(folder)


def test_a_manifest_that_was_sealed_again_is_refused_by_the_ledger(package):
    (package.path / "model.skops").write_bytes(b"other")
    seal(package.path)
    version = mlflow.MlflowClient().get_model_version("income", "1")
    for reference in ("income", version.source):
        with pytest.raises(PackageAltered, match="the manifest the ledger knows"):
            dsml.predict(reference, X)
    with pytest.raises(
        PackageAltered, match="Expected a manifest that the ledger has for 'income', got another"
    ):
        dsml.predict(str(package.path), X)


def test_a_link_in_a_package_is_refused(package):
    target = package.path / "requirements.txt"
    target.rename(package.path.parent / "elsewhere.txt")
    target.symlink_to(package.path.parent / "elsewhere.txt")
    with pytest.raises(PackageAltered, match=r"'requirements.txt' is a link"):
        open_package(str(package.path))


def test_a_package_of_a_later_release_says_which_to_install(package):
    path = package.path / MANIFEST
    content = json.loads(path.read_text()) | {"format": 99, "made_by": "7.1.0"}
    path.write_text(json.dumps(content))
    with pytest.raises(
        PackageTooNew, match=r"made by dsml_magics 7\.1\.0.*pip install 'dsml-magics>=7\.1\.0'"
    ):
        open_package(str(package.path))


def test_a_package_of_the_first_release_still_scores(workdir, folder, model):
    """Format 1 had input.json and baseline.json, and no contract."""
    for name in ("contract.json", "baseline.profile", "case.parquet", "case-answers.npz", "card.html"):
        (folder / "dsml" / name).unlink()
    (folder / "dsml/input.json").write_text(
        json.dumps({"schema": "dsml.input/1", "names": ["age"], "categories": {}})
    )
    (folder / "dsml/baseline.json").write_text(dsml.profile(X[["age"]]).to_json())
    (folder / "dsml/proof.json").write_text(
        json.dumps(
            {
                "schema": "dsml.proof/1",
                "rows": 200,
                "methods": ["predict"],
                "python": "3.11",
                "load_seconds": 1.0,
                "predict_seconds": 1.0,
            }
        )
    )
    seal(folder)
    manifest = json.loads((folder / MANIFEST).read_text())
    old = {"schema": "dsml.manifest/1", "files": manifest["files"]}
    (folder / MANIFEST).write_text(json.dumps(old, indent=2) + "\n")
    opened = open_package(str(folder))
    assert (opened.format, opened.contract.names, opened.baseline.rows) == (1, ["age"], 200)
    assert (dsml.predict(str(folder), X).to_numpy() == model.predict(X[["age"]])).all()
    assert "no made-up rows" in str(dsml.check(str(folder)))


@settings(max_examples=60, deadline=None)
@given(content=st.binary(max_size=200) | st.text(max_size=100).map(str.encode))
def test_no_manifest_breaks_the_reader(tmp_path_factory, content):
    folder = tmp_path_factory.mktemp("package")
    (folder / "dsml").mkdir()
    (folder / "MLmodel").write_text("")
    (folder / MANIFEST).write_bytes(content)
    with pytest.raises(ModelError):
        open_package(str(folder))
