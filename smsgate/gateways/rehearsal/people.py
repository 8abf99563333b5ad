"""Invented people with phones: they call, text and hang up, and their networks repeat what they did."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from random import Random
from uuid import uuid4

from smsgate.gateways.handset import SHORT_CODE, Handset, SessionFailed
from smsgate.gateways.rehearsal.provider import Provider, drawn

PAUSE = 0.5, 3.0  # seconds between two actions of a person
KEYS = ("1", "2", "3", "4", "0", "00", "98", "Amina", "")
TEXTS = ("MENU", "NEXT", "HELP", "1", "2", "Habari", "JOIN 4521", "STOP", "START", "")
MACHINES = ("22384", "SAFARICOM", "MPESA", "+1")


def number(index: int) -> str:
    """Return a Kenyan mobile number for a person, distinct from those in the README's examples."""
    return f"+2547119{index:05d}"


@dataclass
class Person:
    """One person. What they do and press depends only on the seed and their index."""

    provider: Provider
    index: int
    service_code: str
    copies: int = 1  # how often the network delivers each turn, at the same time
    draw: Random = field(init=False)

    def __post_init__(self) -> None:
        self.draw = Random(f"{self.provider.seed} person {self.index}")  # noqa: S311 - no secret
        self.handset = Handset(self._post, number(self.index), self.service_code)

    def _post(self, hook: str, form: dict[str, str]) -> tuple[int, str]:
        postman = self.provider.postman
        if hook == "sms":
            return postman.until_answered(hook, form)
        if hook != "ussd" or self.copies == 1:
            return postman.posts(hook, form)
        with ThreadPoolExecutor(self.copies) as threads:
            first, *_others = threads.map(postman.posts, [hook] * self.copies, [form] * self.copies)
        return first

    def lives(self, stopped: threading.Event) -> None:
        """Do one thing after another until stopped."""
        while not stopped.wait(self.draw.uniform(*PAUSE)):
            try:
                DEEDS[drawn(self.draw, self.provider.scenario.people)](self)
            except SessionFailed:
                self.provider.ledger.adds("line_broken", person=self.index)

    def dials(self) -> None:
        """Call and press a few keys."""
        self._calls(self.draw.randint(0, 5))
        self.handset.drops()

    def hangs_up(self) -> None:
        """Call, and have the line break after the first screen."""
        self._calls(0)
        self.handset.drops()

    def turn_repeated(self) -> None:
        """Call, and have the network send the same turn again."""
        self._calls(self.draw.randint(0, 2))
        if self.handset.session:
            self.handset.repeats()
        self.handset.drops()

    def two_at_once(self) -> None:
        """Call, and have the network send every turn twice, at the same time."""
        self.copies = 2
        try:
            self.dials()
        finally:
            self.copies = 1

    def _calls(self, keys: int) -> None:
        self.handset.dials()
        for _press in range(keys):
            if not self.handset.session:
                break
            self.handset.types(self.draw.choice(KEYS))

    def texts(self) -> None:
        """Text a word, which is repeated until it is answered."""
        self.handset.texts(self.draw.choice(TEXTS))

    def text_repeated(self) -> None:
        """Text, and have the provider deliver the same text twice."""
        words, text_id = self.draw.choice(TEXTS), uuid4().hex
        for _copy in range(2):
            self.handset.texts(words, message_id=text_id)

    def machine_texts(self) -> None:
        """Text from a sender that is not a phone."""
        Handset(self._post, self.draw.choice(MACHINES)).texts("Your balance is low")

    def opts_out(self) -> None:
        """Block the sender at the network."""
        self._post("optout", {"senderId": SHORT_CODE, "phoneNumber": self.handset.number})

    def missed_call(self) -> None:
        """Ring and hang up."""
        self.handset.rings()


DEEDS: Mapping[str, Callable[[Person], None]] = {
    deed.__name__: deed
    for deed in (
        Person.dials, Person.hangs_up, Person.turn_repeated, Person.two_at_once, Person.texts, Person.text_repeated,
        Person.machine_texts, Person.opts_out, Person.missed_call,
    )
}  # fmt: skip


def everybody(provider: Provider, count: int, service_code: str, stopped: threading.Event) -> list[threading.Thread]:
    """Start `count` people, each in a thread of their own, until stopped."""
    people = [Person(provider, index, service_code) for index in range(count)]
    threads = [threading.Thread(target=person.lives, args=(stopped,), daemon=True) for person in people]
    for thread in threads:
        thread.start()
    return threads
