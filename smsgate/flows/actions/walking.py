"""Actions of one-to-one support: asking, waiting, agreeing, meeting, writing, ending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from smsgate.flows.actions.members import LONGEST_NAME
from smsgate.flows.actions.results import MomentSeen
from smsgate.flows.actions.walking_results import (
    AskedOfTwo,
    CardSeen,
    CarriedSeen,
    MeetingOfTwoSeen,
    MineSeen,
    PeopleSeen,
    QuestionsSeen,
    TwoSeen,
    WalkSeen,
)
from smsgate.flows.steps import Action

LONGEST_PROGRAMME = "Side by side in Kisumu County1"
LONGEST_WORDS = "Someone who has been there walks with you for up to a year: a talk, a walk, a form. "
LONGEST_WORDS += "You choose what for, and when. 123"
LONGEST_INTEREST = "Football and athletics"
WHEN = "2026-11-25T14:00:00"


def _card(standing: str, weeks: int | None) -> CardSeen:
    return {"id": 1, "name": LONGEST_PROGRAMME, "words": LONGEST_WORDS, "standing": standing, "weeks": weeks}


def _meeting(number: int, state: str, mine: bool) -> MeetingOfTwoSeen:
    return {"id": number, "when": WHEN, "place": "Library, by the big tree, door", "state": state, "mine": mine}


_ABOUT = ["English, Kiswahili", "Kisumu Central", "By phone", "Football and athletics, Gardening"]
_ASKED: AskedOfTwo = {"id": 1, "name": LONGEST_NAME, "about": _ABOUT, "agreed": False}
_OWN: WalkSeen = {
    "state": "waiting", "place": 199, "weeks": 52, "proposal": None, "match": None, "checked": True, "reminders": "1d",
}  # fmt: skip
_PEOPLE: PeopleSeen = {
    "id": 1, "programme": LONGEST_PROGRAMME, "until": "2027-09-23", "rests": False, "room": 4, "room_most": 6,
    "reminders": "", "proposals": [], "people": {},
}  # fmt: skip
_TWO: TwoSeen = {
    "id": 1, "name": LONGEST_NAME, "number": "", "may_share": False, "shares": False, "meetings": [], "to_note": [],
    "minutes": 60, "texts": 0, "check_in": None,
}  # fmt: skip


@dataclass(frozen=True)
class FindCard(Action):
    """Look up the code of a card. Result: CardSeen or None."""

    code: str
    samples: ClassVar = (
        None, _card("open", None), _card("open", 52), _card("over", None), _card("full", None), _card("in", None),
    )  # fmt: skip

    @property
    def code_guessed(self) -> str | None:
        """The code."""
        return self.code

    @property
    def is_last_look(self) -> bool:
        """It may be the code of a survey."""
        return False


@dataclass(frozen=True)
class QuestionsOf(Action):
    """What a programme asks, or that of a supporter. Result: QuestionsSeen."""

    programme_id: int
    supporter_id: int = 0
    samples: ClassVar[tuple[QuestionsSeen, ...]] = (
        {
            "languages": ["English", "Kiswahili", "Dholuo"],
            "interests": {str(n): LONGEST_INTEREST for n in range(1, 6)},
            "counties": {"1": "Kisumu", "2": "x" * 20},
            "towns": {"1": {"11": "Ahero", "12": "y" * 20}},
        },
    )


@dataclass(frozen=True)
class Said:
    """What was answered; each part may be empty."""

    languages: tuple[str, ...] = ()
    area: int = 0
    how: str = ""
    interests: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()


@dataclass(frozen=True)
class AskForSupporter(Action):
    """Put the caller on the waiting list of a programme. Result: PlaceSeen, None if there is no room any more."""

    programme_id: int
    said: Said
    changes: ClassVar = True
    samples: ClassVar = ({"place": 200, "weeks": 52}, {"place": 1, "weeks": None}, None)


@dataclass(frozen=True)
class SayAboutMe(Action):
    """Save what a supporter says of themselves."""

    supporter_id: int
    said: Said
    changes: ClassVar = True


@dataclass(frozen=True)
class MyWalks(Action):
    """What the caller has in one-to-one support. Result: MineSeen."""

    samples: ClassVar[tuple[MineSeen, ...]] = (
        {"own": None, "as_supporter": []},
        {"own": None, "as_supporter": [], "may_say": 1},
        {"own": _OWN, "as_supporter": []},
        {"own": {**_OWN, "weeks": None, "proposal": _ASKED}, "as_supporter": []},
        {"own": {**_OWN, "proposal": {**_ASKED, "agreed": True}}, "as_supporter": []},
        {"own": {**_OWN, "state": "deciding"}, "as_supporter": []},
        {"own": {**_OWN, "state": "walking", "match": 1}, "as_supporter": []},
        {"own": {**_OWN, "state": "walking", "match": 1, "checked": False, "reminders": ""}, "as_supporter": [_PEOPLE]},
        {"own": None, "as_supporter": [{**_PEOPLE, "proposals": [{**_ASKED, "id": n} for n in (1, 2)], "rests": True}]},
        {
            "own": None,
            "as_supporter": [{**_PEOPLE, "people": {str(n): LONGEST_NAME for n in range(1, 7)}}, {**_PEOPLE, "id": 2}],
        },
    )


@dataclass(frozen=True)
class AnswerProposal(Action):
    """Say yes or no to a proposal. Result: matching.matches.Answered."""

    match_id: int
    yes: bool
    changes: ClassVar = True
    samples: ClassVar = ("waits", "walking", "no", "gone")


@dataclass(frozen=True)
class LeaveList(Action):
    """Take the caller off the waiting list, with what they said."""

    changes: ClassVar = True


@dataclass(frozen=True)
class DecideNext(Action):
    """Wait again at the front, or stop, after a match."""

    waits: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class TwoHere(Action):
    """A match of the caller's that walks. Result: TwoSeen, None if it is over."""

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
    """Read a time as it was typed, where the programme is. Result: MomentSeen."""

    match_id: int
    typed: str
    samples: ClassVar[tuple[MomentSeen, ...]] = (
        {"wrong": "", "at": WHEN, "local": WHEN}, {"wrong": "past", "at": "", "local": ""},
    )  # fmt: skip


