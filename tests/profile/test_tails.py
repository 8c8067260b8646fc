"""Counts of values far from the others, against those of all rows."""

import numpy as np
import pandas as pd
import pytest
from summaries import columns_of, read_sampled

SHAPES = {
    "normal": lambda rng, n: rng.normal(size=n),
    "long tail": lambda rng, n: rng.lognormal(0, 2, n),
    "few far off": lambda rng, n: np.where(np.arange(n) < 5, 1e6, rng.uniform(size=n)),
    "none far off": lambda rng, n: rng.uniform(size=n),
    "one far below": lambda rng, n: np.where(np.arange(n) == 7, -50.0, rng.uniform(size=n)),
    "mostly zero": lambda rng, n: np.where(rng.random(n) < 0.76, 0.0, rng.gamma(1.0, 9.0, n)),
    "on the edge": lambda rng, n: np.where(rng.random(n) < 0.75, 0.0, rng.gamma(1.0, 9.0, n)),
    "half and half": lambda rng, n: np.where(rng.random(n) < 0.5, 3.0, rng.normal(size=n)),
    "steps": lambda rng, n: np.floor(rng.exponential(5, n)),
    "infinite too": lambda rng, n: np.where(rng.random(n) < 0.001, np.inf, rng.normal(size=n) ** 3),
}


def outliers(values):
    lower, upper = np.quantile(values, [0.25, 0.75])
    reach = 3 * (upper - lower)
    return int((((values < lower - reach) | (values > upper + reach)) & np.isfinite(values)).sum())


def deviants(values):
    middle = np.median(values)
    spread = np.median(np.abs(values - middle))
    finite = values[np.isfinite(values)]
    return int((np.abs(finite - middle) > spread * 3.5 / 0.6745).sum()) if spread else 0


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("size", [8, 9, 501, 3000])
def test_whole_tables_are_counted_exactly(shape, size):
    values = SHAPES[shape](np.random.default_rng(size), size)
    column = columns_of(pd.DataFrame({"x": values}))["x"]
    assert (column.outliers, column.deviants) == (outliers(values), deviants(values))
    assert (column.bound("outliers"), column.bound("deviants")) == (0.0, 0.0)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("seed", range(3))
def test_summaries_state_a_bound_that_holds(shape, seed):
    values = SHAPES[shape](np.random.default_rng(seed), 300_000)
    column = read_sampled(pd.DataFrame({"x": values}))[0]["x"]
    for figure, true in (("outliers", outliers(values)), ("deviants", deviants(values))):
        off = column.bound(figure) * column.present
        assert abs(getattr(column, figure) - true) <= off + 1e-6, figure


def test_a_count_of_none_is_exact_only_where_the_extremes_show_it():
    rng = np.random.default_rng(0)
    far = np.concatenate([rng.uniform(size=300_000), [99.0, 98.0]])
    columns = read_sampled(pd.DataFrame({"far": far, "near": far.clip(0, 1)}))[0]
    assert columns["near"].bound("outliers") == 0.0
    assert abs(columns["far"].outliers - 2) <= columns["far"].bound("outliers") * len(far)
    assert columns["far"].bound("outliers") < 0.002


def test_bounds_are_narrow_where_few_values_lie_at_the_fences():
    values = np.random.default_rng(1).normal(size=300_000) ** 3
    column = read_sampled(pd.DataFrame({"x": values}))[0]["x"]
    assert column.bound("outliers") < 0.01
