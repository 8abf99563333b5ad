"""The worker of a lane: RQ wakes it and it drains; without Redis it looks for due messages by itself."""

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
from smsgate.workers.take_back import taking_back

log = structlog.get_logger()
sys.modules.setdefault("smsgate.jobs", drain)  # jobs enqueued by the previous release use this name

AGAIN = 2.0  # seconds before a worker tries again after losing Redis or the database
LISTEN_SECONDS = 5  # per poll: a hanging Redis keeps a worker deaf for little longer, then it drains on its own
HEARD_OF = 30  # seconds after which RQ gives up on a worker that it does not hear from


class LaneWorker(SimpleWorker):
    """RQ's worker without the fork: jobs run in this process, where the application and its connections are warm.

    A fork for each job would cost 10 ms and a new database connection, and gain nothing: a job only drains, what it has
    in hand is leased, and a supervisor restarts a killed process.
    """

    def request_stop(self, signum: object, frame: object) -> None:
        """Stop after the call in hand is recorded. Does no I/O, since the signal may have interrupted anything."""
        stopping.set()
        self._stop_requested = True
        if self.get_state() != WorkerStatus.BUSY:
            raise StopRequested

    @property
    def dequeue_timeout(self) -> int:
        """Seconds that Redis holds a blocking pop; RQ's own value would be 15."""
        return LISTEN_SECONDS

    @property
    def connection_timeout(self) -> int:
        """Seconds until a pop counts as lost; RQ's own value would be 25."""
        return LISTEN_SECONDS + 1

    def register_death(self) -> None:
        """Deregister only when told to stop. Otherwise Redis was lost: it may hang, and forgets this worker anyway."""
        if stopping.is_set():
            super().register_death()  # type: ignore[no-untyped-call]

    def subscribe(self) -> None:
        """Do nothing: nobody sends commands over Redis, and their thread copes badly with an outage."""

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """Return the next job. RQ's own waits for a lost Redis; this one gives up, so that `work` can drain."""
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
    """Send what waits in `lane` until told to stop. Survives a temporary loss of Redis or the database."""
    drain.use(service)
    with (
        taking_back(service),
        suppress(StopRequested),
    ):  # how RQ tells us to stop; its signal handler stays when it gives up listening
        while not stopping.is_set():
            stopping.on_signals()
            try:
                drain.drain(lane)  # what came in while no worker ran, or while Redis is away
                _listen(service, lane)
            except StopRequested:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, the next message must not wait for it
                log.warning("worker_waits", lane=lane, error=type(error).__name__)
            stopping.wait(AGAIN)


def _listen(service: Service, lane: str) -> None:
    service.redis.ping()  # fails after a second, where RQ would keep waiting
    # Its own connection, since RQ blocks on it. One try only: `work` decides what an unanswered pop means.
    once = Retry(NoBackoff(), 0)
    with Redis.from_url(service.settings.redis_url, socket_connect_timeout=TIMEOUT_SECONDS, retry=once) as redis:
        worker = LaneWorker([queues.queue(redis, lane)], serializer=JSONSerializer, worker_ttl=HEARD_OF)
        worker.work(logging_level="ERROR")
