"""Texts to the two in a match and to those who wait: once, neutral, and in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.i18n import speaking
from smsgate.groups.wording import speaking_for
from smsgate.models import Member, MessageKind, Programme
from smsgate.outbox.keys import Key
from smsgate.outbox.limits import Caused

WORTH_TELLING = timedelta(days=3)


@contextmanager
def speaking_to(programme: Programme, member: Member) -> Iterator[None]:
    """Use a member's language inside the block, and the wording of the programme's group if it has one."""
    language = member.phone.language
    with speaking_for(programme.group, language) if programme.group else speaking(language):
        yield


def tell(
    session: Session,
    programme: Programme,
    member: Member,
    words: Callable[[], str],
    key: Key,
    now: datetime,
    *,
    kind: MessageKind = MessageKind.WALK,
    match_id: int | None = None,
    expires_at: datetime | None = None,
    caused: Caused | None = None,
) -> int | None:
    """Queue a text to a member; return its id, or None if it cannot reach them now."""
    with speaking_to(programme, member):
        said = words()
    text = outbox.Text(
        words=said, key=key, kind=kind, expires_at=expires_at or now + WORTH_TELLING, group_id=programme.group_id,
        match_id=match_id, caused=caused,
    )  # fmt: skip
    return outbox.send_text(session, member.phone_id, text, now)
