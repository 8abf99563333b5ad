"""Texts about a help request, to its member and to the responders who were asked; a practice is marked as one."""

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
from smsgate.outbox.limits import Cause, Caused

WORTH_SENDING = timedelta(hours=2)


def send_to_responder(
    session: Session, responder: Responder, words: str, key: Key, now: datetime, *,
    kind: MessageKind = MessageKind.HELP_NEWS, due: datetime | None = None, lane: Lane = Lane.URGENT,
    caused: Caused | None = None,
) -> int | None:  # fmt: skip
    """Queue a text to a responder; return its id, or None if it cannot reach them or exceeds the limit of `caused`."""
    text = outbox.Text(
        words=words, key=key, kind=kind, lane=lane, due_at=due, expires_at=(due or now) + WORTH_SENDING,
        responder_id=responder.id, caused=caused,
    )  # fmt: skip
    return outbox.send_text(session, responder.phone_id, text, now)


def tell_responder(
    session: Session, request: HelpRequest, responder: Responder, words: Callable[[], str], key: Key, now: datetime,
    caused: Caused | None = None,
) -> None:  # fmt: skip
    """Queue news of a request to a responder, in their language; `caused` is the limit it counts against, if any."""
    with speaking_of(request.member, language_for(responder)):
        marked = mark_practice(request, words())
    send_to_responder(session, responder, marked, key, now, caused=caused or _practised(request))


def tell_member(
    session: Session, request: HelpRequest, words: Callable[[], str], key: Key, now: datetime,
    caused: Caused | None = None,
) -> None:  # fmt: skip
    """Queue news of a request to its member, in the urgent lane."""
    with speaking_of(request.member, request.member.phone.language):
        marked = mark_practice(request, words())
    text = outbox.Text(
        words=marked, key=key, kind=MessageKind.HELP_NEWS, lane=Lane.URGENT, expires_at=now + WORTH_SENDING,
        caused=caused or _practised(request),
    )  # fmt: skip
    outbox.send_text(session, request.member.phone_id, text, now)


def _practised(request: HelpRequest) -> Caused | None:
    """Return the cause if it is a practice, all of whose texts count against its member's limit."""
    return Caused(Cause.PRACTICE, request.member.phone.number) if request.practice else None


def mark_practice(request: HelpRequest, words: str) -> str:
    """Return the words; if they are about a practice, marked as such in the language spoken now."""
    return sms.practice(words) if request.practice else words
