"""Incoming texts: the provider is answered once a text is stored; each is handled later, once, in its number's order.

`router.py` does the handling.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum, auto
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select, true, update
from sqlalchemy.orm import Session, aliased

from smsgate.conversations.sms import written
from smsgate.core.database import insert_new, wake_after_commit
from smsgate.core.encryption import as_sealed, keys_of, readable
from smsgate.flows.typed.keywords import Intent, parse_keyword
from smsgate.models import Inbound, Message, MessageKind, Phone, lookup
from smsgate.outbox.queues import INBOUND
from smsgate.outbox.reading import may_have_been_read, readable_from

SAME_WITHIN = timedelta(seconds=5)  # nobody reads an answer and types the same words again in less
ASKING = (MessageKind.HELP, MessageKind.INVITATION, MessageKind.REMINDER)
AT_ONCE = (Intent.STOP, Intent.START, Intent.INFO)  # heard before others, opted out or not, with Redis or without
LONGEST_ID, OWN_PART = 100, 20  # characters
ECHO_WITHIN = timedelta(seconds=90)  # a gateway that got no answer resends a text for this long, under other ids
GAPS = tuple(timedelta(seconds=seconds) for seconds in (5, 30, 120, 600, 3600))  # between tries


@dataclass(frozen=True)
class InboundSms:
    """A text that waits to be handled."""

    id: int
    provider_id: str
    number: str = field(repr=False)
    words: str = field(repr=False)
    at: datetime
    written_at: datetime | None = None  # if the provider says
    is_readable: bool = True  # False if no key opens its words or its number, which are "" then


def receive(session: Session, provider_id: str, number: str, words: str, now: datetime, date: str = "") -> None:
    """Store a text from an E.164 number until it is handled; a repeat of the provider's id changes nothing.

    `date` is the provider's.
    """
    keyword, dated_at = parse_keyword(words), written.parse_date(date, now)
    likeness = keys_of(session.get_bind().dialect).tag(f"{number} {words}")
    row = {
        "provider_id": _own_id(session, provider_id, likeness),
        "phone_id": lookup.ensure_phone(session, number, now).id,
        "words": words,
        "likeness": likeness,
        "at": now,
        "dated_at": dated_at,
        "written_at": written.written_at(dated_at, now),
        "at_once": keyword is not None and keyword.intent in AT_ONCE,
        "due_at": now,
    }
    if session.scalars(insert_new(session, Inbound).returning(Inbound.id), [row]).first() is not None:
        wake_after_commit(session, INBOUND)


def _own_id(session: Session, provider_id: str, likeness: str) -> str:
    """Return the provider's id, unless it gave that to another text: one id with two texts is two texts."""
    first = session.scalar(select(Inbound.likeness).where(Inbound.provider_id == provider_id))
    if first is None or first == likeness:
        return provider_id
    return f"{provider_id[: LONGEST_ID - OWN_PART - 1]}/{likeness[:OWN_PART]}"


def _written(row: type[Inbound]) -> ColumnElement[datetime]:
    """SQL: when a text was written, as far as we know."""
    return func.coalesce(row.written_at, row.at)


def _is_before(earlier: type[Inbound]) -> ColumnElement[bool]:
    """SQL: the same number wrote `earlier` before this text."""
    same_moment = and_(_written(earlier) == _written(Inbound), earlier.id < Inbound.id)
    return and_(earlier.phone_id == Inbound.phone_id, or_(_written(earlier) < _written(Inbound), same_moment))


