"""Changing one meeting's time, place, topic or length. Members affected by a new time or place are told."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from smsgate.core.admin_text import _
from smsgate.core.errors import Invalid
from smsgate.meetings.meetings import checked_words, future_start, local_start, lock, mark_changed
from smsgate.meetings.news import Change, ChangeType, NotificationResult, tag_of_place
from smsgate.meetings.waiting_news import tell_changes
from smsgate.models import Meeting
from smsgate.outbox import keys

LENGTHS = range(5, 24 * 60 + 1)  # minutes


def update_meeting(
    session: Session,
    meeting: Meeting,
    now: datetime,
    code: str,
    *,
    local: datetime | None = None,
    place: str | None = None,
    topic: str | None = None,
    minutes: int | None = None,
) -> NotificationResult:
    """Change the local time, place, topic or length in minutes of one meeting; None leaves a field, "" clears it.

    Members affected by a new time or place are told in one text. Raises Invalid.
    """
    lock(session, meeting)
    if meeting.cancelled_at is not None or meeting.starts_at <= now:
        raise Invalid(_("This meeting is cancelled or has begun."))
    details_before = (meeting.place, meeting.topic, meeting.minutes)
    _set_details(meeting, place, topic, minutes)
    after = (
        future_start(meeting.group, local, now) if local and local != _naive_local_start(meeting) else meeting.starts_at
    )
    if after == meeting.starts_at and details_before == (meeting.place, meeting.topic, meeting.minutes):
        return NotificationResult(0, now)
    place = tag_of_place(details_before[0]) if meeting.place != details_before[0] else ""
    return _save_and_send(session, meeting, after, place, now, code)


def move_meeting(session: Session, meeting: Meeting, local: datetime, now: datetime, code: str) -> NotificationResult:
    """Change the local time of one meeting. If it has begun already, nobody is told. Raises Invalid."""
    lock(session, meeting)
    if meeting.cancelled_at is not None:
        raise Invalid(_("This meeting is cancelled."))
    after = future_start(meeting.group, local, now)
    if after == meeting.starts_at:
        raise Invalid(_("The meeting is at that time already."))
    return _save_and_send(session, meeting, after, "", now, code)


def _save_and_send(
    session: Session, meeting: Meeting, after: datetime, known_place: str, now: datetime, code: str
) -> NotificationResult:
    before = meeting.starts_at
    moved = after != before
    meeting.starts_at, meeting.moves = after, meeting.moves + moved
    mark_changed(meeting, now)
    elsewhere, what = bool(known_place), ChangeType.MOVED if moved else ChangeType.ELSEWHERE
    change = Change(meeting, what, before, elsewhere, known_place)
    changes = [change] if (moved or elsewhere) and before > now else []
    key = keys.meeting_changed(meeting.id, meeting.changes)
    return tell_changes(session, changes, None, key, now, code)


def _naive_local_start(meeting: Meeting) -> datetime:
    return local_start(meeting).replace(tzinfo=None)


def _set_details(meeting: Meeting, place: str | None, topic: str | None, minutes: int | None) -> None:
    if place is not None:
        meeting.place = checked_words(place)
    if topic is not None:
        meeting.topic = checked_words(topic)
    if minutes is not None:
        meeting.minutes = check_length(minutes)


def check_length(minutes: int) -> int:
    """Return the length of a meeting in minutes if it is allowed; raise Invalid if not."""
    if minutes not in LENGTHS:
        raise Invalid(_("A meeting can last from 5 minutes to 24 hours."))
    return minutes
