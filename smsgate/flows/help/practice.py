"""A practice: sent like a help text, marked as a practice in every text and screen, and never instead of a real one."""

from __future__ import annotations

from smsgate.core.i18n import _, ngettext
from smsgate.flows.actions import RaiseHelp, SayFine
from smsgate.flows.actions.results import HelpPlanSeen
from smsgate.flows.help.request_status import status_text
from smsgate.flows.steps import Choose, Do, Flow, Tell


def practice(plan: HelpPlanSeen) -> Flow:
    """Practise, or see who answered the practice that is open."""
    if plan["practice"] is None:
        yield from _practise()
        return
    options = {"keep": _("Keep as it is"), "end": _("End the practice")}
    if plan["agreed"]:
        options["again"] = _("Practise again")
    choice = yield Choose("practised_before", status_text(plan["practice"]), options)
    if choice == "again":
        yield from _practise()
    elif choice == "end":
        told = yield Do("practice_ended", SayFine(practice=True))
        ended = _("The practice is over. Those who got it know.") if told == "told" else _("The practice is over.")
        yield Tell(ended)
    else:
        yield Tell(_("It stays as it is."))


def _practise() -> Flow:
    text = _("Send it as a practice? Your people will read that it's only a practice and there is nothing to do.")
    if (yield Choose("practise", text, {"no": _("Not now"), "yes": _("Yes, practise")})) == "no":
        yield Tell(_("That is fine. Nothing was sent."))
        return
    raised = yield Do("practised", RaiseHelp(practice=True, again=True))
    if raised.get("spent"):
        yield Tell(_("You've practised enough for today. Please try again tomorrow."))
        return
    if not raised["people"]:
        yield Tell(_("Nobody was told: nobody on your list has agreed to it."))
        return
    people = ngettext(
        "A practice is on its way to {count} person.", "A practice is on its way to {count} people.", raised["people"]
    )
    yield Tell(people.format(count=raised["people"]))
    yield Tell(_("To see who answered, dial again: My help text, Practise."))
