"""Deletion of data that is no longer needed: words of old texts, expired requests and answers, strangers' numbers."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from smsgate.core.database import among
from smsgate.directory import leaders, start_requests
from smsgate.groups import invitations, roles
from smsgate.groups.imports import number_imports
from smsgate.help import backup_leader
from smsgate.help import invitations as responder_invitations
from smsgate.matching import retention as matching
from smsgate.members import texts_about
from smsgate.members.kept import HELP_REQUESTS, NOTICES, ONCE, SIGN_INS
from smsgate.models import (
    FINAL,
    ConsoleSession,
    Coordinator,
    DeliveryReport,
    HelpRequest,
    Inbound,
    Member,
    Message,
    MessageStatus,
    NetworkAdmin,
    Notice,
    NoticeStatus,
    NoticeVersion,
    PerformedAction,
    Phone,
    Pin,
    Responder,
    RoleAssignment,
    RoleCode,
    RowFailure,
    SignInCode,
    StartRequest,
    WrongCodes,
)
from smsgate.notices import replies
from smsgate.outbox import limits
from smsgate.surveys import answers


def forget_old_data(session: Session, now: datetime, keep: timedelta) -> None:
    """Delete what has expired. Messages older than `keep` lose their words but still count. Run hourly."""
    past = (Message.state.in_([*FINAL, MessageStatus.SENT, MessageStatus.UNKNOWN]), Message.created_at < now - keep)
    session.execute(update(Message).where(*past, Message.words.is_not(None)).values(words=None))
    responder_invitations.forget_old_invitations(session, now)
    backup_leader.forget_undone(session)
    invitations.free_unsent(session, now)
    _forget_strangers(session, now)
    replies.forget_old_replies(session, now)
    roles.forget_ended_roles(session, now)
    answers.forget_old_answers(session, now)
    invitations.forget_old_numbers(session, now)
    number_imports.forget_old(session, now)
    _forget_notices(session, now, keep)
    _forget_help_requests(session, now)
    _forget_codes(session, now)
    _forget_sign_ins(session, now)
    start_requests.forget_old(session, now)
    leaders.forget_old_notices(session, now)
    limits.forget_old_uses(session, now)
    matching.forget_old_data(session, now)
    texts_about.forget_words_of_matches(session)
    # Each is tried again every hour at least: what was not is over, and no longer holds anything up.
    session.execute(delete(RowFailure).where(RowFailure.retry_at < now - ONCE))
    for table in (Inbound, PerformedAction, DeliveryReport):
        session.execute(delete(table).where(table.at < now - ONCE))


def _forget_notices(session: Session, now: datetime, keep: timedelta) -> None:
    """Delete notices that were never sent, and the words of those that were; their dates and delivery figures stay."""
    unkept = Notice.is_template.is_(False)  # templates keep their words
    dropped = func.coalesce(Notice.stopped_at, Notice.created_at)
    session.execute(delete(Notice).where(Notice.stage == NoticeStatus.DROPPED, dropped < now - keep, unkept))
    old = select(Notice.id).where(func.coalesce(Notice.due_at, Notice.created_at) < now - NOTICES, unkept)
    session.execute(delete(NoticeVersion).where(NoticeVersion.notice_id.in_(old)))
    worded = (Notice.id.in_(old), Notice.forgotten_at.is_(None))
    session.execute(update(Notice).where(*worded).values(words="", forgotten_at=now))


def _forget_help_requests(session: Session, now: datetime) -> None:
    """Delete old help requests, with who was asked and what they answered."""
    session.execute(delete(HelpRequest).where(HelpRequest.closed_at < now - HELP_REQUESTS))


def _forget_codes(session: Session, now: datetime) -> None:
    session.execute(delete(RoleCode).where(RoleCode.expires_at <= now))
    session.execute(delete(SignInCode).where(SignInCode.asked_at < now - timedelta(days=1)))
    session.execute(delete(WrongCodes).where(WrongCodes.at < now - timedelta(days=1)))
    session.execute(update(Pin).where(Pin.code_until <= now).values(code=None))


def _forget_sign_ins(session: Session, now: datetime) -> None:
    """Delete sessions of the console that ended or timed out long ago."""
    session.execute(delete(ConsoleSession).where(ConsoleSession.seen_at < now - SIGN_INS))


def _forget_strangers(session: Session, now: datetime) -> None:
    """Delete numbers that nothing belongs to: they only asked something, or their holders left or were erased."""
    recently_texted = exists().where(Message.phone_id == Phone.id, Message.created_at > now - ONCE)
    waits_for_an_answer = exists().where(Inbound.phone_id == Phone.id, Inbound.worked_on_at.is_(None))
    leading = (Coordinator, Member, Responder, RoleAssignment, NetworkAdmin, StartRequest)
    needed = [exists().where(table.phone_id == Phone.id) for table in leading]
    idle = (Phone.created_at < now - ONCE, Phone.stopped_at.is_(None), Phone.blocked_at.is_(None), ~recently_texted)
    strangers = (*idle, ~waits_for_an_answer, *[~need for need in needed])
    # Lock first, then check again: on PostgreSQL someone who joined in between would be deleted with the number.
    locked = session.scalars(select(Phone.id).where(*strangers).with_for_update(skip_locked=True)).all()
    session.execute(delete(Phone).where(among(session, Phone.id, locked), *strangers))
