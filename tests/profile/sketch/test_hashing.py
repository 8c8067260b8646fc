"""Hashes that stay the same: across types, batches, encodings and releases."""

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsml_magics.profile.sketch.hashing import NULL, hashes_of, mixed

GOLDEN = [
    ([1, 2.5], pa.float64(), [12581064913290441394, 9020310487809154890]),
    (
        ["", "a", "가나다", "x" * 300],
        pa.string(),
        [0, 14578283449417555692, 5126869068770219556, 10623822504158941741],
    ),
    ([dt.date(2024, 2, 29)], pa.date32(), [17329614976310577880]),
]


@pytest.mark.parametrize(("values", "kind", "expected"), GOLDEN)
def test_hashes_are_those_of_the_first_release(values, kind, expected):
    # Others would make stored profiles wrong: they need another stamp.
    assert hashes_of(pa.array(values, kind)).tolist() == expected


@given(st.lists(st.none() | st.integers(-(2**53), 2**53), max_size=40))
def test_numbers_are_hashed_by_value(values):
    whole, real = pa.array(values, pa.int64()), pa.array(values, pa.float64())
    assert hashes_of(whole).tolist() == hashes_of(real).tolist()


def test_a_missing_value_has_the_greatest_hash():
    for array in (pa.array([None, 1.0, float("nan")]), pa.array([None, "a", None])):
        assert (hashes_of(array) == NULL).tolist() == [True, False, True]


@given(st.lists(st.none() | st.text(max_size=40) | st.text("ab", min_size=250, max_size=270), max_size=40))
def test_texts_are_hashed_alike_however_they_are_kept(values):
    plain = pa.array(values, pa.string())
    ways = [
        plain.cast(pa.large_string()),
        plain.dictionary_encode(),
        pa.array([None, "zz", *values], pa.string()).slice(2),
        plain.cast(pa.string_view()),
    ]
    expected = hashes_of(plain).tolist()
    assert all(hashes_of(way).tolist() == expected for way in ways)


@given(st.lists(st.text(max_size=30), unique=True, max_size=60))
def test_different_texts_have_different_hashes(values):
    assert len(set(hashes_of(pa.array(values, pa.string())).tolist())) == len(values)


def test_no_two_of_many_alike_texts_or_numbers_share_a_hash():
    texts = pa.array([f"user-{n:07d}@mail" for n in range(300_000)])
    for array in (texts, pa.array(np.arange(300_000)), pa.array(np.arange(300_000) / 7)):
        assert len(np.unique(hashes_of(array))) == 300_000


def test_moments_are_hashed_alike_in_every_unit():
    seconds = pa.array([0, 86_400, None], pa.timestamp("s"))
    for unit in ("ms", "us", "ns"):
        assert hashes_of(seconds.cast(pa.timestamp(unit))).tolist() == hashes_of(seconds).tolist()


def test_nested_values_are_told_apart():
    values = [[1, 2], [2, 1], [1], [], None, [1, 2]]
    hashes = hashes_of(pa.array(values)).tolist()
    assert hashes[0] == hashes[5]
    assert len(set(hashes)) == 5
    assert hashes_of(pa.array(values).slice(1)).tolist() == hashes[1:]
    structs = hashes_of(pa.array([{"a": 1, "b": None}, {"a": None, "b": 1}, {"a": 1, "b": None}])).tolist()
    assert structs[0] == structs[2] != structs[1]
    maps = pa.array([[("k", 1)], [("k", 2)], []], pa.map_(pa.string(), pa.int64()))
    assert len(set(hashes_of(maps).tolist())) == 3


def test_the_finaliser_is_murmurs():
    # fmix64(1) as published with MurmurHash3
    assert mixed(np.array([0, 1], "<u8")).tolist() == [0, 0xB456BCFC34C2CB2C]
