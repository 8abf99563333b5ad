"""Lua scripts in Redis, on a connection that each thread keeps: redis-py's pool costs more than the script itself."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import NoScriptError, RedisError

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
        connection = _connection(self._pool)
        parts = (len(keys), *keys, *args)
        try:
            return _answer(connection, "EVALSHA", self._sha, *parts)
        except NoScriptError:
            return _answer(connection, "EVAL", self._text, *parts)


class _Kept(threading.local):
    """The thread's connections by pool; those of another process, from before a fork, are not ours to use."""

    process = 0

    def __init__(self) -> None:
        self.connections: dict[int, tuple[Any, Any]] = {}


_kept = _Kept()


def _connection(pool: Any) -> Any:  # noqa: ANN401 - redis-py's own types say less
    if _kept.process != os.getpid():
        _kept.connections, _kept.process = {}, os.getpid()
    if id(pool) not in _kept.connections:
        made = pool.make_connection()
        made.socket_timeout = SECONDS
        _kept.connections[id(pool)] = (made, pool)  # with the pool, so that its id stays its own
    connection, _pool = _kept.connections[id(pool)]
    if connection.is_connected and _is_broken(connection):
        connection.disconnect()
    return connection


def _is_broken(connection: Any) -> bool:  # noqa: ANN401
    """True where Redis went away meanwhile, or something is left of an answer that nobody waited for."""
    try:
        return bool(connection.can_read())
    except (RedisError, OSError):
        return True


def _answer(connection: Any, *command: Part) -> Any:  # noqa: ANN401
    connection.send_command(*command, check_health=False)
    return connection.read_response()
