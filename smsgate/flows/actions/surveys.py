"""Actions about the surveys of a group."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from smsgate.flows.actions.members import CARD_DIGITS
from smsgate.flows.steps import Action

LONGEST_TITLE = "Questions about meeting times."
_SAMPLE: dict[str, Any] = {
    "version": 1,
    "asked": {
        "languages": ["en"],
        "steps": [{"choose": {"en": "How was it?"}, "as": "how", "options": [
            {"is": "good", "label": {"en": "Good"}}, {"is": "bad", "label": {"en": "Not so good"}}]}],
    },
}  # fmt: skip


@dataclass(frozen=True)
class FlowsHere(Action):
    """List the surveys in a group's menu, or those offered after joining. Result: list of id and title."""

    group_id: int
    joining: bool = False
    samples: ClassVar = ([], [{"id": n, "title": LONGEST_TITLE} for n in range(1, 4)])


@dataclass(frozen=True)
class LoadFlow(Action):
    """Load the published version of a survey, by id or by code; the session stays with that version.

    Result: a dict of `version` (its id) and `asked` (the definition), or None if it is not there any more.
    """

    survey_id: int = 0
    code: str = ""
    samples: ClassVar = (None, _SAMPLE)

    @property
    def code_guessed(self) -> str | None:
        """The code, if one was typed."""
        return self.code or None

    @property
    def is_last_look(self) -> bool:
        """True only for a code as long as that of a card: looking up a group has counted any other."""
        return len(self.code) == CARD_DIGITS


@dataclass(frozen=True)
class KeepAnswers(Action):
    """Save the answers, as pairs of step and value."""

    version: int
    answers: tuple[tuple[str, str], ...]
    changes: ClassVar = True
    samples: ClassVar = (True,)
