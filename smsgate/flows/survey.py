"""Runs a survey, a dialogue that a group wrote as data, on a phone, step by step.

The data is a published definition in its JSON form (`smsgate/surveys/definitions/schema.json`). `Place` is the
position in it, and `ahead` and `after` hold all the rules for moving on, so that code that validates or draws a
definition follows the same rules.
"""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from smsgate.core.i18n import _
from smsgate.flows.steps import Ask, Choose, Tell
from smsgate.flows.typed.numbers import read_number

MOST_AGAIN = 9  # times that a list is shown
TRIES = 3
END, SKIPPED = "end", ""
NOT_KEY = re.compile(r"[^a-z0-9]+")
Answers = list[tuple[str, str]]
Walk = Generator[Tell | Ask | Choose, Any, Answers]
Step = Mapping[str, Any]


@dataclass(frozen=True)
class Place:
    """A position in a survey: the step, the answers so far, and the lists to return to, innermost last."""

    at: int = 0
    known: tuple[tuple[str, str], ...] = ()
    lists: tuple[int, ...] = ()
    visits: tuple[tuple[int, int], ...] = ()  # how often each question was answered, by step

    def visit(self, at: int) -> int:
        """Return how often the question at a step has been answered."""
        return dict(self.visits).get(at, 0)


def survey(asked: Mapping[str, Any], language: str | None) -> Walk:
    """Hold the dialogue of a survey in `language`, or in its first language if it does not have that one.

    Returns the answers in order, as pairs of step and value, without the skipped ones.
    """
    languages: Sequence[str] = asked["languages"]
    spoken_language = language if language is not None and language in languages else languages[0]
    place = Place()
    answers: Answers = []
    while True:
        passed = pass_by(asked, place)
        for text in passed.said:
            yield Tell(text[spoken_language])
        if passed.ends:
            if not passed.said:
                yield Tell(thanks())
            return [*answers, *_remembered(asked, passed.place)]
        step = asked["steps"][passed.place.at]
        value = yield from _ask_step(step, passed.place.visit(passed.place.at), spoken_language)
        if value != SKIPPED:
            answers.append((step["as"], value))
        place = after(asked, passed.place, value)


@dataclass(frozen=True)
class Passed:
    """What lies between a place and the next question or the end: the texts, and every step that was taken."""

    said: list[Mapping[str, str]]
    place: Place
    ends: bool
    steps: tuple[int, ...]


def ahead(asked: Mapping[str, Any], place: Place) -> tuple[list[Mapping[str, str]], Place | None]:
    """Return the texts on the way to the next question, and the position of that question, None at the end."""
    passed = pass_by(asked, place)
    return passed.said, None if passed.ends else passed.place


def pass_by(asked: Mapping[str, Any], place: Place) -> Passed:
    """Take the steps up to the next question."""
    steps: Sequence[Step] = asked["steps"]
    said: list[Mapping[str, str]] = []
    taken: list[int] = []
    while True:
        if place.at >= len(steps):
            if not place.lists:
                return Passed(said, place, True, tuple(taken))
            place = replace(place, at=place.lists[-1], lists=place.lists[:-1])
            if place.visit(place.at) >= MOST_AGAIN:
                place = replace(place, at=len(steps))
                continue
            return Passed(said, place, False, (*taken, place.at))
        step = steps[place.at]
        if not applies(step, place.known):
            place = replace(place, at=place.at + 1)
            continue
        taken.append(place.at)
        if "ask" in step or "choose" in step:
            return Passed(said, place, False, tuple(taken))
        if "say" in step:
            said.append(step["say"])
        if "remember" in step:
            place = replace(place, known=_with(place.known, step["remember"], step["value"]))
        place = replace(place, at=_index(steps, place.at, step.get("to") or step.get("go")))


def _with(known: tuple[tuple[str, str], ...], name: str, value: str) -> tuple[tuple[str, str], ...]:
    return (*(pair for pair in known if pair[0] != name), (name, value))


def _remembered(asked: Mapping[str, Any], place: Place) -> Answers:
    """Return values that were saved without a question, as answers."""
    names = {step["remember"] for step in asked["steps"] if "remember" in step}
    asked_names = {step["as"] for step in asked["steps"] if "ask" in step or "choose" in step}
    return [pair for pair in place.known if pair[0] in names - asked_names]


