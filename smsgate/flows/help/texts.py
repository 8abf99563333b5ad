"""The caller's help texts: up to three, prepared or in their own words, to read, change and remove in few keys."""

from __future__ import annotations

from smsgate.core.i18n import _
from smsgate.flows.actions import KeepText, MyHelpPlan, PutFirst, RemoveText
from smsgate.flows.actions.results import HelpPlanSeen, HelpTextSeen
from smsgate.flows.help import plan as help_plan
from smsgate.flows.help.practice import practice
from smsgate.flows.spelling import how_it_is_sent
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Tell

MOST = 3
LONGEST = 120  # characters; two segments at most, with the sender and how to answer


def help_text(caller: Caller) -> Flow:
    """Show the help texts and what goes with them. The words go to nobody until the member sends them."""
    plan = yield Do("help_plan", MyHelpPlan())
    options = {str(text["id"]): text["short"] for text in plan["texts"]}
    if len(options) < MOST:
        options["add"] = _("Add words")
    options |= help_plan.parts(plan)
    part = yield Choose("part", _intro(plan), options)
    if part == "add":
        yield from _write(0)
    elif part == "practice":
        yield from practice(plan)
    elif part in help_plan.ROOMS:
        yield from help_plan.ROOMS[part](caller, plan)
    else:
        yield from _change(plan, next(text for text in plan["texts"] if str(text["id"]) == part))


def _intro(plan: HelpPlanSeen) -> str:
    if plan["texts"]:
        return _("Your words:")
    return _("You haven't written your own text. We'll send: {words}").format(words=standard())


def _change(plan: HelpPlanSeen, text: HelpTextSeen) -> Flow:
    options = {"keep": _("Keep as it is"), "anew": _("Other words"), "remove": _("Remove it")}
    if text["id"] != plan["texts"][0]["id"]:
        options["first"] = _("Send this one first")
    change = yield Choose("text_change", text["words"], options)
    if change == "anew":
        yield from _write(text["id"])
    elif change == "remove":
        yield Do("text_removed", RemoveText(text["id"]))
        if len(plan["texts"]) > 1:
            yield Tell(_("Removed."))
        else:
            yield Tell(_("Removed. Without words of your own, we'll send: {words}").format(words=standard()))
    elif change == "first":
        yield Do("text_first", PutFirst(text["id"]))
        yield Tell(_("Saved. Anyone you chose no other words for gets these."))
    else:
        yield Tell(_("Nothing was changed."))


def _write(text_id: int) -> Flow:
    ours = prepared()
    chosen = yield Choose("which_words", _("Which words?"), {"own": _("My own words"), **ours})
    words = ""
    if chosen == "own":
        words = yield Ask(
            "own_words", _("Type the words that your people will get. Or text us: MYTEXT and the words."),
            longest=LONGEST,
        )  # fmt: skip
    saved = yield Do("text_kept", KeepText(words, "" if chosen == "own" else chosen, text_id))
    yield Tell(_("Saved. Nobody gets it until you send it.") if saved else full())
    if saved and (told := how_it_is_sent(words)):
        yield Tell(told)


def full() -> str:
    """Return the notice that there are MOST texts already."""
    return _("You have 3 texts already. Change or remove one first.")


def prepared() -> dict[str, str]:
    """Return the prepared texts to choose from, by their stored key."""
    return {
        "call": _("Please call me."),
        "come": _("Please come to me."),
        "sit": _("Please sit with me. No police unless I ask."),
        "word": _("I could use a kind word today."),
    }


def standard() -> str:
    """Return what is sent for a member who prepared no words, so that an unfinished plan still works."""
    return _("Please get in touch with me.")
