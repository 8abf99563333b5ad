"""Members' replies about coming to a meeting, and how many came.

Members reply by dialling or to a reminder. They can change their reply at any time, and never have to give one.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, and_, select
from sqlalchemy.orm import Session

from smsgate.flows.actions.results import ExpectedSeen, OverSeen
from smsgate.flows.leader.attendance import MOST_CAME
from smsgate.meetings.meetings import STILL_ON, local_start, upcoming
from smsgate.models import Meeting, Member, Membership, Message, MessageKind, MessageStatus, Reply, RsvpStatus, lookup
from smsgate.outbox.reading import READ_TOGETHER, readable_from

KEYS = {"1": RsvpStatus.YES, "2": RsvpStatus.NO, "3": RsvpStatus.MAYBE}  # as a reminder offers them
WORTH_ANSWERING = timedelta(days=1)  # after a meeting begins; a later text means something else
COUNTED_WITHIN = timedelta(days=3)
GOT_IT = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.UNKNOWN)


class Reminded(NamedTuple):
    """A reminder that a number received."""

    meeting: Meeting
    at: datetime


def newest_reminder(
    session: Session, phone_id: int, now: datetime, known_at: datetime | None = None
) -> Reminded | None:
    """Return the reminder that a text of 1, 2 or 3 answers; None if its meeting is long over.

    That is the newest one that had arrived by `known_at`, when the text was written.
    """
    row = session.execute(_reminders(phone_id, known_at or now).limit(1)).first()
    return Reminded(*row) if row and row[0].starts_at > now - WORTH_ANSWERING else None


def _reminders(phone_id: int, known_at: datetime) -> Select[*tuple[Meeting, datetime]]:
    """Select the reminders that this number had received by then, newest first."""
    return (
        select(Meeting, readable_from())
        .join(Message, Message.meeting_id == Meeting.id)
        .where(Message.phone_id == phone_id, Message.kind == MessageKind.REMINDER, Message.state.in_(GOT_IT))
        .where(readable_from() <= known_at)
        .order_by(readable_from().desc(), Message.id.desc())
    )


def is_ambiguous(session: Session, member: Member, newest: Reminded, now: datetime) -> bool:
    """Return True if another meeting's reminder came just before the newest and was still unanswered then."""
    lately = _reminders(member.phone_id, newest.at).where(
        readable_from() > newest.at - READ_TOGETHER,
        Meeting.id != newest.meeting.id,
        Meeting.starts_at > now - STILL_ON,
        Meeting.cancelled_at.is_(None),
    )
    others = [Reminded(*row) for row in session.execute(lately)]
    return any(not is_answered(session, member, other, newest.at) for other in others)


def waits_for_answer(session: Session, member: Member, reminder: Reminded, now: datetime) -> bool:
    """Return True if a member can still answer this reminder and has not done so yet."""
    meeting = reminder.meeting
    if meeting.cancelled_at is not None or meeting.starts_at <= now - STILL_ON:
        return False
    if lookup.find_membership(session, member.id, meeting.group_id) is None:
        return False
    return not is_answered(session, member, reminder, now)


def is_answered(session: Session, member: Member, reminder: Reminded, until: datetime) -> bool:
    """Return True if the member replied between a reminder and `until`."""
    replied = (Reply.member_id == member.id, Reply.meeting_id == reminder.meeting.id)
    rows = select(Reply.id).where(*replied, Reply.at >= reminder.at, Reply.at < until)
    return session.scalar(rows) is not None


def reply_to(session: Session, member: Member, reminder: Reminded) -> Reply | None:
    """Return the member's reply to the meeting of a reminder, if they replied after it."""
    replied = (Reply.member_id == member.id, Reply.meeting_id == reminder.meeting.id, Reply.at >= reminder.at)
    return session.scalars(select(Reply).where(*replied)).first()


def record_rsvp(session: Session, member: Member, meeting_id: int, coming: RsvpStatus | None, now: datetime) -> bool:
    """Save whether the member is coming; None withdraws their reply.

    Returns False if the meeting is cancelled, over, or not of one of their groups.
    """
    meeting = session.get(Meeting, meeting_id)
    if meeting is None or meeting.cancelled_at is not None or meeting.starts_at <= now - STILL_ON:
        return False
    if lookup.find_membership(session, member.id, meeting.group_id) is None:
        return False
    reply = session.scalars(select(Reply).where(Reply.member_id == member.id, Reply.meeting_id == meeting_id)).first()
    if coming is None:
        if reply is not None:
            session.delete(reply)
        return True
    if reply is None:
        reply = Reply(member_id=member.id, meeting_id=meeting_id, coming=coming, at=now)
        session.add(reply)
    reply.coming, reply.at = coming, now
    return True


def rsvp_counts(session: Session, meeting: Meeting) -> dict[RsvpStatus, int]:
    """Return the number of members by reply, without those who have left; leaders see "a few" for less than five."""
    still_in = and_(Membership.member_id == Reply.member_id, Membership.group_id == meeting.group_id)
    rows = select(Reply.coming).join(Membership, still_in).where(Reply.meeting_id == meeting.id)
    replies = session.scalars(rows).all()
    return {coming: replies.count(coming) for coming in RsvpStatus}


def attendee_names(session: Session, meeting: Meeting) -> list[str]:
    """Return the chosen names of those who are coming and let leaders see that; people without one are only counted."""
    rows = (
        select(Member.name)
        .join(Reply, Reply.member_id == Member.id)
        .join(Membership, Membership.member_id == Member.id)
        .where(Reply.meeting_id == meeting.id, Reply.coming == RsvpStatus.YES)
        .where(Membership.group_id == meeting.group_id, Membership.shows_name)
    )
    return sorted(filter(None, session.scalars(rows)))


def expected_attendance(session: Session, group_id: int, now: datetime) -> list[ExpectedSeen]:
    """Return the replies to a group's next meetings, as its leaders see them."""
    return [_expected(session, meeting) for meeting in upcoming(session, [group_id], now)]


def _expected(session: Session, meeting: Meeting) -> ExpectedSeen:
    counts = rsvp_counts(session, meeting)
    return {
        "id": meeting.id,
        "when": _when(meeting),
        "yes": counts[RsvpStatus.YES],
        "maybe": counts[RsvpStatus.MAYBE],
        "no": counts[RsvpStatus.NO],
        "names": attendee_names(session, meeting),
    }


def recently_ended(session: Session, group_id: int, now: datetime) -> OverSeen | None:
    """Return the meeting whose attendance can be recorded: the newest that began within three days."""
    lately = (Meeting.starts_at <= now, Meeting.starts_at > now - COUNTED_WITHIN, Meeting.cancelled_at.is_(None))
    rows = select(Meeting).where(Meeting.group_id == group_id, *lately).order_by(Meeting.starts_at.desc()).limit(1)
    meeting = session.scalars(rows).first()
    return {"id": meeting.id, "when": _when(meeting), "attended": meeting.attended} if meeting else None


def record_attendance(session: Session, group_id: int, meeting_id: int, came: int, now: datetime) -> bool:
    """Save how many came, as counted by a leader; return False if that meeting cannot be counted."""
    meeting = session.get(Meeting, meeting_id)
    if meeting is None or meeting.group_id != group_id or not now - COUNTED_WITHIN < meeting.starts_at <= now:
        return False
    if meeting.cancelled_at is not None or not 0 <= came <= MOST_CAME:
        return False
    meeting.attended = came
    return True


def _when(meeting: Meeting) -> str:
    return local_start(meeting).replace(tzinfo=None).isoformat()
