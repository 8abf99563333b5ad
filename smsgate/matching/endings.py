"""Acts that end several things at once: leaving, opting out, resting, time running out, closing a programme.

The others are told, without a reason. People who lose their supporter are asked what they want, and wait at the front.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, or_, select
from sqlalchemy.orm import Session

from smsgate.flows.sms import walking
from smsgate.help.plans import is_do_not_contact
from smsgate.matching import matches, programmes, waiting
from smsgate.matching.news import tell
from smsgate.models import (
    OPEN_STATES,
    Coordinator,
    Ending,
    Match,
    MatchState,
    Member,
    Programme,
    ProgrammeOffer,
    Seeker,
    SeekerState,
    Supporter,
)
from smsgate.models.row_failures import still_so, work_on_each
from smsgate.outbox import keys

PROPOSAL_LASTS = timedelta(days=14)
WARNED_BEFORE = timedelta(weeks=4)


def end_all_at(session: Session, phone_id: int, now: datetime) -> None:
    """End everything that the member with this phone has here; one query if that is nothing, as it nearly always is."""
    of_member = [exists().where(table.member_id == Member.id) for table in (Seeker, Supporter, Match)]
    any_of_it = or_(*of_member, exists().where(Coordinator.phone_id == phone_id))
    member = session.scalars(select(Member).where(Member.phone_id == phone_id, any_of_it)).first()
    if member is not None:
        end_all_of(session, member, now)


def end_all_of(session: Session, member: Member, now: datetime) -> None:
    """End everything that a member has here when they leave, opt out or lose the number, without telling them.

    They lose their place on the waiting list, and their roles end.
    """
    for supporter_id in session.scalars(select(Supporter.id).where(Supporter.member_id == member.id)).all():
        supporter = matches.locked(session, Supporter, supporter_id)
        if supporter is not None:
            supporter.ended_at = supporter.ended_at or now
    _end_matches_of(session, member, now)
    session.execute(delete(Seeker).where(Seeker.member_id == member.id))
    _end_matches_of(session, member, now)  # any that was proposed before the place on the list was deleted
    programmes.end_coordinating(session, member.phone_id, now)
    session.flush()


def _end_matches_of(session: Session, member: Member, now: datetime) -> None:
    for match in _open_matches_of(session, member):
        person = match.member_id == member.id
        _end_or_drop(session, match, now, tells=(not person, person))


def _open_matches_of(session: Session, member: Member) -> list[Match]:
    mine = select(Supporter.id).where(Supporter.member_id == member.id)
    of_theirs = or_(Match.member_id == member.id, Match.supporter_id.in_(mine))
    return list(session.scalars(select(Match).where(of_theirs, Match.state.in_(OPEN_STATES)).order_by(Match.id)))


def _end_or_drop(session: Session, match: Match, now: datetime, *, tells: tuple[bool, bool]) -> None:
    if match.state is MatchState.WALKING:
        matches.end(session, match.id, Ending.OTHER, now, tells=tells)
        return
    if not tells[0]:
        match.person_agreed = False
    if not tells[1]:
        match.supporter_agreed = False
    matches.drop(session, match, now)


def rest(session: Session, supporter: Supporter, now: datetime, *, keeps_people: bool) -> None:
    """Let a supporter rest and get nobody new; unless `keeps_people`, tell their people and ask what they want."""
    matches.locked(session, Supporter, supporter.id)  # a simultaneous proposal comes first, or fails
    supporter.rests_at = supporter.rests_at or now
    for match in matches.people_of(session, supporter):
        if match.state is MatchState.PROPOSED or not keeps_people:
            _end_or_drop(session, match, now, tells=(True, False))


def end_role(session: Session, supporter: Supporter, now: datetime) -> None:
    """End a supporter's role, at their wish or the programme's."""
    rest(session, supporter, now, keeps_people=False)
    supporter.ended_at = supporter.ended_at or now


def end_with_number(session: Session, member: Member, number: str, now: datetime) -> None:
    """End a member's matches with the holder of an E.164 number on their do-not-contact list."""
    for match in _open_matches_of(session, member):
        other = match.supporter.member if match.member_id == member.id else match.member
        if is_do_not_contact(session, member, other.phone.number) and other.phone.number == number:
            _end_or_drop(session, match, now, tells=(True, True))


