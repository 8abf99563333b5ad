"""A provider at the wire: speaks the form of Africa's Talking over HTTP, and misbehaves when it is told to."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

Answer = Callable[["Call"], None]


@dataclass
class Call:
    """One request, and the ways to answer it."""

    handler: BaseHTTPRequestHandler
    path: str
    headers: dict[str, str]
    form: dict[str, str]
    at: float = field(default_factory=time.monotonic)

    @property
    def numbers(self) -> list[str]:
        return self.form["to"].split(",")

    def answer(self, status: int, body: str, content_type: str = "application/json") -> None:
        self.handler.send_response(status)
        self.handler.send_header("Content-Type", content_type)
        self.handler.send_header("Content-Length", str(len(body.encode())))
        self.handler.end_headers()
        self.handler.wfile.write(body.encode())

    def drop(self) -> None:
        """The connection breaks after the text was read."""
        self.handler.close_connection = True


def recipients(call: Call, code: int = 101, status: str = "Success") -> list[dict[str, object]]:
    return [
        {"number": n, "statusCode": code, "status": status, "messageId": f"ATXid_{n[-6:]}_{time.time_ns()}",
         "cost": "KES 0.8000"}
        for n in call.numbers
    ]  # fmt: skip


def reply(rows: list[dict[str, object]], message: str = "Sent") -> str:
    return json.dumps({"SMSMessageData": {"Message": message, "Recipients": rows}})


def accepts(call: Call) -> None:
    call.answer(201, reply(recipients(call)))


@dataclass
class Provider:
    """What it was asked, and how it answers."""

    url: str
    answers: Answer = accepts
    calls: list[Call] = field(default_factory=list)
    connections: set[tuple[str, int]] = field(default_factory=set)
    stopped: threading.Event = field(default_factory=threading.Event)
    balance: str = "KES 5000.0000"
    looks: int = 0  # at the balance

    def hang(self, _call: Call) -> None:
        """Never answer, as long as the test lasts."""
        self.stopped.wait(60)

    def waits_for(self, count: int, seconds: float = 15.0) -> bool:
        """True as soon as `count` calls came."""
        until = time.monotonic() + seconds
        while len(self.calls) < count and time.monotonic() < until:
            time.sleep(0.01)
        return len(self.calls) >= count


class _Quiet(ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 50

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that hung up is what some tests are about."""


@contextmanager
def provider() -> Iterator[Provider]:
    """A provider on a port of its own."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {name: values[0] for name, values in parse_qs(body).items()}
            call = Call(self, self.path, dict(self.headers), form)
            made.connections.add(self.client_address)
            made.calls.append(call)
            made.answers(call)

        def do_GET(self) -> None:
            made.looks += 1
            status, body = 200, json.dumps({"UserData": {"balance": made.balance}})
            if not made.balance:
                status, body = 500, "no"
            Call(self, self.path, dict(self.headers), {}).answer(status, body)

        def log_message(self, *_: object) -> None: ...

    server = _Quiet(("127.0.0.1", 0), Handler)
    made = Provider(f"http://127.0.0.1:{server.server_port}")
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.stopped.set()
        server.shutdown()
        server.server_close()
        thread.join()
