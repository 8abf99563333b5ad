"""Two accounts at the wire, and the service that texts through them in this process, by the test's own clock."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from smsgate import create_app, jobs
from smsgate.config import Settings
from smsgate.models import Lane
from smsgate.service import Service, wire
from tests.outbox import Outbox
from tests.people import Clock, passes, work
from tests.provider import Answer, Call, Provider, provider, recipients, reply

TOKEN = "m" * 20
OPERATOR = "+254711009999"


def refuses(call: Call) -> None:
    """A wrong key."""
    call.answer(401, "The supplied authentication is invalid", "text/plain")


def is_busy(call: Call) -> None:
    """Refused at the door."""
    call.answer(503, "later", "text/plain")


def fails_inside(call: Call) -> None:
    """Perhaps it was sent."""
    call.answer(500, "oops", "text/plain")


def is_out_of_credit(call: Call) -> None:
    """No text is taken."""
    call.answer(201, reply(recipients(call, 405, "InsufficientBalance")))


@dataclass
class Accounts:
    """Both providers, and what a test does with them."""

    first: Provider
    second: Provider
    service: Service
    clock: Clock

    def __post_init__(self) -> None:
        self.outbox = Outbox(self.service)
        self.client = create_app(self.service).test_client()

    def broadcast(self, count: int, words: str = "Notice", **more: Any) -> list[int]:
        """Texts in the bulk lane."""
        return self.outbox.queues(*(self.outbox.draft(words=words, lane=Lane.BULK, **more) for _ in range(count)))

    def works(self) -> None:
        """The workers drain every lane."""
        work(self.service)

    def passes(self, **time: float) -> None:
        """Time goes by; the clock makes its round and the workers work."""
        passes(self.service, self.clock, **time)

    def ready(self) -> dict[str, Any]:
        """What a watcher reads."""
        return dict(self.client.get("/ready").json or {})

    def figures(self) -> str:
        """What Prometheus reads."""
        return self.client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"}).get_data(as_text=True)

    def texts(self, which: Provider) -> list[str]:
        """The words that an account was given, call by call."""
        return [call.form["message"] for call in which.calls]


@contextmanager
def accounts(settings: Settings, clock: Clock, **changes: Any) -> Iterator[Accounts]:
    """The service on two accounts; `fallback_username=""` for one."""
    with provider() as first, provider() as second:
        values: dict[str, Any] = {
            "gateway": "africastalking", "africastalking_username": "tumaini", "africastalking_api_key": "key",
            "africastalking_url": first.url, "fallback_username": "tumaini2", "fallback_api_key": "key2",
            "fallback_sender": "PEERS2", "fallback_url": second.url, "batch": 5, "rate": 0, "metrics_token": TOKEN,
        }  # fmt: skip
        service = wire(replace(settings, **{**values, **changes}), now=clock.now)
        jobs.use(service)
        jobs.stopping.clear()
        yield Accounts(first, second, service, clock)
        service.close()


__all__ = ["OPERATOR", "Accounts", "Answer", "accounts", "fails_inside", "is_busy", "is_out_of_credit", "refuses"]
