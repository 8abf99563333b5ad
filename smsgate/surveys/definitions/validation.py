"""Laying out every screen of a survey in each language before it is published, and finding faults.

The walk uses the phone's own rules (`flows/survey.py`). Paths that reach the same place with the same answers, as far
as later steps depend on those, count as one, so that even a long survey is walked in a moment.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from smsgate.core.admin_text import _, changes_said
from smsgate.core.gsm7 import expensive_chars, is_gsm7
from smsgate.core.i18n import LANGUAGES, speaking, wording_now
from smsgate.flows import screens as pages_of
from smsgate.flows.checks.style import medical, orders
from smsgate.flows.steps import Ask, Choose
from smsgate.flows.survey import Place, after, ahead, in_range, pass_by, question_of, thanks
from smsgate.surveys.definitions.schema import ERROR, WARNING, Definition, Fault, texts_of, where_said

LIMIT = 160
MOST_PLACES = 4000
LONG = 3  # pages per screen; few people read more


@dataclass(frozen=True)
class Screen:
    """What a phone shows at one place in a survey in one language, page by page, and where its keys lead."""

    step: int | None  # the step whose question it asks; None at the end
    language: str
    pages: tuple[str, ...]
    leads: tuple[tuple[str, str, int | None], ...]  # key, label, the step it leads to (None: the end)
    said: tuple[int, ...] = ()  # steps whose texts come before the question


def find_faults(definition: Definition, limit: int = LIMIT) -> list[Fault]:
    """Return the faults of a survey, errors first; an error prevents publishing."""
    faults = [*_wording_faults(definition), *_unreachable_steps(definition)]
    places = _places(definition)
    if places is None:
        return [Fault("", _("There are too many paths through this flow. Make it shorter, or split it in two."))]
    for language in definition["languages"]:
        for screen in screens(definition, language, limit):
            faults += _screen_faults(screen, limit)
    unique = dict.fromkeys(faults)
    return sorted(unique, key=lambda fault: (fault.severity != ERROR, -1 if fault.step is None else fault.step))


def screens(definition: Definition, language: str, limit: int = LIMIT) -> list[Screen]:
    """Return every distinct screen in a language, in the order of the steps."""
    shown: dict[Screen, None] = {}
    for place in _places(definition) or []:
        said, question = ahead(definition, place)
        shown[_screen_at(definition, said, question, language, limit)] = None
    order = len(definition["steps"])
    return sorted(shown, key=lambda screen: (order if screen.step is None else screen.step, screen.pages))


def _places(definition: Definition) -> list[Place] | None:
    """Return every place that someone can reach; None if there are too many."""
    reached, pending = {Place(): None}, [Place()]
    while pending:
        if len(reached) > MOST_PLACES:
            return None
        _said, question = ahead(definition, pending.pop())
        if question is None:
            continue
        for value in _possible_answers(definition, question.at):
            place = _reduced(definition, after(definition, question, value))
            if place not in reached:
                reached[place] = None
                pending.append(place)
    return list(reached)


def _possible_answers(definition: Definition, at: int) -> list[str]:
    step = definition["steps"][at]
    with speaking(None):
        question = question_of(step, 0, next(iter(step.get("ask") or step["choose"])))
    if isinstance(question, Choose):
        return list(question.options)
    return [*_telling_answers(definition, step), *([""] if question.skip else [])]


def _telling_answers(definition: Definition, step: Mapping[str, Any]) -> list[str]:
    """Return typed answers that cover every outcome of later steps' conditions."""
    conditions = [
        other["only_if"] for other in definition["steps"] if other.get("only_if", {}).get("step") == step["as"]
    ]
    edges = {number + by for one in conditions for key in ("from", "up_to") if key in one for by in (-1, 0, 1)
             for number in [one[key]]}  # fmt: skip
    if step.get("kind") == "number":
        named = {int(value) for one in conditions for value in one.get("is", one.get("not", [])) if value.isdecimal()}
        usual = step.get("from", min(1, step.get("up_to", 1)))
        return [str(number) for number in sorted({usual, *edges, *named}) if number >= 0 and in_range(number, step)]
    named_words = [value for one in conditions for value in one.get("is", one.get("not", []))]
    return list(dict.fromkeys(["1", *named_words, *(str(number) for number in sorted(edges) if number >= 0)]))


