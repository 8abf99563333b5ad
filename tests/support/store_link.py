"""A line between the service and a store that can be cut and mended, as networks do, or hang or drip, as stores do."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Line:
    """Carries bytes from a port on loopback to a Unix socket, until it is cut."""

    def __init__(self, target: str) -> None:
        self._target = target
        self._open: list[socket.socket] = []
        self._listener: socket.socket | None = None
        self._flows = threading.Event()
        self._flows.set()
        self._drip = 0.0
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]

    def mend(self) -> None:
        """Carry."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Refuse what comes and break what is there."""
        if self._listener:
            with contextlib.suppress(OSError):
                self._listener.shutdown(socket.SHUT_RDWR)
            self._listener.close()
            self._listener = None
        for end in self._open:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()
        self._open.clear()

    def hang(self) -> None:
        """Accept connections, take what is said, and never answer."""
        self._flows.clear()

    def drip(self, seconds: float) -> None:
        """Carry byte by byte, one every so many seconds, what the store answers."""
        self._drip = seconds

    def resume(self) -> None:
        """Carry again, and first what was said meanwhile: a store that hung works on it late."""
        self._drip = 0.0
        self._flows.set()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                near, _address = listener.accept()
                far = socket.socket(socket.AF_UNIX)
                far.connect(self._target)
            except OSError:
                return
            self._open += [near, far]
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink, sink is near), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, answers: bool) -> None:
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                self._flows.wait()
                while answers and self._drip and data:
                    sink.sendall(data[:1])
                    data = data[1:]
                    time.sleep(self._drip)
                sink.sendall(data)
        # After an error too: a peer that closes with bytes unread resets, and the other end must learn of it.
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def line_to(target: str) -> Iterator[Line]:
    """A line that carries, cut at the end."""
    line = Line(target)
    line.mend()
    try:
        yield line
    finally:
        line.resume()
        line.cut()
