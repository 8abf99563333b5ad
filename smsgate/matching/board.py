"""The coordinator's board: who is waiting and, for each, the supporters with room, in order and with reasons."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from smsgate.matching import fit, matches, wishes
from smsgate.matching.fit import Helper, Person, Row
from smsgate.models import (
    Area,
    DoNotContact,
    Match,
    MatchState,
    Member,
    Programme,
    Seeker,
    SeekerState,
    Supporter,
)


@dataclass(frozen=True)
class Board:
    """What a coordinator needs to propose matches in a programme."""

    rows: Sequence[Row]  # those waiting without a proposal
    seekers: Mapping[int, Seeker]
    supporters: Mapping[int, Supporter]  # all, with or without room
    room: Mapping[int, int]  # how many more people each supporter can take
    proposed: Sequence[Match]  # waiting for answers
    areas: Mapping[int, str]

    def option(self, seeker_id: int, supporter_id: int) -> fit.Option | None:
        """Return a supporter as an option for a person; None if there is no room or either of them is gone."""
        for row in self.rows:
            if row.person.id == seeker_id:
                return next((option for option in row.options if option.helper.id == supporter_id), None)
        return None


def board(session: Session, programme: Programme, now: datetime) -> Board:
    """Return the current board of a programme."""
    seekers = _seekers(session, programme)
    supporters = {one.id: one for one in matches.supporters_of(session, programme, now)}
    taken = matches.counts_by_supporter(session, programme)
    room = {one.id: _room(one, programme, taken.get(one.id, 0)) for one in supporters.values()}
    helpers = [
        Helper(one.id, wishes.read(one.said), taken.get(one.id, 0)) for one in supporters.values() if room[one.id]
    ]
    barred = _barred(session, seekers, list(supporters.values()))
    proposed = _proposed(session, programme)
    asked = {match.member_id for match in proposed}
    people = [
        Person(one.id, wishes.read(one.said), one.asked_at, one.at_front, barred.get(one.id, frozenset()))
        for one in seekers
        if one.member_id not in asked
    ]
    areas = session.scalars(select(Area)).all()
    return Board(
        rows=fit.order(people, helpers, {area.id: area.parent_id for area in areas}),
        seekers={one.id: one for one in seekers},
        supporters=supporters,
        room=room,
        proposed=proposed,
        areas={area.id: area.name for area in areas},
    )


def _seekers(session: Session, programme: Programme) -> list[Seeker]:
    rows = select(Seeker).where(Seeker.programme_id == programme.id, Seeker.state == SeekerState.WAITING)
    return list(session.scalars(rows.options(joinedload(Seeker.member).joinedload(Member.phone))))


def _room(supporter: Supporter, programme: Programme, taken: int) -> int:
    return 0 if supporter.rests_at is not None else max(0, min(supporter.room, programme.room_each) - taken)


def _proposed(session: Session, programme: Programme) -> list[Match]:
    rows = select(Match).where(Match.programme_id == programme.id, Match.state == MatchState.PROPOSED)
    return list(session.scalars(rows.options(joinedload(Match.member)).order_by(Match.id)))


def _barred(session: Session, seekers: Sequence[Seeker], supporters: Sequence[Supporter]) -> dict[int, frozenset[int]]:
    """Return the supporters each seeker must not be matched with: themselves, and by either's do-not-contact list."""
    members = [*(one.member_id for one in seekers), *(one.member_id for one in supporters)]
    never: dict[int, set[str]] = {}
    for row in session.scalars(select(DoNotContact).where(DoNotContact.member_id.in_(members))):
        never.setdefault(row.member_id, set()).add(row.number)
    by_member = {one.member_id: one.id for one in supporters}
    found: dict[int, frozenset[int]] = {}
    for seeker in seekers:
        out = {by_member[seeker.member_id]} if seeker.member_id in by_member else set()
        if never:
            out |= {one.id for one in supporters if _is_barred(seeker.member, one.member, never)}
        if out:
            found[seeker.id] = frozenset(out)
    return found


def _is_barred(person: Member, supporter: Member, never: Mapping[int, set[str]]) -> bool:
    of_person, of_supporter = never.get(person.id), never.get(supporter.id)
    return bool(
        (of_person and supporter.phone.number in of_person) or (of_supporter and person.phone.number in of_supporter)
    )
