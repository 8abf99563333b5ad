"""Asking to start a group: two questions; the network's admins read what was typed, and answer by text."""

from __future__ import annotations

from smsgate.core.i18n import _, language_now
from smsgate.flows.actions import AskToStart
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Tell

LONGEST_PLACE = 60
LONGEST_IDEA = 160
LONGEST_ANSWER = 80  # characters of an answer, so that it is one SMS


def start(caller: Caller) -> Flow:
    """Ask where and for whom, then pass it on to the network's admins."""
    where = _("Where would your group meet? A town, or by phone.")
    place = yield Ask("start_place", where, longest=LONGEST_PLACE, skip=_("Not sure yet"))
    what = _("Whom is it for, and what do you need? The network's admins read it.")
    idea = yield Ask("start_idea", what, longest=LONGEST_IDEA)
    sure = yield Choose(
        "start_sure", _("Send it? They can text you, but don't see your number. We store it for 90 days."),
        {"yes": _("Send"), "no": _("Not now")},
    )  # fmt: skip
    if sure == "no":
        yield Tell(_("That is fine. Nothing was stored. You can dial again at any time."))
    elif (yield Do("start_asked", AskToStart(place, idea, language_now()))):
        yield Tell(_("Thank you. You'll get the answer by text."))
    else:
        yield Tell(_("You can't get texts now. Text START first, then ask again."))
