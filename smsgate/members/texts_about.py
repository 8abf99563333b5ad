"""Texts that others received about someone: their words are erased along with the person."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.orm import Session

from smsgate.core.encryption import as_sealed, readable
from smsgate.models import (
    FINAL,
    HelpRecipient,
    HelpRequest,
    Member,
    Membership,
    Message,
    MessageStatus,
    Responder,
    RoleAssignment,
)

LEFT = Message.state.in_([*FINAL, MessageStatus.SENDING, MessageStatus.SENT, MessageStatus.UNKNOWN])
NATIONAL_DIGITS = 9  # the last digits of a number, the same in every notation


def forget_words(session: Session, member: Member) -> None:
    """Erase the words of every text about a member that others received; the texts' status stays.

    These are copies of help texts, invitations to be a responder, and texts to responders or leaders of the member's
    groups that contain the member's name or number. A worker that is sending one holds its words already; without words
    none is sent again. News that waits, such as that it is over, still goes out.
    """
    forgotten = update(Message).where(or_(_sent_for(member), Message.id.in_(_naming(session, member))))
    session.execute(forgotten.values(words=None).execution_options(synchronize_session=False))


def _sent_for(member: Member) -> ColumnElement[bool]:
    asked = select(HelpRecipient).join(HelpRequest).where(HelpRequest.member_id == member.id).subquery()
    copies = (Message.id.in_(select(asked.c[column])) for column in ("message_id", "again_id"))
    return or_(Message.inviter_id == member.id, *copies)


def _naming(session: Session, member: Member) -> list[int]:
    """Return the ids of texts that name the member, or may do so because no key opens them; each has to be read."""
    chosen = select(Responder.phone_id).where(Responder.member_id == member.id)
    groups = select(Membership.group_id).where(Membership.member_id == member.id)
    leaders = select(RoleAssignment.phone_id).where(RoleAssignment.group_id.in_(groups))
    readers = or_(Message.phone_id.in_(chosen), Message.phone_id.in_(leaders))
    columns = select(Message.id, as_sealed(Message.words))
    rows = session.execute(columns.where(readers, LEFT, Message.words.is_not(None))).all()
    words = readable(session, Message.words, [form for _id, form in rows])
    number = _digits(member.phone.number)[-NATIONAL_DIGITS:]
    return [row_id for row_id, form in rows if form not in words or _names(words[form], member.name, number)]


def _names(words: str, name: str | None, number: str) -> bool:
    return number in _digits(words) or bool(name and name in words)


def _digits(text: Iterable[str]) -> str:
    return "".join(character for character in text if character.isdecimal())
