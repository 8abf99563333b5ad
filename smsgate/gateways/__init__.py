"""Gateways carry texts to phones. Each is one module that implements the `Gateway` protocol.

A gateway takes one text and many numbers and returns an `Outcome` for every number; a call that fails as a whole raises
SendError, whose verdict then holds for all of them. What a verdict means for a message (retry, hold, end) is decided in
`outbox`. A gateway whose account holds credit also implements `Prepaid`.

`africastalking` is the real one. `simulator` delivers only to simulated phones: `handset` makes the callbacks of such a
phone, `terminal` shows it in a terminal. `rehearsal` is a provider that misbehaves on purpose.

To add a gateway, implement `Gateway` in a module here and build it in `service.py`; start with `simulator.py`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

LONGEST_CALL = 20.0  # seconds for a whole call, however slow it is: a lane waits for it
FALLBACK = "fallback"  # the name of the second account, which only carries help texts


class Verdict(StrEnum):
    """What a gateway says about one recipient."""

    ACCEPTED = "accepted"
    FAILED = "failed"  # permanent: another try would not help
    RETRY = "retry"  # definitely not sent, worth another try
    UNKNOWN = "unknown"  # may have been sent
    BLOCKED = "blocked"  # the recipient blocked the sender; the number is marked as blocked
    PAUSED = "paused"  # definitely not sent, and nothing else will be for now: out of credit, or a setting is wrong


class Outcome(NamedTuple):
    """The verdict on one recipient; id, cost and reason are in the provider's own words."""

    number: str
    verdict: Verdict
    provider_id: str | None = None
    cost: str | None = None
    reason: str | None = None
    gateway: str | None = None  # whose verdict it is


class SendError(Exception):
    """The whole call failed; `verdict` holds for every recipient, and `reason` contains no text and no number."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason


class Gateway(Protocol):
    """Sends one text to many numbers in one call."""

    name: str

    def send(self, words: str, numbers: Sequence[str]) -> list[Outcome]:
        """Return one outcome for every number, in any order, within LONGEST_CALL. Raises SendError if all failed."""
        ...


LONGEST_AMOUNT = 40  # characters


@dataclass(frozen=True)
class Money:
    """An amount as providers write it, like "KES 1785.50"."""

    currency: str
    amount: Decimal

    @classmethod
    def read(cls, text: object) -> Money | None:
        """Parse an amount; None if the text is not one, or longer than any."""
        if len(written := str(text)) > LONGEST_AMOUNT or not written.isprintable():
            return None
        try:
            currency, amount = written.split()
            return cls(currency, Decimal(amount)) if Decimal(amount).is_finite() else None
        except (ValueError, InvalidOperation):
            return None

    def __str__(self) -> str:
        return f"{self.currency} {self.amount}"


@runtime_checkable
class Prepaid(Protocol):
    """A gateway whose account holds credit."""

    name: str

    def balance(self) -> Money | None:
        """Return the remaining credit; None if it cannot be read."""
        ...
