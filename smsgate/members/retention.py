"""Deletes data that is no longer needed: words of old texts, expired requests and answers, numbers of strangers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from smsgate.core.database import among
from smsgate.groups import invitations, join_requests, roles
from smsgate.help import backup_leader, responders
from smsgate.models import (
    FINAL,
    DeliveryReport,
    Inbound,
    Member,
    Message,
    MessageStatus,
    NetworkAdmin,
    Notice,
    NoticeStatus,
    PerformedAction,
    Phone,
    Responder,
    RoleAssignment,
)
from smsgate.notices import replies
from smsgate.surveys import answers

ONCE = timedelta(days=2)  # records that prevent doing a thing twice: the provider repeats an inbound SMS for 12 hours


def forget_old_data(session: Session, now: datetime, keep: timedelta) -> None:
    """Delete what is past its time. Messages older than `keep` lose their words but stay as counts. Run hourly."""
    past = (Message.state.in_([*FINAL, MessageStatus.SENT, MessageStatus.UNKNOWN]), Message.created_at < now - keep)
    session.execute(update(Message).where(*past, Message.words.is_not(None)).values(words=None))
    responders.forget_old_invitations(session, now)
    backup_leader.forget_undone(session)
    _forget_strangers(session, now)
    replies.forget_old_replies(session, now)
    roles.forget_ended_roles(session, now)
    answers.forget_old_answers(session, now)
    join_requests.forget_old_requests(session, now)
    invitations.forget_old_numbers(session, now)
    session.execute(delete(Notice).where(Notice.stage == NoticeStatus.DROPPED, Notice.created_at < now - keep))
    for table in (Inbound, PerformedAction, DeliveryReport):
        session.execute(delete(table).where(table.at < now - ONCE))


def _forget_strangers(session: Session, now: datetime) -> None:
    """Delete numbers without a member, responder or role: they only asked something, or were erased and told so."""
    recently_texted = exists().where(Message.phone_id == Phone.id, Message.created_at > now - ONCE)
    needed = [exists().where(table.phone_id == Phone.id) for table in (Member, Responder, RoleAssignment, NetworkAdmin)]
    idle = (Phone.created_at < now - ONCE, Phone.stopped_at.is_(None), Phone.blocked_at.is_(None), ~recently_texted)
    strangers = (*idle, *[~need for need in needed])
    # Locked first, then looked at again: on PostgreSQL who joins meanwhile would be deleted with the number.
    locked = session.scalars(select(Phone.id).where(*strangers).with_for_update(skip_locked=True)).all()
    session.execute(delete(Phone).where(among(session, Phone.id, locked), *strangers))
