"""The processes that do the work: a worker for each lane, and the clock."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable
from datetime import timedelta

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, SimpleWorker
from rq.exceptions import StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from smsgate import help, jobs, messages, queues, reminders, retention
from smsgate.service import Service

log = structlog.get_logger()

EVERY = 10.0  # seconds between two rounds of the clock
AGAIN = 2.0  # seconds before a worker looks for Redis again


class LaneWorker(SimpleWorker):
    """RQ's worker in this very process: the application and its connections are warm.

    A fork for each job would cost 10 ms and a new database connection, and save nothing: a job only drains, what it
    has in hand is leased, and a killed process is started again by whoever watches it.
    """

    max_connection_wait_time = 2.0  # seconds; a Redis that is back is noticed at once
    working = False
    told_to_stop = False

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Drain."""
        self.working = True
        try:
            super().execute_job(job, queue)
        finally:
            self.working = False

    def request_stop(self, signum: object, frame: object) -> None:
        """Finish the drain in hand, then go. Asks nothing of Redis, which may be gone as well."""
        self.told_to_stop = self._stop_requested = True
        if not self.working:
            raise StopRequested

    def subscribe(self) -> None:
        """No remote commands: their listener would outlive a Redis that went away."""

    def unsubscribe(self) -> None:
        """Nothing was subscribed to."""


def work(service: Service, lane: str) -> None:
    """Send what waits in `lane`, until told to stop. Lives through a Redis or a database that is gone for a while."""
    jobs.use(service)
    stopped = _on_stop()
    while not stopped.is_set():
        try:
            jobs.drain(lane)  # what waited while no worker ran
            if _worked_to_its_end(service, lane):
                return
        except (RedisError, SQLAlchemyError, OSError) as error:
            log.warning("worker_waits", lane=lane, error=type(error).__name__)
        stopped.wait(AGAIN)


def _worked_to_its_end(service: Service, lane: str) -> bool:
    """Take jobs until told to stop (True), or until Redis is no longer there."""
    # The worker waits for jobs on this connection for minutes; the service's own gives up after a second.
    with Redis.from_url(service.settings.redis_url, socket_connect_timeout=5) as patient:
        worker = LaneWorker([queues.queue(patient, lane)], connection=patient, serializer=JSONSerializer)
        try:
            worker.work(logging_level="WARNING")
        except (RedisError, OSError):
            if not worker.told_to_stop:
                raise
        finally:
            _on_stop()
        return worker.told_to_stop


def run_clock(service: Service, every: float = EVERY) -> None:
    """A round every few seconds, until told to stop. Two clocks at once do no harm."""
    stopped = _on_stop()
    while not stopped.is_set():
        tick(service)
        stopped.wait(every)


def tick(service: Service) -> None:
    """One round: each part in a transaction of its own, so that one that fails holds up no other."""
    for part in ROUNDS:
        try:
            with service.database.transaction() as session:
                part(session, service)
        except SQLAlchemyError as error:
            log.error("round_failed", part=part.__name__, error=type(error).__name__)


def _take_back(session: Session, service: Service) -> None:
    messages.take_back(session, service.now())


def _remind(session: Session, service: Service) -> None:
    reminders.queue_due(session, service.now(), service.settings.service_code)


def _look_after_help(session: Session, service: Service) -> None:
    help.look_after(session, service.now(), service.settings.service_code)


def _forget(session: Session, service: Service) -> None:
    retention.forget(session, service.now(), timedelta(days=service.settings.keep_words_days))


def _wake(session: Session, service: Service) -> None:
    messages.wake_due(session, service.now())


ROUNDS: tuple[Callable[[Session, Service], None], ...] = (_take_back, _remind, _look_after_help, _forget, _wake)


def _on_stop() -> threading.Event:
    """Set when the process is told to stop."""
    stopped = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopped.set())
    return stopped
