"""Playing a draft on a simulated phone in the page, by the same turns as a call; nothing is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from smsgate.conversations import turns
from smsgate.conversations.sessions import PhoneSession
from smsgate.conversations.turn_context import TurnContext
from smsgate.conversations.turns import Turn
from smsgate.core.i18n import Wording, wording_now
from smsgate.flows.actions import LoadFlow
from smsgate.flows.steps import Caller, Do
from smsgate.surveys.definitions.validation import LIMIT

MOST_KEYS = 200


@dataclass(frozen=True)
class TrialTurnContext:
    """The TurnContext of a trial: the draft is loaded, all else is said to be done."""

    definition: Mapping[str, Any]
    language: str
    started: datetime
    words: Wording
    limit: int = LIMIT
    countries: tuple[str, ...] = ("KE",)

    @property
    def pin(self) -> _NoPin:
        """None."""
        return _NoPin()

    def now(self) -> datetime:
        """When the page was asked for."""
        return self.started

    def caller(self) -> Caller:
        """A member who texted the survey's word."""
        return Caller(language=self.language, member=True, start="own", flow=1)

    def perform(self, phone_session: PhoneSession, do: Do) -> Any:  # noqa: ANN401 - JSON; a TurnContext
        """The draft, or that it worked."""
        return {"version": 0, "asked": self.definition} if isinstance(do.action, LoadFlow) else True

    def wording(self, version: int) -> Wording:
        """The words that are spoken around the page."""
        return self.words

    def under_duress(self) -> TurnContext:
        """The same: no PIN is typed here."""
        return self


class _NoPin:
    """A PIN checker that is never used: surveys ask for no PIN."""

    def opens(self, typed: str) -> tuple[str, int]:
        return "", 0

    def hashed(self, name: str, typed: str) -> str:
        return ""

    def same(self, hashed: str, typed: str) -> bool:
        return False


def turn_after(definition: Mapping[str, Any], language: str, keys: Sequence[str], now: datetime) -> Turn:
    """Return what the phone shows after these keys, in the wording of this request."""
    context = TrialTurnContext(definition, language, now, wording_now())
    phone_session = PhoneSession("", context.caller())
    turns.go_to_question(phone_session, context)
    turn = turns.current_turn(phone_session)
    for key in keys[:MOST_KEYS]:
        if turn.ends:
            break
        turns.take_reply(phone_session, key, context)
        turn = turns.current_turn(phone_session)
    return turn
