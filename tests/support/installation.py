"""A whole installation in separate processes; a rehearsal provider's ledger shows what was sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from functools import partial

import psutil  # type: ignore[import-untyped]
from sqlalchemy import select

from bench import house
from bench.processes import running
from smsgate.gateways.rehearsal import ledger
from smsgate.gateways.rehearsal.provider import Provider
from smsgate.help import requests
from smsgate.models import Lane, Member, Phone
from smsgate.outbox import queues
from smsgate.service import Service
from tests.support.stores import KEY
from tests.support.waiting import eventually

CLOCK = ("smsgate", "scheduler")
MEMBERS, IN_NEED, RESPONDERS = 40, 6, 2
Copies = Counter[tuple[str, str]]  # (number, words): how often the provider accepted it


def settings(database_url: str, redis_url: str, provider: str, **more: str) -> dict[str, str]:
    """Return the environment of an installation whose texts go to this address."""
    return {
        "DATABASE_URL": database_url, "REDIS_URL": redis_url, "SMSGATE_HOOK_TOKENS": house.TOKEN, "SMSGATE_KEYS": KEY,
        "SMSGATE_GATEWAY": "africastalking", "SMSGATE_LOG_LEVEL": "CRITICAL", "AFRICASTALKING_USERNAME": "tumaini",
        "AFRICASTALKING_API_KEY": "key", "AFRICASTALKING_URL": provider, **more,
    }  # fmt: skip


def taken(provider: Provider) -> Copies:
    """Return what this provider has accepted so far."""
    return ledger.read(provider.ledger.path).copies


@dataclass
class Installation:
    """A database with people in it, and the processes that serve them."""

    service: Service
    words: dict[str, str]  # of each prepared help text, by number
    pids: dict[str, int] = field(default_factory=dict)

    def announces(self, times: int = 1) -> int:
        """Queue `times` notices to everybody and return the number of texts."""
        return house.queue_notices(self.service, times)

    def needs_help(self, number: str) -> str:
        """Let a member send their help text, and return some of its words to find it by."""
        with self.service.database.transaction() as session:
            member = session.scalars(select(Member).join(Phone).where(Phone.number == number)).one()
            assert requests.raise_help(session, member, self.service.now()).people == RESPONDERS
        return self.words[number]

    def alive(self) -> bool:
        """Return whether every process that was started still runs."""
        return all(psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in self.pids.values())


def notices(copies: Copies) -> Copies:
    """Return only the copies of notices."""
    return Counter({one: count for one, count in copies.items() if "We meet" in one[1]})


def copies_with(copies: Copies, words: str) -> int:
    """Return how many copies of texts with these words were accepted."""
    return sum(count for (_number, said), count in copies.items() if words in said)


@contextmanager
def installed(env: Mapping[str, str], commands: Sequence[Sequence[str]]) -> Iterator[Installation]:
    """Add members, some with a help text and responders who agreed, and run `python -m command…` for each command."""
    with ExitStack() as stack:
        service = stack.enter_context(house.wired(env))
        house.add_members(service, MEMBERS)
        made = Installation(service, house.prepare_help(service, 0, IN_NEED, RESPONDERS))
        for number, command in enumerate(commands):
            made.pids[f"{number} {command}"] = stack.enter_context(running(command, env))
        for queue in {*Lane, queues.INBOUND}:
            count = sum(tuple(command) == worker(queue) for command in commands)
            eventually(partial(_are_listening, service, queue, count))
        yield made


def worker(queue: str) -> tuple[str, ...]:
    """Return the command that starts a worker."""
    return ("smsgate", "worker", str(queue))


def _are_listening(service: Service, queue: str, count: int) -> bool:
    return bool(service.redis.scard(f"rq:workers:{queue}") == count)
