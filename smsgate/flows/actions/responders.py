"""Actions about responders: whom a member chose, the do-not-contact list, and what responders answer."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from smsgate.flows.actions.members import LONGEST_NAME
from smsgate.flows.actions.results import NeverSeen, ResponderSeen
from smsgate.flows.steps import Action


def _people(count: int, agreed: str = "asked", text: int = 0) -> list[ResponderSeen]:
    return [{"id": n, "name": LONGEST_NAME, "agreed": agreed, "text": text} for n in range(1, count + 1)]


@dataclass(frozen=True)
class MyResponders(Action):
    """List the responders whom the caller chose. Result: list of ResponderSeen."""

    samples: ClassVar = (
        [], _people(1, "yes"), _people(3), _people(2, "left"), _people(3, "yes", 1),
        *(_people(1, agreed) for agreed in ("no", "unreachable", "resting", "gone")),
    )  # fmt: skip


@dataclass(frozen=True)
class CheckNumber(Action):
    """Check a number typed for a new responder. Result: "" if they may be asked, else as for AskResponder."""

    number: str
    samples: ClassVar = ("", "never")  # the longest; AskResponder has the others


@dataclass(frozen=True)
class AskResponder(Action):
    """Ask someone to be a responder. Result: asked, already, full, enough, closed, never or yourself."""

    number: str
    name: str
    changes: ClassVar = True
    samples: ClassVar = ("asked", "already", "full", "enough", "closed", "never", "yourself")


@dataclass(frozen=True)
class AskAgain(Action):
    """Ask a responder again who left or did not answer. Result: as for AskResponder."""

    responder_id: int
    changes: ClassVar = True
    samples: ClassVar = ("asked", "already", "enough", "closed", "never")


@dataclass(frozen=True)
class RemoveResponder(Action):
    """Remove someone from the caller's responders. Result: whether they may have read the open help text."""

    responder_id: int
    changes: ClassVar = True
    samples: ClassVar = (False, True)


@dataclass(frozen=True)
class MoveUp(Action):
    """Move a responder up one place in the order of asking."""

    responder_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class GiveText(Action):
    """Choose which text a responder gets; 0 stands for the first."""

    responder_id: int
    text_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class DoNotContactList(Action):
    """List the numbers on the caller's do-not-contact list. Result: list of NeverSeen."""

    samples: ClassVar[tuple[list[NeverSeen], ...]] = (
        [],
        [{"id": n, "number": "+254 711 000001"} for n in range(1, 21)],
    )


@dataclass(frozen=True)
class BlockNumber(Action):
    """Add a number to the caller's do-not-contact list. Result: kept, read, yourself or full.

    `read`: kept, and its holder may have read the open help text.
    """

    number: str
    changes: ClassVar = True
    samples: ClassVar = ("kept", "read", "yourself", "full")


@dataclass(frozen=True)
class UnblockNumber(Action):
    """Remove a number from the caller's do-not-contact list."""

    never_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class WhoChoseMe(Action):
    """List the members who chose the caller as a responder. Result: list of ChoiceSeen."""

    samples: ClassVar = (
        [],
        [{"id": 1, "name": LONGEST_NAME, "agreed": "asked", "needs_answer": False}],
        [{"id": 1, "name": LONGEST_NAME, "agreed": "resting", "needs_answer": False}],
        [{"id": n, "name": LONGEST_NAME, "agreed": "yes", "needs_answer": True} for n in range(1, 6)],
        [{"id": 1, "name": LONGEST_NAME, "agreed": "yes", "needs_answer": True, "practice": True}],
        [{"id": 1, "name": LONGEST_NAME, "agreed": "yes", "needs_answer": False, "on_it": True}],
    )


@dataclass(frozen=True)
class AnswerChoice(Action):
    """Answer as a responder: yes or no to being one, help or not_now to a request, rest or awake.

    `practice`: the request they were shown is one. Result: `heard`; `often` if they changed their answer so often today
    that this one is not passed on; `over` if what they were shown is over.
    """

    responder_id: int
    answer: str
    practice: bool = False
    changes: ClassVar = True
    samples: ClassVar = ("heard", "often", "over")
