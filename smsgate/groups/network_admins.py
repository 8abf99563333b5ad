"""Admins of the network: who is one now, and the end of that role."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from smsgate.models import NetworkAdmin, Phone, SecurityEvent
from smsgate.models.security_events import record


def is_doubted_admin() -> ColumnElement[bool]:
    """Return the condition that a Phone's holder is an admin of the network and the number may be reassigned."""
    is_admin = exists().where(NetworkAdmin.phone_id == Phone.id, NetworkAdmin.ended_at.is_(None))
    return and_(Phone.doubted_at.is_not(None), is_admin)


def end_role(session: Session, phone_id: int, now: datetime, *, by: int | None) -> bool:
    """End someone's role; `by` is a phone id, None for the operator. Return False if they have none."""
    rows = select(NetworkAdmin).where(NetworkAdmin.phone_id == phone_id, NetworkAdmin.ended_at.is_(None))
    mine = session.scalars(rows).first()
    if mine is None:
        return False
    mine.ended_at = now
    record(session, SecurityEvent.ADMIN_ENDED, now, by=by, subject=phone_id)
    return True
