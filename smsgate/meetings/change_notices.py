"""Tells members what changed about dates: at once, once, and in one text however many dates there are.

Members who replied no to a date are not told that it is cancelled or has another place, only of a new time, which may
suit them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.errors import Invalid
from smsgate.flows import sms
from smsgate.groups.wording import speaking_for
from smsgate.meetings.meetings import Addressee, addressees, checked_words, future_start, local_start, mark_changed
from smsgate.models import Group, Meeting, Member, Message, MessageKind, MessageStatus, Reply, RsvpStatus

LENGTHS = range(5, 24 * 60 + 1)  # minutes


class ChangeType(StrEnum):
    """What happened to a date."""

    CANCELLED = "cancelled"
    MOVED = "moved"
    ON_AFTER_ALL = "on after all"
    ELSEWHERE = "elsewhere"


class Change(NamedTuple):
    """One date that changed."""

    meeting: Meeting
    what: ChangeType
    before: datetime  # the start that members know of, in UTC
    elsewhere: bool = False


class NotificationResult(NamedTuple):
    """How many people are told, and when the text expires."""

    people: int
    expires_at: datetime


def send_change_notices(
    session: Session, changes: Sequence[Change], following: Meeting | None, key: str, now: datetime, code: str
) -> NotificationResult:
    """Queue one text to each member whom any of these changes concerns; return how many that are.

    All changes are of one group; `following` is its next date, which the text may name.
    """
    if not changes:
        return NotificationResult(0, now)
    changes = sorted(changes, key=lambda change: change.before)
    group = changes[0].meeting.group
    _delete_stale_reminders(session, [change.meeting.id for change in changes if change.elsewhere])
    said_no = _said_no(session, [change.meeting.id for change in changes])
    expires_at = min(min(change.before, change.meeting.starts_at) for change in changes)
    known: dict[tuple[str | None, bool, tuple[int, ...]], str] = {}
    texts = []
    for addressee in addressees(session, group.id):
        concerning = [
            change
            for change in changes
            if change.what is ChangeType.MOVED or (change.meeting.id, addressee.phone_id) not in said_no
        ]
        if not concerning:
            continue
        variant = (addressee.language, addressee.discreet, tuple(change.meeting.id for change in concerning))
        words = known[variant] = known.get(variant) or _words(addressee, concerning, following, group, code)
        text = outbox.Text(
            words=words, key=key, kind=MessageKind.MEETING_NEWS, expires_at=expires_at, group_id=group.id,
            meeting_id=concerning[0].meeting.id,
        )  # fmt: skip
        texts.append((addressee.phone_id, text))
    return NotificationResult(len(outbox.send_texts(session, texts, now)), expires_at)


def _words(addressee: Addressee, changes: list[Change], following: Meeting | None, group: Group, code: str) -> str:
    first, kinds = changes[0], {change.what for change in changes}
    before = first.before.astimezone(ZoneInfo(group.zone))
    group_name = "" if addressee.discreet else group.name
    place = "" if addressee.discreet or not group.tells_place else (first.meeting.place or "")
    after = local_start(following) if following else None
    with speaking_for(group, addressee.language):
        dates = sms.some_dates(before, len(changes) - 1)
        if len(changes) == 1 and first.what is ChangeType.MOVED:
            moved = sms.moved(before, local_start(first.meeting), group.name, code, discreet=addressee.discreet)
            return f"{moved} {place}" if first.elsewhere and place else moved
        if kinds == {ChangeType.ELSEWHERE}:
            return sms.elsewhere(dates, place, group_name, code, tells=group.tells_place)
        if kinds == {ChangeType.ON_AFTER_ALL}:
            return sms.on_after_all(dates, group_name, code)
        if kinds == {ChangeType.CANCELLED} or after is None:
            return sms.dates_cancelled(dates, after, group_name, code)
        return sms.dates_changed(dates, after, group_name, code)


def _said_no(session: Session, ids: Iterable[int]) -> set[tuple[int, int]]:
    rows = select(Reply.meeting_id, Member.phone_id).join(Member, Member.id == Reply.member_id)
    replies = session.execute(rows.where(Reply.meeting_id.in_(list(ids)), Reply.coming == RsvpStatus.NO))
    return {(meeting_id, phone_id) for meeting_id, phone_id in replies}


def _delete_stale_reminders(session: Session, ids: list[int]) -> None:
    """Delete waiting reminders, which name the old place; the scheduler queues them again."""
    stale = (Message.kind == MessageKind.REMINDER, Message.state == MessageStatus.WAITING, Message.meeting_id.in_(ids))
    session.execute(delete(Message).where(*stale).execution_options(synchronize_session=False))


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

    Members whom a new time or place concerns are told in one text. Raises Invalid.
    """
    if meeting.cancelled_at is not None or meeting.starts_at <= now:
        raise Invalid("This meeting is cancelled or has begun.")
    details_before = (meeting.place, meeting.topic, meeting.minutes)
    _set_details(meeting, place, topic, minutes)
    after = (
        future_start(meeting.group, local, now) if local and local != _naive_local_start(meeting) else meeting.starts_at
    )
    if after == meeting.starts_at and details_before == (meeting.place, meeting.topic, meeting.minutes):
        return NotificationResult(0, now)
    return _save_and_send(session, meeting, after, meeting.place != details_before[0], now, code)


def move_meeting(session: Session, meeting: Meeting, local: datetime, now: datetime, code: str) -> NotificationResult:
    """Change the local time of one meeting. It may have begun already, and then nobody is told. Raises Invalid."""
    if meeting.cancelled_at is not None:
        raise Invalid("This meeting is cancelled.")
    after = future_start(meeting.group, local, now)
    if after == meeting.starts_at:
        raise Invalid("That is the time it has already.")
    return _save_and_send(session, meeting, after, False, now, code)


def _save_and_send(
    session: Session, meeting: Meeting, after: datetime, elsewhere: bool, now: datetime, code: str
) -> NotificationResult:
    before = meeting.starts_at
    moved = after != before
    meeting.starts_at, meeting.moves = after, meeting.moves + moved
    mark_changed(meeting, now)
    change = Change(meeting, ChangeType.MOVED if moved else ChangeType.ELSEWHERE, before, elsewhere)
    changes = [change] if (moved or elsewhere) and before > now else []
    return send_change_notices(session, changes, meeting, f"altered:{meeting.id}:{meeting.changes}", now, code)


def _naive_local_start(meeting: Meeting) -> datetime:
    return local_start(meeting).replace(tzinfo=None)


def _set_details(meeting: Meeting, place: str | None, topic: str | None, minutes: int | None) -> None:
    if place is not None:
        meeting.place = checked_words("place", place)
    if topic is not None:
        meeting.topic = checked_words("topic", topic)
    if minutes is not None:
        meeting.minutes = check_length(minutes)


def check_length(minutes: int) -> int:
    """Return the length of a meeting in minutes if it is allowed; raises Invalid."""
    if minutes not in LENGTHS:
        raise Invalid("A meeting takes 5 minutes to 24 hours.")
    return minutes
