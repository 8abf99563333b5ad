"""What members may ask to have done about their help texts and their people, and responders about themselves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from smsgate.flows.actions.members import LONGEST_NAME
from smsgate.flows.actions.results import HelpTextSeen, LeaderSeen, NeverSeen, RaisedSeen, ResponderSeen
from smsgate.flows.steps import Action

LONGEST_WORDS = ("Please sit with me. " * 6).strip()
LONGEST_ALONG = "Tea, the radio, and no questions for now"


def _texts(count: int) -> list[HelpTextSeen]:
    return [{"id": n, "words": LONGEST_WORDS, "short": LONGEST_WORDS[:24]} for n in range(1, count + 1)]


def _request(*states: str, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    people = [
        {"name": LONGEST_NAME, "state": state, "at": "" if state in ("going", "unsent") else "14:05"}
        for state in states
    ]
    return {"at": "14:00", "practice": False, "leaves_in": 0, "people": people, "next": "", "next_at": "", **changed}


def _plan(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    seen = {
        "words": LONGEST_WORDS, "texts": _texts(1), "agreed": 3, "asked": 0, "resting": 0, "recent": 0, "then": False,
        "open": None,
    }  # fmt: skip
    return {**seen, **changed}


def _help_plan(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    along = {"helps": LONGEST_ALONG, "hinders": LONGEST_ALONG, "avoid": LONGEST_ALONG}
    ways = {"then": "next again lead lines", "minutes": 60, "pause": 120, "word": "mvua inanyesha leo", "rings": True}
    return {"texts": _texts(3), **along, **ways, "look_again": True, "agreed": 3, **changed}


def _people(count: int, agreed: str = "asked", text: int = 0) -> list[ResponderSeen]:
    return [{"id": n, "name": LONGEST_NAME, "agreed": agreed, "text": text} for n in range(1, count + 1)]


@dataclass(frozen=True)
class MyPlan(Action):
    """All that sending depends on, and how an open request stands: a PlanSeen."""

    samples: ClassVar = (
        _plan(texts=_texts(3)), _plan(words="", texts=[], agreed=1, recent=3), _plan(agreed=0),
        _plan(agreed=0, resting=2), _plan(agreed=0, asked=3, words="", texts=[]), _plan(agreed=0, then=True),
        _plan(open=_request("answered", "declined", "delivered")),
        _plan(open=_request("sent", "going", "unsent", practice=True)),
        _plan(open=_request("going", leaves_in=120)), _plan(open=_request(next="lead", next_at="14:15")),
        *(_plan(open=_request("sent", next=step, next_at="14:15")) for step in ("again", "next", "lines")),
    )  # fmt: skip


@dataclass(frozen=True)
class MyHelpPlan(Action):
    """All that the caller prepared: a HelpPlanSeen."""

    samples: ClassVar = (
        _help_plan(),
        _help_plan(
            texts=[], helps="", hinders="", avoid="", then="", pause=0, word="", rings=False, look_again=False, agreed=0
        ),
        _help_plan(texts=_texts(1), then="lines", agreed=1),
    )


@dataclass(frozen=True)
class KeepText(Action):
    """Keep words, or one of ours (`chosen`), as a text or in place of one (`text_id`); False: three are there."""

    words: str
    chosen: str = ""
    text_id: int = 0
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class RemoveText(Action):
    """Forget one of the caller's texts."""

    text_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class PutFirst(Action):
    """Let a text be the one that goes to whoever has no other."""

    text_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class KeepAlong(Action):
    """Keep what goes along: helps, hinders or avoid; empty: forget it."""

    which: str
    words: str
    changes: ClassVar = True


@dataclass(frozen=True)
class KeepThen(Action):
    """Keep what happens when nobody answers, after how many minutes."""

    then: str
    minutes: int
    changes: ClassVar = True


