"""Names that are no distinct text: each column gets one, and keeps the name by which the frame knows it."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsml_magics.frames.names import distinct_names, whole_text

PARTS = st.one_of(
    st.integers(-3, 3), st.text(max_size=3), st.none(), st.floats(), st.booleans(), st.sampled_from("ab")
)
NAMES = st.lists(st.one_of(PARTS, st.tuples(PARTS, PARTS), st.dates(), st.just("\ud800")), max_size=8)


@pytest.mark.parametrize(
    ("names", "texts", "literals"),
    [
        (["a", "b"], ["a", "b"], {}),
        ([0, 1], ["0", "1"], {"0": "0", "1": "1"}),
        ([np.int64(3), 2.5], ["3", "2.5"], {"3": "3", "2.5": "2.5"}),
        ([("a", "x"), ("b", "")], ["a_x", "b"], {"a_x": "('a', 'x')", "b": "('b', '')"}),
        ([("a",)], ["a"], {"a": "('a',)"}),
        (["a", "a", "a"], ["a", "a.1", "a.2"], {"a": None, "a.1": None, "a.2": None}),
        (["a", "a", "a.1"], ["a", "a.2", "a.1"], {"a": None, "a.2": None}),
        ([0, "0"], ["0.1", "0"], {"0.1": "0"}),
        ([pd.Timestamp("2020-01-01"), None], ["2020-01-01 00:00:00", "None"], None),
        (["a\ud800"], ["a\ufffd"], {"a\ufffd": "'a\\ud800'"}),
    ],
)
def test_each_column_has_a_text_of_its_own(names, texts, literals):
    found = distinct_names(names)
    assert list(found.texts) == texts
    assert dict(found.literals) == (dict.fromkeys(texts) if literals is None else literals)


def test_a_name_that_raises_has_its_type_for_a_name():
    class Odd:
        def __str__(self):
            raise RuntimeError

    assert distinct_names([Odd(), "a"]).texts == ("Odd", "a")


@given(NAMES)
def test_texts_are_distinct_and_can_be_written_and_literals_find_the_column(names):
    found = distinct_names(names)
    assert len(set(found.texts)) == len(names)
    for name, text in zip(names, found.texts, strict=True):
        text.encode()
        literal = found.literals.get(text, repr(text))
        if literal is not None:
            assert eval(literal) == name


@given(st.text(st.characters(codec="utf-8")))
def test_whole_text_stays_as_it_is(text):
    assert whole_text(text) == text
