"""Texts that came in: the provider is answered when one is stored; each is handled later, once, in its number's order.

How a text is handled stands in `router.py`.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum, auto

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
class InboundSms:
    """A text that waits to be handled."""

    id: int
    provider_id: str
    number: str = field(repr=False)
    words: str = field(repr=False)
    at: datetime


def receive(session: Session, provider_id: str, number: str, words: str, now: datetime) -> None:
    """Store a text of an E.164 number until it is handled; a repeat by the provider's id changes nothing."""
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


def next_to_handle(session: Session, now: datetime, but: Collection[int]) -> InboundSms | None:
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
    row = session.execute(rows.order_by(Inbound.id).limit(1)).first()
    return InboundSms(row.id, row.provider_id, row.number, row.words or "", row.at) if row else None


class Taken(Enum):
    """Whose a text is that a worker wants to handle."""

    NEW = auto()  # this transaction's
    REPEAT = auto()  # this transaction's, and the same words from the same number as seconds before
    BY_ANOTHER = auto()  # another worker has it, or had it


def take(session: Session, text: InboundSms) -> Taken:
    """Lock a text for this transaction. A repeat comes from a network, or from a thumb, that sent it twice."""
    earlier = aliased(Inbound)
    same = exists().where(
        earlier.likeness == Inbound.likeness, earlier.id < Inbound.id, earlier.at > text.at - SAME_WITHIN
    )
    row = select(Inbound.id, same.label("is_repeat")).where(Inbound.id == text.id, Inbound.worked_on_at.is_(None))
    found = session.execute(row.with_for_update(skip_locked=True)).first()
    if found is None:
        return Taken.BY_ANOTHER
    return Taken.REPEAT if found.is_repeat else Taken.NEW


def is_loop(session: Session, text: InboundSms) -> bool:
    """Whether the number sent more texts within minutes than a person writes."""
    number = select(Inbound.phone_id).where(Inbound.id == text.id).scalar_subquery()
    lately = (Inbound.phone_id == number, Inbound.id < text.id, Inbound.at > text.at - IN)
    return (session.scalar(select(func.count()).select_from(Inbound).where(*lately)) or 0) >= MOST


def done(session: Session, text: InboundSms, now: datetime) -> None:
    """Note that a text was handled; its words are forgotten."""
    session.execute(update(Inbound).where(Inbound.id == text.id).values(worked_on_at=now, words=None))


def put_off(session: Session, text: InboundSms, now: datetime) -> bool:
    """Try a text again later, after an error; later texts do not wait for it. False when it was tried often enough."""
    tries = session.scalar(select(Inbound.tries).where(Inbound.id == text.id)) or 0
    if tries >= len(GAPS):
        done(session, text, now)
        return False
    session.execute(update(Inbound).where(Inbound.id == text.id).values(tries=tries + 1, due_at=now + GAPS[tries]))
    return True


def oldest(session: Session, now: datetime) -> datetime | None:
    """When the oldest text that waits came in; None where none waits."""
    waits = (Inbound.worked_on_at.is_(None), Inbound.due_at <= now, Inbound.phone_id.is_not(None))
    return session.scalar(select(func.min(Inbound.at)).where(*waits))


def wake_waiting(session: Session, now: datetime) -> None:
    """Wake the workers that handle texts, where one waits."""
    if oldest(session, now) is not None:
        wake_after_commit(session, INBOUND)
