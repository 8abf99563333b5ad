"""Saying yes or no to a proposed person: the same for both, without a reason."""

from __future__ import annotations

from smsgate.core.i18n import _
from smsgate.flows.actions import AnswerProposal
from smsgate.flows.actions.walking_results import AskedOfTwo
from smsgate.flows.sms.walking import named
from smsgate.flows.steps import Choose, Do, Flow, Tell


def proposal(asked: AskedOfTwo) -> Flow:
    """Show a proposed person, and take a yes or no without a reason."""
    name = named(asked["name"])
    if asked["agreed"]:
        yield Tell(_("You said yes to {name}. A text tells you when they have answered.").format(name=name))
        return
    yield Tell("\n".join([name, *asked["about"]]))
    options = {"later": _("Later"), "yes": _("Yes"), "no": _("No, thank you")}
    text = _("Would you like to be in touch? Neither needs a reason.")
    choice = yield Choose("agrees", text, options)
    if choice == "later":
        yield Tell(_("That is fine. You can answer within 14 days."))
        return
    answered = yield Do("agreed_to_walk", AnswerProposal(asked["id"], choice == "yes"))
    yield Tell(_answered(answered, name))


def _answered(answered: str, name: str) -> str:
    return {
        "walking": _("You and {name} are in touch now. See One to one, in the menu.").format(name=name),
        "waits": _("Thank you. A text tells you when {name} has answered.").format(name=name),
        "no": _("That is fine. Nobody learns who said no."),
    }.get(answered, _("This is no longer open. Nothing else changes."))