@dataclass(frozen=True)
class ProposeMeeting(Action):
    """Propose a time to the other; `meeting_id` moves that one, 0 is a new one. Result: False if it is not possible."""

    match_id: int
    at: str
    place: str
    meeting_id: int = 0
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class AnswerMeeting(Action):
    """Say yes or no to a time. Result: False if it is past, or was changed."""

    meeting_id: int
    yes: bool
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class SkipMeeting(Action):
    """Leave one meeting out. Result: False if it is past, or was changed."""

    meeting_id: int
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class NoteMeeting(Action):
    """As the supporter: note for how many minutes they met, 0 if not. Result: False if it was noted."""

    meeting_id: int
    minutes: int
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class WriteToOther(Action):
    """Pass words on to the other of a match. Result: matching.carrying.Carried."""

    match_id: int
    words: str
    changes: ClassVar = True
    samples: ClassVar = ("passed_on", "over", "limit", "long")


@dataclass(frozen=True)
class TextsOfOther(Action):
    """The last texts of the other. Result: list of CarriedSeen."""

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
    """The questions on how it has been. Result: a definition, as surveys have it."""

    samples: ClassVar[tuple[dict[str, Any], ...]] = (
        {
            "languages": ["en"],
            "steps": [{"choose": {"en": "How was it?"}, "as": "time", "options": [
                {"is": "good", "label": {"en": "Good"}}, {"is": "hard", "label": {"en": "Hard"}}]}],
        },
    )  # fmt: skip


@dataclass(frozen=True)
class SayHowItWas(Action):
    """Count what the caller answers, once. Result: what all said together, a line for each question."""

    match_id: int
    answers: tuple[tuple[str, str], ...]
    changes: ClassVar = True
    samples: ClassVar[tuple[list[str], ...]] = (
        [],
        ["Did you decide yourself what you did together? Yes 1000, Partly 1000, No 1000"] * 3,
    )


@dataclass(frozen=True)
class SetChecked(Action):
    """Whether the caller is asked how it goes."""

    on: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class SetWalkReminders(Action):
    """How long before meetings the caller is reminded; `supporter_id` 0: as the person."""

    times: str
    supporter_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class ShareNumber(Action):
    """Whether the other sees the caller's number, once both agree."""

    match_id: int
    yes: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class RestSupporting(Action):
    """As a supporter: take nobody new, or again; without `keeps_people` their people are asked what they want."""

    supporter_id: int
    on: bool
    keeps_people: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class SetRoom(Action):
    """As a supporter: with how many people at most."""

    supporter_id: int
    room: int
    changes: ClassVar = True


@dataclass(frozen=True)
class EndSupporting(Action):
    """End the caller's role as a supporter."""

    supporter_id: int
    changes: ClassVar = True
