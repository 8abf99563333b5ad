"""Series of meetings, straight in the database, and the times that walls show in their zones."""

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
# Hours around each change of a clock in 2026 and 2027 among others: 2:30 and 0:30 are missing somewhere, 1:30 is twice.
TIMES = (time(0, 30), time(1, 30), time(2, 30), time(14), time(23, 45))


def begins(service: Service, group: Group, shape: SeriesSettings = FRIDAYS) -> Series:
    """A series of the group, with its first dates."""
    with service.database.transaction() as session:
        return series.add_series(session, session.get_one(Group, group.id), shape, service.now())


def changes(service: Service, one: Series, **values: Any) -> SeriesChange:
    """Change parts of a series' shape; what became of its dates."""
    with service.database.transaction() as session:
        found = session.get_one(Series, one.id)
        return series.change_series(session, found, replace(series.settings_of(found), **values), service.now(), CODE)


def rows(service: Service, one: Series) -> dict[date, Meeting]:
    """The dates of a series, each under the day that its rule gave it."""
    with service.database.reading() as session:
        found = session.scalars(select(Meeting).where(Meeting.series_id == one.id).order_by(Meeting.series_day))
        return {row.series_day: row for row in found if row.series_day}


def by_hand(service: Service, meeting: Meeting, to: datetime | None) -> None:
    """Someone moves one date, or cancels it where `to` is None."""
    with service.database.transaction() as session:
        found = session.get_one(Meeting, meeting.id)
        if to is None:
            meetings.cancel(session, found, service.now(), CODE)
        else:
            change_notices.move_meeting(session, found, to, service.now(), CODE)


def moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """The first minute of UTC at which the wall in `zone` shows this time or a later one of the day."""
    minute = datetime.combine(day, time(0), UTC) - timedelta(hours=15)
    wanted = datetime.combine(day, at)
    low, high = 0, 48 * 60
    while low < high:  # the wall goes back at most an hour, so a search by halves may land on the second of two
        middle = (low + high) // 2
        shown = (minute + timedelta(minutes=middle)).astimezone(zone).replace(tzinfo=None)
        low, high = (low, middle) if shown >= wanted else (middle + 1, high)
    first = minute + timedelta(minutes=low)
    early = first - timedelta(hours=1)
    return early if early.astimezone(zone).replace(tzinfo=None) == wanted else first
