"""The RQ job: thin; it claims, closes the transaction, calls the gateway, and records."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import structlog

from smsgate import config, help, messages, queues, service
from smsgate.gateways import Outcome, SendError, Verdict
from smsgate.messages import Claimed
from smsgate.models import Kind, Lane
from smsgate.service import Service

log = structlog.get_logger()

_current: list[Service] = []


def use(running: Service) -> None:
    """The service that jobs of this process work for; a worker calls it before it takes the first job."""
    _current[:] = [running]


def drain(lane: str) -> int:
    """Send everything that is due in `lane`; the number of texts handed to the gateway."""
    if not _current:  # started by another worker than ours: correct, only slower
        use(service.wire(config.load()))
    running = _current[0]
    queues.awake(running.redis, lane)
    sent = 0
    while claimed := _claim(running, Lane(lane)):
        _send_all(running, list(batches(claimed, running.settings.batch)))
        sent += len(claimed)
    if sent:
        log.info("drained", lane=lane, texts=sent)
    return sent


def _claim(running: Service, lane: Lane) -> list[Claimed]:
    # Help texts are claimed few at a time: a worker that dies holds up few of them.
    limit = 10 if lane is Lane.URGENT else running.settings.batch
    with running.database.transaction() as session:
        return messages.claim(session, lane, running.now(), limit)


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


def _send_all(running: Service, waiting: list[list[Claimed]]) -> None:
    """Help texts at once, since one call takes the provider a third of a second; then the others, in their order."""
    help_texts = [batch for batch in waiting if batch[0].kind is Kind.HELP]
    if len(help_texts) > 1:
        with ThreadPoolExecutor(len(help_texts)) as threads:
            for done in [threads.submit(_send, running, batch) for batch in help_texts]:
                done.result()
        waiting = [batch for batch in waiting if batch[0].kind is not Kind.HELP]
    for batch in waiting:
        _send(running, batch)


def _send(running: Service, batch: list[Claimed]) -> None:
    numbers = [one.number for one in batch]
    try:
        outcomes = running.gateway.send(batch[0].words, numbers)
    except SendError as error:
        log.warning("send_failed", gateway=running.gateway.name, verdict=error.verdict, reason=error.reason)
        outcomes = [Outcome(number, error.verdict, reason=error.reason) for number in numbers]
    except Exception as error:  # noqa: BLE001 - a gateway's bug must not stop the lane; whether it sent is unknown
        log.error("gateway_broke", gateway=running.gateway.name, error=type(error).__name__)
        outcomes = [Outcome(number, Verdict.UNKNOWN, reason=type(error).__name__) for number in numbers]
    now = running.now()
    with running.database.transaction() as session:
        unsent = messages.record(session, batch, outcomes, now)
        if unsent:
            help.tell_unsent(session, unsent, now, running.settings.service_code)
