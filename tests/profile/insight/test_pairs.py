"""Of columns that go together one is spared."""

import numpy as np
import pytest
from columns import ABC, NOISE, found

import dsml_magics as dsml
from dsml_magics.profile.column import Column
from dsml_magics.profile.figures import Association, Figures
from dsml_magics.profile.insight import insights
from dsml_magics.profile.settings import Settings


def test_of_two_columns_the_coarser_one_is_spared():
    profile = dsml.profile({"city": ABC, "country": ["K" if c in "ab" else "J" for c in ABC]})
    assert found(profile, "associated", "country").evidence["other"] == "city"


@pytest.mark.parametrize("target", [None, "b"])
def test_of_few_rows_nothing_is_said_to_go_together(target):
    profile = dsml.profile({"a": [1, 2, 4], "b": [2, 4, 8]}, target=target)
    assert not {"associated", "leakage"} & {i.code for i in profile.insights}


@pytest.mark.parametrize("seed", range(5))
def test_what_others_are_spared_for_is_kept(seed):
    random = np.random.default_rng(seed)
    walk = np.cumsum(random.normal(size=(400, 6)) / [1, 2, 2, 2, 2, 2], axis=1)
    profile = dsml.profile({f"x{n}": walk[:, n] for n in range(6)}, thresholds=["associated=0.8"])
    spared = {i.column: i.evidence["other"] for i in profile.insights if i.code == "associated"}
    assert spared
    assert not spared.keys() & set(spared.values())


def test_a_column_is_spared_once():
    profile = dsml.profile({name: [factor * v for v in NOISE] for factor, name in enumerate("abc", 1)})
    assert sorted(i.column for i in profile.insights if i.code == "associated") == ["b", "c"]


def test_an_approximate_association_says_its_bound():
    columns = {name: Column(name, "numeric", "double", 100, 0, 50) for name in "ab"}
    pair = Association("a", "b", "Pearson", 0.97, bound=0.015)
    (insight,) = insights(Figures(rows=100, columns=columns, associations=(pair,)), Settings())
    assert insight.evidence["bound"] == 0.015
