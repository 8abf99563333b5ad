"""Broadcasts to a group: who gets it, what it costs in segments, how far it is, stopping it."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate import groups, messages
from smsgate.groups import Invalid
from smsgate.gsm import folded
from smsgate.models import Group, Kind, Lane, Message, Notice, State

LONGEST = 640
WORTH_SENDING = timedelta(hours=24)


def send(session: Session, group: Group, words: str, now: datetime) -> tuple[Notice, int]:
    """Queue a notice to everybody in the group who may be texted; the notice and how many. Raises Invalid."""
    words = folded(" ".join(words.split()))
    if not words:
        raise Invalid("The notice is empty.")
    if len(words) > LONGEST:
        raise Invalid(f"A notice has at most {LONGEST} characters; this one has {len(words)}.")
    notice = Notice(group_id=group.id, words=words, created_at=now)
    session.add(notice)
    session.flush()
    text = messages.Text(
        words=words, cause=f"notice:{notice.id}", kind=Kind.NOTICE, lane=Lane.BULK,
        expires_at=now + WORTH_SENDING, group_id=group.id, notice_id=notice.id,
    )  # fmt: skip
    return notice, messages.queue_to_all(session, text, groups.phones_in(group.id), now)


def stop(session: Session, notice: Notice, now: datetime) -> None:
    """What has not left yet does not leave."""
    notice.stopped_at = notice.stopped_at or now


def progress(session: Session, notice: Notice) -> Counter[State]:
    """How many texts of the notice are in each state."""
    rows = select(Message.state, func.count()).where(Message.notice_id == notice.id).group_by(Message.state)
    return Counter(dict(session.execute(rows).all()))
