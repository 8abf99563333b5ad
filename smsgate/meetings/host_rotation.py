"""Who leads a date of a series: the people of its pool, in turns; whoever left is passed over."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from smsgate.core.errors import Invalid
from smsgate.models import Meeting, Member, Membership, Series, SeriesLeader, lookup


def set_pool(session: Session, one: Series, members: Sequence[Member], now: datetime) -> None:
    """These lead, in this order, from the next date on; nobody: nobody is named. Raises Invalid."""
    for member in members:
        _check_here(session, one.group_id, member)
    session.execute(delete(SeriesLeader).where(SeriesLeader.series_id == one.id))
    ids = dict.fromkeys(member.id for member in members)
    session.add_all(SeriesLeader(series_id=one.id, member_id=id_, position=at) for at, id_ in enumerate(ids))
    ahead = (Meeting.series_id == one.id, Meeting.starts_at > now)
    session.execute(update(Meeting).where(*ahead).values(leader_id=None))
    assign_hosts(session, one, now)


def assign_host(session: Session, meeting: Meeting, member: Member) -> None:
    """Have one member lead one date; the turns go on after them. Raises Invalid."""
    _check_here(session, meeting.group_id, member)
    meeting.leader_id = member.id


def assign_hosts(session: Session, one: Series, now: datetime) -> None:
    """Write down who leads the dates to come that nobody leads, or somebody who left."""
    ahead = (Meeting.series_id == one.id, Meeting.starts_at > now, Meeting.cancelled_at.is_(None))
    rows = session.scalars(select(Meeting).where(*ahead).order_by(Meeting.starts_at, Meeting.id)).all()
    for row, leader_id in zip(rows, _turns(session, one, rows, now), strict=True):
        row.leader_id = leader_id


def hosts_for(session: Session, one: Series, rows: Iterable[Meeting], now: datetime) -> dict[int, Member]:
    """Who leads each of these dates of a series, by its id, as it stands at this moment."""
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
    if lookup.find_membership(session, member.id, group_id) is None:
        raise Invalid("Who leads is a member of the group.")
