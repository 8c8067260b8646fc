"""Versions of a package: which there are, which is champion, and how that changed."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import mlflow
import pytest
from sklearn.linear_model import LogisticRegression

import dsml_magics as dsml
from dsml_magics.errors import ModelNotFound, MoveRefused
from dsml_magics.ledger.moves import Move, before
from tests.deploy.conftest import Y
from tests.versions.conftest import AGES, deploy

pytestmark = pytest.mark.slow

SCRIPT = """
import dsml_magics as dsml
from sklearn.linear_model import LogisticRegression
from tests.deploy.conftest import X, Y
model = LogisticRegression(C={C}).fit(X[["age"]], Y)
print("ready", flush=True)
print(dsml.deploy(model, name="income", data=X[["age"]]).version)
"""


@pytest.fixture(scope="module")
def _deployed(tmp_path_factory, _loaded_python):
    """The ledger after three deploys, made once: each costs seconds."""
    folder = tmp_path_factory.mktemp("three")
    script = (
        "from tests.versions.conftest import Y, deploy\nfor C in (0.1, 1.0, 10.0):\n    deploy(C, target=Y)\n"
    )
    environment = {
        **os.environ,
        "PYTHONPATH": str(Path(__file__).parents[2]),
        "DSML_HOME": str(folder / "home"),
        "PYTHONHASHSEED": "0",
    }
    environment.pop("MLFLOW_TRACKING_URI", None)
    subprocess.run([_loaded_python, "-c", script], cwd=folder, env=environment, check=True, timeout=300)
    return folder / "mlflow.db"


@pytest.fixture
def three(workdir, _deployed):
    # The packages stay where they are: the ledger tells their whole paths.
    shutil.copy(_deployed, workdir / "mlflow.db")


def champion():
    return int(aliases()["champion"])


def aliases():
    found = mlflow.MlflowClient().get_registered_model("income").aliases
    return {alias: int(number) for alias, number in found.items()}


def test_a_version_is_promoted_and_rolled_back(three):
    moved = dsml.promote("income", "challenger", why="better on Mondays")
    assert (moved.origin, moved.to, champion()) == (1, 3, 3)
    assert "challenger" not in aliases()
    back = dsml.rollback("income", why="worse on Tuesdays")
    assert (back.origin, back.to, champion()) == (3, 1, 1)
    moves = dsml.models("income").moves["income"]
    assert [(move.kind, move.origin, move.to, move.why) for move in moves] == [
        ("deploy", None, 1, None),
        ("promote", 1, 3, "better on Mondays"),
        ("rollback", 3, 1, "worse on Tuesdays"),
    ]
    assert all(move.who and move.when for move in moves)


def test_rollbacks_go_further_back(three):
    dsml.promote("income", "2")
    dsml.promote("income", 3)
    assert dsml.rollback("income").to == 2
    assert dsml.rollback("income").to == 1
    with pytest.raises(MoveRefused, match="Expected an earlier champion of 'income', got none"):
        dsml.rollback("income")


def test_any_earlier_version_can_be_named(three):
    dsml.promote("income", "3")
    assert dsml.rollback("income", to="2").to == 2
    with pytest.raises(MoveRefused, match="a version earlier than 2 of 'income', got 3"):
        dsml.rollback("income", to="3")


def test_a_promotion_to_nothing_or_to_itself_is_refused(three):
    with pytest.raises(MoveRefused, match="Version 1 of 'income' is champion already"):
        dsml.promote("income", "1")
    with pytest.raises(ModelNotFound, match="No version '9' of 'income'. Versions: 1, 2, 3"):
        dsml.promote("income", "9")
    with pytest.raises(ModelNotFound, match="Did you mean 'income'"):
        dsml.promote("incme", "1")
    assert len(dsml.models("income").moves["income"]) == 1


@pytest.mark.parametrize(
    ("moves", "current", "expected"),
    [
        ([], None, None),
        ([("deploy", None, 1)], 1, None),
        ([("deploy", None, 1), ("promote", 1, 2), ("promote", 2, 3)], 3, 2),
        ([("deploy", None, 1), ("promote", 1, 2), ("rollback", 2, 1), ("promote", 1, 3)], 3, 1),
        ([("deploy", None, 1), ("promote", 1, 2), ("promote", 2, 1)], 1, 2),
    ],
)
def test_the_earlier_champion_is_found_in_the_moves(moves, current, expected):
    found = [Move(kind, origin, to, "me", str(at), None) for at, (kind, origin, to) in enumerate(moves)]
    assert before(found, current) == expected


def test_the_table_shows_versions_aliases_metrics_and_proof(three):
    models = dsml.models()
    assert [(each.number, each.aliases) for each in models] == [
        (3, ("challenger",)),
        (2, ()),
        (1, ("champion",)),
    ]
    assert 0.5 < models[0].metrics["accuracy"] <= 1
    assert "equal bit for bit" in models[0].proof
    text = str(models)
    assert "champion" in text
    assert "accuracy" in text
    assert models.to_pandas()["metrics.accuracy"].notna().all()
    assert '"dsml.models/1"' in models.to_json()


def test_no_models_say_what_to_do(workdir):
    assert "`dsml deploy` makes one" in str(dsml.models())
    with pytest.raises(ModelNotFound, match="There are none"):
        dsml.models("income")


def test_hostile_words_are_escaped(three):
    dsml.promote("income", "2", why="<script>alert(1)</script>\x1b[31m")
    models = dsml.models("income")
    assert "<script>" not in models._repr_mimebundle_()["text/html"]
    assert "\x1b" not in str(models)


def test_models_of_plain_mlflow_are_listed_too(workdir):
    with mlflow.start_run():
        mlflow.sklearn.log_model(
            LogisticRegression().fit(AGES, Y),
            name="plain",
            registered_model_name="plain",
            pip_requirements=[],
            serialization_format="cloudpickle",
        )
    (version,) = dsml.models("plain")
    assert (version.proof, version.number) == ("", 1)


def start(C):
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).resolve().parents[2])}
    return subprocess.Popen(
        [sys.executable, "-c", SCRIPT.format(C=C)], stdout=subprocess.PIPE, text=True, env=env
    )


@pytest.mark.usefixtures("starts_with_libraries_are_cheap")
def test_two_that_deploy_at_once_get_two_versions(workdir):
    dsml.runs()
    both = [start(0.5), start(2.0)]
    said = [process.communicate(timeout=120)[0].split() for process in both]
    assert {words[-1] for words in said} == {"1", "2"}
    assert aliases() == {"champion": 1, "challenger": 2}
    dsml.check("income@1")
    dsml.check("income@2")


@pytest.mark.usefixtures("starts_with_libraries_are_cheap")
def test_deploys_killed_at_any_moment_register_nothing_by_halves(workdir):
    deploy()
    for delay in (0.1, 0.3, 0.5, 0.8, 1.2):
        process = start(5.0)
        process.stdout.readline()
        time.sleep(delay)
        process.kill()
        process.wait()
        process.stdout.close()
    for version in dsml.models("income"):
        dsml.check(f"income@{version.number}")
    deploy()
    client = mlflow.MlflowClient()
    assert all(model.status == "READY" for model in client.search_logged_models(["0"]))
    assert len(client.search_logged_models(["0"])) == len(dsml.models("income"))
