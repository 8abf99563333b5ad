"""An upgrade without downtime: processes of the last commit and of this one run together, under load, with restarts."""

from __future__ import annotations

import io
import itertools
import os
import subprocess
import sys
import tarfile
import threading
import urllib.error
import urllib.parse
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from bench import house
from bench.processes import ROOT, free_port, listening
from smsgate.gateways.handset import Handset, SessionFailed
from smsgate.gateways.rehearsal.provider import Provider, rehearsing
from smsgate.models import Lane
from smsgate.outbox import queues
from tests.support import stores
from tests.support.installation import IN_NEED, MEMBERS, RESPONDERS, Installation, copies_with, notices, settings, taken
from tests.support.waiting import eventually

pytestmark = [pytest.mark.by_night, pytest.mark.xdist_group("processes")]
COMMANDS = (*(("worker", queue) for queue in (*Lane, queues.INBOUND)), ("clock",), ("web",))
CALLERS = 6


def git(*words: str) -> bytes:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, check=False)
    if done.returncode:
        pytest.skip(f"no history to take the release before from: git {words[0]}")
    return done.stdout


@pytest.fixture(scope="module")
def last_commit(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Extract the last commit or, in a clean checkout, the one before it."""
    changed = git("status", "--porcelain", "--untracked-files=no").strip()
    folder = tmp_path_factory.mktemp("before")
    archive = io.BytesIO(git("archive", "HEAD" if changed else "HEAD~1", "smsgate", "migrations"))
    with tarfile.open(fileobj=archive) as tar:
        tar.extractall(folder, filter="data")
    if "schema_versions" not in (folder / "smsgate/core/migrations.py").read_text():
        pytest.skip("the release before asks for its own migration and no other")
    return folder


@dataclass
class Release:
    """The processes of one release; those still running at the end are killed, each by its id."""

    tree: Path
    env: dict[str, str]
    port: int = field(default_factory=free_port)
    processes: dict[tuple[str, ...], subprocess.Popen[bytes]] = field(default_factory=dict)

    def _env(self) -> dict[str, str]:
        own = {"PORT": str(self.port), "PYTHONPATH": str(self.tree), "WEB_CONCURRENCY": "1"}
        return {**os.environ, **self.env, **own}

    def runs(self, *words: str) -> None:
        """Run a command to its end."""
        subprocess.run([sys.executable, "-m", "smsgate", *words], cwd=self.tree, env=self._env(), check=True)

    def starts(self) -> None:
        """Start all its processes, or restart those that run."""
        for command in COMMANDS:
            self.stops(command)
            line = [sys.executable, "-m", "smsgate", *map(str, command)]
            self.processes[command] = subprocess.Popen(line, cwd=self.tree, env=self._env())
        listening(self.port, 180)

    def stops(self, *commands: tuple[str, ...]) -> None:
        """Stop processes as a supervisor would."""
        for command in commands:
            if process := self.processes.pop(command, None):
                process.terminate()
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()


@dataclass
class Load:
    """People who dial and text all the time, through any web process that answers, as behind a load balancer."""

    ports: list[int]
    answers: Counter[int] = field(default_factory=Counter)
    stop: threading.Event = field(default_factory=threading.Event)
    _turn: Iterator[int] = field(default_factory=itertools.count)

    def post(self, path: str, form: dict[str, str]) -> tuple[int, str]:
        """Post to the next web process, or to another one if it is being restarted."""
        first = next(self._turn)
        for number in range(40):
            port = self.ports[(first + number) % len(self.ports)]
            url = f"http://127.0.0.1:{port}{house.HOOKS}/{path}"
            try:
                with urllib.request.urlopen(url, urllib.parse.urlencode(form).encode(), timeout=20) as reply:
                    self.answers[reply.status] += 1
                    return reply.status, reply.read().decode()
            except urllib.error.HTTPError as refused:
                self.answers[refused.code] += 1
                return refused.code, ""
            except OSError:
                self.stop.wait(0.25)
        raise AssertionError("no web process answers")

    def calls(self, index: int) -> None:
        """Dial again and again as one person, open Meetings, and text now and then."""
        phone = Handset(self.post, house.number(index))
        while not self.stop.wait(0.05):
            try:
                screen = phone.dials()
                if "2 Start again" in screen:
                    phone.types("2")
                phone.types("2")
                phone.drops()
            except SessionFailed:
                continue
            phone.texts("NEXT")


@pytest.fixture(params=["sqlite", "postgresql"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    if request.param == "sqlite":
        yield f"sqlite:///{tmp_path / 'new.sqlite'}"
    else:
        with stores.fresh_postgres(request.getfixturevalue("postgres"), template="template1") as url:
            yield url


@pytest.fixture
def carrier(tmp_path: Path) -> Iterator[Provider]:
    with rehearsing(tmp_path / "ledger.jsonl", "instant") as made:
        yield made


def test_old_and_new_processes_side_by_side(
    last_commit: Path, empty_url: str, redis_url: str, carrier: Provider
) -> None:
    env = settings(empty_url, redis_url, carrier.url)
    old, new = Release(last_commit, env), Release(ROOT, env)
    with ExitStack() as stack:
        for release in (old, new):
            stack.callback(release.stops, *COMMANDS)
        old.runs("migrate")
        old.starts()
        new.runs("migrate")  # while the old ones run
        service = stack.enter_context(house.wired(env))
        house.add_members(service, MEMBERS)
        made = Installation(service, house.prepare_help(service, 0, IN_NEED, RESPONDERS))
        load = Load([old.port, new.port])
        callers = [threading.Thread(target=load.calls, args=(index,)) for index in range(CALLERS)]
        stack.callback(load.stop.set)
        for caller in callers:
            caller.start()
        new.starts()  # next to the old ones
        helped = [made.needs_help(number) for number in list(made.words)[:2]]
        made.announces()
        old.starts()  # again, on the migrated database
        helped += [made.needs_help(number) for number in list(made.words)[2:4]]
        made.announces()
        new.starts()  # again
        helped += [made.needs_help(number) for number in list(made.words)[4:]]
        eventually(lambda: notices(taken(carrier)).total() >= 2 * MEMBERS, 240)
        for words in helped:
            eventually(lambda words=words: copies_with(taken(carrier), words) == RESPONDERS, 120)  # type: ignore[misc]
        old.stops(*COMMANDS)
        load.stop.set()
        for caller in callers:
            caller.join(60)
    assert load.answers[200] > 100
    assert not [code for code in load.answers if code >= 500], load.answers
    assert notices(taken(carrier)).total() == 2 * MEMBERS
