"""What a browser shows is said by a catalogue of its own: with every sign of a language, at any length."""

from __future__ import annotations

from smsgate.i18n import CONSOLE, language_now, translations


def _(text: str) -> str:
    """`text` in the language spoken now; literals only, formatted afterwards."""
    return translations(language_now(), CONSOLE).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The form that `count` asks for; formatted afterwards."""
    return translations(language_now(), CONSOLE).ngettext(one, many, count)
