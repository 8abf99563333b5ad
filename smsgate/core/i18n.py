"""Translations of what phones show, and dates in the reader's language: `with speaking("sw"):`.

Catalogues are read from the .po files directly. Entries marked fuzzy are used all the same: they await a native
speaker's review, and a doubtful word in one's own language beats a sure one in another's.
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent.parent / "locales"
LANGUAGES = {"en": "English", "sw": "Kiswahili", "fr": "Français"}
SOURCE = "en"
PHONES, CONSOLE = "smsgate", "console"  # catalogues: for phones, in their small alphabet; for browsers

Wording = Mapping[tuple[str, str], tuple[str, ...]]  # (language, source text) -> the forms in a group's own words
NO_WORDING: Wording = {}

_spoken: ContextVar[NullTranslations] = ContextVar("spoken", default=NullTranslations())  # noqa: B039 - never mutated
_language: ContextVar[str] = ContextVar("language", default=SOURCE)
_worded: ContextVar[Wording] = ContextVar("worded", default=NO_WORDING)


def _(text: str) -> str:
    """Translate `text` into the current language; literals only, to be formatted afterwards."""
    custom = _worded.get().get((_language.get(), text))
    return custom[0] if custom else _spoken.get().gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Translate the form that `count` asks for; to be formatted afterwards."""
    custom = _worded.get().get((_language.get(), one))
    return custom[form_for(_language.get(), count)] if custom else _spoken.get().ngettext(one, many, count)


def form_for(language: str, count: int) -> int:
    """Returns which plural form of a text `count` asks for; 0 is the first."""
    spoken = translations(language)
    return int(spoken.plural(count)) if isinstance(spoken, GNUTranslations) else int(count != 1)  # type: ignore[attr-defined]


@contextmanager
def speaking(language: str | None, wording: Wording = NO_WORDING) -> Iterator[None]:
    """Speak `language` inside the block, English if unknown or None; in the service's words, or in `wording`.

    Nothing of the enclosing block carries over: a text for somebody else never has another group's words.
    """
    before = (_spoken.get(), _language.get(), _worded.get())
    speak(language)
    _worded.set(wording)
    try:
        yield
    finally:
        _spoken.set(before[0])
        _language.set(before[1])
        _worded.set(before[2])


def speak(language: str | None) -> None:
    """Speak `language` from here on, until the enclosing `speaking` block ends."""
    known = language if language in LANGUAGES else SOURCE
    _spoken.set(translations(known or SOURCE))
    _language.set(known or SOURCE)


def language_now() -> str:
    """Returns the code of the current language."""
    return _language.get()


def wording_now() -> Wording:
    """Returns the wording of the current group; empty when the service speaks in its own words."""
    return _worded.get()


def say_when(when: datetime) -> str:
    """Returns day and time as people write them, like `Wed 25 Nov 14:00`; `when` is local already."""
    return str(format_datetime(when, "EEE d MMM HH:mm", locale=_language.get()))


def say_day_of(date: str) -> str:
    """Returns an ISO date as people write it, like `25 Nov 2026`."""
    return str(format_date(datetime.fromisoformat(date), "d MMM y", locale=_language.get()))


def say_short_day_of(date: str) -> str:
    """Returns an ISO date without the year, like `25 Nov`."""
    return str(format_date(datetime.fromisoformat(date), "d MMM", locale=_language.get()))


def catalogue(language: str, domain: str = PHONES) -> Catalog:
    """Returns a catalogue as translators see it."""
    with (LOCALES / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=language)


@lru_cache
def translations(language: str, domain: str = PHONES) -> NullTranslations:
    """Returns a compiled catalogue; English is the source language and needs none."""
    if language == SOURCE:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language, domain), use_fuzzy=True)
    compiled.seek(0)
    return GNUTranslations(compiled)
