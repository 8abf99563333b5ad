"""One run: an installation, a broadcast and help texts, the planned faults, and what the verdict is based on."""

from __future__ import annotations

import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import update

from bench import house
from bench.processes import free_port
from chaos.callers import Callers
from chaos.plan import Fault, Size, faults, help_times
from chaos.processes import Supervised, supervised
from chaos.stores import RunDatabase, Valkey, database, valkey
from chaos.verdict import DRAINED_WITHIN, Outcome
from chaos.watch import Watch, in_doubt, rows, still_open
from smsgate.gateways.rehearsal import ledger
from smsgate.gateways.rehearsal.people import everybody
from smsgate.gateways.rehearsal.provider import Provider, rehearsing
from smsgate.gateways.rehearsal.scenarios import SCENARIOS
from smsgate.models import Lane, Message, MessageStatus, Phone
from smsgate.outbox import queues
from smsgate.service import Service
from tests.support.stores import KEY

# Every way to fail, but enough calls succeed for the circuit breaker to let the broadcast go on.
USUAL = SCENARIOS["everything"]._replace(answers={**SCENARIOS["everything"].answers, "well": 90}, a_call=0.3)
AFTERWARDS = SCENARIOS["prompt"]
CREDIT = 40.0  # KES left when the account is to run out
RESPONDERS = 2
STARVED = 0.2  # the share of time that a starved process still runs


class Run(NamedTuple):
    """What one run left behind, how many faults of each kind it met, and how long it took."""

    outcome: Outcome
    done: Counter[str]
    seconds: float


@dataclass
class Stage:
    """Everything that a fault can be injected into."""

    processes: Supervised
    valkey: Valkey
    base: RunDatabase
    provider: Provider
    mood: threading.Timer | None = None  # ends the provider's current scenario

    def does(self, fault: Fault) -> bool:
        """Inject a fault that ends by itself. Returns False if the process that it concerns is down."""
        if fault.kind == "kill":
            return self.processes.kill(fault.what)
        if fault.kind in ("stop", "starve"):
            return self.processes.stop(fault.what, fault.lasts, STARVED if fault.kind == "starve" else 0.0)
        if fault.kind == "valkey stops":
            self.processes.standstills.begin(self.valkey.pid, fault.lasts)
        elif fault.kind == "postgres stops":
            if self.base.pid and (pid := self.base.pid()):
                self.processes.standstills.begin(pid, fault.lasts)
        elif fault.kind == "valkey":
            self.valkey.dies(fault.lasts)
        elif fault.kind == "flush":
            self.valkey.forgets()
        elif fault.kind == "postgres" and self.base.dies:
            self.base.dies(fault.lasts)
        else:
            self._set_scenario(fault)
        return True

    def _set_scenario(self, fault: Fault) -> None:
        scenario = SCENARIOS[fault.what]
        self.provider.scenario = scenario._replace(reports=USUAL.reports, people=USUAL.people)
        self.provider.balance = CREDIT if fault.what == "credit" else None
        self._cancel_timer()
        self.mood = threading.Timer(fault.lasts, self.usual)
        self.mood.start()

    def _cancel_timer(self) -> None:
        """Cancel the timer, since a late scenario would outlast the last fault."""
        if self.mood:
            self.mood.cancel()
            self.mood.join()

    def usual(self) -> None:
        """Let the provider fail now and then in every way, with credit left."""
        self.provider.scenario, self.provider.balance = USUAL, None

    def calm(self) -> None:
        """End the faults: from now on every process runs, the provider behaves well and there is credit."""
        self.processes.standstills.end()
        self._cancel_timer()
        self.provider.scenario, self.provider.balance = AFTERWARDS, None


def run(kind: str, size: Size, seed: int, tell: Callable[[str], None] = print) -> Run:
    """Carry out a run on `sqlite` or `postgresql`. On an error, the end of the log is printed."""
    begun = time.monotonic()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="smsgate-chaos-")))
        book = folder / "ledger.jsonl"
        store, base = stack.enter_context(valkey()), stack.enter_context(database(kind))
        web = free_port()
        hooks = f"http://127.0.0.1:{web}{house.HOOKS}"
        provider = stack.enter_context(rehearsing(book, "everything", seed, hooks))
        env = _settings(size, base, store, web, provider)
        words = _prepare(env, size)
        service = stack.enter_context(house.wired(env))
        processes = stack.enter_context(supervised(commands(size), env, folder / "log"))
        stage = Stage(processes, store, base, provider)
        try:
            return _play(stage, service, size, seed, words, book, begun, tell)
        except BaseException:
            tell((folder / "log").read_text()[-4000:])
            raise


