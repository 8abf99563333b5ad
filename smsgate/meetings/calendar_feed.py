"""The calendar of a group, for those who have data: a feed in iCalendar format (RFC 5545), and a month to print.

Anybody who has its address can read it, so it says no more than the group allows: places only if the group tells
places, the group's name and the topics only if it chose to show them.
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

BEHIND = timedelta(days=30)  # for which a past meeting stays in the feed
USUAL = 60  # minutes, for a meeting without a length
TOKEN_BYTES = 24


class Line(NamedTuple):
    """A meeting on the printed month; `start` and `end` are local."""

    start: datetime
    end: datetime
    topic: str
    place: str
    cancelled: bool


def open_for(session: Session, group: Group, now: datetime, *, named: bool | None = None, anew: bool = False) -> str:
    """Return the token of the group's feed, creating one if there is none or if `anew`.

    `named` sets whether the feed shows the group's name and topics; None leaves that.
    """
    if group.calendar_token is None or anew:
        group.calendar_token = secrets.token_urlsafe(TOKEN_BYTES)
    if named is not None and named != group.calendar_named:
        group.calendar_named, group.calendar_at = named, now
    return group.calendar_token


def of_token(session: Session, token: str) -> Group | None:
    """Return the group whose feed has this token."""
    return session.scalars(select(Group).where(Group.calendar_token == token)).first()


def title(group: Group) -> str:
    """Return the group's name if the feed shows it, else a neutral title."""
    return group.name if group.calendar_named else _("Meetings")


def as_ical(session: Session, group: Group, now: datetime) -> tuple[bytes, datetime]:
    """Return the feed, from 30 days ago on, and when it last changed; its bytes stay the same until then."""
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
    event.add("UID", f"{one.id}-{group.created_at:%Y%m%d%H%M%S%f}@smsgate")  # other installations use the same ids
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
    """Return a month to print, cancelled meetings included; `first` is its first day."""
    return [_line(group, one) for one in of_month(session, group, first)]


def of_month(session: Session, group: Group, first: date) -> list[Meeting]:
    """Return the meetings of a month in the group's zone, cancelled ones included; `first` is its first day.

    Dates that a change of their series dropped are left out.
    """
    zone = ZoneInfo(group.zone)
    after = (first + timedelta(days=31)).replace(day=1)
    start, end = (occurrences.starts_at(datetime.combine(day, time.min, zone)) for day in (first, after))
    found = _between(session, group, Meeting.starts_at >= start, Meeting.starts_at < end)
    return [one for one in found if not _dropped(one)]


def _dropped(one: Meeting) -> bool:
    """Whether the series no longer has this date; a date that was cancelled by hand is shown as cancelled."""
    return one.cancelled_at is not None and one.series_id is not None and one.planned_at is None


def goes_on(first: date, now: datetime) -> bool:
    """Whether a month reaches beyond the dates that have been created ahead."""
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
