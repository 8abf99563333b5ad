"""The waiting list: joining it with a card, someone's place on it, an honest estimate of the wait, and leaving."""

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

RATE_OVER = timedelta(weeks=12)  # the matches that began in this time give the rate


class Standing(StrEnum):
    """What a card's code leads to."""

    OPEN = "open"
    OVER = "over"  # its last day is past, or the programme is closed
    FULL = "full"
    IN = "in"  # they have already asked, here or elsewhere


def standing(session: Session, batch: CardBatch, member: Member | None, now: datetime) -> Standing:
    """Return what a card's code leads to; `member` is None for someone who is not one yet."""
    programme = batch.programme
    if member is not None and seeker_of(session, member.id) is not None:
        return Standing.IN
    if programme.closed_at is not None or programmes.today(programme, now) > batch.last_day:
        return Standing.OVER
    return Standing.FULL if is_full(session, programme) else Standing.OPEN


def is_full(session: Session, programme: Programme) -> bool:
    """Return whether the list is full."""
    return count_waiting(session, programme) >= programme.waiting_most


def count_waiting(session: Session, programme: Programme) -> int:
    """Return how many people are waiting."""
    here = (Seeker.programme_id == programme.id, Seeker.state == SeekerState.WAITING)
    return session.scalar(select(func.count()).select_from(Seeker).where(*here)) or 0


def seeker_of(session: Session, member_id: int) -> Seeker | None:
    """Return the row of a member who asked, or None; they can only ask in one programme at a time."""
    return session.scalars(select(Seeker).where(Seeker.member_id == member_id)).first()


def ask(session: Session, member: Member, programme: Programme, wishes: Wishes, now: datetime) -> Seeker | None:
    """Put someone on the list; return None if they are on one already, or it is full or closed."""
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
    """Return those who wait, in the order in which they are shown."""
    rows = select(Seeker).where(Seeker.programme_id == programme.id, Seeker.state == SeekerState.WAITING)
    return list(session.scalars(rows.order_by(Seeker.at_front.desc(), Seeker.asked_at, Seeker.id)))


def place_of(session: Session, seeker: Seeker) -> int:
    """Return someone's place on the list, counting from 1."""
    return [one.id for one in in_order(session, seeker.programme)].index(seeker.id) + 1


def weeks_for(session: Session, programme: Programme, place: int, now: datetime) -> int | None:
    """Return in how many weeks someone at this place may be matched, by the last 12 weeks; None if unknown."""
    lately = (Match.programme_id == programme.id, Match.began_at > now - RATE_OVER)
    began = session.scalar(select(func.count()).select_from(Match).where(*lately)) or 0
    return -(-place * (RATE_OVER.days // 7) // began) if began else None


def proposal_for(session: Session, member_id: int) -> Match | None:
    """Return the proposal that a person can answer, or None."""
    rows = select(Match).where(Match.member_id == member_id, Match.state == MatchState.PROPOSED)
    return session.scalars(rows).first()


def open_match_of(session: Session, member_id: int) -> Match | None:
    """Return a person's match, proposed or walking, or None."""
    return session.scalars(select(Match).where(Match.member_id == member_id, Match.state.in_(OPEN_STATES))).first()


def wait_again(session: Session, seeker: Seeker, now: datetime) -> None:
    """Put someone whose match has ended back on the list, at the front."""
    if seeker.state is SeekerState.DECIDING:
        seeker.state, seeker.changed_at, seeker.at_front = SeekerState.WAITING, now, True


def leave(session: Session, seeker: Seeker) -> None:
    """Remove someone without an open match from the list, and everything they said with them."""
    session.execute(delete(Seeker).where(Seeker.id == seeker.id))
