"""What holds texts back at sending time: the operator's kill switches, and an account that is short of credit.

Both are kept in the database, so that they work without Redis. No switch ever holds back a help text; the reserve does
only beyond what is usual for a person in a day (`limits`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, or_, select
from sqlalchemy.orm import Session

from smsgate.core.database import among, wake_after_commit
from smsgate.models import Group, KillSwitch, Lane, Message, MessageKind, SecurityEvent
from smsgate.models.security_events import record
from smsgate.outbox import credit


@dataclass(frozen=True)
class KillSwitchStatus:
    """The kill switches that are on: for everything (since when), and by group."""

    everything: datetime | None
    groups: list[tuple[Group, datetime]]


def pause(session: Session, group: Group | None, now: datetime) -> None:
    """Stop sending for a group; without a group, stop everything but help texts. Idempotent."""
    if session.scalars(select(KillSwitch.id).where(_scope(group))).first() is None:
        session.add(KillSwitch(group_id=group.id if group else None, since=now))
        record(session, SecurityEvent.PAUSED, now, group=group.id if group else None)


def resume(session: Session, group: Group | None, now: datetime) -> bool:
    """Send what was held, unless it has expired meanwhile. False if nothing was paused."""
    ended = session.scalars(delete(KillSwitch).where(_scope(group)).returning(KillSwitch.id)).all()
    for lane in (Lane.NORMAL, Lane.BULK):
        wake_after_commit(session, lane.value)
    if ended:
        record(session, SecurityEvent.RESUMED, now, group=group.id if group else None)
    return bool(ended)


def _scope(group: Group | None) -> ColumnElement[bool]:
    return KillSwitch.group_id == group.id if group else KillSwitch.group_id.is_(None)


def kill_switch_status(session: Session) -> KillSwitchStatus:
    """Return the kill switches that are on."""
    everything = session.scalars(select(KillSwitch.since).where(KillSwitch.group_id.is_(None))).first()
    groups = select(Group, KillSwitch.since).join(KillSwitch, KillSwitch.group_id == Group.id).order_by(Group.name)
    return KillSwitchStatus(everything, [(group, since) for group, since in session.execute(groups)])


def is_held(now: datetime) -> ColumnElement[bool]:
    """SQL condition: this message has to wait. No switch holds a help text, in whichever lane it is."""
    switched = exists(
        select(KillSwitch.id).where(or_(KillSwitch.group_id.is_(None), KillSwitch.group_id == Message.group_id))
    )
    is_paused = and_(Message.kind != MessageKind.HELP, switched)
    return and_(Message.lane != Lane.URGENT, or_(is_paused, credit.is_reserved_for_help(now)))


def held_ids(session: Session, ids: Sequence[int], now: datetime) -> set[int]:
    """Return which of these messages have to wait."""
    return set(session.scalars(select(Message.id).where(among(session, Message.id, ids), is_held(now))))
