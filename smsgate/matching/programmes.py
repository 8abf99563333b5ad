"""Programmes, their cards, and roles in them, which are offered by a code and accepted on a phone."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, delete, exists, or_, select
from sqlalchemy.orm import Session

from smsgate.core.admin_text import _
from smsgate.core.dial_codes import dialled_code
from smsgate.core.errors import Invalid
from smsgate.core.i18n import SOURCE
from smsgate.flows.actions.members import CARD_DIGITS
from smsgate.groups import groups, roles
from smsgate.matching.wishes import Wishes
from smsgate.models import (
    CardBatch,
    Coordinator,
    Group,
    Match,
    Member,
    Programme,
    ProgrammeOffer,
    ProgrammeRole,
    SecurityEvent,
    Seeker,
    Supporter,
)
from smsgate.models.lookup import forms_of
from smsgate.models.security_events import record

CARDS_MOST = 1000
BATCHES_MOST = 50
TERM = roles.A_YEAR
OFFERED_MOST = 60
LONGEST_NAME = 30
LONGEST_WORDS = 120


def create(session: Session, name: str, zone: str, now: datetime, group: Group | None = None) -> Programme:
    """Create a programme of a group, or of the network if `group` is None. Raises Invalid."""
    groups.check_zone(zone)
    programme = Programme(
        group_id=group.id if group else None, name=checked_name(name), zone=zone, words={}, interests={},
        languages=[], areas=[], created_at=now,
    )  # fmt: skip
    session.add(programme)
    session.flush()
    return programme


def checked_name(name: str) -> str:
    """Return a name on one line, short enough for a menu. Raises Invalid."""
    plain = " ".join(name.split())
    if not plain or len(plain) > LONGEST_NAME:
        raise Invalid(_("A name must have 1 to {most} characters.").format(most=LONGEST_NAME))
    return plain


def words_for(programme: Programme, language: str | None) -> str:
    """Return a programme's introduction in a language, else in English, else in any; "" if there is none."""
    words = programme.words
    return words.get(language or SOURCE) or words.get(SOURCE) or next(iter(words.values()), "")


def interest_in(programme: Programme, number: str, language: str | None) -> str:
    """Return an interest from the programme's list in a language; "" if it was removed."""
    named = programme.interests.get(number, {})
    return named.get(language or SOURCE) or named.get(SOURCE) or next(iter(named.values()), "")


def today(programme: Programme, now: datetime) -> date:
    """Return today's date in the programme's time zone."""
    return now.astimezone(ZoneInfo(programme.zone)).date()


def make_cards(session: Session, programme: Programme, cards: int, handed_out_on: date, now: datetime) -> CardBatch:
    """Create a batch of cards with one code, to be handed out from a given day on. Raises Invalid."""
    if not 1 <= cards <= CARDS_MOST:
        raise Invalid(_("A batch can have 1 to {most} cards.").format(most=CARDS_MOST))
    if len(batches_of(session, programme)) >= BATCHES_MOST:
        raise Invalid(_("There are too many batches of cards. Old ones are removed automatically."))
    code = _free_card_code(session)
    last_day = handed_out_on + timedelta(days=programme.code_days)
    batch = CardBatch(
        programme_id=programme.id, code=code, cards=cards, handed_out_on=handed_out_on, last_day=last_day,
        created_at=now,
    )  # fmt: skip
    session.add(batch)
    session.flush()
    return batch


def _free_card_code(session: Session) -> str:
    for _try in range(50):
        code = dialled_code(CARD_DIGITS)
        groups.lock_code(session, code)
        if not groups.is_code_taken(session, code):
            return code
    raise Invalid(_("There are no free codes left."))


def end_cards(programme: Programme, batch: CardBatch, now: datetime) -> None:
    """Make the cards of a batch expire: their code then leads to groups."""
    batch.last_day = min(batch.last_day, today(programme, now) - timedelta(days=1))


def batches_of(session: Session, programme: Programme) -> list[CardBatch]:
    """Return a programme's batches of cards, newest first."""
    rows = select(CardBatch).where(CardBatch.programme_id == programme.id)
    return list(session.scalars(rows.order_by(CardBatch.id.desc())))


def find_cards(session: Session, code: str) -> CardBatch | None:
    """Return the batch whose cards have this code, expired or not; None if there is none."""
    return session.scalars(select(CardBatch).where(CardBatch.code == code)).first() if code else None


def offer(session: Session, programme: Programme, role: ProgrammeRole, now: datetime, *, by: int | None = None) -> str:
    """Return a new code for a role, which one person can accept; `by` is a phone id. Raises Invalid."""
    session.execute(delete(ProgrammeOffer).where(ProgrammeOffer.expires_at <= now))
    waiting = select(ProgrammeOffer.id).where(ProgrammeOffer.programme_id == programme.id)
    if len(session.scalars(waiting).all()) >= OFFERED_MOST:
        raise Invalid(_("This programme has too many unused codes. Wait a week."))
    code = dialled_code(roles.CODE_DIGITS)
    row = {"programme_id": programme.id, "role": role, "expires_at": now + roles.CODE_LASTS}
    session.add(ProgrammeOffer(**row, code=code))
    record(session, SecurityEvent.ROLE_OFFERED, now, by=by, group=programme.group_id)
    return code


