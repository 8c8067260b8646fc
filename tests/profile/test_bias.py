"""Groups of people, their share, target and gaps."""

import numpy as np
import pandas as pd
import pytest
from summaries import read, read_sampled, read_weighted

from dsml_magics.profile.bands import MISSING, OTHER
from dsml_magics.profile.bias import COLUMNS, MOST, groups_of

RNG = np.random.default_rng(0)


def groups_in(table, *, target=None, named=(), reader=read):
    columns, sample, _ = reader(table)
    return groups_of(columns, sample, target=target, named=named)


def by_label(groups):
    return {group.label: group for group in groups}


def test_columns_that_look_sensitive_are_found():
    table = {
        "sex": ["M", "F"] * 30,
        "x": RNG.normal(size=60),
        "package": ["a", "b"] * 30,
        "지역": ["서울", "부산"] * 30,
    }
    assert {group.column for group in groups_in(table)} == {"sex"}


def test_the_columns_the_user_named_are_taken_instead():
    table = {"sex": ["M", "F"] * 30, "지역": ["서울", "부산"] * 30}
    assert {group.column for group in groups_in(table, named=("지역", "gone"))} == {"지역"}


def test_nothing_looks_sensitive():
    assert groups_in({"x": [1.0, 2.0, 4.0]}) == ()


def test_sizes_and_target_agree_with_pandas():
    table = pd.DataFrame(
        {"sex": RNG.choice(["M", "F", None], 300), "y": RNG.choice(["no", "no", "yes", None], 300)}
    )
    found = by_label(groups_in(table, target="y"))
    for label, rows in table.fillna({"sex": MISSING}).groupby("sex"):
        assert found[label].rows == len(rows)
        assert found[label].share == pytest.approx(len(rows) / 300)
        assert found[label].target == pytest.approx((rows["y"].dropna() == "yes").mean()), "the rarest class"


def test_of_many_classes_the_most_frequent_counts():
    table = {"sex": ["M", "F"] * 30, "y": ["a", "a", "b", "c", "a", "a"] * 10}
    assert [group.target for group in groups_in(table, target="y")] == [pytest.approx(2 / 3)] * 2


def test_of_a_quantity_the_mean_counts():
    y = RNG.normal(size=60)
    found = by_label(groups_in({"sex": ["M", "F"] * 30, "y": y}, target="y"))
    assert found["F"].target == pytest.approx(y[1::2].mean())


def test_gaps_of_a_group_are_a_share_of_its_cells():
    found = by_label(
        groups_in({"sex": ["M", "F"] * 4, "a": [1, None] * 4, "b": [None, None, *range(6)], "c": range(8)})
    )
    assert found["M"].missing == pytest.approx(1 / 16)
    assert found["F"].missing == pytest.approx(5 / 16)


def test_ages_are_put_into_bands():
    values = [3, 17.9, 18, 24, 25, 44, 64, 65, 125, -1, 999, *[30] * 500, None]
    found = {group.label: group.rows for group in groups_in({"age": values})}
    assert found == {
        "under 18": 2,
        "18 to 24": 2,
        "25 to 34": 501,
        "35 to 44": 1,
        "55 to 64": 1,
        "65 or more": 2,
        OTHER: 2,
        MISSING: 1,
    }


def test_other_ordered_columns_are_put_into_ranges():
    found = groups_in({"income": RNG.normal(size=400).round(3)}, named=("income",))
    assert [group.rows for group in found] == pytest.approx([50] * 8, abs=3)


def test_codes_are_groups_and_not_quantities():
    assert [group.label for group in groups_in({"sex": [0, 1, 1] * 10})] == ["1", "0"]


def test_numbers_that_are_no_codes_do_not_look_sensitive():
    assert groups_in({"religion_index": RNG.normal(size=200)}) == ()


def test_small_groups_are_one():
    found = groups_in({"country": [f"c{n % 45}" for n in range(900)]})
    assert (len(found), found[-1].label) == (MOST, OTHER)
    assert sum(group.rows for group in found) == 900


def test_the_target_is_no_group_unless_named():
    table = {"sex": ["M", "F"] * 30, "x": range(60)}
    assert groups_in(table, target="sex") == ()
    assert [group.target for group in groups_in(table, target="sex", named=("sex",))] == [0.0, 1.0]


def test_only_so_many_columns_that_look_sensitive():
    table = {f"sex_{n}": ["M", "F"] * 3 for n in "abcdefghijklmnop"}
    assert len({group.column for group in groups_in(table)}) == COLUMNS
    assert len({group.column for group in groups_in(table, named=tuple(table))}) == len(table)


def test_rows_that_stand_several_times_count_as_often():
    weights = RNG.integers(1, 6, 50)
    table = pd.DataFrame(
        {"sex": RNG.choice(["M", "F"], 50), "x": RNG.choice([1.0, None], 50), "y": RNG.normal(size=50)}
    )
    once = groups_of(*read_weighted(table, weights)[:2], target="y", named=())
    whole = groups_in(table.loc[np.repeat(table.index, weights)], target="y")
    for group, expected in zip(once, whole, strict=True):
        assert (group.label, group.rows) == (expected.label, expected.rows)
        assert (group.share, group.target, group.missing) == pytest.approx(
            (expected.share, expected.target, expected.missing)
        )


def test_a_sample_is_scaled_to_the_table():
    table = (
        pd.DataFrame(RNG.normal(size=(50_000, 29)))
        .add_prefix("x")
        .assign(sex=RNG.choice(["M", "F"], 50_000, p=[0.7, 0.3]))
    )
    found = by_label(groups_in(table, reader=read_sampled))
    assert found["M"].rows == pytest.approx(35_000, rel=0.05)


ODD = {
    "lists": [[1], [2]],
    "bytes": [b"a", b"b"],
    "empty": [None, None],
    "constant": ["a", "a"],
    "infinite": [float("inf"), 1.0],
    "texts": ["a long text of many words", "another text of many words"],
    "days": [pd.Timestamp("2024-01-01"), None],
}


@pytest.mark.parametrize("values", ODD.values(), ids=ODD)
def test_any_named_column_has_groups_or_none(values):
    found = groups_in({"x": values, "y": [1.5, None]}, target="y", named=("x",))
    assert sum(group.rows for group in found) in (0, 2)
