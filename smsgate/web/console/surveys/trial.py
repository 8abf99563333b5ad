"""Playing a draft on a simulated phone in the page, with the same turns as a real call; nothing is saved."""

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
    """The TurnContext of a trial: loading the flow gives the draft, and every other action reports success."""

    definition: Mapping[str, Any]
    language: str
    started: datetime
    words: Wording
    limit: int = LIMIT
    countries: tuple[str, ...] = ("KE",)

    @property
    def pin(self) -> _NoPin:
        """A PIN checker that is never used."""
        return _NoPin()

    def now(self) -> datetime:
        """Return the time of the request."""
        return self.started

    def caller(self) -> Caller:
        """Return a member who texted the survey's keyword."""
        return Caller(language=self.language, member=True, start="own", flow=1)

    def perform(self, phone_session: PhoneSession, do: Do) -> Any:  # noqa: ANN401 - JSON; a TurnContext
        """Return the draft for LoadFlow, and success for any other action."""
        return {"version": 0, "asked": self.definition} if isinstance(do.action, LoadFlow) else True

    def wording(self, version: int) -> Wording:
        """Return the wording of the request."""
        return self.words

    def under_duress(self) -> TurnContext:
        """Return the same context: no PIN is typed here."""
        return self


class _NoPin:
    """A PIN checker that is never used, since surveys ask for no PIN."""

    def opens(self, typed: str) -> tuple[str, int]:
        return "", 0

    def hashed(self, name: str, typed: str) -> str:
        return ""

    def same(self, hashed: str, typed: str) -> bool:
        return False


def turn_after(definition: Mapping[str, Any], language: str, keys: Sequence[str], now: datetime) -> Turn:
    """Return what the phone shows after these keys, in the wording of the request."""
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
