"""The network: the end of its admins' role, and its log of admins, roles, groups, helplines and pauses.

Network admins and the operator read the log. `models/security_events.py` writes its entries;
`roles.forget_ended_roles` deletes them after a year.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, and_, exists, select
from sqlalchemy.orm import Session

from smsgate.models import Group, NetworkAdmin, NetworkEntry, Phone, SecurityEvent
from smsgate.models.security_events import record


def is_doubted_admin() -> ColumnElement[bool]:
    """Return the condition that a Phone's holder is an admin of the network and the number may be reassigned."""
    is_admin = exists().where(NetworkAdmin.phone_id == Phone.id, NetworkAdmin.ended_at.is_(None))
    return and_(Phone.doubted_at.is_not(None), is_admin)


def end_admin_role(session: Session, phone_id: int, now: datetime, *, by: int | None) -> bool:
    """End someone's role as an admin of the network; return False if they have none.

    `by` is a phone id, None for the operator.
    """
    rows = select(NetworkAdmin).where(NetworkAdmin.phone_id == phone_id, NetworkAdmin.ended_at.is_(None))
    mine = session.scalars(rows).first()
    if mine is None:
        return False
    mine.ended_at = now
    record(session, SecurityEvent.ADMIN_ENDED, now, by=by, subject=phone_id)
    return True


def entries(session: Session, most: int, skip: int = 0) -> list[NetworkEntry]:
    """Return at most `most` entries, newest first, after leaving out the newest `skip`."""
    return list(session.scalars(select(NetworkEntry).order_by(NetworkEntry.id.desc()).offset(skip).limit(most)))


def group_codes(session: Session, found: list[NetworkEntry]) -> dict[int | None, str]:
    """Return the codes of the groups that these entries concern, by group id."""
    ids = {entry.group_id for entry in found if entry.group_id}
    return {group.id: group.code for group in session.scalars(select(Group).where(Group.id.in_(ids)))}
