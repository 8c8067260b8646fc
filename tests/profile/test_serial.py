"""A profile's state as bytes: small, whole, and read by later releases."""

import base64
import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsml_magics.errors import DataError
from dsml_magics.profile.measure import columns_of
from dsml_magics.profile.settings import Settings
from dsml_magics.profile.value import Profile

FIRST = Path(__file__).parent / "state-1.txt"
SMALL = {
    "number": [1.5, None, 2.0, float("inf")],
    "word": ["a", "나", None, "a"],
    "truth": [True, False, None, True],
    "moment": [dt.datetime(2024, 1, 1), dt.datetime(2024, 1, 2), None, dt.datetime(2024, 1, 3)],
    "items": [[1], [1, 2], None, []],
}


def large(rows=100_000):
    rng = np.random.default_rng(2)
    return pa.table(
        {
            "real": rng.normal(size=rows),
            "gaps": np.where(rng.random(rows) < 0.2, np.nan, rng.normal(size=rows)),
            "few": rng.integers(0, 9, rows),
            "key": pa.array([f"id-{n}" for n in rng.integers(0, 10**9, rows)]),
            "word": pa.array(rng.choice(["a", "b", "c"], rows)),
            "moment": np.datetime64("2020-01-01", "ns") + rng.integers(0, 10**15, rows),
            "truth": rng.random(rows) < 0.3,
            **{f"x{n}": rng.normal(size=rows) for n in range(8)},
        }
    )


def said(profile):
    return {name: (c.kind, c.rows, c.missing, c.distinct, c.min, c.max, c.mean, c.std, c.percentiles, c.histogram,
                   c.top, c.time, dict(c.bounds))
            for name, c in columns_of(profile.require_state()).items()}  # fmt: skip


def test_a_small_table_stays_exact():
    profile = Profile.of(SMALL)
    again = Profile.from_bytes(profile.to_bytes())
    assert said(again) == said(profile)
    assert again.require_state().is_exact
    assert said(again + again) == said(profile + profile)


def test_a_large_one_says_the_same_of_every_column():
    profile = Profile.of(large())
    stored = profile.to_bytes()
    again = Profile.from_bytes(stored)
    assert said(again) == said(profile)
    assert len(stored) <= 50_000 * 15
    assert Profile.from_bytes(again.to_bytes()).to_bytes() == again.to_bytes()


def test_stored_profiles_are_added_as_fresh_ones_are():
    one, two = Profile.of(large()), Profile.of(large(60_000))
    stored = Profile.from_bytes(one.to_bytes()) + Profile.from_bytes(two.to_bytes())
    fresh = one + two
    for name, column in columns_of(stored.require_state()).items():
        other = columns_of(fresh.require_state())[name]
        assert (column.rows, column.missing, column.top) == (other.rows, other.missing, other.top)
        assert column.distinct == pytest.approx(other.distinct, rel=1e-3)
        assert column.bound("quantile") < 0.002


def test_without_a_sample_no_row_is_stored():
    table = large()
    secret = table.slice(0, 1).to_pylist()[0]["key"]
    profile = Profile.of(table)
    bare = Profile.from_bytes(profile.to_bytes(sample=False))
    assert said(bare).keys() == said(profile).keys()
    assert bare.require_state().sketch.sample.table.num_rows == 0
    assert (bare + profile).require_state().sketch.sample.table.num_rows == 0
    assert (
        Profile.from_bytes(Profile.of({"k": [secret] * 3}).to_bytes(sample=False)).require_state().rows == 3
    )


def test_settings_and_origin_are_stored():
    profile = Profile(
        Profile.of(SMALL).state,
        Settings("word", ("word",), {"word": "text"}, {"skewed": 3.0}, frozenset({"zeros"})),
        origin="o",
    )
    again = Profile.from_bytes(profile.to_bytes())
    assert (again.settings, again.origin) == (profile.settings, "o")


def test_the_empty_profile_is_stored():
    assert Profile.from_bytes(Profile().to_bytes()).is_empty


def test_what_the_first_release_wrote_is_read():
    for line in FIRST.read_text().split():
        profile = Profile.from_bytes(base64.b85decode(line))
        column = columns_of(profile.require_state())["number"]
        assert (column.rows, column.max) in [(4, float("inf")), (90_000, 89_999.0)]


@pytest.mark.parametrize(
    "bad", [b"", b"DSMLPROF", b"x" * 100, "text", None, Profile.of(SMALL).to_bytes()[:-1]]
)
def test_other_bytes_are_refused(bad):
    with pytest.raises(DataError, match="Expected"):
        Profile.from_bytes(bad)


def test_a_later_format_is_refused():
    later = bytearray(Profile.of(SMALL).to_bytes())
    later[8] = 99
    with pytest.raises(DataError, match="later release"):
        Profile.from_bytes(bytes(later))


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_a_damaged_state_is_refused(data):
    whole = bytearray(STORED)
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] ^= data.draw(st.integers(1, 255))
    if bytes(whole) != STORED:
        with pytest.raises(DataError):
            Profile.from_bytes(bytes(whole))


STORED = Profile.of(SMALL).to_bytes()
