"""Since when a text may have been read, as far as the outbox knows: an answer written earlier is meant for another."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, case, func, or_, select
from sqlalchemy.orm import Session

from smsgate.models import Message, MessageStatus

READ_TOGETHER = timedelta(minutes=10)  # texts that came within it may be read at once: an answer may mean either
HANDED_OVER = (MessageStatus.SENDING, MessageStatus.UNKNOWN, MessageStatus.SENT, MessageStatus.DELIVERED)


def may_have_been_read() -> ColumnElement[bool]:
    """SQL condition on Message: a gateway may have taken it. A report of failure may be wrong, so it does not count."""
    return or_(Message.sent_at.is_not(None), Message.state.in_(HANDED_OVER), Message.repeats > 0)


def readable_from() -> ColumnElement[datetime]:
    """SQL: since when a message may have been read. If repeated, since its creation: its first copy may have come."""
    return case((Message.repeats > 0, Message.created_at), else_=func.coalesce(Message.sent_at, Message.due_at))


def times_read(session: Session, *which: ColumnElement[bool]) -> list[datetime]:
    """Return since when each text that meets these conditions may have been read; skip those that wait to be sent."""
    return list(session.scalars(select(readable_from()).where(*which, may_have_been_read())))
