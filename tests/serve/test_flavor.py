"""Models are loaded without MLflow where it would do no more than read a file."""

import os
import subprocess
import sys

import mlflow
import pytest
from served import ROW, X, Y, ask, records, serving
from sklearn.linear_model import LogisticRegression

import dsml_magics as dsml
from dsml_magics.package.opening import open_package
from dsml_magics.serve import flavor

pytestmark = pytest.mark.slow

NUMBERS = X[["age", "member"]].astype(float)
FORBIDDEN = "MLFLOW_ALLOW_PICKLE_DESERIALIZATION"


@pytest.fixture(scope="module")
def folders(made):
    """Packages of the two ways to write a model: skops, which knows this one, and a pickle."""
    from served import ledger_of

    with ledger_of(made.folder):
        plain = dsml.deploy(LogisticRegression().fit(NUMBERS, Y), name="plain", data=NUMBERS)
        return {"skops": plain.path, "pickle": open_package("income@1").path}


@pytest.mark.parametrize(
    ("form", "rows", "library"),
    [
        ("skops", NUMBERS, "dsml_magics.package.lean_skops"),
        ("pickle", X, "sklearn.pipeline"),
    ],
)
def test_it_is_the_model_that_mlflow_loads(folders, form, rows, library):
    folder = folders[form]
    assert (
        flavor.try_model(folder).predict(rows) == mlflow.sklearn.load_model(str(folder)).predict(rows)
    ).all()
    assert list(flavor.libraries_of(folder)) == [library]


def test_a_process_that_serves_never_loads_mlflow(folders):
    code = (
        "import sys; from pathlib import Path; import dsml_magics.serve.worker\n"
        "from dsml_magics.serve.flavor import try_model\n"
        "for folder in sys.argv[1:]: print(try_model(Path(folder)) is None, 'mlflow' in sys.modules)"
    )
    words = [sys.executable, "-c", code, *folders.values()]
    done = subprocess.run(words, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["False False"] * 2


@pytest.mark.parametrize("form", ["skops", "pickle"])
def test_what_is_forbidden_to_mlflow_is_left_to_it(ledger, folders, form, monkeypatch):
    monkeypatch.setenv(FORBIDDEN, "false")
    assert flavor.try_model(folders[form]) is None
    assert {"mlflow.pyfunc", "mlflow.sklearn"} < set(flavor.libraries_of(folders[form]))
    with pytest.raises(dsml.errors.ServerUnusable, match="could not be loaded"):
        dsml.serve(str(folders[form]))


@pytest.mark.parametrize("can_fork", [True, False])
def test_processes_are_forked_or_started(ledger, monkeypatch, can_fork):
    if not can_fork:
        monkeypatch.delattr(os, "pidfd_open")
    with serving("income@1", workers=2) as server:
        assert len(set(server.pids)) == 2
        assert ask(server, "/invocations", records(ROW))[0] == 200
        for pid in server.pids:
            with open(f"/proc/{pid}/cmdline", "rb") as file:
                # One that was forked is called as its template is.
                assert (b"process.template" in file.read()) is can_fork
            assert os.getsid(pid) == pid
