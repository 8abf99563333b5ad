"""The caller's responders: choosing up to three, each asked first; their order and texts; the do-not-contact list."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from smsgate.core.i18n import _
from smsgate.flows.actions import (
    AskAgain,
    AskResponder,
    BlockNumber,
    CheckNumber,
    DoNotContactList,
    GiveText,
    MoveUp,
    MyHelpPlan,
    MyResponders,
    RemoveResponder,
    UnblockNumber,
)
from smsgate.flows.actions.results import ResponderSeen
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, InputType, Tell

MOST = 3
TRIES = 2
LONGEST_NAME = 20


def responders(caller: Caller) -> Flow:
    """List the responders, to change one or to add another."""
    people = yield Do("people", MyResponders())
    options = {str(person["id"]): f"{person['name']}: {_status(person['agreed'])}" for person in people}
    if len([person for person in people if person["agreed"] != "gone"]) < MOST:
        options["add"] = _("Add a person")
    options["never"] = _("Never tell")
    intro = _("Your people:") if people else _("Choose up to 3 people you trust. We ask each of them first.")
    choice = yield Choose("person", intro, options)
    if choice == "add":
        yield from _add()
    elif choice == "never":
        yield from _do_not_contact()
    else:
        place = next(place for place, person in enumerate(people) if str(person["id"]) == choice)
        yield from _change(people[place], first=place == 0)


def _change(person: ResponderSeen, *, first: bool) -> Flow:
    options = {"keep": _("Keep on my list"), "remove": _("Take off my list"), "words": _("What they get")}
    if not first:
        options["up"] = _("Move up the list")
    if person["agreed"] in ("left", "gone"):
        options["again"] = _("Ask again if they agree")
    change = yield Choose("change_person", f"{person['name']}: {_status(person['agreed'])}", options)
    if change == "remove":
        read = yield Do("removed", RemoveResponder(person["id"]))
        yield Tell(_("{name} is off your list.").format(name=person["name"]))
        if read:
            yield Tell(_("They may have read your help text. They'll get no more."))
    elif change == "words":
        yield from _words(person)
    elif change == "again":
        yield Tell(_outcome((yield Do("asked_again", AskAgain(person["id"])))))
    elif change == "up":
        yield Do("moved_up", MoveUp(person["id"]))
        yield Tell(_("Saved. The order matters if people are asked one by one."))
    else:
        yield Tell(_("Nothing was changed."))


def _words(person: ResponderSeen) -> Flow:
    plan = yield Do("texts", MyHelpPlan())
    if len(plan["texts"]) < 2:
        yield Tell(_("You have only one help text. Add another under My help text."))
        return
    options = {str(text["id"]): text["short"] for text in plan["texts"]}
    chosen = yield Choose("words_for", _("What does {name} get?").format(name=person["name"]), options)
    yield Do("words_given", GiveText(person["id"], int(chosen)))
    yield Tell(_("Saved."))


def _add() -> Flow:
    number = yield from _number_to_ask()
    if not number:
        return
    name = yield Ask("called", _("What do you call this person?"), longest=LONGEST_NAME, skip=_("No name"))
    sure = yield Choose(
        "sure_ask",
        _("We'll text {number} to ask if they agree. They'll see your name and number.").format(number=number),
        {"yes": _("Ask them"), "no": _("Not now")},
    )  # fmt: skip
    if sure == "no":
        yield Tell(_("That is fine. Nobody was asked."))
        return
    outcome = yield Do("asked", AskResponder(number, name))
    yield Tell(_outcome(outcome))


def _number_to_ask() -> Generator[Ask | Do | Tell, Any, str]:
    """Ask for a number until one can be invited; return "" after TRIES refusals, each explained."""
    for turn in range(1, TRIES + 1):
        name = "number" if turn == 1 else f"number{turn}"
        number = yield Ask(name, _("Type the person's phone number."), input_type=InputType.NUMBER)
        refused = yield Do(f"{name}_checked", CheckNumber(number))
        if not refused:
            return str(number)
        yield Tell(_outcome(refused))
    return ""


def _outcome(outcome: str) -> str:
    return {
        "asked": _("We've asked them. They get nothing else until they agree. Dial again to see."),
        "already": _("This person is on your list already."),
        "full": _("You have 3 people already. Take one off to add another."),
        "enough": _("We can't ask any more people today. Please try again tomorrow."),
        "closed": _("We can't ask this number."),
        "never": _("You chose never to tell this number."),
        "yourself": _("This is your own number."),
    }[outcome]


def _do_not_contact() -> Flow:
    numbers = yield Do("never", DoNotContactList())
    options = {str(entry["id"]): entry["number"] for entry in numbers}
    choice = yield Choose(
        "never_who", _("These numbers never get anything from you:"), {"add": _("Add a number"), **options}
    )
    if choice == "add":
        number = yield Ask(
            "never_number", _("Type the phone number. Its owner is not told."), input_type=InputType.NUMBER
        )
        outcome = yield Do("never_kept", BlockNumber(number))
        yield Tell(
            {
                "kept": _("Saved. This number gets nothing from you."),
                "read": _("Saved. They may have read your last help text. They'll get nothing more."),
                "yourself": _("This is your own number."),
                "full": _("The list is full. Take a number off first."),
            }[outcome]
        )
        return
    change = yield Choose("never_change", options[choice], {"keep": _("Keep as it is"), "off": _("Take off my list")})
    if change == "off":
        yield Do("forgiven", UnblockNumber(int(choice)))
        yield Tell(_("{name} is off your list.").format(name=options[choice]))
    else:
        yield Tell(_("Nothing was changed."))


def _status(agreed: str) -> str:
    return {
        "asked": _("not answered yet"),
        "yes": _("agreed"),
        "no": _("said no"),
        "left": _("stopped"),
        "gone": _("did not answer"),
        "resting": _("resting today"),
        "unreachable": _("gets no texts"),
    }[agreed]
