"""Who may be sent what: one table of which kind reaches a number in which state, and the last check before sending.

Queueing, the reminder planner and the workers read the same table. The last check (`ineligible`) covers what else must
still hold for each kind (consent, pause, meeting, notice): what was decided an hour ago may be wrong now. It runs one
SELECT per kind, which looks things up for only the few rows in question (`_there_is`), so it costs the same in a group
of ten and of a hundred thousand. For a join or an EXISTS, PostgreSQL may choose to read whole groups while it has few
statistics.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from sqlalchemy import (
    ColumnElement,
    ColumnExpressionArgument,
    Select,
    and_,
    bindparam,
    exists,
    false,
    func,
    or_,
    select,
)
from sqlalchemy.orm import InstrumentedAttribute, Session

from smsgate.core.database import among
from smsgate.models import (
    Group,
    HelpRecipient,
    HelpRequest,
    Invitation,
    Match,
    MatchState,
    Meeting,
    Member,
    Membership,
    Message,
    MessageKind,
    NetworkAdmin,
    Notice,
    Phone,
    Responder,
    ResponderStatus,
    RoleAssignment,
    Survey,
)


class NumberState(StrEnum):
    """Why a number can't be texted. It can be in several of these states at once."""

    OPTED_OUT = "opted_out"  # its holder sent STOP
    BLOCKED = "blocked"  # the network says that it blocks us
    SILENT = "silent"  # its holder reads messages only by dialling
    REASSIGNED = "reassigned"  # someone else may hold the number by now


# Which kinds reach a number in which state. Any other kind reaches only a number in none of them.
REACHES: Mapping[MessageKind, frozenset[NumberState]] = {
    MessageKind.CONFIRMATION: frozenset(NumberState),  # of a STOP, to the number that just sent it
    MessageKind.REPLY: frozenset({NumberState.REASSIGNED}),  # to the person who holds the number: they just wrote
}
SINCE: Mapping[NumberState, InstrumentedAttribute[datetime | None]] = {
    NumberState.OPTED_OUT: Phone.stopped_at,
    NumberState.BLOCKED: Phone.blocked_at,
    NumberState.SILENT: Phone.silent_at,
    NumberState.REASSIGNED: Phone.doubted_at,
}
TO_ALL_LEADERS = "leader_notice:"  # how keys.leader_notice begins


def states_reached_by(kind: MessageKind) -> frozenset[NumberState]:
    """Return the states of a number in which it is still sent texts of this kind."""
    return REACHES.get(kind, frozenset())


def refuses(kind: MessageKind) -> ColumnElement[bool]:
    """SQL condition on Phone: its state rules out texts of this kind."""
    return or_(false(), *(since.is_not(None) for since in _obstacles(kind)))


def is_reached_by(phone: Phone, kind: MessageKind) -> bool:
    """True if a text of this kind may be sent to this phone; the same rule as `refuses`, for a loaded row."""
    return all(getattr(phone, since.key) is None for since in _obstacles(kind))


def _obstacles(kind: MessageKind) -> list[InstrumentedAttribute[datetime | None]]:
    return [since for state, since in SINCE.items() if state not in states_reached_by(kind)]


class Candidate(Protocol):
    """A message that is about to be sent."""

    @property
    def id(self) -> int:
        """The id of its row."""

    @property
    def kind(self) -> MessageKind:
        """The kind, which decides what is checked."""


def ineligible(session: Session, candidates: Iterable[Candidate], now: datetime) -> set[int]:
    """Return the ids of the candidates that must no longer be sent."""
    kinds: dict[MessageKind, set[int]] = {}
    for candidate in candidates:
        kinds.setdefault(candidate.kind, set()).add(candidate.id)
    refused: set[int] = set()
    for kind, ids in kinds.items():
        eligible = _ELIGIBLE[kind].where(among(session, Message.id, ids))
        refused |= ids - set(session.scalars(eligible, {"now": now}))
    return refused


def _there_is(rows: Select[int]) -> ColumnElement[bool]:
    return rows.limit(1).correlate(Message).scalar_subquery().is_not(None)


def _reaches_the_number(kind: MessageKind) -> ColumnElement[bool]:
    return _there_is(select(Phone.id).where(Phone.id == Message.phone_id, ~refuses(kind)))


def _in_the_group(*conditions: ColumnExpressionArgument[bool]) -> ColumnElement[bool]:
    """Still in the group, with its messages not paused."""
    member = select(Member.id).where(Member.phone_id == Message.phone_id, Member.paused_at.is_(None))
    is_theirs = Membership.member_id == member.correlate(Message).scalar_subquery()
    return _there_is(select(Membership.id).where(is_theirs, Membership.group_id == Message.group_id, *conditions))


def _wants_this_reminder() -> ColumnElement[bool]:
    """Still in the group, with its messages not paused, and has this reminder turned on."""
    wants_any = _there_is(select(Member.id).where(Member.phone_id == Message.phone_id, Member.reminders))
    groups_own = select(Group.reminders).where(Group.id == Message.group_id).correlate(Message).scalar_subquery()
    times = func.coalesce(Membership.reminders, groups_own)
    return wants_any & _in_the_group((" " + times + " ").contains(" " + Message.reminder + " "))


def _meeting_unchanged() -> ColumnElement[bool]:
    """The meeting was neither cancelled nor moved, and has not begun."""
    return _there_is(
        select(Meeting.id).where(
            Meeting.id == Message.meeting_id,
            Meeting.cancelled_at.is_(None),
            Meeting.starts_at > bindparam("now"),
            Meeting.moves == Message.meeting_moves,
        )
    )


