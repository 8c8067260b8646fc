"""A table that lies in parts has the profile that it has in one piece, within the bounds that this states."""

import numpy as np
import pandas as pd
import pytest

import dsml_magics as dsml
from dsml_magics import Profile
from dsml_magics.frames.opening import open_table
from dsml_magics.profile.measure import columns_of

pytestmark = pytest.mark.slow

pytest_plugins = ("engines",)


def frame_of(rows):
    """Columns of several kinds; the first one tells the rows apart."""
    chance = np.random.default_rng(3)
    score = chance.normal(50, 10, rows)
    score[::10] = np.nan
    return pd.DataFrame(
        {
            "row": np.arange(rows),
            "score": score,
            "amount": chance.integers(0, 1000, rows),
            "city": np.array(["Oslo", "서울", "Łódź"])[chance.integers(0, 3, rows)],
            "name": np.char.add("user ", chance.integers(0, rows // 2, rows).astype(str)),
            "seen": np.datetime64("2020-01-01", "us")
            + chance.integers(0, 10**9, rows) * np.timedelta64(1000, "us"),
            "member": chance.random(rows) < 0.3,
        }
    )


@pytest.fixture(scope="module")
def small():
    return frame_of(2000)


@pytest.fixture(scope="module")
def large():
    """More than a million cells."""
    return frame_of(200_000)


def profile_of_parts(source):
    """Profile each part where it lies, and add the profiles there and here."""

    def summarise(batches):
        import pyarrow as pa

        from dsml_magics import Profile

        return Profile.of(pa.Table.from_batches(batches)).to_bytes()

    def merge(summaries):
        from dsml_magics import Profile

        return sum(map(Profile.from_bytes, summaries), Profile()).to_bytes()

    return sum(map(Profile.from_bytes, open_table(source).partitions(summarise, merge)), Profile())


def figures(profile):
    """The figures of each column that the order of rows and rounding leave alone."""
    names = (
        "kind",
        "rows",
        "missing",
        "distinct",
        "min",
        "max",
        "percentiles",
        "histogram",
        "top",
        "zeros",
        "outliers",
    )
    return {
        name: [getattr(column, figure) for figure in names]
        for name, column in columns_of(profile.require_state()).items()
    }


@pytest.mark.parametrize("profiled", [Profile.of, profile_of_parts])
def test_few_rows_have_exactly_the_figures_of_the_whole(spread, small, profiled):
    assert figures(profiled(spread(small, 5))) == figures(Profile.of(small))


@pytest.mark.parametrize("profiled", [Profile.of, profile_of_parts])
def test_many_rows_have_the_figures_of_the_whole_within_their_bounds(spread, large, profiled):
    found = columns_of(profiled(spread(large, 5)).require_state())
    assert list(found) == list(large)
    for name, values in large.items():
        column, present = found[name], values.dropna()
        assert (column.rows, column.missing) == (len(values), len(values) - len(present))
        assert abs(column.distinct - present.nunique()) <= column.bound("distinct") * present.nunique()
        if name in ("row", "score", "amount"):
            assert (column.min, column.max) == (present.min(), present.max())
            assert (column.mean, column.std) == pytest.approx((present.mean(), present.std()), rel=1e-9)
            for percent in (1, 25, 50, 75, 99):
                at = (present <= column.quantile(percent / 100)).mean()
                assert abs(at - percent / 100) <= column.bound("quantile") + 0.002
    for name in ("city", "member"):
        assert dict(found[name].top) == large[name].value_counts().to_dict()


def test_the_command_takes_a_frame_of_any_engine(spread, small):
    profile = dsml.profile(spread(small, 3), target="score")
    assert (profile.rows, profile.columns["row"].max) == (2000, 1999)
    assert profile.target.column == "score"
    assert "서울" in profile.to_html()


def test_a_distributed_table_can_be_compared_with_one_in_memory(spread, small):
    profile = dsml.profile(small, compare=spread(small, 3))
    assert profile.comparison is not None


def test_a_distributed_table_without_rows_has_a_profile(spread, small):
    source = spread(small, 3)
    none = source[source.row < 0] if hasattr(source, "__getitem__") else source.filter(expr="row < 0")
    profile = Profile.of(none)
    assert profile.require_state().rows == 0
