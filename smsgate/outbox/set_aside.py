"""Messages that can't be read or judged: set aside one by one, so that they don't stop a lane, and tried again later.

A newer release may have written their kind, their key may be missing, or tzdata may have lost their group's time zone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Select, delete, select, update
from sqlalchemy.orm import Session

from smsgate.core.database import wake_after_commit
from smsgate.models import Message, MessageStatus, RowFailure
from smsgate.models.row_failures import DATABASE_TROUBLE, record_failure

TASK = "outbox"


def set_unreadable_aside(
    session: Session, due: Select[*tuple[Any, ...]], judge: Callable[[Row[*tuple[Any, ...]]], object], now: datetime
) -> int:
    """Look at each due message by itself, set aside those that can't be read or judged, and return how many."""
    bad = 0
    for message_id in session.scalars(due.with_only_columns(Message.id)).all():
        try:
            with session.begin_nested():
                judge(session.execute(due.where(Message.id == message_id)).one())
        except DATABASE_TROUBLE:
            raise
        except Exception as error:  # noqa: BLE001 - whatever a bad row causes
            _set_status(session, message_id, MessageStatus.SET_ASIDE)
            record_failure(session, TASK, message_id, error, now)
            bad += 1
    return bad


def retry_due(session: Session, now: datetime) -> None:
    """Queue again what was set aside, at growing intervals until it expires. Run by the scheduler."""
    due = select(RowFailure.row_id).where(RowFailure.task == TASK, RowFailure.retry_at <= now)
    for message_id in session.scalars(due).all():
        message = select(Message.state, Message.lane, Message.expires_at).where(Message.id == message_id)
        row = session.execute(message.with_for_update()).one_or_none()
        if row is not None and row.state is MessageStatus.SET_ASIDE and row.expires_at > now:
            _set_status(session, message_id, MessageStatus.WAITING)
            wake_after_commit(session, row.lane.value)
            continue
        if row is not None and row.state is MessageStatus.SET_ASIDE:
            _set_status(session, message_id, MessageStatus.TOO_LATE, now)
        if row is None or row.state is not MessageStatus.WAITING:
            session.execute(delete(RowFailure).where(RowFailure.task == TASK, RowFailure.row_id == message_id))


def _set_status(session: Session, message_id: int, state: MessageStatus, ended_at: datetime | None = None) -> None:
    row = update(Message).where(Message.id == message_id).execution_options(synchronize_session=False)
    session.execute(row.values(state=state, ended_at=ended_at, leased_until=None))
