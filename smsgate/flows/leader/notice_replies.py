"""Replies to notices: leaders read them one by one, oldest first, and may answer each once."""

from __future__ import annotations

from datetime import datetime

from smsgate.core.i18n import _, say_when
from smsgate.flows.actions import AnswerReply, NextReply, ReadReply
from smsgate.flows.actions.results import LedSeen, ReplySeen
from smsgate.flows.spelling import how_it_is_sent
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Tell

MOST = 10  # replies in one session
LONGEST_ANSWER = 120  # characters; with the words around it, one SMS


def replies(caller: Caller, group: LedSeen) -> Flow:
    """Show the unread replies, at most MOST in a session."""
    for turn in range(1, MOST + 1):
        reply = yield Do(f"reply{turn}", NextReply(group["id"]))
        if reply is None:
            yield Tell(_("There is nothing more to read."))
            return
        text = f"{say_when(datetime.fromisoformat(reply['at']))}: {reply['words']}"
        choice = yield Choose(
            f"read{turn}", text, {"next": _("Next"), "answer": _("Answer"), "keep": _("Leave it unread")}
        )  # fmt: skip
        if choice == "keep":
            yield Tell(_("It stays as it is."))
            return
        if choice == "answer":
            yield from _answer(reply)
            return
        yield Do(f"was_read{turn}", ReadReply(reply["id"]))
    yield Tell(_("You can read on whenever you like."))


def _answer(reply: ReplySeen) -> Flow:
    words = yield Ask("answer_words", _("Type your answer. It goes to this person only, once."), longest=LONGEST_ANSWER)
    if (yield Choose("sure_answer", _("Send your answer?"), {"no": _("No"), "yes": _("Yes, send it")})) == "no":
        yield Tell(_("Nothing was sent."))
    elif (yield Do("reply_answered", AnswerReply(reply["id"], words))):
        yield Tell(_("Your answer is on its way."))
        if told := how_it_is_sent(words):
            yield Tell(told)
    else:
        yield Tell(_("That has already been answered, or can't be answered any more. Nothing was sent."))
