"""What keeps texts back at the moment of sending: the operator's kill switches, and an account that is short.

They stand in the database, so that they hold with Redis gone. Nothing here ever holds a help text.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from smsgate.core.database import among, wake_after_commit
from smsgate.models import Group, Lane, Message, Pause
from smsgate.outbox import credit


@dataclass(frozen=True)
class Paused:
    """What is switched off: everything since when, and the groups."""

    everything: datetime | None
    groups: list[tuple[Group, datetime]]


def pause(session: Session, group: Group | None, now: datetime) -> None:
    """From now on nothing of the group leaves; of no group: nothing but help texts. Twice is once."""
    if session.scalars(select(Pause.id).where(_of(group))).first() is None:
        session.add(Pause(group_id=group.id if group else None, since=now))


def resume(session: Session, group: Group | None) -> bool:
    """What waited leaves, unless it is too late for it. False where nothing was paused."""
    found = session.scalars(delete(Pause).where(_of(group)).returning(Pause.id)).all()
    for lane in (Lane.NORMAL, Lane.BULK):
        wake_after_commit(session, lane.value)
    return bool(found)


def _of(group: Group | None) -> ColumnElement[bool]:
    return Pause.group_id == group.id if group else Pause.group_id.is_(None)


def paused(session: Session) -> Paused:
    """What is switched off now."""
    everything = session.scalars(select(Pause.since).where(Pause.group_id.is_(None))).first()
    groups = select(Group, Pause.since).join(Pause, Pause.group_id == Group.id).order_by(Group.name)
    return Paused(everything, [(group, since) for group, since in session.execute(groups)])


def held(now: datetime) -> ColumnElement[bool]:
    """True of a message that has to wait."""
    switched = exists(select(Pause.id).where(or_(Pause.group_id.is_(None), Pause.group_id == Message.group_id)))
    return and_(Message.lane != Lane.URGENT, or_(switched, credit.short(now)))


def held_among(session: Session, ids: Sequence[int], now: datetime) -> set[int]:
    """Which of these messages have to wait."""
    return set(session.scalars(select(Message.id).where(among(session, Message.id, ids), held(now))))
