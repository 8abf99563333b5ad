"""Tells members within two minutes which help texts could not be sent, and closes requests after a day."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from smsgate.flows import sms
from smsgate.groups.wording import speaking_of
from smsgate.help import requests
from smsgate.help.names import responder_name
from smsgate.models import HelpRecipient, HelpRequest, Message, scheduler_runs
from smsgate.models.row_failures import work_on_each
from smsgate.outbox import keys

ROUND = "help"
OPEN_FOR = timedelta(hours=24)
UNSENT_AFTER = timedelta(seconds=90)  # the member is told within two minutes


def tell_undelivered(session: Session, message_ids: list[int], now: datetime, code: str) -> None:
    """Tell members, once each, which of these help texts could not be sent; escalate if nobody else can answer."""
    rows = select(HelpRecipient.id).where(
        HelpRecipient.message_id.in_(message_ids), HelpRecipient.told_unsent_at.is_(None)
    )

    def tell(ids: Sequence[int]) -> None:
        for recipient_id in ids:
            _tell_undelivered(session, session.get_one(HelpRecipient, recipient_id), now, code)

    work_on_each(session, "undelivered help texts", session.scalars(rows).all(), tell, now)


def _tell_undelivered(session: Session, recipient: HelpRecipient, now: datetime, code: str) -> None:
    recipient.told_unsent_at = now
    request, name = recipient.request, responder_name(recipient.responder)
    with speaking_of(request.member, request.member.phone.language):
        requests.tell_member(session, request, sms.unsent(name, code), keys.help_unsent(recipient.id), now)
    requests.advance_if_unanswerable(session, request, now)


def run_scheduled_tasks(session: Session, now: datetime, code: str) -> None:
    """Tell members of help texts not sent in time, and close requests after a day. Run by the scheduler.

    After a gap in which nothing ran, waiting texts get the usual time again: the workers are only just back.
    """
    if scheduler_runs.running_without_gap_since(session, ROUND, now) <= now - UNSENT_AFTER:
        _tell_of_late_texts(session, now, code)
    old = select(HelpRequest).where(HelpRequest.closed_at.is_(None), HelpRequest.raised_at < now - OPEN_FOR)
    for request in session.scalars(old):
        requests.close_request(request, now)


def _tell_of_late_texts(session: Session, now: datetime, code: str) -> None:
    deadline = now - UNSENT_AFTER
    late = (
        select(Message.id)
        .join(HelpRecipient, HelpRecipient.message_id == Message.id)
        .join(HelpRequest)
        .where(
            HelpRequest.closed_at.is_(None),
            HelpRecipient.told_unsent_at.is_(None),
            HelpRecipient.answered_at.is_(None),
            HelpRecipient.declined_at.is_(None),
            Message.created_at < deadline,
            or_(HelpRequest.leaves_at.is_(None), HelpRequest.leaves_at < deadline),
            Message.state.not_in(requests.SENT_STATUSES),
        )
    )
    tell_undelivered(session, list(session.scalars(late)), now, code)
