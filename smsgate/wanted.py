"""The look at the moment of sending: consent, pause, meeting, notice. What was decided an hour ago may be wrong now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, String, and_, exists, or_, select
from sqlalchemy.orm import Session

from smsgate.models import (
    Agreed,
    HelpAsk,
    HelpRequest,
    Kind,
    Meeting,
    Member,
    Membership,
    Message,
    Notice,
    Phone,
    Responder,
)

OF_GROUPS = (Kind.REMINDER, Kind.MEETING_NEWS, Kind.NOTICE)


def unwanted(session: Session, ids: Sequence[int], now: datetime) -> set[int]:
    """Which of these messages must not leave any more."""
    if not ids:
        return set()
    rows = (
        select(Message.id)
        .join(Phone, Phone.id == Message.phone_id)
        .where(Message.id.in_(ids), or_(Message.words.is_(None), *_reasons(now)))
    )
    return set(session.scalars(rows))


def _reasons(now: datetime) -> list[ColumnElement[bool]]:
    return [
        and_(Message.kind != Kind.CONFIRMATION, or_(Phone.stopped_at.is_not(None), Phone.blocked_at.is_not(None))),
        and_(Message.kind.in_(OF_GROUPS), ~_in_the_group()),
        and_(Message.kind == Kind.REMINDER, or_(~_wants_reminders(), _changed_meeting(now))),
        and_(Message.kind == Kind.NOTICE, _stopped_notice()),
        and_(Message.kind == Kind.HELP, ~_agreed()),
        and_(Message.kind == Kind.INVITATION, ~_still_asked()),
    ]


def _in_the_group() -> ColumnElement[bool]:
    return exists(
        select(Membership.id)
        .join(Member)
        .where(Member.phone_id == Message.phone_id, Membership.group_id == Message.group_id, Member.paused_at.is_(None))
    )


def _wants_reminders() -> ColumnElement[bool]:
    return exists(select(Member.id).where(Member.phone_id == Message.phone_id, Member.reminders))


def _changed_meeting(now: datetime) -> ColumnElement[bool]:
    """Cancelled, begun, or moved since: the number of moves stands in the cause."""
    as_it_was = Message.cause.startswith("reminder:" + Meeting.id.cast(String) + ":" + Meeting.moves.cast(String) + ":")
    return ~exists(
        select(Meeting.id).where(
            Meeting.id == Message.meeting_id, Meeting.cancelled_at.is_(None), Meeting.starts_at > now, as_it_was
        )
    )


def _stopped_notice() -> ColumnElement[bool]:
    return exists(select(Notice.id).where(Notice.id == Message.notice_id, Notice.stopped_at.is_not(None)))


def _agreed() -> ColumnElement[bool]:
    """The responder still agrees and the request is still open."""
    return exists(
        select(HelpAsk.id)
        .join(Responder)
        .join(HelpRequest)
        .where(HelpAsk.message_id == Message.id, Responder.agreed == Agreed.YES, HelpRequest.closed_at.is_(None))
    )


def _still_asked() -> ColumnElement[bool]:
    cause = "invitation:" + Responder.member_id.cast(String) + ":" + Responder.id.cast(String)
    return exists(
        select(Responder.id).where(
            Responder.phone_id == Message.phone_id, Message.cause == cause, Responder.agreed == Agreed.ASKED
        )
    )
