"""Help by SMS: a member's word that sends, words of their own; a responder's yes, not now, rest and leave."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from smsgate.conversations.sms import exchange
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.core.i18n import ngettext
from smsgate.flows import sms
from smsgate.flows.help.texts import LONGEST, full
from smsgate.flows.keywords import Intent, normalise
from smsgate.help import choices, plans, requests, responders
from smsgate.help.names import member_name
from smsgate.models import HelpRecipient, Member, Message, Responder


def say_fine(inbound: InboundContext) -> str | None:
    """Answers FINE from a member whose help request is open: it is closed, and the responders are told."""
    if inbound.intent is not Intent.FINE or inbound.member is None:
        return None
    if not requests.open_request(inbound.session, inbound.member):
        return None
    told = requests.report_fine(inbound.session, inbound.member, inbound.now)
    return sms.fine_thanks() if told else sms.nothing_open()


def send_by_word(inbound: InboundContext) -> str | None:
    """Answers the word that a member chose: the help text is sent, after a question where it was sent often."""
    member = inbound.member
    if (
        member is None
        or _asks_for_the_word(inbound)
        or not plans.is_send_keyword(inbound.session, member, inbound.words)
    ):
        return None
    recent = requests.count_recent_requests(inbound.session, member, inbound.now)
    if recent < requests.OFTEN:
        return _send(inbound, member)
    return sms.sent_often(recent, inbound.service_code) if inbound.must_dial else exchange.begin(inbound, "help")


def _asks_for_the_word(inbound: InboundContext) -> bool:
    """Whether the dialogue asks for another word that is to send: typing the old one again sends nothing."""
    dialogue = inbound.dialogue
    return dialogue is not None and dialogue.asked is not None and dialogue.asked.name == "word"


def _send(inbound: InboundContext, member: Member) -> str:
    raised = requests.raise_help(inbound.session, member, inbound.now)
    if raised.people or raised.later:
        return sms.on_its_way(raised.people, raised.seconds, inbound.service_code)
    return sms.not_on_its_way(inbound.service_code)


def write_own_text(inbound: InboundContext) -> str | None:
    """Answers MYTEXT and words from a member, unless they must dial: one more help text; without words, the room."""
    if inbound.keyword is None or inbound.keyword.intent is not Intent.WORDS:
        return None
    if inbound.member is None or inbound.must_dial:
        return None
    if not inbound.keyword.rest:
        return exchange.begin(inbound, "text")
    words = " ".join(inbound.keyword.rest.split())
    over = len(words) - LONGEST
    if over > 0:
        too_long: str = ngettext("That is {count} character too long.", "That is {count} characters too long.", over)
        return too_long.format(count=over)
    saved = plans.save_text(inbound.session, inbound.member, words, inbound.now)
    return sms.words_kept(inbound.service_code) if saved else full()


def rest_or_leave(inbound: InboundContext) -> str | None:
    """Answers REST and LEAVE from a responder, about whoever chose them last."""
    if inbound.intent not in (Intent.REST, Intent.LEAVE) or inbound.may_be_another:
        return None
    newest = choices.newest_chooser(inbound.session, inbound.phone.id)
    if newest is None:
        return None
    name = member_name(newest.member)
    if inbound.intent is Intent.LEAVE:
        responders.record_answer(inbound.session, inbound.phone.id, newest.id, "no", inbound.now)
        return sms.left_chooser(name)
    if newest.muted_until is not None and newest.muted_until > inbound.now:
        responders.set_rest(inbound.session, inbound.phone.id, None)
        return sms.awake()
    responders.set_rest(inbound.session, inbound.phone.id, inbound.now)
    return sms.resting(name)


@dataclass(frozen=True)
class Waiting:
    """What this number was asked by text and has not answered: help texts and an invitation, the newest first."""

    asks: list[HelpRecipient]
    invitation: Responder | None
    asked_at: dict[int, datetime]  # by the id of the ask

    def times(self) -> list[datetime]:
        """When each of them was asked."""
        return [*self.asked_at.values(), *([self.invitation.asked_at] if self.invitation else [])]


def waiting(inbound: InboundContext) -> Waiting:
    """What was asked later than the dialogue's last question."""
    since = inbound.last_question_at
    asked_at = {ask.id: _asked_at(inbound, ask) for ask in requests.open_recipients(inbound.session, inbound.phone.id)}
    asks = [
        ask
        for ask in requests.open_recipients(inbound.session, inbound.phone.id)
        if asked_at[ask.id].timestamp() >= since
    ]
    invitation = responders.pending_invitation(inbound.session, inbound.phone.id, inbound.now)
    if invitation and invitation.asked_at.timestamp() < since:
        invitation = None
    return Waiting(asks, invitation, {ask.id: asked_at[ask.id] for ask in asks})


