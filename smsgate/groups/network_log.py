"""The log of the network: admins, roles, groups, helplines and pauses; read by network admins and the operator.

Entries come from `models/security_events.py`, and are deleted after a year (`roles.forget_ended_roles`).
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.models import Group, NetworkEntry


def entries(session: Session, most: int, skip: int = 0) -> list[NetworkEntry]:
    """The newest entries, newest first, without the `skip` newest of all."""
    return list(session.scalars(select(NetworkEntry).order_by(NetworkEntry.id.desc()).offset(skip).limit(most)))


def group_codes(session: Session, found: list[NetworkEntry]) -> dict[int | None, str]:
    """The codes of the groups that these entries concern, by id."""
    ids = {entry.group_id for entry in found if entry.group_id}
    return {group.id: group.code for group in session.scalars(select(Group).where(Group.id.in_(ids)))}
