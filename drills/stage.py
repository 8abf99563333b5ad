"""An installation in its own processes, whose lines to its stores can hang or slow down, and what callers notice."""

from __future__ import annotations

import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random

from sqlalchemy import make_url

from bench import house
from bench.processes import free_port, listening
from smsgate.gateways.handset import Handset, SessionFailed
from smsgate.gateways.rehearsal.provider import Provider, rehearsing
from smsgate.models import Lane
from smsgate.outbox import queues
from tests.support import stores
from tests.support.installation import CLOCK, RESPONDERS, Installation, copies_with, installed, settings, taken, worker
from tests.support.store_link import Line, line_to

CALLERS = 8
HEARS_WITHIN, HEALTHY_WITHIN, SENT_WITHIN, BACK_WITHIN = 2.0, 1.0, 60.0, 60.0  # seconds
ROOM = 1.0  # one more second, for a machine that is busy with other work
COMMANDS = (("smsgate", "web"), *(worker(queue) for queue in (*Lane, queues.INBOUND)), CLOCK)


class Failed(Exception):
    """A promise was not kept."""


@dataclass
class Stage:
    """The installation, the lines to its stores, its provider, and a random generator."""

    made: Installation
    port: int
    database: Line
    redis: Line
    provider: Provider
    postgres_pid: int
    draw: Random

    def all_hear_so(self) -> None:
        """Check that callers who dial at once each get a screen in time, if only an error, and that /health answers."""
        numbers = self.draw.sample(range(1000, 2000), CALLERS)
        with ThreadPoolExecutor(CALLERS + 1) as threads:
            calls = [threads.submit(self._dials, house.number(number)) for number in numbers]
            health = threads.submit(self._is_healthy)
            slowest = max(call.result() for call in calls)
            expect(slowest, HEARS_WITHIN, "the slowest caller reads a screen")
            expect(health.result(), HEALTHY_WITHIN, "/health answers")

    def _dials(self, number: str) -> float:
        """Seconds until the screen is read: what the network says after that, that the call ended, nobody waits for."""
        began, read = time.monotonic(), list[float]()

        def post(hook: str, form: dict[str, str]) -> tuple[int, str]:
            answer = self.provider.postman.posts(hook, form)
            read.append(time.monotonic())
            return answer

        with suppress(SessionFailed):
            Handset(post, number).dials()
        return read[0] - began

    def _is_healthy(self) -> float:
        began = time.monotonic()
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/health", timeout=30) as answer:
            answer.read()
        return time.monotonic() - began

    def help_leaves(self) -> None:
        """Check that a help text is sent to every responder in time."""
        words = self.made.needs_help(self.draw.choice(list(self.made.words)))
        wait_until(lambda: copies_with(taken(self.provider), words) >= RESPONDERS, SENT_WITHIN, "a help text leaves")

    def is_back(self) -> None:
        """Check that a caller sees the first screen again."""
        phone = Handset(self.provider.postman.posts, house.number(self.draw.randrange(2000, 3000)))
        wait_until(lambda: _reads(phone), BACK_WITHIN, "callers read the first screen again")


def _reads(phone: Handset) -> bool:
    with suppress(SessionFailed):
        screen = phone.dials()
        phone.drops()
        return "1 English" in screen
    return False


def expect(seconds: float, most: float, what: str) -> None:
    """Print how long something took. Raises Failed if that was too long."""
    print(f"    {seconds:5.2f} s  {what}", flush=True)
    if seconds > most + ROOM:
        raise Failed(f"{what}: {seconds:.1f} s, where {most:g} are promised")


def wait_until(true: Callable[[], bool], most: float, what: str) -> None:
    """Wait until it is true and print how long that took. Raises Failed if it took too long."""
    began = time.monotonic()
    while not true() and time.monotonic() - began <= most + ROOM:
        time.sleep(0.1)
    expect(time.monotonic() - began, most, what)


@contextmanager
def stage(seed: int) -> Iterator[Stage]:
    """Yield a running installation on PostgreSQL."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="smsgate-drills-")))
        server, port = stack.enter_context(stores.postgres_server()), free_port()
        url = make_url(server.get_uri(database="template_smsgate"))
        database = stack.enter_context(line_to(f"{url.query['host']}/.s.PGSQL.{url.port or 5432}"))
        redis = stack.enter_context(line_to(stack.enter_context(stores.valkey()).removeprefix("unix://")))
        hooks = f"http://127.0.0.1:{port}{house.HOOKS}"
        provider = stack.enter_context(rehearsing(folder / "ledger.jsonl", "instant", seed, hooks))
        through = url.set(host="127.0.0.1", port=database.port, query={}).render_as_string(hide_password=False)
        env = settings(through, f"redis://127.0.0.1:{redis.port}", provider.url, PORT=str(port))
        made = stack.enter_context(installed(env, COMMANDS))
        listening(port, 90)
        yield Stage(made, port, database, redis, provider, server.get_pid() or 0, Random(seed))
