"""Requests to start a group: someone asks, and the network's admins read it and answer by text."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.admin_text import _
from smsgate.core.errors import Invalid
from smsgate.core.i18n import speaking
from smsgate.flows import sms
from smsgate.flows.finding.start_group import LONGEST_ANSWER
from smsgate.models import MessageKind, NetworkAdmin, Phone, StartRequest
from smsgate.outbox import eligibility, keys

KEPT = timedelta(days=90)
ANSWER_WITHIN = timedelta(days=2)  # how long texts about a request are worth sending
SHOWN_MOST = 100


def ask(session: Session, phone: Phone, place: str, idea: str, language: str, now: datetime) -> bool:
    """Save a request, replacing an earlier one; return False if no answer would reach their number."""
    if not eligibility.is_reached_by(phone, MessageKind.ALERT):
        return False
    phone.language = phone.language or language
    request = session.scalars(select(StartRequest).where(StartRequest.phone_id == phone.id)).first()
    if request is None:
        request = StartRequest(phone_id=phone.id)
        session.add(request)
    request.place, request.idea = " ".join(place.split()), " ".join(idea.split())
    request.asked_at, request.answered_at = now, None
    _tell_admins(session, now)
    return True


def _tell_admins(session: Session, now: datetime) -> None:
    """Text the network's admins who want that, at most once a day, that a request is waiting; don't say what it is."""
    wanted = select(NetworkAdmin).where(NetworkAdmin.ended_at.is_(None), NetworkAdmin.is_texted)
    for admin in session.scalars(wanted.order_by(NetworkAdmin.id)).all():
        with speaking(admin.phone.language):
            said = sms.asked_the_network()
        text = outbox.Text(
            words=said, key=keys.start_asked(now), kind=MessageKind.ALERT, expires_at=now + ANSWER_WITHIN,
            admin_id=admin.id,
        )  # fmt: skip
        outbox.send_text(session, admin.phone_id, text, now)


def is_texted(session: Session, phone_id: int) -> bool:
    """Return whether a network admin gets a text when somebody asks."""
    return bool(session.scalar(select(NetworkAdmin.is_texted).where(NetworkAdmin.phone_id == phone_id)))


def set_texted(session: Session, phone_id: int, on: bool) -> None:
    """Set whether a network admin gets a text when somebody asks."""
    session.execute(update(NetworkAdmin).where(NetworkAdmin.phone_id == phone_id).values(is_texted=on))


def requests(session: Session) -> list[StartRequest]:
    """Return unanswered requests, oldest first, then the others; at most SHOWN_MOST."""
    rows = select(StartRequest).order_by(StartRequest.answered_at.is_not(None), StartRequest.asked_at, StartRequest.id)
    return list(session.scalars(rows.limit(SHOWN_MOST)))


def count_unanswered(session: Session) -> int:
    """Return how many requests are unanswered."""
    rows = select(func.count()).select_from(StartRequest).where(StartRequest.answered_at.is_(None))
    return session.scalar(rows) or 0


def answer(session: Session, request: StartRequest, words: str, now: datetime, code: str) -> bool:
    """Text an answer to the person who asked; return False if texts no longer reach them. Raises Invalid."""
    words = " ".join(words.split())
    if not 1 <= len(words) <= LONGEST_ANSWER:
        raise Invalid(_("An answer must have 1 to {most} characters.").format(most=LONGEST_ANSWER))
    phone = session.get_one(Phone, request.phone_id)
    with speaking(phone.language):
        said = sms.start_answer(words, code)
    key = keys.start_answer(request.id, now)
    text = outbox.Text(words=said, key=key, kind=MessageKind.ALERT, expires_at=now + ANSWER_WITHIN)
    sent = outbox.send_text(session, phone.id, text, now) is not None
    if sent:
        request.answered_at = now
    return sent


def forget_old(session: Session, now: datetime) -> None:
    """Delete requests older than KEPT, answered or not."""
    session.execute(delete(StartRequest).where(StartRequest.asked_at < now - KEPT))
