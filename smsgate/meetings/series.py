"""Series of meetings: adding, changing and ending one, and skipping a date.

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

from smsgate.core.admin_text import _
from smsgate.core.errors import Invalid
from smsgate.groups.groups import check_zone
from smsgate.meetings import host_rotation, meetings, occurrences, recurrence
from smsgate.meetings.change_notices import check_length
from smsgate.meetings.news import Change, ChangeType, NotificationResult, tag_of_place
from smsgate.meetings.waiting_news import tell_changes
from smsgate.models import Group, Meeting, Series
from smsgate.outbox import keys

LONGEST_WAIT = timedelta(days=2 * 366)  # until the first date


@dataclass(frozen=True, kw_only=True)
class SeriesSettings:
    """The settings of a series; `first` None means the earliest date that the rule allows."""

    rule: str
    at: time
    zone: str
    first: date | None = None
    until: date | None = None
    place: str | None = None
    topic: str | None = None
    minutes: int = 60


class SeriesChange(NamedTuple):
    """What a change did: how many dates it changed (by kind) and added, and how many people are told."""

    what: Counter[ChangeType]
    added: int
    told: NotificationResult


def add_series(session: Session, group: Group, settings: SeriesSettings, now: datetime) -> Series:
    """Add a series and create its first dates. Members learn of it by dialling or from a reminder. Raises Invalid."""
    settings = _with_first_date(_checked(settings), now)
    series = Series(group_id=group.id, group=group, created_at=now, look_at=now, **vars(settings))
    session.add(series)
    session.flush()
    occurrences.make_occurrences(session, [series], now)
    return series


def first_dates(settings: SeriesSettings, now: datetime, most: int) -> list[datetime]:
    """Return the first starts that a series with these settings would have, in UTC. Raises Invalid."""
    unsaved = Series(**vars(_with_first_date(_checked(settings), now)))
    starts = occurrences.occurrences_of(unsaved, occurrences.today(unsaved, now), now).values()
    return sorted(start for start in starts if start > now)[:most]


def change_series(session: Session, series: Series, settings: SeriesSettings, now: datetime, code: str) -> SeriesChange:
    """Apply new settings to a series. Raises Invalid.

    Dates that still take place keep their rows; the others are moved, cancelled or added.
    """
    _lock(session, series)
    previous = settings_of(series)
    settings = _checked(settings)
    if settings.first != previous.first or recurrence.rhythm(settings.rule) != recurrence.rhythm(previous.rule):
        first = settings.first if settings.first != previous.first else None
        settings = _with_first_date(replace(settings, first=first), now)
    elif settings.rule != previous.rule and settings.first:
        settings = replace(settings, first=recurrence.opening(settings.rule, settings.first))
    if _next_date(settings, now) is None:
        raise Invalid("With this change the series would never meet again. To end it: smsgate series end")
    for name, value in vars(settings).items():
        setattr(series, name, value)
    return _update_dates(session, series, previous, now, code)


def end_series(session: Session, series: Series, now: datetime, code: str) -> SeriesChange:
    """End a series, cancel its upcoming dates and tell each member in one text. Raises Invalid."""
    _lock(session, series)
    series.ended_at = now
    return _update_dates(session, series, settings_of(series), now, code)


def skip_date(session: Session, series: Series, day: date, now: datetime, code: str) -> int:
    """Cancel the date on `day`, however far ahead; return how many people are told. Raises Invalid."""
    _lock(session, series)
    meeting = date_of(session, series, day)
    if meeting is None:
        start = occurrences.occurrences_of(series, day, now, through=day).get(day)
        if start is None or start <= now:
            raise Invalid(f"This series does not meet on {day}. See: smsgate series show {series.id}")
        meeting = Meeting(
            group_id=series.group_id, group=series.group, series_id=series.id, series_day=day, starts_at=start,
            planned_at=start, place=series.place, topic=series.topic, minutes=series.minutes, moves=0, changes=0,
            created_at=now,
        )  # fmt: skip
        session.add(meeting)
        session.flush()
    if meeting.starts_at <= now:
        raise Invalid(_("The meeting of {day} is over.").format(day=day))
    return meetings.cancel(session, meeting, now, code)


def add_extra_date(session: Session, series: Series, local: datetime, now: datetime) -> Meeting:
    """Add one date at a local time outside the rule, with the place, topic and length of the series. Raises Invalid.

    Later changes of the series leave it alone; the end of the series cancels it.
    """
    _lock(session, series)
    meeting = meetings.plan(session, series.group, local, series.place, now)
    meeting.series_id, meeting.topic, meeting.minutes = series.id, series.topic, series.minutes
    meeting.planned_at = meeting.starts_at
    session.flush()
    host_rotation.assign_hosts(session, series, now)
    return meeting


def date_of(session: Session, series: Series, day: date) -> Meeting | None:
    """Return the meeting that the rule puts on `day`, even if it has been moved; None if there is no row for it."""
    return session.scalars(select(Meeting).where(Meeting.series_id == series.id, Meeting.series_day == day)).first()


def dates_to_come(session: Session, series: Series, now: datetime) -> list[Meeting]:
    """Return the dates of a series that have not begun, including cancelled ones, soonest first."""
    rows = select(Meeting).where(Meeting.series_id == series.id, Meeting.starts_at > now)
    return list(session.scalars(rows.order_by(Meeting.starts_at, Meeting.id)))


def _lock_dates(session: Session, series: Series, now: datetime) -> list[Meeting]:
    """Lock and reload the dates to come, which others may be changing at this moment; return them soonest first."""
    rows = select(Meeting).where(Meeting.series_id == series.id, Meeting.starts_at > now).order_by(Meeting.id)
    locked = rows.with_for_update(key_share=True).execution_options(populate_existing=True)
    return sorted(session.scalars(locked), key=lambda row: (row.starts_at, row.id))


def series_of(session: Session, group: Group) -> list[Series]:
    """Return a group's series that have not ended."""
    rows = select(Series).where(Series.group_id == group.id, Series.ended_at.is_(None))
    return list(session.scalars(rows.order_by(Series.id)))


