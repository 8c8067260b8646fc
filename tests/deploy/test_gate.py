"""Gates: how they are read and compared, and what is said of those that fail."""

import re

import pytest

from dsml_magics.deploy.gate import Gate, figures_of, parse_gates, require_passed, results
from dsml_magics.errors import ProofFailed, UsageError
from dsml_magics.package.proof import GateResult, Latency


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("roc_auc>=0.9", Gate("roc_auc", ">=", 0.9)),
        ("  p99_ms <= 5 ", Gate("p99_ms", "<=", 5.0)),
        ("r2>-.5", Gate("r2", ">", -0.5)),
        ("rows_per_second==1e3", Gate("rows_per_second", "==", 1000.0)),
    ],
)
def test_a_gate_is_read(text, expected):
    assert Gate.parse(text) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "roc_auc",
        "roc_auc>=",
        ">=0.9",
        "roc_auc>=high",
        "roc_auc>=nan",
        "roc_auc>=inf",
        "roc_auc=>1",
        "r2!=1",
    ],
)
def test_what_is_no_gate_is_told_with_examples(text):
    told = f'Expected a gate such as "roc_auc>=0.9" or "p99_ms<=5", got {text!r}.'
    with pytest.raises(UsageError, match=re.escape(told)):
        Gate.parse(text)


def test_an_unknown_figure_is_told_with_those_there_are():
    with pytest.raises(UsageError, match=r"No figure 'rok_auc' for a gate\. Did you mean 'roc_auc'\?"):
        Gate.parse("rok_auc>=0.9")
    with pytest.raises(
        UsageError, match=r"No figure 'zzz' .*Known: accuracy, .*, r2, .*, p50_ms, .*, load_seconds\."
    ):
        Gate.parse("zzz>=0.9")


def test_only_figures_of_the_operation_need_no_target():
    assert [Gate.parse(f"{name}>1").needs_target for name in ("accuracy", "rmse", "p50_ms", "size_mb")] == [
        True,
        True,
        False,
        False,
    ]
    with pytest.raises(
        UsageError, match=r"a target for the gate roc_auc>=0.9, got none\. Give it by --target"
    ):
        parse_gates(["size_mb<1", "roc_auc>=0.9"], has_target=False)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (None, []),
        ([], []),
        ("size_mb<2", ["size_mb<2"]),
        (["size_mb<2", "p50_ms<=0.5"], ["size_mb<2", "p50_ms<=0.5"]),
    ],
)
def test_gates_are_read_one_or_many(texts, expected):
    assert [str(gate) for gate in parse_gates(texts, has_target=False)] == expected
    assert [str(gate) for gate in parse_gates([*expected, "r2 > 0.10"], has_target=True)] == [
        *expected,
        "r2>0.1",
    ]


def test_gates_are_compared_with_what_was_measured():
    gates = parse_gates(["r2>=0.5", "size_mb<1"], has_target=True)
    found = results(gates, {"size_mb": 3.0, "r2": 0.5, "mae": 1.0})
    assert found == (GateResult("r2>=0.5", 0.5, True), GateResult("size_mb<1", 3.0, False))
    assert results([], {}) == ()


def test_a_gate_for_another_kind_of_target_is_told_with_the_figures_there_are():
    figures = dict.fromkeys([f"f{at}" for at in range(15)], 1.0)
    told = r"The gate rmse<=1 does not fit this model and target\. Known: f0, .*, f14\."
    with pytest.raises(UsageError, match=told):
        results(parse_gates("rmse<=1", has_target=True), figures)


def test_a_failed_gate_refuses_with_all_numbers():
    good, bad = GateResult("r2>=0.5", 0.75, True), GateResult("size_mb<1", 3.0, False)
    require_passed([])
    require_passed([good, good])
    told = "1 of 2 gates failed: r2>=0.5: 0.75, passed; size_mb<1: 3, failed. Nothing was registered."
    with pytest.raises(ProofFailed, match=re.escape(told)):
        require_passed([good, bad])


def test_figures_of_the_operation_stand_beside_the_metrics():
    figures = figures_of({"r2": 0.5}, Latency(20, 1.5, 2.5, 4000.0), size_mb=0.25, load_seconds=0.75)
    assert figures == {
        "r2": 0.5,
        "p50_ms": 1.5,
        "p99_ms": 2.5,
        "rows_per_second": 4000.0,
        "size_mb": 0.25,
        "load_seconds": 0.75,
    }
    # Each can be asked for.
    assert all(Gate.parse(f"{name}>0") for name in figures)


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
