"""Creating the dates of series ahead of time, as rows of `meetings` that members can read and reply to.

A row is unique per series and day of its rule, so a date exists once, no matter who creates it or how often.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from dateutil import tz
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from smsgate.core.database import insert_new
from smsgate.meetings import host_rotation, recurrence
from smsgate.models import Meeting, Series, SeriesLeader
from smsgate.models.row_failures import work_on_each

AHEAD = timedelta(days=60)  # dates this near exist as rows, so that members can reply to them
AT_LEAST = 3  # future dates created for a series that meets less often than that
PLAN_EVERY = timedelta(days=7)
MOST = 500  # series in one run of the scheduler
Date = tuple[int | None, date | None]  # a series and the day of its rule


def starts_at(local: datetime) -> datetime:
    """Convert a local time with its zone to UTC.

    A time that is skipped when the clocks go forward becomes the next one that exists. Of a time that occurs twice when
    they go back, the first is used.
    """
    while not tz.datetime_exists(local):
        local += timedelta(minutes=1)
    return local.replace(fold=0).astimezone(UTC)


def occurrences_of(series: Series, since: date, now: datetime, through: date | None = None) -> dict[date, datetime]:
    """Map each day of the series from `since` on to its start in UTC.

    Covers the period for which rows are created, and at least up to `through`.
    """
    starts: dict[date, datetime] = {}
    later, zone = 0, ZoneInfo(series.zone)
    for day in recurrence.dates(series.rule, series.first, series.until, since):
        start = starts_at(datetime.combine(day, series.at, zone))
        if start > now + PLAN_EVERY + AHEAD and later >= AT_LEAST and (through is None or day > through):
            break
        starts[day] = start
        later += start > now + PLAN_EVERY
    return starts


def plan_ahead(session: Session, now: datetime) -> int:
    """Create the dates that are now near enough, for every series that is due; return how many are new."""
    due = select(Series.id).where(Series.ended_at.is_(None), Series.look_at <= now).order_by(Series.look_at, Series.id)
    ids, made = session.scalars(due.limit(MOST).with_for_update(skip_locked=True)).all(), []

    def plan(ids: Sequence[int]) -> None:
        rows = select(Series).where(Series.id.in_(ids)).order_by(Series.look_at, Series.id)
        made.append(make_occurrences(session, session.scalars(rows).all(), now))

    work_on_each(session, "dates of series", ids, plan, now)
    return sum(made)


def plan_anew(session: Session, now: datetime) -> None:
    """Have the next run look at every series: this process may know other rules of time zones than the last one."""
    session.execute(update(Series).where(Series.ended_at.is_(None), Series.look_at > now).values(look_at=now))


def make_occurrences(session: Session, all_series: Sequence[Series], now: datetime) -> int:
    """Create the missing dates of these series and assign their hosts; return how many are new.

    The series must be new, or locked by the caller.
    """
    planned = [
        (series, day, start)
        for series in all_series
        for day, start in occurrences_of(series, today(series, now), now).items()
        if start > now
    ]
    existing = _existing_dates(session, [series.id for series in all_series], now)
    rows = [_row(series, day, start, now) for series, day, start in planned if (series.id, day) not in existing]
    _keep_local_times(session, {(series.id, day): start for series, day, start in planned}, existing, now)
    for series in all_series:
        series.look_at = now + PLAN_EVERY
    insert = insert_new(session, Meeting).returning(Meeting.id)
    made = len(session.scalars(insert, rows).all()) if rows else 0
    with_hosts = (
        select(SeriesLeader.series_id)
        .where(SeriesLeader.series_id.in_([series.id for series in all_series]))
        .distinct()
    )
    for series_id in session.scalars(with_hosts).all():
        host_rotation.assign_hosts(session, next(series for series in all_series if series.id == series_id), now)
    return made


def today(series: Series, now: datetime) -> date:
    """Return today's date in the zone of the series."""
    return now.astimezone(ZoneInfo(series.zone)).date()


def _existing_dates(session: Session, ids: list[int], now: datetime) -> dict[Date, datetime | None]:
    """Return when each of these dates was planned to start; None for one that is no longer in its series."""
    since = (now - timedelta(days=2)).date()  # two days back is before today in every zone
    columns = (Meeting.series_id, Meeting.series_day, Meeting.planned_at)
    rows = select(*columns).where(Meeting.series_id.in_(ids), Meeting.series_day >= since)
    return {(series_id, day): planned_at for series_id, day, planned_at in session.execute(rows)}


def _keep_local_times(
    session: Session, planned: Mapping[Date, datetime], existing: Mapping[Date, datetime | None], now: datetime
) -> None:
    """Let dates keep their local time if the rules of their zone have changed since they were created: a new tzdata.

    Nobody is told, since nothing changed for them. A date that was moved by hand stays at its moment.
    """
    for date_, before in existing.items():
        start = planned.get(date_, before)
        if start == before or before is None:
            continue
        same = (Meeting.series_id == date_[0], Meeting.series_day == date_[1])
        unmoved = (Meeting.planned_at == before, Meeting.starts_at == before, Meeting.cancelled_at.is_(None))
        changed = {"starts_at": start, "planned_at": start, "changed_at": now, "look_at": None}
        session.execute(update(Meeting).where(*same, *unmoved).values(changes=Meeting.changes + 1, **changed))


def _row(series: Series, day: date, start: datetime, now: datetime) -> dict[str, Any]:
    return {
        "group_id": series.group_id, "series_id": series.id, "series_day": day, "starts_at": start, "planned_at": start,
        "place": series.place, "topic": series.topic, "minutes": series.minutes, "moves": 0, "changes": 0,
        "created_at": now,
    }  # fmt: skip
