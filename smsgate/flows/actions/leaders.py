"""Actions of leaders about roles, the audit log and requests to join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from smsgate.flows.actions.members import LONGEST_GROUP, LONGEST_NAME
from smsgate.flows.actions.results import AskerSeen, LedSeen, OtherLeadersSeen, RoleSeen
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
    """List the groups in which the caller has a role. Result: list of LedSeen."""

    samples: ClassVar = ([], _led(1, "facilitator", soon=True), _led(1, "admin"), _led(3, "admin"))


@dataclass(frozen=True)
class RolesHere(Action):
    """As an admin: list who has a role in a group. Result: list of RoleSeen."""

    group_id: int
    samples: ClassVar = ([], _roles(1, "admin"), _roles(9, "facilitator"), _roles(2, "admin"))


@dataclass(frozen=True)
class GroupLog(Action):
    """As an admin: read the audit log of a group, newest first. Result: list of EntrySeen."""

    group_id: int
    samples: ClassVar = (
        [],
        [{"at": "2026-09-23", "who": LONGEST_NAME, "what": what} for what in ("offered_facilitator", "notice:1")] * 3,
    )


@dataclass(frozen=True)
class FindOffer(Action):
    """Look up the role on offer under a code. Result: OfferSeen or None."""

    code: str
    samples: ClassVar = (
        None,
        {"group": LONGEST_GROUP, "role": "facilitator"},
        {"group": "T", "role": "admin"},
        {"group": LONGEST_GROUP, "role": "supporter"},
        {"group": LONGEST_GROUP, "role": "coordinator"},
    )

    @property
    def code_guessed(self) -> str | None:
        """The code that is looked up."""
        return self.code


@dataclass(frozen=True)
class ConsoleCode(Action):
    """Make a code with which the caller signs in to the console. Result: its digits, "" without a role."""

    changes: ClassVar = True
    samples: ClassVar = ("1234567890", "")


@dataclass(frozen=True)
class AcceptRole(Action):
    """Accept the role on offer under a code. Result: False if it is gone."""

    code: str
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class OfferRole(Action):
    """As an admin: make a code for a role. Result: the code, or "" if that is not possible."""

    group_id: int
    role: str
    changes: ClassVar = True
    samples: ClassVar = ("12345678", "")


@dataclass(frozen=True)
class HandOver(Action):
    """Make a code for the caller's own role. Result: the code, or "" if that is not possible."""

    group_id: int
    changes: ClassVar = True
    samples: ClassVar = ("12345678", "")


@dataclass(frozen=True)
class RenewRole(Action):
    """Renew the caller's own role for a year."""

    group_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class LeaveRole(Action):
    """End the caller's own role."""

    group_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class TakeHelp(Action):
    """Save whether members may choose to have the caller asked when nobody else answers."""

    group_id: int
    on: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class EndRole(Action):
    """As an admin: end someone's role. Result: False if that is not possible."""

    assignment_id: int
    changes: ClassVar = True
    samples: ClassVar = (True, False)


_ASKED: list[AskerSeen] = [{"id": n, "name": LONGEST_NAME if n > 1 else ""} for n in range(1, 6)]


@dataclass(frozen=True)
class AskedToJoin(Action):
    """List the people who ask to join a group that the caller leads. Result: list of AskerSeen."""

    group_id: int
    samples: ClassVar = ([], _ASKED)


@dataclass(frozen=True)
class AnswerAsked(Action):
    """Let someone join, or decline. Result: False if someone answered before."""

    group_id: int
    request_id: int
    yes: bool
    changes: ClassVar = True
    samples: ClassVar = (True, False)


_OTHERS: OtherLeadersSeen = {
    "on": True, "named": True,
    "leaders": [{"id": n, "name": LONGEST_NAME, "group": LONGEST_GROUP, "area": ""} for n in (1, 2)],
    "notices": [{"at": "2026-09-23", "words": "x" * 60}] * 3,
}  # fmt: skip


@dataclass(frozen=True)
class OtherLeaders(Action):
    """See what the network wrote to leaders, and who is on their list. Result: OtherLeadersSeen."""

    group_id: int
    samples: ClassVar[tuple[OtherLeadersSeen, ...]] = (
        _OTHERS,
        {"on": True, "named": True, "leaders": [], "notices": []},
        {**_OTHERS, "on": False, "leaders": []},
        {"on": False, "named": False, "leaders": [], "notices": []},
    )


@dataclass(frozen=True)
class BeOnLeadersList(Action):
    """Put the caller on the list of leaders, or take them off."""

    group_id: int
    on: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class WriteToLeader(Action):
    """Send words to another leader on the list. Result: "sent", "gone" or "limited"."""

    group_id: int
    to: int
    words: str
    changes: ClassVar = True
    samples: ClassVar = ("sent", "gone", "limited")
