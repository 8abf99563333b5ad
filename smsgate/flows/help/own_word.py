"""Asks what a member means by a word that both sends their help text and opens a survey of their group.

Such a word sends nothing by itself: the member is asked, and must have read the question.
"""

from __future__ import annotations

from smsgate.core.i18n import _
from smsgate.flows.help.send import get_help, without_pin
from smsgate.flows.member import surveys
from smsgate.flows.sms import please_dial
from smsgate.flows.steps import Caller, Choose, Flow, Tell


def own_word(caller: Caller) -> Flow:
    """Ask which is meant. Key 1 leads to the help text, which another key sends."""
    text = _("Your group uses this word too. Nothing was sent. What would you like to do?")
    guarded = caller.pin or caller.doubted
    options = {"help": _("Send my help text"), "own": _("Answer the group's questions")}
    if (yield Choose("meant", text, options)) == "help":
        yield from without_pin() if guarded else get_help(caller)
    elif guarded:
        yield Tell(please_dial(caller.service_code))
    else:
        yield from surveys.chosen(caller.flow)
