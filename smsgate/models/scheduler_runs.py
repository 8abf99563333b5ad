"""When the scheduler ran: what became due while none ran was missed, and is reported or given more time."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.database import insert_new
from smsgate.models import SchedulerRun

BACKUP = "backup"  # recorded here as well, although an operator's timer makes it
LONGEST_GAP = timedelta(minutes=1)  # between runs: longer means that no scheduler ran meanwhile


def record_run(session: Session, name: str, now: datetime) -> datetime:
    """Record a run; returns when the previous one was, or `now`. Locks the row: two schedulers take turns."""
    row = _row(session, name, now)
    before, row.at = row.at, max(row.at, now)
    return before


def is_due_daily(session: Session, name: str, now: datetime) -> bool:
    """True once a day, for one of several schedulers: the run is recorded."""
    last = last_run(session, name)
    if last is not None and now - last < timedelta(days=1):
        return False
    return record_run(session, name, now) == (last or now)


def last_run(session: Session, name: str) -> datetime | None:
    """Returns when it last ran; None before the first time."""
    return session.scalar(select(SchedulerRun.at).where(SchedulerRun.name == name))


def running_without_gap_since(session: Session, name: str, now: datetime) -> datetime:
    """Returns since when runs have followed each other without a gap."""
    before, row = record_run(session, name, now), _row(session, f"{name}_since", now)
    if now - before > LONGEST_GAP:
        row.at = now
    return row.at


def _row(session: Session, name: str, now: datetime) -> SchedulerRun:
    session.execute(insert_new(session, SchedulerRun).values(name=name, at=now))
    return session.scalars(select(SchedulerRun).where(SchedulerRun.name == name).with_for_update()).one()
