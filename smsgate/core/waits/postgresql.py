"""Connections to PostgreSQL on which every wait is bounded, by the server and by us.

The server ends statements, lock waits and idle transactions. A suspended server, or a network that swallows everything,
ends none of them, so we bound each wait for an answer too. The connection is then closed, since a late answer would be
taken for that of the next statement.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from typing import Any, TypeVar

import psycopg
from psycopg import errors
from sqlalchemy import Engine, event
from sqlalchemy.engine import Connection as EngineConnection
from sqlalchemy.pool import ConnectionPoolEntry

from smsgate.core.waits import deadlines
from smsgate.core.waits.limits import Limits

Returned = TypeVar("Returned")
CONNECT_SECONDS = 2.0
# When either end gives up on the other's host: seconds, and for tcp_user_timeout milliseconds. Unix sockets ignore it.
NETWORK = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 3, "tcp_user_timeout": 25_000}
TICK = 0.1
LIMITED = "limited"


class NoAnswer(psycopg.OperationalError):
    """The server did not answer in time; whether it did what was asked is unknown."""


class BoundedConnection(psycopg.Connection[Any]):
    """A connection that is closed when the server does not answer in time."""

    longest = CONNECT_SECONDS  # for an answer, where no deadline is set

    def wait(self, gen: Any, interval: float = TICK, timeout: float | None = None) -> Any:  # noqa: ANN401 - psycopg's
        """Wait for the answer. Raises NoAnswer, after which the connection is closed."""
        began, left = time.monotonic(), deadlines.left()
        try:
            return super().wait(gen, interval, self.longest if left == math.inf else left)
        except errors._WaitTimeout:
            self.pgconn.finish()
            raise NoAnswer("no answer from the server") from None
        except errors.IdleInTransactionSessionTimeout as error:  # psycopg makes it an InternalError
            raise psycopg.OperationalError(str(error)) from None
        finally:
            deadlines.waited(time.monotonic() - began)

    @classmethod
    def _connect_gen(cls, conninfo: str = "") -> Any:  # noqa: ANN401 - psycopg's; `connect` waits two seconds at least
        until = time.monotonic() + min(CONNECT_SECONDS, deadlines.left())
        return _ends(super()._connect_gen(conninfo), until)


def _ends(steps: Generator[Any, Any, Returned], until: float) -> Generator[Any, Any, Returned]:
    """Run the same steps, but none after `until`. Raises NoAnswer."""
    sent, step = None, next(steps)
    while True:
        sent = yield step
        if time.monotonic() > until:
            steps.close()
            raise NoAnswer("no connection in time")
        try:
            step = steps.send(sent) or step
        except StopIteration as done:
            returned: Returned = done.value
            return returned


def open_bounded(_dialect: object, _record: object, args: Any, named: Any) -> BoundedConnection:  # noqa: ANN401
    """Open a connection; SQLAlchemy calls this."""
    began = time.monotonic()
    try:
        return BoundedConnection.connect(*args, **{**NETWORK, **named})
    finally:
        deadlines.waited(time.monotonic() - began)


def limit(engine: Engine, limits: Limits) -> None:
    """Make an engine's connections wait no longer than `limits`, here and on the server."""

    # Not on connect: SQLAlchemy makes threads wait there one after another until the first has succeeded.
    @event.listens_for(engine, "checkout")
    def checked_out(connection: BoundedConnection, record: ConnectionPoolEntry, _proxy: object) -> None:
        if record.info.get(LIMITED):
            return
        connection.longest = limits.answer
        connection.autocommit = True
        connection.execute(_settings(limits))
        connection.autocommit = False
        record.info[LIMITED] = True

    @event.listens_for(engine, "begin")
    def begin(connection: EngineConnection) -> None:
        if limits.statement < (left := deadlines.left()) < math.inf:  # a page of the console
            connection.exec_driver_sql(f"SET LOCAL statement_timeout = {round(left * 1000)}")


def _settings(limits: Limits) -> str:
    """Return the SET statements for the server. Not connection `options`, which poolers refuse."""
    values = {
        "statement_timeout": round(limits.statement * 1000),
        "lock_timeout": round(limits.lock * 1000),
        "idle_in_transaction_session_timeout": round(limits.idle * 1000),
        **{f"tcp_{name.removeprefix('tcp_')}": value for name, value in NETWORK.items()},
    }
    return "; ".join(f"SET {name} = {value}" for name, value in values.items())
