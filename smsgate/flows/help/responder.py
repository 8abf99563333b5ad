"""Being a responder: agree, decline, answer, rest or stop, without having to be a member."""

from __future__ import annotations

from smsgate.core.i18n import _
from smsgate.flows import sms
from smsgate.flows.actions import AnswerChoice, WhoChoseMe
from smsgate.flows.actions.results import ChoiceSeen
from smsgate.flows.steps import Caller, Choose, Do, Flow, Tell


def chosen(caller: Caller) -> Flow:
    """List the members who chose the caller, and take an answer to one of them."""
    members = yield Do("choosers", WhoChoseMe())
    if not members:
        yield Tell(_("Nobody has chosen you right now."))
        return
    names = {str(member["id"]): member["name"] for member in members}
    choice = yield Choose("chooser", _("They chose you:"), names)
    member = next(member for member in members if str(member["id"]) == choice)
    answer = yield Choose("answer", _situation(member), _answers(member))
    if answer == "as_is":
        yield Tell(_("It stays as it is."))
        return
    practice = bool(member.get("practice"))
    heard = yield Do("answered", AnswerChoice(member["id"], answer, practice))
    yield Tell(_outcome(member, answer, heard))


def _situation(member: ChoiceSeen) -> str:
    if member["agreed"] == "resting":
        return _("{name} chose you. You're resting until tomorrow: no help texts.").format(name=member["name"])
    if member["needs_answer"]:
        sent = _("{name} sent you a help text.").format(name=member["name"])
        return sms.practice(sent) if member.get("practice") else sent
    if member.get("on_it"):
        on_it = _("You told {name} that you can help.").format(name=member["name"])
        return sms.practice(on_it) if member.get("practice") else on_it
    return _("{name} may text you when they need someone.").format(name=member["name"])


def _answers(member: ChoiceSeen) -> dict[str, str]:
    if member["agreed"] == "asked":
        return {"yes": _("I agree"), "no": _("No, thank you")}
    asked = {"help": _("I can help"), "not_now": _("Not now")} if member["needs_answer"] else {}
    if member.get("on_it"):
        asked = {"as_is": _("Keep as it is"), "not_now": _("I can't help after all")}
    rest = {"awake": _("End my rest")} if member["agreed"] == "resting" else {"rest": _("Rest for a day")}
    return {**asked, "as_is": _("Keep as it is"), **rest, "no": _("Stop getting their texts")}


def _outcome(member: ChoiceSeen, answer: str, heard: str) -> str:
    if heard == "often":
        return sms.changed_often(member["name"])
    if heard == "over":
        return _over(member, answer)
    return _thanks(member, answer)


def _over(member: ChoiceSeen, answer: str) -> str:
    """Return what is said where the request, or the choice, ended while its question was on the screen."""
    if answer == "yes":
        return _("This is no longer open. Nothing else changes.")
    return sms.practice(sms.over(member["name"])) if member.get("practice") else sms.over(member["name"])


def _thanks(member: ChoiceSeen, answer: str) -> str:
    thanks = {
        "yes": _(
            "Thank you. You'll get a text only if they send one. Answer if you can: it's no duty, and no emergency "
            "service."
        ),
        "no": _("That is fine. You'll get nothing more from them."),
        "help": _("Thank you. They know you can help."),
        "not_now": _("That is fine. They know you can't right now."),
        "rest": _("Until this time tomorrow you'll get no help texts from anybody."),
        "awake": _("Thank you. You'll get help texts again."),
    }[answer]
    return sms.practice(thanks) if member.get("practice") and answer in ("help", "not_now") else thanks