def _reduced(definition: Definition, place: Place) -> Place:
    """Reduce a place to what later steps depend on.

    Drops answers that no step from here on refers to, and counts of enclosing lists beyond the first visit.
    """
    later = definition["steps"][min(place.at, *place.lists) if place.lists else place.at :]
    needed = {step["only_if"]["step"] for step in later if "only_if" in step}
    known = tuple(sorted(answer for answer in place.known if answer[0] in needed))
    visits = tuple(sorted((at, min(count, 1)) for at, count in place.visits if at in place.lists))
    return replace(place, known=known, visits=visits)


def _screen_at(
    definition: Definition,
    said: list[Mapping[str, str]],
    question: Place | None,
    language: str,
    limit: int,
) -> Screen:
    told = [text[language] for text in said]
    steps = tuple(at for at, step in enumerate(definition["steps"]) if any(step.get("say") is text for text in said))
    with speaking(language, wording_now()):
        asked = question_of(definition["steps"][question.at], 0, language) if question else None
        told = told if told or asked else [thanks()]
        way = asked is not None
        laid = pages_of.lay_out(told, asked, limit, can_back=way, can_home=way, whole_words=True)
    texts = tuple(page.text for page in laid)
    if question is None or asked is None:
        return Screen(None, language, texts, (), steps)
    return Screen(
        question.at, language, texts, tuple(_key_targets(definition, question, asked, laid[-1].options)), steps
    )


def _key_targets(
    definition: Definition, place: Place, asked: Ask | Choose, keys: Mapping[str, str]
) -> Iterator[tuple[str, str, int | None]]:
    labels = asked.options if isinstance(asked, Choose) else {"": asked.skip or ""}
    for key, value in keys.items():
        value = "" if value == pages_of.SKIP else value
        _said, following = ahead(definition, after(definition, place, value))
        yield key, labels.get(value, ""), following.at if following else None
    if isinstance(asked, Ask):
        _said, following = ahead(definition, after(definition, place, "1"))
        yield "…", "", following.at if following else None


def _screen_faults(screen: Screen, limit: int) -> Iterator[Fault]:
    step = screen.step if screen.step is not None else (screen.said[-1] if screen.said else None)
    where = ", ".join(filter(None, [where_said(step) if step is not None else "", LANGUAGES[screen.language]]))
    for page in screen.pages:
        if not pages_of.fits(page, limit):
            yield Fault(where, _("A word is longer than a screen."), step=step)
    text = "\n".join(screen.pages)
    if not is_gsm7(text) and expensive_chars(text):
        warning = _("With {sign} screens and SMS hold only half as much.").format(sign=expensive_chars(text)[0])
        yield Fault(where, warning, WARNING, step)
    if len(screen.pages) > LONG:
        warning = _("It takes {count} screens; few people read that far.").format(count=len(screen.pages))
        yield Fault(where, warning, WARNING, step)


def _wording_faults(definition: Definition) -> Iterator[Fault]:
    """Yield an error for each medical word, and warnings for orders and for changed spelling."""
    for at, step in enumerate(definition["steps"]):
        texts = texts_of(step)
        for language in definition["languages"]:
            where = f"{where_said(at)}, {LANGUAGES[language]}"
            if changed := changes_said(" ".join(text[language] for text in texts)):
                yield Fault(where, changed, WARNING, step=at)
            for text in texts:
                for word in medical(text[language]):
                    yield Fault(where, _("“{word}” is a medical word. Use everyday words.").format(word=word), step=at)
                for word in orders(text[language]):
                    yield Fault(where, _("This may sound like an order: {word}").format(word=word), WARNING, at)


def _unreachable_steps(definition: Definition) -> Iterator[Fault]:
    places = _places(definition) or []
    seen = {at for place in places for at in pass_by(definition, place).steps}
    for at in sorted(set(range(len(definition["steps"]))) - seen):
        yield Fault(where_said(at), _("This step can never be reached."), step=at)