def after(asked: Mapping[str, Any], place: Place, value: str) -> Place:
    """Return the position that an answer leads to."""
    step: Step = asked["steps"][place.at]
    option: Mapping[str, Any] = next((choice for choice in step.get("options", ()) if choice["is"] == value), {})
    to = step.get("to") if "ask" in step else option.get("to")
    comes_back = bool(step.get("again")) and to != END and value != SKIPPED
    known = tuple(pair for pair in place.known if pair[0] != step["as"])
    return Place(
        _index(asked["steps"], place.at, END if value == SKIPPED and step.get("again") else to),
        _with(known, step["as"], value) if value != SKIPPED else known,
        (*place.lists, place.at) if comes_back else place.lists,
        tuple({**dict(place.visits), place.at: place.visit(place.at) + 1}.items()),
    )


def thanks() -> str:
    """Return the default closing words of a survey."""
    return _("Thank you.")


def please_choose() -> str:
    """Return the default words of a question."""
    return _("Please choose one of the numbers.")


def that_is_all() -> str:
    """Return the label of the option that ends a repeated list."""
    return _("That is all")


def more_answers() -> str:
    """Return the label of the option that shows further answers."""
    return _("More")


def applies(step: Step, known: Sequence[tuple[str, str]]) -> bool:
    """Return True if the condition of a step (`only_if`) holds for the answers so far."""
    condition = step.get("only_if")
    if condition is None:
        return True
    value = dict(known).get(condition["step"])
    if "is" in condition or "not" in condition:
        held = value in condition.get("is", condition.get("not")) or _as_key(value) in condition.get("is", ())
        return held if "is" in condition else not held and _as_key(value) not in condition["not"]
    return value is not None and value.isdecimal() and in_range(int(value), condition)


def in_range(number: int, bounds: Mapping[str, Any]) -> bool:
    """Return True if a number is within `from` and `up_to`, as far as they are given."""
    return bool(bounds.get("from", number) <= number <= bounds.get("up_to", number))


def _as_key(value: str | None) -> str | None:
    """Return typed words in the form of a short name, so that "Yes!" counts as yes."""
    return NOT_KEY.sub("_", value.casefold()).strip("_")[:24] if value is not None else None


def name_of(step: Step, visit: int) -> str:
    """Return the name under which an answer is remembered; each repetition of a question has its own."""
    return f"s_{step['as']}" if not visit else f"s_{step['as']}#{visit + 1}"


def question_of(step: Step, visit: int, language: str) -> Ask | Choose:
    """Return the question of a step as the phone asks it."""
    name, skip = name_of(step, visit), step.get("skip", True)
    if "ask" in step:
        return Ask(name, step["ask"][language], longest=step.get("longest", 160), skip=_("Skip") if skip else None)
    options = {option["is"]: option["label"][language] for option in step["options"]}
    if step.get("again") and END not in {option.get("to") for option in step["options"]}:
        options[SKIPPED] = that_is_all()
    elif skip and not step.get("again"):
        options[SKIPPED] = _("Skip")
    return Choose(name, step["choose"][language], options)


def _ask_step(step: Step, visit: int, language: str) -> Generator[Tell | Ask | Choose, Any, str]:
    question = question_of(step, visit, language)
    value: str = yield question
    for turn in range(2, TRIES + 2):
        if step.get("kind") != "number" or value == SKIPPED:
            return value
        number = read_number(value)
        if number is not None and in_range(number, step):
            return str(number)
        if turn > TRIES:
            break
        yield Tell(number_wanted(step))
        value = yield replace(question, name=f"{question.name}~{turn}")
    return SKIPPED


def number_wanted(step: Step) -> str:
    """Return what to say to someone who typed anything but a number in the range."""
    if "from" in step and "up_to" in step:
        return _("Please type a number from {least} to {most}.").format(least=step["from"], most=step["up_to"])
    if "from" in step:
        return _("Please type a number, {least} or more.").format(least=step["from"])
    if "up_to" in step:
        return _("Please type a number, {most} or less.").format(most=step["up_to"])
    return _("Please type a number, like 3.")


def _index(steps: Sequence[Step], at: int, to: str | None) -> int:
    if to is None:
        return at + 1
    if to == END:
        return len(steps)
    return next(index for index, step in enumerate(steps) if step.get("as") == to)
