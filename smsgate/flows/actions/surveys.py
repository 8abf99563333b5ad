"""What concerns the flows that a group wrote itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

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
    """The flows of a group that its members find in its room, or that come after joining: id and title."""

    group_id: int
    joining: bool = False
    samples: ClassVar = ([], [{"id": n, "title": LONGEST_TITLE} for n in range(1, 4)])


@dataclass(frozen=True)
class LoadFlow(Action):
    """The published version of a flow, which this conversation keeps to; None where it is not there any more."""

    survey_id: int = 0
    code: str = ""
    samples: ClassVar = (None, _SAMPLE)


@dataclass(frozen=True)
class KeepAnswers(Action):
    """Keep what was answered: pairs of step and value."""

    version: int
    answers: tuple[tuple[str, str], ...]
    changes: ClassVar = True
    samples: ClassVar = (True,)
