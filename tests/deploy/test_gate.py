"""Gates: how they are read and compared; a model that does not pass them is refused, with all numbers."""

import pytest

from dsml_magics.deploy.gate import Gate
from dsml_magics.errors import (
    ProofFailed,
    UsageError,
)
from tests.deploy.conftest import Y, refused


@pytest.mark.parametrize(
    ("gate", "match"),
    [
        ("roc_auc", 'such as "roc_auc>=0.9"'),
        ("roc_auc>=", 'such as "roc_auc>=0.9"'),
        ("roc_auc>=high", 'such as "roc_auc>=0.9"'),
        ("roc_auc>=nan", 'such as "roc_auc>=0.9"'),
        ("rok_auc>=0.9", "No figure 'rok_auc' for a gate. Did you mean 'roc_auc'"),
        ("roc_auc>=0.9", "Expected a target for the gate roc_auc>=0.9"),
    ],
)
def test_a_gate_that_cannot_be_held_is_told_before_anything_is_done(workdir, model, gate, match):
    refused(UsageError, match, model, gate=[gate])


def test_a_gate_for_another_kind_of_target_is_told(workdir, model):
    refused(UsageError, "The gate rmse<=1 does not fit", model, gate=["rmse<=1"], target=Y)


def test_a_failed_gate_says_all_numbers(workdir, model):
    gates = ["accuracy>=1.1", "size_mb<=50"]
    refused(
        ProofFailed,
        r"1 of 2 gates failed: accuracy>=1.1: .*, failed; size_mb<=50: .*, passed",
        model,
        gate=gates,
        target=Y,
    )


@pytest.mark.parametrize(
    ("sign", "less", "equal", "more"),
    [
        (">", False, False, True),
        (">=", False, True, True),
        ("<", True, False, False),
        ("<=", True, True, False),
        ("==", False, True, False),
    ],
)
def test_a_gate_compares_as_it_is_written(sign, less, equal, more):
    gate = Gate.parse(f"size_mb{sign}2")
    assert [gate.held(value).passed for value in (1.0, 2.0, 3.0)] == [less, equal, more]
    assert not gate.held(float("nan")).passed
