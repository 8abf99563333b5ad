"""Deciding whether a question is a choice, and between what, by its text, its buttons or its rules."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from smsgate.surveys.definitions.rapidpro.blocks import Words
from smsgate.surveys.definitions.rapidpro.graph import Case, Node, Router
from smsgate.surveys.definitions.rapidpro.options import Option, named_for, options_in
from smsgate.surveys.definitions.rapidpro.rules import (
    NUMBER_TESTS,
    WORD_TESTS,
    category_of,
    first,
    rules_for,
    tokens,
)
from smsgate.surveys.definitions.rapidpro.variables import key_of
from smsgate.surveys.definitions.rapidpro.wordings import Wordings

if TYPE_CHECKING:
    from smsgate.surveys.definitions.rapidpro.questions import Spoken

MOST_WORDS = 25  # in a rule for one answer; a longer list is keywords that leave the flow
SHORT_LABEL = 40  # characters of an option that no rule knows
MOST_CHOICES = 40


@dataclass(frozen=True)
class Offered:
    """An option: its key in the text ("" if there is none), its label, and the category that it falls into."""

    key: str
    label: Words
    category: str
    forms: list[str] = field(default_factory=list)  # the answer as rules of later nodes see it


@dataclass(frozen=True)
class Choice:
    """A question and its options."""

    stem: Words
    options: list[Offered]


def choices_for(
    router: Router, words: Words, wordings: Wordings, node: Node, spoken: Spoken | None, retries: bool
) -> Choice | None:
    """Return the choice that a waiting node stands for; None if it asks for a number or for text."""
    ways: tuple[Callable[[], Choice | None], ...] = (
        lambda: _of_text(router, words),
        lambda: _of_buttons(router, words, wordings, spoken) if spoken else None,
        lambda: _of_numbers(router, words, wordings, node),
        lambda: _of_words(router, words, wordings, node, retries),
    )
    for way in ways:
        choice = way()
        if choice is not None:
            choice = _with_others(choice, router, wordings, node)
            if 2 <= len(choice.options) <= MOST_CHOICES:
                return choice
    return None


def _with_others(choice: Choice, router: Router, wordings: Wordings, node: Node) -> Choice:
    """Add options that only the rules know, labelled in the text's own words: "You can also type N to stop"."""
    taken = {option.category for option in choice.options}
    stem, options = dict(choice.stem), list(choice.options)
    for uuid, cases in _rules_by_category(router).items():
        words = [word for case in cases for word in tokens(" ".join(case.arguments))]
        new = uuid not in taken
        if uuid == router.default or (not new and all(option.key or option.category != uuid for option in options)):
            continue
        label = dict(wordings.label(uuid, _name(router, uuid, cases), node))
        for language, text in stem.items():
            named, rest = named_for(text, words)
            if named:
                label[language], stem[language] = named, rest
        if new:
            options.append(Offered("", label, uuid, list(_forms(cases))))
        else:
            options = [replace(option, label=label) if option.category == uuid and _is_terse(option) else option
                       for option in options]  # fmt: skip
    return Choice(stem, options)


def _is_terse(option: Offered) -> bool:
    return not option.key and all(len(words) < 3 for words in option.label.values())


def _rules_by_category(router: Router) -> dict[str, list[Case]]:
    found: dict[str, list[Case]] = {}
    for case in rules_for(router):
        if case.type in WORD_TESTS and not _leaves(case):
            found.setdefault(case.category, []).append(case)
    return found


def _of_text(router: Router, words: Words) -> Choice | None:
    """Return the options named in the text, each with the category that the rules give for its key."""
    base = next(iter(words), None)
    if base is None:
        return None
    parsed = {language: options_in(text) for language, text in words.items()}
    options = parsed[base][1]
    rules = rules_for(router)
    taken = [category_of(rules, [one.key]) or category_of(rules, [one.label]) for one in options]
    if not options or (rules and not any(taken)) or not (rules or _look_like_answers(options)):
        return None
    offered = []
    for option, category in zip(options, taken, strict=True):
        label = {language: _same_key(found, option) for language, (_stem, found) in parsed.items()}
        offered.append(Offered(option.key, label, category or router.default, [option.key, option.label]))
    stems = {language: stem if found or language == base else words[language]
             for language, (stem, found) in parsed.items()}  # fmt: skip
    return Choice(stems, offered)


