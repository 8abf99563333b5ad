"""Sending my help text with two different keys, and how it stands."""

from __future__ import annotations

from smsgate.flows.actions import MyPlan, RaiseHelp, SayFine
from smsgate.flows.help_text import standard
from smsgate.flows.responders import responders
from smsgate.flows.seen import RequestSeen
from smsgate.flows.steps import Caller, Choose, Do, Flow, Tell
from smsgate.i18n import _, ngettext

SHORT = 50  # characters of words that fit beside the question
OFTEN = 3  # in an hour: then we ask, we never bar


def get_help(caller: Caller) -> Flow:
    """Send, or see how it stands."""
    plan = yield Do("plan", MyPlan())
    if plan["open"]:
        yield from _how_it_stands(plan["open"])
        return
    if not plan["agreed"]:
        yield from _nobody_yet(caller, plan["asked"])
        return
    # Key 1 opened this screen, so the key that sends is another one: 2.
    options = {"no": _("Not now"), "yes": _("Yes, send it now")}
    words = plan["words"] or standard()
    if len(words) > SHORT:  # else the keys that matter would stand on a second page
        sure = yield Choose("send", _question(plan), {**options, "read": _("Read it first")})
        if sure == "read":
            yield Tell(words)
            sure = yield Choose("send_read", _("Send it now?"), options)
    else:
        sure = yield Choose("send", "\n".join((_question(plan), words)), options)
    if sure == "yes":
        yield from _send()
    else:
        yield Tell(_("That is fine. Nothing was sent."))


def _question(plan: dict[str, str | int]) -> str:
    count = int(plan["agreed"])
    ask = ngettext("Send your help text to {count} person?", "Send your help text to {count} people?", count)
    often = _("You sent it {count} times this hour.").format(count=plan["recent"]) if _is_often(plan) else ""
    return "\n".join(filter(None, (often, ask.format(count=count))))


def _is_often(plan: dict[str, str | int]) -> bool:
    return int(plan["recent"]) >= OFTEN


def _send() -> Flow:
    told = yield Do("raised", RaiseHelp())
    if told:
        people = ngettext("It is on its way to {count} person.", "It is on its way to {count} people.", told)
        yield Tell(people.format(count=told))
        yield Tell(_("Dial again to see who answered. This is not an emergency service."))
    else:
        yield Tell(_("Nobody could be told: nobody on your list agrees at this moment."))


def _nobody_yet(caller: Caller, asked: int) -> Flow:
    text = (
        _("Nobody on your list has answered yet, so nothing can be sent.")
        if asked
        else _("To send a help text, first choose people who agree to get it.")
    )
    choice = yield Choose("nobody", text, {"not": _("Not now"), "people": _("My people")})
    if choice == "people":
        yield from responders(caller)
    else:
        yield Tell(_("That is fine. Nothing was sent."))


def _how_it_stands(request: RequestSeen) -> Flow:
    options = {"fine": _("I am fine now"), "again": _("Send it again"), "wait": _("Leave it so")}
    choice = yield Choose("stands", _truth(request), options)
    if choice == "fine":
        told = yield Do("fine", SayFine())
        yield Tell(_("Good to hear. Those who were told know now.") if told else _("Good to hear."))
    elif choice == "again":
        # Key 2 opened this screen, so here it is key 1 that sends.
        sure = yield Choose("again", _("Send it again to all?"), {"yes": _("Yes, send it now"), "no": _("Not now")})
        if sure == "yes":
            yield from _send()
            return
        yield Tell(_("That is fine. Nothing more was sent."))
    else:
        yield Tell(_("It stays as it is. Dial again to see who answered."))


def _truth(request: RequestSeen) -> str:
    lines = [
        _("Asked {asked}, sent {sent}, delivered {delivered}, answered {answered}.").format(
            asked=request["asked"],
            sent=request["sent"],
            delivered=request["delivered"],
            answered=len(request["answered"]),
        )
    ]
    if request["answered"]:
        lines.append(_("On it: {names}").format(names=", ".join(request["answered"])))
    if request["unsent"]:
        lines.append(_("Not sent: {count}").format(count=request["unsent"]))
    return "\n".join(lines)
