"""The waiting list: asking with a card, the place in it, honest words on how long it takes, and leaving."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from smsgate.core.database import lock_text
from smsgate.matching import counts, programmes
from smsgate.matching.counts import Count
from smsgate.matching.wishes import Wishes
from smsgate.models import (
    OPEN_STATES,
    CardBatch,
    Match,
    MatchState,
    Member,
    Programme,
    Seeker,
    SeekerState,
)

RATE_OVER = timedelta(weeks=12)  # how many matches began in it tells how long it takes


class Standing(StrEnum):
    """What a card leads to."""

    OPEN = "open"
    OVER = "over"  # its last day was yesterday or before, or the programme is closed
    FULL = "full"
    IN = "in"  # they have asked already, here or elsewhere


def standing(session: Session, batch: CardBatch, member: Member | None, now: datetime) -> Standing:
    """What a card leads to, for someone who is a member or not yet."""
    programme = batch.programme
    if member is not None and seeker_of(session, member.id) is not None:
        return Standing.IN
    if programme.closed_at is not None or programmes.today(programme, now) > batch.last_day:
        return Standing.OVER
    return Standing.FULL if is_full(session, programme) else Standing.OPEN


def is_full(session: Session, programme: Programme) -> bool:
    """Whether nobody more is taken onto the list."""
    return count_waiting(session, programme) >= programme.waiting_most


def count_waiting(session: Session, programme: Programme) -> int:
    """How many wait."""
    here = (Seeker.programme_id == programme.id, Seeker.state == SeekerState.WAITING)
    return session.scalar(select(func.count()).select_from(Seeker).where(*here)) or 0


def seeker_of(session: Session, member_id: int) -> Seeker | None:
    """The row of a member who asked: of one programme at a time."""
    return session.scalars(select(Seeker).where(Seeker.member_id == member_id)).first()


def ask(session: Session, member: Member, programme: Programme, wishes: Wishes, now: datetime) -> Seeker | None:
    """Put someone on the list; None where they are on one already, or there is no room any more."""
    lock_text(session, f"waiting {programme.id}")
    if programme.closed_at is not None or seeker_of(session, member.id) is not None or is_full(session, programme):
        return None
    seeker = Seeker(
        programme_id=programme.id, member_id=member.id, said=wishes.stored(), state=SeekerState.WAITING,
        asked_at=now, changed_at=now,
    )  # fmt: skip
    session.add(seeker)
    counts.add(session, programme, Count.ASKED, now)
    session.flush()
    return seeker


def in_order(session: Session, programme: Programme) -> list[Seeker]:
    """Who waits, in the order in which they are shown."""
    rows = select(Seeker).where(Seeker.programme_id == programme.id, Seeker.state == SeekerState.WAITING)
    return list(session.scalars(rows.order_by(Seeker.at_front.desc(), Seeker.asked_at, Seeker.id)))


def place_of(session: Session, seeker: Seeker) -> int:
    """Someone's place on the list: 1 for the first."""
    return [one.id for one in in_order(session, seeker.programme)].index(seeker.id) + 1


def weeks_for(session: Session, programme: Programme, place: int, now: datetime) -> int | None:
    """Weeks until someone at this place may be matched, judging by recent months; None if unknown."""
    lately = (Match.programme_id == programme.id, Match.began_at > now - RATE_OVER)
    began = session.scalar(select(func.count()).select_from(Match).where(*lately)) or 0
    return -(-place * (RATE_OVER.days // 7) // began) if began else None


def proposal_for(session: Session, member_id: int) -> Match | None:
    """The proposal that a person may answer."""
    rows = select(Match).where(Match.member_id == member_id, Match.state == MatchState.PROPOSED)
    return session.scalars(rows).first()


def open_match_of(session: Session, member_id: int) -> Match | None:
    """The match of a person, proposed or walking."""
    return session.scalars(select(Match).where(Match.member_id == member_id, Match.state.in_(OPEN_STATES))).first()


def wait_again(session: Session, seeker: Seeker, now: datetime) -> None:
    """Whose match has ended waits again, at the front."""
    if seeker.state is SeekerState.DECIDING:
        seeker.state, seeker.changed_at, seeker.at_front = SeekerState.WAITING, now, True


def leave(session: Session, seeker: Seeker) -> None:
    """Take someone off the list, who has no open match. Nothing of what they said stays."""
    session.execute(delete(Seeker).where(Seeker.id == seeker.id))
