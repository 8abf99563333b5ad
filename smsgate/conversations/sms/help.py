"""Help by SMS: a member's keyword that sends a help text, and texts of their own; a responder's REST and LEAVE."""

from __future__ import annotations

from dataclasses import replace

from smsgate.conversations.sms import exchange, inbox, questions, responses
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.core.i18n import ngettext
from smsgate.flows import sms
from smsgate.flows.guard import Act
from smsgate.flows.help.texts import LONGEST, full
from smsgate.flows.typed.keywords import Intent
from smsgate.help import choices, plans, requests, responders
from smsgate.help.names import member_name
from smsgate.models import Member
from smsgate.surveys import surveys


def send_by_word(inbound: InboundContext) -> str | None:
    """Answer the keyword that a member chose by sending the help text.

    A question comes first if one was sent often, or since the keyword was written; if one was taken back since then, or
    STOP was said; if a survey has the same keyword, or if it may answer what was asked.
    """
    member = inbound.member
    if member is None or _asks_for_the_word(inbound):
        return None
    if not plans.is_send_keyword(inbound.session, member, inbound.words):
        return None
    if survey := surveys.by_keyword(inbound.session, member, inbound.words):
        return exchange.begin_as(inbound, replace(exchange.caller(inbound, "word"), flow=survey.id))
    if plans.is_answer(inbound.words) and questions.is_open(inbound):
        return exchange.begin(inbound, "help")
    recent = requests.count_recent_requests(inbound.session, member, inbound.now)
    if recent < requests.OFTEN and not _is_overtaken(inbound, member):
        return _send(inbound, member)
    if inbound.is_free(Act.SEND_HELP):
        return exchange.begin(inbound, "help")
    return sms.sent_often(recent, inbound.service_code) if recent else sms.please_dial(inbound.service_code)


def _is_overtaken(inbound: InboundContext, member: Member) -> bool:
    """Return whether the sender has sent a help text, ended one or said STOP since they wrote the keyword."""
    stopped_at = inbound.phone.stopped_at
    has_stopped = stopped_at is not None and stopped_at > inbound.written_at
    if has_stopped and inbox.is_overtaken(inbound.session, inbound.inbound_sms):
        return True
    return requests.has_acted_since(inbound.session, member, inbound.written_at, inbound.acts_known_until)


def _asks_for_the_word(inbound: InboundContext) -> bool:
    """Return whether the dialogue asks for a new keyword that sends: typing the old one again sends nothing."""
    dialogue = inbound.dialogue
    return dialogue is not None and dialogue.asked is not None and dialogue.asked.name == "word"


def _send(inbound: InboundContext, member: Member) -> str:
    raised = requests.raise_help(inbound.session, member, inbound.now)
    if raised.people or raised.later:
        return sms.on_its_way(raised.people, raised.seconds, inbound.service_code)
    return sms.not_on_its_way(inbound.service_code)


def write_own_text(inbound: InboundContext) -> str | None:
    """Answer MYTEXT from a member: save its words as a help text, or open the room if it has none.

    A member who must dial is told so.
    """
    if inbound.keyword is None or inbound.keyword.intent is not Intent.WORDS or inbound.member is None:
        return None
    if not inbound.is_free(Act.CHANGE):
        return sms.please_dial(inbound.service_code)
    if not inbound.keyword.rest:
        return exchange.begin(inbound, "text")
    words = " ".join(inbound.keyword.rest.split())
    over = len(words) - LONGEST
    if over > 0:
        too_long: str = ngettext("That is {count} character too long.", "That is {count} characters too long.", over)
        return too_long.format(count=over)
    saved = plans.save_text(inbound.session, inbound.member, words, inbound.now)
    return sms.words_kept(inbound.service_code, words) if saved else full()


def rest_or_leave(inbound: InboundContext) -> str | None:
    """Answer REST and LEAVE from a responder, for the member who chose them last, or say that they must dial."""
    if inbound.intent not in (Intent.REST, Intent.LEAVE):
        return None
    if not inbound.is_free(Act.CHANGE):
        return sms.please_dial(inbound.service_code)
    newest = choices.newest_chooser(inbound.session, inbound.phone.id, inbound.written_at)
    if newest is None:
        return responses.decline_invitation(inbound) if inbound.intent is Intent.LEAVE else None
    name = member_name(newest.member)
    if inbound.intent is Intent.LEAVE:
        responders.record_answer(inbound.session, inbound.phone.id, newest.id, "no", inbound.now)
        return sms.left_chooser(name)
    if newest.muted_until is not None and newest.muted_until > inbound.now:
        responders.set_rest(inbound.session, inbound.phone.id, None)
        return sms.awake()
    responders.set_rest(inbound.session, inbound.phone.id, inbound.now)
    return sms.resting(name)
