"""What a browser or a terminal shows to who leads a group: a catalogue of its own, with every sign of a language."""

from __future__ import annotations

from smsgate.core.i18n import CONSOLE, language_now, translations


def _(text: str) -> str:
    """`text` in the language spoken now; literals only, formatted afterwards."""
    return translations(language_now(), CONSOLE).gettext(text)


def ngettext(one: str, many: str, count: int) -> str:
    """The form that `count` asks for; formatted afterwards."""
    return translations(language_now(), CONSOLE).ngettext(one, many, count)


def of_the_forms() -> list[str]:
    """What the forms' library says, so that the catalogue has it; it asks for its own sentences by itself."""
    return [
        _("This field is required."),
        _("Not a valid choice."),
        _("Not a valid integer value."),
        _("Not a valid date value."),
        _("Not a valid time value."),
        _("Number must be between %(min)s and %(max)s."),
        ngettext(
            "Field cannot be longer than %(max)d character.", "Field cannot be longer than %(max)d characters.", 2
        ),
    ]
