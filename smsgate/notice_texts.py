"""Every text about a notice that is pushed by SMS, in the language spoken now. None names a group."""

from __future__ import annotations

from smsgate.i18n import _


def asks_to_agree(code: str, dial: str) -> str:
    """To others who lead the group of a large notice; names no group."""
    return _("A notice waits until a second person agrees. To read it, reply {code} or dial {dial}").format(
        code=code, dial=dial
    )


def operator_agrees(number: int) -> str:
    """To the operator: nobody else leads the group."""
    return _("Notice {number} waits until a second person agrees: smsgate notice agree {number}").format(number=number)


def agreed_to(dial: str) -> str:
    """To who wrote a notice."""
    return _("A second person agreed to your notice: it leaves. To see how far it is, dial {dial}").format(dial=dial)


def not_agreed_to(dial: str) -> str:
    """To who wrote a notice that was declined, or that nobody agreed to within a day."""
    return _("Nobody agreed to your notice: it was not sent. To write another one, dial {dial}").format(dial=dial)
