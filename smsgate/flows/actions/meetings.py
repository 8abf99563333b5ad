"""Actions about reminders, hours for texts, whether the caller's name is seen, and attendance."""

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
    """Load the caller's reminder times. Result: RemindersSeen."""

    samples: ClassVar = (_reminded(0), _reminded(1), _reminded(1, ""), _reminded(3, "1d"), {"on": False, "groups": []})


@dataclass(frozen=True)
class RemindMe(Action):
    """Save the caller's reminder times in a group, as typed; None: the group's, "": none.

    Result: "unreadable", "many" or "far", or "" if they are saved.
    """

    group_id: int
    typed: str | None
    changes: ClassVar = True
    samples: ClassVar = ("", "unreadable", "many", "far")


@dataclass(frozen=True)
class MyHours(Action):
    """Load the hours at which groups' texts may arrive. Result: such as "17:00-20:30"; "" for any hour."""

    samples: ClassVar = ("", "17:00-20:30")


@dataclass(frozen=True)
class KeepHours(Action):
    """Save these hours, as typed; "" for any. Result: "unreadable" or "night", or "" if they are saved."""

    typed: str
    changes: ClassVar = True
    samples: ClassVar = ("", "unreadable", "night")


@dataclass(frozen=True)
class ShowsName(Action):
    """Load whether leaders of a group see the caller's name among those who come. Result: bool."""

    group_id: int
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class ShowName(Action):
    """Save whether leaders of a group see the caller's name among those who come."""

    group_id: int
    shown: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class Expected(Action):
    """As a leader: load how many come to the next meetings of a group. Result: list of ExpectedSeen."""

    group_id: int
    samples: ClassVar = ([], _expected(1, 999, 0), _expected(1, 5, 6), _expected(8, 4, 1))


@dataclass(frozen=True)
class MeetingOver(Action):
    """As a leader: find the meeting whose attendance can be recorded. Result: OverSeen or None."""

    group_id: int
    samples: ClassVar = (None, {"id": 1, "when": WHEN, "attended": None}, {"id": 1, "when": WHEN, "attended": 999})


@dataclass(frozen=True)
class CountCame(Action):
    """As a leader: save how many came. Result: False if that is not possible any more."""

    group_id: int
    meeting_id: int
    came: int
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class GroupReminders(Action):
    """As an admin: load the reminder times of a group. Result: such as "1d 2h"; "" for none."""

    group_id: int
    samples: ClassVar = ("1d 2h", "", LONGEST_TIMES)


@dataclass(frozen=True)
class RemindGroup(Action):
    """As an admin: save the reminder times of a group, as typed; "" for none.

    Result: "unreadable", "many" or "far", or "" if they are saved.
    """

    group_id: int
    typed: str
    changes: ClassVar = True
    samples: ClassVar = ("", "unreadable", "many", "far")