def find_offer(session: Session, code: str, now: datetime) -> ProgrammeOffer | None:
    """Return the valid offer with this code, or None."""
    if len(code) != roles.CODE_DIGITS:
        return None
    forms = forms_of(session, code, "programme_offer.code")
    rows = select(ProgrammeOffer).join(Programme).where(ProgrammeOffer.code.in_(forms))
    return session.scalars(rows.where(ProgrammeOffer.expires_at > now, Programme.closed_at.is_(None))).first()


def accept(session: Session, member: Member, code: str, now: datetime) -> bool:
    """Accept the role that a code offers, once; return False if the offer is gone."""
    found = find_offer(session, code, now)
    taken = delete(ProgrammeOffer).where(ProgrammeOffer.id == (found.id if found else 0))
    if found is None or not session.execute(taken).rowcount:  # type: ignore[attr-defined]
        return False
    if found.role is ProgrammeRole.COORDINATOR:
        mine: Coordinator | Supporter | None = _coordinator_row(session, found.programme_id, member.phone_id)
        mine = mine or Coordinator(programme_id=found.programme_id, phone_id=member.phone_id)
    else:
        mine = supporter_of(session, found.programme_id, member.id) or Supporter(
            programme_id=found.programme_id, member_id=member.id, said=Wishes().stored(), room=found.programme.room_each
        )
        mine.rests_at = None
    mine.since, mine.until, mine.ended_at = now, now + TERM, None
    session.add(mine)
    session.flush()
    phone_id, group_id = member.phone_id, found.programme.group_id
    record(session, SecurityEvent.ROLE_ACCEPTED, now, by=phone_id, subject=phone_id, group=group_id)
    return True


def _coordinator_row(session: Session, programme_id: int, phone_id: int) -> Coordinator | None:
    here = (Coordinator.programme_id == programme_id, Coordinator.phone_id == phone_id)
    return session.scalars(select(Coordinator).where(*here)).first()


def supporter_of(session: Session, programme_id: int, member_id: int) -> Supporter | None:
    """Return the row of a member who is or was a supporter in this programme, or None."""
    here = (Supporter.programme_id == programme_id, Supporter.member_id == member_id)
    return session.scalars(select(Supporter).where(*here)).first()


def holds(role: type[Coordinator] | type[Supporter], now: datetime) -> ColumnElement[bool]:
    """Return the condition that a role has not expired or ended."""
    return role.ended_at.is_(None) & (role.until > now)


def coordinated_by(session: Session, phone_id: int, now: datetime) -> frozenset[int]:
    """Return the ids of the open programmes whose coordinator this phone is."""
    rows = select(Programme.id).join(Coordinator).where(Coordinator.phone_id == phone_id, holds(Coordinator, now))
    return frozenset(session.scalars(rows.where(Programme.closed_at.is_(None))))


def coordinators_of(session: Session, programme: Programme, now: datetime) -> list[Coordinator]:
    """Return a programme's current coordinators."""
    rows = select(Coordinator).where(Coordinator.programme_id == programme.id, holds(Coordinator, now))
    return list(session.scalars(rows.order_by(Coordinator.id)))


def end_coordinator(session: Session, programme: Programme, coordinator_id: int, now: datetime, *, by: int) -> bool:
    """End a coordinator's role; return False if it has ended or is not in this programme."""
    one = session.get(Coordinator, coordinator_id)
    if one is None or one.programme_id != programme.id or one.ended_at is not None:
        return False
    one.ended_at = now
    record(session, SecurityEvent.ROLE_ENDED, now, by=by, subject=one.phone_id, group=programme.group_id)
    return True


def end_coordinating(session: Session, phone_id: int, now: datetime) -> None:
    """End every role of a coordinator who leaves, opts out or no longer holds the number."""
    held = select(Coordinator, Programme.group_id).join(Programme).where(Coordinator.phone_id == phone_id)
    for one, group_id in session.execute(held.where(holds(Coordinator, now))).all():
        one.ended_at = now
        record(session, SecurityEvent.ROLE_ENDED, now, by=phone_id, subject=phone_id, group=group_id)


def takes_part() -> ColumnElement[bool]:
    """Return the condition that a Member asked for a supporter, is one, or may give feedback; for the menu entry."""
    asks = exists().where(Seeker.member_id == Member.id)
    helps = exists().where(Supporter.member_id == Member.id, Supporter.ended_at.is_(None))
    may_say = exists().where(Match.member_id == Member.id, Match.person_may_say)
    return or_(asks, helps, may_say)


def has_part(session: Session, member: Member) -> bool:
    """Return whether a member meets `takes_part`."""
    return session.scalar(select(Member.id).where(Member.id == member.id, takes_part())) is not None


def programme_with(session: Session, programme_id: int) -> Programme | None:
    """Return the programme with this id if it is open, else None."""
    programme = session.get(Programme, programme_id)
    return programme if programme is not None and programme.closed_at is None else None
