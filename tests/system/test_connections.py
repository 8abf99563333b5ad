"""A real server with hundreds of silent connections, or with all request threads waiting for a store."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import make_url

from bench import house
from bench.processes import free_port, listening, running
from tests.support.installation import settings
from tests.support.store_link import line_to
from tests.support.waiting import Stopwatch

pytestmark = pytest.mark.xdist_group("processes")
IDLE, SOON = 200, 1.0
DIAL = b"sessionId=s1&phoneNumber=%2B254711000001&serviceCode=*384*77%23&text="
Says = Callable[[socket.socket], None]


def nothing(_connection: socket.socket) -> None:
    """Connect and send nothing."""


def begins(connection: socket.socket) -> None:
    """Send half of a request's head."""
    connection.sendall(b"POST /hooks/x/africastalking/ussd HTTP/1.1\r\nHost: a\r\n")


def owes(connection: socket.socket) -> None:
    """Send a head that promises a body, and only the start of it."""
    connection.sendall(b"POST /hooks/x/africastalking/ussd HTTP/1.1\r\nHost: a\r\nContent-Length: 200\r\n\r\nsess")


def again(connection: socket.socket) -> None:
    """Send a request and, after its answer, the beginning of another one on the same connection."""
    connection.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
    connection.recv(4096)
    connection.sendall(b"GET /he")


@contextlib.contextmanager
def strangers(port: int, says: Says, count: int = IDLE) -> Iterator[None]:
    with contextlib.ExitStack() as stack:
        for _one in range(count):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", port), 5))
            says(connection)
        yield


def dial(port: int) -> str:
    address = f"http://127.0.0.1:{port}{house.HOOKS}/ussd"
    with urllib.request.urlopen(address, DIAL, timeout=30) as answer:
        return str(answer.read().decode())


def is_alive(port: int) -> bool:
    with urllib.request.urlopen(f"http://127.0.0.1:{port}/health", timeout=30) as answer:
        return b"true" in answer.read()


@pytest.mark.by_night
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_connections_that_are_idle_or_slow_leave_callers_alone(database_url: str, redis_url: str) -> None:
    port = free_port()
    env = settings(database_url, redis_url, "http://127.0.0.1:1", PORT=str(port))
    with running(["smsgate", "web"], env):
        listening(port, 90)
        dial(port)
        for says in (nothing, begins, owes, again):
            with strangers(port, says):
                watch = Stopwatch()
                assert dial(port).startswith("CON ")
                assert watch.seconds() < SOON, says.__doc__


@pytest.mark.by_night
@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_health_answers_while_every_thread_waits_for_the_database(database_url: str, redis_url: str) -> None:
    port, url = free_port(), make_url(database_url)
    with line_to(f"{url.query['host']}/.s.PGSQL.{url.port or 5432}") as line:
        through = url.set(host="127.0.0.1", port=line.port, query={}).render_as_string(hide_password=False)
        env = settings(through, redis_url, "http://127.0.0.1:1", PORT=str(port), SMSGATE_LOG_LEVEL="CRITICAL")
        with running(["smsgate", "web"], env):
            listening(port, 90)
            dial(port)
            line.hang()
            callers = [threading.Thread(target=_dials_for_a_while, args=(port,)) for _one in range(16)]
            for caller in callers:
                caller.start()
            for _time in range(6):
                watch = Stopwatch()
                assert is_alive(port)
                assert watch.seconds() < SOON
                time.sleep(0.25)
            for caller in callers:
                caller.join()
            line.resume()


def _dials_for_a_while(port: int) -> None:
    until = time.monotonic() + 2
    while time.monotonic() < until:
        form = DIAL.replace(b"s1", str(threading.get_ident()).encode() + b"x")
        with urllib.request.urlopen(f"http://127.0.0.1:{port}{house.HOOKS}/ussd", form, timeout=30) as answer:
            answer.read()
