"""Texts to the operator about what needs a person at a shell. If their number isn't set, only the log says it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.i18n import speaking
from smsgate.flows import sms
from smsgate.models import Lane, MessageKind, RowFailure, lookup
from smsgate.outbox import keys, limits

log = structlog.get_logger()

WORTH = timedelta(hours=2)  # an alert is sent no later than this
TOLD_AGAIN_AFTER = timedelta(hours=6)  # about failures
TIMES_BEFORE_ALERT = 3  # about three minutes: many failures are over by then


def alert_operator(session: Session, operator: str, words_for: Callable[[], str], key: keys.Key, now: datetime) -> None:
    """Text the operator, in their language, in the urgent lane; do nothing if there is no number."""
    if not operator:
        return
    phone = lookup.ensure_phone(session, operator, now)
    with speaking(phone.language):
        words = words_for()
    alert = outbox.Text(words=words, key=key, kind=MessageKind.ALERT, lane=Lane.URGENT, expires_at=now + WORTH)
    outbox.send_text(session, phone.id, alert, now)


def tell_of_strangers(session: Session, now: datetime, operator: str) -> None:
    """Tell the operator once an hour that strangers used half of the hour's texts. Run by the scheduler."""
    used, most = limits.used_by_strangers(session, now), limits.service_limit(session).hour
    if 2 * used < most:
        return
    log.warning("strangers_cause_many_texts", sms=used, most=most)
    alert_operator(session, operator, sms.many_texts, keys.strangers(now), now)


def tell_of_failures(session: Session, now: datetime, operator: str) -> None:
    """Tell the operator, at most every few hours, that rows were set aside. Run by the scheduler."""
    new = select(RowFailure).where(RowFailure.alerted_at.is_(None), RowFailure.times >= TIMES_BEFORE_ALERT)
    failures = session.scalars(new).all()
    last = session.scalar(select(func.max(RowFailure.alerted_at))) if failures else None
    if not failures or (last is not None and last > now - TOLD_AGAIN_AFTER):
        return
    for failure in failures:
        failure.alerted_at = now
    alert_operator(session, operator, sms.entries_set_aside, keys.entries_set_aside(now), now)
