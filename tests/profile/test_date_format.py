"""Which number is the day and which the month is decided from the texts, or said to be unclear."""

import pytest

from dsml_magics.profile.date_format import DateFormat, read_date_formats


@pytest.mark.parametrize(
    ("texts", "patterns"),
    [
        (["2024-01-31", "2024-2-1"], ["%Y-%m-%d"]),
        (["31/01/2024", "1/2/2024"], ["%d/%m/%Y"]),
        (["01/31/2024", "1/2/2024"], ["%m/%d/%Y"]),
        (["31.1.2024 9:05", "1.2.2024 10:30"], ["%d.%m.%Y %H:%M"]),
        (["2024-01-31", "31/01/2024", "1/2/2024"], ["%Y-%m-%d", "%d/%m/%Y"]),
        (["31/01/2024", "01-31-2024"], ["%d/%m/%Y", "%m-%d-%Y"]),
        (["31/01/2024", "1/2/2024 10:30"], ["%d/%m/%Y", "%d/%m/%Y %H:%M"]),
        (["2024-01-31T10:30:59", "2024-01-31T10:30:59.125"], ["%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S.%f"]),
        (["01/31/2024 10:30 PM", "02/01/2024 1:05 am"], ["%m/%d/%Y %I:%M %p"]),
        ([" 2024/01/31 "], ["%Y/%m/%d"]),
    ],
)
def test_each_format_is_found(texts, patterns):
    assert read_date_formats(texts) == (tuple(DateFormat(pattern, zoned=False) for pattern in patterns), None)


def test_time_zones_are_part_of_the_format():
    texts = ["2024-01-31T10:00:00Z", "2024-01-31T10:00:00+09:00"]
    assert read_date_formats(texts) == ((DateFormat("%Y-%m-%dT%H:%M:%S%z", zoned=True),), None)


@pytest.mark.parametrize(
    ("texts", "unclear"),
    [
        (["1/1/2024", "1/2/2024", "12/12/2024"], "1/2/2024"),
        (["2024-01-31", "1/2/2024"], "1/2/2024"),
        (["31-01-2024", "1/2/2024"], "1/2/2024"),
        (["31/01/2024", "01/31/2024"], "31/01/2024"),
        (["2024-01-31 10:30", "2024-01-31 10:30 Uhr"], "2024-01-31 10:30 Uhr"),
        (["2024-01-31 10:30", "2024-01-31 10:30Z"], "2024-01-31 10:30Z"),
    ],
)
def test_what_can_be_read_in_several_ways_is_unclear(texts, unclear):
    assert read_date_formats(texts) == ((), unclear)


@pytest.mark.parametrize(
    "texts",
    [
        [],
        ["2024-01-01", "tomorrow"],
        ["2024-02-30"],
        ["2024-13-01"],
        ["32/01/2024"],
        ["2024-01-31 25:00"],
        ["2024-01-31 13:00 PM"],
        ["2024-01/31"],
        ["1.2.3"],
    ],
)
def test_other_texts_are_no_dates(texts):
    assert read_date_formats(texts) is None
