"""Series of meetings, straight in the database, and local times in their zones."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from smsgate.meetings import change_notices, meetings, series
from smsgate.meetings.series import SeriesChange, SeriesSettings
from smsgate.models import Group, Meeting, Series
from smsgate.service import Service

CODE = "*384*77#"
FRIDAYS = SeriesSettings(rule="FREQ=WEEKLY;BYDAY=FR", at=time(15), zone="Africa/Nairobi", place="Hall", minutes=90)
ZONES = ("Africa/Nairobi", "America/Toronto", "Europe/Paris", "America/Santiago")
WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
# Times around clock changes in 2026 and 2027, among others: somewhere 2:30 or 0:30 is skipped, or 1:30 comes twice.
TIMES = (time(0, 30), time(1, 30), time(2, 30), time(14), time(23, 45))


def begins(service: Service, group: Group, shape: SeriesSettings = FRIDAYS) -> Series:
    """Add a series to the group, with its first dates."""
    with service.database.transaction() as session:
        return series.add_series(session, session.get_one(Group, group.id), shape, service.now())


def changes(service: Service, one: Series, **values: Any) -> SeriesChange:
    """Change parts of a series and return what happened to its dates."""
    with service.database.transaction() as session:
        found = session.get_one(Series, one.id)
        return series.change_series(session, found, replace(series.settings_of(found), **values), service.now(), CODE)


def rows(service: Service, one: Series) -> dict[date, Meeting]:
    """Return the dates of a series, by the day that the rule gave each."""
    with service.database.reading() as session:
        found = session.scalars(select(Meeting).where(Meeting.series_id == one.id).order_by(Meeting.series_day))
        return {row.series_day: row for row in found if row.series_day}


def by_hand(service: Service, meeting: Meeting, to: datetime | None) -> None:
    """Move one date by hand, or cancel it if `to` is None."""
    with service.database.transaction() as session:
        found = session.get_one(Meeting, meeting.id)
        if to is None:
            meetings.cancel(session, found, service.now(), CODE)
        else:
            change_notices.move_meeting(session, found, to, service.now(), CODE)


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """Return the first minute, in UTC, at which clocks in `zone` show this time of the day or a later one."""
    minute = datetime.combine(day, time(0), UTC) - timedelta(hours=15)
    wanted = datetime.combine(day, at)
    low, high = 0, 48 * 60
    while low < high:  # clocks go back at most an hour, so this binary search may find the second of two
        middle = (low + high) // 2
        shown = (minute + timedelta(minutes=middle)).astimezone(zone).replace(tzinfo=None)
        low, high = (low, middle) if shown >= wanted else (middle + 1, high)
    first = minute + timedelta(minutes=low)
    early = first - timedelta(hours=1)
    return early if early.astimezone(zone).replace(tzinfo=None) == wanted else first
