"""Any of 500 groups in 60 towns is found with at most six keys, including the one for Join, on screens that fit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from smsgate.conversations import handlers
from smsgate.core.i18n import LANGUAGES
from smsgate.flows import engine, screens
from smsgate.flows.actions import GroupPage, Join
from smsgate.flows.checks import walker
from smsgate.flows.engine import Answer, AnswerSource
from smsgate.flows.menu import menu
from smsgate.flows.steps import Action, Ask, Caller, Choose, Do
from smsgate.service import Service
from tests.support import many_groups
from tests.support.people import START

LIMIT = 160
MOST_KEYS = 6  # from the screen with Join on; each is a one-key answer, the letters typed, or 98 for more
TYPED = (3, 4)  # letters


class Reached(Exception):
    """Raised when a group's page is about to be shown."""

    def __init__(self, group_id: int) -> None:
        self.group_id = group_id


@pytest.fixture
def directory(service: Service) -> Iterator[Any]:
    """Yield a function that performs a stranger's actions in the network of 500 groups, each only once."""
    with service.database.transaction() as session:
        many_groups.build(session, START)
    known: dict[Action, Any] = {}
    with service.database.reading() as session:
        context = handlers.ActionContext(session, "+254711000001", START, "*384*77#", service.settings)

        def perform(do: Do) -> Any:
            if isinstance(do.action, GroupPage):
                raise Reached(do.action.group_id)
            if isinstance(do.action, Join):
                return None
            if do.action not in known:
                known[do.action] = handlers.perform(do.action, context)
            return known[do.action]

        yield perform


def keys_to_each(perform: Any, language: str, way: str, typed: list[str]) -> dict[int, tuple[int, int]]:
    """Return the fewest keys to each group's page, as (answers, digits pressed for them), by group id."""
    caller, fewest = Caller(service_code="*384*77#"), dict[int, tuple[int, int]]()
    paths: list[tuple[list[Answer], int, int]] = [([Answer("language", language, AnswerSource.SAID)], 0, 0)]
    while paths:
        answers, keys, digits = paths.pop()
        try:
            stop = engine.replay(menu, caller, answers, perform)
        except Reached as reached:
            fewest[reached.group_id] = min(fewest.get(reached.group_id, (99, 99)), (keys, digits))
            continue
        pages = walker.pages(stop, LIMIT)
        assert all(screens.fits(page.text, LIMIT) for page in pages), pages
        if isinstance(stop.asked, Ask):
            if stop.asked.name == "letters1":
                paths += [(_said(stop, word), keys + 1, digits + len(word)) for word in typed]
        elif isinstance(stop.asked, Choose):
            only = {"join": "yes", "way": way}.get(stop.asked.name)
            for meaning, page, key in _options(stop.asked, pages):
                if only in (None, meaning):
                    paths.append((_said(stop, meaning), keys + 1 + page, digits + len(key) + 2 * page))
    return fewest


def _said(stop: engine.ReplayResult, value: str) -> list[Answer]:
    assert stop.asked is not None
    return [*stop.answers, Answer(stop.asked.name, value, AnswerSource.SAID)]


def _options(asked: Choose, pages: list[screens.Page]) -> Iterator[tuple[str, int, str]]:
    """Yield each option, how many times one must ask for more to see it, and its key."""
    for meaning in asked.options:
        page = next(number for number, page in enumerate(pages) if meaning in page.options.values())
        yield meaning, page, next(key for key, value in pages[page].options.items() if value == meaning)


@pytest.mark.parametrize("language", LANGUAGES)
def test_near_me_leads_to_each_of_500_groups_in_at_most_six_keys(directory: Any, language: str) -> None:
    fewest = keys_to_each(directory, language, "near", [])
    assert len(fewest) == 500
    assert max(digits for _keys, digits in fewest.values()) <= MOST_KEYS


@pytest.mark.by_night
def test_first_letters_lead_to_each_of_500_groups_in_at_most_six_keys(directory: Any) -> None:
    towns = {town for county in many_groups.COUNTIES for town in many_groups.TOWNS.get(county, (county,))}
    assert len(towns) == 60
    fewest = keys_to_each(directory, "fr", "letters", sorted({town[:letters] for town in towns for letters in TYPED}))
    assert len(fewest) == 500
    assert max(keys for keys, _digits in fewest.values()) <= MOST_KEYS


@pytest.mark.by_day(1)
@pytest.mark.parametrize("language", LANGUAGES)
def test_by_language_leads_to_each_of_500_groups_in_at_most_six_keys(directory: Any, language: str) -> None:
    fewest = keys_to_each(directory, language, "language", [])
    assert len(fewest) == 500
    assert max(digits for _keys, digits in fewest.values()) <= MOST_KEYS
