"""A package that is not as it was proved is refused before anything in it is unpickled."""

import json
import pickle
import shutil
from pathlib import Path

import mlflow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LogisticRegression

import dsml_magics as dsml
from dsml_magics.errors import ModelError, PackageAltered, PackageTooNew
from dsml_magics.package.manifest import MANIFEST, seal
from dsml_magics.package.opening import open_package
from tests.deploy.conftest import X, Y


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


def test_one_altered_byte_anywhere_is_refused(package, tmp_path):
    folder = tmp_path / "copy"
    dsml.publish("income", to=str(folder))
    assert open_package(str(folder)).contract == package.contract
    for path in sorted(each for each in folder.rglob("*") if each.is_file()):
        whole = path.read_bytes()
        for at in {0, len(whole) // 2, len(whole) - 1} if whole else ():
            path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
            with pytest.raises(ModelError):
                open_package(str(folder))
        path.write_bytes(whole[:-1])
        if whole:
            with pytest.raises(ModelError):
                open_package(str(folder))
        path.write_bytes(whole)
    assert open_package(str(folder)).contract == package.contract


def test_a_manifest_that_was_sealed_again_is_refused_by_the_ledger(package):
    (package.path / "model.skops").write_bytes(b"other")
    seal(package.path)
    with pytest.raises(PackageAltered, match="the manifest the ledger knows"):
        dsml.predict("income", X)


def test_a_link_in_a_package_is_refused(package):
    target = package.path / "requirements.txt"
    target.rename(package.path.parent / "elsewhere.txt")
    target.symlink_to(package.path.parent / "elsewhere.txt")
    with pytest.raises(PackageAltered, match=r"'requirements.txt' was changed"):
        open_package(str(package.path))


def test_a_package_of_a_later_release_says_which_to_install(package):
    path = package.path / MANIFEST
    content = json.loads(path.read_text()) | {"format": 99, "made_by": "7.1.0"}
    path.write_text(json.dumps(content))
    with pytest.raises(
        PackageTooNew, match=r"made by dsml_magics 7\.1\.0.*pip install 'dsml-magics>=7\.1\.0'"
    ):
        open_package(str(package.path))


def test_a_package_of_the_first_release_still_scores(package, model, tmp_path):
    """Format 1 had input.json and baseline.json, and no contract."""
    folder = tmp_path / "old"
    shutil.copytree(package.path, folder)
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
