"""Lines are compared without what no two runs share: colours, pictures, times."""

import pytest

from dsml_magics.pipeline.proof.comparing import (
    differences_of,
    differing_regions,
    is_unstable,
    line_difference,
    lines_of,
    unstable_lines,
)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("CPU times: user 3 ms", ["(a time)"]),
        ("epoch 1, Wall time: 3 ms", ["epoch 1, (a time)"]),
        ("1.2 ms ± 3 µs per loop (mean ± std. dev. of 7 runs, 10 loops each)", ["(a time)"]),
        ("3 ms per loop", ["3 ms per loop"]),
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


def test_a_variable_that_differs_in_very_many_parts_hides_no_other():
    def many(value):
        return "parts", "list", {f"[{at}]": ("leaf", "int", f"{value}{at}") for at in range(20_000)}

    ours = {"ids": many("1"), "result": ("leaf", "int", "1")}
    theirs = {"ids": many("2"), "result": ("leaf", "int", "2")}
    assert [each.path for each in differences_of(ours, theirs)] == ["ids", "result"]
