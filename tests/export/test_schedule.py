"""Five fields of cron: what is one, what is none, and the same times for systemd."""

import pytest

from dsml_magics.errors import UsageError
from dsml_magics.export.schedule import schedule_of


@pytest.mark.parametrize(
    ("text", "calendars"),
    [
        ("0 6 * * *", ("*-*-* 06:00:00",)),
        ("*/20 * * * *", ("*-*-* *:00,20,40:00",)),
        ("0 6 1,15 jan-mar *", ("*-01,02,03-01,15 06:00:00",)),
        ("5 4 * * sun", ("Sun *-*-* 04:05:00",)),
        ("5 4 * * 5-7", ("Sun,Fri,Sat *-*-* 04:05:00",)),
        ("0 0 13 * 5", ("Fri *-*-* 00:00:00", "*-*-13 00:00:00")),
        ("0-59 0-23 1-31 1-12 0-6", ("*-*-* *:*:00",)),
        ("0 0 1-31 * 5", ("*-*-* 00:00:00",)),
        ("0 0 */2 * 1", ("Mon *-*-01,03,05,07,09,11,13,15,17,19,21,23,25,27,29,31 00:00:00",)),
        ("10-30/10 0 * * *", ("*-*-* 00:10,20,30:00",)),
    ],
)
def test_a_schedule_as_a_calendar(text, calendars):
    assert schedule_of(text).calendars == calendars


def test_sunday_is_nought_to_all_engines():
    assert schedule_of("0 6 * * 5-7").text == "0 6 * * 0,5,6"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "five fields"),
        ("0 6 * *", "five fields"),
        ("@daily", "five fields"),
        ("0 6 * * * 2026", "five fields"),
        ("60 6 * * *", "the minute of a schedule as 0-59"),
        ("0 24 * * *", "the hour of a schedule as 0-23"),
        ("0 6 0 * *", "the day of the month"),
        ("0 6 * 13 *", "the month of"),
        ("0 6 * * 8", "the day of the week"),
        ("0 6 * * mon-fry", "'mon-fry'"),
        ("5-1 6 * * *", "'5-1'"),
        ("*/0 6 * * *", "'*/0'"),
        ("5/10 6 * * *", "'5/10'"),
        ("1,,2 6 * * *", "''"),
        ("٣ 6 * * *", "the minute"),
        ("0 6 31 feb,apr *", "a day that exists"),
    ],
)
def test_what_is_no_schedule_is_told(text, said):
    with pytest.raises(UsageError, match=said.replace("*", r"\*")):
        schedule_of(text)


@pytest.mark.parametrize(
    ("text", "minutes", "hours", "days", "months", "weekdays", "either"),
    [
        ("* * * * *", (), (), (), (), (), False),
        ("59 23 31 12 6", (59,), (23,), (31,), (12,), (6,), True),
        ("0 0 1 1 0", (0,), (0,), (1,), (1,), (0,), True),
        ("0 0 * dec,JAN Sat", (0,), (0,), (), (1, 12), (6,), False),
        ("0 0 1 * 0-6", (0,), (0,), (), (), (), False),
        ("0 0 1 * *", (0,), (0,), (1,), (), (), False),
        ("0 0 * * 7", (0,), (0,), (), (), (0,), False),
        ("0 0 * * 6,7", (0,), (0,), (), (), (0, 6), False),
        ("0 0 * * 1-7/3", (0,), (0,), (), (), (1, 4, 0), False),
        ("*/45 */23 */30 */11 */6", (0, 45), (0, 23), (1, 31), (1, 12), (0, 6), False),
        ("10-12,3,11-13 0 * * *", (3, 10, 11, 12, 13), (0,), (), (), (), False),
        ("7-7 0 * * *", (7,), (0,), (), (), (), False),
    ],
)
def test_the_values_of_each_field(text, minutes, hours, days, months, weekdays, either):
    found = schedule_of(text)
    assert (found.minutes, found.hours, found.days, found.months) == (minutes, hours, days, months)
    assert (found.weekdays, found.either) == (tuple(sorted(weekdays)), either)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("0 6 * * 7", "0 6 * * 0"),
        ("0  6 * *\t1,7", "0 6 * * 0,1"),
        ("0 6 * * 1-7", "0 6 * * 0,1,2,3,4,5,6"),
        ("17 7 7 7 1", "17 7 7 7 1"),
        ("0 6 * * */7", "0 6 * * */7"),
    ],
)
def test_all_but_the_seventh_day_is_kept_as_the_user_wrote_it(text, kept):
    assert schedule_of(text).text == kept


def test_what_was_got_is_said_with_what_was_expected():
    with pytest.raises(UsageError, match=r"such as '0 6 \* \* 1-5', got '0 6'"):
        schedule_of("0 6")
    with pytest.raises(UsageError, match=r"minute of a schedule as 0-59, .* got '60'"):
        schedule_of("1,60 6 * * *")
    with pytest.raises(UsageError, match=r"minute of a schedule as 0-59, .* got '1-5/0'"):
        schedule_of("1-5/0 6 * * *")
    with pytest.raises(UsageError, match="got '0 0 31 6 .': no such month has that day"):
        schedule_of("0 0 31 6 *")


@pytest.mark.parametrize("month", range(1, 13))
def test_the_last_day_of_each_month_exists(month):
    last = 29 if month == 2 else 30 if month in (4, 6, 9, 11) else 31
    assert schedule_of(f"0 0 {last} {month} *").days == (last,)
    if last < 31:
        with pytest.raises(UsageError, match="a day that exists"):
            schedule_of(f"0 0 {last + 1} {month} *")
        # Another day, another month or a day of the week makes it due.
        assert schedule_of(f"0 0 1,{last + 1} {month} *").days == (1, last + 1)
        assert schedule_of(f"0 0 {last + 1} {month} 1").either
        assert schedule_of(f"0 0 {last + 1} {month},12 *").months == (*sorted({month, 12}),)
