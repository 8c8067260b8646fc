"""Only those who may approve make another version champion."""

import pytest

import dsml_magics as dsml
from dsml_magics.errors import MoveRefused
from tests.versions.conftest import deploy


def test_a_required_approver_must_promote(workdir, monkeypatch):
    deploy(approver="ana, bo")
    deploy(2.0)
    with pytest.raises(MoveRefused, match="Expected ana or bo to make a version of 'income' champion"):
        dsml.promote("income", "2")
    with pytest.raises(MoveRefused, match="ana or bo"):
        deploy(3.0, approver="me")
    monkeypatch.setenv("MLFLOW_TRACKING_USERNAME", "bo")
    assert dsml.promote("income", "2").move.who == "bo"
    monkeypatch.delenv("MLFLOW_TRACKING_USERNAME")
    assert dsml.rollback("income").to == 1
    assert "income: only ana, bo may promote" in str(dsml.models())
