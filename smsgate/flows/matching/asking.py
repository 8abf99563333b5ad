"""Asking for someone to walk with, by the code of a card; every question can be skipped.

If their card is no longer good, or there is no room for them, they are offered groups instead.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Mapping
from typing import Any

from smsgate.core.i18n import _, ngettext
from smsgate.flows.actions import AskForSupporter, FindCard, QuestionsOf, Said
from smsgate.flows.actions.walking_results import CardSeen, QuestionsSeen
from smsgate.flows.member import enrol
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Home, Tell

Found = Generator[Tell | Ask | Choose | Do | Home, Any, bool]
Answers = Generator[Tell | Ask | Choose | Do | Home, Any, Said]
Groups = Callable[[Caller], Flow]
SKIP = "0"  # last, in every question
HOWS = ("phone", "person")
KINDS = ("woman", "man", "young", "older")  # whom someone would be comfortable with, or what a supporter is
MOST_LANGUAGES, MOST_INTERESTS = 2, 3


def how_said(how: str) -> str:
    """Return how someone would like to meet; "" if they did not say."""
    return {"phone": _("By phone"), "person": _("In person")}.get(how, "")


def kinds_said() -> dict[str, str]:
    """Return the kinds of people with whom someone may feel comfortable."""
    return {"woman": _("A woman"), "man": _("A man"), "young": _("Someone young"), "older": _("Someone older")}


def by_card(caller: Caller, code: str, groups: Groups, *, last: bool) -> Found:
    """Follow the code on a card; `groups` is offered if the card is of no use. Returns False if it is no card's.

    `last` says that nothing else is looked up under the code.
    """
    card = yield Do("card", FindCard(code, last))
    if card is None:
        return False
    if card["standing"] == "in":
        yield Tell(_("You have asked already. See how it stands under One to one, in the menu."))
    elif card["standing"] == "over":
        yield from _instead(caller, _("This card is no longer good. There are groups that you can join."), groups)
    elif card["standing"] == "full":
        yield from _instead(
            caller, _("{name} has no room now. There are groups that you can join.").format(name=card["name"]), groups
        )
    else:
        yield from _ask(caller, card, groups)
    return True


def _instead(caller: Caller, said: str, groups: Groups) -> Flow:
    """Offer groups, and nothing else."""
    if (yield Choose("instead", said, {"groups": _("Groups"), "no": _("Not now")})) == "groups":
        yield from groups(caller)
    else:
        yield Tell(_("That is fine. Nothing was changed."))


def _ask(caller: Caller, card: CardSeen, groups: Groups) -> Flow:
    options = {"yes": _("Ask for someone"), "groups": _("Groups instead"), "no": _("Not now")}
    yield Tell(card["words"] or card["name"])
    choice = yield Choose("ask_for", weeks_said(card["weeks"]), options)
    if choice == "groups":
        yield from groups(caller)
        return
    if choice == "no":
        yield Tell(_("That is fine. Nothing was stored. The card stays good until its day."))
        return
    yield from enrol.if_new(caller)
    said = yield from questions(card["id"])
    placed = yield Do("placed", AskForSupporter(card["id"], said))
    if placed is None:
        yield Tell(_("There is no room any more. Groups are there for you at any time."))
        return
    yield Tell(_("You're on the list, number {place}. A text tells you when there is someone.").format(**placed))
    yield Tell(_("See or leave the list at any time, and find a group meanwhile: One to one, in the menu."))


def weeks_said(weeks: int | None) -> str:
    """Return how long it may take, as honestly as anybody knows."""
    if weeks is None:
        return _("We can't say yet how long it takes until there is someone.")
    said = ngettext(
        "It may take about {weeks} week until there is someone.",
        "It may take about {weeks} weeks until there is someone.",
        weeks,
    )
    return said.format(weeks=weeks)


def questions(programme_id: int, supporter_id: int = 0) -> Answers:
    """Ask what kind of person someone would like; with `supporter_id`, ask a supporter the same about themselves."""
    asked = yield Do("asks", QuestionsOf(programme_id, supporter_id))
    languages = dict(enumerate(asked["languages"], start=1))
    speaks = yield from _several(
        "speaks", _("Which language do you like to speak?"), _("Another language?"), languages, MOST_LANGUAGES
    )
    area = yield from _area(asked)
    hows = dict(enumerate(map(how_said, HOWS), start=1))
    how = yield Choose("how", _("How would you like to meet?"), _or_skip(hows, _("Either is fine")))
    interests = {int(number): words for number, words in asked["interests"].items()}
    likes = yield from _several(
        "likes", _("What do you like? Up to three."), _("What else?"), interests, MOST_INTERESTS
    )
    kinds = yield from _kinds(bool(supporter_id))
    return Said(
        tuple(languages[int(one)] for one in speaks), area, "" if how == SKIP else HOWS[int(how) - 1], tuple(likes),
        tuple(KINDS[int(one) - 1] for one in kinds),
    )  # fmt: skip


Some = Generator[Choose, Any, list[str]]


def _or_skip(options: Mapping[int, str], skip: str) -> dict[str, str]:
    return {**{str(number): label for number, label in options.items()}, SKIP: skip}


def _several(name: str, first: str, then: str, options: Mapping[int, str], most: int) -> Some:
    """Ask for up to `most` of the options, one after the other."""
    chosen: list[str] = []
    for turn in range(1, most + 1):
        left = {number: label for number, label in options.items() if str(number) not in chosen}
        if not left:
            break
        text, skip = (then, _("That's all")) if chosen else (first, _("Skip"))
        choice = yield Choose(f"{name}{turn}", text, _or_skip(left, skip))
        if choice == SKIP:
            break
        chosen.append(choice)
    return chosen


def _area(asked: QuestionsSeen) -> Generator[Choose, Any, int]:
    """Ask where they are, and return the id of a county or a town; 0 if they do not say."""
    if not asked["counties"]:
        return 0
    counties = {**asked["counties"], SKIP: _("Skip")}
    county = yield Choose("county", _("Where are you, roughly?"), counties)
    towns = asked["towns"].get(county, {})
    if not towns:
        return int(county)
    town = yield Choose("town", _("Which town is near?"), {**towns, SKIP: _("Skip")})
    return int(county if town == SKIP else town)


def _kinds(own: bool) -> Some:
    kinds = dict(enumerate(kinds_said().values(), start=1))
    if own:
        return (yield from _several("am", _("Some people ask for someone like them. You are:"), _("And:"), kinds, 2))
    choice = yield Choose("with", _("With whom would you feel comfortable?"), _or_skip(kinds, _("Anyone")))
    return [] if choice == SKIP else [choice]
