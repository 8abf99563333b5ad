"""All groups of the network at a glance: members, next meeting, last notice, leaders and when a role ends."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate.groups import roles
from smsgate.models import Group, Meeting, Membership, Notice, NoticeStatus, RoleAssignment
from smsgate.web.console.pages import few, local

ENDS_SOON = timedelta(days=30)


class GroupRow(NamedTuple):
    """A group as network admins see it; small counts of members are hidden."""

    group: Group
    members: str
    meeting: str  # when the next one is, "" if none is planned
    notice: str  # when the last one was sent, "" if none was
    leaders: list[str]
    ends: str  # when the first of the roles ends, "" unless that is soon


def glance(session: Session, groups: Sequence[Group], now: datetime) -> list[GroupRow]:
    """Describe these groups, with one query per column."""
    ids = [group.id for group in groups]
    members = dict(
        session.execute(
            select(Membership.group_id, func.count()).where(Membership.group_id.in_(ids)).group_by(Membership.group_id)
        ).all()
    )
    ahead = (Meeting.group_id.in_(ids), Meeting.cancelled_at.is_(None), Meeting.starts_at > now)
    next_ones = select(Meeting.group_id, func.min(Meeting.starts_at)).where(*ahead).group_by(Meeting.group_id)
    sent = (Notice.group_id.in_(ids), Notice.stage == NoticeStatus.GOING)
    last_ones = select(Notice.group_id, func.max(Notice.due_at)).where(*sent).group_by(Notice.group_id)
    meeting, notice = dict(session.execute(next_ones).all()), dict(session.execute(last_ones).all())
    led: dict[int, list[RoleAssignment]] = defaultdict(list)
    held = select(RoleAssignment).where(RoleAssignment.group_id.in_(ids), roles.in_force(now))
    for one in session.scalars(held.order_by(RoleAssignment.role, RoleAssignment.id)):
        led[one.group_id].append(one)
    return [
        GroupRow(
            group, few(members.get(group.id, 0)),
            _said(meeting.get(group.id), group), _said(notice.get(group.id), group),
            [roles.display_name(session, one.phone_id) for one in led[group.id]], _ends(led[group.id], group, now),
        )
        for group in groups
    ]  # fmt: skip


def _said(at: datetime | None, group: Group) -> str:
    return local(at, group) if at else ""


def _ends(held: list[RoleAssignment], group: Group, now: datetime) -> str:
    first = min((one.until for one in held), default=None)
    return local(first, group) if first is not None and first < now + ENDS_SOON else ""
