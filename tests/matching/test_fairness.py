"""A year with 300 people, 40 supporters, three areas and two languages: nobody waits forever without a reason shown."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from statistics import median

import pytest

from smsgate.matching import fit
from smsgate.matching.fit import Helper, Obstacle, Person, Reason, Row
from smsgate.matching.wishes import Wishes

BEGINS = datetime(2026, 1, 5, tzinfo=UTC)
AREAS, LANGUAGES = (1, 2, 3), ("Kiswahili", "Dholuo")
ROOM, WEEKS = 2, 52


def wishes(chance: random.Random, *, helper: bool) -> Wishes:
    """Draw someone's wishes: most have a language and an area; few say whom they would be comfortable with."""
    languages = chance.sample(LANGUAGES, 2 if helper and chance.random() < 0.4 else 1)
    kinds: tuple[str, ...] = (chance.choice(("woman", "man")),) if helper or chance.random() < 0.2 else ()
    how = chance.choice(("", "", "phone", "person"))
    return Wishes(tuple(languages), chance.choice(AREAS), how, tuple(chance.sample("12345", 2)), kinds)


@dataclass
class Year:
    """A simulated year: who waits and who walks with whom, week by week, and how long each waited."""

    chance: random.Random
    helpers: dict[int, Wishes]
    walks: dict[int, tuple[int, int]] = field(default_factory=dict)  # person: supporter, and the week in which it ends
    waiting: dict[int, Person] = field(default_factory=dict)
    waited: dict[int, float] = field(default_factory=dict)  # weeks
    shown: dict[int, frozenset[Obstacle]] = field(default_factory=dict)  # the reasons shown for those who wait
    no_thanks: set[int] = field(default_factory=set)  # people whose proposal one of the two declined
    said: dict[int, Wishes] = field(default_factory=dict)

    def week(self, number: int, come: list[int]) -> None:
        now = BEGINS + timedelta(weeks=number)
        for person, (_helper, ends) in list(self.walks.items()):
            if ends <= number:
                del self.walks[person]
        for person in come:
            self.said[person] = wishes(self.chance, helper=False)
            self.waiting[person] = Person(person, self.said[person], now)
        self._proposes(number, now)

    def _proposes(self, number: int, now: datetime) -> None:
        """Go down the list once, as a coordinator, and propose the first supporter without obstacles."""
        passed: set[int] = set()
        while row := next((row for row in self._rows() if row.person.id not in passed), None):
            person = row.person
            passed.add(person.id)
            free = [option.helper.id for option in row.options if not option.obstacles]
            if not free:
                no_room = frozenset(Obstacle) if not row.options else row.waits_for
                self.shown[person.id] = self.shown.get(person.id, frozenset()) | no_room
            elif self.chance.random() < 0.85:  # both agree
                self.walks[person.id] = (free[0], number + self.chance.randint(8, 20))
                self.waited[person.id] = (now - person.since) / timedelta(weeks=1) + 1
                del self.waiting[person.id]
            else:
                self.no_thanks.add(person.id)

    def _rows(self) -> list[Row]:
        return fit.order(self.waiting.values(), self._with_room(), dict.fromkeys(AREAS))

    def _with_room(self) -> list[Helper]:
        taken = Counter(helper for helper, _ends in self.walks.values())
        return [Helper(n, said, taken[n]) for n, said in self.helpers.items() if taken[n] < ROOM]


@pytest.fixture(scope="module")
def year() -> Year:
    chance = random.Random(19)
    made = Year(chance, {n: wishes(chance, helper=True) for n in range(40)})
    people = iter(range(1000, 1300))
    for week in range(WEEKS):
        made.week(week, [person for _n, person in zip(range(6), people, strict=False)])
    return made


def test_everybody_who_asked_walked_or_reads_why_not(year: Year) -> None:
    assert len(year.said) == 300
    assert len(year.waited) > 250
    late = [person for person in year.waiting if year.waiting[person].since < BEGINS + timedelta(weeks=WEEKS - 4)]
    assert [person for person in late if not year.shown.get(person)] == []