def _same_key(found: Sequence[Option], option: Option) -> str:
    return next((other.label for other in found if other.key == option.key), option.label)


def _look_like_answers(options: Sequence[Option]) -> bool:
    return all(len(option.label) <= SHORT_LABEL for option in options)


def _of_buttons(router: Router, words: Words, wordings: Wordings, spoken: Spoken) -> Choice | None:
    replies = wordings.replies(spoken.action)
    if not replies:
        return None
    rules, base = rules_for(router), next(iter(replies.values()))
    taken = [category_of(rules, [reply]) for reply in base]
    if rules and not any(taken):
        return None
    offered = []
    for at, category in enumerate(taken):
        label = {language: listed[at] for language, listed in replies.items()}
        uuid = category or router.default
        name = router.categories[uuid].name if uuid in router.categories and taken.count(category) == 1 else base[at]
        translated = wordings.label(uuid, name, spoken.node)
        others = {each: base[at] if words == name else words for each, words in translated.items()}
        offered.append(Offered("", {**others, **label}, uuid, [base[at]]))
    return Choice(words, offered)


def _of_numbers(router: Router, words: Words, wordings: Wordings, node: Node) -> Choice | None:
    """Return options 1 to at most 9 if each number has its own rule, as in "On a scale of 1 to 5…"."""
    cases = [case for case in rules_for(router) if case.type in NUMBER_TESTS]
    keys = [first(case).strip() for case in cases if case.type == "has_number_eq"]
    counted = [str(number) for number in range(1, len(keys) + 1)]
    if len(cases) < 2 or len(keys) < len(cases) or sorted(keys) != counted or len(keys) > 9:
        return None
    offered = []
    for key in counted:
        case = next(one for one in cases if first(one).strip() == key)
        name = router.categories[case.category].name if case.category in router.categories else key
        shared = sum(one.category == case.category for one in cases) > 1
        label = wordings.label(case.category, name, node)
        offered.append(Offered(key, dict.fromkeys(label, key) if shared or not name else label, case.category, [key]))
    return Choice(words, offered)


def _of_words(router: Router, words: Words, wordings: Wordings, node: Node, retries: bool) -> Choice | None:
    """Return the categories of rules about words as options, and "Other" if it is one."""
    rules = rules_for(router)
    if any(case.type in NUMBER_TESTS or case.type == "has_text" for case in rules):
        return None
    by_category = _rules_by_category(router)
    offered = [
        Offered("", wordings.label(uuid, _name(router, uuid, cases), node), uuid, list(_forms(cases)))
        for uuid, cases in by_category.items()
    ]
    if offered and not retries and router.default in router.categories and router.default not in by_category:
        name = router.categories[router.default].name or "?"
        offered.append(Offered("", wordings.label(router.default, name, node), router.default, []))
    return Choice(words, offered)


def _leaves(case: Case) -> bool:
    """Return whether a rule is about keywords that start something else, not answers to this question."""
    return len(tokens(" ".join(case.arguments))) > MOST_WORDS


def _name(router: Router, uuid: str, cases: Sequence[Case]) -> str:
    found = router.categories.get(uuid)
    return found.name if found and found.name else next((first(case) for case in cases if first(case)), "?")


def _forms(cases: Iterable[Case]) -> Iterable[str]:
    for case in cases:
        said = tokens(" ".join(case.arguments))
        yield said[0] if case.type == "has_any_word" and said else " ".join(said)


def option_names(choice: Choice) -> list[str]:
    """Return a short, unique name for each option."""
    labels = [next(iter(option.label.values()), "") for option in choice.options]
    names: list[str] = []
    for at, label in enumerate(labels, 1):
        name = key_of(label, f"a{at}")
        names.append(name if name not in names else f"{name[:20]}_{at}")
    return names