def _notice_not_stopped() -> ColumnElement[bool]:
    """The notice was not stopped."""
    return _there_is(select(Notice.id).where(Notice.id == Message.notice_id, Notice.stopped_at.is_(None)))


def takes_help_for(
    member_id: ColumnExpressionArgument[int], phone_id: ColumnExpressionArgument[int]
) -> ColumnElement[bool]:
    """SQL condition on RoleAssignment: this phone has it in an open group of this member, and takes help requests.

    Needs the bind parameter `now`.
    """
    here = (Membership.member_id == member_id, Membership.group_id == RoleAssignment.group_id)
    is_open = (Group.id == RoleAssignment.group_id, Group.closed_at.is_(None))
    in_force = (RoleAssignment.ended_at.is_(None), RoleAssignment.until > bindparam("now"))
    of_phone = (RoleAssignment.phone_id == phone_id, RoleAssignment.takes_help)
    return and_(*of_phone, *in_force, exists().where(*here, *is_open))


def leader_stands() -> ColumnElement[bool]:
    """SQL condition on Responder, a leader chosen as backup: the choice, their consent and their role still hold.

    Needs the bind parameter `now`.
    """
    leads = exists(RoleAssignment.id).where(takes_help_for(Responder.member_id, Responder.phone_id))
    return and_(Responder.agreed == ResponderStatus.YES, Responder.undone_at.is_(None), _not_muted(), leads)


def _not_muted() -> ColumnElement[bool]:
    return or_(Responder.muted_until.is_(None), Responder.muted_until <= bindparam("now"))


def _responder_agreed() -> ColumnElement[bool]:
    """The responder still agrees, is not resting and has not answered, and the request is open."""
    return _there_is(
        select(HelpRecipient.id)
        .join(Responder)
        .join(HelpRequest)
        .where(
            or_(HelpRecipient.message_id == Message.id, HelpRecipient.again_id == Message.id),
            Responder.agreed == ResponderStatus.YES,
            _not_muted(),
            or_(~Responder.backup, leader_stands()),
            HelpRequest.closed_at.is_(None),
            HelpRecipient.answered_at.is_(None),
            HelpRecipient.declined_at.is_(None),
        )
    )


def _invitation_open() -> ColumnElement[bool]:
    """Still asked to be a responder and not answered yet; or invited to a group, has neither joined nor left since."""
    return or_(_still_asked(), _still_invited())


def _still_asked() -> ColumnElement[bool]:
    """Invited to be a responder: they have not answered, and the member has not removed them."""
    asked = (Responder.phone_id == Message.phone_id, Responder.agreed == ResponderStatus.ASKED)
    return _there_is(select(Responder.id).where(Responder.id == Message.responder_id, *asked))


def _still_invited() -> ColumnElement[bool]:
    """Invited to a group: the invitation was not withdrawn, and they have neither joined nor left since."""
    is_open = (Invitation.listed_at.is_not(None), Invitation.accepted_at.is_(None), Invitation.left_at.is_(None))
    return _there_is(select(Invitation.id).where(Invitation.id == Message.invitation_id, *is_open))


def _survey_open() -> ColumnElement[bool]:
    """If it is about a survey, that survey was not retired."""
    is_open = select(Survey.id).where(Survey.id == Message.survey_id, Survey.retired_at.is_(None))
    return or_(Message.survey_id.is_(None), _there_is(is_open))


def _match_walks() -> ColumnElement[bool]:
    """The match isn't over: nothing is passed on after its end."""
    return _there_is(select(Match.id).where(Match.id == Message.match_id, Match.state == MatchState.WALKING))


def _still_in_office() -> ColumnElement[bool]:
    """If it is for someone with a role in an open group, or for an admin of the network, they still have that role.

    A notice to all leaders names one role of its reader, but any other will do.
    """
    in_force = (RoleAssignment.ended_at.is_(None), RoleAssignment.until > bindparam("now"), Group.closed_at.is_(None))
    roles = select(RoleAssignment.id).join(Group).where(*in_force)
    admin = select(NetworkAdmin.id).where(NetworkAdmin.id == Message.admin_id, NetworkAdmin.ended_at.is_(None))
    return and_(
        or_(
            Message.role_id.is_(None),
            _there_is(roles.where(RoleAssignment.id == Message.role_id)),
            and_(
                Message.key.startswith(TO_ALL_LEADERS, autoescape=True),
                _there_is(roles.where(RoleAssignment.phone_id == Message.phone_id)),
            ),
        ),
        or_(Message.admin_id.is_(None), _there_is(admin)),
    )


# What must hold besides the state of the number, by kind.
CONDITIONS: Mapping[MessageKind, tuple[Callable[[], ColumnElement[bool]], ...]] = {
    MessageKind.REMINDER: (_wants_this_reminder, _meeting_unchanged),
    MessageKind.MEETING_NEWS: (_in_the_group,),
    MessageKind.ANSWER: (_in_the_group, _survey_open),
    MessageKind.NOTICE: (_in_the_group, _notice_not_stopped),
    MessageKind.HELP: (_responder_agreed,),
    MessageKind.INVITATION: (_invitation_open,),
    MessageKind.WALK_REMINDER: (_match_walks,),
    MessageKind.CARRIED: (_match_walks,),
    MessageKind.ALERT: (_still_in_office,),
}


def _eligible(kind: MessageKind) -> Select[int]:
    conditions = [condition() for condition in CONDITIONS.get(kind, ())]
    if states_reached_by(kind) != frozenset(NumberState):
        conditions.insert(0, _reaches_the_number(kind))
    return select(Message.id).where(Message.words.is_not(None), Message.superseded_at.is_(None), *conditions)


# Built once: building a statement costs more than running it.
_ELIGIBLE = {kind: _eligible(kind) for kind in MessageKind}
