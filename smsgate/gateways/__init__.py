"""Who carries texts. A gateway is one file that keeps this small protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import NamedTuple, Protocol, runtime_checkable

FALLBACK = "fallback"  # the name of the second account, which carries help texts only


class Verdict(StrEnum):
    """What a gateway said about one recipient."""

    ACCEPTED = "accepted"
    FAILED = "failed"  # permanent: trying again would not help
    RETRY = "retry"  # surely not sent, worth another try
    UNKNOWN = "unknown"  # perhaps sent
    BLOCKED = "blocked"  # the person blocked the sender: an opt-out
    PAUSED = "paused"  # surely not sent, and nothing else will be for now: out of credit


class Outcome(NamedTuple):
    """The verdict on one recipient, with the provider's id, cost and reason in the provider's own words."""

    number: str
    verdict: Verdict
    provider_id: str | None = None
    cost: str | None = None
    reason: str | None = None
    gateway: str | None = None  # who said so


class SendError(Exception):
    """The whole call went wrong; `verdict` holds for every recipient and `reason` carries no text or number."""

    def __init__(self, verdict: Verdict, reason: str) -> None:
        super().__init__(reason)
        self.verdict = verdict
        self.reason = reason


class Gateway(Protocol):
    """Carries one text to many numbers in one call."""

    name: str

    def send(self, words: str, numbers: Sequence[str]) -> list[Outcome]:
        """One outcome for every number, in any order; raises SendError where the call as a whole failed."""
        ...


@dataclass(frozen=True)
class Money:
    """An amount as providers write it: "KES 1785.50"."""

    currency: str
    amount: Decimal

    @classmethod
    def read(cls, text: object) -> Money | None:
        """None where it is no amount."""
        try:
            currency, amount = str(text).split()
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
        """What is left; None where it cannot be read."""
        ...
