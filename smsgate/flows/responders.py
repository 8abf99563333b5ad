"""My people: up to three, each asked first; who agreed; taking one off."""

from __future__ import annotations

from smsgate.flows.actions import AskResponder, MyResponders, RemoveResponder
from smsgate.flows.seen import ResponderSeen
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Sort, Tell
from smsgate.i18n import _

MOST = 3
LONGEST_NAME = 20


def responders(caller: Caller) -> Flow:
    """The list, one of them, or a new one."""
    people = yield Do("people", MyResponders())
    options = {str(one["id"]): f"{one['name']}: {_agreed(one['agreed'])}" for one in people}
    if len(people) < MOST:
        options["add"] = _("Add a person")
    intro = _("Your people:") if people else _("Choose up to 3 people you trust. Each is asked first.")
    choice = yield Choose("person", intro, options)
    if choice == "add":
        yield from _add()
    else:
        yield from _one(next(one for one in people if str(one["id"]) == choice))


def _one(person: ResponderSeen) -> Flow:
    change = yield Choose(
        "change_person", f"{person['name']}: {_agreed(person['agreed'])}",
        {"keep": _("Keep"), "remove": _("Take off my list")},
    )  # fmt: skip
    if change == "remove":
        yield Do("removed", RemoveResponder(person["id"]))
        yield Tell(_("{name} is off your list.").format(name=person["name"]))
    else:
        yield Tell(_("Nothing was changed."))


def _add() -> Flow:
    number = yield Ask("number", _("Type the person's phone number."), sort=Sort.NUMBER)
    name = yield Ask("called", _("What do you call this person?"), longest=LONGEST_NAME, skip=_("No name"))
    sure = yield Choose(
        "sure_ask", _("We text {number} to ask if they agree. They see your name and number.").format(number=number),
        {"yes": _("Ask them"), "no": _("Not now")},
    )  # fmt: skip
    if sure == "no":
        yield Tell(_("That is fine. Nobody was asked."))
        return
    outcome = yield Do("asked", AskResponder(number, name))
    yield Tell(_outcome(outcome))


def _outcome(outcome: str) -> str:
    return {
        "asked": _("Asked. Nothing else goes to them until they agree. Dial again to see."),
        "already": _("This person is on your list already."),
        "full": _("You have 3 people already. Take one off to add another."),
        "enough": _("Enough people were asked for today. Please try again tomorrow."),
        "closed": _("This number cannot be asked."),
        "yourself": _("This is your own number."),
    }[outcome]


def _agreed(agreed: str) -> str:
    return {
        "asked": _("not answered yet"),
        "yes": _("agreed"),
        "no": _("said no"),
        "left": _("stopped"),
        "unreachable": _("gets no texts"),
    }[agreed]
