"""Help by SMS: a member's word that sends, words of their own; a responder's yes, not now, rest and leave."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Generic, TypeVar

from smsgate.conversations.sms import exchange
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.core.i18n import ngettext
from smsgate.flows import sms
from smsgate.flows.guard import Act
from smsgate.flows.help.texts import LONGEST, full
from smsgate.flows.keywords import Intent, normalise
from smsgate.help import answers, choices, invitations, plans, requests, responders
from smsgate.help.names import member_name
from smsgate.help.news import mark_practice
from smsgate.meetings import rsvp
from smsgate.models import HelpRecipient, Member, Message, MessageKind, Responder, ResponderStatus
from smsgate.outbox.reading import READ_TOGETHER, times_read
from smsgate.surveys import surveys

Question = TypeVar("Question")


def send_by_word(inbound: InboundContext) -> str | None:
    """Answers the word that a member chose: the help text is sent.

    A question comes first where it was sent often, or since the word was written, or where a survey has the word too.
    """
    member = inbound.member
    if member is None or _asks_for_the_word(inbound):
        return None
    if not plans.is_send_keyword(inbound.session, member, inbound.words):
        return None
    if survey := surveys.by_keyword(inbound.session, member, inbound.words):
        return exchange.begin_as(inbound, replace(exchange.caller(inbound, "word"), flow=survey.id))
    recent = requests.count_recent_requests(inbound.session, member, inbound.now)
    later = requests.count_recent_requests(inbound.session, member, inbound.now, since=inbound.written_at)
    if recent < requests.OFTEN and not later:
        return _send(inbound, member)
    if inbound.is_free(Act.SEND_HELP):
        return exchange.begin(inbound, "help")
    return sms.sent_often(max(recent, later), inbound.service_code)


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
    """Answers MYTEXT and words from a member: one more help text; without words, the room. Or says what to dial."""
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
    """Answers REST and LEAVE from a responder, about whoever chose them last; whoever must dial is told so."""
    if inbound.intent not in (Intent.REST, Intent.LEAVE):
        return None
    if not inbound.is_free(Act.CHANGE):
        return sms.please_dial(inbound.service_code)
    newest = choices.newest_chooser(inbound.session, inbound.phone.id, inbound.written_at)
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
class Asked(Generic[Question]):
    """Something that this number was asked by text, and when the writer had last read it."""

    about: Question
    at: datetime


@dataclass(frozen=True)
class Waiting:
    """What this number was asked by text and has not answered: help texts and invitations, the newest first.

    What came after the text was written is apart: the text does not answer it.
    """

    asks: list[Asked[HelpRecipient]]  # where one is real, no practice
    invitations: list[Asked[Responder]]
    unread_asks: list[HelpRecipient]
    unread_invitations: list[Responder]
    answered: list[HelpRecipient]  # they are on it, and may take that back where no dialogue waits for an answer
    practices: list[HelpRecipient]  # behind real ones: only by their own digits

    def times(self) -> list[datetime]:
        """When each of them was asked."""
        return [*(asked.at for asked in self.asks), *(asked.at for asked in self.invitations)]

    @property
    def invitation(self) -> Responder | None:
        """The newest that the writer had read."""
        return self.invitations[0].about if self.invitations else None

    def is_invited_since(self, ask: Asked[HelpRecipient] | None) -> bool:
        """Whether an invitation came later than this help text, if there is one."""
        return bool(self.invitations) and (ask is None or self.invitations[0].at >= ask.at)


def waiting(inbound: InboundContext) -> Waiting:
    """What was asked later than the dialogue's last question."""
    session = inbound.session
    recipients = {
        ask: times_read(session, Message.id.in_(answers.copies_of(session, ask)))
        for ask in answers.open_recipients(session, inbound.phone.id)
    }
    is_invitation = (Message.kind == MessageKind.INVITATION, Message.phone_id == inbound.phone.id)
    invited = {
        responder: times_read(session, *is_invitation, Message.responder_id == responder.id)
        for responder in invitations.pending(session, inbound.phone.id, inbound.now)
    }
    read, unread = _known(inbound, recipients)
    open_ = [asked for asked in read if asked.about.answered_at is None]
    asks = [asked for asked in open_ if not asked.about.request.practice] or open_
    answered = [asked.about for asked in read if asked not in open_ and inbound.dialogue is None]
    practices = [asked.about for asked in open_ if asked not in asks]
    known_invitations, unread_invitations = _known(inbound, invited)
    return Waiting(asks, known_invitations, answers.unanswered(unread), unread_invitations, answered, practices)


def _known(
    inbound: InboundContext, questions: dict[Question, list[datetime]]
) -> tuple[list[Asked[Question]], list[Question]]:
    """Questions that the writer had read, newest first, and those that came later; by the times at which each came."""
    read: list[Asked[Question]] = []
    unread: list[Question] = []
    for question, times in questions.items():
        before = [at for at in times if at <= inbound.written_at]
        if before and max(before).timestamp() >= inbound.last_question_at:
            read.append(Asked(question, max(before)))
        elif times and not before:
            unread.append(question)
    return sorted(read, key=lambda asked: asked.at, reverse=True), unread


