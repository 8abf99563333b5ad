"""Series of meetings: add, change, skip a date, end.

A change keeps the row of every date that still takes place, and with it the members' replies.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.errors import Invalid
from smsgate.groups.groups import check_zone
from smsgate.meetings import host_rotation, meetings, occurrences, recurrence
from smsgate.meetings.change_notices import Change, ChangeType, NotificationResult, check_length, send_change_notices
from smsgate.models import Group, Meeting, Series

LONGEST_WAIT = timedelta(days=2 * 366)  # for the first date


@dataclass(frozen=True, kw_only=True)
class Shape:
    """The settings of a series; `first` None means the earliest date that the rule allows."""

    rule: str
    at: time
    zone: str
    first: date | None = None
    until: date | None = None
    place: str | None = None
    topic: str | None = None
    minutes: int = 60


class Changed(NamedTuple):
    """What a change did: how many dates it changed, by kind, how many it added, and how many people are told."""

    what: Counter[ChangeType]
    added: int
    told: NotificationResult


def add_series(session: Session, group: Group, shape: Shape, now: datetime) -> Series:
    """Add a series and create its first dates. Members hear of it when they ask or are reminded. Raises Invalid."""
    shape = _counted_anew(_checked(shape), now)
    one = Series(group_id=group.id, group=group, created_at=now, look_at=now, **vars(shape))
    session.add(one)
    session.flush()
    occurrences.make_occurrence(session, [one], now)
    return one


def change_series(session: Session, one: Series, shape: Shape, now: datetime, code: str) -> Changed:
    """Apply new settings to a series. Raises Invalid.

    Dates that still take place keep their rows; the others are moved, cancelled or added.
    """
    _lock(session, one)
    had = shape_of(one)
    shape = _checked(shape)
    if shape.first != had.first or recurrence.rhythm(shape.rule) != recurrence.rhythm(had.rule):
        shape = _counted_anew(replace(shape, first=shape.first if shape.first != had.first else None), now)
    elif shape.rule != had.rule and shape.first:
        shape = replace(shape, first=recurrence.opening(shape.rule, shape.first))
    if _next(shape, now) is None:
        raise Invalid("With this change the series would never meet again. To end it: smsgate series end")
    for name, value in vars(shape).items():
        setattr(one, name, value)
    return _carry_out(session, one, had, now, code)


def end_series(session: Session, one: Series, now: datetime, code: str) -> Changed:
    """End a series and cancel its coming dates, told to each member in one text. Raises Invalid."""
    _lock(session, one)
    one.ended_at = now
    return _carry_out(session, one, shape_of(one), now, code)


def skip_date(session: Session, one: Series, day: date, now: datetime, code: str) -> int:
    """Cancel the date of `day`, however far ahead; return how many people are told. Raises Invalid."""
    _lock(session, one)
    found = date_of(session, one, day)
    if found is None:
        start = occurrences.occurrences_of(one, day, now, through=day).get(day)
        if start is None or start <= now:
            raise Invalid(f"This series does not meet on {day}. See: smsgate series show {one.id}")
        found = Meeting(
            group_id=one.group_id, group=one.group, series_id=one.id, series_day=day, starts_at=start, planned_at=start,
            place=one.place, topic=one.topic, minutes=one.minutes, moves=0, changes=0, created_at=now,
        )  # fmt: skip
        session.add(found)
        session.flush()
    if found.starts_at <= now:
        raise Invalid(f"The meeting of {day} is over.")
    return meetings.cancel(session, found, now, code)


def add_extra_date(session: Session, one: Series, local: datetime, now: datetime) -> Meeting:
    """Add one date at a local time outside the rule, with the place, topic and length of the series. Raises Invalid.

    Later changes of the series leave it alone; the end of the series cancels it.
    """
    _lock(session, one)
    made = meetings.plan(session, one.group, local, one.place, now)
    made.series_id, made.topic, made.minutes = one.id, one.topic, one.minutes
    made.planned_at = made.starts_at
    session.flush()
    host_rotation.assign_hosts(session, one, now)
    return made


def date_of(session: Session, one: Series, day: date) -> Meeting | None:
    """Return the meeting that the rule gives for `day`, even if it has been moved."""
    return session.scalars(select(Meeting).where(Meeting.series_id == one.id, Meeting.series_day == day)).first()


def to_come(session: Session, one: Series, now: datetime) -> list[Meeting]:
    """Return the dates of a series that have not begun, cancelled ones included, soonest first."""
    rows = select(Meeting).where(Meeting.series_id == one.id, Meeting.starts_at > now)
    return list(session.scalars(rows.order_by(Meeting.starts_at, Meeting.id)))


def series_of(session: Session, group: Group) -> list[Series]:
    """Return the series of a group that have not ended."""
    rows = select(Series).where(Series.group_id == group.id, Series.ended_at.is_(None))
    return list(session.scalars(rows.order_by(Series.id)))


def shape_of(one: Series) -> Shape:
    """Return the current settings of a series."""
    return Shape(**{name: getattr(one, name) for name in Shape.__dataclass_fields__})


def _lock(session: Session, one: Series) -> None:
    """Lock and reload the row: the scheduler, or another admin, waits until this transaction ends. Raises Invalid."""
    session.execute(
        select(Series).where(Series.id == one.id).with_for_update().execution_options(populate_existing=True)
    )
    if one.ended_at is not None:
        raise Invalid("This series has ended.")


def _checked(shape: Shape) -> Shape:
    check_zone(shape.zone)
    check_length(shape.minutes)
    return replace(
        shape,
        place=meetings.checked_words("place", shape.place),
        topic=meetings.checked_words("topic", shape.topic),
    )


def _counted_anew(shape: Shape, now: datetime) -> Shape:
    """Set `first`, from which weeks and months are counted, to the next date on a day that the rule allows.

    Raises Invalid.
    """
    today = now.astimezone(ZoneInfo(shape.zone)).date()
    if shape.first and shape.first < today:
        raise Invalid("That date is in the past.")
    if shape.first and shape.first > today + LONGEST_WAIT:
        raise Invalid("A series begins within two years.")
    first = _next(replace(shape, rule=recurrence.without_gaps(shape.rule), first=shape.first or today), now)
    if first is None:
        raise Invalid("This series would never meet: no date fits the rule before its end.")
    return replace(shape, first=first)


def _next(shape: Shape, now: datetime) -> date | None:
    """Return the first date that has not begun, None if there is none."""
    zone = ZoneInfo(shape.zone)
    today = now.astimezone(zone).date()
    ahead = recurrence.dates(shape.rule, shape.first or today, shape.until, today)
    return next((day for day in ahead if occurrences.starts_at(datetime.combine(day, shape.at, zone)) > now), None)


def _carry_out(session: Session, one: Series, had: Shape, now: datetime, code: str) -> Changed:
    rows = [row for row in to_come(session, one, now) if row.series_day or one.ended_at]  # not extra dates
    days = [row.series_day for row in rows if row.series_day]
    since = min([occurrences.today(one, now), *days])
    wanted = {} if one.ended_at else occurrences.occurrences_of(one, since, now, through=max(days, default=None))
    found = [change for row in rows for change in _follow(row, one, had, wanted, now)]
    session.flush()
    added = 0 if one.ended_at else occurrences.make_occurrence(session, [one], now)
    one.changes += 1
    following = next((row for row in to_come(session, one, now) if row.cancelled_at is None), None)
    told = send_change_notices(session, found, following, f"series:{one.id}:{one.changes}", now, code)
    return Changed(Counter(one.what for one in found), added, told)


def _follow(row: Meeting, one: Series, had: Shape, wanted: dict[date, datetime], now: datetime) -> Iterator[Change]:
    """Bring one date in line with its series; yield what members are to be told of it."""
    before, start = row.starts_at, wanted.get(row.series_day) if row.series_day else None
    if row.cancelled_at is not None:
        if row.planned_at is None and start is not None and start > now:  # a change of the series dropped it
            row.cancelled_at = None
            row.starts_at, row.moves = start, row.moves + 1
            row.place, row.topic, row.minutes = one.place, one.topic, one.minutes
            row.planned_at = start
            meetings.mark_changed(row, now)
            yield Change(row, ChangeType.ON_AFTER_ALL, start)
        return
    if start is None:
        row.cancelled_at, row.planned_at = now, None
        meetings.mark_changed(row, now)
        yield Change(row, ChangeType.CANCELLED, before)
        return
    if row.starts_at == row.planned_at != start and start > now:
        row.starts_at, row.moves = start, row.moves + 1
    row.planned_at = start
    elsewhere = _take_over(row, one, had)
    if row.starts_at != before or elsewhere:
        yield Change(row, ChangeType.MOVED if row.starts_at != before else ChangeType.ELSEWHERE, before, elsewhere)
    if row.starts_at != before or elsewhere or _describes(one) != _describes(had):
        meetings.mark_changed(row, now)


def _take_over(row: Meeting, one: Series, had: Shape) -> bool:
    """Copy place, topic and length from the series unless this date has its own; return whether the place changed."""
    place = row.place
    for name in ("place", "topic", "minutes"):
        if getattr(row, name) == getattr(had, name):
            setattr(row, name, getattr(one, name))
    return row.place != place


def _describes(what: Series | Shape) -> tuple[object, ...]:
    return what.place, what.topic, what.minutes