def next_to_handle(
    session: Session, now: datetime, but: Collection[int], only_at_once: bool = False
) -> InboundSms | None:
    """Return the oldest waiting text except for these ids, STOP and the like first; with `only_at_once`, only those.

    A text waits for what its number wrote before it, but STOP and the like don't wait for the texts excluded here.
    """
    earlier = aliased(Inbound)
    holds_up = earlier.at_once if only_at_once else ~and_(Inbound.at_once, earlier.id.in_(but))
    waits = earlier.worked_on_at.is_(None), earlier.tries == 0, holds_up
    sealed = (as_sealed(Phone.number).label("number"), as_sealed(Inbound.words).label("words"))
    columns = (Inbound.id, Inbound.provider_id, *sealed, Inbound.at, Inbound.written_at)
    rows = (
        select(*columns)
        .join(Phone, Phone.id == Inbound.phone_id)
        .where(Inbound.worked_on_at.is_(None), Inbound.due_at <= now, Inbound.id.not_in(but))
        .where(~exists().where(_is_before(earlier), *waits), Inbound.at_once if only_at_once else true())
    )
    row = session.execute(rows.order_by(Inbound.at_once.desc(), Inbound.id).limit(1)).first()
    if row is None:
        return None
    number = readable(session, Phone.number, [row.number]).get(row.number)
    words = readable(session, Inbound.words, [row.words]).get(row.words) if row.words is not None else ""
    is_readable = number is not None and words is not None  # one that isn't must not keep others from being handled
    return InboundSms(row.id, row.provider_id, number or "", words or "", row.at, row.written_at, is_readable)


class Taken(Enum):
    """Who has a text that a worker wants to handle."""

    NEW = auto()  # this transaction
    REPEAT = auto()  # this transaction; the same number sent the same words before
    BY_ANOTHER = auto()  # another worker has it, or had it


def take(session: Session, text: InboundSms) -> Taken:
    """Lock a text for this transaction. A repeat is one that a network, or a thumb, sent twice."""
    earlier, last, same = aliased(Inbound), aliased(Inbound), aliased(Inbound)
    of_number = (earlier.phone_id == Inbound.phone_id, earlier.id < Inbound.id)
    last_id = select(func.max(earlier.id)).where(*of_number).correlate(Inbound).scalar_subquery()
    alike = (same.phone_id == Inbound.phone_id, same.id < Inbound.id, same.likeness == Inbound.likeness)
    has_same_date = exists().where(*alike, same.dated_at == Inbound.dated_at, ~Inbound.at_once)
    columns = (Inbound.phone_id, Inbound.at, Inbound.dated_at, has_same_date.label("has_same_date"))
    rows = (
        select(*columns, last.at.label("last_at"), last.dated_at.label("last_dated_at"))
        .outerjoin(last, and_(last.id == last_id, last.likeness == Inbound.likeness))
        .where(Inbound.id == text.id, Inbound.worked_on_at.is_(None))
    )
    found = session.execute(rows.with_for_update(of=Inbound, skip_locked=True)).first()
    if found is None:
        return Taken.BY_ANOTHER
    return Taken.REPEAT if found.has_same_date or _is_repeat(session, found) else Taken.NEW


def _is_repeat(session: Session, found: Any) -> bool:  # noqa: ANN401 - a row of `take`
    """Return whether the same words as the last were written within seconds, and nothing else was asked in between.

    Texts that arrive together may have waited, so their dates count. A network that sends a text again and again,
    under whatever ids and however late, gives it the same date each time.
    """
    if found.last_at is None:
        return False
    dates = (found.dated_at, found.last_dated_at) if found.dated_at and found.last_dated_at else None
    now, before = dates or (found.at, found.last_at)
    if abs(now - before) >= SAME_WITHIN:
        return False
    return found.phone_id is None or not was_asked(session, found.phone_id, found.last_at.timestamp(), found.at)


def was_asked(session: Session, phone_id: int, since: float, until: datetime) -> bool:
    """Return whether a text of ours asked this number something in that time; `since` is in seconds since the epoch."""
    came = (readable_from() > datetime.fromtimestamp(since, UTC), readable_from() <= until, may_have_been_read())
    asks = (Message.phone_id == phone_id, Message.kind.in_(ASKING))
    return session.scalar(select(Message.id).where(*asks, *came).limit(1)) is not None


def was_asked_since_last(session: Session, text: InboundSms, phone_id: int) -> bool:
    """Return whether a text of ours has asked something since the last text of its number."""
    last = previous_written_at(session, text)
    return last is not None and was_asked(session, phone_id, last.timestamp(), text.at)


