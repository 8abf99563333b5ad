"""The RQ job: thin; it claims, closes the transaction, calls the gateway, and records."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import structlog
from sqlalchemy.exc import OperationalError

from smsgate import service
from smsgate.conversations.sms import router
from smsgate.conversations.ussd import Door
from smsgate.core import config
from smsgate.gateways import Outcome, Verdict
from smsgate.help import undelivered
from smsgate.models import Lane, MessageKind
from smsgate.notices import notices
from smsgate.outbox import claims, credit, delivery_reports, dispatch, queues
from smsgate.outbox.circuit_breaker import CircuitState
from smsgate.outbox.claims import Claimed
from smsgate.outbox.dispatch import Carrier
from smsgate.outbox.rate_limit import most_in_a_call
from smsgate.service import Service
from smsgate.workers import leases

log = structlog.get_logger()

LOT_SECONDS = 30  # no call begins later than this after its claim; what is left goes back, for any worker
LOOK_AGAIN = 0.5  # a STOP stops within a second what is claimed and has not left
JOB_SECONDS = 60  # then the job asks for the next one: short jobs can be stopped, watched and timed out
RECORD_AGAIN = (0.2, 1.0, 3.0)  # seconds; what the gateway said is too dear to lose to a busy database


class Stop:
    """Whether this process was told to go: the call in hand ends, no other begins.

    Set by signal handlers, so without a lock: `threading.Event` can wait there for the very code it interrupted.
    """

    def __init__(self) -> None:
        self._told = False

    def set(self, *_: object) -> None:
        """Told; takes what a signal handler is given."""
        self._told = True

    def clear(self) -> None:
        """As at the start."""
        self._told = False

    def is_set(self) -> bool:
        """True once told."""
        return self._told

    def wait(self, seconds: float) -> bool:
        """Sleep, but not on after being told."""
        until = time.monotonic() + seconds
        while not self._told and (left := until - time.monotonic()) > 0:
            time.sleep(min(left, 0.1))
        return self._told


stopping = Stop()
_current: list[Service] = []
_carriers: list[Carrier] = []


def use(running: Service) -> None:
    """The service that jobs of this process work for; a worker calls it before it takes the first job."""
    if not _current or _current[0] is not running:
        _carriers[:] = dispatch.carriers_for(
            (running.gateway, running.fallback), running.redis, running.settings.rate, running.now
        )
    _current[:] = [running]


def drain(lane: str) -> int:
    """Send what is due in `lane`, or hear what came in; the number of texts."""
    if not _current:  # started by another worker than ours: correct, only slower
        use(service.wire(config.load()))
    running = _current[0]
    queues.clear_wake(running.redis, lane)
    if lane == queues.INBOUND:
        return _hear(running)
    sent = _drained(running, Lane(lane))
    if sent:
        log.info("drained", lane=lane, texts=sent)
    return sent


def _hear(running: Service) -> int:
    """Work on the texts that came in, and apply delivery reports between them; the number of texts."""
    until = time.monotonic() + JOB_SECONDS

    def ends() -> bool:
        return stopping.is_set() or time.monotonic() > until

    door, count = Door(running), 0
    while not ends():
        heard = router.work_through(door, ends)
        with running.database.transaction() as session:
            applied = delivery_reports.apply_next(session, running.now())
        count += heard
        if not heard + applied:
            break
    if time.monotonic() > until:
        queues.wake(running.redis, queues.INBOUND)
    return count


def _drained(running: Service, lane: Lane) -> int:
    sent, until = 0, time.monotonic() + JOB_SECONDS
    while not stopping.is_set():
        if time.monotonic() > until:
            queues.wake(running.redis, lane.value)
            break
        more = lane is Lane.BULK and _queue_more(running)
        claimed = _claim(running, lane)
        if claimed is None and not more:
            break
        with leases.held(running, claimed or []):
            sent += _carry(running, lane, claimed or [])
    return sent


def _queue_more(running: Service) -> bool:
    with running.database.transaction() as session:
        return notices.queue_more(session, running.now())


def _claim(running: Service, lane: Lane) -> list[Claimed] | None:
    limit = _most(running, lane)
    if not limit:
        return None
    with running.database.transaction() as session:
        return claims.claim(session, lane, running.now(), limit)


def _most(running: Service, lane: Lane) -> int:
    """How many may be claimed. Help texts few at a time, so that a worker that dies holds up few of them."""
    if lane is Lane.URGENT:
        return 10
    circuit, now = _carriers[0].circuit.seen(), running.now()
    if circuit.rests(now):
        return 0
    return running.settings.batch if circuit.stand(now) is CircuitState.CLOSED else 1  # one text probes


def _carry(running: Service, lane: Lane, claimed: list[Claimed]) -> int:
    """Send what was claimed, and hand back what there is no time or no gateway for; the number sent."""
    left = _batches(running, claimed)
    looked = time.monotonic()
    sent, until = 0, looked + LOT_SECONDS
    if lane is Lane.URGENT:
        left = _help_texts_at_once(running, left)
        sent = len(claimed) - sum(map(len, left))
    while left and _may_go(running, lane, left[0], until):
        if time.monotonic() - looked > LOOK_AGAIN:
            left, looked = _still_wanted(running, left), time.monotonic()
        if not left:
            break
        batch = left.pop(0)
        sent += len(batch)
        if _send(running, lane, batch) and lane is not Lane.URGENT:
            break
    if left:
        with running.database.transaction() as session:
            claims.release(session, [one for batch in left for one in batch])
    return sent


def _may_go(running: Service, lane: Lane, batch: list[Claimed], until: float) -> bool:
    """Whether there is time for a call; all but help texts also wait for the gateway's pace and its circuit."""
    left = until - time.monotonic()
    if stopping.is_set() or left <= 0:
        return False
    if lane is Lane.URGENT:
        return True
    carrier = _carriers[0]
    return carrier.paced(lane, len(batch), left, stopping.wait) and carrier.circuit.admits(running.now())


