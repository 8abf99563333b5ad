"""What members and strangers may ask to have done."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from smsgate.flows.actions.results import GroupSeen, MeetingSeen
from smsgate.flows.steps import Action

LONGEST_GROUP = "Mind Empowerment Group Kisumu1"
LONGEST_NAME = "Wanjiku wa Nyambura1"
LONGEST_PLACE = "Community Hall, room 4, opposite market"


_GROUPS: list[GroupSeen] = [{"id": n, "name": LONGEST_GROUP, "by_approval": n > 1} for n in range(1, 13)]
_MEETING: MeetingSeen = {
    "id": 1, "group": LONGEST_GROUP, "when": "2026-09-23T14:00:00", "place": LONGEST_PLACE, "coming": "",
    "topic": "A guest speaks of rights, bring your qns", "minutes": 1440,
}  # fmt: skip


@dataclass(frozen=True)
class FindGroup(Action):
    """The group of a code, or None."""

    code: str
    samples: ClassVar = (None, _GROUPS[0], _GROUPS[1])


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
    """Be in the group, or ask to be: "in", "asked", or "" when it is gone; an earlier release had True and False."""

    group_id: int
    changes: ClassVar = True
    samples: ClassVar = ("in", "asked", "")


@dataclass(frozen=True)
class WelcomeOf(Action):
    """What a group says to who has joined, in the caller's language; "" for nothing."""

    group_id: int
    samples: ClassVar = ("", "We are glad that you are here. " * 3 + "Come in!")


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
class SettleDoubt(Action):
    """Whether the number is in the same hands as before; if not, nothing of the former holder is left."""

    mine: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class NewsOfGroup(Action):
    """The last notices to everybody in a group of the caller's: list of NewsSeen."""

    group_id: int
    samples: ClassVar = ([], [{"at": "2026-09-23T14:00:00", "words": "Bring your own cup, and a friend. " * 4}] * 3)


@dataclass(frozen=True)
class ToldBlocked(Action):
    """Note that the caller read that their network stops our texts."""

    changes: ClassVar = True


@dataclass(frozen=True)
class MySettings(Action):
    """The caller's switches: discreet, reminders, paused."""

    samples: ClassVar = (
        {"discreet": True, "reminders": True, "paused": False, "silent": False},
        {"discreet": False, "reminders": False, "paused": True, "silent": True},
    )
