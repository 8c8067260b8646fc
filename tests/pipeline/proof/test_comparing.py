"""Lines are compared without what no two runs share: colours, pictures, times."""

import pytest

from dsml_magics.pipeline.proof.comparing import (
    Found,
    difference_of,
    differences_of,
    differing_regions,
    excerpts,
    is_unstable,
    line_difference,
    lines_in,
    lines_of,
    shown,
    unstable_lines,
)
from dsml_magics.pipeline.proof.contents import Contents


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("CPU times: user 3 ms", ["(a time)"]),
        ("epoch 1, Wall time: 3 ms", ["epoch 1, (a time)"]),
        ("1.2 ms ± 3 µs per loop (mean ± std. dev. of 7 runs, 10 loops each)", ["(a time)"]),
        ("3 ms per loop", ["3 ms per loop"]),
        ("Wall time: 3 ms, CPU times: 1 ms", ["(a time)"]),
        ("a Wall time: 3 ms, Wall time: 4 ms", ["a (a time)"]),
        ("one\r\n\r\n  two\nthree", ["one", "  two", "three"]),
        ("\x1b[31mred\x1b[0m  ", ["red"]),
        ("<Figure size 640x480 with 1 Axes>", []),
    ],
)
def test_what_is_left_of_a_line(line, expected):
    assert lines_of(line) == expected


