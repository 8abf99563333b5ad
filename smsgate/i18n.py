"""The catalogues; `speaking("sw")`; how dates are said.

Catalogues are read from the .po files as they are. A line marked fuzzy is used all the same: it waits for a
speaker's eye, and a doubtful word in one's own language beats a sure one in another's.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
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

LOCALES = Path(__file__).parent / "locales"
LANGUAGES = {"en": "English", "sw": "Kiswahili", "fr": "Français"}
SOURCE = "en"
PHONES, CONSOLE = "smsgate", "console"  # catalogues: what phones show, in their small alphabet; what browsers show

_spoken: ContextVar[NullTranslations] = ContextVar("spoken", default=NullTranslations())  # noqa: B039 - never changed
_language: ContextVar[str] = ContextVar("language", default=SOURCE)


def _(text: str) -> str:
    """`text` in the language spoken now; literals only, formatted afterwards."""
    return _spoken.get().gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The form that `count` asks for; formatted afterwards."""
    return _spoken.get().ngettext(one, many, count)


@contextmanager
def speaking(language: str | None) -> Iterator[None]:
    """Speak `language` inside the block, English where it is unknown or None."""
    before = (_spoken.get(), _language.get())
    speak(language)
    try:
        yield
    finally:
        _spoken.set(before[0])
        _language.set(before[1])


def speak(language: str | None) -> None:
    """Speak `language` from here on, to the end of the enclosing `speaking` block."""
    known = language if language in LANGUAGES else SOURCE
    _spoken.set(translations(known or SOURCE))
    _language.set(known or SOURCE)


def language_now() -> str:
    """The code of the language spoken now."""
    return _language.get()


def say_when(when: datetime) -> str:
    """Day and time as people write them, like `Wed 25 Nov 14:00`; `when` is local already."""
    return str(format_datetime(when, "EEE d MMM HH:mm", locale=_language.get()))


def say_day_of(date: str) -> str:
    """A date in ISO form as people write it, like `25 Nov 2026`."""
    return str(format_date(datetime.fromisoformat(date), "d MMM y", locale=_language.get()))


def say_short_day_of(date: str) -> str:
    """The same without the year."""
    return str(format_date(datetime.fromisoformat(date), "d MMM", locale=_language.get()))


def catalogue(language: str, domain: str = PHONES) -> Catalog:
    """The catalogue as translators see it."""
    with (LOCALES / language / "LC_MESSAGES" / f"{domain}.po").open("rb") as file:
        return read_po(file, locale=language)


@lru_cache
def translations(language: str, domain: str = PHONES) -> NullTranslations:
    """The catalogue as the program uses it; English is the source and needs none."""
    if language == SOURCE:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, catalogue(language, domain), use_fuzzy=True)
    compiled.seek(0)
    return GNUTranslations(compiled)
