"""Texts about a help request: to its member and to the responders who were asked; those of a practice are marked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.flows import sms
from smsgate.groups.wording import speaking_of
from smsgate.help.names import language_for
from smsgate.models import HelpRequest, Lane, MessageKind, Responder
from smsgate.outbox.keys import Key

WORTH_SENDING = timedelta(hours=2)


def send_to_responder(
    session: Session, responder: Responder, words: str, key: Key, now: datetime, *,
    kind: MessageKind = MessageKind.HELP_NEWS, due: datetime | None = None,
) -> int | None:  # fmt: skip
    """Queue a text to a responder in the urgent lane; returns its id, or None if it does not reach them."""
    text = outbox.Text(
        words=words, key=key, kind=kind, lane=Lane.URGENT, due_at=due, expires_at=(due or now) + WORTH_SENDING,
        responder_id=responder.id,
    )  # fmt: skip
    return outbox.send_text(session, responder.phone_id, text, now)


def tell_responder(
    session: Session, request: HelpRequest, responder: Responder, words: Callable[[], str], key: Key, now: datetime
) -> None:
    """Queue news of a request to a responder, in their language."""
    with speaking_of(request.member, language_for(responder)):
        marked = mark_practice(request, words())
    send_to_responder(session, responder, marked, key, now)


def tell_member(session: Session, request: HelpRequest, words: Callable[[], str], key: Key, now: datetime) -> None:
    """Queue news of a request to its member, in the urgent lane."""
    with speaking_of(request.member, request.member.phone.language):
        marked = mark_practice(request, words())
    text = outbox.Text(
        words=marked, key=key, kind=MessageKind.HELP_NEWS, lane=Lane.URGENT, expires_at=now + WORTH_SENDING
    )
    outbox.send_text(session, request.member.phone_id, text, now)


def mark_practice(request: HelpRequest, words: str) -> str:
    """The words, marked in the language spoken now where they are of a practice."""
    return sms.practice(words) if request.practice else words
