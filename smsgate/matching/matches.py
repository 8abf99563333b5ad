"""The state machine of a match: proposed by a coordinator, agreed to by both, walking, ended.

Everything that changes a match locks its row first. A proposal locks the supporter and then the person, so that two
coordinators at once never exceed a supporter's room or propose one person twice; a unique key in the database prevents
the latter too. Who did not agree and who ended a match is never stored.
"""

from __future__ import annotations

import calendar
from datetime import datetime
from enum import StrEnum
from functools import partial
from typing import TypeVar
from zoneinfo import ZoneInfo

from sqlalchemy import delete, func, or_, select
from sqlalchemy.orm import Session, joinedload

from smsgate import outbox
from smsgate.flows.sms import walking
from smsgate.help.plans import is_do_not_contact
from smsgate.matching import check_ins, counts, programmes
from smsgate.matching.counts import Count
from smsgate.matching.news import tell
from smsgate.models import (
    OPEN_STATES,
    CarriedText,
    Ending,
    Match,
    MatchMeeting,
    MatchState,
    Member,
    Message,
    Programme,
    Seeker,
    SeekerState,
    Supporter,
)
from smsgate.outbox import keys

Row = TypeVar("Row", Supporter, Seeker, Match)


class Refusal(StrEnum):
    """Why a match cannot be proposed."""

    NO_ROOM = "no_room"  # the supporter has as many people as they can take, or rests
    NOT_WAITING = "not_waiting"  # has left the list, or was proposed to someone a moment ago
    NOT_POSSIBLE = "not_possible"  # by one's do-not-contact list; whose is not revealed
    CLOSED = "closed"


class Answered(StrEnum):
    """The result of an answer to a proposal."""

    WAITS = "waits"  # for the other's answer
    WALKING = "walking"
    NO = "no"
    GONE = "gone"  # already answered, lapsed, or declined by the other


def propose(
    session: Session, programme: Programme, seeker_id: int, supporter_id: int, now: datetime, code: str
) -> Match | Refusal:
    """Propose a supporter to someone who is waiting, and ask both in a neutral text; `code` is the one to dial."""
    supporter = locked(session, Supporter, supporter_id)
    seeker = locked(session, Seeker, seeker_id)
    refusal = _refusal(session, programme, seeker, supporter, now)
    if refusal or seeker is None or supporter is None:
        return refusal or Refusal.NOT_WAITING
    match = Match(
        programme_id=programme.id, member_id=seeker.member_id, supporter_id=supporter.id, proposed_at=now,
        state=MatchState.PROPOSED,
    )  # fmt: skip
    session.add(match)
    session.flush()
    for member in (seeker.member, supporter.member):
        tell(
            session, programme, member, lambda: walking.proposed(code), keys.walk(match.id, now, "proposed"), now,
            match_id=match.id,
        )  # fmt: skip
    return match


def locked(session: Session, table: type[Row], row_id: int) -> Row | None:
    """Return the current row, locked until the transaction ends; None if it is gone."""
    rows = select(table).where(table.id == row_id).with_for_update(of=table)
    return session.scalars(rows.execution_options(populate_existing=True)).first()


def _refusal(
    session: Session, programme: Programme, seeker: Seeker | None, supporter: Supporter | None, now: datetime
) -> Refusal | None:
    if programme.closed_at is not None:
        return Refusal.CLOSED
    if seeker is None or seeker.programme_id != programme.id or seeker.state is not SeekerState.WAITING:
        return Refusal.NOT_WAITING
    if session.scalar(select(Match.id).where(Match.member_id == seeker.member_id, Match.state.in_(OPEN_STATES))):
        return Refusal.NOT_WAITING
    if supporter is None or supporter.programme_id != programme.id or room_left(session, supporter, now) < 1:
        return Refusal.NO_ROOM
    return None if may_meet(session, seeker.member, supporter.member) else Refusal.NOT_POSSIBLE


def room_left(session: Session, supporter: Supporter, now: datetime) -> int:
    """Return how many more people a supporter can take; 0 while they rest, or once their role is over."""
    if supporter.ended_at is not None or supporter.until <= now or supporter.rests_at is not None:
        return 0
    return max(0, min(supporter.room, supporter.programme.room_each) - len(people_of(session, supporter)))


