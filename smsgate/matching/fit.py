"""Ordering the supporters with room for each person who is waiting, with reasons and without a score. Pure.

People are ordered by how long they have waited, those at the front first. For each, supporters with the fewest
obstacles come first. After that, those who are someone else's only option come later, those with most in common come
earlier, and then those with the fewest people.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from smsgate.matching.wishes import IN_PERSON, Wishes


class Reason(StrEnum):
    """Why two people would suit each other."""

    LANGUAGE = "language"  # with the languages that both speak
    COMFORTABLE = "comfortable"  # with what the supporter is, like `woman`
    AREA = "area"  # with the area
    HOW = "how"  # with how both want to meet
    NEAR = "near"  # another town of the same county
    INTEREST = "interest"  # with their common interests


class Obstacle(StrEnum):
    """What speaks against matching two people."""

    LANGUAGE = "language"
    COMFORTABLE = "comfortable"
    HOW = "how"
    FAR = "far"


@dataclass(frozen=True)
class Person:
    """Someone who is waiting."""

    id: int
    wishes: Wishes
    since: datetime
    at_front: bool = False
    barred: frozenset[int] = frozenset()  # supporters who are never proposed; nobody may see why


@dataclass(frozen=True)
class Helper:
    """A supporter with room."""

    id: int
    wishes: Wishes
    walks_with: int = 0


@dataclass(frozen=True)
class Option:
    """A supporter for someone: reasons, obstacles, and how many other people have no other option."""

    helper: Helper
    reasons: tuple[tuple[Reason, tuple[str, ...]], ...]
    obstacles: tuple[Obstacle, ...]
    needed_by: int = 0


@dataclass(frozen=True)
class Row:
    """Someone who is waiting, their supporters in order and, if none fits, the obstacles in the way."""

    person: Person
    options: tuple[Option, ...]
    waits_for: frozenset[Obstacle] = frozenset()


Parents = Mapping[int, int | None]  # by area id: the id of its county, None for a county


Compared = tuple[list[tuple[Reason, tuple[str, ...]]], list[Obstacle]]


def compare(person: Wishes, helper: Wishes, parents: Parents) -> Compared:
    """Return what two have in common, most important first, and the obstacles; what either left open is neither."""
    reasons: list[tuple[Reason, tuple[str, ...]]] = []
    obstacles: list[Obstacle] = []

    def weigh(reason: Reason, obstacle: Obstacle, wanted: Sequence[str], offered: Sequence[str]) -> None:
        both = tuple(one for one in wanted if one in offered)
        if both:
            reasons.append((reason, both))
        elif wanted and offered:
            obstacles.append(obstacle)

    weigh(Reason.LANGUAGE, Obstacle.LANGUAGE, person.languages, helper.languages)
    weigh(Reason.COMFORTABLE, Obstacle.COMFORTABLE, person.kinds, helper.kinds)
    _weigh_area(person, helper, parents, reasons, obstacles)
    weigh(Reason.HOW, Obstacle.HOW, _said(person.how), _said(helper.how))
    if liked := tuple(one for one in person.interests if one in helper.interests):
        reasons.append((Reason.INTEREST, liked))
    return reasons, obstacles


def _said(word: str) -> tuple[str, ...]:
    return (word,) if word else ()


def _weigh_area(
    person: Wishes,
    helper: Wishes,
    parents: Parents,
    reasons: list[tuple[Reason, tuple[str, ...]]],
    obstacles: list[Obstacle],
) -> None:
    if person.area is None or helper.area is None:
        return
    if person.area == helper.area:
        reasons.append((Reason.AREA, (str(person.area),)))
    elif _county(person.area, parents) == _county(helper.area, parents):
        reasons.append((Reason.NEAR, (str(_county(person.area, parents)),)))
    elif IN_PERSON in (person.how, helper.how):
        obstacles.append(Obstacle.FAR)


def _county(area: int, parents: Parents) -> int:
    return parents.get(area) or area


def order(people: Iterable[Person], helpers: Sequence[Helper], parents: Parents) -> list[Row]:
    """Return everybody who is waiting, the longest first, each with the supporters with room, best match first."""
    waiting = sorted(people, key=lambda person: (not person.at_front, person.since, person.id))
    compared = {person.id: _options(person, helpers, parents) for person in waiting}
    only: dict[int, int] = {}  # how many people have no other option than this supporter
    for options in compared.values():
        free = [option for option in options if not option.obstacles]
        if len(free) == 1:
            only[free[0].helper.id] = only.get(free[0].helper.id, 0) + 1
    return [_row(person, compared[person.id], only) for person in waiting]


def _options(person: Person, helpers: Sequence[Helper], parents: Parents) -> list[Option]:
    options = []
    for helper in helpers:
        if helper.id not in person.barred:
            reasons, obstacles = compare(person.wishes, helper.wishes, parents)
            options.append(Option(helper, tuple(reasons), tuple(obstacles)))
    return options


def _row(person: Person, options: Sequence[Option], only: Mapping[int, int]) -> Row:
    free = [option.helper.id for option in options if not option.obstacles]
    mine = free[0] if len(free) == 1 else None
    known = [
        Option(
            option.helper, option.reasons, option.obstacles, only.get(option.helper.id, 0) * (option.helper.id != mine)
        )
        for option in options
    ]
    blocked = (
        frozenset[Obstacle]() if free or not options else frozenset.union(*(frozenset(o.obstacles) for o in options))
    )
    return Row(person, tuple(sorted(known, key=_place)), blocked)


def _place(option: Option) -> tuple[int, ...]:
    """Return the sort key of a supporter; it is never shown."""
    strong = sum(reason is not Reason.INTEREST for reason, _what in option.reasons)
    liked = sum(len(what) for reason, what in option.reasons if reason is Reason.INTEREST)
    helper = option.helper
    return (len(option.obstacles), option.needed_by, -strong, -liked, helper.walks_with, helper.id)
