"""Sign-up, the consent ledger, language, discreet mode, pause, STOP and START, leave, erase."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, delete, exists, func, select, update
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.database import insert_new, read_columns
from smsgate.flows.actions.results import KeptSeen
from smsgate.groups import invitation_tags
from smsgate.models import (
    Base,
    ConsentSubject,
    HelpPlan,
    HelpRequest,
    HelpText,
    Inbound,
    Member,
    Membership,
    Message,
    NoticeReply,
    Phone,
    Responder,
    ResponderStatus,
)
from smsgate.models.lookup import WITH_NUMBER, find_member, forms_of, note_consent

SETTINGS = ("discreet", "reminders", "paused", "silent")

_SETTINGS = select(Member.discreet, Member.reminders, Member.paused_at, Phone.silent_at).join(Phone).where(WITH_NUMBER)


def settings_of(session: Session, number: str) -> dict[str, bool] | None:
    """The switches of the member with this E.164 number, by name."""
    row = read_columns(session, _SETTINGS, {"forms": forms_of(session, number)}).first()
    if row is None:
        return None
    at = {"paused": row.paused_at is not None, "silent": row.silent_at is not None}
    return {"discreet": row.discreet, "reminders": row.reminders, **at}


def join(session: Session, phone: Phone, language: str, now: datetime) -> Member:
    """Become a member; joining again changes nothing but the language. Only START brings texts back."""
    phone.language, phone.heard_at = language, now
    member = find_member(session, phone.id)
    if member is None:
        member = Member(phone_id=phone.id, joined_at=now)
        session.add(member)
        note_consent(session, phone.id, ConsentSubject.SERVICE, True, now)
        session.flush()
    return member


def set_name(member: Member, name: str) -> None:
    """Keep a name; empty: none."""
    member.name = name.strip() or None


def set_switch(member: Member, setting: str, on: bool, now: datetime) -> None:
    """Switch `discreet`, `reminders`, `paused` or `silent`."""
    if setting not in SETTINGS:
        raise ValueError(f"no setting is called {setting}")
    if setting == "paused":
        member.paused_at = now if on else None
    elif setting == "silent":
        member.phone.silent_at = now if on else None
    else:
        setattr(member, setting, on)


def opt_out(session: Session, phone: Phone, now: datetime) -> None:
    """Nothing is pushed to this number from now on; whoever chose it sees that it stopped."""
    if phone.stopped_at is None:
        phone.stopped_at = now
        note_consent(session, phone.id, ConsentSubject.TEXTS, False, now)
    for responder in session.scalars(select(Responder).where(Responder.phone_id == phone.id)):
        if responder.agreed in (ResponderStatus.ASKED, ResponderStatus.YES):
            responder.agreed = ResponderStatus.LEFT if responder.agreed is ResponderStatus.YES else ResponderStatus.NO
            responder.answered_at = now
            note_consent(session, phone.id, ConsentSubject.RESPONDER, False, now, responder.id)
    withdraw(session, phone.id, now)


def withdraw(session: Session, phone_id: int, now: datetime) -> None:
    """What waits for this number does not leave."""
    outbox.withdraw(session, Message.phone_id == phone_id, now=now)


def opt_in(session: Session, phone: Phone, now: datetime) -> None:
    """Texts may come again, as far as we and the person are concerned; a network that still stops them will say so."""
    phone.blocked_at = phone.told_blocked_at = None
    if phone.stopped_at is not None:
        phone.stopped_at = None
        note_consent(session, phone.id, ConsentSubject.TEXTS, True, now)


def leave_service(session: Session, member: Member, now: datetime) -> None:
    """Be a member no longer: groups, responders, help text and requests go.

    The ledger keeps that it was so for as long as the number is known: two days, where nobody else needs it.
    """
    phone = member.phone
    for group_id in session.scalars(select(Membership.group_id).where(Membership.member_id == member.id)).all():
        invitation_tags.record_left(session, phone.number, group_id, now)
    phone.silent_at = None
    note_consent(session, phone.id, ConsentSubject.SERVICE, False, now)
    withdraw(session, phone.id, now)
    session.delete(member)
    session.flush()


def erase(session: Session, phone: Phone, now: datetime) -> None:
    """Forget everything about a number. One that said STOP stays, alone, so that it is never texted again."""
    stopped = phone.stopped_at
    number, phone_id = phone.number, phone.id
    session.execute(update(Inbound).where(Inbound.phone_id == phone_id).values(words=None))
    session.execute(delete(Phone).where(Phone.id == phone_id))
    invitation_tags.forget_number(session, number)
    session.expunge_all()
    if stopped is not None:
        session.execute(insert_new(session, Phone).values(number=number, created_at=now, stopped_at=stopped))


def what_is_kept(session: Session, phone_id: int | None) -> KeptSeen:
    """How much is kept about a number."""
    member = find_member(session, phone_id)
    member_id = member.id if member else 0

    def count(table: type[Base], *which: ColumnElement[bool]) -> int:
        return session.scalar(select(func.count()).select_from(table).where(*which)) or 0

    return {
        "name": (member.name or "") if member else "",
        "groups": count(Membership, Membership.member_id == member_id),
        "people": count(Responder, Responder.member_id == member_id),
        "words": count(HelpText, HelpText.member_id == member_id) + count(HelpPlan, HelpPlan.member_id == member_id)
        > 0,
        "texts": count(Message, Message.phone_id == (phone_id or 0), Message.words.is_not(None))
        + count(NoticeReply, NoticeReply.phone_id == (phone_id or 0)),
    }


def with_an_open_request() -> ColumnElement[bool]:
    """Members of whom a help request is open."""
    return exists().where(HelpRequest.member_id == Member.id, HelpRequest.closed_at.is_(None))
