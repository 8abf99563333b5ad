"""Being a responder: agree, decline, answer, rest or stop, without having to be a member."""

from __future__ import annotations

from smsgate.core.i18n import _
from smsgate.flows.actions import AnswerChoice, WhoChoseMe
from smsgate.flows.actions.results import ChoiceSeen
from smsgate.flows.steps import Caller, Choose, Do, Flow, Tell


def chosen(caller: Caller) -> Flow:
    """List the members who chose the caller, and take an answer to one of them."""
    people = yield Do("choosers", WhoChoseMe())
    if not people:
        yield Tell(_("Nobody has chosen you at this moment."))
        return
    names = {str(one["id"]): one["name"] for one in people}
    choice = yield Choose("chooser", _("They chose you:"), names)
    one = next(one for one in people if str(one["id"]) == choice)
    answer = yield Choose("answer", _expected(one), _answers(one))
    if answer == "as_is":
        yield Tell(_("It stays as it is."))
        return
    yield Do("answered", AnswerChoice(one["id"], answer))
    yield Tell(_thanks(answer))


def _expected(one: ChoiceSeen) -> str:
    if one["agreed"] == "resting":
        return _("{name} chose you. You rest until tomorrow: no help text comes.").format(name=one["name"])
    if one["needs_answer"]:
        return _("{name} sent you a help text.").format(name=one["name"])
    return _("{name} may text you when they need somebody.").format(name=one["name"])


def _answers(one: ChoiceSeen) -> dict[str, str]:
    if one["agreed"] == "asked":
        return {"yes": _("I agree"), "no": _("I would rather not")}
    asked = {"help": _("I am on it"), "not_now": _("Not now")} if one["needs_answer"] else {}
    rest = {"awake": _("End my rest")} if one["agreed"] == "resting" else {"rest": _("Rest for a day")}
    return {**asked, "as_is": _("Leave it so"), **rest, "no": _("Stop being chosen")}


def _thanks(answer: str) -> str:
    return {
        "yes": _("Thank you. You get a text only if they send one. Answer if you can: no duty, no emergency service."),
        "no": _("That is fine. You get nothing more from them."),
        "help": _("Thank you. They know that you are on it."),
        "not_now": _("That is fine. They know that you cannot now."),
        "rest": _("Until this time tomorrow no help text comes to you, from nobody."),
        "awake": _("Thank you. Help texts come to you again."),
    }[answer]
