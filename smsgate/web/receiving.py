"""gunicorn's threaded worker, changed so that a request gets a thread only once all of it has arrived.

Otherwise 40 connections that send nothing, or send slowly, could hold every thread. Here the loop that accepts
connections also receives requests, without blocking; slow clients are disconnected, and the connections that have
waited longest make room for new ones. `/health` has its own thread, so it answers while all others wait for a store.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from selectors import EVENT_READ
from typing import Any

from gunicorn import http
from gunicorn.workers.gthread import TConn, ThreadWorker

IDLE_SECONDS = 5.0  # without a byte, before a request or within one
WHOLE_SECONDS = 15.0  # from a request's first byte to its last
READ_SECONDS, WRITE_SECONDS = 5, 10  # that a thread waits for a client that doesn't send or read
MOST_HEADERS, MOST_BYTES = 32 * 1024, 128 * 1024  # above the application's own limits, so that it does the refusing
MOST_RECEIVING = 400  # connections per process; each takes a file descriptor
HEALTH = b"GET /health "
LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,9})[ \t]*(?:\r\n|$)", re.IGNORECASE)
CHUNKED = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)


def is_whole(received: bytes | bytearray) -> bool:
    """Return whether a request is complete, or so large or malformed that it is refused without reading on."""
    end = received.find(b"\r\n\r\n")
    if end < 0:
        return len(received) > MOST_HEADERS
    head = bytes(received[: end + 2])
    if CHUNKED.search(head):
        return received.endswith(b"0\r\n\r\n") or len(received) > MOST_BYTES
    length = LENGTH.search(head)
    needed = int(length[1]) if length else 0
    return len(received) >= end + 4 + needed or needed > MOST_BYTES


class Receiving:
    """A connection whose next request is still arriving."""

    def __init__(self, connection: TConn) -> None:
        self.connection = connection
        self.received = bytearray()
        self.until = time.monotonic() + IDLE_SECONDS
        self._whole_until = 0.0

    def read(self) -> bytes | None:
        """Return the request if it is complete, b"" if the client has gone, else None. Never blocks."""
        try:
            data = self.connection.sock.recv(65536)
        except BlockingIOError:
            return None
        except OSError:
            return b""
        self.took(data)
        if not data:
            return b""
        return bytes(self.received) if is_whole(self.received) else None

    def took(self, data: bytes) -> None:
        """Add bytes that arrived, and extend the deadline."""
        now = time.monotonic()
        self._whole_until = self._whole_until or now + WHOLE_SECONDS
        self.received += data
        self.until = min(now + IDLE_SECONDS, self._whole_until)


class ReceivingWorker(ThreadWorker):  # type: ignore[misc]
    """Accepts connections, receives requests, and hands complete ones over to threads."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:  # noqa: ANN401 - gunicorn's
        super().__init__(*args, **kwargs)
        self._receiving: dict[Receiving, None] = {}  # oldest first
        self._health = ThreadPoolExecutor(1)

    def accept(self, listener: socket.socket) -> None:
        """Accept a connection and start to receive, without a thread."""
        try:
            client, address = listener.accept()
        except OSError:  # gone already, or no file descriptor left: slow clients free some within seconds
            return
        _limit(client)
        self.nr_conns += 1
        self._receive(TConn(self.cfg, client, address, listener.getsockname()))

    def on_client_socket_readable(self, conn: TConn, client: socket.socket) -> None:
        """Receive the next request on a keep-alive connection."""
        self.poller.unregister(client)
        self.keepalived_conns.remove(conn)
        self._receive(conn)

    def murder_pending(self) -> None:
        """Disconnect clients that take too long; while this process stops, also those that have sent nothing yet."""
        now = time.monotonic()
        for receiving in [one for one in self._receiving if one.until < now or not (self.alive or one.received)]:
            self._drop(receiving)

    def _receive(self, connection: TConn) -> None:
        """Read what has arrived, which is nearly always the whole request; otherwise register to read the rest."""
        connection.sock.setblocking(False)
        receiving = Receiving(connection)
        if (received := receiving.read()) is not None:
            return self._finish(connection, received)
        if len(self._receiving) >= MOST_RECEIVING:
            self._drop(next(iter(self._receiving)))
        self._receiving[receiving] = None
        self.poller.register(connection.sock, EVENT_READ, partial(self._more, receiving))
        return None

    def _more(self, receiving: Receiving, _client: socket.socket) -> None:
        if (received := receiving.read()) is not None:
            self._stop_receiving(receiving)
            self._finish(receiving.connection, received)

    def _finish(self, connection: TConn, received: bytes) -> None:
        """Hand over a complete request; close the connection if there is none."""
        if received:
            self._hand_over(connection, received)
        else:
            self.nr_conns -= 1
            connection.close()

    def _hand_over(self, connection: TConn, received: bytes) -> None:
        connection.data_ready = True
        if connection.parser is None:
            connection.parser = http.get_parser(self.cfg, connection.sock, connection.client)
        connection.parser.unreader.unread(received)
        if received.startswith(HEALTH):
            self._submit(self._health, connection)
        else:
            self.enqueue_req(connection)

    def _submit(self, pool: ThreadPoolExecutor, connection: TConn) -> None:
        done: Callable[..., object] = partial(self.method_queue.defer, self.finish_request, connection)
        pool.submit(self.handle, connection).add_done_callback(done)

    def _stop_receiving(self, receiving: Receiving) -> None:
        del self._receiving[receiving]
        self.poller.unregister(receiving.connection.sock)

    def _drop(self, receiving: Receiving) -> None:
        self._stop_receiving(receiving)
        self._finish(receiving.connection, b"")


def _limit(client: socket.socket) -> None:
    """Set socket timeouts for the thread, in the kernel, since gunicorn removes Python's own timeout."""
    for option, seconds in ((socket.SO_RCVTIMEO, READ_SECONDS), (socket.SO_SNDTIMEO, WRITE_SECONDS)):
        client.setsockopt(socket.SOL_SOCKET, option, struct.pack("ll", seconds, 0))