def answer(inbound: InboundContext, waiting: Waiting) -> str | None:
    """What is said to whoever answers a help text or an invitation; None where the text is meant for something else."""
    key, intent = normalise(inbound.words), inbound.intent
    if key.isdecimal() and len(key) <= 2 and (said := _by_key(inbound, waiting, int(key))):
        return said
    if intent in (Intent.YES, Intent.NO) and not key.isdecimal():
        return _in_words(inbound, waiting, intent) or _over(inbound, None)
    if intent in exchange.ROOMS:
        return None
    open_asks = [asked.about for asked in waiting.asks if asked.about.declined_at is None]
    if open_asks:
        return inbound.hint(_how_to_answer(open_asks[0]))
    if waiting.invitation:
        return inbound.hint(_invitation(waiting.invitation))
    return _over(inbound, int(key)) if key.isdecimal() and len(key) <= 2 else None


def _over(inbound: InboundContext, key: int | None) -> str | None:
    """An answer to a help text that is over; None where something else was asked since."""
    ended = answers.ended_help(inbound.session, inbound.phone.id, key, inbound.now)
    if ended is None or ended[0].created_at.timestamp() < inbound.last_question_at:
        return None
    recipient = ended[1]
    if recipient is None or recipient.responder.agreed is not ResponderStatus.YES:
        return sms.over()
    return mark_practice(recipient.request, sms.over(member_name(recipient.request.member)))


def ask_again(inbound: InboundContext, waiting: Waiting) -> str | None:
    """What is said to an answer that was written before the only question came which it would answer now."""
    key = normalise(inbound.words)
    if inbound.intent not in (Intent.YES, Intent.NO) and not (key.isdecimal() and len(key) <= 2):
        return None
    unread = [ask for ask in waiting.unread_asks if ask.declined_at is None]
    if unread:
        return inbound.hint(_how_to_answer(unread[0]))
    return inbound.hint(_invitation(waiting.unread_invitations[0])) if waiting.unread_invitations else None


def _how_to_answer(ask: HelpRecipient) -> str:
    return mark_practice(ask.request, sms.not_passed_on(member_name(ask.request.member), ask.key))


def _invitation(responder: Responder) -> str:
    return sms.invitation(member_name(responder.member))


def _by_key(inbound: InboundContext, waiting: Waiting, key: int) -> str | None:
    """Each open help text has digits of its own, so an answer goes to the right one; what came last comes first."""
    asked = next((asked for asked in waiting.asks if key in (asked.about.key, asked.about.key + 1)), None)
    if key in (1, 2) and waiting.is_invited_since(asked):
        return _answer_invitation(inbound, waiting, Intent.YES if key == 1 else Intent.NO)
    # Else a practice, or a word that is said again or taken back.
    behind = [*([asked.about] if asked else []), *waiting.practices, *waiting.answered]
    ask = next((ask for ask in behind if key in (ask.key, ask.key + 1)), None)
    return _answer_ask(inbound, ask, yes=key == ask.key) if ask else None


def _in_words(inbound: InboundContext, waiting: Waiting, intent: Intent) -> str | None:
    # Who could not may be able to after all, or says so again.
    asks = [asked for asked in waiting.asks if asked.about.declined_at is None] or waiting.asks
    if waiting.is_invited_since(asks[0] if asks else None):
        return _answer_invitation(inbound, waiting, intent)
    if len(asks) > 1:
        more = 0 if intent is Intent.YES else 1
        return sms.whom([(asked.about.key + more, member_name(asked.about.request.member)) for asked in asks])
    only = [asked.about for asked in asks] or (waiting.answered if len(waiting.answered) == 1 else [])
    return _answer_ask(inbound, only[0], yes=intent is Intent.YES) if only else None


def _answer_ask(inbound: InboundContext, ask: HelpRecipient, *, yes: bool) -> str:
    name = member_name(ask.request.member)
    (answers.acknowledge if yes else answers.decline)(inbound.session, ask, inbound.now)
    return mark_practice(ask.request, sms.on_it_thanks(name) if yes else sms.cannot_thanks(name))


def _answer_invitation(inbound: InboundContext, waiting: Waiting, intent: Intent) -> str:
    """Record the answer to the newest invitation; ask what is meant where another question came minutes before."""
    newest = waiting.invitations[0]
    if _may_mean_another(inbound, waiting):
        if inbound.must_dial:
            return sms.please_dial(inbound.service_code)
        return exchange.begin_as(inbound, exchange.caller(inbound, "chosen"), sms.which_member())
    invitation, name = newest.about, member_name(newest.about.member)
    responders.record_answer(inbound.session, invitation.phone_id, invitation.id, intent.value, inbound.now)
    return sms.agreed_thanks(name) if intent is Intent.YES else sms.declined_thanks()


def _may_mean_another(inbound: InboundContext, waiting: Waiting) -> bool:
    """Whether another invitation or a reminder, which takes the same answers, came minutes before the newest one.

    Nobody consents by an answer that was meant for something else.
    """
    newest, *others = waiting.invitations
    if any(newest.at - other.at < READ_TOGETHER for other in others):
        return True
    reminder = rsvp.newest_reminder(inbound.session, inbound.phone.id, inbound.now, newest.at)
    if inbound.member is None or reminder is None or newest.at - reminder.at >= READ_TOGETHER:
        return False
    return not rsvp.is_answered(inbound.session, inbound.member, reminder, newest.at)
