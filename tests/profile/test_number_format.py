"""Which sign parts thousands and which the decimals is decided from the texts, or said to be unclear."""

import pytest

from dsml_magics.profile.number_format import NumberFormat, read_number_format


@pytest.mark.parametrize(
    ("texts", "decimal", "removed"),
    [
        (["1", "2.5", "-3", " .5 ", "1e-3", "+7."], ".", " "),
        (["12.5", "1234.567"], ".", ""),
        (["12,5", "7,25"], ",", ""),
        (["0,125", "2,500"], ",", ""),
        (["1234,567"], ",", ""),
        (["1,234.5", "7"], ".", ","),
        (["1,234", "1,234,567", "12.5"], ".", ","),
        (["1,234,567"], ".", ","),
        (["1.234,5", "7"], ",", "."),
        (["1.234.567"], ".", "."),
        (["1 234,5"], ",", " "),
        (["1\u202f234", "12\u00a0345,5"], ",", "\u00a0\u202f"),
        (["1'234.5"], ".", "'"),
        (["1\u2019234"], ".", "\u2019"),
        (["1,23,456", "12,34,56,789", "5"], ".", ","),
        (["$1,234.50", "-$3", "$-4", "$ 5"], ".", " $,"),
        (["12,50 €", "3 €"], ",", " €"),
        (["₩1,234,567", "₩5"], ".", ",₩"),
        (["7 %", "8.5%"], ".", " %"),
    ],
)
def test_one_way_to_read_them_is_found(texts, decimal, removed):
    assert read_number_format(texts) == (NumberFormat(decimal, removed), None)


@pytest.mark.parametrize(
    ("texts", "unclear"),
    [
        (["12", "1,234"], "1,234"),
        (["1.234", "5.678"], "1.234"),
        (["1,234.5", "1,234.6", "1.234,5"], "1.234,5"),
        (["1", "2", "3 %"], "3 %"),
        (["$5", "$6", "€7"], "€7"),
    ],
)
def test_what_can_be_read_in_several_ways_is_unclear(texts, unclear):
    assert read_number_format(texts) == (None, unclear)


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["1", "two"],
        ["1", ""],
        ["-"],
        ["%"],
        ["02139", "10001"],
        ["12345678901234567", "1"],
        ["12,345,678,901,234,567"],
        ["1,2,3"],
        ["1 12"],
        ["10.0.0.1"],
        ["1 234 56"],
        ["$5€"],
        ["+-3"],
        ["1e"],
        ["٣"],
    ],
)
def test_other_texts_are_no_numbers(texts):
    assert read_number_format(texts) is None
