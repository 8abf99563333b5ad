"""Single meetings: plan one, cancel it and tell its group, list the next ones as members see them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.errors import Invalid
from smsgate.flows import sms
from smsgate.flows.actions.results import MeetingSeen
from smsgate.groups.wording import speaking_for
from smsgate.meetings import time_input
from smsgate.models import Group, Meeting, Member, Membership, MessageKind, Phone, Reply, RsvpStatus
from smsgate.outbox.eligibility import refuses

SHOWN_MOST = 8
LONGEST_PLACE = 40
STILL_ON = timedelta(hours=1)  # a meeting that has just begun is still listed


class Addressee(NamedTuple):
    """A member of a group who may be texted."""

    phone_id: int
    language: str | None
    discreet: bool


def plan(session: Session, group: Group, local: datetime, place: str | None, now: datetime) -> Meeting:
    """Plan a meeting at `local`, a time in the group's zone without tzinfo; raises Invalid."""
    place = checked_words("place", place)
    meeting = Meeting(group_id=group.id, starts_at=future_start(group, local, now), place=place, created_at=now)
    session.add(meeting)
    session.flush()
    return meeting


def cancel(session: Session, meeting: Meeting, now: datetime, code: str) -> int:
    """Cancel a meeting and text its group at once, except those who replied no; return the number of texts queued.

    Nobody is told of a meeting that has begun. Raises Invalid.
    """
    if meeting.cancelled_at is not None:
        raise Invalid("This meeting is cancelled already.")
    meeting.cancelled_at = now
    mark_changed(meeting, now)
    if meeting.starts_at <= now:
        return 0

    def words_for(addressee: Addressee) -> str:
        return sms.cancelled(local_start(meeting), meeting.group.name, code, discreet=addressee.discreet)

    return _send_to_group(
        session, meeting, words_for, f"cancelled:{meeting.id}:{meeting.changes}", meeting.starts_at, now
    )


def checked_words(what: str, words: str | None) -> str | None:
    """Return a place or topic with single spaces, None for an empty one; raises Invalid."""
    words = " ".join((words or "").split()) or None
    if words and len(words) > LONGEST_PLACE:
        raise Invalid(f"A {what} has at most {LONGEST_PLACE} characters.")
    return words


def mark_changed(meeting: Meeting, now: datetime) -> None:
    """Record a change: calendars read the meeting again, and the scheduler works out its reminders again."""
    meeting.changes, meeting.changed_at, meeting.look_at = meeting.changes + 1, now, None


def future_start(group: Group, local: datetime, now: datetime) -> datetime:
    """Convert a future local time of the group to UTC; raises Invalid."""
    try:
        return time_input.future_utc(local, ZoneInfo(group.zone), now)
    except time_input.InvalidTime as error:
        skipped = error.wrong is time_input.Wrong.SKIPPED
        why = "That time does not exist: the clocks go forward then." if skipped else "That time is in the past."
        raise Invalid(why) from None


def local_start(meeting: Meeting) -> datetime:
    """Return the start of a meeting in its group's zone."""
    return meeting.starts_at.astimezone(ZoneInfo(meeting.group.zone))


def addressees(session: Session, group_id: int) -> list[Addressee]:
    """Return the members of a group who may be sent news of meetings: not paused, and with an eligible number."""
    rows = (
        select(Phone.id, Phone.language, Member.discreet)
        .join(Member, Member.phone_id == Phone.id)
        .join(Membership, Membership.member_id == Member.id)
        .where(
            Membership.group_id == group_id,
            Member.paused_at.is_(None),
            ~refuses(MessageKind.MEETING_NEWS),
        )
    )
    return [Addressee(*row) for row in session.execute(rows)]


def _send_to_group(
    session: Session,
    meeting: Meeting,
    words_for: Callable[[Addressee], str],
    key: str,
    expires_at: datetime,
    now: datetime,
) -> int:
    said_no = select(Member.phone_id).join(Reply).where(Reply.meeting_id == meeting.id, Reply.coming == RsvpStatus.NO)
    skipped = set(session.scalars(said_no)) if key.startswith("cancelled") else set()
    texts = []
    for addressee in addressees(session, meeting.group_id):
        if addressee.phone_id in skipped:
            continue
        with speaking_for(meeting.group, addressee.language):
            words = words_for(addressee)
        text = outbox.Text(
            words=words, key=key, kind=MessageKind.MEETING_NEWS, expires_at=expires_at, group_id=meeting.group_id,
            meeting_id=meeting.id,
        )  # fmt: skip
        texts.append((addressee.phone_id, text))
    return len(outbox.send_texts(session, texts, now))


def upcoming(session: Session, group_ids: list[int], now: datetime) -> list[Meeting]:
    """Return the next meetings of these groups, soonest first."""
    rows = (
        select(Meeting)
        .where(Meeting.group_id.in_(group_ids), Meeting.cancelled_at.is_(None), Meeting.starts_at > now - STILL_ON)
        .order_by(Meeting.starts_at, Meeting.id)
    )
    return list(session.scalars(rows.limit(SHOWN_MOST)))


def meeting_results(session: Session, member: Member | None, group_ids: list[int], now: datetime) -> list[MeetingSeen]:
    """Return the next meetings, with the member's own replies, in the form that flows show."""
    meetings = upcoming(session, group_ids, now)
    own_replies = select(Reply.meeting_id, Reply.coming).where(Reply.member_id == (member.id if member else 0))
    replies = {meeting_id: coming.value for meeting_id, coming in session.execute(own_replies)}
    return [
        {
            "id": meeting.id,
            "group": meeting.group.name,
            "when": local_start(meeting).replace(tzinfo=None).isoformat(),
            "place": (meeting.place or "") if meeting.group.tells_place else "",
            "topic": meeting.topic or "",
            "minutes": meeting.minutes or 0,
            "coming": replies.get(meeting.id, ""),
        }
        for meeting in meetings
    ]
