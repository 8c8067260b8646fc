"""What a word means: an expression, a path, or text with names filled in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsml_magics.command.arguments import Expression, Kind, argument_of, interpolated, is_path, python_of
from dsml_magics.command.words import split
from dsml_magics.errors import DataError, ExpressionFailed, NameNotFound, UsageError

FRAME = Kind("frame")


def argument(line):
    [word] = split(line)
    return argument_of(word, FRAME)


@pytest.mark.parametrize(
    "line",
    [
        "train",
        "train[train.age > 30]",
        'df["a b"]',
        "store.train",
        "load()",
        "-train",
        "{'a': [1]}",
        "a/b",
        "[1, 2]",
        "x.T",
        "{train}",
    ],
)
def test_a_bare_word_is_an_expression(line):
    assert isinstance(argument(line), Expression)


@pytest.mark.parametrize(
    "line",
    [
        "train.csv", "data/train.parquet", "./train", "../x", "~/x", "/abs", "s3://bucket/x", "data/*.parquet",
        "part-0.csv.gz", "folder/", "models:/income@champion", "MODEL.pkl",
    ],
)  # fmt: skip
def test_a_word_that_looks_like_a_path_is_text(line):
    assert argument(line) == line


@pytest.mark.parametrize("line", ['"train"', "'a b.csv'", '"x[0]"'])
def test_a_quoted_word_is_text(line):
    assert argument(line) == line[1:-1]


def test_a_shell_has_no_expressions():
    from dsml_magics.command.words import Word

    assert argument_of(Word("train", "shell"), FRAME) == "train"


@pytest.mark.parametrize("line", ["train.", "a>", "if", "x=1", "1abc"])
def test_what_is_no_python_is_answered(line):
    with pytest.raises(UsageError, match="Expected a frame .a name, an expression or a path., got"):
        argument(line)


def test_a_missing_name_is_answered_by_the_nearest():
    with pytest.raises(NameNotFound, match=r"No name 'trian' here. Did you mean 'train'\?"):
        Expression("trian[0]").evaluate({"train": [1], "_train": [2]})


def test_an_expression_that_fails_says_what_it_raised():
    with pytest.raises(ExpressionFailed, match=r"`1 / zero` raised ZeroDivisionError: division by zero"):
        Expression("1 / zero").evaluate({"zero": 0})


def test_an_error_the_user_can_mend_passes_through_an_expression():
    def load():
        raise DataError("no such table")

    with pytest.raises(DataError, match="no such table"):
        Expression("load()").evaluate({"load": load})


def test_names_are_seen_inside_comprehensions_and_lambdas():
    names = {"limit": 2, "rows": [1, 2, 3]}
    assert Expression("[row for row in rows if row > limit]").evaluate(names) == [3]
    assert Expression("list(map(lambda row: row + limit, rows))").evaluate(names) == [3, 4, 5]


def test_evaluating_leaves_the_namespace_alone():
    names = {"x": 1}
    assert Expression("(y := x + 1)").evaluate(names) == 2
    assert names == {"x": 1}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("run-{seed}", "run-7"),
        ("{seed}", 7),
        ("{seed + 1}", 8),
        ("plain", "plain"),
        ("{}", "{}"),
        ("a{b c}", "a{b c}"),
        ('say "{seed}"', 'say "7"'),
    ],
)
def test_braces_are_filled_in_from_the_namespace(text, expected):
    found = interpolated(text)
    assert (found.evaluate({"seed": 7}) if isinstance(found, Expression) else found) == expected


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3),
)


@given(VALUES)
def test_a_value_written_as_python_is_the_value(value):
    assert eval(python_of(value)) == value


@given(st.text())
def test_any_text_is_a_path_or_not(text):
    assert is_path(text) in (True, False)
