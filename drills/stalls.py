"""Drills in which a store, the database server or the gateway hangs or answers byte by byte."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

from chaos.processes import Standstills
from drills.stage import Stage
from smsgate.gateways.rehearsal.wire import Call
from tests.support.store_link import Line

DRIP_SECONDS, IDLE, STALL_SECONDS = 0.2, 200, 4.0


def database_hangs(stage: Stage) -> None:
    """PostgreSQL accepts everything but never answers."""
    with _stalled(stage.database, 0):
        stage.all_hear_so()
        stage.all_hear_so()
    _comes_back(stage)


def database_drips(stage: Stage) -> None:
    """PostgreSQL answers byte by byte."""
    with _stalled(stage.database, DRIP_SECONDS):
        stage.all_hear_so()
    _comes_back(stage)


def database_stands_still(stage: Stage) -> None:
    """PostgreSQL's processes are suspended."""
    still = Standstills()
    still.begin(stage.postgres_pid, 60)
    time.sleep(0.2)
    try:
        stage.all_hear_so()
    finally:
        still.end()
    _comes_back(stage)


def redis_hangs(stage: Stage) -> None:
    """Redis accepts everything but never answers; help texts are sent all the same."""
    with _stalled(stage.redis, 0):
        stage.all_hear_so()
        stage.help_leaves()
    _comes_back(stage)


def redis_drips(stage: Stage) -> None:
    """Redis answers byte by byte."""
    with _stalled(stage.redis, DRIP_SECONDS):
        stage.all_hear_so()
    _comes_back(stage)


def gateway_hangs(stage: Stage) -> None:
    """The provider accepts calls but never answers; callers notice nothing."""
    stage.provider.answers = lambda call: call.hang()
    _gateway_stalls(stage)


def gateway_drips(stage: Stage) -> None:
    """The provider answers byte by byte."""
    stage.provider.answers = _drips
    _gateway_stalls(stage)


def _gateway_stalls(stage: Stage) -> None:
    stage.made.announces()
    stage.made.needs_help(stage.draw.choice(list(stage.made.words)))
    time.sleep(STALL_SECONDS)
    stage.is_back()
    stage.provider.answers = stage.provider.plays
    _comes_back(stage)


def _drips(call: Call) -> None:
    call.handler.wfile.write(b"HTTP/1.1 201 Created\r\nContent-Length: 300\r\n\r\n")
    for _byte in range(300):
        call.handler.wfile.write(b" ")
        time.sleep(DRIP_SECONDS)


def connections_idle(stage: Stage) -> None:
    """Two hundred connections stay open and idle, half of them after half a request."""
    with ExitStack() as stack:
        for number in range(IDLE):
            connection = stack.enter_context(socket.create_connection(("127.0.0.1", stage.port), 5))
            if number % 2:
                connection.sendall(b"POST /hooks/x HTTP/1.1\r\n")
        stage.all_hear_so()
    _comes_back(stage)


def _comes_back(stage: Stage) -> None:
    stage.is_back()
    stage.help_leaves()


@contextmanager
def _stalled(line: Line, drip: float) -> Iterator[None]:
    if drip:
        line.drip(drip)
    else:
        line.hang()
    try:
        yield
    finally:
        line.resume()
