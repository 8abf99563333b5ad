"""The outbox at a glance: how many texts stand where, and when what waits is due. Nothing of anybody."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from smsgate.models import FINAL, Kind, Lane, Message, Notice, Round, State

LATELY = timedelta(days=1)


@dataclass(frozen=True)
class Standing:
    """Texts that stand alike."""

    lane: Lane
    kind: Kind
    state: State
    reason: str
    count: int
    first_due: datetime
    last_due: datetime


def of_notice(session: Session, notice: Notice) -> list[Standing]:
    """How far a notice is."""
    return _standings(session, _alike().where(Message.notice_id == notice.id))


def of_all(session: Session, now: datetime) -> list[Standing]:
    """What has not ended, and what ended within a day."""
    return _standings(session, _alike().where(or_(Message.state.not_in(FINAL), Message.ended_at > now - LATELY)))


def ahead(session: Session, now: datetime) -> dict[Lane, tuple[int, datetime | None]]:
    """For each lane how many texts wait for a time to come, and the first of these times."""
    found: dict[Lane, tuple[int, datetime | None]] = {}
    for lane in Lane:
        later = (Message.lane == lane, Message.stands(State.WAITING), Message.due_at > now)
        count, first = session.execute(select(func.count(), func.min(Message.due_at)).where(*later)).one()
        found[lane] = (count, first)
    return found


def last_round(session: Session) -> datetime | None:
    """When a clock last made its round; None before the first."""
    return session.scalar(select(func.max(Round.at)))


_ALIKE = (Message.lane, Message.kind, Message.state, func.coalesce(Message.reason, ""))


def _alike() -> Select[Lane, Kind, State, str, int, datetime, datetime]:
    due = (func.min(Message.due_at), func.max(Message.due_at))
    return select(*_ALIKE, func.count(), *due).group_by(*_ALIKE).order_by(*_ALIKE)


def _standings(session: Session, rows: Select[Lane, Kind, State, str, int, datetime, datetime]) -> list[Standing]:
    return [Standing(*row) for row in session.execute(rows)]
