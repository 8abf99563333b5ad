"""Help requests: raise, acknowledge, close, and the truth about how one stands.

A message about a person leaves only by that person's own act, and only to people who agreed.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate import messages, rounds, texts
from smsgate.flows.help_text import standard
from smsgate.flows.seen import PlanSeen, RequestSeen
from smsgate.i18n import speaking
from smsgate.models import (
    Agreed,
    HelpAsk,
    HelpRequest,
    HelpText,
    Kind,
    Lane,
    Member,
    Message,
    Responder,
    State,
)
from smsgate.phone import spoken

WORTH_SENDING = timedelta(hours=2)
ROUND = "help"
OPEN_FOR = timedelta(hours=24)
HOUR = timedelta(hours=1)
UNSENT_AFTER = timedelta(seconds=90)  # the member is told within two minutes
GOT_AWAY = frozenset({State.SENT, State.DELIVERED})
IN_HAND = frozenset({State.WAITING, State.SENDING, State.UNKNOWN})


def who(member: Member) -> str:
    """A member as a responder sees them: the chosen name, if any, and the number to call back."""
    number = spoken(member.phone.number)
    return f"{member.name} ({number})" if member.name else number


def tongue(responder: Responder) -> str | None:
    """The responder's language; while they chose none, that of the member who chose them."""
    return responder.phone.language or responder.member.phone.language


def called(responder: Responder) -> str:
    """A responder as the member calls them."""
    return responder.name or spoken(responder.phone.number)


def words_of(session: Session, member: Member) -> str:
    """The member's prepared words, or ""."""
    kept = session.scalars(select(HelpText).where(HelpText.member_id == member.id)).first()
    return kept.words if kept else ""


def keep_words(session: Session, member: Member, words: str, now: datetime) -> None:
    """Keep the help text; empty: forget it."""
    kept = session.scalars(select(HelpText).where(HelpText.member_id == member.id)).first()
    if not words:
        if kept:
            session.delete(kept)
        return
    if kept is None:
        kept = HelpText(member_id=member.id, words=words, changed_at=now)
        session.add(kept)
    kept.words, kept.changed_at = words, now


def plan(session: Session, member: Member | None, now: datetime) -> PlanSeen:
    """What the member prepared, and how an open request stands."""
    if member is None:
        return {"words": "", "agreed": 0, "asked": 0, "recent": 0, "open": None}
    agreed = list(session.scalars(select(Responder.agreed).where(Responder.member_id == member.id)))
    request = open_request(session, member)
    return {
        "words": words_of(session, member),
        "agreed": agreed.count(Agreed.YES),
        "asked": agreed.count(Agreed.ASKED),
        "recent": _recent(session, member, now),
        "open": truth(session, request) if request else None,
    }


def _recent(session: Session, member: Member, now: datetime) -> int:
    since = (HelpRequest.member_id == member.id, HelpRequest.raised_at > now - HOUR)
    return session.scalar(select(func.count()).select_from(HelpRequest).where(*since)) or 0


def open_request(session: Session, member: Member) -> HelpRequest | None:
    """The member's open help request."""
    rows = select(HelpRequest).where(HelpRequest.member_id == member.id, HelpRequest.closed_at.is_(None))
    return session.scalars(rows.order_by(HelpRequest.id.desc())).first()


def truth(session: Session, request: HelpRequest) -> RequestSeen:
    """Who was asked, reached, and answered."""
    rows = select(HelpAsk, Message.state).outerjoin(Message, HelpAsk.message_id == Message.id)
    asks = session.execute(rows.where(HelpAsk.request_id == request.id).order_by(HelpAsk.id)).all()
    return {
        "asked": len(asks),
        "sent": sum(state in GOT_AWAY for _ask, state in asks),
        "delivered": sum(state is State.DELIVERED for _ask, state in asks),
        "unsent": sum(state not in GOT_AWAY | IN_HAND for _ask, state in asks),
        "answered": [called(ask.responder) for ask, _state in asks if ask.answered_at],
    }


def raise_help(session: Session, member: Member, now: datetime) -> int:
    """Send the help text to everybody who agreed; how many texts reach. Request and messages commit together."""
    agreed = select(Responder).where(Responder.member_id == member.id, Responder.agreed == Agreed.YES)
    responders = list(session.scalars(agreed.order_by(Responder.id)))
    if not responders:
        return 0
    earlier = open_request(session, member)
    if earlier:
        earlier.closed_at = now
    request = HelpRequest(member_id=member.id, raised_at=now)
    session.add(request)
    session.flush()
    words = words_of(session, member)
    asks = [_ask(session, request, responder, words, now) for responder in responders]
    session.add_all(asks)
    return sum(ask.message_id is not None for ask in asks)


