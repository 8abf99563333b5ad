"""Runs a survey, a dialogue that a group wrote as data, on a phone, step after step.

The data is a published definition in its JSON form (`smsgate/surveys/definitions/schema.json`). `Place` is the
position in it, and `ahead` and `after` hold all the rules of moving on, so that whatever validates or draws a
definition walks it by the same rules.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from smsgate.core.i18n import _
from smsgate.flows.steps import Ask, Choose, Tell

MOST_AGAIN = 9  # how often a list is shown at most
TRIES = 3
END, SKIPPED = "end", ""
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
    place: Place | None = Place()
    answers: Answers = []
    while place is not None:
        said, question = ahead(asked, place)
        for text in said:
            yield Tell(text[spoken_language])
        if question is None:
            if not said:
                yield Tell(thanks())
            return answers
        step = asked["steps"][question.at]
        value = yield from _ask_step(step, question.visit(question.at), spoken_language)
        if value != SKIPPED:
            answers.append((step["as"], value))
        place = after(asked, question, value)
    return answers


def ahead(asked: Mapping[str, Any], place: Place) -> tuple[list[Mapping[str, str]], Place | None]:
    """Return the texts on the way to the next question, and the position of that question, None at the end."""
    steps: Sequence[Step] = asked["steps"]
    said: list[Mapping[str, str]] = []
    while True:
        if place.at >= len(steps):
            if not place.lists:
                return said, None
            place = replace(place, at=place.lists[-1], lists=place.lists[:-1])
            if place.visit(place.at) >= MOST_AGAIN:
                place = replace(place, at=len(steps))
                continue
            return said, place
        step = steps[place.at]
        if not applies(step, place.known):
            place = replace(place, at=place.at + 1)
        elif "say" in step:
            said.append(step["say"])
            place = replace(place, at=_index(steps, place.at, step.get("to")))
        else:
            return said, place


def after(asked: Mapping[str, Any], place: Place, value: str) -> Place:
    """Return the position that an answer leads to."""
    step: Step = asked["steps"][place.at]
    option: Mapping[str, Any] = next((choice for choice in step.get("options", ()) if choice["is"] == value), {})
    to = step.get("to") if "ask" in step else option.get("to")
    comes_back = bool(step.get("again")) and to != END and value != SKIPPED
    known = tuple(pair for pair in place.known if pair[0] != step["as"])
    return Place(
        _index(asked["steps"], place.at, END if value == SKIPPED and step.get("again") else to),
        (*known, (step["as"], value)) if value != SKIPPED else known,
        (*place.lists, place.at) if comes_back else place.lists,
        tuple({**dict(place.visits), place.at: place.visit(place.at) + 1}.items()),
    )


def thanks() -> str:
    """Return the closing words for a survey that ends without any of its own."""
    return _("Thank you.")


def applies(step: Step, known: Sequence[tuple[str, str]]) -> bool:
    """Return True if the condition of a step (`only_if`) holds for the answers so far."""
    condition = step.get("only_if")
    if condition is None:
        return True
    value = dict(known).get(condition["step"])
    return value in condition["is"] if "is" in condition else value not in condition["not"]


def name_of(step: Step, visit: int) -> str:
    """Return the name under which an answer is remembered; each repetition of a question has its own."""
    return f"s_{step['as']}" if not visit else f"s_{step['as']}#{visit + 1}"


def question_of(step: Step, visit: int, tongue: str) -> Ask | Choose:
    """Return the question of a step as the phone asks it."""
    name, skip = name_of(step, visit), step.get("skip", True)
    if "ask" in step:
        return Ask(name, step["ask"][tongue], longest=step.get("longest", 160), skip=_("Skip") if skip else None)
    options = {option["is"]: option["label"][tongue] for option in step["options"]}
    if step.get("again") and END not in {option.get("to") for option in step["options"]}:
        options[SKIPPED] = _("That is all")
    elif skip and not step.get("again"):
        options[SKIPPED] = _("Skip")
    return Choose(name, step["choose"][tongue], options)


def _ask_step(step: Step, visit: int, tongue: str) -> Generator[Tell | Ask | Choose, Any, str]:
    question = question_of(step, visit, tongue)
    value: str = yield question
    for turn in range(2, TRIES + 1):
        if step.get("kind") != "number" or value == SKIPPED or value.isdecimal():
            return value
        yield Tell(_("Please type a number, like 3."))
        value = yield replace(question, name=f"{question.name}~{turn}")
    return value if step.get("kind") != "number" or value.isdecimal() else SKIPPED


def _index(steps: Sequence[Step], at: int, to: str | None) -> int:
    if to is None:
        return at + 1
    if to == END:
        return len(steps)
    return next(index for index, step in enumerate(steps) if step.get("as") == to)
