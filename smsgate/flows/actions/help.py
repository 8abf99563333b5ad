"""Actions about help: what members prepare, sending, and how it ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from smsgate.flows.actions.members import LONGEST_NAME
from smsgate.flows.actions.results import HelpTextSeen, LeaderSeen, RaisedSeen
from smsgate.flows.steps import Action

LONGEST_WORDS = ("Please sit with me. " * 6).strip()
LONGEST_ALONG = "Tea, the radio, and no questions for now"


def _texts(count: int) -> list[HelpTextSeen]:
    return [{"id": n, "words": LONGEST_WORDS, "short": LONGEST_WORDS[:24]} for n in range(1, count + 1)]


def _request(*states: str, **changed: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    people = [
        {"name": LONGEST_NAME, "state": state, "at": "" if state in ("going", "lost", "unsent") else "14:05"}
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
    return {
        "texts": _texts(3), **along, **ways, "look_again": True, "agreed": 3, "practice": None, "leader": True,
        **changed,
    }  # fmt: skip


@dataclass(frozen=True)
class MyPlan(Action):
    """Load what sending depends on, and the status of an open request. Result: PlanSeen."""

    samples: ClassVar = (
        _plan(texts=_texts(3)), _plan(words="", texts=[], agreed=1, recent=3), _plan(agreed=0),
        _plan(agreed=0, resting=2), _plan(agreed=0, asked=3, words="", texts=[]), _plan(agreed=0, then=True),
        _plan(open=_request("answered", "declined", "delivered")),
        _plan(open=_request("sent", "left", "going", "unsent")), _plan(open=_request("lost", "lost", "lost")),
        _plan(open=_request("going", leaves_in=120)), _plan(open=_request(next="lead", next_at="14:15")),
        *(_plan(open=_request("sent", next=step, next_at="14:15")) for step in ("again", "next", "lines")),
    )  # fmt: skip


@dataclass(frozen=True)
class MyHelpPlan(Action):
    """Load everything that the caller prepared. Result: HelpPlanSeen."""

    samples: ClassVar = (
        _help_plan(),
        _help_plan(
            texts=[], helps="", hinders="", avoid="", then="", pause=0, word="", rings=False, look_again=False, agreed=0
        ),
        _help_plan(texts=_texts(1), then="lines", agreed=1),
        _help_plan(texts=_texts(1), practice=_request("answered", "going", "unsent", practice=True)),
        _help_plan(leader=False),
        _help_plan(then="lead"),
    )


@dataclass(frozen=True)
class KeepText(Action):
    """Save the caller's words, or a prepared text (`chosen`), as a new text or in place of one (`text_id`).

    Result: False if there are three already.
    """

    words: str
    chosen: str = ""
    text_id: int = 0
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class RemoveText(Action):
    """Delete one of the caller's texts."""

    text_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class PutFirst(Action):
    """Move a text to the first place: it is sent to every responder who was given no other."""

    text_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class SaveExtraInfo(Action):
    """Save a piece of extra information; `which` is helps, hinders or avoid, and empty `words` delete it."""

    which: str
    words: str
    changes: ClassVar = True


@dataclass(frozen=True)
class SaveEscalation(Action):
    """Save what happens when nobody answers, as values of help.plan.EscalationStep, and after how many minutes.

    `leader` is the id of a newly chosen leader from AvailableLeaders, or 0. Result: False, and nothing is saved, if
    they no longer take help texts.
    """

    then: str
    minutes: int
    leader: int = 0
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class AvailableLeaders(Action):
    """List the leaders of the caller's groups who agreed to be asked for help. Result: list of LeaderSeen."""

    samples: ClassVar[tuple[list[LeaderSeen], ...]] = (
        [],
        [{"id": n, "name": LONGEST_NAME} for n in range(1, 4)],
    )


@dataclass(frozen=True)
class KeepPause(Action):
    """Save for how many seconds a help text can be taken back."""

    seconds: int
    changes: ClassVar = True


@dataclass(frozen=True)
class KeepWord(Action):
    """Save the word that sends the help text by SMS. Result: "short", "long" or "taken", or "" if it is saved."""

    word: str
    changes: ClassVar = True
    samples: ClassVar = ("", "short", "long", "taken")


@dataclass(frozen=True)
class KeepRings(Action):
    """Save whether a missed call sends the help text. Result: True if switching it off took back what one started."""

    on: bool
    changes: ClassVar = True
    samples: ClassVar = (False, True)


@dataclass(frozen=True)
class KeepLooking(Action):
    """Save whether to ask every 90 days if everything is still right."""

    on: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class RaiseHelp(Action):
    """Send the help text. Result: RaisedSeen.

    With `text_id` everybody gets that text; with `practice` everybody reads that it is only a practice; with `again`
    an open request is sent once more.
    """

    text_id: int = 0
    practice: bool = False
    again: bool = False
    changes: ClassVar = True
    samples: ClassVar[tuple[RaisedSeen, ...]] = (
        {"people": 3, "seconds": 0, "later": False},
        {"people": 1, "seconds": 120, "later": False},
        {"people": 0, "seconds": 0, "later": False},
        {"people": 0, "seconds": 0, "later": True},
        {"people": 0, "seconds": 0, "later": False, "spent": True},
    )


@dataclass(frozen=True)
class SayFine(Action):
    """Close the open help request, or the practice, and tell those who may have read the text.

    Result: told; nobody, if nobody may have read it; gone, if those who may have read it no longer get texts; over, if
    it was closed before.
    """

    practice: bool = False
    changes: ClassVar = True
    samples: ClassVar = ("told", "nobody", "gone", "over")


@dataclass(frozen=True)
class TakeBack(Action):
    """Take back what was sent last. Result: as for SayFine, or stands: what was sent before is still open."""

    changes: ClassVar = True
    samples: ClassVar = ("told", "nobody", "gone", "over", "stands")