def _ask(session: Session, request: HelpRequest, responder: Responder, words: str, now: datetime) -> HelpAsk:
    with speaking(tongue(responder)):
        said = texts.help_text(who(responder.member), words or standard())
    made = _queue(session, responder.phone_id, said, f"help:{request.id}", Kind.HELP, now)
    return HelpAsk(request_id=request.id, responder_id=responder.id, message_id=made[0] if made else None)


def _queue(session: Session, phone_id: int, words: str, cause: str, kind: Kind, now: datetime) -> list[int]:
    draft = messages.Draft(
        phone_id=phone_id, words=words, cause=cause, kind=kind, lane=Lane.URGENT, expires_at=now + WORTH_SENDING
    )
    return messages.queue(session, [draft], now)


def pending_ask(session: Session, phone_id: int) -> HelpAsk | None:
    """The newest help text that this number has not answered."""
    rows = (
        select(HelpAsk)
        .join(Responder)
        .join(HelpRequest)
        .where(
            Responder.phone_id == phone_id,
            Responder.agreed == Agreed.YES,
            HelpRequest.closed_at.is_(None),
            HelpAsk.answered_at.is_(None),
            HelpAsk.message_id.is_not(None),
        )
    )
    return session.scalars(rows.order_by(HelpAsk.id.desc())).first()


def acknowledge(session: Session, ask: HelpAsk, now: datetime) -> None:
    """A responder is on it: the member and the other responders are told, once."""
    if ask.answered_at is not None:
        return
    ask.answered_at = now
    responder, member = ask.responder, ask.responder.member
    with speaking(member.phone.language):
        said = texts.answered(called(responder))
    _queue(session, member.phone_id, said, f"answered:{ask.id}", Kind.HELP_NEWS, now)
    for other in _others(session, ask):
        with speaking(tongue(other)):
            said = texts.somebody_is_on_it(who(member))
        _queue(session, other.phone_id, said, f"taken:{ask.id}", Kind.HELP_NEWS, now)


def _others(session: Session, ask: HelpAsk) -> Iterable[Responder]:
    rows = select(Responder).join(HelpAsk).where(HelpAsk.request_id == ask.request_id, HelpAsk.id != ask.id)
    return session.scalars(rows.where(Responder.agreed == Agreed.YES))


def say_fine(session: Session, member: Member, now: datetime) -> int:
    """Close the open request and tell those who were told; their number. What waits does not leave."""
    request = open_request(session, member)
    if request is None:
        return 0
    request.closed_at = now
    told = 0
    rows = select(HelpAsk, Message).outerjoin(Message, HelpAsk.message_id == Message.id)
    for ask, message in session.execute(rows.where(HelpAsk.request_id == request.id)).all():
        if message is not None and message.state is State.WAITING:
            message.state, message.words, message.ended_at = State.WITHDRAWN, None, now
        elif message is not None and message.state in GOT_AWAY | IN_HAND and ask.responder.agreed is Agreed.YES:
            told += 1
            with speaking(tongue(ask.responder)):
                said = texts.fine_now(who(member))
            _queue(session, ask.responder.phone_id, said, f"fine:{request.id}", Kind.HELP_NEWS, now)
    return told


def tell_unsent(session: Session, message_ids: list[int], now: datetime, code: str) -> None:
    """Tell each member, once, which of these help texts could not leave."""
    rows = select(HelpAsk).where(HelpAsk.message_id.in_(message_ids), HelpAsk.told_unsent_at.is_(None))
    for ask in session.scalars(rows):
        ask.told_unsent_at = now
        member = ask.responder.member
        with speaking(member.phone.language):
            said = texts.unsent(called(ask.responder), code)
        _queue(session, member.phone_id, said, f"unsent:{ask.id}", Kind.HELP_NEWS, now)


def look_after(session: Session, now: datetime, code: str) -> None:
    """A round of the clock: tell of texts that did not leave in time; close requests after a day.

    Where nothing ran for a while, what waited has the usual time from now on: the workers are only just back.
    """
    if rounds.running_since(session, ROUND, now) <= now - UNSENT_AFTER:
        _tell_late(session, now, code)
    old = select(HelpRequest).where(HelpRequest.closed_at.is_(None), HelpRequest.raised_at < now - OPEN_FOR)
    for request in session.scalars(old):
        request.closed_at = now


def _tell_late(session: Session, now: datetime, code: str) -> None:
    late = (
        select(Message.id)
        .join(HelpAsk, HelpAsk.message_id == Message.id)
        .join(HelpRequest)
        .where(
            HelpRequest.closed_at.is_(None),
            HelpAsk.told_unsent_at.is_(None),
            HelpRequest.raised_at < now - UNSENT_AFTER,
            Message.state.not_in(GOT_AWAY),
        )
    )
    tell_unsent(session, list(session.scalars(late)), now, code)
