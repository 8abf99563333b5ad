"""Are the catalogues in order? Complete, with the same placeholders, and never a medical word."""

from __future__ import annotations

import re
from collections.abc import Iterator

from babel.messages.catalog import Catalog, Message
from babel.messages.pofile import read_po

from smsgate.i18n import LANGUAGES, LOCALES, SOURCE, catalogue

PLACEHOLDER = re.compile(r"\{\w*\}")
# Words that inform of nothing and label a person; in three languages, by their stems.
MEDICAL = re.compile(
    r"\b(patient|diagnos|medic(?!al card)|symptom|treatment|therap|disorder|illness|crazy|suicid|mgonjwa|wagonjwa|"
    r"ugonjwa|matibabu|dawa|kichaa|malad|médic|traitement|trouble|folie|fou)\w*",
    re.IGNORECASE,
)


def faults() -> list[str]:
    """What is wrong, a line each; empty when all is well."""
    source = template()
    found = [f"{SOURCE}: medical word in {text!r}" for text in _medical(source)]
    for language in LANGUAGES:
        if language != SOURCE:
            found += [f"{language}: {fault}" for fault in _of(catalogue(language), source)]
    return found


def template() -> Catalog:
    """The texts of the source, as they were extracted last."""
    with (LOCALES / "smsgate.pot").open("rb") as file:
        return read_po(file)


def _of(translated: Catalog, source: Catalog) -> Iterator[str]:
    for message in source:
        if message.id:
            yield from _differences(message, translated.get(_key(message)))
    for text in _medical(translated):
        yield f"medical word in {text!r}"


def _differences(message: Message, translation: Message | None) -> Iterator[str]:
    forms = _forms(translation.string) if translation else []
    if not forms or not all(forms):
        yield f"not translated: {_key(message)!r}"
        return
    wanted = set(PLACEHOLDER.findall(_key(message)))
    for form in forms:
        if set(PLACEHOLDER.findall(form)) != wanted:
            yield f"other placeholders: {form!r}"


def _medical(texts: Catalog) -> Iterator[str]:
    for message in texts:
        for form in [*_forms(message.id), *_forms(message.string)] if message.id else []:
            if MEDICAL.search(form):
                yield form


def _forms(text: object) -> list[str]:
    return [str(form) for form in text] if isinstance(text, (list, tuple)) else [str(text or "")]


def _key(message: Message) -> str:
    return _forms(message.id)[0]
