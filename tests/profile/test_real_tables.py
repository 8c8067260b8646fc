"""Figures of real tables, held against pandas and scipy: a part of `benchmarks/profile.py --check`."""

import sys
from pathlib import Path

import pandas as pd
import pytest

from dsml_magics.profile.value import Profile

sys.path.insert(0, str(Path(__file__).parents[2] / "benchmarks" / "profiling"))

from check import associations, differences, sketched
from public import of_sklearn, shared

pytestmark = pytest.mark.slow

TABLES = dict([*shared(), *((name, table) for name, table in of_sklearn() if name != "sklearn digits")])


@pytest.mark.parametrize("name", TABLES)
@pytest.mark.parametrize("profiled", [Profile.of, sketched])
def test_no_figure_differs_by_more_than_its_bound(name, profiled):
    table = TABLES[name]
    profile = profiled(table)
    assert list(differences(table, profile)) == []
    held = [abs(pair.strength - true) <= pair.bound + 1e-6 for pair, true in associations(table, profile)]
    assert sum(held) >= 0.95 * len(held)
    assert all(held) or any(pair.bound for pair in profile.associations)


def test_a_figure_that_is_wrong_is_found():
    table = pd.DataFrame({"x": [1.0, 2.0, 3.0, 9.0] * 5, "g": list("aabb") * 5})
    other = table.assign(x=table["x"].where(table.index != 3, 9.001))
    assert {what for what, *_ in differences(other, Profile.of(table))} >= {"x: max", "x: mean", "x: std"}
