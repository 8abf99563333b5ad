"""Copes with a clock that was set back: what was due before isn't delayed until the clock gets there again.

Measured waits (the gap before another try, the wait after wrong PINs) and what limits count move with the clock. What
is agreed upon by the clock on the wall (meetings, reminders, quiet hours) does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import cast

import structlog
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.orm import InstrumentedAttribute, Session

from smsgate.help import undelivered
from smsgate.models import (
    GatewayAccount,
    HelpRequest,
    Inbound,
    LimitUse,
    Message,
    MessageStatus,
    Pin,
    RowFailure,
    SchedulerRun,
    WrongCodes,
    scheduler_runs,
)

log = structlog.get_logger()

NAME = "clock"
STEP = timedelta(minutes=1)  # hosts may differ by less
AHEAD = timedelta(hours=1)  # how far ahead a measured wait may be
LATE = timedelta(minutes=5)  # the same for a text; one that waits longer waits for a wall-clock time
MEASURED: tuple[InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None], ...] = (
    HelpRequest.next_at, HelpRequest.leaves_at, Inbound.due_at, RowFailure.retry_at, GatewayAccount.try_at,
    GatewayAccount.looked_at, Pin.wait_until,
)  # fmt: skip
COUNTED = timedelta(days=1)  # how long ago what is counted may be
COUNTED_FROM: tuple[InstrumentedAttribute[datetime], ...] = (LimitUse.at, WrongCodes.at)
REDIS_SEEN = "clock:seen"
COUNTERS = "LIMITS*"  # tries from one address, which expire by Redis's clock


def follow_clock(session: Session, now: datetime) -> None:
    """If the clock of this machine went back since the last run, move measured waits with it."""
    before = scheduler_runs.record_run(session, NAME, now)
    if before - now <= STEP:
        return
    log.warning("clock_went_back", seconds=round((before - now).total_seconds()))
    # Not that of ROUND, by which gaps between runs are found: of two hosts, one may always be behind.
    to_come = update(SchedulerRun).where(SchedulerRun.at > now, SchedulerRun.name != undelivered.ROUND)
    session.execute(to_come.values(at=now))
    _move(session, Message.due_at, before, now, LATE)
    for column in MEASURED:
        _move(session, column, before, now, AHEAD)
    for past in COUNTED_FROM:
        _keep_age(session, past, before, now)


def _move(
    session: Session,
    column: InstrumentedAttribute[datetime] | InstrumentedAttribute[datetime | None],
    before: datetime,
    now: datetime,
    ahead: timedelta,
) -> None:
    """Move a column's times: what was due stays due, and what was due soon is due just as soon."""
    table = column.class_
    waits = [Message.stands(MessageStatus.WAITING)] if table is Message else []
    unsynchronized = {"synchronize_session": False}
    due = update(table).where(*waits, column > now, column <= before).values({column.key: now})
    session.execute(due.execution_options(**unsynchronized))
    soon = select(table.id, column).where(*waits, column > before, column <= before + ahead)
    for row_id, at in session.execute(soon).all():
        moved = update(table).where(table.id == row_id).values({column.key: at - (before - now)})
        session.execute(moved.execution_options(**unsynchronized))


def _keep_age(session: Session, column: InstrumentedAttribute[datetime], before: datetime, now: datetime) -> None:
    """Move times that a limit or a growing wait counts from, so that they are as long ago as they were."""
    table = cast(Table, column.class_.__table__)
    counted = select(table.c.id, table.c[column.key]).where(column > before - COUNTED, column <= before + STEP)
    moved = [{"moved": row_id, "to": at - (before - now)} for row_id, at in session.execute(counted)]
    if moved:
        by_id = update(table).where(table.c.id == bindparam("moved")).values({column.key: bindparam("to")})
        session.connection().execute(by_id, moved)


def follow_redis_clock(redis: Redis) -> None:
    """If Redis's clock went back, delete the counters that it would otherwise keep for that much longer."""
    try:
        now, before = _time(redis), float(redis.get(REDIS_SEEN) or 0)
        redis.set(REDIS_SEEN, max(now, before))
        if before - now <= STEP.total_seconds():
            return
        log.warning("redis_clock_went_back", seconds=round(before - now))
        redis.set(REDIS_SEEN, now)
        for name in _counters(redis):
            redis.delete(name)
    except RedisError:
        return  # Redis is away, which others report


def _time(redis: Redis) -> float:
    seconds, micros = redis.time()
    return float(seconds) + float(micros) / 1e6


def _counters(redis: Redis) -> Iterator[bytes]:
    yield from redis.scan_iter(COUNTERS)
