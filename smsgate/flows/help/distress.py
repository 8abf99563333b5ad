"""The answer to someone who wrote that they cannot go on.

It says that nobody reads texts here and that it is good that they wrote, and offers choices. Nobody is told; nothing is
scored, stored, asked or ordered.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from smsgate.core.i18n import _
from smsgate.flows.actions import MyPlan
from smsgate.flows.help.crisis_lines import lines
from smsgate.flows.help.send import get_help, without_pin
from smsgate.flows.member.about import what_this_is
from smsgate.flows.steps import Caller, Choose, Do, Flow, Home, Tell

Answered = Generator[Do, Any, dict[str, str]]


def hard_day(caller: Caller) -> Flow:
    """Show the warm text and its choices."""
    yield from _offer_choices(caller, text())


def passed_on(caller: Caller) -> Flow:
    """Show the variant for words that whoever sent a notice may read later."""
    yield from _offer_choices(caller, passed_on_text())


def _offer_choices(caller: Caller, warm: str) -> Flow:
    options = yield from _options(caller)
    choice = yield Choose("way", warm, options)
    if choice == "help":
        yield from without_pin() if _is_guarded(caller) else get_help(caller)
    elif choice == "lines":
        yield from lines(caller)
    elif choice == "what":
        yield Tell(what_this_is(caller.service_code))
    else:
        yield Home()


def _options(caller: Caller) -> Answered:
    lines_ = {"lines": _("Numbers to call")}
    if not caller.member:
        return {**lines_, "what": _("What is this?")}
    if _is_guarded(caller):  # show nothing of theirs, not even whether there is anything to send
        return {"help": _("Send my text"), **lines_}
    plan = yield Do("plan", MyPlan())
    send = {"help": _("See who answered") if plan["open"] else _("Send my help text")}
    return {**(send if plan["agreed"] or plan["then"] or plan["open"] else {}), **lines_, "menu": _("Menu")}


def _is_guarded(caller: Caller) -> bool:
    return caller.pin or caller.doubted


def text() -> str:
    """Return the warm text: fixed, and honest that nobody reads here."""
    return _(
        "It is good that you wrote. You matter. This is an automatic answer: nobody here has read this text and "
        "nobody was told. If you like, reply with a number."
    )


def passed_on_text() -> str:
    """Return the variant for words that are passed on to whoever sent a notice."""
    return _(
        "It is good that you wrote. You matter. This is an automatic answer. Only someone who wrote to you may read "
        "your words, and not right away. If you like, reply with a number."
    )


def without_choices(numbers: str) -> str:
    """Return the variant for a number that opted out: crisis lines, if there are any, and no choices."""
    said = _(
        "It is good that you wrote. You matter. This is an automatic answer: nobody here has read this text and "
        "nobody was told. You'll get no more texts unless you text START."
    )
    to_call = _("Numbers to call: {numbers}").format(numbers=numbers)
    return f"{said} {to_call}" if numbers else said
