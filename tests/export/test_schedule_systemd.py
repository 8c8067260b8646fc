"""Cron and systemd begin at the same time."""

import datetime as dt
import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsml_magics.export.schedule import schedule_of

pytestmark = pytest.mark.slow


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
