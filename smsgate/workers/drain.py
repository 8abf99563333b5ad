"""The RQ job that drains a lane: claim, close the transaction, call the gateway, record the outcome."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, wait

import structlog
from sqlalchemy.exc import OperationalError

from smsgate.conversations.sms import router
from smsgate.core import config
from smsgate.core.waits.limits import WORKER
from smsgate.gateways import LONGEST_CALL, Outcome, Verdict
from smsgate.groups.imports import number_imports
from smsgate.help import undelivered
from smsgate.meetings import waiting_news
from smsgate.models import Lane, MessageKind
from smsgate.notices import notices
from smsgate.outbox import claims, credit, delivery_reports, queues, recording
from smsgate.outbox.calls import dispatch, handover
from smsgate.outbox.calls.circuit_breaker import CircuitState
from smsgate.outbox.calls.handover import Handover
from smsgate.outbox.calls.rate_limit import most_in_a_call
from smsgate.outbox.claims import Claimed
from smsgate.service import Service, wire
from smsgate.workers import leases
from smsgate.workers.stopping import stopping

log = structlog.get_logger()

LOT_SECONDS = 30  # no call begins later than this after its claim; what is left is handed back, for any worker
RECHECK_SECONDS = 0.5  # seconds between rechecks: a STOP halts within a second what is claimed and not yet sent
JOB_SECONDS = 60  # after which a job enqueues the next one: short jobs can be stopped, monitored and timed out
HELP_EVERY = 0.2  # seconds between looks for new help texts while other urgent texts are being sent
RECORD_AGAIN = (0.2, 1.0, 3.0)  # seconds between tries: an outcome is too valuable to be lost to a busy database


class Drainer:
    """Drains lanes for one service, with carriers that live as long as the process."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self._beside = ThreadPoolExecutor(1)  # for urgent texts other than help texts
        self.carriers = dispatch.channels_for(
            (service.gateway, service.fallback), service.redis, service.settings.rate, service.now
        )

    def drain(self, lane: str) -> int:
        """Send what is due in `lane`, or process what came in; return the number of texts."""
        queues.clear_wake(self.service.redis, lane)
        if lane == queues.INBOUND:
            return self._process_inbound()
        sent = self._send_due(Lane(lane))
        if sent:
            log.info("drained", lane=lane, texts=sent)
        return sent

    def _process_inbound(self) -> int:
        """Process incoming texts, and apply delivery reports in between; return the number of texts."""
        until = time.monotonic() + JOB_SECONDS

        def ends() -> bool:
            return stopping.is_set() or time.monotonic() > until

        count = 0
        while not ends():
            processed = router.work_through(self.service, ends)
            with self.service.database.transaction() as session:
                applied = delivery_reports.apply_next(session, self.service.now())
            count += processed
            if not processed + applied:
                break
        if time.monotonic() > until:
            queues.wake(self.service.redis, queues.INBOUND)
        return count

    def _send_due(self, lane: Lane) -> int:
        sent, until = 0, time.monotonic() + JOB_SECONDS
        while not stopping.is_set():
            if time.monotonic() > until:
                queues.wake(self.service.redis, lane.value)
                break
            more = lane is Lane.BULK and (self._queue_more() or self._import_numbers())
            claimed = self._send_urgent() if lane is Lane.URGENT else self._send_lot(lane)
            if claimed is None and not more:
                break
            sent += claimed or 0
        return sent

    def _send_urgent(self) -> int | None:
        """Send a lot of help texts, then a lot of the rest; new help texts are meanwhile sent in parallel."""
        counts = [self._send_lot(Lane.URGENT, help_texts=True)]
        rest = self._claim(Lane.URGENT, help_texts=False)
        if rest:
            sending = self._beside.submit(self._send_held, Lane.URGENT, rest)
            while wait([sending], timeout=HELP_EVERY).not_done:
                if not stopping.is_set():
                    counts.append(self._send_lot(Lane.URGENT, help_texts=True))
            counts.append(sending.result())
        return None if rest is None and counts == [None] else sum(filter(None, counts))

    def _send_lot(self, lane: Lane, help_texts: bool | None = None) -> int | None:
        """Claim a lot and send it; return how many texts were sent, None if none was due."""
        claimed = self._claim(lane, help_texts)
        if not claimed:
            return None if claimed is None else 0
        return self._send_held(lane, claimed)

    def _send_held(self, lane: Lane, claimed: list[Claimed]) -> int:
        with leases.held(self.service, claimed, LOT_SECONDS + LONGEST_CALL * len(self.carriers)):
            return self._send_claimed(lane, claimed)

    def _queue_more(self) -> bool:
        with self.service.database.transaction() as session:
            return notices.queue_more(session, self.service.now())

    def _import_numbers(self) -> bool:
        """Process the next part of a file of numbers; False if there is none."""
        countries = self.service.settings.countries
        return number_imports.work_on_next(self.service.database, countries, self.service.now())

    def _claim(self, lane: Lane, help_texts: bool | None) -> list[Claimed] | None:
        limit = self._claim_limit(lane)
        if not limit:
            return None
        with self.service.database.transaction() as session:
            claimed = claims.claim(session, lane, self.service.now(), limit, help_texts=help_texts)
            if too_late := claims.ended_too_late(session):
                waiting_news.tell_the_rest(session, too_late, self.service.now(), self.service.settings.service_code)
            return claimed

    def _claim_limit(self, lane: Lane) -> int:
        """Return how many may be claimed: few help texts at a time, so that a worker that dies delays few of them."""
        if lane is Lane.URGENT:
            return 10
        circuit, now = self.carriers[0].circuit.seen(), self.service.now()
        if circuit.rests(now):
            return 0
        return self.service.settings.batch if circuit.state_at(now) is CircuitState.CLOSED else 1  # one text probes

    def _send_claimed(self, lane: Lane, claimed: list[Claimed]) -> int:
        """Send what was claimed, hand back what there is no time or no gateway for, and return the number sent."""
        remaining = self._batches(claimed)
        checked_at = time.monotonic()
        sent, until = 0, checked_at + LOT_SECONDS
        if lane is Lane.URGENT:
            remaining = self._send_help_texts(remaining)
            sent = len(claimed) - sum(map(len, remaining))
        while remaining and self._may_send(lane, remaining[0], until):
            if time.monotonic() - checked_at > RECHECK_SECONDS:
                remaining, checked_at = self._recheck(remaining), time.monotonic()
            if not remaining:
                break
            batch = remaining.pop(0)
            sent += len(batch)
            if self._send(lane, batch) and lane is not Lane.URGENT:
                break
        if remaining:
            with self.service.database.transaction() as session:
                claims.release(session, [text for batch in remaining for text in batch])
        return sent

    def _may_send(self, lane: Lane, batch: list[Claimed], until: float) -> bool:
        """True if there is time for a call; except for help texts, the rate limit and the circuit must allow it too."""
        left = until - time.monotonic()
        if stopping.is_set() or left <= 0:
            return False
        if lane is Lane.URGENT:
            return True
        carrier = self.carriers[0]
        return carrier.paced(lane, len(batch), left, stopping.wait) and carrier.circuit.may_call(self.service.now())

    def _recheck(self, remaining: list[list[Claimed]]) -> list[list[Claimed]]:
        with self.service.database.transaction() as session:
            eligible = claims.recheck(session, [text for batch in remaining for text in batch], self.service.now())
        return self._batches(eligible)

    def _send_help_texts(self, waiting: list[list[Claimed]]) -> list[list[Claimed]]:
        """Send the help texts in parallel, since a call takes a third of a second; return the other batches."""
        help_texts = [batch for batch in waiting if batch[0].kind is MessageKind.HELP]
        if len(help_texts) > 1:
            with ThreadPoolExecutor(len(help_texts)) as threads:
                list(threads.map(lambda batch: self._send(Lane.URGENT, batch), help_texts))
            return [batch for batch in waiting if batch not in help_texts]
        return waiting

    def _batches(self, claimed: list[Claimed]) -> list[list[Claimed]]:
        return list(batches(claimed, most_in_a_call(self.service.settings.batch, self.service.settings.rate)))

    def _send(self, lane: Lane, batch: list[Claimed]) -> bool:
        """Send one batch and record its outcomes; True if the gateway would take nothing more for now."""
        handed = Handover(None, batch)

        def hand_over() -> Sequence[Claimed]:
            nonlocal handed
            with self.service.database.transaction() as session:
                handed = handover.hand_over(session, batch, self.service.now())
            return handed.texts

        outcomes = dispatch.send(self.carriers, lane, batch, self.service.now(), hand_over)
        self._record(handed, outcomes)
        return any(outcome.verdict is Verdict.PAUSED for outcome in outcomes)

    def _record(self, handed: Handover, outcomes: list[Outcome]) -> None:
        for pause in (*RECORD_AGAIN, None):
            try:
                with self.service.database.transaction() as session:
                    now = self.service.now()
                    failed = recording.record(session, handed.texts, outcomes, now)
                    handover.end_call(session, handed)
                    credit.record_outcomes(session, outcomes, now, self.service.settings.operator_number)
                    if failed:
                        undelivered.tell_undelivered(session, failed, now, self.service.settings.service_code)
                return
            except OperationalError:
                if pause is None:
                    raise
                time.sleep(pause)


