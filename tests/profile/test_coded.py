"""The sample of a table as vectors, and what one of its rows stands for."""

import numpy as np
import pandas as pd
import pytest
from summaries import read, read_sampled, read_weighted

from dsml_magics.profile.coded import Coded

RNG = np.random.default_rng(0)


def coded_of(found):
    columns, sample, _ = found
    return Coded(columns, sample)


def test_a_whole_table_is_exact():
    coded = coded_of(read({"x": [1, 2, 3]}))
    assert (coded.weights, coded.total, coded.effective, coded.scale, coded.bound) == (None, 3, 3, 1, 0)


def test_rows_that_repeat_are_weighted():
    coded = coded_of(read_weighted({"x": [1, 2, 3]}, [1, 5, 2]))
    assert coded.weights.tolist() == [1, 5, 2]
    assert (coded.total, coded.effective, coded.scale, coded.bound) == (8, 8, 1, 0)


def test_a_sample_is_scaled_and_has_a_bound():
    coded = coded_of(read_sampled(pd.DataFrame(RNG.normal(size=(50_000, 25))).add_prefix("x")))
    assert coded.rows(coded.total) == 50_000
    assert coded.effective == coded.total == coded.table.num_rows
    assert coded.bound == pytest.approx(2 / coded.total**0.5)


def test_rows_that_repeat_tell_less_than_as_many_others():
    table = (
        pd.DataFrame(RNG.normal(size=(50_000, 25)))
        .add_prefix("x")
        .iloc[np.repeat(np.arange(25_000), np.arange(25_000) % 4)]
    )
    coded = coded_of(read_sampled(table))
    assert coded.table.num_rows * 0.5 < coded.effective < coded.total


def test_a_column_that_the_sample_lacks_is_missing():
    columns, sample, _ = read({"x": [1, 2], "y": ["a", "b"]})
    coded = Coded(columns, type(sample)(sample.table.select(["y"]), sample.hashes, sample.weights, 2))
    assert coded.gaps("x").tolist() == [True, True]
    assert (coded.numbers("x"), coded.groups("x")) == (None, None)


def test_each_column_is_read_once():
    coded = coded_of(read({"x": [1, 2], "y": ["a", "b"]}))
    assert coded.numbers("x") is coded.numbers("x")
    assert coded.groups("y") is coded.groups("y")
