"""Leaving the service and being erased: one step each, immediate, and without a reason asked."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from smsgate.core.database import end_sessions_after_commit, insert_new, scrub_after_commit
from smsgate.groups import invitation_tags, network, roles
from smsgate.help import endings, responders
from smsgate.matching import endings as match_endings
from smsgate.members import texts_about
from smsgate.members.opt_out import withdraw_all
from smsgate.models import ConsentSubject, Inbound, Member, Membership, PerformedAction, Phone, lookup
from smsgate.models.lookup import note_consent


def leave_service(session: Session, member: Member, now: datetime) -> None:
    """Delete a member, with their memberships, responders, help texts and requests.

    The consent ledger remembers that they were a member for as long as the number is known: two days
    (`kept.ONCE`), unless something else still needs it.
    """
    phone = member.phone
    endings.end_for_erased(session, member, now)
    match_endings.end_all_of(session, member, now)
    for group_id in session.scalars(select(Membership.group_id).where(Membership.member_id == member.id)).all():
        invitation_tags.record_left(session, phone.number, group_id, now)
    phone.silent_at = None
    note_consent(session, phone.id, ConsentSubject.SERVICE, False, now)
    withdraw_all(session, phone.id, now)
    end_sessions_after_commit(session, phone.number, erased=True)
    session.delete(member)
    session.flush()


def erase(session: Session, phone: Phone, now: datetime) -> None:
    """Delete everything about a number. If it opted out, the bare number is kept so that it is never texted again.

    Ends their sessions in Redis after the commit.
    """
    stopped = phone.stopped_at
    responders.stop_being_chosen(session, phone.id, now)
    member = lookup.find_member(session, phone.id)
    if member is not None:
        endings.end_for_erased(session, member, now)
        match_endings.end_all_of(session, member, now)
        texts_about.forget_words(session, member)
    roles.leave_all_roles(session, phone.id, now)
    network.end_admin_role(session, phone.id, now, by=phone.id)
    session.flush()
    number, phone_id = phone.number, phone.id
    end_sessions_after_commit(session, number, erased=True)
    session.execute(update(Inbound).where(Inbound.phone_id == phone_id).values(words=None))
    session.execute(delete(PerformedAction).where(PerformedAction.owner == lookup.owner_tag(session, number)))
    session.execute(delete(Phone).where(Phone.id == phone_id))
    invitation_tags.forget_number(session, number)
    session.expunge_all()
    scrub_after_commit(session)
    if stopped is not None:
        session.execute(insert_new(session, Phone).values(number=number, created_at=now, stopped_at=stopped))
