"""Are the catalogues in order? Complete, same placeholders and typed words, no dearer to send, never a medical word."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from datetime import datetime
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from smsgate.flows.actions import LONGEST_GROUP, LONGEST_NAME, LONGEST_PLACE
from smsgate.gsm import folded, is_gsm7, segments
from smsgate.i18n import LANGUAGES, LOCALES, SOURCE, catalogue, say_when, speaking
from smsgate.keywords import Intent, understood

TYPED = re.compile(r"\b(?:[A-Z]{3,}|\d+)\b")  # what a person types (STOP, 1), and counts (3): alike in every language
SHOUTED = re.compile(r"\b[A-Z]{2,}(?: [A-Z]{2,})*\b")
OWN = frozenset({Intent.FINE, Intent.REST, Intent.LEAVE, Intent.WORDS})
# Words that inform of nothing and label a person; in three languages, accents taken off, by their stems or whole.
MEDICAL = re.compile(
    r"\b(?:(?:patients?|ill|dawa|tiba|daktari|akili|kichaa|wazimu|fou|fous|folle|folles|folie)\b|"
    r"diagnos|medic|medecin|symptom|treatment|therap|disorder|disease|illness|mental|psych|depress|hospital|clini|doctor|crazy|"
    r"suicid|mgonjwa|wagonjwa|ugonjwa|magonjwa|matibabu|malad|traitement|trouble|hopita|docteur)",
    re.IGNORECASE,
)
WHEN = datetime(2026, 9, 23, 14, 0)
LONGEST = {
    "who": f"{LONGEST_NAME} (+254 711 000001)",
    "name": LONGEST_NAME,
    "names": ", ".join([LONGEST_NAME] * 3),
    "group": LONGEST_GROUP,
    "place": LONGEST_PLACE,
    "words": "",  # the member's own; they cost the same in every language
    "code": "*384*77#",
    "number": "+254711000001",
}


def faults() -> list[str]:
    """What is wrong, a line each; empty when all is well."""
    source = template()
    found = [f"{SOURCE}: medical word in {text!r}" for text in _medical(source)]
    for language in LANGUAGES:
        if language != SOURCE:
            found += [f"{language}: {fault}" for fault in _of(catalogue(language), source, language)]
    return found


def template() -> Catalog:
    """The texts of the source, as they were extracted last."""
    with (LOCALES / "smsgate.pot").open("rb") as file:
        return read_po(file)


def _of(translated: Catalog, source: Catalog, language: str) -> Iterator[str]:
    for message in source:
        if message.id:
            yield from _differences(message, translated.get(_key(message)), translated.num_plurals, language)
    for message in translated:
        if message.id and _key(message) not in source:
            yield f"no longer said: {_key(message)!r}"
    for text in _medical(translated):
        yield f"medical word in {text!r}"


def _differences(said: Message, translation: Message | None, plurals: int, language: str) -> Iterator[str]:
    forms = _forms(translation.string) if translation else []
    if not all(forms) or len(forms) != (plurals if isinstance(said.id, (list, tuple)) else 1):
        yield f"not translated: {_key(said)!r}"
        return
    for form in forms:
        yield from _faulty(_forms(said.id)[-1], form, language)


def _faulty(said: str, form: str, language: str) -> Iterator[str]:
    try:
        alike = _placeholders(form) == _placeholders(said)
    except ValueError:
        alike = False
    if not alike:
        yield f"other placeholders: {form!r}"
        return
    lost = sorted(word for word in set(TYPED.findall(said)) - set(TYPED.findall(form)) if not _own(word, form))
    if lost:
        yield f"lost {', '.join(lost)}: {form!r}"
    wanted, sent = _filled(said, SOURCE), _filled(form, language)
    if segments(sent) > segments(wanted) or not is_gsm7(sent):
        yield f"too long, or not GSM-7 ({len(sent)} characters): {form!r}"


def _own(word: str, form: str) -> bool:
    """True where a language says a keyword with one of its own; STOP and its like are the same everywhere."""
    meant = understood(word)
    others = (understood(found) for found in SHOUTED.findall(form))
    return meant is not None and meant.intent in OWN and any(one and one.intent is meant.intent for one in others)


def _placeholders(text: str) -> set[tuple[str, str | None, str | None]]:
    return {(name, spec, turned) for _text, name, spec, turned in Formatter().parse(text) if name is not None}


def _filled(text: str, language: str) -> str:
    """The text with the longest values, as it goes out."""
    with speaking(language):
        when = say_when(WHEN)
    values = {name: LONGEST.get(name, "999") for name, _spec, _turned in _placeholders(text)}
    return folded(text.format(**values | dict.fromkeys(("when", "before", "after"), when)))


def _medical(texts: Catalog) -> Iterator[str]:
    for message in texts:
        for form in [*_forms(message.id), *_forms(message.string)] if message.id else []:
            if MEDICAL.search(_bare(form)):
                yield form


def _bare(text: str) -> str:
    return "".join(char for char in unicodedata.normalize("NFKD", text) if not unicodedata.combining(char))


def _forms(text: object) -> list[str]:
    return [str(form) for form in text] if isinstance(text, (list, tuple)) else [str(text or "")]


def _key(message: Message) -> str:
    return _forms(message.id)[0]
