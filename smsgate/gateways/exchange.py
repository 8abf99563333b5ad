"""HTTP exchanges with one deadline for the whole exchange, and an answer of limited size.

The timeouts of `requests` hold for each read from a socket, so it would wait forever for a server that sends a byte
every two seconds. Here a timer shuts the socket down, whatever is going on by then: connecting, the TLS handshake, or
the answer.
"""

from __future__ import annotations

import os
import socket
import threading
from contextlib import suppress
from typing import Any, NamedTuple

import requests
from requests.adapters import HTTPAdapter
from urllib3 import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.connection import HTTPConnection, HTTPSConnection

MOST_BYTES = 1024 * 1024  # of an answer; one for a thousand recipients has 150 KB
CHUNK_BYTES = 64 * 1024


class AnswerTooLong(requests.RequestException):
    """The answer is longer than any that makes sense."""


class Answer(NamedTuple):
    """What a server answered."""

    status: int
    body: bytes


class _Exchange:
    """One exchange: the socket that it is on, and whether its time is over."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self.is_over = False
        self.is_asked = False  # the request may have been sent

    def uses(self, used: socket.socket) -> None:
        """Keep a copy of the socket: TLS takes over the socket itself, and an answer the connection."""
        with self._lock:
            self._close()
            self._socket = socket.socket(fileno=os.dup(used.fileno()))
            if self.is_over:
                self._shut()

    def times_out(self) -> None:
        """Wake the thread that waits on the socket."""
        with self._lock:
            self.is_over = True
            self._shut()

    def ends(self) -> None:
        """Close our copy of the socket; the session keeps its own."""
        with self._lock:
            self._close()

    def _shut(self) -> None:
        if self._socket:
            with suppress(OSError):  # the other end may have closed it
                self._socket.shutdown(socket.SHUT_RDWR)

    def _close(self) -> None:
        if self._socket:
            self._socket.close()
            self._socket = None


class _Current(threading.local):
    exchange = _Exchange()  # one that never times out, for connections without a deadline


_current = _Current()


class _Watched:
    """Makes both kinds of connection report their socket to the exchange that uses them."""

    def _new_conn(self) -> socket.socket:
        made: socket.socket = super()._new_conn()  # type: ignore[misc]
        _current.exchange.uses(made)
        return made

    def request(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - urllib3's
        if self.sock is not None:  # type: ignore[attr-defined]
            _current.exchange.uses(self.sock)  # type: ignore[attr-defined]
        _current.exchange.is_asked = True
        super().request(*args, **kwargs)  # type: ignore[misc]


class _Connection(_Watched, HTTPConnection): ...


class _TlsConnection(_Watched, HTTPSConnection): ...


class _Pool(HTTPConnectionPool):
    ConnectionCls = _Connection


class _TlsPool(HTTPSConnectionPool):
    ConnectionCls = _TlsConnection


class _Adapter(HTTPAdapter):
    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 - requests'
        for manager in (self.poolmanager, *self.proxy_manager.values()):
            manager.pool_classes_by_scheme = {"http": _Pool, "https": _TlsPool}
        return super().get_connection_with_tls_context(*args, **kwargs)


def session() -> requests.Session:
    """Return a session whose exchanges can be bounded."""
    made = requests.Session()
    for scheme in ("http://", "https://"):
        made.mount(scheme, _Adapter())
    return made


def exchange(using: requests.Session, seconds: float, method: str, url: str, **options: Any) -> Answer:  # noqa: ANN401
    """Return the answer, within `seconds` in all. Raises ConnectTimeout if nothing was sent yet, else ReadTimeout."""
    current = _Exchange()
    timer = threading.Timer(seconds, current.times_out)
    timer.daemon = True
    before, _current.exchange = _current.exchange, current
    timer.start()
    try:
        # A redirect would repeat a POST as a GET, without its form; it is treated like any other refusal.
        with using.request(method, url, stream=True, allow_redirects=False, **options) as response:
            answer = Answer(response.status_code, _body(response))
    except (requests.RequestException, OSError):
        if not current.is_over:
            raise
    else:
        if not current.is_over:  # else what looks like its end may be our shutdown
            return answer
    finally:
        timer.cancel()
        _current.exchange = before
        current.ends()
    raise requests.ReadTimeout if current.is_asked else requests.ConnectTimeout


def _body(response: requests.Response) -> bytes:
    body = bytearray()
    for chunk in response.iter_content(CHUNK_BYTES):
        body += chunk
        if len(body) > MOST_BYTES:
            raise AnswerTooLong
    return bytes(body)
