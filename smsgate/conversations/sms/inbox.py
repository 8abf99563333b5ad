"""Texts that came in: stored and answered before they are worked on, once, in the order in which one number wrote.

What is done about a text stands in `inbox.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session, aliased

from smsgate.core.database import insert_new, wake_after_commit
from smsgate.core.encryption import keys_of
from smsgate.models import Inbound, Phone, lookup
from smsgate.outbox.queues import INBOUND

SAME_WITHIN = timedelta(seconds=5)  # nobody reads an answer and types the same words again in less
MOST, IN = 20, timedelta(minutes=5)  # more is a machine that answers our answers
GAPS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600))  # between tries


@dataclass(frozen=True)
class Received:
    """A text that waits to be worked on."""

    id: int
    provider_id: str
    number: str = field(repr=False)
    words: str = field(repr=False)
    at: datetime


def receive(session: Session, provider_id: str, number: str, words: str, now: datetime) -> None:
    """Keep a text of an E.164 number until it is worked on; a repeat by the provider's id changes nothing."""
    row = {
        "provider_id": provider_id,
        "phone_id": lookup.ensure_phone(session, number, now).id,
        "words": words,
        "likeness": keys_of(session.get_bind().dialect).tag(f"{number} {words}"),
        "at": now,
        "due_at": now,
    }
    if session.scalars(insert_new(session, Inbound).returning(Inbound.id), [row]).first() is not None:
        wake_after_commit(session, INBOUND)


def next_to_work_on(session: Session, now: datetime, but: Collection[int]) -> Received | None:
    """The oldest text that waits, but for these ids; a later one of its number waits for it."""
    earlier = aliased(Inbound)
    before = exists().where(
        earlier.phone_id == Inbound.phone_id,
        earlier.worked_on_at.is_(None),
        earlier.tries == 0,
        earlier.id < Inbound.id,
    )
    rows = (
        select(Inbound.id, Inbound.provider_id, Phone.number, Inbound.words, Inbound.at)
        .join(Phone, Phone.id == Inbound.phone_id)
        .where(Inbound.worked_on_at.is_(None), Inbound.due_at <= now, Inbound.id.not_in(but), ~before)
    )
    found = session.execute(rows.order_by(Inbound.id).limit(1)).first()
    return Received(found.id, found.provider_id, found.number, found.words or "", found.at) if found else None


def take(session: Session, text: Received) -> bool:
    """True where the text is this transaction's to work on; False where another has it or had it."""
    row = select(Inbound.id).where(Inbound.id == text.id, Inbound.worked_on_at.is_(None))
    return session.scalars(row.with_for_update(skip_locked=True)).first() is not None


def is_repeat(session: Session, text: Received) -> bool:
    """The same words from the same number, seconds before: a network or a thumb that sent them twice."""
    this = select(Inbound.likeness).where(Inbound.id == text.id).scalar_subquery()
    same = exists().where(Inbound.likeness == this, Inbound.id < text.id, Inbound.at > text.at - SAME_WITHIN)
    return bool(session.scalar(select(same)))


def is_a_loop(session: Session, text: Received) -> bool:
    """More texts within minutes than a person writes."""
    number = select(Inbound.phone_id).where(Inbound.id == text.id).scalar_subquery()
    lately = (Inbound.phone_id == number, Inbound.id < text.id, Inbound.at > text.at - IN)
    return (session.scalar(select(func.count()).select_from(Inbound).where(*lately)) or 0) >= MOST


def done(session: Session, text: Received, now: datetime) -> None:
    """Worked on: the words are forgotten."""
    session.execute(update(Inbound).where(Inbound.id == text.id).values(worked_on_at=now, words=None))


def put_off(session: Session, text: Received, now: datetime) -> bool:
    """After an error: to be tried again later, and no later text waits for it; False when it was tried often enough."""
    tries = session.scalar(select(Inbound.tries).where(Inbound.id == text.id)) or 0
    if tries >= len(GAPS):
        done(session, text, now)
        return False
    session.execute(update(Inbound).where(Inbound.id == text.id).values(tries=tries + 1, due_at=now + GAPS[tries]))
    return True


def oldest(session: Session, now: datetime) -> datetime | None:
    """Since when the oldest text waits."""
    waits = (Inbound.worked_on_at.is_(None), Inbound.due_at <= now, Inbound.phone_id.is_not(None))
    return session.scalar(select(func.min(Inbound.at)).where(*waits))


def wake_waiting(session: Session, now: datetime) -> None:
    """Wake whoever works on texts, where one waits."""
    if oldest(session, now) is not None:
        wake_after_commit(session, INBOUND)
