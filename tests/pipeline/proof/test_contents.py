"""Of two long values, the first element that differs is named with both values."""

import numpy as np
import pytest

from dsml_magics.pipeline.proof.contents import Contents, first_element


def array(values):
    values = np.asarray(values)
    return ("array", values.dtype.str, values.shape), values.tobytes()


@pytest.mark.parametrize(
    ("ours", "theirs", "expected"),
    [
        (np.arange(3.0), np.array([0, 1, np.nextafter(2, 3)]), ("[2]", "2.0", "2.0000000000000004")),
        (np.float32([1]), np.nextafter(np.float32([1]), np.float32(2)), ("[0]", "1.0", "1.0000001")),
        (np.zeros((2, 2)), np.array([[0, 0], [0, -0.0]]), ("[1, 1]", "0.0", "-0.0")),
        (np.array(1), np.array(2), ("", "1", "2")),
        (np.array(["ab", "c"]), np.array(["ab", "d"]), ("[1]", "c", "d")),
        (
            np.array(["2020-01-01"], "M8[D]"),
            np.array(["2020-01-02"], "M8[D]"),
            ("[0]", "2020-01-01", "2020-01-02"),
        ),
    ],
)
def test_the_first_element_of_an_array(ours, theirs, expected):
    layout, content = array(ours)
    assert first_element(layout, content, array(theirs)[1]) == expected


def test_the_first_element_beyond_the_first_block():
    ours = np.zeros(1_000_000)
    theirs = ours.copy()
    theirs[777_777] = 1
    layout, content = array(ours)
    assert first_element(layout, content, theirs.tobytes()) == ("[777777]", "0.0", "1.0")


@pytest.mark.parametrize(
    ("layout", "ours", "theirs", "expected"),
    [
        (("lines",), b"1\n2\n3", b"1\n2\n4", ("[2]", "3", "4")),
        (("lines",), b"1\n22\n3", b"1\n21\n3", ("[1]", "22", "21")),
        (("file",), b"a\nb\n", b"a\nc\n", (" line 2", "'b'", "'c'")),
        (("file",), b"a\n", b"a\nb\n", (" line 2", "''", "'b'")),
        (("file",), b"a\xff", b"a\xfe", (" byte 2", "b'\\xff'", "b'\\xfe'")),
        (("bytes",), b"ab", b"ac", ("[1]", "b'b'", "b'c'")),
    ],
)
def test_the_first_element_of_what_is_no_array(layout, ours, theirs, expected):
    assert first_element(layout, ours, theirs) == expected


def test_what_there_is_no_room_for_is_not_kept(tmp_path):
    contents = Contents(tmp_path / "contents", max_bytes=3)
    contents.keep("a", b"12")
    contents.keep("b", b"12")
    assert (contents.read("a"), contents.read("b")) == (b"12", None)
