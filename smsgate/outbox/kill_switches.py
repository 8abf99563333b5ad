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
from smsgate.models import Group, KillSwitch, Lane, Message
from smsgate.outbox import credit


@dataclass(frozen=True)
class KillSwitchStatus:
    """What is switched off: everything since when, and the groups."""

    everything: datetime | None
    groups: list[tuple[Group, datetime]]


def pause(session: Session, group: Group | None, now: datetime) -> None:
    """From now on nothing of the group leaves; of no group: nothing but help texts. Twice is once."""
    if session.scalars(select(KillSwitch.id).where(_of(group))).first() is None:
        session.add(KillSwitch(group_id=group.id if group else None, since=now))


def resume(session: Session, group: Group | None) -> bool:
    """What waited leaves, unless it is too late for it. False where nothing was paused."""
    found = session.scalars(delete(KillSwitch).where(_of(group)).returning(KillSwitch.id)).all()
    for lane in (Lane.NORMAL, Lane.BULK):
        wake_after_commit(session, lane.value)
    return bool(found)


def _of(group: Group | None) -> ColumnElement[bool]:
    return KillSwitch.group_id == group.id if group else KillSwitch.group_id.is_(None)


def kill_switch_status(session: Session) -> KillSwitchStatus:
    """What is switched off now."""
    everything = session.scalars(select(KillSwitch.since).where(KillSwitch.group_id.is_(None))).first()
    groups = select(Group, KillSwitch.since).join(KillSwitch, KillSwitch.group_id == Group.id).order_by(Group.name)
    return KillSwitchStatus(everything, [(group, since) for group, since in session.execute(groups)])


def is_held(now: datetime) -> ColumnElement[bool]:
    """True of a message that has to wait."""
    switched = exists(
        select(KillSwitch.id).where(or_(KillSwitch.group_id.is_(None), KillSwitch.group_id == Message.group_id))
    )
    return and_(Message.lane != Lane.URGENT, or_(switched, credit.short(now)))


def held_ids(session: Session, ids: Sequence[int], now: datetime) -> set[int]:
    """Which of these messages have to wait."""
    return set(session.scalars(select(Message.id).where(among(session, Message.id, ids), is_held(now))))
