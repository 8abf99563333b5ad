"""Queueing a text: an outbox row, written in the transaction that decides to send it. One row per (key, number).

`claims` (the workers' side) and `delivery_reports` take it from there.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, delete, exists, func, literal, or_, select, update
from sqlalchemy.orm import Session, aliased, defer

from smsgate.core.database import among, insert_new, wake_after_commit
from smsgate.core.encryption import as_sealed, readable
from smsgate.core.gsm7 import segments, transliterate
from smsgate.core.i18n import SOURCE
from smsgate.models import FINAL, Lane, Message, MessageKind, MessageStatus, Phone
from smsgate.outbox import limits
from smsgate.outbox.eligibility import NumberState, refuses, states_reached_by
from smsgate.outbox.keys import Key
from smsgate.outbox.limits import Caused

CHUNK = 1000
OVER = (*FINAL, MessageStatus.SENT, MessageStatus.UNKNOWN)


@dataclass(frozen=True, kw_only=True)
class Text:
    """A text to send, to one number or to many. `key` makes it unique per number; `due_at` None means now."""

    words: str = field(repr=False)
    key: Key
    kind: MessageKind
    lane: Lane = Lane.NORMAL
    expires_at: datetime
    due_at: datetime | None = None
    group_id: int | None = None
    meeting_id: int | None = None
    meeting_moves: int | None = None  # the meeting's count of moves that the words reflect
    reminder: str | None = None  # which of the meeting's reminders, as people choose it: "1d", "2h"
    notice_id: int | None = None
    inviter_id: int | None = None  # the member on whose behalf someone is invited to be a responder
    responder_id: int | None = None  # the responder invited
    invitation_id: int | None = None
    survey_id: int | None = None
    match_id: int | None = None
    role_id: int | None = None  # the role in a group for which its reader gets it: not sent without it
    admin_id: int | None = None  # the same for an admin of the network
    from_role_id: int | None = None  # the role of the leader who wrote it to another leader
    caused: Caused | None = None  # whose act it is, if such acts are limited
    about: Mapping[str, Any] | None = None  # for news: what its reader knew before, by subject (`superseding`)


_STORED = [one.name for one in fields(Text) if one.name != "caused"]  # each in a column


def send_text(session: Session, phone_id: int, text: Text, now: datetime) -> int | None:
    """Queue a text to one number and return its id.

    Returns None if it was queued before, may not go to this number, or exceeds the limits of its causer (`limits`).
    """
    if text.caused is None:
        made = send_texts(session, [(phone_id, text)], now)
        return made[0] if made else None
    return _send_caused(session, session.get_one(Phone, phone_id), text, text.caused, now)


def _send_caused(session: Session, phone: Phone, text: Text, caused: Caused, now: datetime) -> int | None:
    """Queue a text and use its limits; do neither if one is used up."""
    use = limits.ask(session, caused, now, target=phone, amount=count_sms([text.words]))
    made = send_text(session, phone.id, replace(text, caused=None), now) if use else None
    if use and made:
        limits.record(session, use)
    return made


def send_texts(session: Session, texts: Iterable[tuple[int, Text]], now: datetime) -> list[int]:
    """Queue texts to phone ids, skip those already queued or not allowed to a number, and return the new row ids."""
    texts = list(texts)
    measured = {words: _measured(words) for words in {text.words for _phone, text in texts}}  # a broadcast is one text
    rows = [{"phone_id": phone_id, **_row(text, *measured[text.words], now)} for phone_id, text in texts]
    rows = _reachable(session, rows)
    made: list[int] = []
    for start in range(0, len(rows), CHUNK):
        insert = insert_new(session, Message).returning(Message.id)
        made += session.scalars(insert, rows[start : start + CHUNK]).all()
    session.info.setdefault("queued", []).extend(made)
    for lane in {row["lane"] for row in rows} if made else ():
        wake_after_commit(session, lane.value)
    return made


def as_sent(words: str) -> str:
    """Return the words as the outbox stores them."""
    return _measured(words)[0]


def count_sms(words: Iterable[str]) -> int:
    """Return as how many SMS these texts are billed: what to ask `limits.has_room` for."""
    return sum(_measured(text)[1] for text in words)


def last_words(
    session: Session, phone_id: int, kinds: Iterable[MessageKind], count: int, since: datetime
) -> list[str | None]:
    """Return the words of the last texts of these kinds to a number, the newest first.

    They are None for those that are forgotten or cannot be read.
    """
    rows = select(as_sealed(Message.words)).where(Message.phone_id == phone_id, Message.kind.in_(list(kinds)))
    last = rows.where(Message.created_at > since).order_by(Message.id.desc()).limit(count)
    forms = session.scalars(last).all()
    words = readable(session, Message.words, [form for form in forms if form is not None])
    return [words.get(form) for form in forms]


def queued_in(session: Session) -> list[int]:
    """Return the ids of the texts queued in this session so far."""
    return list(session.info.get("queued", ()))


def send_to_audience(session: Session, audience: Select[int], text: Text, now: datetime) -> int:
    """Queue one text to every phone id of a SELECT, entirely within the database; return how many are new."""
    row = _row(text, *_measured(text.words), now)
    values = [literal(value, Message.__table__.c[name].type) for name, value in row.items()]
    rows = audience.where(~refuses(text.kind)).add_columns(*values)
    insert = insert_new(session, Message).from_select(["phone_id", *row], rows)
    made = session.connection().execute(insert, execution_options={"preserve_rowcount": True}).rowcount
    if made:
        wake_after_commit(session, text.lane.value)
    return made


def count_reachable(session: Session, audience: Select[int], kind: MessageKind) -> int:
    """Return how many phones of a SELECT a text of this kind would reach."""
    return session.scalar(select(func.count()).select_from(audience.where(~refuses(kind)).subquery())) or 0


def withdraw(session: Session, *which: ColumnElement[bool], now: datetime) -> list[int]:
    """Withdraw those of these messages that still wait, erase their words and return their ids. Claimed ones stay."""
    waiting = (Message.lane.in_(Lane), Message.stands(MessageStatus.WAITING), *which)
    ended = {"state": MessageStatus.WITHDRAWN, "words": None, "ended_at": now}
    rows = update(Message).where(*waiting).values(ended).returning(Message.id)
    return list(session.scalars(rows.execution_options(synchronize_session="fetch")))


def unqueue(session: Session, *which: ColumnElement[bool]) -> None:
    """Delete those of these messages that still wait: unlike withdrawn ones, they can be queued again."""
    waiting = (Message.lane.in_(Lane), Message.stands(MessageStatus.WAITING), *which)
    session.execute(delete(Message).where(*waiting).execution_options(synchronize_session=False))


def reword(session: Session, words: str, *which: ColumnElement[bool]) -> None:
    """Replace the words of those of these messages that `waiting` would return: what they said is no longer true."""
    cheaper, parts = _measured(words)
    changed = update(Message).where(*_may_be_tried(), *which).values(words=cheaper, segments=parts)
    session.execute(changed.execution_options(synchronize_session=False))


def waiting(session: Session, kind: MessageKind, *which: ColumnElement[bool]) -> list[Message]:
    """Lock and return the messages of this kind, among these, that wait to be sent, oldest first.

    What a worker has in hand is among them: if its call fails, the next one says what the row says by then.
    """
    rows = select(Message).where(*_may_be_tried(), Message.kind == kind, *which).order_by(Message.id).with_for_update()
    unread = rows.options(defer(Message.words))  # which may be unreadable
    return list(session.scalars(unread.execution_options(populate_existing=True)))


def _may_be_tried() -> tuple[ColumnElement[bool], ...]:
    is_open = or_(Message.stands(MessageStatus.WAITING), Message.stands(MessageStatus.SENDING))  # as in the index
    return Message.lane.in_(Lane), is_open, Message.superseded_at.is_(None)


def rewrite(message: Message, words: str) -> None:
    """Replace the words of a message that `waiting` returned."""
    message.words, message.segments = _measured(words)


def forget_words(
    session: Session, *which: ColumnElement[bool], states: Collection[MessageStatus] = OVER,
    says: Callable[[str], bool] | None = None,
) -> None:  # fmt: skip
    """Erase the words of those of these texts that are in one of the states and in whose words `says` finds something.

    Words that no key opens are erased too: nobody can tell what they say.
    """
    some = (Message.state.in_(states), Message.words.is_not(None))
    found = session.execute(select(Message.id, as_sealed(Message.words)).where(*some, *which)).all()
    words = readable(session, Message.words, [form for _id, form in found]) if says else {}
    ids = [row_id for row_id, form in found if says is None or form not in words or says(words[form])]
    for start in range(0, len(ids), CHUNK):
        forgotten = update(Message).where(among(session, Message.id, ids[start : start + CHUNK])).values(words=None)
        session.execute(forgotten.execution_options(synchronize_session=False))


def speaks(language: str) -> ColumnElement[bool]:
    """SQL condition on Message: texts to its number are in this language."""
    speakers = select(Phone.id).where(func.coalesce(Phone.language, SOURCE) == language)
    return Message.phone_id.in_(speakers)


def _measured(words: str) -> tuple[str, int]:
    cheaper = transliterate(words)
    return cheaper, segments(cheaper)


def _row(text: Text, words: str, parts: int, now: datetime) -> dict[str, Any]:
    return {
        **{name: getattr(text, name) for name in _STORED},
        "words": words,
        "segments": parts,
        "state": MessageStatus.WAITING,
        "due_at": text.due_at or now,
        "created_at": now,
        "attempt": 0,
        "repeats": 0,
    }


def _reachable(session: Session, rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the rows whose number their kind reaches."""
    kinds: dict[frozenset[NumberState], set[MessageKind]] = {}
    for kind in {row["kind"] for row in rows}:
        kinds.setdefault(states_reached_by(kind), set()).add(kind)
    for alike in kinds.values():
        refusing = _refusing(session, {row["phone_id"] for row in rows if row["kind"] in alike}, next(iter(alike)))
        rows = [row for row in rows if row["kind"] not in alike or row["phone_id"] not in refusing]
    return rows


