"""Texts that others received about someone: their words are erased along with the person."""

from __future__ import annotations

from functools import partial

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.help.names import is_named
from smsgate.models import (
    HelpRecipient,
    HelpRequest,
    Match,
    Member,
    Membership,
    Message,
    Responder,
    RoleAssignment,
    Supporter,
)


def forget_words(session: Session, member: Member) -> None:
    """Erase the words of every text about a member that others received; the texts' status stays.

    These are copies of help texts, invitations to be a responder, texts of matches, and texts to responders, the other
    person of a match or leaders of the member's groups that contain the member's name or number.
    """
    outbox.forget_words(session, _sent_for(member))
    outbox.forget_words(session, _to_those_around(member), says=partial(is_named, member))


def forget_words_of_matches(session: Session) -> None:
    """Erase the words of texts about matches that are gone: if one of the two was erased, the other was told."""
    is_gone = ~select(Match.id).where(Match.id == Message.match_id).correlate(Message).exists()
    outbox.forget_words(session, Message.match_id.is_not(None), is_gone)


def _sent_for(member: Member) -> ColumnElement[bool]:
    asked = select(HelpRecipient).join(HelpRequest).where(HelpRequest.member_id == member.id).subquery()
    copies = (Message.id.in_(select(asked.c[column])) for column in ("message_id", "again_id"))
    matches = select(Match.id).join(Supporter).where(_is_in_match(member))
    return or_(Message.inviter_id == member.id, Message.match_id.in_(matches), *copies)


def _is_in_match(member: Member) -> ColumnElement[bool]:
    return or_(Match.member_id == member.id, Supporter.member_id == member.id)


def _to_those_around(member: Member) -> ColumnElement[bool]:
    """SQL condition on Message: to whom the member chose, was matched with, or who leads their groups."""
    chosen = select(Responder.phone_id).where(Responder.member_id == member.id)
    groups = select(Membership.group_id).where(Membership.member_id == member.id)
    leaders = select(RoleAssignment.phone_id).where(RoleAssignment.group_id.in_(groups))
    both = (
        select(table.member_id).select_from(Match).join(Supporter).where(_is_in_match(member))
        for table in (Match, Supporter)
    )
    matched = select(Member.phone_id).where(or_(*(Member.id.in_(ids) for ids in both)))
    return or_(*(Message.phone_id.in_(phones) for phones in (chosen, matched, leaders)))
