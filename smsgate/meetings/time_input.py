"""Reading dates and times as people type them on a phone, where `:` and `/` are hard to find.

Accepts `18:30`, `1830`, `24/12 18.30` and the like.
"""

from __future__ import annotations

import re
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from zoneinfo import ZoneInfo

AHEAD = timedelta(days=60)
A_YEAR_ON = timedelta(days=200)  # 3/1 typed in November means next January


class Wrong(StrEnum):
    """Why a time is refused."""

    UNREADABLE = "unreadable"
    PAST = "past"
    FAR = "far"
    SKIPPED = "skipped"  # does not exist, because the clocks go forward


class InvalidTime(ValueError):
    """A time that cannot be used; `wrong` says why."""

    def __init__(self, wrong: Wrong) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong


def parse_time(typed: str, zone: ZoneInfo, now: datetime) -> datetime:
    """Return a typed time, today or with a day and month, in UTC; raise InvalidTime if it cannot be used."""
    return near_future_utc(_parse_local(typed, now.astimezone(zone)), zone, now)


def near_future_utc(local: datetime, zone: ZoneInfo, now: datetime) -> datetime:
    """Return a local time within the next 60 days in UTC; raise InvalidTime if it cannot be used."""
    if local.replace(tzinfo=zone) > now + AHEAD:
        raise InvalidTime(Wrong.FAR)
    return future_utc(local, zone, now)


def future_utc(local: datetime, zone: ZoneInfo, now: datetime) -> datetime:
    """Return a future local time in UTC; raise InvalidTime if it cannot be used."""
    start = local.replace(tzinfo=zone)
    if start <= now:  # before the conversion, which fails in the year 1 east of Greenwich
        raise InvalidTime(Wrong.PAST)
    utc = start.astimezone(UTC)
    if utc.astimezone(zone).replace(tzinfo=None) != local:
        raise InvalidTime(Wrong.SKIPPED)
    return utc


def _parse_local(typed: str, local_now: datetime) -> datetime:
    day, month, hour, minute = _parse_numbers(typed, local_now)
    for year in (local_now.year, local_now.year + 1):
        with suppress(ValueError):  # 29 February may exist next year only
            local = datetime(year, month, day, hour, minute)
            if local >= local_now.replace(tzinfo=None) - A_YEAR_ON:
                return local
    raise InvalidTime(Wrong.UNREADABLE)


def _parse_numbers(typed: str, local_now: datetime) -> tuple[int, int, int, int]:
    """Return day, month, hour and minute; raise InvalidTime if they cannot be read."""
    numbers = re.findall(r"\d+", typed)
    if numbers and len(numbers[-1]) in (3, 4) and len(numbers) in (1, 3):
        numbers[-1:] = [numbers[-1][:-2], numbers[-1][-2:]]
    if re.search(r"[^\W\d_]", typed) or any(len(number) > 2 for number in numbers):
        raise InvalidTime(Wrong.UNREADABLE)
    match [int(number) for number in numbers]:
        case [hour, minute]:
            return local_now.day, local_now.month, hour, minute
        case [day, month, hour, minute]:
            return day, month, hour, minute
    raise InvalidTime(Wrong.UNREADABLE)
