"""A new group's first steps. Its data shows which are done, so nobody has to tick them off.

The list is shown until all steps are done or a group admin hides it (`Group.steps_hidden_at`).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, exists, func, select
from sqlalchemy.orm import Session

from smsgate.groups import roles
from smsgate.models import Group, Invitation, Meeting, Member, Membership, Notice, NoticeStatus, RoleAssignment, Series

LEADERS = 2  # so that a group can go on without one of them


class FirstStep(StrEnum):
    """The first steps, in the order in which they are shown."""

    MEETING = "meeting"
    WELCOME = "welcome"
    CARD = "card"  # someone other than a leader has joined
    INVITE = "invite"
    LEADER = "leader"
    NOTICE = "notice"


def first_steps(session: Session, group: Group, now: datetime) -> dict[FirstStep, bool]:
    """Return which first steps are done; {} once all are, or the list was hidden."""
    if group.steps_hidden_at is not None:
        return {}
    leads = select(RoleAssignment.phone_id).where(RoleAssignment.group_id == group.id, roles.in_force(now))
    joined = select(Membership.id).join(Member).where(Membership.group_id == group.id, Member.phone_id.not_in(leads))
    sent = Notice.stage.in_((NoticeStatus.GOING, NoticeStatus.TIMED, NoticeStatus.ASKED))
    done = {
        FirstStep.MEETING: _any(session, Meeting.group_id == group.id) or _any(session, Series.group_id == group.id),
        FirstStep.WELCOME: bool(group.welcome),
        FirstStep.CARD: session.scalar(joined.limit(1)) is not None,
        FirstStep.INVITE: _any(session, Invitation.group_id == group.id, Invitation.listed_at.is_not(None)),
        FirstStep.LEADER: (session.scalar(select(func.count()).select_from(leads.subquery())) or 0) >= LEADERS,
        FirstStep.NOTICE: _any(session, Notice.group_id == group.id, sent),
    }
    return {} if all(done.values()) else done


def _any(session: Session, *which: ColumnElement[bool]) -> bool:
    return bool(session.scalar(select(exists().where(*which))))
