"""The look at the moment of sending: consent, pause, meeting, notice. What was decided an hour ago may be wrong now.

One SELECT for each kind, which finds what may still leave. It looks each thing up for the few rows that are asked for
(`_there_is`), so it costs the same in a group of ten and of a hundred thousand: a join or an EXISTS would be planned
anew by PostgreSQL, which reads whole groups while its statistics are young.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Integer,
    Select,
    String,
    bindparam,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import Session

from smsgate.core.database import among
from smsgate.groups.invitation_tags import TO_A_GROUP
from smsgate.meetings.reminders import STEPS
from smsgate.models import (
    Group,
    HelpRecipient,
    HelpRequest,
    Invitation,
    Meeting,
    Member,
    Membership,
    Message,
    MessageKind,
    Notice,
    Phone,
    Responder,
    ResponderStatus,
)


class Candidate(Protocol):
    """A message that is about to leave."""

    @property
    def id(self) -> int:
        """Of its row."""

    @property
    def kind(self) -> MessageKind:
        """Why it exists."""


def ineligible(session: Session, candidates: Iterable[Candidate], now: datetime) -> set[int]:
    """Which of these messages must not leave any more."""
    kinds: dict[MessageKind, set[int]] = {}
    for one in candidates:
        kinds.setdefault(one.kind, set()).add(one.id)
    refused: set[int] = set()
    for kind, ids in kinds.items():
        still = _STILL.get(kind, _ANY).where(among(session, Message.id, ids))
        refused |= ids - set(session.scalars(still, {"now": now}))
    return refused


def _there_is(rows: Select[int]) -> ColumnElement[bool]:
    return rows.limit(1).correlate(Message).scalar_subquery().is_not(None)


def _may_be_texted(*, answer: bool = False) -> ColumnElement[bool]:
    """An answer goes to a number in doubt too."""
    shut = [Phone.stopped_at, Phone.blocked_at, Phone.silent_at, *([] if answer else [Phone.doubted_at])]
    return _there_is(select(Phone.id).where(Phone.id == Message.phone_id, *(one.is_(None) for one in shut)))


def _in_the_group(*wishes: ColumnExpressionArgument[bool]) -> ColumnElement[bool]:
    member = select(Member.id).where(Member.phone_id == Message.phone_id, Member.paused_at.is_(None))
    mine = Membership.member_id == member.correlate(Message).scalar_subquery()
    return _there_is(select(Membership.id).where(mine, Membership.group_id == Message.group_id, *wishes))


def _wants_reminders() -> ColumnElement[bool]:
    """Reminders of this group, and this one of them: other times may have been chosen since it was queued."""
    wants_any = _there_is(select(Member.id).where(Member.phone_id == Message.phone_id, Member.reminders))
    theirs = select(Group.reminders).where(Group.id == Message.group_id).correlate(Message).scalar_subquery()
    times = func.coalesce(Membership.reminders, theirs)
    return wants_any & _in_the_group((" " + times + " ").contains(" " + _time_of() + " "))


def _time_of() -> ColumnElement[str]:
    """Which of a meeting's reminders it is, as people choose it: the last word of its cause."""
    step = func.substr(Message.cause, func.length(_as_it_stands()) + 1)
    meeting = select(step).where(Meeting.id == Message.meeting_id).correlate(Message).scalar_subquery()
    named: ColumnElement[str] = case({step: time for time, step in STEPS.items()}, value=meeting, else_=meeting)
    return named


def _as_it_stands() -> ColumnElement[str]:
    said: ColumnElement[str] = "reminder:" + Meeting.id.cast(String) + ":" + Meeting.moves.cast(String) + ":"
    return said


def _meeting_stands() -> ColumnElement[bool]:
    """Not cancelled, begun, or moved since: the number of moves stands in the cause."""
    return _there_is(
        select(Meeting.id).where(
            Meeting.id == Message.meeting_id,
            Meeting.cancelled_at.is_(None),
            Meeting.starts_at > bindparam("now"),
            Message.cause.startswith(_as_it_stands()),
        )
    )


def _notice_goes_on() -> ColumnElement[bool]:
    return _there_is(select(Notice.id).where(Notice.id == Message.notice_id, Notice.stopped_at.is_(None)))


def _agreed() -> ColumnElement[bool]:
    """The responder still agrees, does not rest and has not answered yet, and the request is still open."""
    awake = or_(Responder.muted_until.is_(None), Responder.muted_until <= bindparam("now"))
    return _there_is(
        select(HelpRecipient.id)
        .join(Responder)
        .join(HelpRequest)
        .where(
            or_(HelpRecipient.message_id == Message.id, HelpRecipient.again_id == Message.id),
            Responder.agreed == ResponderStatus.YES,
            awake,
            HelpRequest.closed_at.is_(None),
            HelpRecipient.answered_at.is_(None),
            HelpRecipient.declined_at.is_(None),
        )
    )


def _still_asked() -> ColumnElement[bool]:
    cause = "invitation:" + Responder.member_id.cast(String) + ":" + Responder.id.cast(String)
    return _there_is(
        select(Responder.id).where(
            Responder.phone_id == Message.phone_id,
            or_(Message.cause == cause, Message.cause == cause + ":again"),
            Responder.agreed == ResponderStatus.ASKED,
        )
    )


def _still_invited() -> ColumnElement[bool]:
    """To a group: not taken back, and neither in it nor gone from it meanwhile. Its id stands in the cause."""
    cause = func.substr(Message.cause, len(TO_A_GROUP) + 1).cast(Integer)
    asked = case((Message.cause.startswith(TO_A_GROUP), cause), else_=0)
    stands = (Invitation.listed_at.is_not(None), Invitation.accepted_at.is_(None), Invitation.left_at.is_(None))
    return _there_is(select(Invitation.id).where(Invitation.id == asked, *stands))


def _those(*conditions: ColumnElement[bool]) -> Select[int]:
    return select(Message.id).where(Message.words.is_not(None), *conditions)


_ANY = _those(_may_be_texted())
_STILL = {
    MessageKind.CONFIRMATION: _those(),  # of a STOP, to a number that just said it
    MessageKind.REPLY: _those(_may_be_texted(answer=True)),
    MessageKind.REMINDER: _those(_may_be_texted(), _wants_reminders(), _meeting_stands()),
    MessageKind.MEETING_NEWS: _those(_may_be_texted(), _in_the_group()),
    MessageKind.ANSWER: _those(_may_be_texted(), _in_the_group()),
    MessageKind.NOTICE: _those(_may_be_texted(), _in_the_group(), _notice_goes_on()),
    MessageKind.HELP: _those(_may_be_texted(), _agreed()),
    MessageKind.INVITATION: _those(_may_be_texted(), or_(_still_asked(), _still_invited())),
}
