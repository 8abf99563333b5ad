"""The RQ job: thin; it claims, closes the transaction, calls the gateway, and records."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import OperationalError

from smsgate import claims, config, help, inbound, inbox, leases, queues, reports, service
from smsgate.claims import Claimed
from smsgate.conversations import Door
from smsgate.gateways import Outcome, SendError, Verdict
from smsgate.models import Kind, Lane
from smsgate.service import Service

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


class Circuit:
    """Leaves a gateway alone that is in trouble, longer each time, until a call gets through.

    It never holds a help text: those are few, and each may be the one that passes.
    """

    RESTS = (10, 30, 60, 120)  # seconds

    def __init__(self) -> None:
        self.failures = 0
        self.open_until: datetime | None = None

    def rests(self, now: datetime) -> bool:
        """True while no call should be tried."""
        return self.open_until is not None and now < self.open_until

    def learns(self, trouble: bool, now: datetime) -> None:
        """What the last call says about the gateway."""
        rest = timedelta(seconds=self.RESTS[min(self.failures, len(self.RESTS) - 1)])
        self.failures = self.failures + 1 if trouble else 0
        self.open_until = now + rest if trouble else None


circuits: dict[Lane, Circuit] = {}


def use(running: Service) -> None:
    """The service that jobs of this process work for; a worker calls it before it takes the first job."""
    if not _current or _current[0] is not running:
        circuits.clear()
    _current[:] = [running]


def drain(lane: str) -> int:
    """Send what is due in `lane`, or hear what came in; the number of texts."""
    if not _current:  # started by another worker than ours: correct, only slower
        use(service.wire(config.load()))
    running = _current[0]
    queues.awake(running.redis, lane)
    if lane == inbound.QUEUE:
        return _hear(running)
    sent = _drained(running, Lane(lane))
    if sent:
        log.info("drained", lane=lane, texts=sent)
    return sent


def _hear(running: Service) -> int:
    """Work on the texts that came in, and apply delivery reports between them; the number of texts."""
    until = time.monotonic() + JOB_SECONDS
    door, count = Door(running), 0
    while not stopping.is_set() and time.monotonic() < until:
        heard = inbox.work_through(door, stopping.is_set)
        with running.database.transaction() as session:
            applied = reports.apply_some(session, running.now())
        count += heard
        if not heard + applied:
            break
    if time.monotonic() > until:
        queues.wake(running.redis, inbound.QUEUE)
    return count


def _drained(running: Service, lane: Lane) -> int:
    circuit = circuits.setdefault(lane, Circuit())
    sent, until = 0, time.monotonic() + JOB_SECONDS
    while not stopping.is_set() and (lane is Lane.URGENT or not circuit.rests(running.now())):
        if time.monotonic() > until:
            queues.wake(running.redis, lane.value)
            break
        claimed = _claim(running, lane)
        if claimed is None:
            break
        with leases.held(running, claimed):
            sent += _carry(running, lane, claimed, circuit)
    return sent


def _claim(running: Service, lane: Lane) -> list[Claimed] | None:
    # Help texts are claimed few at a time: a worker that dies holds up few of them.
    limit = 10 if lane is Lane.URGENT else running.settings.batch
    with running.database.transaction() as session:
        return claims.claim(session, lane, running.now(), limit)


def _carry(running: Service, lane: Lane, claimed: list[Claimed], circuit: Circuit) -> int:
    """Send what was claimed, and hand back what there is no time or no gateway for; the number sent."""
    left = list(batches(claimed, running.settings.batch))
    looked = time.monotonic()
    sent, until = 0, looked + LOT_SECONDS
    if lane is Lane.URGENT:
        left = _help_texts_at_once(running, left)
        sent = len(claimed) - sum(map(len, left))
    while left and not stopping.is_set() and time.monotonic() < until:
        if time.monotonic() - looked > LOOK_AGAIN:
            left, looked = _still_wanted(running, left), time.monotonic()
            continue
        batch = left.pop(0)
        trouble = _send(running, batch)
        sent += len(batch)
        circuit.learns(trouble, running.now())
        if trouble and lane is not Lane.URGENT:
            break
    if left:
        with running.database.transaction() as session:
            claims.hand_back(session, [one for batch in left for one in batch])
    return sent


def _still_wanted(running: Service, left: list[list[Claimed]]) -> list[list[Claimed]]:
    with running.database.transaction() as session:
        kept = claims.look_again(session, [one for batch in left for one in batch], running.now())
    return list(batches(kept, running.settings.batch))


def _help_texts_at_once(running: Service, waiting: list[list[Claimed]]) -> list[list[Claimed]]:
    """Send the help texts side by side, since one call takes the provider a third of a second; what else waits."""
    help_texts = [batch for batch in waiting if batch[0].kind is Kind.HELP]
    if len(help_texts) > 1:
        with ThreadPoolExecutor(len(help_texts)) as threads:
            list(threads.map(lambda batch: _send(running, batch), help_texts))
        return [batch for batch in waiting if batch not in help_texts]
    return waiting


def batches(claimed: list[Claimed], most: int) -> Iterator[list[Claimed]]:
    """Equal texts together, at most `most` recipients and each number once in a call; help texts one by one."""
    together: dict[str, list[Claimed]] = {}
    for one in claimed:
        if one.kind is Kind.HELP:
            yield [one]
        else:
            together.setdefault(one.words, []).append(one)
    for same in together.values():
        rest = same
        while rest:
            batch = list({one.number: one for one in reversed(rest)}.values())[:most]
            yield batch
            taken = {one.id for one in batch}
            rest = [one for one in rest if one.id not in taken]


def _send(running: Service, batch: list[Claimed]) -> bool:
    """One call, and what it said written down; True where the gateway is in trouble."""
    numbers = [one.number for one in batch]
    trouble = True
    try:
        outcomes = running.gateway.send(batch[0].words, numbers)
        trouble = any(outcome.verdict is Verdict.PAUSED for outcome in outcomes)
    except SendError as error:
        outcomes = [Outcome(number, error.verdict, reason=error.reason) for number in numbers]
    except Exception as error:  # noqa: BLE001 - a gateway's bug must not stop the lane; whether it sent is unknown
        outcomes = [Outcome(number, Verdict.UNKNOWN, reason=type(error).__name__) for number in numbers]
    if trouble:
        worst = next((o for o in outcomes if o.verdict is Verdict.PAUSED), outcomes[0])
        log.error("gateway_in_trouble", gateway=running.gateway.name, verdict=worst.verdict, reason=worst.reason)
    _record(running, batch, outcomes)
    return trouble


def _record(running: Service, batch: list[Claimed], outcomes: list[Outcome]) -> None:
    for pause in (*RECORD_AGAIN, None):
        try:
            with running.database.transaction() as session:
                now = running.now()
                unsent = claims.record(session, batch, outcomes, now)
                if unsent:
                    help.tell_unsent(session, unsent, now, running.settings.service_code)
            return
        except OperationalError:
            if pause is None:
                raise
            time.sleep(pause)