def people_of(session: Session, supporter: Supporter) -> list[Match]:
    """Return a supporter's open matches, oldest first."""
    rows = select(Match).where(Match.supporter_id == supporter.id, Match.state.in_(OPEN_STATES)).order_by(Match.id)
    return list(session.scalars(rows))


def set_room(session: Session, supporter: Supporter, room: int) -> None:
    """Set a supporter's maximum number of people, which is at least as many as they have now."""
    row = locked(session, Supporter, supporter.id)
    if row is not None:
        row.room = min(max(room, len(people_of(session, row)), 1), row.programme.room_each)


def may_meet(session: Session, person: Member, supporter: Member) -> bool:
    """Return whether these are two people, neither of whom is on the other's do-not-contact list."""
    if person.id == supporter.id or person.phone_id == supporter.phone_id:
        return False
    barred = is_do_not_contact(session, person, supporter.phone.number)
    return not barred and not is_do_not_contact(session, supporter, person.phone.number)


def answer(session: Session, match_id: int, *, supporter: bool, yes: bool, now: datetime, code: str) -> Answered:
    """Record the answer of one of the two. A no ends the proposal, and no reason is asked."""
    match = locked(session, Match, match_id)
    if match is None or match.state is not MatchState.PROPOSED:
        return Answered.GONE
    if not yes:
        drop(session, match, now)
        return Answered.NO
    if supporter:
        match.supporter_agreed = True
    else:
        match.person_agreed = True
    if not (match.person_agreed and match.supporter_agreed):
        return Answered.WAITS
    if not may_meet(session, match.member, match.supporter.member):
        drop(session, match, now)
        return Answered.GONE
    _begin(session, match, now, code, last_was_supporter=supporter)
    return Answered.WALKING


def drop(session: Session, match: Match, now: datetime) -> None:
    """End a proposal. Whoever had agreed is told; the person keeps their place."""
    match.state = MatchState.NOT_AGREED
    outbox.withdraw(session, Message.match_id == match.id, now=now)
    agreed = {match.member: match.person_agreed, match.supporter.member: match.supporter_agreed}
    for member in [member for member, said_yes in agreed.items() if said_yes]:
        key = keys.walk(match.id, now, "not_this_time")
        tell(session, match.programme, member, walking.not_this_time, key, now)
    match.person_agreed = match.supporter_agreed = False


def _begin(session: Session, match: Match, now: datetime, code: str, *, last_was_supporter: bool) -> None:
    """Start the match; the one who answered last sees so on the screen, the other gets a text."""
    programme, seeker = match.programme, seeker_in(session, match)
    match.state, match.began_at = MatchState.WALKING, now
    match.ends_at = months_later(now, programme.months, programme.zone)
    outbox.withdraw(session, Message.match_id == match.id, now=now)
    if seeker is not None:
        counts.add(session, programme, Count.WAITED, now, (now - seeker.asked_at).days)
        seeker.state, seeker.changed_at, seeker.at_front = SeekerState.WALKING, now, False
    counts.add(session, programme, Count.BEGAN, now)
    check_ins.plan(session, match)
    reader, other = both(match)[0 if last_was_supporter else 1]
    key = keys.walk(match.id, now, "began")
    tell(session, programme, reader, lambda: walking.began(other.name or "", code), key, now, match_id=match.id)


def months_later(moment: datetime, months: int, zone: str) -> datetime:
    """Return the same local time this many months later, or on the last day of a month that is too short."""
    local = moment.astimezone(ZoneInfo(zone))
    year, month = divmod(local.month - 1 + months, 12)
    day = min(local.day, calendar.monthrange(local.year + year, month + 1)[1])
    return local.replace(year=local.year + year, month=month + 1, day=day)


def both(match: Match) -> list[tuple[Member, Member]]:
    """Return (person, supporter) and (supporter, person)."""
    person, supporter = match.member, match.supporter.member
    return [(person, supporter), (supporter, person)]


