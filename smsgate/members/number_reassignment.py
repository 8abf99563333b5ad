"""Possibly reassigned numbers: whoever dials next is asked neutrally who they are before anything personal is shown.

A number becomes suspect after a report from the network (no such number, or it blocks us), after half a year of
silence, or when an operator hears of a SIM swap. Nothing personal is sent to it until that is resolved.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from smsgate.core.database import end_sessions_after_commit
from smsgate.groups import invitation_tags, network, roles
from smsgate.help import responders
from smsgate.members import leaving
from smsgate.models import (
    Authenticator,
    ConsoleSession,
    Phone,
    RecoveryCode,
    Responder,
    SignInCode,
    StartRequest,
    lookup,
)

SILENCE = timedelta(days=180)
DAY = timedelta(days=1)
# What the former holder has beside roles and membership: their way into the console, and a wish to start a group.
THEIRS = (ConsoleSession, SignInCode, RecoveryCode, Authenticator, StartRequest)


def may_be_reassigned(phone: Phone | None, now: datetime) -> bool:
    """Return whether someone else may hold the number: it was marked so, or has been silent for half a year."""
    if phone is None:
        return False
    return phone.doubted_at is not None or (phone.heard_at is not None and phone.heard_at < now - SILENCE)


def mark_as_reassigned(session: Session, phone_ids: Iterable[int], now: datetime) -> None:
    """Mark numbers as possibly reassigned; those already marked keep their date."""
    ids = list(phone_ids)
    unmarked = update(Phone).where(Phone.id.in_(ids), Phone.doubted_at.is_(None))
    session.execute(unmarked.values(doubted_at=now))
    for number in session.scalars(select(Phone.number).where(Phone.id.in_(ids))):
        end_sessions_after_commit(session, number)


def record_activity(phone: Phone | None, now: datetime) -> None:
    """Record, at most once a day, that a number dialled or texted.

    After a long silence, also mark it as possibly reassigned: someone else may be using it now.
    """
    if phone is None or (phone.heard_at is not None and phone.heard_at > now - DAY):
        return
    if may_be_reassigned(phone, now):
        phone.doubted_at = phone.doubted_at or now
    phone.heard_at = now


def resolve_reassignment(session: Session, phone: Phone, same_person: bool, now: datetime) -> None:
    """Record whether the same person still holds the number; if not, delete the former holder's data."""
    phone.doubted_at, phone.heard_at = None, now
    if same_person:
        return
    end_sessions_after_commit(session, phone.number)
    responders.stop_being_chosen(session, phone.id, now)
    for backup in session.scalars(select(Responder).where(Responder.phone_id == phone.id, Responder.backup)):
        session.delete(backup)
    roles.leave_all_roles(session, phone.id, now)
    network.end_admin_role(session, phone.id, now, by=phone.id)
    for table in THEIRS:
        session.execute(delete(table).where(table.phone_id == phone.id))
    member = lookup.find_member(session, phone.id)
    if member is not None:
        leaving.leave_service(session, member, now)
    invitation_tags.forget_number(session, phone.number)  # the groups were left by the former holder
    phone.language = phone.silent_at = None
