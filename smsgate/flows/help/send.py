"""Sending the help text with two different keys, taking it back, and the status of a request."""

from __future__ import annotations

from smsgate.core.i18n import _, ngettext
from smsgate.flows.actions import MyPlan, RaiseHelp, SayFine, TakeBack
from smsgate.flows.actions.results import PlanSeen, RaisedSeen, RequestSeen
from smsgate.flows.help import crisis_lines
from smsgate.flows.help.people import responders
from smsgate.flows.help.request_status import status_text
from smsgate.flows.help.texts import standard
from smsgate.flows.steps import Caller, Choose, Do, Flow, Tell

SHORT = 50  # characters of words that fit on a screen with the question
OFTEN = 3  # requests in an hour: from this many the question says so; sending is never barred


def get_help(caller: Caller) -> Flow:
    """Send the help text, or show the status of the open request."""
    plan = yield Do("plan", MyPlan())
    if plan["open"]:
        yield from _show_status(caller, plan["open"])
        return
    if not plan["agreed"] and not plan["then"]:
        yield from _nobody_yet(caller, plan)
        return
    options = _sending()  # key 1 opened this screen
    others = {"other": _("Other words")} if len(plan["texts"]) > 1 else {}
    words = plan["words"] or standard()
    if len(words) > SHORT or others:  # otherwise the keys that matter would be on a second page
        sure = yield Choose("send", _question(plan), {**options, "read": _("Read it first"), **others})
        if sure == "read":
            yield Tell(words)
            sure = yield Choose("send_read", _("Send it now?"), options)
    else:
        sure = yield Choose("send", "\n".join((_question(plan), words)), options)
    if sure == "other":
        yield from _other_words(plan)
    elif sure == "yes":
        yield from _send()
    else:
        yield Tell(_("That is fine. Nothing was sent."))


def without_pin() -> Flow:
    """Send without the PIN. Anyone who holds the phone sees no names and no words, only how many answered."""
    plan = yield Do("plan", MyPlan())
    request: RequestSeen | None = plan["open"]
    if request and request["leaves_in"]:
        yield from _pause(request["leaves_in"])
    elif request:
        answered = sum(person["state"] == "answered" for person in request["people"])
        text = _("Sent {time}. Helping: {count}").format(time=request["at"], count=answered)
        options = {"wait": _("Keep as it is"), "fine": _("I am fine now"), "again": _("Send it again")}
        choice = yield Choose("stands", text, options)
        yield from _change(choice)
    elif not plan["agreed"] and not plan["then"]:
        yield Tell(_("Nothing can be sent right now."))
    elif (yield Choose("send", _("Send it now?"), _sending())) == "yes":
        yield from _send()
    else:
        yield Tell(_("That is fine. Nothing was sent."))


def _other_words(plan: PlanSeen) -> Flow:
    """Choose other words, then confirm them: 2 sends, as everywhere, so no words are chosen with 2."""
    texts = [(str(text["id"]), text["short"]) for text in plan["texts"]]
    options = dict([texts[0], ("none", _("Not now")), *texts[1:]])
    chosen = yield Choose("send_words", _("Which words, to everyone?"), options)
    words = next((text["words"] for text in plan["texts"] if str(text["id"]) == chosen), "")
    if chosen != "none" and (yield Choose("send_these", words, _sending())) == "yes":
        yield from _send(int(chosen))
    else:
        yield Tell(_("That is fine. Nothing was sent."))


def _sending() -> dict[str, str]:
    """Return the keys of every question whether to send: 2 sends, and no screen before it is left with 2."""
    return {"no": _("Not now"), "yes": _("Yes, send it now")}


def _question(plan: PlanSeen) -> str:
    count = plan["agreed"]
    ask = ngettext("Send your help text to {count} person?", "Send your help text to {count} people?", count)
    question = ask.format(count=count) if count else _("None of your people can be reached. Ask your group leader?")
    often = (
        _("You sent it {count} times in the last hour.").format(count=plan["recent"]) if plan["recent"] >= OFTEN else ""
    )
    return "\n".join(filter(None, (often, question)))


