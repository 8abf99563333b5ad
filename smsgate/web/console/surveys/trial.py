"""Playing a draft on a simulated phone in the page, by the same turns as a call; nothing is saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from smsgate.conversations import turns
from smsgate.conversations.sessions import Run
from smsgate.conversations.turns import Line, Turn
from smsgate.core.i18n import wording_now
from smsgate.flows.actions import LoadFlow
from smsgate.flows.steps import Caller, Do
from smsgate.surveys.definitions.validation import LIMIT

MOST_KEYS = 200


class _NoPin:
    """A PIN checker that is never used: surveys ask for no PIN."""

    def opens(self, typed: str) -> tuple[str, int]:
        return "", 0

    def hashed(self, run: Run, name: str, typed: str) -> str:
        return ""

    def same(self, kept: str, typed: str) -> bool:
        return False


def turn_after(definition: Mapping[str, Any], language: str, keys: Sequence[str], now: datetime) -> Turn:
    """Return what the phone shows after these keys, in the wording of this request."""
    words = wording_now()
    caller = Caller(language=language, member=True, start="own", flow=1)

    def perform(_run: Run, do: Do) -> object:
        return {"version": 0, "asked": definition} if isinstance(do.action, LoadFlow) else True

    line = Line(lambda: caller, perform, lambda: now, LIMIT, ("KE",), _NoPin(), lambda _version: words)
    run = Run("", caller)
    turns.settle(run, line)
    turn = turns.shown(run)
    for key in keys[:MOST_KEYS]:
        if turn.ends:
            break
        turns.hear(run, key, line)
        turn = turns.shown(run)
    return turn