def commands(size: Size) -> dict[str, list[str]]:
    """Return the commands to run, by name: web, and `size.workers` schedulers and workers per queue."""
    by_name = {"web": ["web"]}
    for number in range(size.workers):
        by_name |= {f"{queue} {number}": ["worker", queue] for queue in (*Lane, queues.INBOUND)}
        by_name[f"scheduler {number}"] = ["scheduler"]
    return by_name


def _settings(size: Size, base: RunDatabase, store: Valkey, web: int, provider: Provider) -> dict[str, str]:
    return {
        "DATABASE_URL": base.url, "REDIS_URL": store.url, "PORT": str(web), "SMSGATE_HOOK_TOKENS": house.TOKEN,
        "SMSGATE_KEYS": KEY, "SMSGATE_GATEWAY": "africastalking", "SMSGATE_LOG_LEVEL": "WARNING",
        "AFRICASTALKING_USERNAME": "chaos", "AFRICASTALKING_API_KEY": "chaos", "AFRICASTALKING_URL": provider.url,
        "SMSGATE_BATCH": str(size.batch),
    }  # fmt: skip


def _prepare(env: Mapping[str, str], size: Size) -> dict[str, str]:
    """Add the members, and help texts for the first ones with the last as responders. Returns each number's words."""
    with house.wired(env) as service:
        house.add_members(service, size.members)
        words = house.prepare_help(service, 0, size.help_texts, RESPONDERS)
        with service.database.transaction() as session:
            session.execute(update(Phone).values(language="en"))  # Callers looks for English screens
    return words


def _play(
    stage: Stage, service: Service, size: Size, seed: int, words: dict[str, str], book: Path, begun: float,
    tell: Callable[[str], None],
) -> Run:  # fmt: skip
    plan = faults(size, seed, stage.processes.names, stage.base.dies is not None)
    callers = Callers(stage.provider.postman.posts)
    stage.usual()
    with _watched(service) as watch, _simulated_people(stage.provider, size.people):
        audience = house.queue_notices(service, 1)
        _wait_for_first_call(stage.provider)
        start = time.monotonic()
        callers.begin(list(words), help_times(size, seed), start)
        done = _inject_all(stage, plan, start)
        callers.end(60)
        stage.calm()
        calm_at = time.monotonic()
        if size.hurries:
            _make_waiting_due(service)
        tell(f"  the last fault is over after {calm_at - begun:.0f} s; {still_open(service)} texts have not ended")
        drained = _wait_until_drained(service, calm_at)
        if not size.hurries:
            _wait_for_last_tries(service)
    stage.provider.postman.settles(20)
    outcome = Outcome(
        audience,
        rows(service),
        ledger.read(book),
        list(callers.told),
        list(callers.gave_up),
        words,
        watch.stuck,
        drained,
        size.batch,
    )
    return Run(outcome, done, time.monotonic() - begun)


def _wait_for_first_call(provider: Provider, seconds: float = 60) -> None:
    """Wait until the first texts are sent: a process that dies before that has nothing to lose."""
    until = time.monotonic() + seconds
    while not provider.calls and time.monotonic() < until:
        time.sleep(0.05)


def _inject_all(stage: Stage, plan: list[Fault], start: float) -> Counter[str]:
    """Inject each fault at its time. A process that is not running then is killed as soon as it is."""
    done: Counter[str] = Counter()
    for fault in plan:
        time.sleep(max(0.0, start + fault.at - time.monotonic()))
        while not stage.does(fault):
            time.sleep(0.1)
        done[fault.kind] += 1
    return done


def _make_waiting_due(service: Service) -> None:
    """Make all waiting texts due now: retry delays grow to minutes, which a short run has no time for."""
    with service.database.transaction() as session:
        waiting = update(Message).where(Message.state == MessageStatus.WAITING).values(due_at=service.now())
        session.execute(waiting.execution_options(synchronize_session=False))


def _wait_until_drained(service: Service, since: float) -> float:
    """Wait until every message is finished, for DRAINED_WITHIN at most. Returns the seconds since `since`."""
    while time.monotonic() - since <= DRAINED_WITHIN and still_open(service) != 0:
        time.sleep(0.5)
    return time.monotonic() - since


def _wait_for_last_tries(service: Service) -> None:
    """Wait until each help text whose two calls are in doubt was checked again, and sent if there is no trace of it."""
    until = time.monotonic() + DRAINED_WITHIN
    while time.monotonic() < until and (in_doubt(service) != 0 or still_open(service) != 0):
        time.sleep(0.5)


@contextmanager
def _watched(service: Service) -> Iterator[Watch]:
    watch = Watch(service)
    watch.start()
    try:
        yield watch
    finally:
        watch.end()


@contextmanager
def _simulated_people(provider: Provider, count: int) -> Iterator[None]:
    gone = threading.Event()
    threads = everybody(provider, count, "*384*77#", gone)
    try:
        yield
    finally:
        gone.set()
        for thread in threads:
            thread.join(15)
