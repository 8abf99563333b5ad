"""The processes that do the work: a worker for each lane, and the clock."""

from __future__ import annotations

import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from itertools import count

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry
from rq import Queue, SimpleWorker
from rq.exceptions import DequeueTimeout, StopRequested
from rq.job import Job
from rq.serializers import JSONSerializer
from rq.worker import WorkerStatus
from sqlalchemy.orm import Session

from smsgate.conversations.sms import inbox
from smsgate.core.redis_client import TIMEOUT_SECONDS
from smsgate.gateways import Gateway, Prepaid
from smsgate.groups import invitations, roles  # fmt: skip
from smsgate.help import escalation, responders, undelivered
from smsgate.meetings import occurrences, reminders
from smsgate.members import pins, retention
from smsgate.notices import approval, notices
from smsgate.outbox import claims, credit, delivery_reports, messages, queues
from smsgate.service import Service
from smsgate.workers import drain

log = structlog.get_logger()

EVERY = 5.0  # seconds between two rounds of the clock: a lost claim is taken up within 30 though a clock died too
FORGET_EVERY = 720  # rounds: about an hour, since it reads the whole outbox
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
        drain.stopping.set()
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
        if drain.stopping.is_set():
            super().register_death()  # type: ignore[no-untyped-call]

    def subscribe(self) -> None:
        """No commands over Redis: nobody sends any, and the thread for them would outlive an outage badly."""

    def dequeue_job_and_maintain_ttl(
        self, timeout: int | None, max_idle_time: int | None = None
    ) -> tuple[Job, Queue] | None:
        """The next job. RQ's own waits on for a Redis that is gone; ours gives up, so that `work` can drain without."""
        self.set_state(WorkerStatus.IDLE)
        while not drain.stopping.is_set():
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
        while not drain.stopping.is_set():
            _stop_on_signals()
            try:
                drain.drain(lane)  # what waited while no worker ran, or while Redis is gone
                _listen(service, lane)
            except StopRequested:
                raise
            except Exception as error:  # noqa: BLE001 - whatever it was, the next message is not to wait for it
                log.warning("worker_waits", lane=lane, error=type(error).__name__)
            drain.stopping.wait(AGAIN)


def _listen(service: Service, lane: str) -> None:
    service.redis.ping()  # gives up after a second, where RQ would wait
    # A connection of its own: RQ makes it wait. Asked once: what comes of no answer is decided in `work`.
    once = Retry(NoBackoff(), 0)
    with Redis.from_url(service.settings.redis_url, socket_connect_timeout=TIMEOUT_SECONDS, retry=once) as redis:
        worker = LaneWorker([queues.queue(redis, lane)], serializer=JSONSerializer, worker_ttl=HEARD_OF)
        worker.work(logging_level="ERROR")


def run_clock(service: Service, every: float = EVERY) -> None:
    """A round every few seconds, until told to stop. Two clocks at once do no harm."""
    _stop_on_signals()
    for number in count():
        tick(service, forgetting=number % FORGET_EVERY == 0)
        if drain.stopping.wait(every):
            return


def tick(service: Service, forgetting: bool = True) -> None:
    """One round: each part in a transaction of its own, so that one that fails holds up no other."""
    for part in (*ROUNDS, _forget) if forgetting else ROUNDS:
        try:
            with service.database.transaction() as session:
                part(session, service)
        except Exception as error:  # noqa: BLE001 - the other parts, and help among them, still have their turn
            log.error("round_failed", part=part.__name__, error=type(error).__name__)
    for gateway in (service.gateway, service.fallback):
        try:
            _read_balance(service, gateway)
        except Exception as error:  # noqa: BLE001 - the next round is in seconds
            log.error("round_failed", part="_read_balance", error=type(error).__name__)


def _read_balance(service: Service, gateway: Gateway | None) -> None:
    """Last and outside of any transaction, since the provider may be slow."""
    if not isinstance(gateway, Prepaid):
        return
    with service.database.reading() as session:
        if not credit.balance_is_due(session, gateway.name, service.now()):
            return
    balance, settings = gateway.balance(), service.settings
    with service.database.transaction() as session:
        credit.record_balance(session, gateway.name, balance, service.now(), settings.reserve, settings.operator_number)


def _take_back(session: Session, service: Service) -> None:
    claims.reclaim_expired(session, service.now())


def _plan_ahead(session: Session, service: Service) -> None:
    occurrences.plan_ahead(session, service.now())


def _remind(session: Session, service: Service) -> None:
    reminders.queue_due_reminders(session, service.now(), service.settings.service_code)


def _look_after_help(session: Session, service: Service) -> None:
    now, code = service.now(), service.settings.service_code
    undelivered.run_scheduled_tasks(session, now, code)
    escalation.escalate_due(session, now, code)
    escalation.ask_for_reviews(session, now, code)
    responders.remind_invited(session, now)
    pins.run_scheduled_tasks(session, now, code)


def _ask_who_goes_on(session: Session, service: Service) -> None:
    roles.ask_about_renewal(session, service.now(), service.settings.service_code)


def _look_after_notices(session: Session, service: Service) -> None:
    approval.run_scheduled_tasks(session, service.now(), service.settings.service_code)


def _forget(session: Session, service: Service) -> None:
    retention.forget_old_data(session, service.now(), timedelta(days=service.settings.keep_words_days))


def _invite(session: Session, service: Service) -> None:
    invitations.send_due(session, service.now(), service.settings.service_code)


def _match(session: Session, service: Service) -> None:
    delivery_reports.match_unmatched(session, service.now())


def _wake(session: Session, service: Service) -> None:
    messages.wake_due(session, service.now())
    notices.wake_unfinished(session)
    inbox.wake_waiting(session, service.now())


ROUNDS: tuple[Callable[[Session, Service], None], ...] = (
    _take_back, _match, _look_after_help, _plan_ahead, _remind, _ask_who_goes_on, _look_after_notices, _invite,
    _wake,
)  # fmt: skip


def _stop_on_signals() -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, drain.stopping.set)
