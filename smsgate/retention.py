"""Forgetting: the words of texts after a few days, and what was only needed to do a thing once."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from smsgate.models import FINAL, Deed, Inbound, Message, State, StrayReport

ONCE = timedelta(days=2)  # the provider repeats an inbound SMS for 12 hours


def forget(session: Session, now: datetime, keep: timedelta) -> None:
    """Forget what is older than it needs to be; the rows stay as counts, without their words."""
    over = (Message.state.in_([*FINAL, State.SENT, State.UNKNOWN]), Message.created_at < now - keep)
    session.execute(update(Message).where(*over, Message.words.is_not(None)).values(words=None))
    for table in (Inbound, Deed, StrayReport):
        session.execute(delete(table).where(table.at < now - ONCE))
