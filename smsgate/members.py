"""Sign-up, the consent ledger, language, discreet mode, pause, STOP and START, leave, erase."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, delete, exists, func, select, update
from sqlalchemy.orm import Session

from smsgate import invited
from smsgate.database import insert_new
from smsgate.flows.seen import KeptSeen
from smsgate.models import (
    Agreed,
    Base,
    Consent,
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
    State,
    What,
)
from smsgate.sealed import SealedForm, keys_of

SETTINGS = ("discreet", "reminders", "paused", "silent")

# Built once: on the way of every turn, building a statement costs more than running it.
WITH_NUMBER = Phone.number.in_(bindparam("forms", expanding=True))
_PHONE = select(Phone).where(WITH_NUMBER)
_SETTINGS = select(Member.discreet, Member.reminders, Member.paused_at, Phone.silent_at).join(Phone).where(WITH_NUMBER)
_MEMBER = select(Member).join(Phone, Phone.id == Member.phone_id).where(WITH_NUMBER)


def find_phone(session: Session, number: str) -> Phone | None:
    """The row of an E.164 number, whichever key sealed it."""
    return session.scalars(_PHONE, {"forms": forms_of(session, number)}).first()


def forms_of(session: Session, words: str, purpose: str = "phone.number") -> list[SealedForm]:
    """The sealed forms under which an E.164 number, or what else is looked for, may stand in the database."""
    return [SealedForm(form) for form in keys_of(session.get_bind().dialect).forms(words, purpose)]


def ensure_phone(session: Session, number: str, now: datetime) -> Phone:
    """The row of an E.164 number, made if it is new."""
    phone = find_phone(session, number)
    if phone is None:
        session.execute(insert_new(session, Phone).values(number=number, created_at=now))
        phone = find_phone(session, number)
        if phone is None:  # pragma: no cover - the row was inserted above, by us or by another
            raise LookupError("a phone that was just inserted")
    return phone


def find_member(session: Session, phone_id: int | None) -> Member | None:
    """The member on this phone."""
    return session.scalars(select(Member).where(Member.phone_id == phone_id)).first() if phone_id else None


def find_member_by_number(session: Session, number: str) -> Member | None:
    """The member with this E.164 number."""
    return session.scalars(_MEMBER, {"forms": forms_of(session, number)}).first()


def settings_of(session: Session, number: str) -> dict[str, bool] | None:
    """The switches of the member with this E.164 number, by name."""
    row = session.execute(_SETTINGS, {"forms": forms_of(session, number)}).first()
    if row is None:
        return None
    at = {"paused": row.paused_at is not None, "silent": row.silent_at is not None}
    return {"discreet": row.discreet, "reminders": row.reminders, **at}


def note_consent(
    session: Session, phone_id: int, what: What, given: bool, now: datetime, about_id: int | None = None
) -> None:
    """Append to the ledger."""
    session.add(Consent(phone_id=phone_id, what=what, given=given, about_id=about_id, at=now))


def join(session: Session, phone: Phone, language: str, now: datetime) -> Member:
    """Become a member; joining again changes nothing but the language. Only START brings texts back."""
    phone.language, phone.heard_at = language, now
    member = find_member(session, phone.id)
    if member is None:
        member = Member(phone_id=phone.id, joined_at=now)
        session.add(member)
        note_consent(session, phone.id, What.SERVICE, True, now)
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


def stop(session: Session, phone: Phone, now: datetime) -> None:
    """Nothing is pushed to this number from now on; whoever chose it sees that it stopped."""
    if phone.stopped_at is None:
        phone.stopped_at = now
        note_consent(session, phone.id, What.TEXTS, False, now)
    for responder in session.scalars(select(Responder).where(Responder.phone_id == phone.id)):
        if responder.agreed in (Agreed.ASKED, Agreed.YES):
            responder.agreed = Agreed.LEFT if responder.agreed is Agreed.YES else Agreed.NO
            responder.answered_at = now
            note_consent(session, phone.id, What.RESPONDER, False, now, responder.id)
    withdraw(session, phone.id, now)


def withdraw(session: Session, phone_id: int, now: datetime) -> None:
    """What waits for this number does not leave."""
    waiting = select(Message).where(Message.phone_id == phone_id, Message.state == State.WAITING)
    for message in session.scalars(waiting):
        message.state, message.words, message.ended_at = State.WITHDRAWN, None, now


def start(session: Session, phone: Phone, now: datetime) -> None:
    """Texts may come again, as far as we and the person are concerned; a network that still stops them will say so."""
    phone.blocked_at = phone.told_blocked_at = None
    if phone.stopped_at is not None:
        phone.stopped_at = None
        note_consent(session, phone.id, What.TEXTS, True, now)


def leave_all(session: Session, member: Member, now: datetime) -> None:
    """Be a member no longer: groups, responders, help text and requests go.

    The ledger keeps that it was so for as long as the number is known: two days, where nobody else needs it.
    """
    phone = member.phone
    for group_id in session.scalars(select(Membership.group_id).where(Membership.member_id == member.id)).all():
        invited.left(session, phone.number, group_id, now)
    phone.silent_at = None
    note_consent(session, phone.id, What.SERVICE, False, now)
    withdraw(session, phone.id, now)
    session.delete(member)
    session.flush()


def erase(session: Session, phone: Phone, now: datetime) -> None:
    """Forget everything about a number. One that said STOP stays, alone, so that it is never texted again."""
    stopped = phone.stopped_at
    number, phone_id = phone.number, phone.id
    session.execute(update(Inbound).where(Inbound.phone_id == phone_id).values(words=None))
    session.execute(delete(Phone).where(Phone.id == phone_id))
    invited.forget(session, number)
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
