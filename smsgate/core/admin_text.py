"""Texts of the console and the terminal, for leaders and operators: a catalogue of its own, not limited to GSM-7."""

from __future__ import annotations

from smsgate.core import gsm7
from smsgate.core.i18n import CONSOLE, language_now, translations

MOST_CHANGES = 8


def _(text: str) -> str:
    """Translate `text` into the current language; literals only, to be formatted afterwards."""
    return translations(language_now(), CONSOLE).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """Translate the plural form for `count`; to be formatted afterwards."""
    return translations(language_now(), CONSOLE).ngettext(one, many, count)


def changes_said(text: str) -> str:
    """Return a sentence on what is replaced or left out to keep a text cheap; "" if nothing is."""
    told = [
        f"{change.was} → {change.now.strip()}"
        if change.was
        else _("an invisible character after “{word}” is left out").format(word=change.after)
        if change.after
        else _("an invisible character at the beginning is left out")
        for change in gsm7.changes(text)[:MOST_CHANGES]
    ]
    return _("To cost less, it's sent like this: {changes}").format(changes=", ".join(told)) if told else ""


def wtforms_messages() -> list[str]:
    """Return WTForms' own messages, listed here for the catalogue; WTForms translates them by itself."""
    return [
        _("Fill this in."),
        _("Not a valid choice."),
        _("Not a valid integer value."),
        _("Not a valid date value."),
        _("Not a valid time value."),
        _("Number must be between %(min)s and %(max)s."),
        ngettext(
            "Field cannot be longer than %(max)d character.", "Field cannot be longer than %(max)d characters.", 2
        ),
    ]