def _still_wanted(running: Service, left: list[list[Claimed]]) -> list[list[Claimed]]:
    with running.database.transaction() as session:
        kept = claims.recheck(session, [one for batch in left for one in batch], running.now())
    return _batches(running, kept)


def _help_texts_at_once(running: Service, waiting: list[list[Claimed]]) -> list[list[Claimed]]:
    """Send the help texts side by side, since one call takes the provider a third of a second; what else waits."""
    help_texts = [batch for batch in waiting if batch[0].kind is MessageKind.HELP]
    if len(help_texts) > 1:
        with ThreadPoolExecutor(len(help_texts)) as threads:
            list(threads.map(lambda batch: _send(running, Lane.URGENT, batch), help_texts))
        return [batch for batch in waiting if batch not in help_texts]
    return waiting


def _batches(running: Service, claimed: list[Claimed]) -> list[list[Claimed]]:
    return list(batches(claimed, most_in_a_call(running.settings.batch, running.settings.rate)))


def batches(claimed: list[Claimed], most: int) -> Iterator[list[Claimed]]:
    """Equal texts together, at most `most` recipients and each number once in a call; help texts one by one.

    What may have left already goes apart: it has its own way, and its own time.
    """
    together: dict[tuple[str, str | None], list[Claimed]] = {}
    for one in claimed:
        if one.kind is MessageKind.HELP:
            yield [one]
        else:
            together.setdefault((one.words, one.unsure), []).append(one)
    for same in together.values():
        rest = same
        while rest:
            batch = list({one.number: one for one in reversed(rest)}.values())[:most]
            yield batch
            taken = {one.id for one in batch}
            rest = [one for one in rest if one.id not in taken]


def _send(running: Service, lane: Lane, batch: list[Claimed]) -> bool:
    """One text handed over, and what was said written down; True where nothing more would be taken for now."""
    outcomes = dispatch.send(_carriers, lane, batch, running.now())
    _record(running, batch, outcomes)
    return any(outcome.verdict is Verdict.PAUSED for outcome in outcomes)


def _record(running: Service, batch: list[Claimed], outcomes: list[Outcome]) -> None:
    for pause in (*RECORD_AGAIN, None):
        try:
            with running.database.transaction() as session:
                now = running.now()
                failed = claims.record(session, batch, outcomes, now)
                credit.record_outcomes(session, outcomes, now, running.settings.operator_number)
                if failed:
                    undelivered.tell_undelivered(session, failed, now, running.settings.service_code)
            return
        except OperationalError:
            if pause is None:
                raise
            time.sleep(pause)
