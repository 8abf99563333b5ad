"""Responders and their consent: asked first, free to decline, free to leave."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from smsgate import messages, texts
from smsgate.flows.seen import ChoiceSeen, ResponderSeen
from smsgate.help import acknowledge, called, tongue, who
from smsgate.i18n import speaking
from smsgate.members import ensure_phone, note_consent
from smsgate.models import Agreed, HelpAsk, HelpRequest, Kind, Lane, Member, Message, Phone, Responder, State, What

MOST = 3
STANDS = (Agreed.ASKED, Agreed.YES)
DAY = timedelta(days=1)
INVITED_BY_ONE = 6  # invitations a day that one member may cause
INVITED_TO_ONE = 3  # invitations a day that one number may get
WORTH_ASKING = timedelta(days=7)


def seen(session: Session, member: Member | None) -> list[ResponderSeen]:
    """The people whom the member chose, in their order."""
    if member is None:
        return []
    rows = select(Responder).where(Responder.member_id == member.id).order_by(Responder.id)
    return [{"id": one.id, "name": called(one), "agreed": _shown(one)} for one in session.scalars(rows)]


def _shown(responder: Responder) -> str:
    """Whether they agreed, or that texts do not reach them any more."""
    reached = responder.phone.blocked_at is None or responder.agreed not in STANDS
    return responder.agreed.value if reached else "unreachable"


def ask(session: Session, member: Member, number: str, name: str, now: datetime) -> str:
    """Ask somebody to be a responder: asked, already, full, enough, closed (may not be texted) or yourself."""
    phone = ensure_phone(session, number, now)
    refused = _refused(session, member, phone, now)
    if refused:
        return refused
    responder = Responder(
        member_id=member.id, phone_id=phone.id, name=name.strip() or None, agreed=Agreed.ASKED, asked_at=now
    )
    session.add(responder)
    session.flush()
    with speaking(tongue(responder)):
        said = texts.invitation(who(member))
    _queue(session, phone.id, said, _cause(responder), now)
    return "asked"


def _refused(session: Session, member: Member, phone: Phone, now: datetime) -> str:
    chosen = list(session.scalars(select(Responder.phone_id).where(Responder.member_id == member.id)))
    if phone.id == member.phone_id:
        return "yourself"
    if phone.id in chosen:
        return "already"
    if len(chosen) >= MOST:
        return "full"
    if phone.stopped_at is not None or phone.blocked_at is not None:
        return "closed"
    # Nobody may use this service to flood a number, their own list or a stranger's.
    return "enough" if _too_many(session, member, phone, now) else ""


def _too_many(session: Session, member: Member, phone: Phone, now: datetime) -> bool:
    def today(*which: ColumnElement[bool]) -> int:
        count = select(func.count()).select_from(Message)
        return session.scalar(count.where(Message.kind == Kind.INVITATION, Message.created_at > now - DAY, *which)) or 0

    by_one = today(Message.cause.startswith(f"invitation:{member.id}:"))
    return by_one >= INVITED_BY_ONE or today(Message.phone_id == phone.id) >= INVITED_TO_ONE


def remove(session: Session, member: Member, responder_id: int) -> None:
    """Take a person off the list; an invitation that has not left does not leave."""
    responder = session.get(Responder, responder_id)
    if responder is None or responder.member_id != member.id:
        return
    waiting = select(Message).where(
        Message.cause == _cause(responder), Message.phone_id == responder.phone_id, Message.state == State.WAITING
    )
    for message in session.scalars(waiting):
        message.state, message.words = State.WITHDRAWN, None
    session.delete(responder)


def pending_invitation(session: Session, phone_id: int, now: datetime) -> Responder | None:
    """The newest invitation that this number has not answered."""
    rows = select(Responder).where(
        Responder.phone_id == phone_id, Responder.agreed == Agreed.ASKED, Responder.asked_at > now - WORTH_ASKING
    )
    return session.scalars(rows.order_by(Responder.id.desc())).first()


def chosen_by_somebody() -> ColumnElement[bool]:
    """Phones that somebody's nomination names and still stands for."""
    return exists().where(Responder.phone_id == Phone.id, Responder.agreed.in_(STANDS))


def who_chose(session: Session, phone_id: int | None) -> list[Responder]:
    """The nominations of this number that still stand: asked or agreed."""
    if phone_id is None:
        return []
    rows = select(Responder).where(Responder.phone_id == phone_id, Responder.agreed.in_(STANDS))
    return list(session.scalars(rows.order_by(Responder.id)))


def choices_seen(session: Session, phone_id: int | None) -> list[ChoiceSeen]:
    """Who chose this number, and who waits for an answer from it now."""
    return [
        {
            "id": one.id,
            "name": who(one.member),
            "agreed": one.agreed.value,
            "needs_answer": _open_ask(session, one) is not None,
        }
        for one in who_chose(session, phone_id)
    ]


def answer(session: Session, phone_id: int, responder_id: int, said: str, now: datetime) -> None:
    """As a responder: `yes` agrees, `no` declines or leaves, `help` answers the open help request."""
    responder = session.get(Responder, responder_id)
    if responder is None or responder.phone_id != phone_id:
        return
    ask = _open_ask(session, responder)
    if said == "help":
        if ask:
            acknowledge(session, ask, now)
        return
    left = Agreed.LEFT if responder.agreed in (Agreed.YES, Agreed.LEFT) else Agreed.NO
    responder.agreed = Agreed.YES if said == "yes" else left
    responder.answered_at = now
    note_consent(session, phone_id, What.RESPONDER, said == "yes", now, responder.id)


def _open_ask(session: Session, responder: Responder) -> HelpAsk | None:
    rows = (
        select(HelpAsk)
        .join(HelpRequest)
        .where(HelpAsk.responder_id == responder.id, HelpAsk.answered_at.is_(None), HelpRequest.closed_at.is_(None))
    )
    return session.scalars(rows.order_by(HelpAsk.id.desc())).first()


def _cause(responder: Responder) -> str:
    return f"invitation:{responder.member_id}:{responder.id}"


def _queue(session: Session, phone_id: int, words: str, cause: str, now: datetime) -> None:
    draft = messages.Draft(
        phone_id=phone_id, words=words, cause=cause, kind=Kind.INVITATION, lane=Lane.NORMAL,
        expires_at=now + WORTH_ASKING,
    )  # fmt: skip
    messages.queue(session, [draft], now)