def settings_of(series: Series) -> SeriesSettings:
    """Return the current settings of a series."""
    return SeriesSettings(**{name: getattr(series, name) for name in SeriesSettings.__dataclass_fields__})


def _lock(session: Session, series: Series) -> None:
    """Lock and reload the row: the scheduler, or another admin, waits until this transaction ends. Raises Invalid."""
    session.execute(
        select(Series).where(Series.id == series.id).with_for_update().execution_options(populate_existing=True)
    )
    if series.ended_at is not None:
        raise Invalid(_("This repeating meeting has ended."))


def _checked(settings: SeriesSettings) -> SeriesSettings:
    check_zone(settings.zone)
    check_length(settings.minutes)
    return replace(
        settings,
        place=meetings.checked_words(settings.place),
        topic=meetings.checked_words(settings.topic),
    )


def _with_first_date(settings: SeriesSettings, now: datetime) -> SeriesSettings:
    """Set `first`, from which weeks and months are counted, to the next date that the rule allows.

    Raises Invalid.
    """
    today = now.astimezone(ZoneInfo(settings.zone)).date()
    if settings.first and settings.first < today:
        raise Invalid("That date is in the past.")
    if settings.first and settings.first > today + LONGEST_WAIT:
        raise Invalid("A series begins within two years.")
    if settings.first and _is_over(settings, settings.first, now):
        raise Invalid("That time is in the past.")
    first_date = _next_date(
        replace(settings, rule=recurrence.without_gaps(settings.rule), first=settings.first or today), now
    )
    if first_date is None:
        raise Invalid("This series would never meet: no date fits the rule before its end.")
    return replace(settings, first=first_date)


def _is_over(settings: SeriesSettings, day: date, now: datetime) -> bool:
    return occurrences.starts_at(datetime.combine(day, settings.at, ZoneInfo(settings.zone))) <= now


def _next_date(settings: SeriesSettings, now: datetime) -> date | None:
    """Return the first date whose meeting has not begun; None if there is none."""
    zone = ZoneInfo(settings.zone)
    today = now.astimezone(zone).date()
    ahead = recurrence.dates(settings.rule, settings.first or today, settings.until, today)
    return next((day for day in ahead if occurrences.starts_at(datetime.combine(day, settings.at, zone)) > now), None)


def _update_dates(session: Session, series: Series, previous: SeriesSettings, now: datetime, code: str) -> SeriesChange:
    rows = [row for row in _lock_dates(session, series, now) if row.series_day or series.ended_at]  # not extra dates
    days = [row.series_day for row in rows if row.series_day]
    since = min([occurrences.today(series, now), *days])
    starts = {} if series.ended_at else occurrences.occurrences_of(series, since, now, through=max(days, default=None))
    changes = [change for row in rows for change in _update_date(row, series, previous, starts, now)]
    session.flush()
    added = 0 if series.ended_at else occurrences.make_occurrences(session, [series], now)
    series.changes += 1
    following = next((row for row in dates_to_come(session, series, now) if row.cancelled_at is None), None)
    notified = tell_changes(session, changes, following, keys.series_changed(series.id, series.changes), now, code)
    return SeriesChange(Counter(change.what for change in changes), added, notified)


def _update_date(
    row: Meeting, series: Series, previous: SeriesSettings, starts: dict[date, datetime], now: datetime
) -> Iterator[Change]:
    """Update one date to match its series; yield what members should be told about it."""
    before, start = row.starts_at, starts.get(row.series_day) if row.series_day else None
    if row.cancelled_at is not None:
        if row.planned_at is None and start is not None and start > now:  # it was dropped by a change of the series
            row.cancelled_at, known_place, elsewhere = None, tag_of_place(row.place), row.place != series.place
            row.starts_at, row.moves = start, row.moves + 1
            row.place, row.topic, row.minutes = series.place, series.topic, series.minutes
            row.planned_at = start
            meetings.mark_changed(row, now)
            yield Change(row, ChangeType.ON_AFTER_ALL, start, elsewhere, known_place if elsewhere else "")
        return
    if start is None:
        row.cancelled_at, row.planned_at = now, None
        meetings.mark_changed(row, now)
        yield Change(row, ChangeType.CANCELLED, before)
        return
    if row.starts_at == row.planned_at != start and start > now:
        row.starts_at, row.moves = start, row.moves + 1
    row.planned_at = start
    known_place = tag_of_place(row.place)
    elsewhere = _copy_details(row, series, previous)
    if row.starts_at != before or elsewhere:
        what = ChangeType.MOVED if row.starts_at != before else ChangeType.ELSEWHERE
        yield Change(row, what, before, elsewhere, known_place if elsewhere else "")
    if row.starts_at != before or elsewhere or _details_of(series) != _details_of(previous):
        meetings.mark_changed(row, now)


def _copy_details(row: Meeting, series: Series, previous: SeriesSettings) -> bool:
    """Copy place, topic and length from the series unless this date has its own; return whether the place changed."""
    place = row.place
    for name in ("place", "topic", "minutes"):
        if getattr(row, name) == getattr(previous, name):
            setattr(row, name, getattr(series, name))
    return row.place != place


def _details_of(settings: Series | SeriesSettings) -> tuple[object, ...]:
    return settings.place, settings.topic, settings.minutes
