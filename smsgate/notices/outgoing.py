"""Everything that a group sends to many people at once, other than notices: listing and stopping it.

Notices have their own life cycle (`approval`, `notices`). Apart from them, members are told what to dial for a survey
and what changed about meetings or the group; the texts of one such sending share a key. Invitations are sent by the
scheduler.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.models import Group, Message, MessageKind, MessageStatus

SHOWN_FOR = timedelta(days=30)
MOST = 50


class Outgoing(NamedTuple):
    """Texts with one cause: a survey, a meeting, or else the group's settings."""

    key: str
    survey_id: int | None
    meeting_id: int | None
    due_at: datetime
    waiting: int
    people: int


def recent(session: Session, group: Group, now: datetime) -> list[Outgoing]:
    """Return what a group sent or scheduled in the last 30 days, other than notices, latest first."""
    waits = func.sum(case((Message.state == MessageStatus.WAITING, 1), else_=0))
    due = func.min(Message.due_at)
    rows = select(
        Message.key, func.max(Message.survey_id), func.max(Message.meeting_id), due, waits, func.count()
    ).where(*_sent_to_many(group), or_(Message.created_at > now - SHOWN_FOR, Message.due_at > now))
    return [Outgoing(*row) for row in session.execute(rows.group_by(Message.key).order_by(due.desc()).limit(MOST))]


def stop(session: Session, group: Group, key: str, now: datetime) -> int:
    """Withdraw the texts with this key that are still waiting; return how many."""
    return len(outbox.withdraw(session, *_sent_to_many(group), Message.key == key, now=now))


def _sent_to_many(group: Group) -> tuple[ColumnElement[bool], ...]:
    return (
        Message.group_id == group.id,
        or_(Message.survey_id.is_not(None), Message.kind == MessageKind.MEETING_NEWS),
    )
