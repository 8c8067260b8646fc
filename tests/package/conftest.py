"""One package in a folder, made once; each test works on a copy, in a place without a ledger."""

import shutil

import pytest
from sklearn.linear_model import LogisticRegression

import dsml_magics as dsml
from tests.conftest import _forget_ledger
from tests.deploy.conftest import X, Y


@pytest.fixture(scope="session")
def deployed(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DSML_HOME", str(tmp_path_factory.mktemp("home")))
        patch.chdir(tmp_path_factory.mktemp("work"))
        _forget_ledger()
        dsml.deploy(LogisticRegression().fit(X[["age"]], Y), name="income", data=X[["age"]])
        folder = tmp_path_factory.mktemp("deployed") / "package"
        dsml.publish("income", to=str(folder))
        _forget_ledger()
    return folder


@pytest.fixture
def folder(workdir, deployed, tmp_path_factory):
    return shutil.copytree(deployed, tmp_path_factory.mktemp("copy") / "package")
