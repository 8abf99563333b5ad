"""Redis: a client that tries once and never waits long, Lua scripts, and a guard for what can do without it.

It talks to one server, or to a proxy that looks like one. Clusters are not supported: the keys of a script may be on
several of their servers.

redis-py does the talking: addresses, passwords, TLS, timeouts, the protocol (parsed by hiredis). Scripts run on a
connection kept per thread: through redis-py's pool they cost more than twice the CPU time (bench/README.md).
"""

from __future__ import annotations

import hashlib
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import structlog
from hiredis import pack_command
from redis import ConnectionPool, Redis
from redis.backoff import NoBackoff
from redis.connection import DefaultParser
from redis.exceptions import ConnectionError, NoScriptError, RedisError, ResponseError, TimeoutError
from redis.maint_notifications import MaintNotificationsConfig
from redis.retry import Retry
from redis.utils import SENTINEL

from smsgate.core.waits import deadlines

log = structlog.get_logger()

TIMEOUT_SECONDS = 1.0  # for connecting, and for each reply: a USSD turn ends within two seconds while Redis hangs
OUTAGE_SECONDS = 5.0  # during which nobody asks again after a failure: each command costs a second while Redis hangs

Argument = str | bytes | int
Command = Sequence[Argument]
Reply = bytes | int | None  # the types that our scripts return
Answer = TypeVar("Answer")


def connect(url: str) -> Redis:
    """Return a client for redis://, rediss:// or unix://; opens no connection yet. Raises ValueError for another URL.

    Each command is tried once: a caller is waiting, and a command whose reply was lost, such as taking a turn, must not
    run twice.
    """
    return Redis.from_url(
        url,
        socket_connect_timeout=TIMEOUT_SECONDS,
        socket_timeout=TIMEOUT_SECONDS,
        retry=Retry(NoBackoff(), 0),
        parser_class=BoundedParser,
        maint_notifications_config=MaintNotificationsConfig(enabled=False),  # a server could lengthen timeouts
    )


class BoundedParser(DefaultParser):  # type: ignore[misc,valid-type]
    """Reads each reply within one deadline. A socket's timeout holds for each read, so a dripping reply never ends."""

    _until = 0.0

    def read_response(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - redis-py's
        """Return a reply. Raises TimeoutError."""
        self._until, began = 0.0, time.monotonic()
        try:
            return super().read_response(*args, **kwargs)
        finally:
            deadlines.waited(time.monotonic() - began)

    def read_from_socket(self, timeout: Any = SENTINEL, raise_on_timeout: bool = True) -> bool:  # noqa: ANN401
        """Read what has arrived. A further read for the same reply, or one close to a deadline, waits less."""
        if timeout is SENTINEL and self._socket_timeout is not None:  # else the caller set it, as RQ for a blocking pop
            timeout = self._left()
        read: bool = super().read_from_socket(timeout, raise_on_timeout)
        return read

    def _left(self) -> Any:  # noqa: ANN401 - SENTINEL, which spares the usual case a system call, or seconds
        now = time.monotonic()
        if self._until:
            if now >= self._until:
                raise TimeoutError("no whole reply in time")
            return self._until - now
        seconds = min(self._socket_timeout, deadlines.left())
        self._until = now + seconds
        return SENTINEL if seconds == self._socket_timeout else seconds


class Script:
    """A Lua script. It may run twice if a connection breaks meanwhile, so it has to be safe to repeat."""

    def __init__(self, redis: Redis, text: str) -> None:
        self._pool = redis.connection_pool
        self._text = text
        self._sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: Sequence[str], args: Sequence[Argument]) -> Reply:
        """Return the script's result: text as bytes, a number, or None for false. Raises RedisError."""
        connection, arguments = _connections.to(self._pool), (len(keys), *keys, *args)
        try:
            return connection.request("EVALSHA", self._sha, *arguments)
        except NoScriptError:
            return connection.request("EVAL", self._text, *arguments)

    def fire_and_forget(self, keys: Sequence[str], args: Sequence[Argument]) -> None:
        """Send the script and return before it runs; its errors are lost. Raises RedisError if it cannot be sent."""
        _connections.to(self._pool).post("EVAL", self._text, len(keys), *keys, *args)


class _KeptConnection:
    """A connection that stays open between commands and is reopened when it breaks."""

    def __init__(self, pool: ConnectionPool) -> None:
        # Not `pool.make_connection`: it allows a fixed number in a pool's life and never learns that a thread has
        # ended.
        self._connection = pool.connection_class(**pool.connection_kwargs)
        self._unread = False  # the reply to the last `post` is still to come

    def request(self, *command: Argument) -> Reply:
        """Send a command and return its reply."""
        return self._reopened_once(self._exchange, command)

    def post(self, *command: Argument) -> None:
        """Send a command; its reply is read and dropped before the next one."""
        self._reopened_once(self._post, command)

    def _reopened_once(self, action: Callable[[Command], Answer], command: Command) -> Answer:
        """Retry on a new connection, but only if the kept one was open: it may have been closed since its last use."""
        kept = self._connection.is_connected
        try:
            return self._in_step(action, command)
        except ConnectionError:
            if not kept:
                raise
            return self._in_step(action, command)

    def _in_step(self, action: Callable[[Command], Answer], command: Command) -> Answer:
        """Close the connection unless Redis replied: a late reply would be taken for the next command's."""
        try:
            return action(command)
        except ResponseError:
            raise
        except BaseException:  # a signal handler may raise anything
            self._connection.disconnect()
            self._unread = False
            raise

    def _exchange(self, command: Command) -> Reply:
        self._send(command)
        reply: Reply = self._connection.read_response()
        return reply

    def _post(self, command: Command) -> None:
        self._send(command)
        self._unread = True

    def _send(self, command: Command) -> None:
        # Packed by hiredis itself: redis-py looks at each argument first, which takes four times as long.
        self._connection.send_packed_command([pack_command(tuple(command))], check_health=False)  # type: ignore[arg-type]
        if self._unread:
            try:
                self._connection.read_response()
            except ResponseError as error:  # nobody waits for it; Redis may be full or read-only
                log.warning("redis_refused", error=type(error).__name__)
            self._unread = False


class _ThreadConnections(threading.local):
    """The current thread's connections by pool. Those from before a fork belong to the parent process."""

    process = 0
    by_pool: WeakKeyDictionary[ConnectionPool, _KeptConnection]

    def to(self, pool: ConnectionPool) -> _KeptConnection:
        """Return the thread's connection for a pool; opened when first used."""
        if self.process != os.getpid():
            self.process, self.by_pool = os.getpid(), WeakKeyDictionary()
        connection = self.by_pool.get(pool)
        if connection is None:
            connection = self.by_pool[pool] = _KeptConnection(pool)
        return connection


_connections = _ThreadConnections()


class OutageGuard:
    """Skips Redis for some seconds after a failure; for features that can go on without it."""

    def __init__(self) -> None:
        self._skip_until = 0.0

    def is_away(self) -> bool:
        """True for some seconds after a failure."""
        return time.monotonic() < self._skip_until

    def failed(self) -> None:
        """Note that a command failed just now."""
        self._skip_until = time.monotonic() + OUTAGE_SECONDS

    def attempt(self, command: Callable[[], Answer]) -> Answer | None:
        """Return the result of `command`; None while Redis is away."""
        if self.is_away():
            return None
        try:
            return command()
        except RedisError:
            self.failed()
            return None
