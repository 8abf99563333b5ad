"""Whatever is posted to the callbacks gets a status below 500, and afterwards dials and texts work as before.

Forms come from a seed: the oddest numbers, texts, dates and ids that we could think of, missing, repeated or binary
fields, other methods, other content types. `make nightly` posts a million.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random
from typing import Any
from urllib.parse import quote_from_bytes

import pytest
import structlog
from flask.testing import FlaskClient
from sqlalchemy import func, select

from smsgate import create_app
from smsgate.core.config import Settings
from smsgate.groups import groups
from smsgate.models import RowFailure
from smsgate.service import Service
from smsgate.web.hooks import africastalking
from smsgate.workers import scheduler
from tests.support.people import TOKEN, Clock, Phone, work
from tests.support.waiting import wire_patiently

POSTS = int(os.environ.get("SMSGATE_FUZZ_POSTS", "600"))
SEED = int(os.environ.get("SMSGATE_FUZZ_SEED", "16"))
ROUND = 200  # posts, after which the workers run and someone dials
HOOKS = ("ussd", "ussd/end", "sms", "delivery", "optout", "voice", "nothing", "ussd/", "", "../metrics", "sms%00")
FIELDS = (
    "sessionId", "phoneNumber", "serviceCode", "text", "id", "from", "to", "date", "status", "failureReason",
    "networkCode", "isActive", "callerNumber", "direction", "linkId", "durationInSeconds", "hopDescription", "",
)  # fmt: skip
NUMBERS = (
    "+254711000001", "254711000002", "0711000003", "+254711 000 004", "anonymous", "", "+", "1", "0" * 40, "+1555",
    "٠٧١١٠٠٠٠٠١", "0711OOO001", "+254711000001;+254711000002", "tel:+254711000001", "+2547110000011111111", "null",
)  # fmt: skip
TEXTS = (
    "", "1", "1*2", "1*2*3*1*1", "*" * 50, "9" * 400, "1*" * 800, "STOP", "stop sms", "JOIN 4521", "4521",
    "FIND nakuru", "PEER hello", "PEER END", "help", "nipo sawa", "yes", "👍🏾", "e\u0301" * 70, "\x00", "\ud7ff\ue000",
    "\u202e1", "<script>", "' OR 1=1 --", "{count}", "%s%n", "\r\n.\r\n", "a" * 5000, "ﷺ" * 40, "1#", "98", "0", "00",
    "*384*77*4521#", "I am fine",
)  # fmt: skip
DATES = ("", "2026-11-23 09:00:00", "2026-11-23T06:00:00Z", "yesterday", "0000-00-00 00:00:00", "9999-12-31", "1e99")
STATUSES = ("Success", "success", "Failed", "Rejected", "Expired", "AbsentSubscriber", "UserInBlacklist", "", "?", "1")
TYPES = ("application/x-www-form-urlencoded", "application/json", "text/plain", "multipart/form-data", "x/y; charset=z")


@dataclass
class Fuzzer:
    """Makes posts that a provider would not make, from one random generator."""

    client: FlaskClient
    chance: Random

    def posts(self) -> tuple[int, str]:
        """Post something; return the status and a description of the post."""
        hook = self.chance.choice(HOOKS[:6] if self.chance.random() < 0.9 else HOOKS)
        token = TOKEN if self.chance.random() < 0.97 else self.chance.choice(("", "x", TOKEN + "x", "%ff"))
        path, body = f"/hooks/{token}/africastalking/{hook}", self.body()
        kind = TYPES[0] if self.chance.random() < 0.95 else self.chance.choice(TYPES)
        method = "POST" if self.chance.random() < 0.97 else self.chance.choice(("GET", "PUT", "DELETE", "OPTIONS"))
        answer = self.client.open(path, method=method, data=body, content_type=kind)
        return answer.status_code, f"{method} {path} {kind} {body[:500]!r}"

    def body(self) -> bytes:
        if self.chance.random() < 0.02:
            return self.chance.randbytes(self.chance.randrange(300))
        names = [name for name in FIELDS[:-1] if self.chance.random() < 0.8]
        names += self.chance.choices(FIELDS, k=self.chance.choice((0, 0, 0, 1, 3)))
        return b"&".join(f"{name}={quote_from_bytes(self.value(name))}".encode() for name in names)

    def value(self, name: str) -> bytes:
        draw: dict[str, Callable[[], str]] = {
            "phoneNumber": self.number, "from": self.number, "callerNumber": self.number,
            "sessionId": lambda: f"s{self.chance.randrange(30)}",
            "id": lambda: f"m{self.chance.randrange(10**6)}",
            "date": lambda: self.chance.choice(DATES),
            "status": lambda: self.chance.choice(STATUSES),
        }  # fmt: skip
        chosen = draw.get(name, self.text)() if self.chance.random() < 0.95 else self.text()
        raw = chosen.encode("utf-8", "surrogatepass")
        return raw if self.chance.random() < 0.98 else raw + self.chance.randbytes(3)

    def number(self) -> str:
        if self.chance.random() < 0.7:
            return f"+2547110{self.chance.randrange(60):05}"
        return self.chance.choice(NUMBERS)

    def text(self) -> str:
        if self.chance.random() < 0.5:  # a sequence of keys, as in a longer call
            return "*".join(str(self.chance.randrange(10)) for _key in range(self.chance.randrange(6)))
        if self.chance.random() < 0.1:
            return "".join(chr(self.chance.randrange(1, 0xD7FF)) for _sign in range(self.chance.randrange(40)))
        return self.chance.choice(TEXTS)


class Loud:
    """A log that turns errors into failures, since callers get a kind sentence, which would hide them from the test."""

    def __init__(self) -> None:
        self._log = structlog.get_logger()

    def __getattr__(self, level: str) -> Any:
        return getattr(self._log, level)

    def exception(self, event: str, **about: Any) -> None:
        raise AssertionError(event)


@pytest.fixture
def open_door(settings: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Yield the service with a group, and without a rate limit per token."""
    monkeypatch.setattr(africastalking, "log", Loud())
    made = wire_patiently(replace(settings, hook_rate=0), clock.now)
    with made.database.transaction() as session:
        groups.create(session, "Tumaini", "Africa/Nairobi", clock.now(), code="4521", listed=True)
    yield made
    made.close()


def test_nothing_that_is_posted_is_answered_with_500(open_door: Service, clock: Clock) -> None:
    client = create_app(open_door).test_client()
    fuzzer = Fuzzer(client, Random(SEED))
    for post in range(1, POSTS + 1):
        status, posted = fuzzer.posts()
        assert status < 500, (post, posted)
        clock.time += timedelta(seconds=0.2)
        if post % ROUND == 0:
            all_goes_on(client, open_door, post)


def all_goes_on(client: FlaskClient, service: Service, post: int) -> None:
    work(service)
    scheduler.run_scheduled_tasks(service)
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(RowFailure)) == 0, f"a row was set aside, by {post}"
    somebody = Phone(client, service, f"+2547220{post % 90000:05}")
    assert somebody.dials().startswith("Welcome / Karibu"), post
    somebody.drops()
