"""What people who lead a group may ask to have done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from smsgate.flows.actions.members import LONGEST_GROUP, LONGEST_NAME
from smsgate.flows.actions.results import AskerSeen, LedSeen, RoleSeen
from smsgate.flows.steps import Action


def _led(count: int, role: str, soon: bool = False) -> list[LedSeen]:
    return [
        {"id": n, "name": LONGEST_GROUP, "role": role, "until": "2027-09-23", "ends_soon": soon, "takes_help": soon}
        for n in range(1, count + 1)
    ]


def _roles(count: int, role: str) -> list[RoleSeen]:
    return [
        {"id": n, "name": LONGEST_NAME, "role": role, "until": "2027-09-23", "mine": n == 1}
        for n in range(1, count + 1)
    ]


@dataclass(frozen=True)
class GroupsLed(Action):
    """The groups in which the caller has a role: list of LedSeen."""

    samples: ClassVar = ([], _led(1, "facilitator", soon=True), _led(1, "admin"), _led(3, "admin"))


@dataclass(frozen=True)
class RolesHere(Action):
    """Who has a role in a group of which the caller is admin: list of RoleSeen."""

    group_id: int
    samples: ClassVar = ([], _roles(1, "admin"), _roles(9, "facilitator"), _roles(2, "admin"))


@dataclass(frozen=True)
class GroupLog(Action):
    """What was done in a group of which the caller is admin, newest first: list of EntrySeen."""

    group_id: int
    samples: ClassVar = (
        [],
        [{"at": "2026-09-23", "who": LONGEST_NAME, "what": what} for what in ("offered_facilitator", "notice:1")] * 3,
    )


@dataclass(frozen=True)
class FindOffer(Action):
    """The role behind a code: an OfferSeen, or None."""

    code: str
    samples: ClassVar = (None, {"group": LONGEST_GROUP, "role": "facilitator"}, {"group": "T", "role": "admin"})


@dataclass(frozen=True)
class AcceptRole(Action):
    """Take the role behind a code; False where it is gone."""

    code: str
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class OfferRole(Action):
    """As an admin: a code for a role; empty where that is not possible."""

    group_id: int
    role: str
    changes: ClassVar = True
    samples: ClassVar = ("12345678", "")


@dataclass(frozen=True)
class HandOver(Action):
    """A code for one's own role; empty where that is not possible."""

    group_id: int
    changes: ClassVar = True
    samples: ClassVar = ("12345678", "")


@dataclass(frozen=True)
class GoOn(Action):
    """Keep one's role for another year."""

    group_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class LeaveRole(Action):
    """End one's own role."""

    group_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class TakeHelp(Action):
    """Whether members may turn to the caller when nobody else answers."""

    group_id: int
    on: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class EndRole(Action):
    """As an admin: end somebody's role; False where that is not possible."""

    appointment_id: int
    changes: ClassVar = True
    samples: ClassVar = (True, False)


_ASKED: list[AskerSeen] = [{"id": n, "name": LONGEST_NAME if n > 1 else ""} for n in range(1, 6)]


@dataclass(frozen=True)
class AskedToJoin(Action):
    """Who asks to join a group that the caller leads: list of AskerSeen."""

    group_id: int
    samples: ClassVar = ([], _ASKED)


@dataclass(frozen=True)
class AnswerAsked(Action):
    """Let somebody in, or not; False where somebody answered before."""

    group_id: int
    request_id: int
    yes: bool
    changes: ClassVar = True
    samples: ClassVar = (True, False)
