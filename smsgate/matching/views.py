"""What the two in a match and those who wait see on a phone: chosen names, and what each said for the other to see."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.i18n import _
from smsgate.flows.actions.walking_results import (
    AskedOfTwo,
    CardSeen,
    MeetingOfTwoSeen,
    MineSeen,
    PeopleSeen,
    PlaceSeen,
    QuestionsSeen,
    TwoSeen,
    WalkSeen,
)
from smsgate.flows.matching.asking import how_said
from smsgate.matching import carrying, check_ins, feedback, matches, meetings, programmes, waiting, wishes
from smsgate.matching.waiting import Standing
from smsgate.models import (
    Area,
    CardBatch,
    Match,
    MatchMeeting,
    MatchState,
    Member,
    Programme,
    Seeker,
    SeekerState,
    SpokenLanguage,
    Supporter,
)


def card(session: Session, batch: CardBatch, member: Member | None, language: str | None, now: datetime) -> CardSeen:
    """Return what a card's code shows to someone."""
    programme = batch.programme
    standing = waiting.standing(session, batch, member, now)
    weeks = None
    if standing is Standing.OPEN:
        weeks = waiting.weeks_for(session, programme, waiting.count_waiting(session, programme) + 1, now)
    return {
        "id": programme.id, "name": programme.name, "words": programmes.words_for(programme, language),
        "standing": standing.value, "weeks": weeks,
    }  # fmt: skip


def questions(session: Session, programme: Programme, language: str | None) -> QuestionsSeen:
    """Return what a programme asks people and supporters."""
    areas = session.scalars(select(Area).order_by(Area.name)).all()
    wanted = set(programme.areas)
    counties = {area.id: area.name for area in areas if area.parent_id is None}
    towns: dict[str, dict[str, str]] = {}
    for area in areas:
        if area.parent_id is not None and (not wanted or wanted & {area.id, area.parent_id}):
            towns.setdefault(str(area.parent_id), {})[str(area.id)] = area.name
    shown = {str(one): name for one, name in counties.items() if not wanted or one in wanted or str(one) in towns}
    spoken = programme.languages or list(session.scalars(select(SpokenLanguage.name).order_by(SpokenLanguage.id)))
    interests = {number: programmes.interest_in(programme, number, language) for number in programme.interests}
    return {"languages": spoken, "interests": interests, "counties": shown, "towns": towns}


def place(session: Session, seeker: Seeker, now: datetime) -> PlaceSeen:
    """Return someone's place on the waiting list and how many weeks it may take."""
    number = waiting.place_of(session, seeker)
    return {"place": number, "weeks": waiting.weeks_for(session, seeker.programme, number, now)}


def mine(session: Session, member: Member, now: datetime) -> MineSeen:
    """Return everything that a member has in one-to-one support."""
    seeker = waiting.seeker_of(session, member.id)
    rows = select(Supporter).where(Supporter.member_id == member.id, programmes.holds(Supporter, now))
    helps = [one for one in session.scalars(rows.order_by(Supporter.id)) if one.programme.closed_at is None]
    seen: MineSeen = {
        "own": _own(session, seeker, now) if seeker else None,
        "as_supporter": [_people(session, one) for one in helps],
    }
    if (match := feedback.may_say(session, member)) is not None:
        seen["may_say"] = match.id
    elif feedback.may_say_without_match(session, member) is not None:
        seen["may_say"] = 0
    return seen


def said_together(session: Session, programme: Programme, language: str) -> list[str]:
    """Return the feedback so far, one line per question."""
    found = feedback.said_together(session, programme, language)
    return [f"{question} {', '.join(f'{label} {count}' for label, count in given)}" for question, given in found]


def _own(session: Session, seeker: Seeker, now: datetime) -> WalkSeen:
    match = waiting.open_match_of(session, seeker.member_id)
    waits = place(session, seeker, now) if seeker.state is SeekerState.WAITING else {"place": 0, "weeks": None}
    proposed = match is not None and match.state is MatchState.PROPOSED
    return {
        "state": seeker.state.value,
        "place": waits["place"],
        "weeks": waits["weeks"],
        "proposal": _asked(session, match, supporter=False) if match and proposed else None,
        "match": match.id if match and not proposed else None,
        "checked": seeker.checked,
        "reminders": seeker.reminders,
    }


def _people(session: Session, supporter: Supporter) -> PeopleSeen:
    open_matches = matches.people_of(session, supporter)
    proposed = [match for match in open_matches if match.state is MatchState.PROPOSED]
    day = supporter.until.astimezone(ZoneInfo(supporter.programme.zone)).date().isoformat()
    return {
        "id": supporter.id,
        "programme": supporter.programme.name,
        "until": day,
        "rests": supporter.rests_at is not None,
        "room": supporter.room,
        "room_most": supporter.programme.room_each,
        "reminders": supporter.reminders,
        "proposals": [_asked(session, match, supporter=True) for match in proposed],
        "people": {str(match.id): match.member.name or "" for match in open_matches if match not in proposed},
    }


def _asked(session: Session, match: Match, *, supporter: bool) -> AskedOfTwo:
    """Return a proposal as one of the two reads it: what the other said, and what both like."""
    seeker = matches.seeker_in(session, match)
    sides = wishes.read(seeker.said) if seeker else wishes.Wishes(), wishes.read(match.supporter.said)
    own, theirs = (sides[1], sides[0]) if supporter else sides
    reader, other = (match.supporter.member, match.member) if supporter else (match.member, match.supporter.member)
    area = session.get(Area, theirs.area) if theirs.area else None
    both_like = [number for number in theirs.interests if number in own.interests]
    liked = [programmes.interest_in(match.programme, number, reader.phone.language) for number in both_like]
    about = [
        ", ".join(theirs.languages),
        area.name if area else "",
        how_said(theirs.how),
        _("Both like: {what}").format(what=", ".join(filter(None, liked))) if any(liked) else "",
    ]
    agreed = match.supporter_agreed if supporter else match.person_agreed
    return {"id": match.id, "name": other.name or "", "about": [line for line in about if line], "agreed": agreed}


def side_of(session: Session, match: Match | None, member: Member | None) -> bool | None:
    """Return True if a member is the supporter of a match, False if the person, None if neither."""
    if match is None or member is None:
        return None
    if match.member_id == member.id:
        return False
    return True if match.supporter.member_id == member.id else None


def two(session: Session, match: Match, now: datetime, *, supporter: bool) -> TwoSeen:
    """Return a match that is walking, as one of the two sees it."""
    other = match.member if supporter else match.supporter.member
    check_in = None if supporter else check_ins.open_for(session, match, now)
    to_note = meetings.to_note(session, match, now) if supporter else []
    return {
        "id": match.id,
        "name": other.name or "",
        "number": matches.number_shown(match, supporter=supporter),
        "may_share": match.programme.shares_numbers,
        "shares": match.supporter_shares if supporter else match.person_shares,
        "meetings": [_meeting(one, supporter) for one in meetings.to_come(session, match, now)],
        "to_note": [_meeting(one, supporter) for one in to_note],
        "minutes": match.programme.minutes,
        "texts": len(carrying.received(session, match, now, supporter=supporter)),
        "check_in": check_in.id if check_in else None,
    }


def _meeting(meeting: MatchMeeting, supporter: bool) -> MeetingOfTwoSeen:
    return {
        "id": meeting.id,
        "when": meetings.local_start(meeting).isoformat(timespec="minutes"),
        "place": meeting.place or "",
        "state": meeting.state.value,
        "mine": meeting.by_supporter is supporter,
    }
