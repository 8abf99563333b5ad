"""`smsgate run`: the whole installation in one terminal, with embedded stores and a demo group, to try it out."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import click
from sqlalchemy import select

from smsgate.cli.local import dev_stores
from smsgate.core import config, migrations
from smsgate.core.dial_codes import DEMO_CODE, code_below
from smsgate.core.errors import Invalid
from smsgate.core.waits.limits import COMMAND
from smsgate.groups import groups, roles
from smsgate.meetings import meetings
from smsgate.models import Group, Lane, Role, lookup
from smsgate.outbox import queues
from smsgate.service import Service, wire
from smsgate.web import server
from smsgate.web.console.accounts import permissions

DEMO_LEADER = "+254711000004"  # the fourth of the simulated phones
STOP_SECONDS = 2
_told_to_stop = threading.Event()


def run(folder: Path) -> None:
    """Start every process, print the addresses, restart processes that end, and stop everything on Ctrl-C.

    Raises Invalid if the folder or the port is in use.
    """
    for signal_number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # all are handled like Ctrl-C
        signal.signal(signal_number, _interrupt)
    with contextlib.suppress(KeyboardInterrupt), dev_stores.claimed(folder):
        server.check_port(server.LOCAL, config.port())
        with dev_stores.valkey(folder) as url:
            _run(config.save_local_settings(folder, {"REDIS_URL": url} if url else {}))
    click.echo("\nStopped.")
    sys.stdout.flush()
    os._exit(0)  # skip Python's own clean-up, which can take over a second on a busy machine


def _run(env: dict[str, str]) -> None:
    service = wire(config.load(env), limits=COMMAND)
    migrations.migrate(service.database)
    if service.settings.simulated:
        demo(service)
    with _processes() as started:
        started["web --local"] = _start(["web", "--local"], env)
        _wait_for_web(service, started["web --local"])
        for name in ("scheduler", *(f"worker {queue}" for queue in (*Lane, queues.INBOUND))):
            started[name] = _start(name.split(), env)
        _announce(service)
        _watch(started, env)


def _interrupt(_number: int, _frame: object) -> None:
    """Raise KeyboardInterrupt only once: a second Ctrl-C must not cut the shutdown short."""
    if not _told_to_stop.is_set():
        _told_to_stop.set()
        raise KeyboardInterrupt


def demo(service: Service) -> None:
    """Create a demo group with a leader if there is no group yet, and plan a meeting if it has none."""
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
    """Yield a dict for the started processes, by name. On exit, send them SIGTERM, and SIGKILL after STOP_SECONDS."""
    started: dict[str, subprocess.Popen[bytes]] = {}
    try:
        yield started
    finally:
        for process in started.values():
            process.terminate()
        until = time.monotonic() + STOP_SECONDS
        for process in started.values():
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.0, until - time.monotonic()))
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)  # the process, and everything it started
            process.wait()


def _start(arguments: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    return _start_command([sys.executable, "-m", "smsgate", *arguments], env)


def _start_command(command: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    # A new session, so that Ctrl-C reaches only this process, which then stops the others.
    return subprocess.Popen(  # noqa: S603 - our own command
        command, env=env, start_new_session=True, preexec_fn=dev_stores.die_with_parent
    )


def _wait_for_web(service: Service, web: subprocess.Popen[bytes]) -> None:
    for _try in range(300):
        if web.poll() is not None:
            break
        with (
            contextlib.suppress(OSError),
            urllib.request.urlopen(f"{_base(service)}/health", timeout=1),  # noqa: S310 - http
        ):
            return
        time.sleep(0.1)
    raise Invalid(f"The web process does not answer on port {service.settings.port}.")


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
    """Restart every process that ends, until told to stop."""
    while not _told_to_stop.is_set():  # a KeyboardInterrupt raised inside a destructor is lost, so check the flag too
        time.sleep(0.5)
        for name, process in processes.items():
            if process.poll() is not None:
                click.echo(f"{name} ended with {process.returncode}; starting it again.", err=True)
                time.sleep(1)
                processes[name] = _start(name.split(), env)
