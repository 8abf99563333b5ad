"""Texts to leaders about a notice: that it needs approval, and what became of it. None of them names the group."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.groups import roles
from smsgate.groups.wording import speaking_for
from smsgate.models import MessageKind, Notice, NoticeStatus, Phone
from smsgate.outbox.eligibility import is_reached_by
from smsgate.outbox.keys import Key
from smsgate.outbox.superseding import take_back_news

WORTH_SENDING = timedelta(hours=24)


def other_leaders(session: Session, notice: Notice, now: datetime) -> list[Phone]:
    """Return the phones of the group's leaders, other than the notice's author, that can be texted now."""
    phones = [role.phone for role in roles.assignments_in(session, notice.group_id, now)]
    return [
        phone for phone in phones if phone.id != notice.author_id and is_reached_by(phone, MessageKind.ALERT)
    ]  # fmt: skip


def decided(session: Session, notice: Notice, now: datetime) -> None:
    """Withdraw what waits about a notice that was approved, declined, stopped or dropped: it is true no longer."""
    take_back_news(session, notice.group_id, {_subject(notice)}, now)


def _subject(notice: Notice) -> str:
    return f"approval:{notice.id}"


def text_author(session: Session, notice: Notice, words_for: Callable[[], str], key: Key, now: datetime) -> None:
    """Text the author of a notice in their language; do nothing if the operator wrote it."""
    author = session.get(Phone, notice.author_id) if notice.author_id else None
    if author is not None:
        text_leader(session, notice, author, words_for, key, now)


def text_leader(
    session: Session, notice: Notice, phone: Phone, words_for: Callable[[], str], key: Key, now: datetime
) -> None:  # fmt: skip
    """Text someone about a notice in their language; `decided` later withdraws what was said before it was dropped."""
    with speaking_for(notice.group, phone.language):
        words = words_for()
    role = roles.current_assignment(session, phone.id, notice.group_id, now)
    text = outbox.Text(
        words=words, key=key, kind=MessageKind.ALERT, expires_at=now + WORTH_SENDING, group_id=notice.group_id,
        role_id=role.id if role else None,
        about={_subject(notice): True} if notice.stage is not NoticeStatus.DROPPED else None,
    )  # fmt: skip
    outbox.send_text(session, phone.id, text, now)
