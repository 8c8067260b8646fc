"""Counts of values far from the others, against those of all rows."""

import math

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from summaries import columns_of, read_sampled

from dsml_magics.profile.sketch.column import ColumnSketch
from dsml_magics.profile.sketch.quantiles import Points
from dsml_magics.profile.tails import tails_of

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


def counted(values, *, weight=1.0, error=0.0, infinite=0, extreme=None):
    """Count in a distribution of values that stand for `weight` rows each, whose ranks may be off by `error` rows.

    One row that none of them stands for may be an `extreme` one.
    """
    values = np.sort(np.asarray(values, float))
    weights = np.broadcast_to(np.asarray(weight, float), len(values))
    rows = round(weights.sum())
    lowest, *_, highest = sorted([*values, values[0] if extreme is None else extreme])
    sketch = ColumnSketch("x", pa.float64(), rows=rows, lowest=lowest, highest=highest, infinite=infinite)
    return tails_of(Points(values, weights, error), sketch)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([0, 0, 0, 1, 1, 1, 99], 0),
        ([0, 0, 0, 1, 1, 1, 1, 99], 1),
        ([0, 0, 0, 1, 1, 1, 1, -99], 1),
        ([0, 0, 0, 0, 0, 0, 0, 0], 0),
    ],
)
def test_among_fewer_than_eight_values_none_is_far_off(values, expected):
    assert counted(values)[0] == (expected, 0.0)


def test_infinite_values_are_not_among_the_eight():
    values = [0, 0, 0, 1, 1, 1, 99, math.inf]
    assert counted(values, infinite=1) == ((0, 0.0), (0, 0.0))
    assert counted([1, *values], infinite=1)[0] == (1, 0.0)


@pytest.mark.parametrize(
    ("ends", "expected"), [([-3, 4], 0), ([-3, 4.001], 1), ([-3.001, 4], 1), ([-3.001, 4.001], 2)]
)
def test_outliers_lie_beyond_the_fences_not_on_them(ends, expected):
    # The quartiles are 0 and 1.
    assert counted([0] * 6 + [1] * 6 + ends)[0] == (expected, 0.0)


@pytest.mark.parametrize("error", [0.0, 1.0])
@pytest.mark.parametrize("infinite", [math.inf, -math.inf])
def test_no_value_lies_beyond_fences_that_are_infinite(infinite, error):
    values = [*range(10), *[infinite] * 6]
    assert counted(values, infinite=6, error=error)[0] == (0, 0.0)
    assert counted([infinite] * 16, infinite=8, error=error) == ((0, 0.0), (0, 0.0))


@pytest.mark.parametrize("infinite", [math.inf, -math.inf])
def test_the_last_finite_value_may_be_a_quartile(infinite):
    values = [-99, *[0] * 8, *[1] * 4, *[infinite] * 4] if infinite > 0 else [*[infinite] * 4, *[0] * 12, 99]
    assert counted(values, infinite=4)[0] == (1, 0.0)


@pytest.mark.parametrize(("error", "expected"), [(3.0, 0.0), (4.0, 7 / 8)])
@pytest.mark.parametrize("extreme", [-100.0, 100.0])
def test_where_each_row_may_be_the_median_extremes_are_its_bounds(extreme, error, expected):
    assert counted([10] * 8, error=error, extreme=extreme)[1] == (0, expected)


def test_a_distance_from_the_median_may_be_that_of_the_farthest_value():
    assert counted([10, 10, 20], weight=[8, 7, 1], error=4.0)[1] == (0, 1 / 4)


def test_fences_may_overflow_on_one_side():
    assert counted([0] * 6 + [5e307] * 6 + [-1.79e308, 5e307])[0] == (0, 0.0)


@pytest.mark.parametrize("infinite", [math.inf, -math.inf])
def test_where_a_fence_may_be_infinite_nothing_is_known_of_the_count(infinite):
    outliers, _ = counted([*range(40), *[infinite] * 12], infinite=12, error=2.0)
    assert outliers == (0, 1.0)
    _, deviants = counted([*range(40), *[infinite] * 38], infinite=38, error=2.0)
    assert deviants == (0, 1.0)
    # Fences that are finite may lie further apart than any number is large.
    outliers, _ = counted([*[0] * 6, *[4e307] * 8, *[1e308] * 2], error=3.0)
    assert outliers == (0, 1.0)


def widest(rows, share, off):
    """The quantile, and the least and most that it may be."""
    shares = [max(0.0, share - off), share, min(1.0, share + off)]
    return np.quantile(rows, shares)


def fences(middle, spread, times):
    return middle - times * spread[::-1], middle + times * spread


def counted_by_hand(rows, low, high, error):
    def beyond(least, most, off):
        below = max(1.0, (rows < least).sum() + off) if rows[0] < least else 0.0
        above = max(1.0, (rows > most).sum() + off) if rows[-1] > most else 0.0
        return np.clip(below + above, 0, len(rows))

    found = [beyond(low[side], high[2 - side], (side - 1) * error) for side in range(3)]
    return found[1], math.ceil(max(found[2] - found[1], found[1] - found[0], 0)) / len(rows)


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize(
    ("weight", "error"), [(1, 1.0), (1, 4.0), (2, 3.0), (3, 12.0), (None, 3.0), (None, 20.0)]
)
def test_bounds_are_the_widest_that_the_ranks_allow(seed, weight, error):
    random = np.random.default_rng(seed)
    values = np.sort(np.round(random.standard_t(1.5, size=random.integers(12, 60)), seed % 3))
    values[values > 0] = 0 if seed % 4 == 3 else values[values > 0]
    weight = weight or random.integers(1, 4, size=len(values))
    rows = np.repeat(values, weight)
    off = (error + 1) / len(rows)
    lower, middle, upper = (widest(rows, share, off) for share in (0.25, 0.5, 0.75))
    spread = np.array([max(0.0, upper[0] - lower[2]), upper[1] - lower[1], upper[2] - lower[0]])
    low, _ = fences(lower, spread, 3.0)
    _, high = fences(upper, spread, 3.0)
    near = np.sort(np.abs(rows - middle[1]))
    shift = max(middle[1] - middle[0], middle[2] - middle[1])
    ranks = [len(rows) / 2 + way * (2 * error + 1) for way in (-1, 1)]
    least, most = (near[min(max(1, math.ceil(rank)), len(rows)) - 1] for rank in ranks)
    away = np.array([max(0.0, least - shift), np.median(near), most + shift])
    outliers, deviants = counted(values, weight=weight, error=error)
    assert outliers == pytest.approx(counted_by_hand(rows, low, high, error))
    # Where half of the values are one for certain, none is a deviant.
    expected = counted_by_hand(rows, *fences(middle, away, 3.5 / 0.6745), error) if away[2] else (0, 0.0)
    assert deviants == pytest.approx(expected if away[1] else (0, expected[1]))
