"""The stated bounds of sampled associations, held against the whole tables that the samples are of."""

from collections import defaultdict
from dataclasses import replace
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from summaries import read

from dsml_magics.frames.opening import open_table
from dsml_magics.profile.association import Associations, pairs
from dsml_magics.profile.coded import Coded
from dsml_magics.profile.describe import column_of
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.sketch.gram import Gram
from dsml_magics.profile.state import state_of

pytestmark = pytest.mark.slow

ROWS, KEPT = 12_000, 1_500
TABLES = 8


def zipf(rng, many, rows, power=1.0):
    weights = 1 / np.arange(1, many + 1) ** power
    return rng.choice(many, rows, p=weights / weights.sum())


def table_of(rng, *, gaps=0.0, copies=1.0):
    """Columns of many kinds that go together weakly and strongly."""
    rows = int(ROWS / copies)
    x, z = rng.normal(size=rows), rng.normal(size=rows)
    few, some, many, even = (zipf(rng, n, rows, power) for n, power in ((3, 1), (30, 1), (300, 1), (300, 0)))
    means = rng.normal(size=300)
    numbers = {
        "x": x,
        "weak": 0.1 * x + z,
        "strong": x + 0.3 * rng.normal(size=rows),
        "tail": np.exp(x + 0.5 * rng.normal(size=rows)),
        "by few": 0.4 * few + rng.normal(size=rows),
        "by some": means[some] + rng.normal(size=rows),
        "by many": means[many] + 0.5 * rng.normal(size=rows),
        "by even": means[even] + 0.5 * rng.normal(size=rows),
        "by tail": np.exp(means[some] + rng.normal(size=rows)),
    }
    groups = {
        "few": few,
        "some": some,
        "many": many,
        "even": even,
        "alone": zipf(rng, 40, rows),
        "like some": np.where(rng.random(rows) < 0.4, some, zipf(rng, 30, rows)),
        "like many": np.where(rng.random(rows) < 0.6, many, zipf(rng, 300, rows)),
        "rare": np.where(rng.random(rows) < 0.0005, 2, rng.random(rows) < 0.2 + 0.3 * (few == 1)),
        "sign": (x + z > 0.5).astype(int),
    }
    table = pd.DataFrame(numbers | {name: [f"g{code}" for code in codes] for name, codes in groups.items()})
    table = table.mask(rng.random(table.shape) < gaps)
    return table.loc[np.sort(rng.integers(0, rows, ROWS))].reset_index(drop=True) if copies > 1 else table


def measured(table):
    """Every association in the whole table, and in a sample of its rows."""
    sketch = state_of(open_table(table)).bounded()
    columns = {name: column_of(each, sketch.sample) for name, each in sketch.columns.items()}
    whole = Associations(Coded(*read(table)[:2]), Gram())
    drawn = Associations(Coded(columns, sketch.sample.shrunk(KEPT)), Gram())
    for pair in combinations(table.columns, 2):
        yield whole.of(*pair), drawn.of(*pair)


@pytest.mark.parametrize("options", [{}, {"gaps": 1 / 3}, {"copies": 3.0}], ids=["whole", "gaps", "copies"])
def test_bounds_hold_in_95_of_100(options):
    held = defaultdict(list)
    for seed in range(TABLES):
        for true, found in measured(table_of(np.random.default_rng(seed), **options)):
            if true and found:
                held[found.measure].append(abs(true.strength - found.strength) <= found.bound)
    assert {measure: np.mean(each) for measure, each in held.items() if np.mean(each) < 0.95} == {}
    assert all(len(each) > 20 * TABLES for each in held.values())


@pytest.mark.parametrize(("rows", "many"), [(12, 10), (60, 50), (60, 40), (200, 45), (500, 300)])
def test_what_chance_alone_makes_is_not_listed(rows, many):
    listed = tried = 0
    for seed in range(20):
        rng = np.random.default_rng(seed)
        names = {f"g{n}": [f"v{code}" for code in rng.integers(0, many, rows)] for n in range(3)}
        table = pd.DataFrame({"x": rng.normal(size=rows), "z": rng.exponential(size=rows)} | names)
        columns, sample, gram = read(table)
        said = columns | {name: replace(columns[name], kind="categorical") for name in names}
        found = pairs(said, sample, gram, settings=Settings()).associations
        listed += sum(each.measure != "Pearson" for each in found)
        tried += 9
    assert listed <= 0.02 * tried


def test_what_is_more_than_chance_is_listed_even_where_categories_are_many():
    rng = np.random.default_rng(0)
    codes = rng.integers(0, 40, 60)
    table = pd.DataFrame({"code": [f"v{code}" for code in codes], "name": [f"n{code}" for code in codes]})
    columns, sample, gram = read(table)
    said = {name: replace(column, kind="categorical") for name, column in columns.items()}
    (found,) = pairs(said, sample, gram, settings=Settings()).associations
    assert found.strength == pytest.approx(1.0)
