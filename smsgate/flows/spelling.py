"""What the author of a text is told if an SMS spells it differently or becomes more expensive."""

from __future__ import annotations

from smsgate.core import gsm7
from smsgate.core.i18n import _

MOST_CHANGED = 4  # words
LONGEST_WORD = 20  # letters of a word that are shown


def changed_said(words: str) -> str:
    """Return the notice of which words the SMS alphabet spells differently, and how; "" if there are none."""
    changed = [word[:LONGEST_WORD] for word in gsm7.changed_words(words)[:MOST_CHANGED]]
    return _("In an SMS it says: {words}").format(words=", ".join(changed)) if changed else ""


def odd_said(odd: str) -> str:
    """Return the warning about a character that makes a text expensive."""
    return _("{sign}: only 70 letters in an SMS").format(sign=odd)


def how_it_is_sent(words: str) -> str:
    """Return what to tell the author: what is spelled differently, or what costs more; "" if neither."""
    if changed := changed_said(words):
        return changed
    return odd_said(odd) if (odd := next(iter(gsm7.expensive_chars(words)), "")) else ""
