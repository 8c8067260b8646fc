"""Texts that are numbers or dates are told from others."""

import pytest

from dsml_magics.profile.notation import read_notation


@pytest.mark.parametrize(
    ("texts", "kind"),
    [
        (["1", "2.5", "-3", "1,000", " .5 ", "1e-3"], "number"),
        (["7 %", "8"], "number"),
        (["0", "0.5", "10"], "number"),
        (["20240101"], "number"),
        (["20240101", "20240229"], "date"),
        (["20240101", "20240230"], "number"),
        (["20240101", "18240101"], "number"),
        (["2024-01-01", "2024/1/31", "31.12.2024", "2024-01-01 10:30"], "date"),
        (["2024-01-01", "2024-01-01T10:30:00Z"], "date"),
        (["1", "two"], None),
        (["2024-01-01", "tomorrow"], None),
    ],
)
def test_numbers_and_dates_are_seen(texts, kind):
    found = read_notation(texts)
    assert (found and found.kind) == kind


def test_it_says_how_many_texts_were_read():
    found = read_notation(["1", "2"], complete=False)
    assert (found.examined, found.complete) == (2, False)
