"""Decides who hosts each date of a series: the members of its pool take turns, and any who left are passed over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from smsgate.core.errors import Invalid
from smsgate.models import Meeting, Member, Membership, Series, SeriesLeader


def set_pool(session: Session, one: Series, members: Sequence[Member], now: datetime) -> None:
    """Set who hosts, in this order, from the next date on; with an empty pool nobody does. Raises Invalid."""
    for member in members:
        _check_here(session, one.group_id, member)
    session.execute(delete(SeriesLeader).where(SeriesLeader.series_id == one.id))
    ids = dict.fromkeys(member.id for member in members)
    session.add_all(SeriesLeader(series_id=one.id, member_id=id_, position=at) for at, id_ in enumerate(ids))
    ahead = (Meeting.series_id == one.id, Meeting.starts_at > now)
    session.execute(update(Meeting).where(*ahead).values(leader_id=None))
    assign_hosts(session, one, now)


def assign_host(session: Session, meeting: Meeting, member: Member) -> None:
    """Let one member host one date; if they are in the pool, the turns go on after them. Raises Invalid."""
    _check_here(session, meeting.group_id, member)
    meeting.leader_id = member.id


def assign_hosts(session: Session, one: Series, now: datetime) -> None:
    """Save who hosts each coming date that has no host, or one who has left the group."""
    ahead = (Meeting.series_id == one.id, Meeting.starts_at > now, Meeting.cancelled_at.is_(None))
    rows = session.scalars(select(Meeting).where(*ahead).order_by(Meeting.starts_at, Meeting.id)).all()
    for row, leader_id in zip(rows, _turns(session, one, rows, now), strict=True):
        row.leader_id = leader_id


def hosts_for(session: Session, one: Series, rows: Iterable[Meeting], now: datetime) -> dict[int, Member]:
    """Return who hosts each of these dates as of now, by meeting id.

    Dates that are cancelled or have no host are left out.
    """
    on = [row for row in rows if row.cancelled_at is None]
    turns = dict(zip((row.id for row in on), _turns(session, one, on, now), strict=True))
    found = session.scalars(select(Member).where(Member.id.in_({id_ for id_ in turns.values() if id_})))
    members = {member.id: member for member in found}
    return {meeting_id: members[id_] for meeting_id, id_ in turns.items() if id_}


def _turns(session: Session, one: Series, rows: Sequence[Meeting], now: datetime) -> list[int | None]:
    here = set(session.scalars(select(Membership.member_id).where(Membership.group_id == one.group_id)))
    pool = select(SeriesLeader.member_id).where(SeriesLeader.series_id == one.id).order_by(SeriesLeader.position)
    order = list(session.scalars(pool))
    led = select(Meeting.leader_id).where(
        Meeting.series_id == one.id, Meeting.starts_at <= now, Meeting.leader_id.in_(order)
    )
    last = session.scalars(led.order_by(Meeting.starts_at.desc()).limit(1)).first()
    found: list[int | None] = []
    for row in rows:
        leads = row.leader_id if row.leader_id in here else _after(last, order, here)
        found.append(leads)
        last = leads if leads in order else last
    return found


def _after(last: int | None, order: list[int], here: set[int]) -> int | None:
    at = order.index(last) + 1 if last in order else 0
    return next((id_ for id_ in order[at:] + order[:at] if id_ in here), None)


def _check_here(session: Session, group_id: int, member: Member) -> None:
    here = (Membership.group_id == group_id, Membership.member_id == member.id)
    if session.scalars(select(Membership.id).where(*here)).first() is None:
        raise Invalid("Who leads is a member of the group.")
