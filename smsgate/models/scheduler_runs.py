"""When the scheduler last ran: what became due while none ran was missed, and is reported or given more time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.database import insert_new
from smsgate.models import SchedulerRun

BACKUP = "backup"  # recorded here too, although the operator's timer makes backups
LONGEST_GAP = timedelta(minutes=1)  # between runs; a longer one means that no scheduler ran


def record_run(session: Session, name: str, now: datetime) -> datetime:
    """Record a run; return when the previous one was, or `now`. Locks the row, so that two schedulers take turns."""
    row = _row(session, name, now)
    before, row.at = row.at, max(row.at, now)
    return before


def is_due_daily(session: Session, name: str, now: datetime) -> bool:
    """Return True once a day, to one of several schedulers, and record the run."""
    last = last_run(session, name)
    if last is not None and now - last < timedelta(days=1):
        return False
    return record_run(session, name, now) == (last or now)


def last_run(session: Session, name: str) -> datetime | None:
    """Return when the task last ran; None before its first run."""
    return session.scalar(select(SchedulerRun.at).where(SchedulerRun.name == name))


def running_without_gap_since(session: Session, name: str, now: datetime) -> datetime:
    """Record a run; return the time since which runs have followed each other without a gap."""
    before, row = record_run(session, name, now), _row(session, f"{name}_since", now)
    if now - before > LONGEST_GAP:
        row.at = now
    return row.at


def _row(session: Session, name: str, now: datetime) -> SchedulerRun:
    session.execute(insert_new(session, SchedulerRun).values(name=name, at=now))
    return session.scalars(select(SchedulerRun).where(SchedulerRun.name == name).with_for_update()).one()
