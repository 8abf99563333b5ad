"""The menu entry "One to one", for people and supporters: waiting, agreeing, and what comes next."""

from __future__ import annotations

from smsgate.core.i18n import _, language_now
from smsgate.flows.actions import DecideNext, LeaveList, MyWalks, QuestionsOfTwo, SayHowItWas
from smsgate.flows.actions.walking_results import WalkSeen
from smsgate.flows.matching import agreeing, supporting, two
from smsgate.flows.matching.asking import weeks_said
from smsgate.flows.member.groups import join_one
from smsgate.flows.steps import Caller, Choose, Do, Flow, Tell
from smsgate.flows.survey import survey


def walking(caller: Caller) -> Flow:
    """Show what the caller has: as someone who asked, as a supporter, or as both."""
    mine = yield Do("walks", MyWalks())
    if "may_say" in mine:
        yield from _say(mine["may_say"])
        return
    own, helps = mine["own"], mine["as_supporter"]
    if own is None and not helps:
        yield Tell(_("Nothing is open here now. A card leads here, if you have one."))
        return
    if own is not None and helps:
        sides = {"own": _("For myself"), "supporter": _("As a supporter")}
        side = yield Choose("walks_as", _("One to one"), sides)
    else:
        side = "own" if own is not None else "supporter"
    if side == "supporter":
        yield from supporting.supporting(caller, helps)
    else:
        yield from _own(caller, own)


def _say(match_id: int) -> Flow:
    """Ask how it has been, anonymously; a no is final."""
    text = _("How has it been? A few questions; nobody sees who answered.")
    if (yield Choose("says", text, {"yes": _("Answer"), "no": _("I'd rather not")})) == "no":
        yield Do("said_nothing", SayHowItWas(match_id, ()))
        yield Tell(_("That is fine. Dial again for One to one."))
        return
    asked = yield Do("questions_of_two", QuestionsOfTwo(of_all=not match_id))
    answers = yield from survey(asked, language_now())
    said = yield Do("said", SayHowItWas(match_id, tuple((step, value) for step, value in answers)))
    if said:
        yield Tell(_("What all said so far:"))
    for line in said:
        yield Tell(line)


def _own(caller: Caller, own: WalkSeen) -> Flow:
    if own["proposal"] is not None:
        yield from agreeing.proposal(own["proposal"])
    elif own["match"] is not None:
        yield from two.two(caller, own["match"], own=own)
    elif own["state"] == "deciding":
        yield from _decide(_("Your time with someone has ended. What would you like?"))
    else:
        yield from _wait(caller, own)


def _wait(caller: Caller, own: WalkSeen) -> Flow:
    text = _("You're number {place} on the list.").format(place=own["place"])
    options = {"stay": _("Keep waiting"), "groups": _("Groups meanwhile"), "leave": _("Leave the list")}
    choice = yield Choose("list", f"{text} {weeks_said(own['weeks'])}", options)
    if choice == "groups":
        yield from join_one(caller)
    elif choice == "leave":
        sure = _("Leave the list? What you said is erased, and no reason is needed.")
        if (yield Choose("sure_list", sure, {"stay": _("Stay"), "leave": _("Leave")})) == "leave":
            yield Do("list_left", LeaveList())
            yield Tell(_("You're off the list, and nothing of it is stored. Groups are there for you at any time."))
        else:
            yield Tell(_("Nothing was changed."))
    else:
        yield Tell(_("You stay on the list. A text tells you when there is someone."))


def _decide(text: str) -> Flow:
    options = {"later": _("Decide later"), "wait": _("Wait for someone else"), "stop": _("Stop for now")}
    choice = yield Choose("next_walk", text, options)
    if choice == "later":
        yield Tell(_("That is fine. You can say within 4 weeks."))
        return
    yield Do("decided", DecideNext(choice == "wait"))
    if choice == "wait":
        yield Tell(_("You're at the front of the list. A text tells you when there is someone."))
    else:
        yield Tell(_("That is fine. Nothing more is stored. Groups are there for you at any time."))
