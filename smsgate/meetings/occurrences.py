"""The dates of series, made real ahead: a date is a row of `meetings` once, whoever makes it and however often."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import tz
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.database import insert_new
from smsgate.meetings import host_rotation, recurrence
from smsgate.models import Meeting, Series, SeriesLeader

AHEAD = timedelta(days=60)  # dates within it are there to be read and answered
AT_LEAST = 3  # dates of a series that meets more seldom
LOOK_EVERY = timedelta(days=7)
MOST = 500  # series in one round of the clock


def starts_at(local: datetime) -> datetime:
    """The moment of a local time with its zone, in UTC.

    Where the clocks go forward it may not exist: then the first that does. Where it comes twice: the first.
    """
    while not tz.datetime_exists(local):
        local += timedelta(minutes=1)
    return local.replace(fold=0).astimezone(UTC)


def occurrences_of(one: Series, since: date, now: datetime, through: date | None = None) -> dict[date, datetime]:
    """When each date begins that `one` has from `since`, as far ahead as dates are made, and to `through` at least."""
    found: dict[date, datetime] = {}
    later, zone = 0, ZoneInfo(one.zone)
    for day in recurrence.dates(one.rule, one.first, one.until, since):
        start = starts_at(datetime.combine(day, one.at, zone))
        if start > now + LOOK_EVERY + AHEAD and later >= AT_LEAST and (through is None or day > through):
            break
        found[day] = start
        later += start > now + LOOK_EVERY
    return found


def plan_ahead(session: Session, now: datetime) -> int:
    """Make the dates that have come near, of every series that is due for a look; how many are new."""
    due = select(Series).where(Series.ended_at.is_(None), Series.look_at <= now).order_by(Series.look_at, Series.id)
    found = session.scalars(due.limit(MOST).with_for_update(skip_locked=True)).all()
    return make_occurrence(session, found, now) if found else 0


def make_occurrence(session: Session, found: Sequence[Series], now: datetime) -> int:
    """Make what is missing of the dates ahead; how many are new. The series are locked, or new."""
    wanted = [
        (one, day, start)
        for one in found
        for day, start in occurrences_of(one, today(one, now), now).items()
        if start > now
    ]
    have = _have(session, [one.id for one in found], now)
    rows = [_row(one, day, start, now) for one, day, start in wanted if (one.id, day) not in have]
    for one in found:
        one.look_at = now + LOOK_EVERY
    insert = insert_new(session, Meeting).returning(Meeting.id)
    made = len(session.scalars(insert, rows).all()) if rows else 0
    led = select(SeriesLeader.series_id).where(SeriesLeader.series_id.in_([one.id for one in found])).distinct()
    for series_id in session.scalars(led).all():
        host_rotation.assign_hosts(session, next(one for one in found if one.id == series_id), now)
    return made


def today(one: Series, now: datetime) -> date:
    """The date on the wall where the series meets."""
    return now.astimezone(ZoneInfo(one.zone)).date()


def _have(session: Session, ids: list[int], now: datetime) -> set[tuple[int | None, date | None]]:
    since = (now - timedelta(days=2)).date()  # before today in any zone
    rows = select(Meeting.series_id, Meeting.series_day).where(Meeting.series_id.in_(ids), Meeting.series_day >= since)
    return {(series_id, day) for series_id, day in session.execute(rows)}


def _row(one: Series, day: date, start: datetime, now: datetime) -> dict[str, Any]:
    return {
        "group_id": one.group_id, "series_id": one.id, "series_day": day, "starts_at": start, "planned_at": start,
        "place": one.place, "topic": one.topic, "minutes": one.minutes, "moves": 0, "changes": 0, "created_at": now,
    }  # fmt: skip
