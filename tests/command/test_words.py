"""Words: shell-like outside brackets, Python inside them."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dsml_magics.command.words import is_silenced, split
from dsml_magics.errors import UsageError


def kinds(line):
    return [(str(word), word.quoting) for word in split(line)]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", []),
        ("   \t", []),
        ("train", [("train", "bare")]),
        ("train --target age", [("train", "bare"), ("--target", "bare"), ("age", "bare")]),
        ('df["a b"]', [('df["a b"]', "python")]),
        ("df[df.a > 30]", [("df[df.a > 30]", "bare")]),
        ("f(x, y)[0] z", [("f(x, y)[0]", "bare"), ("z", "bare")]),
        ('"a b"', [("a b", "quoted")]),
        ("'a b' c", [("a b", "quoted"), ("c", "bare")]),
        ('"""a "b" c"""', [('a "b" c', "quoted")]),
        ('--target="a b"', [("--target=a b", "quoted")]),
        ('--data=df["a b"]', [('--data=df["a b"]', "python")]),
        ('"a"+"b"', [('"a"+"b"', "python")]),
        ('""', [("", "quoted")]),
        (r'"say \"hi\""', [('say "hi"', "quoted")]),
        ("train # a 'comment", [("train", "bare")]),
        ("C# x#y", [("C#", "bare"), ("x#y", "bare")]),
        ('"#1"', [("#1", "quoted")]),
        ("train;", [("train", "bare")]),
        ("train ;", [("train", "bare")]),
        ('"a;"', [("a;", "quoted")]),
        ('"a b";', [("a b", "quoted")]),
        ('{"a": [1, 2]}', [('{"a": [1, 2]}', "python")]),
        ("a)b", [("a)b", "bare")]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_line_is_split_into_words(line, words):
    assert kinds(line) == words


def test_a_quoted_word_is_never_an_expression():
    [word] = split('"train"')
    assert word.quoting == "quoted"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("df['a", "closing quote '"),
        ("it's", "closing quote '"),
        ('"""a"', 'closing quote """'),
        ("df[df.a", r"closing bracket for '\['"),
        ("f(x", r"closing bracket for '\('"),
        ('"a\\"', "closing quote"),
    ],
)
def test_what_is_never_closed_is_named(line, said):
    with pytest.raises(UsageError, match=said):
        split(line)


@pytest.mark.parametrize(
    ("line", "silenced"),
    [
        ("train;", True),
        ("train ;", True),
        ("train --target age;  # quiet", True),
        ('"a";', True),
        ("2024_01x.csv;", True),
        ("train", False),
        ("'a;'", False),
        ("train # a;", False),
        ("", False),
    ],
)
def test_a_last_semicolon_silences(line, silenced):
    assert is_silenced(line) is silenced


@given(st.text())
@example("\\")
@example('"\\')
@example("--a='")
@example("'''")
def test_any_line_is_split_or_answered(line):
    try:
        words = split(line)
    except UsageError:
        return
    assert all(isinstance(word, str) for word in words)


BARE = st.text(st.characters(categories=["L", "N"], include_characters="_.-/*@:=<>"), min_size=1)
TEXT = st.text(st.characters(exclude_characters="\\", exclude_categories=["Cs"]))


@given(st.lists(BARE))
def test_bare_words_come_back_as_written(words):
    assert split(" ".join(words)) == words


@given(st.lists(TEXT), st.sampled_from("'\""))
def test_quoted_text_comes_back_as_meant(texts, quote):
    line = " ".join(quote + text.replace(quote, "\\" + quote) + quote for text in texts)
    words = split(line)
    assert words == texts
    assert all(word.quoting == "quoted" for word in words)


@given(
    st.recursive(
        st.just("x") | st.just("a b") | st.just("'c d'"),
        lambda inner: st.tuples(st.sampled_from(["()", "[]", "{}"]), inner).map(
            lambda pair: pair[0][0] + pair[1] + pair[0][1]
        ),
    )
)
def test_brackets_keep_blanks_together(inside):
    assert split(f"f({inside}) rest") == [f"f({inside})", "rest"]
