"""STOP, START and what the service is: answered before anything but the sender's phone is loaded."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.conversations.sms import exchange, fine, inbox
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.flows import sms
from smsgate.flows.guard import Access, Act
from smsgate.flows.member.about import what_this_is
from smsgate.flows.typed.keywords import MEANING, Intent, normalise
from smsgate.flows.typed.stop_words import StopMeaning, read_stop
from smsgate.groups import groups, join_requests
from smsgate.help import plans
from smsgate.members.opt_out import opt_in, opt_out
from smsgate.models import Group, Member, MessageKind, lookup
from smsgate.outbox import keys
from smsgate.outbox.limits import Cause, Caused
from smsgate.surveys import surveys

WORTH_ASKING = timedelta(hours=1)


def stop(inbound: InboundContext) -> str | None:
    """Answer STOP: the number opts out, which is confirmed once; a second STOP is left to `stay_silent`.

    A help text of the sender's that still waits is taken back.
    """
    if inbound.keyword is None or inbound.keyword.intent is not Intent.STOP or inbound.keyword.code:
        return None
    if inbound.phone.stopped_at is not None or _is_word_of_help(inbound):
        return None
    opt_out(inbound.session, inbound.phone, inbound.now)
    exchange.end(inbound)
    taken_back = fine.take_back_waiting(inbound)
    with inbound.speaking():
        text = sms.stopped_and_taken_back if taken_back else sms.stopped
        return text(inbound.service_code)


def _is_word_of_help(inbound: InboundContext) -> bool:
    """Return whether a text that is no plain stop word is the sender's own keyword for help, chosen long ago."""
    if normalise(inbound.words) in MEANING or inbound.member is None:
        return False
    return plans.is_send_keyword(inbound.session, inbound.member, inbound.words)


def leave_group(inbound: InboundContext) -> str | None:
    """Answer STOP with a group's code: the sender leaves that group, or withdraws a request to join it.

    A sender guarded by a PIN or a doubt is told what to dial, whatever the code, so as not to reveal their groups.
    """
    if inbound.keyword is None or inbound.keyword.intent is not Intent.STOP or not inbound.keyword.code:
        return None
    code = groups.code_as_meant(inbound.session, inbound.keyword.code)
    with inbound.speaking():
        if not inbound.is_free(Act.LEAVE_GROUP):
            return sms.leave_by_dialling(inbound.service_code)
        group = groups.find_group(inbound.session, code)
        if group is None or inbound.member is None or not _is_in(inbound.session, inbound.member, group):
            return sms.not_a_group(code)
        groups.leave(inbound.session, inbound.member, group.id, inbound.now)
        return sms.left_group(group.name)


def ask_if_stop(inbound: InboundContext) -> str | None:
    """Answer a text that may have meant STOP, once a day, with how to say it. An open question stays open.

    Words that were asked for are no such text, nor are words of despair, nor what is said while a help text waits:
    whether to take that one back comes first.
    """
    if inbound.keyword is not None or read_stop(inbound.words).meaning is not StopMeaning.UNCLEAR:
        return None
    if inbound.words_are_asked_for or inbound.distress_language or fine.has_waiting(inbound):
        return None
    if surveys.is_keyword(inbound.session, inbound.words):
        return None
    text = outbox.Text(
        words=sms.ask_stop(), kind=MessageKind.REPLY, key=keys.stop_asked(inbound.now),
        expires_at=inbound.now + WORTH_ASKING, caused=Caused(Cause.REPLY, inbound.number),
    )  # fmt: skip
    asked = outbox.send_text(inbound.session, inbound.phone.id, text, inbound.now)
    return None if asked is None else ""


def _is_in(session: Session, member: Member, group: Group) -> bool:
    if lookup.find_membership(session, member.id, group.id) is not None:
        return True
    return join_requests.has_requested(session, member, group.id)


def start(inbound: InboundContext) -> str | None:
    """Answer START from a number that opted out or is blocked: it gets texts again. A later STOP prevails."""
    if inbound.intent is not Intent.START or not (inbound.phone.stopped_at or inbound.phone.blocked_at):
        return None
    if inbox.is_overtaken(inbound.session, inbound.inbound_sms):
        return None
    opt_in(inbound.session, inbound.phone, inbound.now)
    with inbound.speaking():
        return sms.started(inbound.service_code)


def inform(inbound: InboundContext) -> str | None:
    """Answer HELP and INFO with what this is and how to leave."""
    if inbound.intent is not Intent.INFO:
        return None
    with inbound.speaking():
        return what_this_is(inbound.service_code)


def stay_silent(inbound: InboundContext) -> str | None:
    """Answer a number that opted out with nothing, unless it asks to be erased: only START undoes a STOP."""
    erases = inbound.intent is Intent.ERASE or (
        inbound.dialogue is not None and inbound.dialogue.caller.start == "erase"
    )
    return "" if inbound.access(Act.ERASE if erases else Act.READ) is Access.REFUSED else None