def batches(claimed: list[Claimed], most: int) -> Iterator[list[Claimed]]:
    """Yield batches with equal texts: at most `most` recipients, each number once; help texts go one by one.

    Messages that may already have been sent are kept apart, since they have a route and a timing of their own.
    """
    together: dict[tuple[str, str | None], list[Claimed]] = {}
    for text in claimed:
        if text.kind is MessageKind.HELP:
            yield [text]
        else:
            together.setdefault((text.words, text.possibly_sent_by), []).append(text)
    for equal in together.values():
        rest = equal
        while rest:
            batch = list({text.number: text for text in reversed(rest)}.values())[:most]
            yield batch
            taken = {text.id for text in batch}
            rest = [text for text in rest if text.id not in taken]


_drainer: Drainer | None = None  # RQ calls a function by name, so what it works with is kept per process


def use(service: Service) -> None:
    """Set the service that this process's jobs work for; a worker calls it before it takes the first job."""
    global _drainer
    if _drainer is None or _drainer.service is not service:
        _drainer = Drainer(service)


def drain(lane: str) -> int:
    """Drain `lane` and return the number of texts; this is the RQ job."""
    if _drainer is None:  # started by an RQ worker other than ours: correct, only slower
        use(wire(config.load(), limits=WORKER))
    assert _drainer is not None  # noqa: S101 - `use` made it
    return _drainer.drain(lane)
