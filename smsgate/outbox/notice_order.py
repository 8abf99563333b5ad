"""Keeps the order of a group's news on each phone: a later text, which may correct an earlier notice, waits for it.

Later notices wait as long as the earlier one may still be sent. Meeting news waits a few minutes at most: it goes by a
lane of its own, and must not stand still with the other.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from smsgate.core.database import among
from smsgate.models import Message, MessageStatus, Notice, NoticeStatus
from smsgate.outbox import keys

ALIVE = timedelta(hours=24)  # after which the texts of a notice are too late
LOOK_AGAIN = timedelta(seconds=5)  # while the earlier text is due, or being sent
NEWS_WAITS = timedelta(minutes=10)  # for a notice that has been due for no longer, and will be due no later


class _Text(NamedTuple):
    id: int
    phone_id: int


def behind_earlier(
    session: Session, message_ids: Collection[int], group_ids: Collection[int], now: datetime
) -> dict[int, datetime]:  # fmt: skip
    """Return which of these texts of notices must wait for an earlier notice to the same phone, and until when.

    Costs one query where no group has two notices in a day.
    """
    pairs = list(_pairs(session, group_ids, now))
    if not pairs:
        return {}
    columns = select(Message.id, Message.notice_id, Message.phone_id).where(among(session, Message.id, message_ids))
    by_notice: dict[int, list[_Text]] = {}
    for row in session.execute(columns):
        by_notice.setdefault(row.notice_id or 0, []).append(_Text(row.id, row.phone_id))
    until: dict[int, datetime] = {}
    for earlier, later in pairs:
        waits = _waiting(session, earlier, [text.phone_id for text in by_notice.get(later, ())], now)
        for text in by_notice.get(later, ()):
            if text.phone_id in waits:
                until[text.id] = max(waits[text.phone_id], until.get(text.id, now))
    return until


def news_behind_notices(
    session: Session, message_ids: Collection[int], group_ids: Collection[int], now: datetime
) -> dict[int, datetime]:
    """Return which of these texts of meeting news must wait for a notice written before them, and until when.

    Costs one query where no group has sent a notice in the last day.
    """
    notices = session.execute(_going(session, group_ids, now)).all()
    if not notices:
        return {}
    columns = select(Message.id, Message.phone_id, Message.group_id, Message.created_at)
    news = session.execute(columns.where(among(session, Message.id, message_ids))).all()
    until: dict[int, datetime] = {}
    for notice in notices:
        later = [text for text in news if text.group_id == notice.group_id and text.created_at >= notice.due_at]
        waits = _waiting(session, notice.id, [text.phone_id for text in later], now, since=now - NEWS_WAITS)
        for text in later:
            again = waits.get(text.phone_id, now)
            if now < again <= now + NEWS_WAITS:
                until[text.id] = max(again, until.get(text.id, now))
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


def _waiting(
    session: Session, notice_id: int, phone_ids: Collection[int], now: datetime, since: datetime | None = None
) -> Mapping[int, datetime]:
    """Return the phones whose text of a notice is not sent yet, and when to look again; found by the unique key.

    With `since`, a text that was due before counts no more.
    """
    if not phone_ids:
        return {}
    unsent = Message.state.in_((MessageStatus.WAITING, MessageStatus.SENDING))
    rows = select(Message.phone_id, Message.due_at).where(
        Message.key == keys.notice(notice_id), among(session, Message.phone_id, phone_ids), unsent
    )
    if since is not None:
        rows = rows.where(Message.due_at >= since)
    return {phone_id: max(due_at, now + LOOK_AGAIN) for phone_id, due_at in session.execute(rows)}
