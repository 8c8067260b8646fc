"""Equal content has one fingerprint, however it was made, and wherever it was read again."""

import datetime as dt
import enum
import types

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.ensemble import RandomForestClassifier

from dsml_magics.run.pickling import pickled, unpickled
from dsml_magics.run.value_digest import fingerprint_of

pytestmark = pytest.mark.slow


def digest(value):
    return fingerprint_of({"x": value}).digest


def read_again(value):
    content = pickled({"x": value})
    buffers = [bytes(each) if each.readonly else bytearray(each) for each in content.buffers]
    return unpickled(content.stream, buffers)["x"]


def function_of(source, name="f"):
    """Define something as a script does."""
    module = types.ModuleType("__main__")
    exec(compile(source, "job.py", "exec"), module.__dict__)
    return vars(module)[name]


class Colour(enum.Enum):
    RED = 1


def forest():
    x = np.random.default_rng(0).normal(size=(200, 3))
    return RandomForestClassifier(5, random_state=0).fit(x, x[:, 0] > 0)


def padded():
    array = np.zeros(3, np.dtype([("a", "u1"), ("b", "f8")], align=True))
    array.view("u1")[:] = np.arange(array.nbytes)
    return array


VALUES = {
    "texts": ["a b", f"a {chr(98)}", ("a b", 1)],
    "set": {"a", ("b", 1), 3, frozenset(("x", "y"))},
    "frame": pd.DataFrame({"a": [1, 2], "b": ["x", "y"], "c": pd.to_datetime(["2020", "2021"])}),
    "category": pd.Series(["a", "b"], dtype="category"),
    "several levels": pd.MultiIndex.from_tuples([(1, "a"), (2, "b")]),
    "part of an array": np.eye(4)[:, ::2],
    "objects": np.array(["a", None], dtype=object),
    "scalars": [np.float64(1.5)] * 2,
    "dates": [dt.datetime(2020, 1, 1), pd.Timestamp("2020")],
    "enum": Colour.RED,
    "forest": forest(),
    "function": function_of("def f(a, b=[1]):\n    return lambda: a + 1"),
    "class": function_of("class f:\n    def m(self):\n        return 1"),
    "slice": [slice(1, 2), range(3), 1 + 2j],
}


@pytest.mark.parametrize("name", VALUES)
def test_what_is_read_again_has_the_same(name):
    assert digest(read_again(VALUES[name])) == digest(VALUES[name])


_PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner) | st.tuples(inner, inner),
    max_leaves=20,
)


@given(_PLAIN)
def test_whatever_plain_values_are_read_again_have_the_same(value):
    assert digest(read_again(value)) == digest(value)


@given(_PLAIN, _PLAIN)
def test_different_values_have_different_ones(first, second):
    assert (digest(first) == digest(second)) == (repr(first) == repr(second))


def test_equal_texts_need_not_be_one_object():
    text = "not interned!"
    assert digest([text, text]) == digest([text, text[:4] + text[4:]])
    assert digest([("a", 1.5)] * 2) == digest([("a", 1.5), ("a", float("1.5"))])


def test_lists_that_are_one_differ_from_two():
    one = [1]
    assert digest([one, one]) != digest([[1], [1]])
    both = {1}
    assert digest([both, both]) != digest([{1}, {1}])


def test_the_order_of_a_set_is_nothing_and_that_of_a_dict_is_something():
    assert digest({8, 0, 16}) == digest({16, 8, 0})
    assert digest({"a": 1, "b": 2}) != digest({"b": 2, "a": 1})


def test_a_function_is_its_code_not_its_place():
    source = "def f(x, y=1):\n    return [x + y for _ in range(3)]"
    first = digest(function_of(source))
    assert first == digest(function_of("\n# more\n\n" + source))
    assert first != digest(function_of(source.replace("range(3)", "range(4)")))
    assert first != digest(function_of(source.replace("y=1", "y=2")))


def test_a_class_is_its_code_not_when_it_was_made():
    source = "class f:\n    size = 1\n    def m(self):\n        return 1"
    made = function_of(source)
    before = digest(made)
    pickled({"x": made()})
    assert digest(made) == before == digest(function_of("\n\n" + source))
    assert digest(function_of(source)) != digest(function_of(source.replace("return 1", "return 2")))
    assert digest(function_of(source)) != digest(function_of(source.replace("size = 1", "size = 2")))


def test_a_frame_is_its_columns_not_its_blocks():
    together = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]})
    apart = pd.DataFrame({"a": [1.0, 2.0]})
    apart["b"] = [3.0, 4.0]
    assert digest(together) == digest(apart)
    assert digest(together) != digest(together.rename(columns={"b": "c"}))
    assert digest(together) != digest(together.set_index("a"))
    assert digest(together["a"]) != digest(together["a"].rename("z"))
    assert digest(together) != digest(together.astype({"a": "float32"}))


def test_what_lies_between_the_fields_of_an_array_is_nothing():
    first, second = padded(), padded()
    second["b"], first["b"] = 1, 1
    second.view("u1")[1] ^= 255
    assert digest(first) == digest(second)
    second["a"][0] ^= 1
    assert digest(first) != digest(second)


def test_a_tuple_that_holds_another_twice_again_and_again_ends():
    value = ("a",)
    for _ in range(64):
        value = (value, value)
    assert digest(value)


def test_small_arrays_of_equal_bytes_that_differ_otherwise_have_other_digests():
    array = np.arange(6.0).reshape(2, 3)
    fixed = array.copy()
    fixed.flags.writeable = False
    others = [array.reshape(3, 2), array.view("i8"), array.view(">f8"), fixed, np.asfortranarray(array)]
    assert len({fingerprint_of(each).digest for each in (array, *others)}) == 6
    # One array twice is not the same as two that are equal.
    assert fingerprint_of([array, array]).digest != fingerprint_of([array, array.copy()]).digest
