"""Tries a help text a third time if both calls are in doubt and it is all but certain that neither got through.

A reader should get two copies at most, so after two lost replies a help text would be left alone, though perhaps
neither copy was sent. But the provider reports on texts that it took, here under ids that we never learned: if it
reports on most texts, and on none to this number since the first call, it took neither copy.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import Row, func, literal, select
from sqlalchemy.orm import Session, defer

from smsgate.core.database import wake_after_commit
from smsgate.core.encryption import keys_of
from smsgate.models import DeliveryReport, Message, MessageStatus, Phone
from smsgate.models.row_failures import work_on_each
from smsgate.outbox.delivery_reports import number_tag
from smsgate.outbox.recording import REPORTED_WITHIN

NEWEST, HEARD_WITHIN = 200, timedelta(days=7)  # the texts to look at, if sent within that time
MOST = 0.5  # the share of them that must have been reported on
AT_ONCE = 100
MATCHED_WITHIN = timedelta(minutes=1)  # the time in which a report is matched with the text that it is about


def try_once_more(session: Session, now: datetime) -> None:
    """Queue help texts again whose two calls left no trace. Run by the scheduler."""
    doubtful = Message.stands(MessageStatus.UNKNOWN), Message.repeats == literal(1, literal_execute=True)
    due = select(Message.id).where(*doubtful, Message.due_at <= now, Message.expires_at > now)
    ids = session.scalars(due.order_by(Message.id).limit(AT_ONCE).with_for_update(skip_locked=True)).all()
    if not ids or not _reports_come(session, now):
        return

    def decide(ids: Sequence[int]) -> None:
        rows = select(Message).where(Message.id.in_(ids)).order_by(Message.id).options(defer(Message.words))
        for message in session.scalars(rows).all():
            _decide(session, message, now)

    work_on_each(session, "help texts in doubt", ids, decide, now)


def _decide(session: Session, message: Message, now: datetime) -> None:
    reports = _reports_on_its_number(session, message)
    if any(looked_at is None or at > now - MATCHED_WITHIN for at, looked_at in reports):
        return  # these may be about a text that we know
    if reports:
        message.due_at = message.expires_at  # not to be examined again
    else:
        message.state, message.repeats, message.due_at = MessageStatus.WAITING, message.repeats + 1, now
        wake_after_commit(session, message.lane.value)


def _reports_on_its_number(session: Session, message: Message) -> Sequence[Row[datetime, datetime | None]]:
    """Return when unmatched reports on texts to the same number came since, and when each was examined."""
    number = session.get_one(Phone, message.phone_id).number
    tag = number_tag(keys_of(session.get_bind().dialect), number)
    about = DeliveryReport.number_tag == tag, DeliveryReport.at >= message.created_at
    return session.execute(select(DeliveryReport.at, DeliveryReport.looked_at).where(*about)).all()


def _reports_come(session: Session, now: datetime) -> bool:
    """Return whether most of the newest texts were reported on: if reports are lost or late, silence means nothing."""
    sent = select(Message.report).where(Message.sent_at.between(now - HEARD_WITHIN, now - REPORTED_WITHIN))
    newest = sent.order_by(Message.id.desc()).limit(NEWEST).subquery()  # a broadcast that waits says nothing
    row = session.execute(select(func.count(), func.count(newest.c.report))).one()
    return row[0] > 0 and row[1] >= MOST * row[0]
