"""Taking a responder off the list, and the do-not-contact list: both take effect at once, also on an open request."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.help import answers, plans, request_states
from smsgate.help.names import is_named
from smsgate.help.state_tables import Answer
from smsgate.models import DoNotContact, Member, Message, Phone, Responder
from smsgate.models.lookup import forms_of

NEVER_MOST = 20


def remove_responder(session: Session, member: Member, responder_id: int, now: datetime) -> bool:
    """Remove a responder, and withdraw what waits for them. Returns whether they may have read the open help text."""
    responder = session.get(Responder, responder_id)
    if responder is None or responder.member_id != member.id:
        return False
    return _take_off(session, responder, now)


def _take_off(session: Session, responder: Responder, now: datetime) -> bool:
    """Delete a responder as if they had left, so that the next step follows; return whether they may have read.

    Only a real request counts for the latter, not a practice.
    """
    request_states.locked_members(session, [responder.member_id])
    for_them = (Message.phone_id == responder.phone_id, Message.responder_id == responder.id)
    outbox.withdraw(session, *for_them, now=now)
    case = request_states.open_case(session, responder.member)
    person = case.person(responder.id) if case else None
    may_have_read = person is not None and person.may_have_read
    answers.leave(session, [responder], Answer.LEFT, now, known=True)
    # Nothing leads from the member to these texts any more, so erasing could not find them.
    outbox.forget_words(session, Message.phone_id == responder.phone_id, says=partial(is_named, responder.member))
    session.delete(responder)
    session.flush()
    return may_have_read


def block_number(session: Session, member: Member, number: str, now: datetime) -> str:
    """Put an E.164 number on the do-not-contact list.

    Returns `kept`, `read` if its holder may have read the open help text, or why not: `yourself` or `full`.
    """
    if number == member.phone.number:
        return "yourself"
    if len(plans.do_not_contact_list(session, member)) >= NEVER_MOST:
        return "full"
    if not plans.is_do_not_contact(session, member, number):
        session.add(DoNotContact(member_id=member.id, number=number))
    forms = forms_of(session, number)
    rows = select(Responder).join(Phone, Phone.id == Responder.phone_id)
    chosen = session.scalars(rows.where(Responder.member_id == member.id, Phone.number.in_(forms))).all()
    read = [_take_off(session, responder, now) for responder in chosen]
    session.flush()
    return "read" if any(read) else "kept"
