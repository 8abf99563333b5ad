"""The calendar of a group, for those who have data: as iCalendar (RFC 5545), and a month on paper.

Whoever has its address reads it, so it says no more than the group lets be told: a place only where places are told,
the name and the topics only where the group chose so.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event
from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from smsgate.core.i18n import _
from smsgate.meetings import meetings, occurrences
from smsgate.models import Group, Meeting

BEHIND = timedelta(days=30)  # that a meeting stays in the calendar
USUAL = 60  # minutes, where nobody said how long
TOKEN_BYTES = 24


class Line(NamedTuple):
    """A meeting on paper; `start` and `end` are local."""

    start: datetime
    end: datetime
    topic: str
    place: str
    cancelled: bool


def open_for(session: Session, group: Group, now: datetime, *, named: bool | None = None, anew: bool = False) -> str:
    """The token of the group's calendar, made if there is none, or `anew`; `named` sets whether it says the name."""
    if group.calendar_token is None or anew:
        group.calendar_token = secrets.token_urlsafe(TOKEN_BYTES)
    if named is not None and named != group.calendar_named:
        group.calendar_named, group.calendar_at = named, now
    return group.calendar_token


def of_token(session: Session, token: str) -> Group | None:
    """The group of a calendar's token."""
    return session.scalars(select(Group).where(Group.calendar_token == token)).first()


def title(group: Group) -> str:
    """What the calendar is called."""
    return group.name if group.calendar_named else _("Meetings")


def as_ical(session: Session, group: Group, now: datetime) -> tuple[bytes, datetime]:
    """The calendar from a month ago on, and when it changed last; the same bytes until something changes."""
    calendar = Calendar()
    calendar.add("PRODID", "-//smsgate//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", title(group))
    calendar.add("REFRESH-INTERVAL", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    changed = [group.calendar_at or group.created_at]
    for one in _between(session, group, Meeting.starts_at > now - BEHIND):
        calendar.add_component(_event(group, one))
        changed.append(_changed(one))
    return calendar.to_ical(), max(changed)


def _event(group: Group, one: Meeting) -> Event:
    event = Event()
    event.add("UID", f"{one.id}-{group.created_at:%Y%m%d%H%M%S%f}@smsgate")  # another installation has this id too
    event.add("SEQUENCE", one.changes)
    event.add("DTSTAMP", _changed(one))
    event.add("LAST-MODIFIED", _changed(one))
    event.add("DTSTART", one.starts_at)
    event.add("DTEND", one.starts_at + timedelta(minutes=one.minutes or USUAL))
    named = (group.name, one.topic) if group.calendar_named else (_("Meeting"),)
    event.add("SUMMARY", ": ".join(filter(None, named)))
    if group.tells_place and one.place:
        event.add("LOCATION", one.place)
    event.add("STATUS", "CONFIRMED" if one.cancelled_at is None else "CANCELLED")
    return event


def _changed(one: Meeting) -> datetime:
    return (one.changed_at or one.created_at).astimezone(UTC).replace(microsecond=0)


def month(session: Session, group: Group, first: date) -> list[Line]:
    """The meetings of a month on paper, skipped ones too; `first` is its first day."""
    return [_line(group, one) for one in of_month(session, group, first)]


def of_month(session: Session, group: Group, first: date) -> list[Meeting]:
    """The meetings of a month in the group's zone, skipped ones too; `first` is its first day."""
    zone = ZoneInfo(group.zone)
    after = (first + timedelta(days=31)).replace(day=1)
    start, end = (occurrences.starts_at(datetime.combine(day, time.min, zone)) for day in (first, after))
    found = _between(session, group, Meeting.starts_at >= start, Meeting.starts_at < end)
    return [one for one in found if not _dropped(one)]


def _dropped(one: Meeting) -> bool:
    """A date that its series has no longer: a board shows those that it has, and single ones skipped."""
    return one.cancelled_at is not None and one.series_id is not None and one.planned_at is None


def goes_on(first: date, now: datetime) -> bool:
    """True where a month reaches further than dates are made ahead."""
    return first + timedelta(days=31) > (now + occurrences.AHEAD).date()


def _line(group: Group, one: Meeting) -> Line:
    start = meetings.local_start(one)
    end = (one.starts_at + timedelta(minutes=one.minutes or USUAL)).astimezone(ZoneInfo(group.zone))
    topic = (one.topic or "") if group.calendar_named else ""
    place = (one.place or "") if group.tells_place else ""
    return Line(start, end, topic, place, one.cancelled_at is not None)


def _between(session: Session, group: Group, *when: ColumnElement[bool]) -> Iterator[Meeting]:
    rows = select(Meeting).where(Meeting.group_id == group.id, *when).order_by(Meeting.starts_at, Meeting.id)
    return iter(session.scalars(rows))
