"""Who chose a number: as a responder, as the backup leader, or as both, which are two separate consents."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import ColumnElement, exists, select
from sqlalchemy.orm import Session

from smsgate.models import HelpRecipient, HelpRequest, Message, Responder, ResponderStatus
from smsgate.outbox.reading import may_have_been_read, readable_from

STANDS = (ResponderStatus.ASKED, ResponderStatus.YES)


def choices_of(session: Session, phone_id: int | None) -> list[Responder]:
    """Return the choices of this number that stand (asked or agreed), and undone ones whose request is still open."""
    if phone_id is None:
        return []
    rows = select(Responder).where(Responder.phone_id == phone_id, Responder.agreed.in_(STANDS))
    return list(session.scalars(rows.where(Responder.undone_at.is_(None) | is_asked()).order_by(Responder.id)))


def was_ever_chosen(session: Session, phone_id: int) -> bool:
    """Return whether a member has this number on their list, whatever its holder said."""
    return session.scalar(select(Responder.id).where(Responder.phone_id == phone_id).limit(1)) is not None


def is_asked() -> ColumnElement[bool]:
    """Return a condition on Responder: a request that asked them is open."""
    open_request = (HelpRecipient.request_id == HelpRequest.id, HelpRequest.closed_at.is_(None))
    return exists().where(HelpRecipient.responder_id == Responder.id, *open_request)


def all_of_member(session: Session, responder: Responder) -> list[Responder]:
    """Return every choice to end when this responder leaves their member, so that they leave as backup leader too."""
    chosen = [choice for choice in choices_of(session, responder.phone_id) if choice.member_id == responder.member_id]
    return list(dict.fromkeys([responder, *(choice for choice in chosen if choice.agreed is ResponderStatus.YES)]))


def one_for_each_member(choices: Iterable[tuple[Responder, bool]]) -> list[tuple[Responder, bool]]:
    """Return for each member the choice that matters most, and whether it waits for an answer.

    One that does comes first, then an invitation, then a responder's, then a backup leader's.
    """
    shown: dict[int, tuple[Responder, bool]] = {}
    for choice, needs_answer in sorted(choices, key=_importance, reverse=True):
        shown.setdefault(choice.member_id, (choice, needs_answer))
    return sorted(shown.values(), key=lambda shown: shown[0].id)


def _importance(shown: tuple[Responder, bool]) -> tuple[bool, bool, bool]:
    choice, needs_answer = shown
    return needs_answer, choice.agreed is ResponderStatus.ASKED, not choice.backup


def newest_chooser(session: Session, phone_id: int, known_at: datetime | None = None) -> Responder | None:
    """Return the responder row of the member who last asked this number for help, else of the one who last chose it.

    With `known_at`, only help texts that had arrived by then count: a text written then can't be about a later one.
    """
    agreed = [responder for responder in choices_of(session, phone_id) if responder.agreed is ResponderStatus.YES]
    newest = select(HelpRecipient).where(HelpRecipient.responder_id.in_([responder.id for responder in agreed]))
    if known_at is not None:
        newest = newest.where(Message.id == HelpRecipient.message_id, may_have_been_read(), readable_from() <= known_at)
    last = session.scalars(newest.order_by(HelpRecipient.id.desc()).limit(1)).first()
    return last.responder if last else (agreed[-1] if agreed else None)
