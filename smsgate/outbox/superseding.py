"""Later news on a subject withdraws earlier news that still waits, so that the last thing people read is true.

A text of news stores what its reader knew before, by subject (`Text.about`). The sender of later news first takes back
what waits on the same subjects, and tells each reader what has changed since they last read about it: a date that was
moved twice in one night makes one text.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any, Final, NamedTuple

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from smsgate.core.database import among
from smsgate.models import Lane, Message, MessageStatus
from smsgate.outbox.messages import withdraw

MEMBERSHIP: Final = "membership"  # subject of texts about whether one person is in the group
ROLE: Final = "role"  # subject of texts about how long a leader has a role in it


class EarlierNews(NamedTuple):
    """News that wasn't sent yet: its reader, and what they knew before it, by subject."""

    phone_id: int
    about: Mapping[str, Any]
    in_hand: bool  # a worker is sending it, so it may be read


def take_back_news(
    session: Session, group_id: int, subjects: Collection[str], now: datetime, *, phone_id: int | None = None
) -> list[EarlierNews]:
    """Withdraw a group's waiting news about any of these subjects; return it and what is being sent, the oldest first.

    With `phone_id`, only news to that phone. What is being sent is not tried again if this try fails: the caller's news
    replaces it.
    """
    to_whom = (Message.group_id == group_id, *([Message.phone_id == phone_id] if phone_id else []))
    waiting = _news_about(session, to_whom, subjects, MessageStatus.WAITING)
    withdraw(session, among(session, Message.id, [row.id for row in waiting]), now=now)
    in_hand = _news_about(session, to_whom, subjects, MessageStatus.SENDING)
    supersede_in_hand(session, among(session, Message.id, [row.id for row in in_hand]), now=now)
    found = {row.id: EarlierNews(row.phone_id, row.about or {}, False) for row in waiting}
    found |= {row.id: EarlierNews(row.phone_id, row.about or {}, True) for row in in_hand}
    return [found[id_] for id_ in sorted(found)]


def supersede_in_hand(session: Session, *which: ColumnElement[bool], now: datetime) -> None:
    """Note that those of these texts that are being sent are not tried again if this try fails."""
    in_hand = update(Message).where(Message.lane.in_(Lane), Message.stands(MessageStatus.SENDING), *which)
    session.execute(in_hand.values(superseded_at=now).execution_options(synchronize_session="fetch"))


def _news_about(
    session: Session, to_whom: Collection[ColumnElement[bool]], subjects: Collection[str], state: MessageStatus
) -> list[Message]:  # fmt: skip
    """Lock and return news in this state. A row that a worker claims meanwhile is found among those being sent."""
    open_rows = (Message.lane.in_(Lane), Message.stands(state), Message.about.is_not(None), *to_whom)
    rows = select(Message).where(*open_rows).order_by(Message.id).with_for_update()
    locked = session.scalars(rows.execution_options(populate_existing=True))
    return [row for row in locked if not set(subjects).isdisjoint(row.about or {})]
