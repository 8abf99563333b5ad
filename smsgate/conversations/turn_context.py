"""What a turn needs from outside: who is calling, who performs actions, who checks a PIN.

`ussd.py` and `sms/exchange.py` implement it for their channel, `duress.py` for callers who typed the second PIN.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Protocol

from smsgate.conversations.sessions import PhoneSession
from smsgate.core.i18n import Wording
from smsgate.flows.steps import Caller, Do


class PinChecker(Protocol):
    """Handles a typed PIN: the session stores what it opened, or its hash, never the PIN itself."""

    def opens(self, typed: str) -> tuple[str, int]:
        """Return what a PIN opens (pins.PinResult), and for how many minutes no PIN is accepted."""

    def hashed(self, name: str, typed: str) -> str:
        """Return the hash of a PIN to be set, for the question `name`; "" if it is the PIN that is set already."""

    def same(self, hashed: str, typed: str) -> bool:
        """Return whether a PIN matches a hash."""


class TurnContext(Protocol):
    """The world of one turn, as the channel sees it."""

    @property
    def limit(self) -> int:
        """Characters of one screen, in GSM-7."""

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries whose phone numbers may be typed, as ISO codes."""

    @property
    def pin(self) -> PinChecker:
        """The PIN of the caller."""

    def now(self) -> datetime:
        """Return the time, in UTC."""

    def caller(self) -> Caller:
        """Return the caller as the database knows them now. Raises NotANumber."""

    def perform(self, phone_session: PhoneSession, do: Do) -> Any:  # noqa: ANN401 - JSON
        """Perform an action; one that changes something, only once per session and name. Raises NotAMember."""

    def wording(self, version: int) -> Wording:
        """Return a version of a group's own words; 0 is the service's."""

    def under_duress(self) -> TurnContext:
        """Return the context for a caller who typed the second PIN: nothing in it is theirs, and nothing is saved."""