def _asked_at(inbound: InboundContext, ask: HelpRecipient) -> datetime:
    message = inbound.session.get(Message, ask.message_id) if ask.message_id else None
    return message.created_at if message else ask.request.raised_at


def answer(inbound: InboundContext, waiting: Waiting) -> str | None:
    """What is said to whoever answers a help text or an invitation; None where the text is meant for something else."""
    key, intent = normalise(inbound.words), inbound.intent
    if key.isdecimal() and len(key) <= 2 and (said := _by_key(inbound, waiting, int(key))):
        return said
    if intent in (Intent.YES, Intent.NO) and not key.isdecimal():
        return _in_words(inbound, waiting, intent)
    if intent in exchange.ROOMS:
        return None
    open_asks = [ask for ask in waiting.asks if ask.declined_at is None]
    if open_asks:
        return sms.not_passed_on(member_name(open_asks[0].request.member), open_asks[0].key)
    return sms.invitation(member_name(waiting.invitation.member)) if waiting.invitation else None


def _by_key(inbound: InboundContext, waiting: Waiting, key: int) -> str | None:
    """Each open help text has digits of its own, so an answer goes to the right one; what came last comes first."""
    ask = next((ask for ask in waiting.asks if key in (ask.key, ask.key + 1)), None)
    invitation = waiting.invitation
    newer = invitation and (ask is None or invitation.asked_at >= waiting.asked_at[ask.id])
    if invitation and newer and key in (1, 2):
        return _answer_invitation(inbound, invitation, Intent.YES if key == 1 else Intent.NO)
    return _answer_ask(inbound, ask, yes=key == ask.key) if ask else None


def _in_words(inbound: InboundContext, waiting: Waiting, intent: Intent) -> str | None:
    asks, invitation = [ask for ask in waiting.asks if ask.declined_at is None], waiting.invitation
    if not asks and intent is Intent.YES:
        asks = waiting.asks  # who could not may be able to after all
    if invitation and (not asks or invitation.asked_at >= waiting.asked_at[asks[0].id]):
        return _answer_invitation(inbound, invitation, intent)
    if len(asks) > 1:
        more = 0 if intent is Intent.YES else 1
        return sms.whom([(ask.key + more, member_name(ask.request.member)) for ask in asks])
    return _answer_ask(inbound, asks[0], yes=intent is Intent.YES) if asks else None


def _answer_ask(inbound: InboundContext, ask: HelpRecipient, *, yes: bool) -> str:
    name = member_name(ask.request.member)
    (requests.acknowledge if yes else requests.decline)(inbound.session, ask, inbound.now)
    return sms.on_it_thanks(name) if yes else sms.cannot_thanks(name)


def _answer_invitation(inbound: InboundContext, invitation: Responder, intent: Intent) -> str:
    name = member_name(invitation.member)
    responders.record_answer(inbound.session, invitation.phone_id, invitation.id, intent.value, inbound.now)
    return sms.agreed_thanks(name) if intent is Intent.YES else sms.declined_thanks()
