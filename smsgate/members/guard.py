"""The states a person is in, as the table of `flows/guard.py` needs them."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.flows.guard import PersonState
from smsgate.members import number_reassignment
from smsgate.models import Member, Phone, Pin


def states_of(session: Session, phone: Phone, member: Member | None, now: datetime) -> frozenset[PersonState]:
    """Return the states of the member with this phone, or of its holder if they are not a member."""
    true = {
        PersonState.PIN: member is not None and _has_pin(session, member),
        PersonState.REASSIGNED: number_reassignment.may_be_reassigned(phone, now),
        PersonState.OPTED_OUT: phone.stopped_at is not None,
        PersonState.SILENT: phone.silent_at is not None,
        PersonState.BLOCKED: phone.blocked_at is not None,
    }
    return frozenset(state for state, holds in true.items() if holds)


def _has_pin(session: Session, member: Member) -> bool:
    return session.scalar(select(Pin.id).where(Pin.member_id == member.id)) is not None
