"""Who carries texts. A gateway is one file that keeps this small protocol."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Verdict(StrEnum):
    """What a gateway said about one recipient."""

    ACCEPTED = "accepted"
    FAILED = "failed"  # permanent: trying again would not help
    RETRY = "retry"  # surely not sent, worth another try
    UNKNOWN = "unknown"  # perhaps sent
    BLOCKED = "blocked"  # the person blocked the sender: an opt-out
    PAUSED = "paused"  # surely not sent, and nothing else will be for now: out of credit


@dataclass(frozen=True)
class Outcome:
    """The verdict on one recipient, with the provider's id, cost and reason in the provider's own words."""

    number: str
    verdict: Verdict
    provider_id: str | None = None
    cost: str | None = None
    reason: str | None = None


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
