"""Signing up, and a member's name and on/off settings."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from smsgate.core.database import read_columns
from smsgate.flows.actions.results import KeptSeen
from smsgate.models import (
    Base,
    ConsentSubject,
    HelpPlan,
    HelpRequest,
    HelpText,
    Member,
    Membership,
    Message,
    NoticeReply,
    Phone,
    Responder,
)
from smsgate.models.lookup import WITH_NUMBER, find_member, forms_of, note_consent

SETTINGS = ("reminders", "paused", "silent")  # for `discreet` see `private_texts`

_SETTINGS = select(Member.discreet, Member.reminders, Member.paused_at, Phone.silent_at).join(Phone).where(WITH_NUMBER)


def settings_of(session: Session, number: str) -> dict[str, bool] | None:
    """Return the on/off settings of the member with this E.164 number, by name; None if there is no such member."""
    row = read_columns(session, _SETTINGS, {"forms": forms_of(session, number)}).first()
    if row is None:
        return None
    dated = {"paused": row.paused_at is not None, "silent": row.silent_at is not None}
    return {"discreet": row.discreet, "reminders": row.reminders, **dated}


def join(session: Session, phone: Phone, language: str, now: datetime) -> Member:
    """Sign up; repeating it changes only the language. Does not undo an opt-out: only START does."""
    phone.language, phone.heard_at = language, now
    member = find_member(session, phone.id)
    if member is None:
        member = Member(phone_id=phone.id, joined_at=now)
        session.add(member)
        note_consent(session, phone.id, ConsentSubject.SERVICE, True, now)
        session.flush()
    return member


def set_name(member: Member, name: str) -> None:
    """Set a member's name; blank for none."""
    member.name = name.strip() or None


def set_switch(member: Member, setting: str, on: bool, now: datetime) -> None:
    """Switch `reminders`, `paused` or `silent` on or off; raise ValueError for any other setting."""
    if setting not in SETTINGS:
        raise ValueError(f"no setting is called {setting}")
    if setting == "paused":
        member.paused_at = now if on else None
    elif setting == "silent":
        member.phone.silent_at = now if on else None
    else:
        setattr(member, setting, on)


def count_stored_data(session: Session, phone_id: int | None) -> KeptSeen:
    """Return how much is stored about a number, in the shape that flows show."""
    member = find_member(session, phone_id)
    member_id = member.id if member else 0

    def count(table: type[Base], *conditions: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(table).where(*conditions)) or 0

    return {
        "name": (member.name or "") if member else "",
        "groups": count(Membership, Membership.member_id == member_id),
        "people": count(Responder, Responder.member_id == member_id),
        "words": count(HelpText, HelpText.member_id == member_id) + count(HelpPlan, HelpPlan.member_id == member_id)
        > 0,
        "texts": count(Message, Message.phone_id == (phone_id or 0), Message.words.is_not(None))
        + count(NoticeReply, NoticeReply.phone_id == (phone_id or 0)),
    }


def has_open_request() -> ColumnElement[bool]:
    """Return the condition that a Member has an open help request, other than a practice."""
    open_ = (HelpRequest.closed_at.is_(None), ~HelpRequest.practice)
    return exists().where(HelpRequest.member_id == Member.id, *open_)
