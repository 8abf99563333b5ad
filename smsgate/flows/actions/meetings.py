"""What is asked about meetings: replies and who sees them, reminders, hours for texts, how many came."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from smsgate.flows.actions.members import LONGEST_GROUP, LONGEST_NAME
from smsgate.flows.actions.results import ExpectedSeen
from smsgate.flows.steps import Action

WHEN = "2026-09-23T14:00:00"
LONGEST_TIMES = "14d 333h 13d 12d"


def _reminded(count: int, mine: str | None = None) -> dict[str, Any]:
    groups = [{"id": n, "name": LONGEST_GROUP, "theirs": LONGEST_TIMES, "mine": mine} for n in range(1, count + 1)]
    return {"on": True, "groups": groups}


def _expected(count: int, said: int, names: int) -> list[ExpectedSeen]:
    return [
        {"id": n, "when": WHEN, "yes": said, "maybe": said, "no": said, "names": [LONGEST_NAME] * names}
        for n in range(1, count + 1)
    ]


@dataclass(frozen=True)
class MyReminders(Action):
    """When reminders come to the caller: a RemindersSeen."""

    samples: ClassVar = (_reminded(0), _reminded(1), _reminded(1, ""), _reminded(3, "1d"), {"on": False, "groups": []})


@dataclass(frozen=True)
class RemindMe(Action):
    """Have reminders of a group so long before, as it is typed; None: as the group. Why that cannot be, or ""."""

    group_id: int
    typed: str | None
    changes: ClassVar = True
    samples: ClassVar = ("", "unreadable", "many", "far")


@dataclass(frozen=True)
class MyHours(Action):
    """The hours at which texts of groups may come, as `17:00-20:30`; "" for any."""

    samples: ClassVar = ("", "17:00-20:30")


@dataclass(frozen=True)
class KeepHours(Action):
    """Have texts of groups come at these hours only, "" for any; why that cannot be, or ""."""

    typed: str
    changes: ClassVar = True
    samples: ClassVar = ("", "unreadable", "night")


@dataclass(frozen=True)
class ShowsName(Action):
    """Whether who leads the group sees the caller's name among those who come."""

    group_id: int
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class ShowName(Action):
    """Have it seen, or not."""

    group_id: int
    shown: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class Expected(Action):
    """As who leads a group: how many come to its next meetings: list of ExpectedSeen."""

    group_id: int
    samples: ClassVar = ([], _expected(1, 999, 0), _expected(1, 5, 6), _expected(8, 4, 1))


@dataclass(frozen=True)
class MeetingOver(Action):
    """As who leads a group: the meeting that can be counted: an OverSeen, or None."""

    group_id: int
    samples: ClassVar = (None, {"id": 1, "when": WHEN, "attended": None}, {"id": 1, "when": WHEN, "attended": 999})


@dataclass(frozen=True)
class CountCame(Action):
    """As who leads a group: keep how many came; False where that is not possible any more."""

    group_id: int
    meeting_id: int
    came: int
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class GroupReminders(Action):
    """As an admin: how long before meetings the group has its reminders, as `1d 2h`; "" for never."""

    group_id: int
    samples: ClassVar = ("1d 2h", "", LONGEST_TIMES)


@dataclass(frozen=True)
class RemindGroup(Action):
    """As an admin: have them so, as it is typed, "" for never; why that cannot be, or ""."""

    group_id: int
    typed: str
    changes: ClassVar = True
    samples: ClassVar = ("", "unreadable", "many", "far")
