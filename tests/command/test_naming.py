"""What the user calls a value."""

import pytest

from dsml_magics.command.arguments import Expression
from dsml_magics.command.naming import evaluated_from, name_of


@pytest.mark.parametrize(
    ("source", "name"),
    [
        ("train", "train"),
        ("train[train.age > 30]", "train[train.age > 30]"),
        ("df.query('age > 30')", "df.query(…)"),
        ("read(url='postgresql://u:secret@h', n=3).head()", "read(…).head()"),
        ("frames['test']", "frames['test']"),
        ("a" * 99, "a" * 59 + "…"),
        ("not; python", ""),
    ],
)
def test_the_source_of_an_argument_is_its_name(source, name):
    value = object()
    with evaluated_from([(Expression(source), value)]):
        assert name_of(value) == name


def test_words_of_no_expression_name_nothing():
    value = object()
    with evaluated_from([("train.csv", value)]):
        assert name_of(object()) == ""


def test_a_value_is_named_by_the_callers_variable():
    known = object()
    assert name_of(known) == "known"
    assert name_of(object()) == ""


def test_names_last_as_long_as_the_call():
    values = [object()]
    with evaluated_from([(Expression("inner"), values[0])]):
        pass
    assert name_of(values[0]) == ""
