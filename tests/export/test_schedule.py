"""Five fields of cron: what is one, what is none, and the same times for systemd."""

import datetime as dt
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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


def field(low, high):
    number = st.integers(low, high)
    span = st.tuples(number, number, st.integers(1, 20)).map(
        lambda found: f"{min(found[:2])}-{max(found[:2])}/{found[2]}"
    )
    part = number.map(str) | span
    return (
        st.just("*")
        | st.integers(1, 20).map("*/{}".format)
        | st.lists(part, min_size=1, max_size=3).map(",".join)
    )


def matches(values, value):
    return not values or value in values


def is_due(schedule, moment):
    date = matches(schedule.days, moment.day)
    week = matches(schedule.weekdays, moment.isoweekday() % 7)
    day = date or week if schedule.either else date and week
    time = matches(schedule.hours, moment.hour) and matches(schedule.minutes, moment.minute)
    return matches(schedule.months, moment.month) and day and time


def next_of_cron(schedule, after):
    days = (after.date() + dt.timedelta(days=days) for days in range(3000))
    minutes = (
        dt.datetime.combine(day, dt.time(hour, minute))
        for day in days
        for hour in schedule.hours or range(24)
        for minute in schedule.minutes or range(60)
    )
    return next(moment for moment in minutes if moment > after and is_due(schedule, moment))


def next_of_systemd(schedule, after):
    words = ["systemd-analyze", "calendar", f"--base-time={after:%Y-%m-%d %H:%M:%S} UTC"]
    done = subprocess.run(
        [*words, *schedule.calendars],
        capture_output=True,
        text=True,
        check=True,
        env={"TZ": "UTC", "LC_ALL": "C"},
    )
    found = [line.split()[3:5] for line in done.stdout.splitlines() if "Next elapse" in line]
    return min(dt.datetime.fromisoformat(" ".join(words)) for words in found)


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
@settings(max_examples=60, deadline=None)
@given(
    st.tuples(field(0, 59), field(0, 23), field(1, 28), field(1, 12), field(0, 7)).map(" ".join),
    st.datetimes(dt.datetime(2025, 1, 1), dt.datetime(2028, 1, 1)).map(
        lambda found: found.replace(microsecond=0)
    ),
)
def test_cron_and_systemd_begin_at_the_same_time(text, after):
    schedule = schedule_of(text)
    assert next_of_systemd(schedule, after) == next_of_cron(schedule, after)
