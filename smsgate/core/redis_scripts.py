"""Lua scripts in Redis, on a connection that each thread keeps: redis-py's pool and parser cost more than the script.

redis-py opens the connection (address, password, TLS); what goes over it is written and read here.
"""

from __future__ import annotations

import hashlib
import os
import socket
import struct
import threading
from collections.abc import Sequence
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError, NoScriptError, ResponseError, TimeoutError

SECONDS = 1.0  # a Redis that hangs: the turn still ends within two seconds
KERNEL_TIMEOUT = struct.pack("ll", int(SECONDS), int(SECONDS % 1 * 1_000_000))
Part = str | bytes | int


class Script:
    """One script. It may run twice where a connection broke meanwhile, so it has to bear that."""

    def __init__(self, redis: Redis, text: str) -> None:
        self._pool = redis.connection_pool
        self._text = text
        self._sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()

    def __call__(self, keys: Sequence[str], args: Sequence[Part]) -> bytes | int | None:
        """What the script returns; raises RedisError."""
        line, parts = _line(self._pool), (len(keys), *keys, *args)
        try:
            return line.ask(_packed("EVALSHA", self._sha, *parts))
        except NoScriptError:
            return line.ask(_packed("EVAL", self._text, *parts))

    def tell(self, keys: Sequence[str], args: Sequence[Part]) -> None:
        """Have the script run, and hear nothing of it; raises RedisError where Redis is gone."""
        _line(self._pool).tell(_packed("EVAL", self._text, len(keys), *keys, *args))


class _Line:
    """A connection to Redis, opened when it is needed and again when it broke."""

    def __init__(self, pool: Any) -> None:  # noqa: ANN401 - redis-py's own types say less
        self.pool = pool  # kept, so that its id stays its own
        self._connection = pool.make_connection()
        self._socket: socket.socket | None = None

    def ask(self, command: bytes) -> bytes | int | None:
        """The answer. A kept connection that turns out to be closed is opened anew, once."""
        kept = self._socket is not None
        try:
            return self._asked(command)
        except ConnectionError:
            if not kept:
                raise
            return self._asked(command)

    def tell(self, command: bytes) -> None:
        self._send(_SKIP + command)

    def _asked(self, command: bytes) -> bytes | int | None:
        line = self._send(command)
        try:
            answer = _read(line)
        except OSError as error:
            raise self._broken(error) from error
        if isinstance(answer, ResponseError):
            raise answer
        return answer

    def _send(self, command: bytes) -> socket.socket:
        line = self._socket or self._open()
        try:
            line.sendall(command)
        except OSError as error:
            raise self._broken(error) from error
        return line

    def _open(self) -> socket.socket:
        self._connection.connect()
        line: socket.socket = self._connection._sock  # it has no other name
        # The kernel's own timeouts: Python's would ask whether it may before each send and each receive.
        line.settimeout(None)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_RCVTIMEO, KERNEL_TIMEOUT)
        line.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, KERNEL_TIMEOUT)
        self._socket = line
        return line

    def _broken(self, error: OSError) -> Exception:
        """Nothing more is read from here: an answer that comes late would be taken for the next one's."""
        self._socket = None
        self._connection.disconnect()
        return TimeoutError("Redis is slow") if isinstance(error, BlockingIOError) else ConnectionError(str(error))


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


def _packed(*command: Part) -> bytes:
    parts = [part if isinstance(part, bytes) else str(part).encode() for part in command]
    return b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%b\r\n" % (len(part), part) for part in parts)


_SKIP = _packed("CLIENT", "REPLY", "SKIP")


def _read(line: socket.socket) -> bytes | int | ResponseError | None:
    """One answer, of the kinds that a script gives: text, a number, an error, nothing. Raises OSError."""
    data = _more(line)
    while (end := data.find(b"\r\n")) < 0:
        data += _more(line)
    kind, said = data[:1], data[1:end]
    if kind == b"$" and said != b"-1":
        last = end + 2 + int(said)
        while len(data) < last + 2:
            data += _more(line)
        return data[end + 2 : last]
    if kind == b"-":
        error = NoScriptError if said.startswith(b"NOSCRIPT") else ResponseError
        return error(said.decode(errors="replace"))
    return int(said) if kind == b":" else None


def _more(line: socket.socket) -> bytes:
    data = line.recv(65536)
    if not data:
        raise OSError("Redis closed the connection")
    return data
