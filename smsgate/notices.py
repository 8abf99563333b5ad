"""Broadcasts to a group: who gets it, what it costs in segments, how far it is, stopping it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate import groups, messages
from smsgate.database import wake_after_commit
from smsgate.groups import Invalid
from smsgate.gsm import folded
from smsgate.models import Group, Kind, Lane, Membership, Message, Notice, State

LONGEST = 640
WORTH_SENDING = timedelta(hours=24)
PART = 2000  # members whose texts are queued in one transaction: others wait for it no longer than for a few turns


def send(session: Session, group: Group, words: str, now: datetime) -> tuple[Notice, int]:
    """Send a notice to everybody in the group who may be texted; the notice and how many. Raises Invalid.

    The first part is queued at once; workers queue the rest, part by part, while they send.
    """
    words = folded(" ".join(words.split()))
    if not words:
        raise Invalid("The notice is empty.")
    if len(words) > LONGEST:
        raise Invalid(f"A notice has at most {LONGEST} characters; this one has {len(words)}.")
    notice = Notice(group_id=group.id, words=words, created_at=now, queued_to=0)
    session.add(notice)
    session.flush()
    _queue_part(session, notice, 0, now)
    return notice, reach(session, group)


def reach(session: Session, group: Group) -> int:
    """How many a notice to the group goes to."""
    return messages.count_open(session, groups.phones_in(group.id))


def queue_more(session: Session, now: datetime) -> bool:
    """Queue the next part of a notice that is not queued whole; False where there is none, or another worker does."""
    unfinished = select(Notice).where(Notice.queued_to.is_not(None)).order_by(Notice.id).limit(1)
    notice = session.scalars(unfinished.with_for_update(skip_locked=True)).first()
    if notice is None or notice.queued_to is None:
        return False
    if notice.stopped_at is None:
        _queue_part(session, notice, notice.queued_to, now)
    else:
        notice.queued_to = None
    return True


def wake_unfinished(session: Session) -> None:
    """Wake the workers where a notice is not queued whole."""
    if session.scalar(select(Notice.id).where(Notice.queued_to.is_not(None)).limit(1)):
        wake_after_commit(session, Lane.BULK.value)


def _queue_part(session: Session, notice: Notice, after: int, now: datetime) -> None:
    """Queue the texts to the members who come next; `queued_to` is the last membership, None once all are done."""
    following = Membership.group_id == notice.group_id, Membership.id > after
    part = select(Membership.id).where(*following).order_by(Membership.id).limit(PART).subquery()
    last, count = session.execute(select(func.max(part.c.id), func.count())).one()
    if count:
        text = messages.Text(
            words=notice.words, cause=f"notice:{notice.id}", kind=Kind.NOTICE, lane=Lane.BULK,
            due_at=notice.created_at, expires_at=notice.created_at + WORTH_SENDING,
            group_id=notice.group_id, notice_id=notice.id,
        )  # fmt: skip
        members = groups.phones_in(notice.group_id).where(Membership.id > after, Membership.id <= last)
        messages.queue_to_all(session, text, members, now)
    notice.queued_to = last if count == PART else None


def stop(session: Session, notice: Notice, now: datetime) -> None:
    """What has not left yet does not leave."""
    notice.stopped_at = notice.stopped_at or now


def progress(session: Session, notice: Notice) -> Counter[State]:
    """How many texts of the notice are in each state."""
    rows = select(Message.state, func.count()).where(Message.notice_id == notice.id).group_by(Message.state)
    return Counter(dict(session.execute(rows).all()))
