"""Texts to leaders about a notice: that it waits for approval, and what became of it. None names the group."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.groups import roles
from smsgate.groups.wording import speaking_for
from smsgate.models import MessageKind, Notice, Phone
from smsgate.outbox.eligibility import is_reached_by
from smsgate.outbox.keys import Key

WORTH_SENDING = timedelta(hours=24)


def other_leaders(session: Session, notice: Notice, now: datetime) -> list[Phone]:
    """Return the phones of those who lead the notice's group, other than its author, and can be texted now."""
    phones = [role.phone for role in roles.assignments_in(session, notice.group_id, now)]
    return [
        phone for phone in phones if phone.id != notice.author_id and is_reached_by(phone, MessageKind.ALERT)
    ]  # fmt: skip


def text_author(session: Session, notice: Notice, words_for: Callable[[], str], key: Key, now: datetime) -> None:
    """Text the author of a notice, in their language; nobody, if it is the operator's."""
    author = session.get(Phone, notice.author_id) if notice.author_id else None
    if author is not None:
        text_leader(session, notice, author, words_for, key, now)


def text_leader(
    session: Session, notice: Notice, phone: Phone, words_for: Callable[[], str], key: Key, now: datetime
) -> None:  # fmt: skip
    """Text somebody about a notice, in their language."""
    with speaking_for(notice.group, phone.language):
        words = words_for()
    text = outbox.Text(
        words=words, key=key, kind=MessageKind.ALERT, expires_at=now + WORTH_SENDING, group_id=notice.group_id
    )
    outbox.send_text(session, phone.id, text, now)
