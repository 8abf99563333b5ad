"""A group's calendar for people with mobile data: a feed in iCalendar format (RFC 5545), and a month to print.

Anybody with its address can read it, so it shows no more than the group allows: places only if the group tells places,
its name and topics only if it chose to show them.
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

BEHIND = timedelta(days=30)  # how long a past meeting stays in the feed
USUAL = 60  # minutes; the length of a meeting that has none
TOKEN_BYTES = 24


class Line(NamedTuple):
    """A meeting on the printed month; `start` and `end` are local."""

    start: datetime
    end: datetime
    topic: str
    place: str
    cancelled: bool


def open_for(group: Group, *, named: bool | None = None, anew: bool = False) -> str:
    """Return the token of the group's feed, creating one if there is none, or a new one if `anew`.

    `named` sets whether the feed shows the group's name and topics; None leaves that unchanged.
    """
    if group.calendar_token is None or anew:
        group.calendar_token = secrets.token_urlsafe(TOKEN_BYTES)
    if named is not None:
        group.calendar_named = named
    return group.calendar_token


def of_token(session: Session, token: str) -> Group | None:
    """Return the group whose feed has this token, or None."""
    return session.scalars(select(Group).where(Group.calendar_token == token)).first()


def title(group: Group) -> str:
    """Return the group's name if the feed shows it, else a neutral title."""
    return group.name if group.calendar_named else _("Meetings")


def as_ical(session: Session, group: Group, now: datetime) -> bytes:
    """Return the feed, from 30 days ago on; its bytes stay the same until something in it changes."""
    calendar = Calendar()
    calendar.add("PRODID", "-//smsgate//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", title(group))
    calendar.add("REFRESH-INTERVAL", timedelta(hours=6), parameters={"VALUE": "DURATION"})
    for meeting in _between(session, group, Meeting.starts_at > now - BEHIND):
        calendar.add_component(_event(group, meeting))
    return bytes(calendar.to_ical())


def _event(group: Group, meeting: Meeting) -> Event:
    event = Event()
    event.add("UID", f"{meeting.id}-{group.created_at:%Y%m%d%H%M%S%f}@smsgate")  # other installations use the same ids
    event.add("SEQUENCE", meeting.changes)
    event.add("DTSTAMP", _changed_at(meeting))
    event.add("LAST-MODIFIED", _changed_at(meeting))
    event.add("DTSTART", meeting.starts_at)
    event.add("DTEND", meeting.starts_at + timedelta(minutes=meeting.minutes or USUAL))
    named = (group.name, meeting.topic) if group.calendar_named else (_("Meeting"),)
    event.add("SUMMARY", ": ".join(filter(None, named)))
    if group.tells_place and meeting.place:
        event.add("LOCATION", meeting.place)
    event.add("STATUS", "CONFIRMED" if meeting.cancelled_at is None else "CANCELLED")
    return event


def _changed_at(meeting: Meeting) -> datetime:
    return (meeting.changed_at or meeting.created_at).astimezone(UTC).replace(microsecond=0)


def month(session: Session, group: Group, first: date) -> list[Line]:
    """Return a month to print, cancelled meetings included; `first` is its first day."""
    return [_printed(group, meeting) for meeting in of_month(session, group, first)]


def of_month(session: Session, group: Group, first: date) -> list[Meeting]:
    """Return the meetings of a month in the group's zone, cancelled ones included; `first` is its first day.

    Dates that a change of their series dropped are left out.
    """
    zone = ZoneInfo(group.zone)
    next_month = (first + timedelta(days=31)).replace(day=1)
    start, end = (occurrences.starts_at(datetime.combine(day, time.min, zone)) for day in (first, next_month))
    rows = _between(session, group, Meeting.starts_at >= start, Meeting.starts_at < end)
    return [meeting for meeting in rows if not _dropped(meeting)]


def _dropped(meeting: Meeting) -> bool:
    """Return whether the series has dropped this date; one that was cancelled by hand is shown as cancelled."""
    return meeting.cancelled_at is not None and meeting.series_id is not None and meeting.planned_at is None


def goes_on(first: date, now: datetime) -> bool:
    """Return whether a month extends beyond the dates that have been created ahead."""
    return first + timedelta(days=31) > (now + occurrences.AHEAD).date()


def _printed(group: Group, meeting: Meeting) -> Line:
    start = meetings.local_start(meeting)
    end = (meeting.starts_at + timedelta(minutes=meeting.minutes or USUAL)).astimezone(ZoneInfo(group.zone))
    topic = (meeting.topic or "") if group.calendar_named else ""
    place = (meeting.place or "") if group.tells_place else ""
    return Line(start, end, topic, place, meeting.cancelled_at is not None)


def _between(session: Session, group: Group, *conditions: ColumnElement[bool]) -> Iterator[Meeting]:
    rows = select(Meeting).where(Meeting.group_id == group.id, *conditions).order_by(Meeting.starts_at, Meeting.id)
    return iter(session.scalars(rows))
