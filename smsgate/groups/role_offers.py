"""Open offers of roles, and a group's first role, which its creator may take."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log, roles
from smsgate.models import AuditEntry, Group, Phone, Role, RoleAssignment, RoleCode


def may_lead_own_group(session: Session, group_id: int, phone_id: int) -> bool:
    """Return whether this phone created the group, and nobody ever had a role in it."""
    made = (AuditEntry.group_id == group_id, AuditEntry.phone_id == phone_id, AuditEntry.what == AuditEvent.GROUP_MADE)
    appointed = exists().where(RoleAssignment.group_id == group_id)
    return session.scalar(select(AuditEntry.id).where(*made, ~appointed).limit(1)) is not None


def lead_own_group(session: Session, group: Group, phone: Phone, now: datetime) -> bool:
    """Make a group's creator its admin; return False if someone has ever had a role in it."""
    session.execute(select(Group.id).where(Group.id == group.id).with_for_update())
    if not may_lead_own_group(session, group.id, phone.id):
        return False
    return roles.accept(session, phone, roles.offer(session, group, Role.ADMIN, now, noted=phone.id), now)


def open_offers(session: Session, group_id: int, now: datetime) -> list[RoleCode]:
    """Return the group's role codes that nobody has accepted yet, newest first."""
    rows = select(RoleCode).where(RoleCode.group_id == group_id, RoleCode.expires_at > now)
    return list(session.scalars(rows.order_by(RoleCode.id.desc())))


def withdraw_offer(session: Session, group: Group, offer_id: int, now: datetime, *, by: int) -> bool:
    """Withdraw an offer of a role; return False if it was accepted, has expired or is another group's."""
    which = (RoleCode.id == offer_id, RoleCode.group_id == group.id)
    if not session.execute(delete(RoleCode).where(*which)).rowcount:  # type: ignore[attr-defined]
        return False
    audit_log.record(session, group.id, by, AuditEvent.OFFER_WITHDRAWN, now)
    return True
