"""Actions for finding a group: what the directory shows, as far as each group allows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from smsgate.flows.actions.members import LONGEST_GROUP, LONGEST_PLACE
from smsgate.flows.actions.results import AreaSeen, FoundSeen, ListedSeen, PageSeen, PlaceSeen
from smsgate.flows.steps import Action

LONGEST_AREA = "Elgeyo-Marakwet West"
_AREAS: list[AreaSeen] = [{"id": n, "name": LONGEST_AREA, "all": n == 2} for n in (1, 2)]
_PLACES: list[PlaceSeen] = [{"id": n, "name": LONGEST_AREA, "groups": 9, "towns": 1} for n in (1, 2)]
_GROUPS: list[ListedSeen] = [
    {"id": 1, "name": LONGEST_GROUP, "next": "2026-09-23T14:00:00"}, {"id": 2, "name": LONGEST_GROUP, "next": ""},
]  # fmt: skip
_PAGE: PageSeen = {
    "id": 1, "name": LONGEST_GROUP, "by_approval": True, "standing": "", "area": f"{LONGEST_AREA}, {LONGEST_AREA}",
    "by_phone": True, "languages": ["Kiswahili", "English", "Gikuyu", "Dholuo"], "meets": "Every second Saturday, 2 pm",
    "open_to": ["People of one community", "Family and friends too"], "next": "2026-09-23T14:00:00",
    "place": LONGEST_PLACE,
}  # fmt: skip
_BARE: PageSeen = {
    **_PAGE, "by_approval": False, "area": "", "by_phone": False, "languages": [], "meets": "", "open_to": [],
    "next": "", "place": "",
}  # fmt: skip


@dataclass(frozen=True)
class LookAtDirectory(Action):
    """See in which ways groups can be found. Result: DirectorySeen."""

    samples: ClassVar = (
        {"areas": True, "languages": True, "by_phone": True}, {"areas": False, "languages": False, "by_phone": False},
    )  # fmt: skip


@dataclass(frozen=True)
class AreasWithGroups(Action):
    """List the counties that have listed groups, or the towns of one or of all; with `language_id`, of that language.

    Result: list of PlaceSeen, by name. The towns of a county include the county itself if groups name no town of it.
    """

    county_id: int | None = None
    language_id: int | None = None
    towns_at_once: bool = False
    samples: ClassVar = ([], _PLACES)


@dataclass(frozen=True)
class LanguagesSpoken(Action):
    """List the languages that are spoken in listed groups. Result: list of AreaSeen, by name."""

    samples: ClassVar = ([], [{"id": 1, "name": "Kiswahili", "all": False}, {"id": 2, "name": "Dholuo", "all": False}])


@dataclass(frozen=True)
class GroupsListed(Action):
    """List groups of the directory by their next meeting. Result: list of ListedSeen."""

    area_id: int | None = None  # a town, or a county with everything in it
    only_here: bool = False  # of a county: only groups that name no town of it
    language_id: int | None = None
    by_phone: bool = False
    samples: ClassVar = ([], _GROUPS)


@dataclass(frozen=True)
class SearchDirectory(Action):
    """Find areas and groups whose names begin as typed, in letters or in digits of a keypad. Result: FoundSeen."""

    typed: str
    samples: ClassVar[tuple[FoundSeen, ...]] = (
        {"areas": [], "groups": []},
        {"areas": _AREAS, "groups": _GROUPS},
    )


@dataclass(frozen=True)
class GroupPage(Action):
    """Read about a listed group, in a language. Result: PageSeen, or None if it is no longer listed."""

    group_id: int
    language: str
    samples: ClassVar = (None, _PAGE, _BARE, {**_BARE, "standing": "in"})


@dataclass(frozen=True)
class AskToStart(Action):
    """Ask the network's admins about starting a group. Result: False if no answer could reach the caller."""

    place: str
    idea: str
    language: str
    changes: ClassVar = True
    samples: ClassVar = (True, False)
