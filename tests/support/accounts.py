"""Two fake provider accounts, and a service in this process that texts through them, on the test's own clock."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from threading import Thread
from typing import Any
from uuid import uuid4

from smsgate import create_app
from smsgate.core.config import Settings
from smsgate.gateways.rehearsal.answers import Row, refused, reply
from smsgate.gateways.rehearsal.wire import Call, Server
from smsgate.models import Lane
from smsgate.service import Service, wire
from smsgate.workers import drain
from smsgate.workers.stopping import stopping
from tests.support.outbox import Outbox
from tests.support.people import Clock, passes, work
from tests.support.waiting import PATIENT

Answer = Callable[[Call], None]
TOKEN = "m" * 20
OPERATOR = "+254711009999"


def rows(call: Call, code: int = 101) -> list[Row]:
    """Return a row for each number: accepted, or refused with a code."""
    if code != 101:
        return [refused(number, code) for number in call.numbers]
    return [
        {
            "number": n,
            "statusCode": 101,
            "status": "Success",
            "messageId": f"ATXid_{uuid4().hex}",
            "cost": "KES 0.8000",
        }
        for n in call.numbers
    ]


def accepts(call: Call) -> None:
    """Accept every text."""
    call.answer(201, reply(rows(call)))


def says(code: int) -> Answer:
    """Return an answer that gives every recipient this status code."""
    return lambda call: call.answer(201, reply(rows(call, code)))


def refuses(call: Call) -> None:
    """Answer as if the API key were wrong."""
    call.answer(401, "The supplied authentication is invalid", "text/plain")


def is_busy(call: Call) -> None:
    """Answer 503, before any text is accepted."""
    call.answer(503, "later", "text/plain")


def fails_inside(call: Call) -> None:
    """Answer 500, so that nobody knows whether the texts were sent."""
    call.answer(500, "oops", "text/plain")


def is_out_of_credit(call: Call) -> None:
    """Refuse every text for lack of credit."""
    call.answer(201, reply(rows(call, 405)))


@dataclass
class Account:
    """An account at the provider: the calls it got, how it answers them, and its balance."""

    url: str = ""
    answers: Answer = accepts
    calls: list[Call] = field(default_factory=list)
    balance: str = "KES 5000.0000"
    looks: int = 0

    def take(self, call: Call) -> None:
        """Take a call that sends texts or asks for the balance."""
        if call.method == "POST":
            self.calls.append(call)
            self.answers(call)
            return
        self.looks += 1
        if self.balance:
            call.says(200, {"UserData": {"balance": self.balance}})
        else:
            call.answer(500, "no")


@contextmanager
def account() -> Iterator[Account]:
    """Yield an account that listens on its own port."""
    made = Account()
    server = Server("127.0.0.1", 0, made.take)
    made.url = f"http://127.0.0.1:{server.server_port}"
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class Accounts:
    """Both accounts and the service, and what a test does with them."""

    first: Account
    second: Account
    service: Service
    clock: Clock

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.service)
        self.client = create_app(self.service).test_client()

    def broadcast(self, count: int, words: str = "Notice", **more: Any) -> list[int]:
        """Queue texts in the bulk lane and return their ids."""
        return self.outbox.queues(*(self.outbox.draft(words=words, lane=Lane.BULK, **more) for _ in range(count)))

    def works(self) -> None:
        """Let the workers drain every lane."""
        work(self.service)

    def passes(self, **time: float) -> None:
        """Let time go by, then run the scheduled tasks and the workers."""
        passes(self.service, self.clock, **time)

    def ready(self) -> dict[str, Any]:
        """Return the body of `/ready`."""
        return dict(self.client.get("/ready").json or {})

    def figures(self) -> str:
        """Return the body of `/metrics`."""
        return self.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).get_data(as_text=True)

    def texts(self, which: Account) -> list[str]:
        """Return the words that an account was given, call by call."""
        return [call.form["message"] for call in which.calls]


@contextmanager
def accounts(settings: Settings, clock: Clock, **changes: Any) -> Iterator[Accounts]:
    """Yield the service with two accounts; `fallback_username=""` leaves it only the first."""
    with account() as first, account() as second:
        values: dict[str, Any] = {
            "gateway": "africastalking", "africastalking_username": "tumaini", "africastalking_api_key": "key",
            "africastalking_url": first.url, "fallback_username": "tumaini2", "fallback_api_key": "key2",
            "fallback_sender": "PEERS2", "fallback_url": second.url, "batch": 5, "rate": 0, "metrics_token": TOKEN,
        }  # fmt: skip
        service = wire(replace(settings, **{**values, **changes}), now=clock.now, limits=PATIENT)
        drain.use(service)
        stopping.clear()
        yield Accounts(first, second, service, clock)
        service.close()
