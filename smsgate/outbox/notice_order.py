"""Keeps the order of a group's news on each phone: a text that may correct an earlier one waits for it.

A notice waits for earlier notices as long as they may still be sent. Between notices and meeting news, which go by
different lanes, the later text waits a few minutes at most: one lane must not stand still with the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from smsgate.core.database import among
from smsgate.models import Lane, Message, MessageKind, MessageStatus, Notice, NoticeStatus
from smsgate.outbox import keys

ALIVE = timedelta(hours=24)  # after which the texts of a notice are too late
LOOK_AGAIN = timedelta(seconds=5)  # while the earlier text is due, or being sent
LOOK_AGAIN_FOR_NEWS = timedelta(seconds=15)  # a notice to thousands looks among thousands, and is in no hurry
WAITS = timedelta(minutes=10)  # for a text of the other lane that has been due for no longer, and will be due no later
MOST_TRIES = 4  # of that text, if they fail: each makes it due anew


class _Later(NamedTuple):
    """A text that may have to wait."""

    id: int
    phone_id: int
    group_id: int | None
    written_at: datetime
    due_at: datetime


class _Unsent(NamedTuple):
    """An earlier text that may still be sent."""

    due_at: datetime
    tries: int


def behind_earlier(
    session: Session, phones: Mapping[int, int], group_ids: Collection[int], now: datetime
) -> dict[int, datetime]:
    """Return which texts of notices must wait for an earlier text, and until when; `phones` has the phone of each text.

    Costs two queries where no group has two notices in a day, and no meeting news that waits.
    """
    until = _behind_news(session, phones, group_ids, now)
    pairs = list(_pairs(session, group_ids, now))
    if not pairs:
        return until
    columns = select(Message.id, Message.notice_id).where(among(session, Message.id, phones))
    by_notice: dict[int, dict[int, int]] = {}
    for message_id, notice_id in session.execute(columns):
        by_notice.setdefault(notice_id or 0, {})[phones[message_id]] = message_id
    for earlier, later in pairs:
        texts = by_notice.get(later, {})
        for phone_id, unsent in _unsent(session, earlier, texts).items():
            again = max(unsent.due_at, now + LOOK_AGAIN)
            until[texts[phone_id]] = max(again, until.get(texts[phone_id], now))
    return until


def news_behind_notices(
    session: Session, phones: Mapping[int, int], group_ids: Collection[int], now: datetime
) -> dict[int, datetime]:
    """Return which texts of meeting news must wait for an earlier notice, and until when; `phones` as above.

    Costs one query where no group has sent a notice in the last day.
    """
    notices = session.execute(_going(session, group_ids, now)).all()
    if not notices:
        return {}
    columns = select(Message.id, Message.phone_id, Message.group_id, Message.created_at, Message.due_at)
    news = [_Later(*row) for row in session.execute(columns.where(among(session, Message.id, phones)))]
    waits = []
    for notice in notices:
        later = [text for text in news if text.group_id == notice.group_id and text.written_at >= notice.due_at]
        unsent = _unsent(session, notice.id, [text.phone_id for text in later])
        waits += [(text, unsent[text.phone_id]) for text in later if text.phone_id in unsent]
    return _wait_a_little(waits, now)


def behind_news_in_the_air(session: Session, phones: Mapping[int, int], now: datetime) -> dict[int, datetime]:
    """Return which texts of meeting news must wait for an earlier one that a worker is sending, and until when.

    Another worker could overtake it, and what is read last would be true no more.
    """
    sending = (Message.lane == Lane.NORMAL, Message.stands(MessageStatus.SENDING))
    news = (Message.kind == MessageKind.MEETING_NEWS, among(session, Message.phone_id, phones.values()))
    rows = select(Message.phone_id, func.min(Message.id)).where(*sending, *news).group_by(Message.phone_id)
    first: dict[int, int] = dict(session.execute(rows).all())
    return {one: now + LOOK_AGAIN for one, phone_id in phones.items() if first.get(phone_id, one) < one}


def _behind_news(
    session: Session, phones: Mapping[int, int], group_ids: Collection[int], now: datetime
) -> dict[int, datetime]:
    """Return which texts of notices must wait for meeting news written before them, and until when."""
    columns = select(Message.phone_id, Message.group_id, Message.created_at, Message.due_at, Message.tries)
    is_open = or_(Message.stands(MessageStatus.WAITING), Message.stands(MessageStatus.SENDING))  # as in the index
    soon = (Message.lane == Lane.NORMAL, is_open, Message.due_at <= now + WAITS)
    to_whom = (among(session, Message.group_id, group_ids), among(session, Message.phone_id, phones.values()))
    news = session.execute(columns.where(*soon, Message.kind == MessageKind.MEETING_NEWS, *to_whom)).all()
    if not news:
        return {}
    begun = func.coalesce(Notice.due_at, Notice.created_at)
    texts = select(Message.id, Message.phone_id, Message.group_id, begun, Message.due_at)
    notices = texts.join(Notice, Notice.id == Message.notice_id).where(among(session, Message.id, phones))
    by_reader: dict[tuple[int, int | None], list[tuple[datetime, _Unsent]]] = {}
    for phone_id, group_id, written_at, due_at, tries in news:
        by_reader.setdefault((phone_id, group_id), []).append((written_at, _Unsent(due_at, tries)))
    waits = [
        (text, unsent)
        for text in (_Later(*row) for row in session.execute(notices))
        for written_at, unsent in by_reader.get((text.phone_id, text.group_id), ())
        if written_at < text.written_at
    ]
    return _wait_a_little(waits, now, LOOK_AGAIN_FOR_NEWS)


def _wait_a_little(
    waits: Iterable[tuple[_Later, _Unsent]], now: datetime, look_again: timedelta = LOOK_AGAIN
) -> dict[int, datetime]:
    """Return until when texts wait for a text of the other lane: those that do not wait in vain.

    After a standstill of both lanes everything has been due for long: then it is compared with the text that waits.
    """
    until: dict[int, datetime] = {}
    for text, earlier in waits:
        since = (text.due_at if text.due_at < now - WAITS else now) - WAITS
        if since <= earlier.due_at <= now + WAITS and earlier.tries <= MOST_TRIES:
            until[text.id] = max(earlier.due_at, now + look_again, until.get(text.id, now))
    return until


def _going(session: Session, group_ids: Collection[int], now: datetime) -> Select[int, int, datetime | None]:
    """Return the query for the notices of these groups that are being sent, the earliest first."""
    going = (Notice.stage == NoticeStatus.GOING, Notice.stopped_at.is_(None), Notice.due_at > now - ALIVE)
    columns = select(Notice.group_id, Notice.id, Notice.due_at)
    return columns.where(among(session, Notice.group_id, group_ids), *going).order_by(Notice.due_at, Notice.id)


def _pairs(session: Session, group_ids: Collection[int], now: datetime) -> Iterator[tuple[int, int]]:
    """Yield the ids of each pair of notices of a group that are being sent, the earlier one first."""
    by_group: dict[int, list[int]] = {}
    for group_id, notice_id, _due in session.execute(_going(session, group_ids, now)):
        by_group.setdefault(group_id, []).append(notice_id)
    for ids in by_group.values():
        for place, later in enumerate(ids):
            yield from ((earlier, later) for earlier in ids[:place])


def _unsent(session: Session, notice_id: int, phone_ids: Collection[int]) -> Mapping[int, _Unsent]:
    """Return by phone the texts of a notice that are not sent yet; found by the unique key."""
    if not phone_ids:
        return {}
    unsent = Message.state.in_((MessageStatus.WAITING, MessageStatus.SENDING))
    rows = select(Message.phone_id, Message.due_at, Message.tries).where(
        Message.key == keys.notice(notice_id), among(session, Message.phone_id, phone_ids), unsent
    )
    return {phone_id: _Unsent(due_at, tries) for phone_id, due_at, tries in session.execute(rows)}
