"""Lua scripts in Redis, on a connection that each thread keeps: redis-py's pool costs more than the script itself."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from typing import Any

import structlog
from redis import Redis
from redis.exceptions import NoScriptError, RedisError, ResponseError

log = structlog.get_logger()

SECONDS = 1.0  # a Redis that hangs: the turn still ends within two seconds
Part = str | bytes | int


class Script:
    """One script; no retries: who waits for the answer is a person, for two seconds at most."""

    def __init__(self, redis: Redis, text: str) -> None:
        self._pool = redis.connection_pool
        self._text = text
        self._sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: Sequence[str], args: Sequence[Part]) -> Any:  # noqa: ANN401 - whatever the script returns
        """What the script returns; raises RedisError."""
        line, parts = _line(self._pool), (len(keys), *keys, *args)
        try:
            return line.ask("EVALSHA", self._sha, *parts)
        except NoScriptError:
            return line.ask("EVAL", self._text, *parts)

    def tell(self, keys: Sequence[str], args: Sequence[Part]) -> None:
        """Have the script run, without waiting for what it returns; raises RedisError where Redis is gone."""
        _line(self._pool).tell("EVAL", self._text, len(keys), *keys, *args)


class _Line:
    """A connection, and how many answers on it nobody has read yet."""

    def __init__(self, pool: Any) -> None:  # noqa: ANN401 - redis-py's own types say less
        self.pool = pool  # kept, so that its id stays its own
        self._connection = pool.make_connection()
        self._connection.socket_timeout = SECONDS
        self._unread = 0

    def ask(self, *command: Part) -> Any:  # noqa: ANN401
        self._catch_up()
        self._send(command)
        return self._connection.read_response()

    def tell(self, *command: Part) -> None:
        self._catch_up()
        self._send(command)
        self._unread = 1

    def _send(self, command: Sequence[Part]) -> None:
        self._connection.send_packed_command([_packed(command)], check_health=False)

    def _catch_up(self) -> None:
        """Read what the last command returned; a connection that broke meanwhile is opened anew by the next."""
        unread, self._unread = self._unread, 0
        try:
            if unread:
                self._connection.read_response()
            elif self._connection.is_connected and self._connection.can_read():
                self._connection.disconnect()  # nobody asked for this: Redis said good-bye
        except ResponseError as error:
            log.error("script_failed", error=str(error)[:60])
        except (RedisError, OSError):
            self._connection.disconnect()


class _Kept(threading.local):
    """The thread's lines by pool; those of another process, from before a fork, are not ours to use."""

    process = 0

    def __init__(self) -> None:
        self.lines: dict[int, _Line] = {}


_kept = _Kept()


def _line(pool: Any) -> _Line:  # noqa: ANN401
    if _kept.process != os.getpid():
        _kept.lines, _kept.process = {}, os.getpid()
    if id(pool) not in _kept.lines:
        _kept.lines[id(pool)] = _Line(pool)
    return _kept.lines[id(pool)]


def _packed(command: Sequence[Part]) -> bytes:
    """A command as RESP says it; redis-py's own packing looks at every part four times."""
    parts = [part if isinstance(part, bytes) else str(part).encode() for part in command]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)