@dataclass(frozen=True)
class LeadersToTurnTo(Action):
    """Who leads a group of the caller's and agreed that members may turn to them: list of LeaderSeen."""

    samples: ClassVar[tuple[list[LeaderSeen], ...]] = (
        [],
        [{"id": n, "name": LONGEST_NAME} for n in range(1, 4)],
    )


@dataclass(frozen=True)
class TurnTo(Action):
    """Choose one of them; False where they do not take help texts any more."""

    appointment_id: int
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class KeepPause(Action):
    """Keep for how many seconds a help text can be taken back."""

    seconds: int
    changes: ClassVar = True


@dataclass(frozen=True)
class KeepWord(Action):
    """Keep the word that sends by SMS; why it cannot be: short, long or taken, else ""."""

    word: str
    changes: ClassVar = True
    samples: ClassVar = ("", "short", "long", "taken")


@dataclass(frozen=True)
class KeepRings(Action):
    """Whether a missed call sends."""

    on: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class KeepLooking(Action):
    """Whether to ask every 90 days if all is still right."""

    on: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class MyResponders(Action):
    """The people whom the caller chose: list of ResponderSeen."""

    samples: ClassVar = (
        [], _people(1, "yes"), _people(3), _people(2, "left"), _people(3, "yes", 1),
        *(_people(1, agreed) for agreed in ("no", "unreachable", "resting", "gone")),
    )  # fmt: skip


@dataclass(frozen=True)
class AskResponder(Action):
    """Ask somebody to be a responder: asked, already, full, enough, closed, never or yourself."""

    number: str
    name: str
    changes: ClassVar = True
    samples: ClassVar = ("asked", "already", "full", "enough", "closed", "never", "yourself")


@dataclass(frozen=True)
class RemoveResponder(Action):
    """Take a person off the caller's list."""

    responder_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class MoveUp(Action):
    """Let a person be asked before the one before them."""

    responder_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class GiveText(Action):
    """Which text a person gets; 0: the first."""

    responder_id: int
    text_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class NeverToldByMe(Action):
    """The numbers to which nothing of the caller's goes: list of NeverSeen."""

    samples: ClassVar[tuple[list[NeverSeen], ...]] = (
        [],
        [{"id": n, "number": "+254 711 000001"} for n in range(1, 21)],
    )


@dataclass(frozen=True)
class NeverTell(Action):
    """Let nothing of the caller's go to a number: kept, yourself or full."""

    number: str
    changes: ClassVar = True
    samples: ClassVar = ("kept", "yourself", "full")


@dataclass(frozen=True)
class Forgive(Action):
    """Take a number off that list."""

    never_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class RaiseHelp(Action):
    """Send the help text: a RaisedSeen. `text_id`: these words to all; `practice` says to everybody that it is one."""

    text_id: int = 0
    practice: bool = False
    changes: ClassVar = True
    samples: ClassVar[tuple[RaisedSeen, ...]] = (
        {"people": 3, "seconds": 0, "later": False},
        {"people": 1, "seconds": 120, "later": False},
        {"people": 0, "seconds": 0, "later": False},
        {"people": 0, "seconds": 0, "later": True},
    )


@dataclass(frozen=True)
class SayFine(Action):
    """Close the open help request and tell those who were told; the number of people."""

    changes: ClassVar = True
    samples: ClassVar = (3, 0)


@dataclass(frozen=True)
class WhoChoseMe(Action):
    """The members who named the caller: list of ChoiceSeen."""

    samples: ClassVar = (
        [],
        [{"id": 1, "name": LONGEST_NAME, "agreed": "asked", "needs_answer": False}],
        [{"id": 1, "name": LONGEST_NAME, "agreed": "resting", "needs_answer": False}],
        [{"id": n, "name": LONGEST_NAME, "agreed": "yes", "needs_answer": True} for n in range(1, 6)],
    )


@dataclass(frozen=True)
class AnswerChoice(Action):
    """As a responder: yes (agree), no (decline or leave), help or not_now (the open request), rest or awake."""

    responder_id: int
    answer: str
    changes: ClassVar = True
