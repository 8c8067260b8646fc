"""An interrupted run is completed: what was written of it reaches the ledger."""

import mlflow
import pytest
from cells import runs, tracked

import dsml_magics as dsml
from dsml_magics.errors import UsageError
from dsml_magics.ledger.outbox import close_all
from dsml_magics.ledger.spool import spool


def test_an_interrupted_run_can_be_completed(killed):
    (left,) = dsml.sync().left
    assert (left.name, left.reason.partition(";")[0]) == ("long", "interrupted")
    assert dsml.sync(complete=[left.id]).completed == 1
    assert spool().entries() == []
    run = runs()["long"]
    assert run.info.status == "KILLED"
    assert "alpha = 0.1" in mlflow.artifacts.load_text(f"{run.info.artifact_uri}/dsml/cell.py")


def test_a_run_that_is_not_here_is_named(workdir):
    tracked("a = 1\n", {}, "only")
    close_all()
    with pytest.raises(UsageError, match="No run 'x' on this machine"):
        dsml.sync(complete=["x"])
