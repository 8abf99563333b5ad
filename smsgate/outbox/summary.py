"""Counts of the outbox by status, and when waiting texts are due. They say nothing about any one person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, String, func, or_, select, type_coerce
from sqlalchemy.orm import Session

from smsgate.models import FINAL, Lane, Message, MessageStatus, Notice, SchedulerRun, scheduler_runs
from smsgate.outbox import kill_switches, messages

LATELY = timedelta(days=1)


@dataclass(frozen=True)
class OutboxCount:
    """Texts with the same lane, kind, status and reason."""

    lane: Lane
    kind: str  # as stored: a newer release may have written it
    state: MessageStatus
    reason: str
    count: int
    first_due: datetime
    last_due: datetime


def counts_of_notice(session: Session, notice: Notice) -> list[OutboxCount]:
    """Return the progress of a notice."""
    return _counts(session, _grouped_counts().where(Message.notice_id == notice.id))


def current_counts(session: Session, now: datetime) -> list[OutboxCount]:
    """Return the counts of everything that is not final, or ended within the last day."""
    return _counts(session, _grouped_counts().where(or_(Message.state.not_in(FINAL), Message.ended_at > now - LATELY)))


def scheduled_ahead(session: Session, now: datetime) -> dict[Lane, tuple[int, datetime | None]]:
    """Return for each lane how many texts wait for a later time, and the earliest of these times."""
    ahead: dict[Lane, tuple[int, datetime | None]] = {}
    for lane in Lane:
        later = (Message.lane == lane, Message.stands(MessageStatus.WAITING), Message.due_at > now)
        count, first = session.execute(select(func.count(), func.min(Message.due_at)).where(*later)).one()
        ahead[lane] = (count, first)
    return ahead


def last_scheduler_run(session: Session) -> datetime | None:
    """Return when a scheduler last ran; None before the first run."""
    return session.scalar(select(func.max(SchedulerRun.at)).where(SchedulerRun.name != scheduler_runs.BACKUP))


_GROUPED_BY = (Message.lane, type_coerce(Message.kind, String), Message.state, func.coalesce(Message.reason, ""))


def _grouped_counts() -> Select[Lane, str, MessageStatus, str, int, datetime, datetime]:
    due = (func.min(Message.due_at), func.max(Message.due_at))
    return select(*_GROUPED_BY, func.count(), *due).group_by(*_GROUPED_BY).order_by(*_GROUPED_BY)


def _counts(
    session: Session, rows: Select[Lane, str, MessageStatus, str, int, datetime, datetime]
) -> list[OutboxCount]:
    return [OutboxCount(*row) for row in session.execute(rows)]


def oldest_waiting_seconds(session: Session, now: datetime) -> dict[str, int]:
    """Return for each lane the age in seconds of its oldest due message that nothing holds; 0 if there is none."""
    ages = {}
    for lane in Lane:
        oldest = session.scalar(
            select(func.min(Message.due_at)).where(*messages.is_due(lane, now), ~kill_switches.is_held(now))
        )
        ages[lane.value] = int((now - oldest).total_seconds()) if oldest else 0
    return ages
