"""Where the ledger is."""

import pytest

import dsml_magics as dsml
from dsml_magics.ledger.place import address, sqlite_path, sqlite_uri


@pytest.mark.parametrize("name", ["a b", "a#b", "c%23d", "e?f=g", "100%", "한글", "x;y&z=1"])
def test_an_address_of_sqlite_names_the_file_in_this_folder(name, workdir, monkeypatch):
    folder = workdir / name
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("MLFLOW_TRACKING_URI", raising=False)
    uri = address()
    assert sqlite_path(uri) == folder / "mlflow.db"
    assert sqlite_uri(sqlite_path(uri)) == uri


@pytest.mark.parametrize("name", ["c#p", "50%23?x=1"])
def test_a_run_lands_in_the_folder_it_was_made_in(name, workdir, monkeypatch):
    folder = workdir / name
    folder.mkdir()
    monkeypatch.chdir(folder)
    with dsml.track("first") as run:
        rate = 0.5
    assert run.id
    assert [found.name for found in dsml.runs()] == ["first"]
    assert list(workdir.rglob("mlflow.db")) == [folder / "mlflow.db"]
    # MLflow itself takes a percent sign in the folder of its files for a code.
    assert "%" in name or list(folder.rglob("cell.py")) != []