def may_be_echo(session: Session, text: InboundSms, asked_at: float) -> bool:
    """Return whether a text without a date may repeat the last one, after which we asked at `asked_at` (epoch)."""
    mine, last = aliased(Inbound), aliased(Inbound)
    before = select(func.max(last.id)).where(last.phone_id == mine.phone_id, last.id < mine.id).correlate(mine)
    rows = (
        select(mine.at, last.at)
        .join(last, and_(last.id == before.scalar_subquery(), last.likeness == mine.likeness))
        .where(mine.id == text.id, mine.dated_at.is_(None))
    )
    found = session.execute(rows).first()
    return found is not None and found[0] - found[1] < ECHO_WITHIN and found[1].timestamp() <= asked_at


def wrote_the_same(session: Session, text: InboundSms, count: int) -> bool:
    """Return whether the last `count` texts of its number had the same words."""
    mine = session.get_one(Inbound, text.id)
    before = select(Inbound.likeness).where(Inbound.phone_id == mine.phone_id, Inbound.id < text.id)
    likenesses = session.scalars(before.order_by(Inbound.id.desc()).limit(count)).all()
    return len(likenesses) == count and set(likenesses) == {mine.likeness}


def previous_written_at(session: Session, text: InboundSms) -> datetime | None:
    """Return when the same number wrote the last handled text before this one."""
    return session.scalar(select(func.max(_written(Inbound))).where(*_handled(text), _written(Inbound) <= _at(text)))


def earlier_handled_at(session: Session, text: InboundSms) -> datetime | None:
    """Return when the last text was handled that the same number wrote before this one."""
    return session.scalar(select(func.max(Inbound.worked_on_at)).where(*_handled(text), _written(Inbound) <= _at(text)))


def is_out_of_order(session: Session, text: InboundSms) -> bool:
    """Return whether a text that the same number wrote later was handled before this one; STOP and the like aside."""
    later = (_written(Inbound) > _at(text), ~Inbound.at_once)
    return session.scalar(select(Inbound.id).where(*_handled(text), *later).limit(1)) is not None


def _at(text: InboundSms) -> datetime:
    return text.written_at or text.at


def _handled(text: InboundSms) -> tuple[ColumnElement[bool], ...]:
    """SQL: another text of the same number, which was handled."""
    number = select(Inbound.phone_id).where(Inbound.id == text.id).scalar_subquery()
    return Inbound.phone_id == number, Inbound.id != text.id, Inbound.worked_on_at.is_not(None)


def is_overtaken(session: Session, text: InboundSms) -> bool:
    """Return whether a STOP or the like, written later by this number, was handled first: this one arrived late."""
    number = select(Inbound.phone_id).where(Inbound.id == text.id).scalar_subquery()
    later = (Inbound.phone_id == number, Inbound.at_once, _written(Inbound) > _at(text))
    return session.scalar(select(Inbound.id).where(*later, Inbound.worked_on_at.is_not(None)).limit(1)) is not None


def done(session: Session, text: InboundSms, now: datetime) -> None:
    """Note that a text was handled; its words are forgotten."""
    session.execute(update(Inbound).where(Inbound.id == text.id).values(worked_on_at=now, words=None))


def put_off(session: Session, text: InboundSms, now: datetime) -> bool:
    """Have a text tried again after an error; later texts do not wait for it. False if it was tried often enough."""
    tries = session.scalar(select(Inbound.tries).where(Inbound.id == text.id)) or 0
    if tries >= len(GAPS):
        done(session, text, now)
        return False
    session.execute(update(Inbound).where(Inbound.id == text.id).values(tries=tries + 1, due_at=now + GAPS[tries]))
    return True


def oldest(session: Session, now: datetime) -> datetime | None:
    """Return when the oldest waiting text came in; None if none waits."""
    waits = (Inbound.worked_on_at.is_(None), Inbound.due_at <= now, Inbound.phone_id.is_not(None))
    return session.scalar(select(func.min(Inbound.at)).where(*waits))


def wake_waiting(session: Session, now: datetime) -> None:
    """Wake the workers that handle texts if one waits."""
    if oldest(session, now) is not None:
        wake_after_commit(session, INBOUND)