def _send(text_id: int = 0, *, again: bool = False) -> Flow:
    """Send the help text. Key 2 was pressed to send: pressed twice, it must not take the text back."""
    raised: RaisedSeen = yield Do("raised", RaiseHelp(text_id, again=again))
    told, seconds = raised["people"], raised["seconds"]
    if not told and not raised["later"]:
        yield Tell(_("Nobody was told: nobody on your list has agreed to it."))
        return
    if seconds:
        yield from _pause(seconds)
        return
    if told:
        people = ngettext(
            "Your text is on its way to {count} person.", "Your text is on its way to {count} people.", told
        )
        yield Tell(people.format(count=told))
    else:
        yield Tell(_("We are asking your group leader now."))
    yield Tell(_("Dial again to see who answered. This is not an emergency service."))


def _pause(seconds: int) -> Flow:
    text = _("It will be sent in {count} seconds, even if this call drops.").format(count=seconds)
    yield from _offer_to_take_back(text)


def take_back(caller: Caller) -> Flow:
    """Ask whether to cancel the waiting text, after words that may mean that; show nothing that a PIN guards."""
    plan = yield Do("plan", MyPlan())
    request: RequestSeen | None = plan["open"]
    if not request or not request["leaves_in"]:  # it has just been sent
        yield Tell(_("It stays as it is. Dial again to see who answered."))
        return
    text = _("It will be sent in {count} seconds. Cancel it?").format(count=request["leaves_in"])
    yield from _offer_to_take_back(text)


def _offer_to_take_back(text: str) -> Flow:
    """Offer to cancel, with the same keys after sending, on a redial and by SMS."""
    if (yield Choose("pausing", text, {"back": _("Cancel it"), "wait": _("Send it")})) == "back":
        yield Tell(_ended((yield Do("taken_back", TakeBack()))))
    else:
        yield Tell(_("Dial again to see who answered. This is not an emergency service."))


def _ended(end: str) -> str:
    return {
        "told": _("Good to hear. Everyone who got your text knows now."),
        "nobody": _("Cancelled. Nobody was told."),
        "gone": _("Good to hear."),
        "over": _("It was already over. Nothing more will be sent."),
        "stands": _("Cancelled. What you sent before still counts. Dial again to see who answered."),
    }[end]


def _nobody_yet(caller: Caller, plan: PlanSeen) -> Flow:
    if plan["resting"]:
        text = _("None of your people can be reached right now.")
    elif plan["asked"]:
        text = _("Nobody on your list has answered yet, so nothing can be sent.")
    else:
        text = _("To send a help text, first choose people who agree to get it.")
    choice = yield Choose("nobody", text, {"not": _("Not now"), "people": _("My people")})
    if choice == "people":
        yield from responders(caller)
    else:
        yield Tell(_("That is fine. Nothing was sent."))


def _show_status(caller: Caller, request: RequestSeen) -> Flow:
    if request["leaves_in"]:
        yield from _pause(request["leaves_in"])
        return
    # Key 1 opened this screen, so here it changes nothing when pressed twice.
    options = {"wait": _("Keep as it is"), "fine": _("I am fine now"), "again": _("Send it again")}
    if not any(person["state"] == "answered" for person in request["people"]):
        options["lines"] = _("Numbers to call")
    choice = yield Choose("stands", status_text(request), options)
    if choice == "lines":
        yield from crisis_lines.lines(caller)
    else:
        yield from _change(choice)


def _change(choice: str) -> Flow:
    if choice == "fine":
        yield Tell(_ended((yield Do("fine", SayFine()))))
    elif choice == "again":
        if (yield Choose("again", _("Send it again to everyone?"), _sending())) == "yes":
            yield from _send(again=True)
            return
        yield Tell(_("That is fine. Nothing more was sent."))
    else:
        yield Tell(_("It stays as it is. Dial again to see who answered."))
