"""What a proof must notice: one bit of an answer, another type or shape; and what single rows cost."""

import time

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from sklearn.linear_model import LinearRegression

from dsml_magics.deploy.path import _equal, path_of
from dsml_magics.deploy.prover import _difference, _latency
from dsml_magics.package.answering import Answerer
from dsml_magics.package.contract import Contract, Rule
from dsml_magics.package.proof import Latency
from dsml_magics.package.scorer import Bare, Scorer

ANSWERS = np.array([0.1, np.nan, 3.0])


def test_one_unit_in_the_last_place_is_a_difference():
    other = ANSWERS.copy()
    other[2] = np.nextafter(3.0, 4.0)
    assert "differs in 1 of 3 values" in _difference("predict", ANSWERS, other)
    assert "in row 2, the largest by 4.44e-16" in _difference("predict", ANSWERS, other)
    assert not _equal(ANSWERS, other)
    assert _difference("predict", ANSWERS, ANSWERS.copy()) is None
    assert _equal(ANSWERS, ANSWERS.copy())


def test_another_type_or_shape_is_a_difference():
    for other in (ANSWERS.astype("float32"), ANSWERS.reshape(3, 1), ANSWERS[:2]):
        assert "instead of float64[3]" in _difference("predict", ANSWERS, other)
        assert not _equal(ANSWERS, other)
    said = _difference("predict", ANSWERS, ANSWERS.astype("float32"))
    assert said == "predict gave float32[3] instead of float64[3]"
    assert "gave object[1] instead of <U1[1]" in _difference("predict", ["a"], np.array(["a"], object))


def test_texts_are_compared_whatever_the_longest_is():
    assert _difference("predict", ["a", "b"], np.array(["a", "b"], "U9")) is None
    said = _difference("predict", ["a", "b"], ["a", "ccc"])
    assert said == "predict differs in 1 of 2 values, first np.str_('ccc') instead of np.str_('b') in row 1"


@pytest.mark.parametrize("dtype", ["float64", "int64", "uint8"])
def test_a_difference_is_told_with_how_many_where_and_how_large(dtype):
    ours = np.zeros((1500, 2), dtype)
    theirs = ours.copy()
    theirs[3:1004, 1] = 5
    theirs[900, 1] = 7
    said = _difference("predict_proba", ours, theirs)
    assert said.startswith("predict_proba differs in 1,001 of 3,000 values, first ")
    assert said.endswith(" in row 3, the largest by 7")


def test_a_value_that_came_or_went_missing_is_a_difference():
    for ours, theirs in (([1.0, np.nan], [1.0, 2.0]), ([1.0, 2.0], [1.0, np.nan])):
        assert "differs in 1 of 2 values" in _difference("predict", ours, theirs)
    assert "largest" not in _difference("predict", [True], [False])


class Timed:
    """A model for which time passes by what its rows say, in seconds."""

    def __init__(self, monkeypatch):
        self.now, self.asked = 7.0, []
        monkeypatch.setattr(time, "perf_counter", lambda: self.now)

    def predict(self, frame):
        self.asked.append(frame["cost"].tolist())
        self.now += frame["cost"].sum()
        return frame["cost"].to_numpy()

    def time(self, costs, calls):
        contract = Contract((Rule("other"), Rule("cost", "number")))
        base = pa.table({"cost": [float(cost) for cost in costs], "other": ["x"] * len(costs)})
        return _latency(Answerer(Scorer(Bare(self), contract, "here")), base, calls=calls)


def test_single_rows_are_timed_one_after_the_other_and_all_at_once(monkeypatch):
    timed = Timed(monkeypatch)
    timed.time([0.1, 0.2, 0.3], calls=7)
    first, second, third = [0.1], [0.2], [0.3]
    # What is made once is no row's: the first call is not timed.
    assert timed.asked == [
        first,
        first,
        second,
        third,
        first,
        second,
        third,
        first,
        [*first, *second, *third],
    ]


def test_latency_is_told_in_milliseconds_and_rows_a_second(monkeypatch):
    found = Timed(monkeypatch).time([0.0010004, 0.0020007, 0.0030125, 0.0112345678], calls=4)
    assert found == Latency(calls=4, p50_ms=2.507, p99_ms=10.988, rows_per_second=231.9)


def test_rows_are_timed_by_the_plan_where_there_is_one(monkeypatch):
    model = LinearRegression().fit(pd.DataFrame({"x": [0.0, 1.0]}), [0.0, 0.5])
    scorer = Scorer(Bare(model), Contract((Rule("x", "number"),)), "here")
    base = pa.table({"x": [1.0, 2.0, 3.0]})
    plan = path_of(scorer, base).plan

    def fail(_, rows):
        raise AssertionError(f"asked for {len(rows)} rows past the plan")

    class Counting:
        """The plan, for as many rows as there are."""

        def answer(self, columns, rows):
            assert [len(column) for column in columns] == [rows]
            return plan.answer(columns, rows)

    monkeypatch.setattr(Scorer, "predict", fail)
    assert _latency(Answerer(scorer, Counting()), base, calls=30).calls > 0


@pytest.mark.parametrize(
    ("cost", "calls", "expected"),
    [
        (0.001, 50, 50),
        # After a quarter of a second: but so many as tell a percentile.
        (1.0, 50, 20),
        (1.0, 19, 19),
        (0.015625, 50, 20),
        (0.0078125, 50, 33),
        # Who asks for more than 200 waits a minute.
        (0.75, 200, 20),
        (0.75, 201, 81),
    ],
)
def test_as_many_rows_are_timed_as_there_is_patience(monkeypatch, cost, calls, expected):
    assert Timed(monkeypatch).time([cost], calls=calls).calls == expected
