"""The worker of a lane: RQ wakes it, and it drains; without Redis it looks for itself."""

from __future__ import annotations

import sys
from contextlib import suppress

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.exceptions import DequeueTimeout, StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus

from smsgate.core.redis_client import TIMEOUT_SECONDS
from smsgate.outbox import queues
from smsgate.service import Service
from smsgate.workers import drain
from smsgate.workers.stopping import stopping

log = structlog.get_logger()
sys.modules.setdefault("smsgate.jobs", drain)  # jobs that the release before this one enqueued name it so

AGAIN = 2.0  # seconds before a worker looks again for a Redis or a database that is gone
LISTEN_SECONDS = 5  # for one answer: a Redis that hangs keeps a worker deaf hardly longer, and then it looks for itself
HEARD_OF = 30  # seconds that RQ believes in a worker of which it hears nothing


class LaneWorker(SimpleWorker):
    """RQ's worker in this very process: the application and its connections are warm.

    A fork for each job would cost 10 ms and a new database connection, and save nothing: a job only drains, what it
    has in hand is leased, and a killed process is started again by whoever watches it.
    """

    def request_stop(self, signum: object, frame: object) -> None:
        """Told to go: the call in hand ends and is recorded. Talks to nobody, since this may interrupt anything."""
        stopping.set()
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    @property
    def dequeue_timeout(self) -> int:
        """Seconds that Redis is asked to hold a question; RQ's own would be 15."""
        return LISTEN_SECONDS

    @property
    def connection_timeout(self) -> int:
        """Seconds until a question counts as lost; RQ's own would be 25."""
        return LISTEN_SECONDS + 1

    def register_death(self) -> None:
        """Said when told to go. Else Redis was lost: it may hang, and forgets this worker by itself."""
        if stopping.is_set():
            super().register_death()  # type: ignore[no-untyped-call]

    def subscribe(self) -> None:
        """No commands over Redis: nobody sends any, and the thread for them would outlive an outage badly."""

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """The next job. RQ's own waits on for a Redis that is gone; ours gives up, so that `work` can drain without."""
        self.set_state(WorkerStatus.IDLE)
        while not stopping.is_set():
            self.heartbeat()
            try:
                return self.queue_class.dequeue_any(
                    self._ordered_queues, timeout, connection=self.connection, serializer=self.serializer
                )
            except DequeueTimeout:
                continue
        raise StopRequested


def work(service: Service, lane: str) -> None:
    """Send what waits in `lane`, until told to stop. Lives through a Redis or a database that is gone for a while."""
    drain.use(service)
    with suppress(StopRequested):  # RQ's way of being told; its handler stays when it gave up listening
        while not stopping.is_set():
            stopping.on_signals()
            try:
                drain.drain(lane)  # what waited while no worker ran, or while Redis is gone
                _listen(service, lane)
            except StopRequested:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, the next message is not to wait for it
                log.warning("worker_waits", lane=lane, error=type(error).__name__)
            stopping.wait(AGAIN)


def _listen(service: Service, lane: str) -> None:
    service.redis.ping()  # gives up after a second, where RQ would wait
    # A connection of its own: RQ makes it wait. Asked once: what comes of no answer is decided in `work`.
    once = Retry(NoBackoff(), 0)
    with Redis.from_url(service.settings.redis_url, socket_connect_timeout=TIMEOUT_SECONDS, retry=once) as redis:
        worker = LaneWorker([queues.queue(redis, lane)], serializer=JSONSerializer, worker_ttl=HEARD_OF)
        worker.work(logging_level="ERROR")
