"""Checks the catalogues: complete, same placeholders and typed words, no more expensive to send, plain words."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from string import Formatter

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from smsgate.core.gsm7 import is_gsm7, segments, transliterate
from smsgate.core.i18n import CONSOLE, LANGUAGES, LOCALES, PHONES, SOURCE, catalogue, say_when, speaking
from smsgate.flows.actions import LONGEST_GROUP, LONGEST_NAME, LONGEST_PLACE
from smsgate.flows.checks import glossary
from smsgate.flows.checks.glossary import Glossary
from smsgate.flows.checks.style import medical, orders
from smsgate.flows.typed.keywords import Intent, parse_keyword
from smsgate.flows.typed.peer_words import read_peer

TYPED = re.compile(r"\b(?:[A-Z]{3,}|\d+)\b")  # what people type (STOP, 1), and counts (3): the same in every language
UNSPACED = re.compile(r"[\w}»)][:;?!](?=\s|$)")  # French in a browser has a space before these
SHOUTED = re.compile(r"\b[A-Z]{2,}(?: [A-Z]{2,})*\b")
OWN = frozenset({Intent.FINE, Intent.REST, Intent.LEAVE, Intent.WORDS})
# Texts that may have a medical or ordering word, each with the reason.
EXCEPTIONS = {
    "{word}: this word may sound medical on a shared phone.": "it warns of such words, and only those who write texts",
    "On a shared phone this may sound medical: {words}": "the same, in a browser",
    "“{word}” is a medical word. Use everyday words.": "the same, of a flow",
}
WHEN = datetime(2026, 9, 23, 14, 0)
LONGEST = {
    "who": f"{LONGEST_NAME} (+254 711 000001)",
    "name": LONGEST_NAME,
    "names": ", ".join([LONGEST_NAME] * 3),
    "group": LONGEST_GROUP,
    "place": LONGEST_PLACE,
    "words": "",  # the member's own words cost the same in every language
    "code": "*384*77#",
    "number": "+254711000001",
    "numbers": "0800 720 990, 0722 178 177",
}


def faults() -> list[str]:
    """Return what is wrong with the catalogues, one fault a line; an empty list if all is well."""
    lines = []
    words = glossary.read()
    for domain in (PHONES, CONSOLE):
        source = template(domain)
        lines += [f"{SOURCE}: {fault}" for fault in [*_style_faults(source), *_barred_words(source, words)]]
        for language in LANGUAGES:
            if language != SOURCE:
                translated = catalogue(language, domain)
                checked = [
                    *_translation_faults(translated, source, language, pushed=domain == PHONES),
                    *_glossary_faults(translated, source, language, words),
                ]
                lines += [f"{language}: {fault}" for fault in checked]
    return lines


def _glossary_faults(translated: Catalog, source: Catalog, language: str, words: Glossary) -> Iterator[str]:
    for message in source:
        if message.id and (translation := translated.get(_key(message))):
            for said, form in zip(_forms(message.id), _forms(translation.string), strict=False):
                yield from words.faults(said, form, language)


def _barred_words(source: Catalog, words: Glossary) -> Iterator[str]:
    for message in source:
        for said in _forms(message.id):
            yield from words.barred_words(said, SOURCE)


def faults_of(said: Message, forms: list[str], translated: Catalog) -> list[str]:
    """Return what is wrong with these words for a text of the phones, one fault a line."""
    words = tuple(forms) if isinstance(said.id, (list, tuple)) else forms[0]
    wanted = Catalog(locale=translated.locale)
    wanted.add(said.id, words)
    language, source = str(translated.locale), Catalog()
    source.add(said.id)
    return [
        *_message_faults(said, wanted[_key(said)], translated.num_plurals, language, pushed=True),
        *_style_faults(wanted),
        *_glossary_faults(wanted, source, language, glossary.read()),
    ]


def template(domain: str = PHONES) -> Catalog:
    """Return the texts of the source, as last extracted."""
    with (LOCALES / f"{domain}.pot").open("rb") as file:
        return read_po(file)


def _translation_faults(translated: Catalog, source: Catalog, language: str, *, pushed: bool) -> Iterator[str]:
    for message in source:
        if message.id:
            translation = translated.get(_key(message))
            yield from _message_faults(message, translation, translated.num_plurals, language, pushed=pushed)
    for message in translated:
        if message.id and _key(message) not in source:
            yield f"no longer said: {_key(message)!r}"
    yield from _style_faults(translated)


def _message_faults(
    said: Message, translation: Message | None, plurals: int, language: str, *, pushed: bool
) -> Iterator[str]:
    forms = _forms(translation.string) if translation else []
    if not all(forms) or len(forms) != (plurals if isinstance(said.id, (list, tuple)) else 1):
        yield f"not translated: {_key(said)!r}"
        return
    for said_form, form in zip(_forms(said.id), forms, strict=True):
        yield from _form_faults(said_form, form, language, pushed=pushed)


def _form_faults(said: str, form: str, language: str, *, pushed: bool) -> Iterator[str]:
    try:
        same_placeholders = placeholders(form) == placeholders(said)
    except ValueError:
        same_placeholders = False
    if not same_placeholders:
        yield f"other placeholders: {form!r}"
        return
    missing = lost(said, form)
    if missing:
        yield f"lost {', '.join(missing)}: {form!r}"
    if not pushed:  # a browser shows any character, at any length
        if language == "fr" and UNSPACED.search(form.replace("smsgate: 2", "")):
            yield f"no space before : ; ? or !: {form!r}"
        return
    original, sent = filled(said, SOURCE), filled(form, language)
    if segments(sent) > segments(original) or not is_gsm7(sent):
        yield f"too long, or not GSM-7 ({len(sent)} characters): {form!r}"


def lost(said: str, form: str) -> list[str]:
    """Return the words to type and the counts that `said` has and its translation `form` lacks."""
    return sorted(
        word for word in set(TYPED.findall(said)) - set(TYPED.findall(form)) if not _has_own_keyword(word, form)
    )


def _has_own_keyword(word: str, form: str) -> bool:
    """Return True if `form` has the keyword in its own language; STOP and its like are the same everywhere."""
    if read_peer(word) is not None:
        return any(read_peer(shouted) for shouted in SHOUTED.findall(form))
    meant = parse_keyword(word)
    others = (parse_keyword(shouted) for shouted in SHOUTED.findall(form))
    return meant is not None and meant.intent in OWN and any(other and other.intent is meant.intent for other in others)


def placeholders(text: str) -> Counter[tuple[str, str | None, str | None]]:
    """Return the placeholders of a text, name, format spec and conversion, and how often each occurs.

    Raises ValueError on stray braces.
    """
    parts = Formatter().parse(text)
    return Counter((name, spec, turned) for _text, name, spec, turned in parts if name is not None)


def filled(text: str, language: str) -> str:
    """Return the text as it is sent, with the longest values in place of its placeholders."""
    with speaking(language):
        when = say_when(WHEN)
    values = {name: LONGEST.get(name, "999") for name, _spec, _turned in placeholders(text)}
    return transliterate(text.format(**values | dict.fromkeys(("when", "before", "after"), when)))


def _style_faults(texts: Catalog) -> Iterator[str]:
    for message in texts:
        if message.id and _key(message) not in EXCEPTIONS:
            for form in [*_forms(message.id), *_forms(message.string)]:
                words = [("medical", word) for word in medical(form)] + [("prescribing", word) for word in orders(form)]
                yield from (f"line {message.lineno}: {kind} word {word!r} in {form!r}" for kind, word in words)


def _forms(text: object) -> list[str]:
    return [str(form) for form in text] if isinstance(text, (list, tuple)) else [str(text or "")]


def _key(message: Message) -> str:
    return _forms(message.id)[0]