def _refusing(session: Session, phone_ids: set[int], kind: MessageKind) -> set[int]:
    rows = select(Phone.id).where(refuses(kind))
    if len(phone_ids) > CHUNK:  # more than one statement may name; few numbers refuse
        return set(session.scalars(rows))
    return set(session.scalars(rows.where(Phone.id.in_(phone_ids))))


def is_due(lane: Lane, now: datetime) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions, in index order and for one lane at a time: otherwise the whole table would be read."""
    due = (Message.lane == lane, Message.stands(MessageStatus.WAITING), Message.due_at <= now)
    return due if lane is not Lane.URGENT else (*due, ~_follows_one_in_the_air())


def _follows_one_in_the_air() -> ColumnElement[bool]:
    """SQL condition: a worker is sending this number an earlier urgent text; "I am fine now", say, waits its turn."""
    before = aliased(Message)
    in_the_air = (before.lane == Lane.URGENT, before.state == MessageStatus.SENDING, before.id < Message.id)
    return exists().where(*in_the_air, before.phone_id == Message.phone_id).correlate(Message)


def wake_due(session: Session, now: datetime) -> None:
    """Wake the lanes in which something is due."""
    for lane in Lane:
        if session.scalar(select(Message.id).where(*is_due(lane, now)).limit(1)):
            wake_after_commit(session, lane.value)


def oldest_sending_seconds(session: Session, now: datetime) -> dict[str, int]:
    """Return for each lane how many seconds ago the oldest message that is being sent was due; 0 if none is."""
    claimed = select(Message.lane, func.min(Message.due_at)).where(Message.stands(MessageStatus.SENDING))
    due = {row[0]: row[1] for row in session.execute(claimed.where(Message.lane.in_(Lane)).group_by(Message.lane))}
    return {lane.value: int((now - due[lane]).total_seconds()) if lane in due else 0 for lane in Lane}
