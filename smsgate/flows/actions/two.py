"""Actions about a match under way: meetings, texts to the other, how it goes, and ending it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from smsgate.flows.actions.members import LONGEST_NAME
from smsgate.flows.actions.results import MomentSeen
from smsgate.flows.actions.walking_results import CarriedSeen, MeetingOfTwoSeen, TwoSeen
from smsgate.flows.steps import Action

WHEN = "2026-11-25T14:00:00"


def _meeting(number: int, state: str, mine: bool) -> MeetingOfTwoSeen:
    return {"id": number, "when": WHEN, "place": "Library, by the big tree, door", "state": state, "mine": mine}


_TWO: TwoSeen = {
    "id": 1, "name": LONGEST_NAME, "number": "", "may_share": False, "shares": False, "meetings": [], "to_note": [],
    "minutes": 60, "texts": 0, "check_in": None,
}  # fmt: skip


@dataclass(frozen=True)
class TwoHere(Action):
    """Load a match of the caller's that is under way. Result: TwoSeen, or None if it is over."""

    match_id: int
    samples: ClassVar[tuple[TwoSeen | None, ...]] = (
        None,
        _TWO,
        {**_TWO, "meetings": [_meeting(1, "proposed", False)], "check_in": 1, "texts": 5},
        {
            **_TWO, "meetings": [_meeting(1, "agreed", True), _meeting(2, "proposed", True)], "may_share": True,
            "to_note": [_meeting(3, "agreed", False)],
        },
        {**_TWO, "number": "+254711000001", "may_share": True, "shares": True},
    )  # fmt: skip


@dataclass(frozen=True)
class EndMatch(Action):
    """End a match at once; `ending` is models.Ending, `next` wait, stop or "". Result: False if it was over."""

    match_id: int
    ending: str
    next: str = ""
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class ReadTimeOfTwo(Action):
    """Parse a time as it was typed, in the programme's time zone. Result: MomentSeen."""

    match_id: int
    typed: str
    samples: ClassVar[tuple[MomentSeen, ...]] = (
        {"wrong": "", "at": WHEN, "local": WHEN}, {"wrong": "past", "at": "", "local": ""},
    )  # fmt: skip


@dataclass(frozen=True)
class ProposeMeeting(Action):
    """Propose a time to the other; `meeting_id` is the meeting to move, 0 for a new one.

    Result: False if the match or meeting is over, None if the other was written to often enough.
    """

    match_id: int
    at: str
    place: str
    meeting_id: int = 0
    changes: ClassVar = True
    samples: ClassVar = (True, False, None)


@dataclass(frozen=True)
class AnswerMeeting(Action):
    """Say yes or no to a time. Result: False if it is past, or was changed."""

    meeting_id: int
    yes: bool
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class SkipMeeting(Action):
    """Skip one meeting. Result: False if it is past, or was changed."""

    meeting_id: int
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class NoteMeeting(Action):
    """As the supporter: record for how many minutes they met, 0 if not. Result: False if it was recorded before."""

    meeting_id: int
    minutes: int
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class WriteToOther(Action):
    """Pass words on to the other person in a match. Result: matching.carrying.Carried."""

    match_id: int
    words: str
    changes: ClassVar = True
    samples: ClassVar = ("passed_on", "over", "limit", "long")


@dataclass(frozen=True)
class TextsOfOther(Action):
    """Load the last texts of the other. Result: list of CarriedSeen."""

    match_id: int
    samples: ClassVar[tuple[list[CarriedSeen], ...]] = ([], [{"at": WHEN, "words": "words " * 16}] * 2)


@dataclass(frozen=True)
class AnswerCheckIn(Action):
    """Answer how it goes; `said` is models.CheckInAnswer."""

    check_in_id: int
    said: str
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class QuestionsOfTwo(Action):
    """Load the questions on how it has been, or how it is without a match (`of_all`). Result: a survey definition."""

    of_all: bool = False
    samples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "languages": ["en"],
            "steps": [{"choose": {"en": "How was it?"}, "as": "time", "options": [
                {"is": "good", "label": {"en": "Good"}}, {"is": "hard", "label": {"en": "Hard"}}]}],
        },
    )  # fmt: skip


@dataclass(frozen=True)
class SayHowItWas(Action):
    """Count the caller's answers, once. Result: what everybody has answered so far, a line for each question."""

    match_id: int  # 0: without a match
    answers: tuple[tuple[str, str], ...]
    changes: ClassVar = True
    samples: ClassVar[tuple[list[str], ...]] = (
        [],
        ["Did you decide yourself what you did together? Yes 1000, Partly 1000, No 1000"] * 3,
    )


@dataclass(frozen=True)
class SetChecked(Action):
    """Save whether the caller is asked how it goes."""

    on: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class SetWalkReminders(Action):
    """Save how long before meetings the caller is reminded; `supporter_id` is 0 for the person."""

    times: str
    supporter_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class ShareNumber(Action):
    """Save whether the other sees the caller's number, once both agree."""

    match_id: int
    yes: bool
    changes: ClassVar = True
