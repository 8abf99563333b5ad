"""Keeps the order of a group's notices on each phone: a later one, which may correct an earlier one, waits for it."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.database import among
from smsgate.models import Message, MessageStatus, Notice, NoticeStatus
from smsgate.outbox import keys

ALIVE = timedelta(hours=24)  # after which the texts of a notice are too late
LOOK_AGAIN = timedelta(seconds=5)  # while the earlier text is due, or being sent


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


def _pairs(session: Session, group_ids: Collection[int], now: datetime) -> Iterator[tuple[int, int]]:
    """Yield the ids of each pair of notices of a group that are being sent, the earlier one first."""
    going = (Notice.stage == NoticeStatus.GOING, Notice.stopped_at.is_(None), Notice.due_at > now - ALIVE)
    rows = select(Notice.group_id, Notice.id).where(among(session, Notice.group_id, group_ids), *going)
    by_group: dict[int, list[int]] = {}
    for group_id, notice_id in session.execute(rows.order_by(Notice.due_at, Notice.id)):
        by_group.setdefault(group_id, []).append(notice_id)
    for ids in by_group.values():
        for place, later in enumerate(ids):
            yield from ((earlier, later) for earlier in ids[:place])


def _waiting(session: Session, notice_id: int, phone_ids: Collection[int], now: datetime) -> Mapping[int, datetime]:
    """Return the phones whose text of a notice is not sent yet, and when to look again; found by the unique key."""
    if not phone_ids:
        return {}
    unsent = Message.state.in_((MessageStatus.WAITING, MessageStatus.SENDING))
    rows = select(Message.phone_id, Message.due_at).where(
        Message.key == keys.notice(notice_id), among(session, Message.phone_id, phone_ids), unsent
    )
    return {phone_id: max(due_at, now + LOOK_AGAIN) for phone_id, due_at in session.execute(rows)}
