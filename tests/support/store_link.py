"""A proxy between the service and a store that can break like a network, or hang and answer slowly like a store."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager


class Line:
    """Forwards bytes from a port on loopback to a Unix socket until it is cut."""

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
        """Accept connections and forward bytes."""
        listener = socket.create_server(("127.0.0.1", self.port))
        self._listener = listener
        threading.Thread(target=self._accept, args=(listener,), daemon=True).start()

    def cut(self) -> None:
        """Refuse new connections and break the open ones."""
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
        """Accept connections and read what is sent, but never answer."""
        self._flows.clear()

    def drip(self, seconds: float) -> None:
        """Forward the store's answers byte by byte, one every `seconds`."""
        self._drip = seconds

    def resume(self) -> None:
        """Forward again, starting with what was sent meanwhile, as a store that hung would process it late."""
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
        # After an error too: a peer that closes with unread bytes sends a reset, and the other end must notice.
        with contextlib.suppress(OSError):
            sink.shutdown(socket.SHUT_WR)


@contextmanager
def line_to(target: str) -> Iterator[Line]:
    """Yield a line that forwards, and cut it at the end."""
    line = Line(target)
    line.mend()
    try:
        yield line
    finally:
        line.resume()
        line.cut()