def close(session: Session, programme: Programme, now: datetime, code: str) -> None:
    """Close a programme: end its matches, tell people on the waiting list, and withdraw open offers."""
    if programme.closed_at is not None:
        return
    programme.closed_at = now
    rows = select(Match).where(Match.programme_id == programme.id, Match.state.in_(OPEN_STATES))
    for match in session.scalars(rows).all():
        _end_or_drop(session, match, now, tells=(False, True))
    for seeker in session.scalars(select(Seeker).where(Seeker.programme_id == programme.id)).all():
        key = keys.walk(seeker.id, now, "closed")
        tell(session, programme, seeker.member, lambda: walking.closed(code), key, now)
        waiting.leave(session, seeker)
    session.execute(delete(ProgrammeOffer).where(ProgrammeOffer.programme_id == programme.id))


def run_scheduled_tasks(session: Session, now: datetime, code: str) -> None:
    """End expired proposals, roles and matches, and warn both four weeks before a match ends. Run by the scheduler."""
    _lapse(session, now)
    _end_roles(session, now)
    _warn(session, now, code)
    over = select(Match.id).where(Match.state == MatchState.WALKING, Match.ends_at <= now)

    def end(ids: Sequence[int]) -> None:
        for match_id in ids:
            matches.end(session, match_id, Ending.TIME_OVER, now)

    work_on_each(session, "matches whose time is over", session.scalars(over).all(), end, now)


def _lapse(session: Session, now: datetime) -> None:
    old = (Match.state == MatchState.PROPOSED, Match.proposed_at <= now - PROPOSAL_LASTS)

    def lapse(ids: Sequence[int]) -> None:
        for match in still_so(session, Match, ids, *old):
            matches.drop(session, match, now)

    rows = select(Match.id).where(*old)
    work_on_each(session, "proposals that nobody answered", session.scalars(rows).all(), lapse, now)


def _end_roles(session: Session, now: datetime) -> None:
    over = (Supporter.until <= now, Supporter.ended_at.is_(None))

    def end(ids: Sequence[int]) -> None:
        for supporter in still_so(session, Supporter, ids, *over):
            end_role(session, supporter, now)

    rows = select(Supporter.id).where(*over)
    work_on_each(session, "supporters whose year is over", session.scalars(rows).all(), end, now)


def _warn(session: Session, now: datetime, code: str) -> None:
    soon = (Match.ends_at <= now + WARNED_BEFORE, Match.warned_at.is_(None), Match.state == MatchState.WALKING)

    def warn(ids: Sequence[int]) -> None:
        for match in still_so(session, Match, ids, *soon):
            _tell_end_is_near(session, match, now, code)

    work_on_each(session, "matches that end soon", session.scalars(select(Match.id).where(*soon)).all(), warn, now)


def _tell_end_is_near(session: Session, match: Match, now: datetime, code: str) -> None:
    match.warned_at = now
    if match.ends_at is None:
        return
    day = match.ends_at.astimezone(ZoneInfo(match.programme.zone)).date().isoformat()
    for member, other in matches.both(match):
        name, key = other.name or "", keys.walk(match.id, match.ends_at, "ends_soon")
        tell(
            session, match.programme, member, lambda name=name: walking.ends_soon(name, day, code), key, now,  # type: ignore[misc]
            match_id=match.id,
        )  # fmt: skip


def forget_undecided(session: Session, now: datetime, after: timedelta) -> None:
    """Remove those from the list who didn't say what they want after their match ended."""
    old = (Seeker.state == SeekerState.DECIDING, Seeker.changed_at < now - after)
    session.execute(delete(Seeker).where(*old))
