"""The outbox: what has to leave. The database is the truth; one row for one (cause, number).

What becomes of a row stands in `claims.py` (workers) and `reports.py` (delivery reports).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, literal, or_, select
from sqlalchemy.orm import Session

from smsgate.core.database import insert_new, wake_after_commit
from smsgate.core.gsm7 import segments, transliterate
from smsgate.models import Lane, Message, MessageKind, MessageStatus, Phone

CHUNK = 1000
ANSWERS = frozenset({MessageKind.REPLY, MessageKind.CONFIRMATION})

_SHUT = or_(Phone.stopped_at.is_not(None), Phone.blocked_at.is_not(None), Phone.silent_at.is_not(None))
_CLOSED = or_(_SHUT, Phone.doubted_at.is_not(None))


@dataclass(frozen=True, kw_only=True)
class Text:
    """What should leave, to one number or to many; `due_at` None is now."""

    words: str = field(repr=False)
    cause: str
    kind: MessageKind
    lane: Lane
    expires_at: datetime
    due_at: datetime | None = None
    group_id: int | None = None
    meeting_id: int | None = None
    notice_id: int | None = None


@dataclass(frozen=True, kw_only=True)
class Draft(Text):
    """A text to one number."""

    phone_id: int


def queue(session: Session, drafts: Iterable[Draft], now: datetime) -> list[int]:
    """Queue what is new; the ids of the rows made. A number that is closed gets a confirmation at most."""
    drafts = list(drafts)
    measured = {words: _measured(words) for words in {draft.words for draft in drafts}}  # a broadcast is one text
    rows = [{"phone_id": draft.phone_id, **_row(draft, *measured[draft.words], now)} for draft in drafts]
    rows = [*_open(session, rows)]
    made: list[int] = []
    for start in range(0, len(rows), CHUNK):
        insert = insert_new(session, Message).returning(Message.id)
        made += session.scalars(insert, rows[start : start + CHUNK]).all()
    for lane in {row["lane"] for row in rows} if made else ():
        wake_after_commit(session, lane.value)
    return made


def queue_to_all(session: Session, text: Text, audience: Select[int], now: datetime) -> int:
    """Queue one text to every phone of a SELECT of phone ids; how many are new. The audience stays in the database."""
    row = _row(text, *_measured(text.words), now)
    values = [literal(value, Message.__table__.c[name].type) for name, value in row.items()]
    rows = audience.where(~_CLOSED).add_columns(*values)
    insert = insert_new(session, Message).from_select(["phone_id", *row], rows)
    made = session.connection().execute(insert, execution_options={"preserve_rowcount": True}).rowcount
    if made:
        wake_after_commit(session, text.lane.value)
    return made


def count_reachable(session: Session, audience: Select[int]) -> int:
    """How many phones of a SELECT may be texted."""
    return session.scalar(select(func.count()).select_from(audience.where(~_CLOSED).subquery())) or 0


def _measured(words: str) -> tuple[str, int]:
    cheaper = transliterate(words)
    return cheaper, segments(cheaper)


def _row(text: Text, words: str, parts: int, now: datetime) -> dict[str, Any]:
    return {
        **{name: value for name, value in vars(text).items() if name != "phone_id"},
        "words": words,
        "segments": parts,
        "state": MessageStatus.WAITING,
        "due_at": text.due_at or now,
        "created_at": now,
        "attempt": 0,
        "repeats": 0,
    }


def _open(session: Session, rows: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Those that may be queued: an answer goes to a number in doubt too, since somebody there just wrote."""
    replies = {row["phone_id"] for row in rows if row["kind"] is MessageKind.REPLY}
    closed = _closed(session, {row["phone_id"] for row in rows if row["kind"] not in ANSWERS}, _CLOSED)
    shut = _closed(session, replies, _SHUT)
    for row in rows:
        if row["kind"] is MessageKind.CONFIRMATION or row["phone_id"] not in (
            shut if row["kind"] is MessageKind.REPLY else closed
        ):
            yield row


def _closed(session: Session, phone_ids: set[int], how: ColumnElement[bool]) -> set[int]:
    if len(phone_ids) > CHUNK:  # more than a statement may name; the closed ones are few
        return set(session.scalars(select(Phone.id).where(how)))
    return set(session.scalars(select(Phone.id).where(how, Phone.id.in_(phone_ids)))) if phone_ids else set()


def is_due(lane: Lane, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """In the order of the index: one lane at a time, or a full table would be read."""
    return Message.lane == lane, Message.stands(MessageStatus.WAITING), Message.due_at <= now


def wake_due(session: Session, now: datetime) -> None:
    """Wake the lanes in which something is due."""
    for lane in Lane:
        if session.scalar(select(Message.id).where(*is_due(lane, now)).limit(1)):
            wake_after_commit(session, lane.value)


def oldest_waiting_seconds(session: Session, now: datetime) -> dict[str, int]:
    """For each lane the age in seconds of the oldest message that is due; 0 where nothing waits."""
    ages = {}
    for lane in Lane:
        oldest = session.scalar(select(func.min(Message.due_at)).where(*is_due(lane, now)))
        ages[lane.value] = int((now - oldest).total_seconds()) if oldest else 0
    return ages
