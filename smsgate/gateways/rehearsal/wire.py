"""HTTP as the provider speaks it: forms in, JSON out, keep-alive connections; each answer in one write."""

from __future__ import annotations

import json
import select
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.client import responses
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from urllib.parse import parse_qsl, urlsplit

JSON = "application/json"
LONGEST_SILENCE = 60.0  # seconds that a caller waits for an answer that never comes


@dataclass
class Call:
    """One request, and the ways to answer it."""

    handler: BaseHTTPRequestHandler
    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]
    draw: Random = field(default_factory=Random)  # randomness for this call
    at: float = field(default_factory=time.monotonic)

    @property
    def numbers(self) -> list[str]:
        """The recipients."""
        return self.form["to"].split(",")

    @property
    def words(self) -> str:
        """The text."""
        return self.form.get("message", "")

    def answer(self, status: int, body: str, content_type: str = JSON, length: int | None = None) -> None:
        """Answer, optionally with a content length that is not the body's."""
        payload = body.encode()
        head = (
            f"HTTP/1.1 {status} {responses.get(status, 'Unknown')}\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(payload) if length is None else length}\r\n\r\n"
        )
        self.handler.wfile.write(head.encode() + payload)

    def says(self, status: int, data: object) -> None:
        """Answer with JSON."""
        self.answer(status, json.dumps(data))

    def drop(self) -> None:
        """Break the connection."""
        self.handler.close_connection = True

    def cut(self) -> None:
        """Break the connection in the middle of the answer."""
        self.answer(201, '{"SMS', length=1000)
        self.drop()

    def hang(self) -> None:
        """Never answer; wait until the caller gives up."""
        select.select([self.handler.connection], [], [], LONGEST_SILENCE)
        self.drop()


class Server(ThreadingHTTPServer):
    """An HTTP server with one thread per connection."""

    daemon_threads = True
    request_queue_size = 128
    block_on_close = False  # a caller that is kept waiting does not block shutdown

    def __init__(self, host: str, port: int, take: Callable[[Call], None]) -> None:
        self.take = take
        super().__init__((host, port), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """Ignore callers that hung up: they are part of every rehearsal."""


class Handler(BaseHTTPRequestHandler):
    """Parses the form and passes the call to `server.take`."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        """Take a form from the body."""
        self._take(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

    def do_GET(self) -> None:
        """Take a form from the query string."""
        self._take(urlsplit(self.path).query)

    def _take(self, form: str) -> None:
        fields = dict(parse_qsl(form, keep_blank_values=True))
        self.server.take(Call(self, self.command, urlsplit(self.path).path, dict(self.headers), fields))

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing: the ledger records every call."""
