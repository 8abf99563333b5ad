"""What members and strangers may ask to have done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from smsgate.flows.seen import GroupSeen, MeetingSeen, RequestSeen, ResponderSeen
from smsgate.flows.steps import Action

LONGEST_GROUP = "Mind Empowerment Group Kisumu1"
LONGEST_NAME = "Wanjiku wa Nyambura1"
LONGEST_PLACE = "Community Hall, room 4, opposite market"
LONGEST_WORDS = "Please sit with me. " * 8


_GROUPS: list[GroupSeen] = [{"id": n, "name": LONGEST_GROUP} for n in range(1, 13)]
_MEETING: MeetingSeen = {
    "id": 1, "group": LONGEST_GROUP, "when": "2026-09-23T14:00:00", "place": LONGEST_PLACE, "coming": "",
    "topic": "A guest speaks of rights, bring your qns", "minutes": 1440,
}  # fmt: skip
_REQUEST: RequestSeen = {"sent": 3, "delivered": 2, "unsent": 0, "asked": 3, "answered": [LONGEST_NAME] * 3}
_NO_ANSWER: RequestSeen = {"sent": 1, "delivered": 0, "unsent": 2, "asked": 3, "answered": []}


def _plan(**changed: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    return {"words": LONGEST_WORDS, "agreed": 3, "asked": 0, "recent": 0, "open": None, **changed}


def _people(count: int, agreed: str = "asked") -> list[ResponderSeen]:
    return [{"id": n, "name": LONGEST_NAME, "agreed": agreed} for n in range(1, count + 1)]


@dataclass(frozen=True)
class FindGroup(Action):
    """The group of a code, or None."""

    code: str
    samples: ClassVar = (None, _GROUPS[0])


@dataclass(frozen=True)
class ListedGroups(Action):
    """The groups that choose to be listed and that the caller is not in."""

    samples: ClassVar = ([], _GROUPS)


@dataclass(frozen=True)
class MyGroups(Action):
    """The caller's groups."""

    samples: ClassVar = ([], _GROUPS[:3])


@dataclass(frozen=True)
class NextMeetings(Action):
    """The next meetings of the caller's groups, soonest first."""

    samples: ClassVar = ([], [{**_MEETING, "id": n, "coming": "yes"} for n in range(1, 9)], [_MEETING])


@dataclass(frozen=True)
class MyPlan(Action):
    """What the caller prepared, and how an open request stands: a PlanSeen."""

    samples: ClassVar = (
        _plan(), _plan(words="", agreed=1, recent=3), _plan(agreed=0), _plan(agreed=0, asked=3, words=""),
        _plan(open=_REQUEST), _plan(open=_NO_ANSWER),
    )  # fmt: skip


@dataclass(frozen=True)
class MyResponders(Action):
    """The people whom the caller chose: list of ResponderSeen."""

    samples: ClassVar = (
        [],
        _people(1, "yes"),
        _people(3),
        _people(2, "left"),
        _people(1, "no"),
        _people(1, "unreachable"),
    )


@dataclass(frozen=True)
class WhoChoseMe(Action):
    """The members who named the caller: list of ChoiceSeen."""

    samples: ClassVar = (
        [],
        [{"id": 1, "name": LONGEST_NAME, "agreed": "asked", "needs_answer": False}],
        [{"id": n, "name": LONGEST_NAME, "agreed": "yes", "needs_answer": True} for n in range(1, 6)],
    )


@dataclass(frozen=True)
class WhatIsKept(Action):
    """A KeptSeen."""

    samples: ClassVar = ({"name": LONGEST_NAME, "groups": 12, "people": 3, "words": True, "texts": 999},)


@dataclass(frozen=True)
class Join(Action):
    """Become a member, in `language`."""

    language: str
    changes: ClassVar = True


@dataclass(frozen=True)
class StartTexts(Action):
    """Take back the caller's STOP."""

    changes: ClassVar = True


@dataclass(frozen=True)
class TakeLanguage(Action):
    """Speak `language` to the caller from now on."""

    language: str
    changes: ClassVar = True


@dataclass(frozen=True)
class TakeName(Action):
    """Keep the name that the caller chose; empty: none."""

    name: str
    changes: ClassVar = True


@dataclass(frozen=True)
class JoinGroup(Action):
    """Be in the group; False when it is gone."""

    group_id: int
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class LeaveGroup(Action):
    """Be in the group no longer."""

    group_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class SayComing(Action):
    """Keep whether the caller comes: yes, no, maybe, "" to say nothing; False when it is cancelled or over."""

    meeting_id: int
    coming: str
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class KeepWords(Action):
    """Keep the help text; empty: forget it."""

    words: str
    changes: ClassVar = True


@dataclass(frozen=True)
class AskResponder(Action):
    """Ask somebody to be a responder: asked, already, full, enough, closed or yourself."""

    number: str
    name: str
    changes: ClassVar = True
    samples: ClassVar = ("asked", "already", "full", "enough", "closed", "yourself")


@dataclass(frozen=True)
class RemoveResponder(Action):
    """Take a person off the caller's list."""

    responder_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class RaiseHelp(Action):
    """Send the help text to all who agreed; the number of people."""

    changes: ClassVar = True
    samples: ClassVar = (3, 1, 0)


@dataclass(frozen=True)
class SayFine(Action):
    """Close the open help request and tell those who were told; the number of people."""

    changes: ClassVar = True
    samples: ClassVar = (3, 0)


@dataclass(frozen=True)
class AnswerChoice(Action):
    """As a responder: yes (agree), no (decline or leave), help (answer the open help request)."""

    responder_id: int
    answer: str
    changes: ClassVar = True


@dataclass(frozen=True)
class Set(Action):
    """Switch one of the caller's settings: discreet, reminders or paused."""

    setting: str
    on: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class LeaveAll(Action):
    """Leave every group, forget responders and help text, be a member no longer."""

    changes: ClassVar = True


@dataclass(frozen=True)
class EraseMe(Action):
    """Forget everything about this number."""

    changes: ClassVar = True


@dataclass(frozen=True)
class ToldBlocked(Action):
    """Note that the caller read that their network stops our texts."""

    changes: ClassVar = True


@dataclass(frozen=True)
class MySettings(Action):
    """The caller's switches: discreet, reminders, paused."""

    samples: ClassVar = (
        {"discreet": True, "reminders": True, "paused": False},
        {"discreet": False, "reminders": False, "paused": True},
    )
