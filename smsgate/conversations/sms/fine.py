"""A member's "I'm fine" and "cancel": a help text that waits is withdrawn, otherwise everyone who got it is told."""

from __future__ import annotations

from datetime import datetime

from smsgate.conversations.sms import exchange, questions
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.flows import sms
from smsgate.flows.typed.fine_phrases import Meaning, meaning_of
from smsgate.flows.typed.keywords import Intent
from smsgate.help import endings, requests
from smsgate.help.endings import EndResult
from smsgate.help.news import mark_practice
from smsgate.models import HelpRequest

# No keyword, or one that may answer a question, or that may mean the help text: "futa" is erase, delete, cancel.
ANSWERS = (None, Intent.YES, Intent.NO, Intent.FINE, Intent.ERASE)


def say_fine(inbound: InboundContext) -> str | None:
    """Answer "I'm fine" and the like from a member whose help request is open: it ends, and the responders are told.

    While the text still waits, "cancel" or "a mistake" take it back too. A practice ends only if nothing real is open.
    """
    meaning = meaning_of(inbound.words)
    if meaning is Meaning.UNCLEAR or inbound.member is None:
        return None
    session, member = inbound.session, inbound.member
    request = requests.open_request(session, member) or requests.open_request(session, member, practice=True)
    if request is None or request.raised_at > inbound.written_at:  # raised since they wrote that they are fine
        return None
    if meaning is Meaning.TAKE_BACK and not _waits(request, inbound.now):
        return None
    if meaning is Meaning.TAKE_BACK and not request.practice:
        end = endings.take_back(session, member, inbound.now)
    else:
        end = endings.report_fine(session, member, inbound.now, practice=request.practice)
    return mark_practice(request, _end_told(end))


def _end_told(end: EndResult) -> str:
    if end.earlier_stands:
        return sms.newest_taken_back()
    if end.was_over:
        return sms.over_already()
    return sms.fine_thanks() if end.told else sms.nothing_open() if end.was_read else sms.taken_back()


def _waits(request: HelpRequest, now: datetime) -> bool:
    """Return whether the help text can still be taken back."""
    return request.leaves_at is not None and now < request.leaves_at


def take_back_waiting(inbound: InboundContext) -> bool:
    """Take back the sender's help text if it still can be; False if there is none."""
    member = inbound.member if has_waiting(inbound) else None
    end = endings.take_back(inbound.session, member, inbound.now) if member else None
    return end is not None and not (end.was_read or end.was_over)


def has_waiting(inbound: InboundContext) -> bool:
    """Return whether the sender has a help text that can still be taken back."""
    request = requests.open_request(inbound.session, inbound.member) if inbound.member else None
    return request is not None and _waits(request, inbound.now)


def ask_if_taken_back(inbound: InboundContext) -> str | None:
    """Answer an unclear text while a help text waits: ask whether to take it back, unless something was asked since.

    Our other keywords keep their meaning, and despair gets its own answer.
    """
    if inbound.member is None or inbound.intent not in ANSWERS or inbound.distress_language:
        return None
    request = requests.open_request(inbound.session, inbound.member)
    if request is None or not _waits(request, inbound.now):
        return None
    if inbound.last_question_at > request.raised_at.timestamp() or questions.came_after(inbound, request.raised_at):
        return None
    return exchange.begin(inbound, "taking_back")
