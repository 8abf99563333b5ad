"""`/health` (alive), `/ready` (stores, disk space, waiting messages) and `/metrics` for Prometheus, with a token."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from hmac import compare_digest
from typing import Any

from flask import Blueprint, Response, abort, request
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from sqlalchemy import String, func, select, type_coerce
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from smsgate.conversations.sms import inbox
from smsgate.models import HelpRequest, Member, Message
from smsgate.outbox import messages, queues, summary
from smsgate.service import Service
from smsgate.web import gateway_status, metrics
from smsgate.web.probes import Probes


def status(service: Service) -> Blueprint:
    """Return the blueprint of the pages for monitoring."""
    routes = Blueprint("status", __name__)
    registry, probes = CollectorRegistry(), Probes(service)
    registry.register(ServiceMetrics(service, probes))

    @routes.get("/health")
    def health() -> dict[str, Any]:
        return {"alive": True}

    @routes.get("/ready")
    def ready() -> tuple[dict[str, Any], int]:
        ages, redis = _ages(service), probes.redis_writes()
        body = {
            "database": ages is not None,
            "writes": ages is not None and probes.database_writes(),
            "redis": redis,
            "disk": probes.disk(),
            "oldest_waiting_seconds": ages and ages[0],
            "oldest_sending_seconds": ages and ages[1],
            "scheduler_seconds": ages and ages[2],
            **gateway_status.sending_status(service, redis),
        }
        return body, 200 if body["database"] and body["writes"] and body["redis"] else 503

    @routes.get("/metrics")
    def metrics() -> Response:
        token = service.settings.metrics_token
        given = request.authorization.token if request.authorization and request.authorization.token else ""
        if not token or not compare_digest(given.encode(), token.encode()):
            abort(404)
        return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)

    return routes


class ServiceMetrics:
    """A Prometheus collector that reads the database at each scrape, so every process reports the same figures."""

    def __init__(self, service: Service, probes: Probes) -> None:
        self._service, self._probes = service, probes

    def describe(self) -> list[GaugeMetricFamily]:
        """Declare no metrics in advance: they are computed when scraped."""
        return []

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield every metric; if the database is down, only those that say which stores work."""
        yield from self._stores()
        try:
            yield from list(self._stored())
        except SQLAlchemyError:
            return

    def _stored(self) -> Iterator[GaugeMetricFamily]:
        by_state = GaugeMetricFamily("smsgate_messages", "Messages in the outbox", labels=["lane", "state"])
        oldest = GaugeMetricFamily("smsgate_oldest_waiting_seconds", "Age of the oldest due message", labels=["lane"])
        sending = GaugeMetricFamily("smsgate_oldest_sending_seconds", "Age of the oldest in a call", labels=["lane"])
        with self._service.database.reading() as session:
            named = type_coerce(Message.lane, String), type_coerce(Message.state, String)  # a later release has more
            rows = select(*named, func.count()).group_by(*named)
            for lane, state, count in session.execute(rows):
                by_state.add_metric([lane, state], count)
            for name, seconds in _waiting_seconds(session, self._service.now()).items():
                oldest.add_metric([name], seconds)
            for lane_name, seconds in messages.oldest_sending_seconds(session, self._service.now()).items():
                sending.add_metric([lane_name], seconds)
            members = session.scalar(select(func.count()).select_from(Member)) or 0
            unclosed = select(func.count(HelpRequest.member_id.distinct())).where(
                HelpRequest.closed_at.is_(None), ~HelpRequest.practice
            )
            requests = session.scalar(unclosed) or 0
            yield from gateway_status.sending_metrics(self._service, session)
            yield from _scheduled(session, self._service.now())
            yield from metrics.operating_figures(self._service, session)
        yield by_state
        yield oldest
        yield sending
        yield GaugeMetricFamily("smsgate_members", "Members", value=members)
        yield GaugeMetricFamily("smsgate_open_help_requests", "Open help requests", value=requests)

    def _stores(self) -> Iterator[GaugeMetricFamily]:
        writes = GaugeMetricFamily("smsgate_store_writes", "1 while the store takes what is written", labels=["store"])
        writes.add_metric(["database"], self._probes.database_writes())
        writes.add_metric(["redis"], self._probes.redis_writes())
        yield writes
        if (free := self._probes.free_bytes()) is not None:
            yield GaugeMetricFamily("smsgate_disk_free_bytes", "Left on the disk of the database's file", value=free)


def _scheduled(session: Session, now: datetime) -> Iterator[GaugeMetricFamily]:
    later = GaugeMetricFamily("smsgate_held_messages", "Messages waiting for a later time", labels=["lane"])
    first = GaugeMetricFamily("smsgate_next_due_timestamp_seconds", "When the first of them is due", labels=["lane"])
    for lane, (count, due) in summary.scheduled_ahead(session, now).items():
        later.add_metric([lane], count)
        if due:
            first.add_metric([lane], due.timestamp())
    yield from (later, first)


def _waiting_seconds(session: Session, now: datetime) -> dict[str, int]:
    """Return the age in seconds of the oldest waiting text, for incoming texts and for each lane."""
    since = inbox.oldest(session, now)
    return {
        queues.INBOUND: int((now - since).total_seconds()) if since else 0,
        **summary.oldest_waiting_seconds(session, now),
    }


def _ages(service: Service) -> tuple[dict[str, int], dict[str, int], int | None] | None:
    """Return ages in seconds: of the oldest waiting and oldest sending text by queue, and of the last scheduler run.

    Return None if the database does not answer or has no tables yet.
    """
    try:
        with service.database.reading() as session:
            now = service.now()
            sending = messages.oldest_sending_seconds(session, now)
            return _waiting_seconds(session, now), sending, metrics.scheduler_seconds(session, now)
    except SQLAlchemyError:
        return None