def test_nobody_waits_over_four_times_the_median_without_a_reason(year: Year) -> None:
    middle = median(year.waited.values())
    long = [person for person, weeks in year.waited.items() if weeks > 4 * middle]
    assert [person for person in long if not (year.shown.get(person) or person in year.no_thanks)] == []


@pytest.mark.parametrize("part", ["language", "area"])
def test_no_language_and_no_area_waits_much_longer_than_another(year: Year, part: str) -> None:
    by_part: dict[object, list[float]] = {}
    for person, weeks in year.waited.items():
        key = year.said[person].languages[0] if part == "language" else year.said[person].area
        by_part.setdefault(key, []).append(weeks)
    middles = {key: median(waited) for key, waited in by_part.items()}
    assert len(middles) == (2 if part == "language" else 3)
    assert max(middles.values()) <= 2 * min(middles.values()), middles


def test_an_order_of_200_people_and_40_supporters() -> None:
    """This takes a third of a second of processor time: `python -m bench matching`."""
    chance = random.Random(1)
    people = [Person(n, wishes(chance, helper=False), BEGINS + timedelta(hours=n)) for n in range(200)]
    helpers = [Helper(n, wishes(chance, helper=True)) for n in range(40)]
    rows = fit.order(people, helpers, dict.fromkeys(AREAS))
    assert [row.person.id for row in rows] == list(range(200))
    assert all(len(row.options) == 40 for row in rows)


def test_reasons_come_first_then_who_walks_with_fewest_and_ties_are_steady() -> None:
    said = Wishes(("Dholuo",), 1, "phone", ("1", "2"))
    person = Person(1, said, BEGINS)
    helpers = [
        Helper(1, Wishes(("Kiswahili",), 1)),
        Helper(2, Wishes(("Dholuo",), 2, "phone"), 1),
        Helper(3, Wishes(("Dholuo",), 1, "phone", ("2",))),
        Helper(4, Wishes(("Dholuo",), 2, "phone")),
        Helper(5, Wishes()),
    ]
    (row,) = fit.order([person], helpers, {1: None, 2: None})
    assert [option.helper.id for option in row.options] == [3, 4, 2, 5, 1]
    assert row.options[0].reasons == (
        (Reason.LANGUAGE, ("Dholuo",)), (Reason.AREA, ("1",)), (Reason.HOW, ("phone",)), (Reason.INTEREST, ("2",)),
    )  # fmt: skip
    assert row.options[-1].obstacles == (Obstacle.LANGUAGE,)


def test_who_is_the_only_one_for_somebody_else_comes_later() -> None:
    everybodys, dholuo = Helper(1, Wishes(("Kiswahili",))), Helper(2, Wishes(("Kiswahili", "Dholuo")))
    first = Person(1, Wishes(("Kiswahili",)), BEGINS)
    second = Person(2, Wishes(("Dholuo",)), BEGINS + timedelta(days=1))
    rows = fit.order([second, first], [dholuo, everybodys], {})
    assert [row.person.id for row in rows] == [1, 2]
    assert [option.helper.id for option in rows[0].options] == [1, 2]
    assert rows[0].options[1].needed_by == 1
    assert rows[1].options[0].needed_by == 0


def test_what_rules_everybody_out_is_shown() -> None:
    (row,) = fit.order([Person(1, Wishes(("Dholuo",)), BEGINS)], [Helper(1, Wishes(("Kiswahili",)))], {})
    assert row.waits_for == {Obstacle.LANGUAGE}


def test_a_pair_that_is_barred_is_no_option() -> None:
    person = Person(1, Wishes(), BEGINS, barred=frozenset({7}))
    (row,) = fit.order([person], [Helper(7, Wishes()), Helper(8, Wishes())], {})
    assert [option.helper.id for option in row.options] == [8]
