"""Translations of what phones show, and dates in the reader's language: `with speaking("sw"):`.

Catalogues are read from the .po files directly. Entries marked fuzzy are used all the same: they await a native
speaker's review, and a doubtful word in one's own language beats a sure one in another's.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from contextvars import ContextVar
from datetime import UTC, datetime
from functools import lru_cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path
from typing import NamedTuple

from babel.dates import format_date, format_datetime
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

LOCALES = Path(__file__).parent.parent / "locales"
LANGUAGES = {"en": "English", "sw": "Kiswahili", "fr": "Français"}
SOURCE = "en"
PHONES, CONSOLE = "smsgate", "console"  # catalogues for phones, with their small alphabet, and for browsers

Wording = Mapping[tuple[str, str], tuple[str, ...]]  # (language, source text) -> plural forms in a group's words
NO_WORDING: Wording = {}


class _Speech(NamedTuple):
    """The current language and words, in one context variable, since a turn reads it for each of its texts."""

    language: str = SOURCE
    catalogue: NullTranslations = NullTranslations()
    wording: Wording = NO_WORDING


_clock: list[Callable[[], datetime]] = [lambda: datetime.now(UTC)]  # the last one counts
_speech: ContextVar[_Speech] = ContextVar("speech", default=_Speech())  # noqa: B039 - never mutated


def _(text: str) -> str:
    """Translate `text` into the current language; literals only, to be formatted afterwards."""
    language, catalogue, wording = _speech.get()
    custom = wording.get((language, text)) if wording is not NO_WORDING else None
    return custom[0] if custom else catalogue.gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Translate the plural form for `count`; to be formatted afterwards."""
    language, catalogue, wording = _speech.get()
    custom = wording.get((language, one)) if wording is not NO_WORDING else None
    return custom[form_for(language, count)] if custom else catalogue.ngettext(one, many, count)


def form_for(language: str, count: int) -> int:
    """Return the index of the plural form for `count`; 0 is the first."""
    spoken = translations(language)
    return int(spoken.plural(count)) if isinstance(spoken, GNUTranslations) else int(count != 1)  # type: ignore[attr-defined]


def speaking(language: str | None, wording: Wording = NO_WORDING) -> AbstractContextManager[None]:
    """Speak `language` inside the block, English if unknown or None; in the service's words, or in `wording`.

    Nothing carries over from the enclosing block: a text for someone else never has another group's words.
    """
    return _Speaking(_speech_in(language, wording))


class _Speaking:
    """A class, since a turn enters several: a generator would take three times as long."""

    def __init__(self, speech: _Speech) -> None:
        self._speech = speech

    def __enter__(self) -> None:
        self._before = _speech.set(self._speech)

    def __exit__(self, *_error: object) -> None:
        _speech.reset(self._before)


def speak(language: str | None) -> None:
    """Speak `language` from here on, until the enclosing `speaking` block ends."""
    _speech.set(_speech_in(language, _speech.get().wording))


def _speech_in(language: str | None, wording: Wording) -> _Speech:
    known = language if language is not None and language in LANGUAGES else SOURCE
    return _Speech(known, translations(known), wording)


def language_now() -> str:
    """Return the code of the current language."""
    return _speech.get().language


def wording_now() -> Wording:
    """Return the wording of the current group; empty when the service speaks in its own words."""
    return _speech.get().wording


def go_by(now: Callable[[], datetime]) -> None:
    """Take the current year from `now`, the service's clock."""
    _clock.append(now)
    del _clock[:-1]


def say_when(when: datetime) -> str:
    """Return a date and time as people write them, like `Wed 25 Nov 14:00`; `when` is already local.

    The year is included unless it is the current one.
    """
    year = " y" if when.year != _clock[-1]().astimezone(when.tzinfo or UTC).year else ""
    return str(format_datetime(when, f"EEE d MMM{year} HH:mm", locale=language_now()))


def say_day_of(date: str) -> str:
    """Return an ISO date as people write it, like `25 Nov 2026`."""
    return str(format_date(datetime.fromisoformat(date), "d MMM y", locale=language_now()))


def say_short_day_of(date: str) -> str:
    """Return an ISO date without the year, like `25 Nov`."""
    return str(format_date(datetime.fromisoformat(date), "d MMM", locale=language_now()))


def catalogue(language: str, domain: str = PHONES) -> Catalog:
    """Return a catalogue as translators see it."""
    with (LOCALES / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=language)


@lru_cache
def translations(language: str, domain: str = PHONES) -> NullTranslations:
    """Return a compiled catalogue; English is the source language and needs none."""
    if language == SOURCE:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language, domain), use_fuzzy=True)
    compiled.seek(0)
    return GNUTranslations(compiled)
