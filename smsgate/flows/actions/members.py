"""Actions of members and strangers: joining, groups, meetings, settings, leaving, erasing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from smsgate.flows.actions.results import GroupSeen, MeetingSeen
from smsgate.flows.steps import Action

LONGEST_GROUP = "Mind Empowerment Group Kisumu1"
ROLE_DIGITS = 8  # of the code of a role on offer
CARD_DIGITS = 7  # of the code on a programme's cards
LONGEST_NAME = "Wanjiku wa Nyamburai"
LONGEST_PLACE = "Community Hall, room 4, opposite market"


_GROUPS: list[GroupSeen] = [{"id": n, "name": LONGEST_GROUP, "by_approval": n > 1} for n in range(1, 13)]
_MEETING: MeetingSeen = {
    "id": 1, "group": LONGEST_GROUP, "when": "2026-09-23T14:00:00", "place": LONGEST_PLACE, "coming": "",
    "topic": "A guest speaks of rights, bring your qns", "minutes": 1440,
}  # fmt: skip


@dataclass(frozen=True)
class FindGroup(Action):
    """Look up a group by its code. Result: GroupSeen or None."""

    code: str
    samples: ClassVar = (
        None, _GROUPS[0], _GROUPS[1], {**_GROUPS[0], "standing": "in"}, {**_GROUPS[1], "standing": "asked"},
    )  # fmt: skip

    @property
    def code_guessed(self) -> str | None:
        """The code that is looked up."""
        return self.code

    @property
    def is_last_look(self) -> bool:
        """False for a code as long as that of a role or of a card, since it may be one."""
        return len(self.code) not in (ROLE_DIGITS, CARD_DIGITS)


@dataclass(frozen=True)
class ListedGroups(Action):
    """List the groups that chose to be listed and that the caller is not in. Result: list of GroupSeen."""

    samples: ClassVar = ([], _GROUPS)


@dataclass(frozen=True)
class MyGroups(Action):
    """List the caller's groups. Result: list of GroupSeen."""

    samples: ClassVar = ([], _GROUPS[:3])


@dataclass(frozen=True)
class NextMeetings(Action):
    """List the next meetings of the caller's groups, soonest first. Result: list of MeetingSeen."""

    samples: ClassVar = ([], [{**_MEETING, "id": n, "coming": "yes"} for n in range(1, 9)], [_MEETING])


@dataclass(frozen=True)
class WhatIsKept(Action):
    """Summarise what is stored about the caller. Result: KeptSeen."""

    samples: ClassVar = ({"name": LONGEST_NAME, "groups": 12, "people": 3, "words": True, "texts": 999},)


@dataclass(frozen=True)
class Join(Action):
    """Make the caller a member, in `language`."""

    language: str
    changes: ClassVar = True


@dataclass(frozen=True)
class StartTexts(Action):
    """Opt the caller in again after a STOP."""

    changes: ClassVar = True


@dataclass(frozen=True)
class TakeLanguage(Action):
    """Save the caller's language."""

    language: str
    changes: ClassVar = True


@dataclass(frozen=True)
class TakeName(Action):
    """Save the caller's name; empty for none."""

    name: str
    changes: ClassVar = True


@dataclass(frozen=True)
class JoinGroup(Action):
    """Join a group, or ask to.

    Result: "in", "asked", or "" if the group is gone; a session of an earlier release may hold True or False.
    """

    group_id: int
    changes: ClassVar = True
    samples: ClassVar = ("in", "asked", "")


@dataclass(frozen=True)
class WelcomeOf(Action):
    """Load the welcome of a group in the caller's language. Result: its words, "" for none."""

    group_id: int
    samples: ClassVar = ("", "We are glad that you are here. " * 3 + "Come in!")


@dataclass(frozen=True)
class UnreadWelcome(Action):
    """Load the welcome for a caller whom a leader let in. Result: its words, or None if it was read before."""

    group_id: int
    samples: ClassVar = (None, "", "We are glad that you are here. " * 3 + "Come in!")


@dataclass(frozen=True)
class ReadWelcome(Action):
    """Note that the caller has read the welcome."""

    group_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class LeaveGroup(Action):
    """Leave a group."""

    group_id: int
    changes: ClassVar = True


@dataclass(frozen=True)
class SayComing(Action):
    """Save a reply to a meeting: yes, no, maybe, "" for none. Result: False if it is cancelled or over."""

    meeting_id: int
    coming: str
    changes: ClassVar = True
    samples: ClassVar = (True, False)


@dataclass(frozen=True)
class Set(Action):
    """Switch one of the caller's settings: discreet, reminders, paused or silent."""

    setting: str
    on: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class LeaveAll(Action):
    """Leave every group, delete responders and help texts, and end the membership."""

    changes: ClassVar = True


@dataclass(frozen=True)
class EraseMe(Action):
    """Erase everything about this number."""

    changes: ClassVar = True


@dataclass(frozen=True)
class ResolveReassignment(Action):
    """Save whether the number has the same holder as before; if not, delete what was the former holder's."""

    mine: bool
    changes: ClassVar = True


@dataclass(frozen=True)
class NewsOfGroup(Action):
    """Load the last notices to everybody in one of the caller's groups. Result: list of NewsSeen."""

    group_id: int
    samples: ClassVar = ([], [{"at": "2026-09-23T14:00:00", "words": "Bring your own cup, and a friend. " * 4}] * 3)


@dataclass(frozen=True)
class ToldBlocked(Action):
    """Record that the caller was told that their network blocks our texts."""

    changes: ClassVar = True


@dataclass(frozen=True)
class MySettings(Action):
    """Load the caller's switches: discreet, reminders, paused and silent. Result: a dict of bool by name."""

    samples: ClassVar = (
        {"discreet": True, "reminders": True, "paused": False, "silent": False},
        {"discreet": False, "reminders": False, "paused": True, "silent": True},
    )
