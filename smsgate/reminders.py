"""What is due, for whom, and when it is too late."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from smsgate import messages, texts
from smsgate.i18n import speaking
from smsgate.meetings import local_start
from smsgate.models import Kind, Lane, Meeting, Member, Membership, Message, Phone

# name: how long before the start it is due, and from when on it is no longer worth sending
STEPS = {
    "day": (timedelta(hours=24), timedelta(hours=3)),
    "hours": (timedelta(hours=2), timedelta(0)),
}


def queue_due(session: Session, now: datetime, code: str) -> int:
    """Queue every reminder that is due at `now` and not queued yet; the number queued."""
    return sum(_queue_step(session, step, now, code) for step in STEPS)


def _queue_step(session: Session, step: str, now: datetime, code: str) -> int:
    before, too_late = STEPS[step]
    due = select(Meeting).where(
        Meeting.cancelled_at.is_(None), Meeting.starts_at <= now + before, Meeting.starts_at > now + too_late
    )
    return sum(
        len(messages.queue(session, _drafts(session, meeting, step, code), now)) for meeting in session.scalars(due)
    )


def _drafts(session: Session, meeting: Meeting, step: str, code: str) -> list[messages.Draft]:
    cause = f"reminder:{meeting.id}:{meeting.moves}:{step}"
    drafts = []
    for phone_id, language, discreet in session.execute(_wanting(meeting.group_id, cause)):
        with speaking(language):
            place = (meeting.place or "") if meeting.group.tells_place else ""
            words = texts.reminder(local_start(meeting), meeting.group.name, place, code, discreet=discreet)
        drafts.append(
            messages.Draft(
                phone_id=phone_id, words=words, cause=cause, kind=Kind.REMINDER, lane=Lane.NORMAL,
                expires_at=meeting.starts_at - STEPS[step][1], group_id=meeting.group_id, meeting_id=meeting.id,
            )
        )  # fmt: skip
    return drafts


def _wanting(group_id: int, cause: str):  # type: ignore[no-untyped-def]
    """Members of the group who want reminders and have not got this one."""
    has_it = exists().where(Message.cause == cause, Message.phone_id == Phone.id)
    return (
        select(Phone.id, Phone.language, Member.discreet)
        .join(Member, Member.phone_id == Phone.id)
        .join(Membership, Membership.member_id == Member.id)
        .where(
            Membership.group_id == group_id,
            Member.reminders,
            Member.paused_at.is_(None),
            Phone.stopped_at.is_(None),
            Phone.blocked_at.is_(None),
            ~has_it,
        )
    )
