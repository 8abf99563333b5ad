"""Reading a date and time as people type it on a phone."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from smsgate.meetings import time_input
from smsgate.meetings.time_input import InvalidTime

NAIROBI = ZoneInfo("Africa/Nairobi")
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)  # nine o'clock in Nairobi


@pytest.mark.parametrize(
    ("typed", "local"),
    [
        ("18:30", "2026-11-23 18:30"), ("1830", "2026-11-23 18:30"), ("18.30", "2026-11-23 18:30"),
        ("18 30", "2026-11-23 18:30"), (" 930 ", "2026-11-23 09:30"), ("9:01", "2026-11-23 09:01"),
        ("24/12 18:30", "2026-12-24 18:30"), ("24 12 1830", "2026-12-24 18:30"), ("24.12. 18.30", "2026-12-24 18:30"),
        ("3/1 8:00", "2027-01-03 08:00"), ("18h30", None), ("22/1 9:00", "2027-01-22 09:00"),
    ],
)  # fmt: skip
def test_what_can_be_read(typed: str, local: str | None) -> None:
    if local is None:
        with pytest.raises(InvalidTime, match="unreadable"):
            time_input.parse_time(typed, NAIROBI, NOW)
    else:
        assert time_input.parse_time(typed, NAIROBI, NOW).astimezone(NAIROBI).strftime("%Y-%m-%d %H:%M") == local


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ("", "unreadable"), ("25:00", "unreadable"), ("2500", "unreadable"), ("12:60", "unreadable"),
        ("7", "unreadable"), ("tomorrow", "unreadable"),
        ("31/2 10:00", "unreadable"), ("24/13 10:00", "unreadable"),
        ("1 2 3 4 5", "unreadable"), ("12345", "unreadable"), ("24/12/2026 10:00", "unreadable"),
        ("8:59", "past"), ("9:00", "past"), ("22/11 10:00", "past"), ("1/10 10:00", "past"),
        ("24/1 10:00", "far"), ("1/3 10:00", "far"),
    ],
)  # fmt: skip
def test_what_cannot_be(typed: str, wrong: str) -> None:
    with pytest.raises(InvalidTime, match=wrong):
        time_input.parse_time(typed, NAIROBI, NOW)


def test_on_new_years_eve_a_leap_day_is_next_years() -> None:
    eve = datetime(2027, 12, 31, 17, 0, tzinfo=UTC)
    assert time_input.parse_time("29/2 18:00", NAIROBI, eve) == datetime(2028, 2, 29, 15, 0, tzinfo=UTC)
    with pytest.raises(InvalidTime, match="unreadable"):
        time_input.parse_time("30/2 18:00", NAIROBI, eve)


def test_an_hour_that_the_clocks_skip_is_refused() -> None:
    paris, march = ZoneInfo("Europe/Paris"), datetime(2026, 3, 20, 6, 0, tzinfo=UTC)
    with pytest.raises(InvalidTime, match="skipped"):
        time_input.parse_time("29/3 2:30", paris, march)
    assert time_input.parse_time("29/3 3:30", paris, march) == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