@pytest.mark.timeout(60)
@pytest.mark.parametrize(
    "part", ["x", "CPU times: ", " per loop (mean ± std. dev. of", "\x1b[", "<Figure size 1x1 with "]
)
def test_a_line_of_millions_of_characters_takes_no_longer_than_its_length(part):
    assert len(lines_of(part * (5_000_000 // len(part)))) == 1


def text_difference(ours, theirs, unstable):
    left = [each for each in differing_regions(ours, theirs) if not is_unstable(each, unstable)]
    return line_difference(ours, theirs, left[0], unstable) if left else None


LINES = [f"line {number}" for number in range(200)]


@pytest.mark.parametrize(
    ("theirs", "expected"),
    [
        (LINES, None),
        (
            [*LINES[:50], "other", *LINES[51:]],
            "printed line 51: 'line 50' in the notebook, 'other' in the script",
        ),
        ([*LINES[:50], *LINES[51:]], "printed line 51: 'line 50' in the notebook, nothing in the script"),
        (
            [*LINES[:50], "more", *LINES[50:]],
            "printed line 51: nothing in the notebook, 'more' in the script",
        ),
        ([*LINES[:50], *LINES[150:]], "printed line 51: 'line 50' in the notebook, nothing in the script"),
        (LINES[:-1], "printed line 200: 'line 199' in the notebook, nothing in the script"),
        ([*LINES[:50], "line", "50", *LINES[51:]], None),
    ],
)
def test_the_first_line_that_differs_is_named_whatever_the_layout(theirs, expected):
    found = text_difference(LINES, theirs, set())
    assert (str(found) if found else None) == expected


def test_only_the_lines_that_another_run_prints_otherwise_are_unstable():
    again = [line if at % 2 else f"{line}!" for at, line in enumerate(LINES)]
    assert unstable_lines(LINES, again) == set(range(0, 200, 2))


@pytest.mark.timeout(60)
def test_many_lines_that_differ_take_no_longer_than_their_number():
    ours, theirs = ["a", "b", "c"] * 20_000, ["b", "a", "c"] * 20_000
    assert text_difference(ours, theirs, set()) is not None


def test_a_long_line_is_shown_where_it_differs():
    line = "x" * 1_000
    found = text_difference([f"{line}1{line}"], [f"{line}2{line}"], set())
    assert found.notebook == repr("x" * 20 + "1" + "x" * 59) + " from character 981 on"
    assert found.script == repr("x" * 20 + "2" + "x" * 59) + " from character 981 on"


@pytest.mark.parametrize(
    ("theirs", "unstable", "differs"),
    [
        (["a", "X", "c"], {1}, False),
        (["a", "X", "Y"], {1}, True),
        (["a", "X", "Y"], {1, 2}, False),
        (["a", "b", "more", "c"], {0}, True),
        (["a", "b", "more", "c"], {1}, False),
    ],
)
def test_only_unstable_lines_are_excused(theirs, unstable, differs):
    assert (text_difference(["a", "b", "c"], theirs, unstable) is not None) == differs


@pytest.mark.parametrize(
    ("ours", "again", "expected"),
    [
        (["a", "c"], ["a", "b", "c"], {0, 1}),
        (["a", "b", "c"], ["a", "c"], {1}),
        (["a"], ["a"], set()),
        (["a"], ["a", "b"], {0, 1}),
    ],
)
def test_beside_what_another_run_prints_more_lines_are_unstable(ours, again, expected):
    assert unstable_lines(ours, again) == expected


@pytest.mark.parametrize(
    ("region", "expected"),
    [((2, 2, 0, 3), [2]), ((2, 3, 0, 0), [2]), ((2, 5, 0, 0), [2, 3, 4])],
)
def test_the_lines_of_a_region(region, expected):
    assert list(lines_in(region)) == expected


@pytest.mark.parametrize(
    ("theirs", "region", "expected"),
    [
        (["a", "x", "y", "z"], (1, 2, 1, 4), "printed line 2: nothing in the notebook, 'y' in the script"),
        (["x", "y"], (1, 3, 0, 2), "printed line 3: 'c' in the notebook, 'y' in the script"),
    ],
)
def test_beyond_an_unstable_line_the_next_one_is_named(theirs, region, expected):
    assert str(line_difference(["a", "b", "c"], theirs, region, {1})) == expected


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        ("abc", "abd", ("'abc'", "'abd'")),
        (None, "abd", ("nothing", "'abd'")),
        ("abc", None, ("'abc'", "nothing")),
        ("abc", "", ("'abc'", "''")),
        ("x" * 60 + "1", "x" * 60 + "2", (repr("x" * 60 + "1"), repr("x" * 60 + "2"))),
        (
            "x" * 61 + "1",
            "x" * 61 + "2",
            (f"{'x' * 20 + '1'!r} from character 42 on", f"{'x' * 20 + '2'!r} from character 42 on"),
        ),
        ("X" * 100, None, (repr("X" * 80), "nothing")),
        (None, "X" * 100, ("nothing", repr("X" * 80))),
    ],
)
def test_texts_are_shown_from_a_little_before_where_they_part(ours, theirs, expected):
    assert excerpts(ours, theirs) == expected


@pytest.mark.parametrize(
    ("description", "expected"),
    [
        (("leaf", "str", "x" * 90), repr("x" * 80)),
        (("leaf", "int", "1" * 90), "1" * 80),
        *((("leaf", kind, "1"), "1") for kind in ("int", "float", "bool", "NoneType", "complex", "bytes")),
        (("leaf", "Timestamp", "2" * 90), "2" * 80 + " (Timestamp)"),
        (("data", "ndarray", "[1 2", "digest", ("bytes",)), "[1 2… (ndarray)"),
        (("same", "a[0]"), "the same object as a[0]"),
        (("parts", "list", {}), "list"),
        (("opaque", "generator"), "generator"),
    ],
)
def test_a_description_on_a_line(description, expected):
    assert shown(description) == expected
    found = Found("a", "a.b", description, None)
    assert str(found) == f"a.b: {expected} in the notebook, missing in the script"


def differences(ours, theirs, folder, **chosen):
    """What differs between two variables, in words."""
    contents = Contents(folder)
    for digest, content in {"1": b"1\n2\n", "2": b"1\n3\n", "t": "one 나".encode(), "u": b"one \xff"}.items():
        contents.keep(digest, content)
    found = differences_of({"a": ours}, {"a": theirs} if theirs else {})
    return [str(difference_of(each, contents, contents, **chosen)) for each in found]


def thing(kind="list", **parts):
    return "parts", kind, {f".{name}": ("leaf", "int", text) for name, text in parts.items()}


def long(digest, layout=("lines",), kind="Series"):
    return "data", kind, "1 2", digest, layout


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (long("1"), long("1"), []),
        (long("1"), long("2"), ["a[1]: 2 in the notebook, 3 in the script"]),
        (
            long("t", ("text",)),
            long("u", ("text",)),
            ["a: 'one 나' in the notebook, 'one \ufffd' in the script"],
        ),
        (long("1"), long("2", kind="str"), ["a: 1 2… (Series) in the notebook, 1 2… (str) in the script"]),
        (long("1"), long("lost"), ["a: 1 2… (Series) in the notebook, 1 2… (Series) in the script"]),
        (long("lost"), long("2"), ["a: 1 2… (Series) in the notebook, 1 2… (Series) in the script"]),
        (long("1"), thing("Series"), ["a: 1 2… (Series) in the notebook, Series in the script"]),
        (thing("Series"), long("1"), ["a: Series in the notebook, 1 2… (Series) in the script"]),
        (("leaf", "x", "1"), None, ["a: 1 (x) in the notebook, missing in the script"]),
        (thing(x="1", y="2"), thing(x="1", y="3"), ["a.y: 2 in the notebook, 3 in the script"]),
        (thing(x="1"), thing("set", x="1"), ["a: list in the notebook, set in the script"]),
        (
            thing(order="1", x="1", y="2"),
            thing(order="2", y="2", x="1"),
            ["a: list with the same parts in the notebook, list with another order in the script"],
        ),
        (
            thing(x="1", y="2"),
            thing(x="1"),
            ["a: list with .y in the notebook, list with none of them in the script"],
        ),
        (
            thing(x="1"),
            thing(x="1", p="2", q="3", r="4", s="5"),
            ["a: list with the same parts in the notebook, list with .p, .q, .r in the script"],
        ),
        (
            thing(p="2", q="3", r="4", s="5"),
            thing(x="1"),
            ["a: list with .p, .q, .r in the notebook, list with .x in the script"],
        ),
        # What a function that asks IPython has of its own is not compared.
        (thing("function f", x="1", code="1"), thing("function f", x="1"), []),
        (thing("function f", x="1"), thing("function f", code="1", x="1"), []),
        (
            thing("function f", x="1", code="1"),
            thing("function f", x="2"),
            ["a.x: 1 in the notebook, 2 in the script"],
        ),
        (
            thing("function f"),
            thing("function g"),
            ["a: function f in the notebook, function g in the script"],
        ),
        (("opaque", "list"), thing("list"), ["a: list in the notebook, list in the script"]),
        (thing("list"), ("opaque", "list"), ["a: list in the notebook, list in the script"]),
        (
            thing("function f"),
            ("opaque", "function f"),
            ["a: function f in the notebook, function f in the script"],
        ),
    ],
)
def test_a_difference_is_named_at_its_first_element(ours, theirs, expected, tmp_path):
    assert differences(ours, theirs, tmp_path) == expected


@pytest.mark.parametrize(("number", "listed"), [(10_000, 10_000), (10_001, 1)])
def test_one_that_differs_in_more_than_ten_thousand_parts_is_another_as_a_whole(number, listed):
    ours, theirs = (
        {"a": ("parts", "list", {f"[{at}]": ("leaf", "int", side) for at in range(number)})} for side in "12"
    )
    assert len(differences_of(ours, theirs)) == listed


def test_a_variable_that_differs_in_very_many_parts_hides_no_other():
    def many(value):
        return "parts", "list", {f"[{at}]": ("leaf", "int", f"{value}{at}") for at in range(20_000)}

    ours = {"ids": many("1"), "result": ("leaf", "int", "1")}
    theirs = {"ids": many("2"), "result": ("leaf", "int", "2")}
    assert [each.path for each in differences_of(ours, theirs)] == ["ids", "result"]
