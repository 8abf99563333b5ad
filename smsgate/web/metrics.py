"""Metrics an operator watches: scheduler, backups, rows set aside, strangers, wrong codes, helplines, proxies."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate.help.crisis import crisis_lines
from smsgate.models import CrisisLine, RowFailure, SignInCode, WrongCodes, scheduler_runs
from smsgate.outbox import limits, summary
from smsgate.service import Service
from smsgate.web import forwarded

HOUR = timedelta(hours=1)


def operating_figures(service: Service, session: Session) -> Iterator[GaugeMetricFamily]:
    """Yield the gauges; none of them is about a single person."""
    now = service.now()
    yield from _runs(session)
    yield _gauge("smsgate_row_failures", "Rows set aside, see: smsgate failures", _count(session, RowFailure.id))
    yield _gauge(
        "smsgate_strangers_sms", "SMS that strangers caused in an hour", limits.used_by_strangers(session, now)
    )
    yield _gauge("smsgate_strangers_sms_limit", "The most of them in an hour", limits.service_limit(session).hour)
    yield _gauge("smsgate_wrong_codes", "Wrong codes at the console in an hour", _wrong_codes(session, now))
    soon = select(func.count()).where(CrisisLine.expires_on <= now.date() + crisis_lines.SOON)
    help_ = "Numbers to call that expired, or do within a month"
    yield _gauge("smsgate_crisis_lines_expiring", help_, session.scalar(soon) or 0)
    wrong = bool(forwarded.warning(service.redis))
    yield _gauge("smsgate_forwarded_wrong", "1 if SMSGATE_PROXIES does not fit the requests of a day", wrong)


def scheduler_seconds(session: Session, now: datetime) -> int | None:
    """Return how many seconds ago the scheduler last ran; None before the first run."""
    last = summary.last_scheduler_run(session)
    return int((now - last).total_seconds()) if last else None


def _runs(session: Session) -> Iterator[GaugeMetricFamily]:
    if last := summary.last_scheduler_run(session):
        yield _gauge("smsgate_clock_round_timestamp_seconds", "Time of the last scheduler run", last.timestamp())
    if made := scheduler_runs.last_run(session, scheduler_runs.BACKUP):
        yield _gauge("smsgate_backup_timestamp_seconds", "Time of the last backup", made.timestamp())


def _wrong_codes(session: Session, now: datetime) -> int:
    by_text = select(func.sum(SignInCode.tries)).where(SignInCode.asked_at > now - HOUR, SignInCode.used_at.is_(None))
    of_apps = select(func.sum(WrongCodes.times)).where(WrongCodes.at > now - HOUR)
    return (session.scalar(by_text) or 0) + (session.scalar(of_apps) or 0)


def _count(session: Session, column: object) -> int:
    return session.scalar(select(func.count(column))) or 0  # type: ignore[arg-type]


def _gauge(name: str, help_: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, help_, value=value)