def seeker_in(session: Session, match: Match) -> Seeker | None:
    """Return the Seeker row of a match's person in its programme, or None."""
    here = (Seeker.member_id == match.member_id, Seeker.programme_id == match.programme_id)
    return session.scalars(select(Seeker).where(*here)).first()


def end(
    session: Session, match_id: int, ending: Ending, now: datetime, *, tells: tuple[bool, bool] = (True, True)
) -> bool:
    """End a match at once; return False if it is over already.

    `tells` says whether the person and the supporter get a text. The person is asked what they want next, also when
    they dial.
    """
    match = locked(session, Match, match_id)
    if match is None or match.state is not MatchState.WALKING:
        return False
    match.state, match.ended_at, match.ending = MatchState.ENDED, now, ending
    match.person_shares = match.supporter_shares = False
    _forget_plans(session, match, now)
    seeker = seeker_in(session, match)
    if seeker is not None:
        seeker.state, seeker.changed_at = SeekerState.DECIDING, now
    counts.add(session, match.programme, Count.ENDED, now, more=ending)
    person, supporter = match.member, match.supporter.member
    names = (supporter.name or "", person.name or "")
    say = partial(tell, session, match.programme, key=keys.walk(match.id, now, "over"), now=now, match_id=match.id)
    if tells[0]:
        say(person, lambda: walking.over_for_person(names[0]))
    if tells[1]:
        say(supporter, lambda: walking.over_for_supporter(names[1]))
    return True


def _forget_plans(session: Session, match: Match, now: datetime) -> None:
    """Delete what the two wrote and planned, and withdraw waiting texts."""
    outbox.withdraw(session, Message.match_id == match.id, now=now)
    session.execute(delete(CarriedText).where(CarriedText.match_id == match.id))
    session.execute(delete(MatchMeeting).where(MatchMeeting.match_id == match.id, MatchMeeting.starts_at > now))


def share_number(session: Session, match_id: int, *, supporter: bool, yes: bool) -> bool:
    """Record whether one of the two agrees to share both numbers; return False if this match cannot do that."""
    match = locked(session, Match, match_id)
    if match is None or match.state is not MatchState.WALKING or not match.programme.shares_numbers:
        return False
    if supporter:
        match.supporter_shares = yes
    else:
        match.person_shares = yes
    return True


def number_shown(match: Match, *, supporter: bool) -> str:
    """Return the other's E.164 number if both have agreed; else ""."""
    if match.state is not MatchState.WALKING or not (match.person_shares and match.supporter_shares):
        return ""
    return match.member.phone.number if supporter else match.supporter.member.phone.number


def walks_in(session: Session, programme: Programme) -> list[Match]:
    """Return a programme's matches that are walking, oldest first."""
    rows = select(Match).where(Match.programme_id == programme.id, Match.state == MatchState.WALKING)
    return list(session.scalars(rows.order_by(Match.id)))


def walks_of(session: Session, member: Member) -> list[tuple[Match, bool]]:
    """Return a member's matches that are walking, oldest first, each with True if they are its supporter."""
    mine = select(Supporter.id).where(Supporter.member_id == member.id)
    theirs = or_(Match.member_id == member.id, Match.supporter_id.in_(mine))
    rows = select(Match).where(Match.state == MatchState.WALKING, theirs).order_by(Match.id)
    return [(match, match.member_id != member.id) for match in session.scalars(rows)]


def supporters_of(session: Session, programme: Programme, now: datetime) -> list[Supporter]:
    """Return a programme's current supporters."""
    rows = select(Supporter).where(Supporter.programme_id == programme.id, programmes.holds(Supporter, now))
    both = joinedload(Supporter.member).joinedload(Member.phone)
    return list(session.scalars(rows.options(both).order_by(Supporter.id)))


def counts_by_supporter(session: Session, programme: Programme) -> dict[int, int]:
    """Return how many open matches each supporter has, by supporter id."""
    here = (Match.programme_id == programme.id, Match.state.in_(OPEN_STATES))
    rows = select(Match.supporter_id, func.count()).where(*here).group_by(Match.supporter_id)
    return {row[0]: row[1] for row in session.execute(rows)}
