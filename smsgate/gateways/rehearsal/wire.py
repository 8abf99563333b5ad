"""HTTP as the provider speaks it: forms in, JSON out, connections that are kept; each call answered in one write."""

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
LONGEST_SILENCE = 60.0  # seconds that a caller is kept waiting for an answer that never comes


@dataclass
class Call:
    """One request, and the ways to answer it."""

    handler: BaseHTTPRequestHandler
    method: str
    path: str
    headers: dict[str, str]
    form: dict[str, str]
    draw: Random = field(default_factory=Random)  # what is left to chance
    at: float = field(default_factory=time.monotonic)

    @property
    def numbers(self) -> list[str]:
        """To whom the text goes."""
        return self.form["to"].split(",")

    @property
    def words(self) -> str:
        """The text."""
        return self.form.get("message", "")

    def answer(self, status: int, body: str, content_type: str = JSON, length: int | None = None) -> None:
        """Answer, perhaps with a length that is not the body's."""
        said = body.encode()
        head = (
            f"HTTP/1.1 {status} {responses.get(status, 'Unknown')}\r\nContent-Type: {content_type}\r\n"
            f"Content-Length: {len(said) if length is None else length}\r\n\r\n"
        )
        self.handler.wfile.write(head.encode() + said)

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
        """Never answer: until the caller gives up."""
        select.select([self.handler.connection], [], [], LONGEST_SILENCE)
        self.drop()


class Server(ThreadingHTTPServer):
    """One thread for a connection."""

    daemon_threads = True
    request_queue_size = 128
    block_on_close = False  # a caller that is kept waiting does not keep us

    def __init__(self, host: str, port: int, take: Callable[[Call], None]) -> None:
        self.take = take
        super().__init__((host, port), Handler)

    def handle_error(self, request: object, client_address: object) -> None:
        """A caller that hung up is part of every rehearsal."""


class Handler(BaseHTTPRequestHandler):
    """Reads the form and has the call taken."""

    protocol_version = "HTTP/1.1"
    server: Server

    def do_POST(self) -> None:
        """A form in the body."""
        self._take(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode())

    def do_GET(self) -> None:
        """A form in the address."""
        self._take(urlsplit(self.path).query)

    def _take(self, form: str) -> None:
        fields = dict(parse_qsl(form, keep_blank_values=True))
        self.server.take(Call(self, self.command, urlsplit(self.path).path, dict(self.headers), fields))

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the ledger does."""
