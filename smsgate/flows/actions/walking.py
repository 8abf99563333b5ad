"""Actions of one-to-one support: asking, waiting, agreeing, meeting, writing, ending."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from smsgate.flows.actions.members import LONGEST_NAME
from smsgate.flows.actions.walking_results import (
    AskedOfTwo,
    CardSeen,
    MineSeen,
    PeopleSeen,
    QuestionsSeen,
    WalkSeen,
)
from smsgate.flows.steps import Action

LONGEST_PROGRAMME = "Side by side in Kisumu County1"
LONGEST_WORDS = "Someone who has been there walks with you for up to a year: a talk, a walk, a form. "
LONGEST_WORDS += "You choose what for, and when. 123"
LONGEST_INTEREST = "Football and athletics"


def _card(standing: str, weeks: int | None) -> CardSeen:
    return {"id": 1, "name": LONGEST_PROGRAMME, "words": LONGEST_WORDS, "standing": standing, "weeks": weeks}


_ABOUT = ["English, Kiswahili", "Kisumu Central", "By phone", "Football and athletics, Gardening"]
_ASKED: AskedOfTwo = {"id": 1, "name": LONGEST_NAME, "about": _ABOUT, "agreed": False}
_OWN: WalkSeen = {
    "state": "waiting", "place": 199, "weeks": 52, "proposal": None, "match": None, "checked": True, "reminders": "1d",
}  # fmt: skip
_PEOPLE: PeopleSeen = {
    "id": 1, "programme": LONGEST_PROGRAMME, "until": "2027-09-23", "rests": False, "room": 4, "room_most": 6,
    "reminders": "", "proposals": [], "people": {},
}  # fmt: skip


@dataclass(frozen=True)
class FindCard(Action):
    """Look up the code on a card; `last` if nothing else is looked up under it. Result: CardSeen or None."""

    code: str
    last: bool = False
    samples: ClassVar = (
        None, _card("open", None), _card("open", 52), _card("over", None), _card("full", None), _card("in", None),
    )  # fmt: skip

    @property
    def code_guessed(self) -> str | None:
        """The code that is looked up."""
        return self.code

    @property
    def is_last_look(self) -> bool:
        """False if it may be the code of a survey."""
        return self.last


@dataclass(frozen=True)
class QuestionsOf(Action):
    """Load what a programme asks, or with `supporter_id` that supporter's programme. Result: QuestionsSeen."""

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
    """Put the caller on the waiting list of a programme. Result: PlaceSeen, or None if there is no room any more."""

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
    """Load what the caller has in one-to-one support. Result: MineSeen."""

    samples: ClassVar[tuple[MineSeen, ...]] = (
        {"own": None, "as_supporter": []},
        {"own": None, "as_supporter": [], "may_say": 0},
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
    """Take the caller off the waiting list, and erase what they said."""

    changes: ClassVar = True


@dataclass(frozen=True)
class DecideNext(Action):
    """After a match: wait again at the front, or stop."""

    waits: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class RestSupporting(Action):
    """As a supporter: stop or resume taking new people; without `keeps_people`, theirs are asked what they want."""

    supporter_id: int
    on: bool
    keeps_people: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class SetRoom(Action):
    """As a supporter: set how many people they take at most."""

    supporter_id: int
    room: int
    changes: ClassVar = True


@dataclass(frozen=True)
class EndSupporting(Action):
    """End the caller's role as a supporter."""

    supporter_id: int
    changes: ClassVar = True
