"""Who hosts each date of a series: the members of its pool take turns, and those who left are skipped."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from smsgate.core.admin_text import _
from smsgate.core.errors import Invalid
from smsgate.models import Meeting, Member, Membership, Series, SeriesLeader, lookup


def set_pool(session: Session, series: Series, members: Sequence[Member], now: datetime) -> None:
    """Set who hosts, in this order, from the next date on; with an empty pool nobody does. Raises Invalid."""
    for member in members:
        _check_membership(session, series.group_id, member)
    session.execute(delete(SeriesLeader).where(SeriesLeader.series_id == series.id))
    ids = dict.fromkeys(member.id for member in members)
    session.add_all(SeriesLeader(series_id=series.id, member_id=id_, position=at) for at, id_ in enumerate(ids))
    to_come = (Meeting.series_id == series.id, Meeting.starts_at > now)
    session.execute(update(Meeting).where(*to_come).values(leader_id=None))
    assign_hosts(session, series, now)


def assign_host(session: Session, meeting: Meeting, member: Member) -> None:
    """Make a member the host of one date; if they are in the pool, the turns continue after them. Raises Invalid."""
    _check_membership(session, meeting.group_id, member)
    meeting.leader_id = member.id


def assign_hosts(session: Session, series: Series, now: datetime) -> None:
    """Assign a host to each coming date that has none, or whose host has left the group."""
    to_come = (Meeting.series_id == series.id, Meeting.starts_at > now, Meeting.cancelled_at.is_(None))
    rows = session.scalars(select(Meeting).where(*to_come).order_by(Meeting.starts_at, Meeting.id)).all()
    for row, leader_id in zip(rows, _rotate(session, series, rows, now), strict=True):
        row.leader_id = leader_id


def hosts_for(session: Session, series: Series, rows: Iterable[Meeting], now: datetime) -> dict[int, Member]:
    """Return who hosts each of these dates as of now, by meeting id.

    Dates that are cancelled or have no host are left out.
    """
    taking_place = [row for row in rows if row.cancelled_at is None]
    host_ids = dict(zip((row.id for row in taking_place), _rotate(session, series, taking_place, now), strict=True))
    hosts = session.scalars(select(Member).where(Member.id.in_({id_ for id_ in host_ids.values() if id_})))
    members = {member.id: member for member in hosts}
    return {meeting_id: members[id_] for meeting_id, id_ in host_ids.items() if id_}


def _rotate(session: Session, series: Series, rows: Sequence[Meeting], now: datetime) -> list[int | None]:
    member_ids = set(session.scalars(select(Membership.member_id).where(Membership.group_id == series.group_id)))
    pool = select(SeriesLeader.member_id).where(SeriesLeader.series_id == series.id).order_by(SeriesLeader.position)
    order = list(session.scalars(pool))
    past_hosts = select(Meeting.leader_id).where(
        Meeting.series_id == series.id, Meeting.starts_at <= now, Meeting.leader_id.in_(order)
    )
    last = session.scalars(past_hosts.order_by(Meeting.starts_at.desc()).limit(1)).first()
    host_ids: list[int | None] = []
    for row in rows:
        host_id = row.leader_id if row.leader_id in member_ids else _next_in_turn(last, order, member_ids)
        host_ids.append(host_id)
        last = host_id if host_id in order else last
    return host_ids


def _next_in_turn(last: int | None, order: list[int], member_ids: set[int]) -> int | None:
    at = order.index(last) + 1 if last in order else 0
    return next((id_ for id_ in order[at:] + order[:at] if id_ in member_ids), None)


def _check_membership(session: Session, group_id: int, member: Member) -> None:
    if lookup.find_membership(session, member.id, group_id) is None:
        raise Invalid(_("Only a member of the group can lead a meeting."))
