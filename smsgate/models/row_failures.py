"""Rows that a task failed on: a bad row is set aside and tried again later, and holds up no other row.

Bad rows are rare: a value that a newer release wrote, words sealed with a lost key, a time zone that was removed.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import TypeVar

import structlog
from sqlalchemy import ColumnElement, String, UniqueConstraint, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from smsgate.models.base import NEVER_REUSE, Base

log = structlog.get_logger()

LONGEST_WAIT = timedelta(hours=1)  # between tries
DATABASE_TROUBLE = (OperationalError, InterfaceError)  # not the row's fault: the whole task is tried again


class RowFailure(Base):
    """A row that a task failed on, until it succeeds. Holds no text and no number."""

    __tablename__ = "row_failures"
    __table_args__ = (UniqueConstraint("task", "row_id"), NEVER_REUSE)
    task: Mapped[str] = mapped_column(String(40))
    row_id: Mapped[int]
    error: Mapped[str] = mapped_column(String(120))  # the kind of error and where it was raised
    times: Mapped[int] = mapped_column(default=0)
    first_at: Mapped[datetime]
    retry_at: Mapped[datetime]
    alerted_at: Mapped[datetime | None]  # when the operator was alerted


def work_on_each(
    session: Session, task: str, ids: Iterable[int], work: Callable[[Sequence[int]], object], now: datetime
) -> None:
    """Run `work` on all rows at once; if that fails, on each alone, so that one bad row holds up no other.

    Rows that failed before are tried alone, at growing intervals. Raises `DATABASE_TROUBLE` errors.
    """
    wanted = list(ids)
    if not wanted:
        return
    failed = {row.row_id: row for row in session.scalars(select(RowFailure).where(RowFailure.task == task))}
    healthy = [row_id for row_id in wanted if row_id not in failed]
    alone = [row_id for row_id in wanted if row_id in failed and failed[row_id].retry_at <= now]
    if healthy and _error(session, work, healthy):
        alone = [*healthy, *alone]
    for row_id in alone:
        if error := _error(session, work, [row_id]):
            record_failure(session, task, row_id, error, now)
        elif row_id in failed:
            session.delete(failed[row_id])


Row = TypeVar("Row", bound=Base)


def still_so(session: Session, table: type[Row], ids: Sequence[int], *due: ColumnElement[bool]) -> Sequence[Row]:
    """Return those of these rows that still meet `due`: locked, as they are now, in order of id.

    Another scheduler or a person may have changed some since the ids were read. Rows that they have locked right now
    are left for the next run.
    """
    rows = select(table).where(table.id.in_(ids), *due).order_by(table.id)
    rows = rows.with_for_update(of=table, skip_locked=True)
    return session.scalars(rows.execution_options(populate_existing=True)).all()


def _error(session: Session, work: Callable[[Sequence[int]], object], ids: Sequence[int]) -> Exception | None:
    """Run `work` in a savepoint; return the error that rolled it back, or None."""
    try:
        with session.begin_nested():
            work(ids)
    except DATABASE_TROUBLE:
        raise
    except Exception as error:  # noqa: BLE001 - whatever a bad row causes
        return error
    return None


def record_failure(session: Session, task: str, row_id: int, error: Exception, now: datetime) -> None:
    """Note and log a failure with the row's id; not with the error's message, which could contain a number."""
    last = traceback.extract_tb(error.__traceback__)[-1:]
    place = f"{type(error).__name__} in {last[0].name}" if last else type(error).__name__
    log.error("row_failed", task=task, row=row_id, error=place)
    row = session.scalars(select(RowFailure).where(RowFailure.task == task, RowFailure.row_id == row_id)).first()
    if row is None:
        row = RowFailure(task=task, row_id=row_id, first_at=now, times=0)
        session.add(row)
    row.error, row.times = place[:120], row.times + 1
    row.retry_at = now + min(timedelta(minutes=2 ** min(row.times - 1, 10)), LONGEST_WAIT)


def failures(session: Session) -> list[RowFailure]:
    """Return all row failures, oldest first."""
    return list(session.scalars(select(RowFailure).order_by(RowFailure.first_at, RowFailure.id)))


def retry_all(session: Session) -> None:
    """Make every failed row due now."""
    session.execute(update(RowFailure).values(retry_at=RowFailure.first_at))
