"""What responders answer by SMS to help texts and invitations: with the digits that they were given, or in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Generic, TypeVar

from smsgate.conversations.sms import exchange
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.flows import sms
from smsgate.flows.typed.answer_words import AnswerReading, Meaning
from smsgate.help import answers, invitations, responders
from smsgate.help.names import member_name, stranger_name
from smsgate.help.news import mark_practice
from smsgate.meetings import rsvp
from smsgate.models import HelpRecipient, HelpRequest, Message, MessageKind, Responder, ResponderStatus
from smsgate.outbox.reading import READ_TOGETHER, times_read

Question = TypeVar("Question")
NEVER = datetime.min.replace(tzinfo=UTC)
INVITATION_KEYS = {1: Meaning.YES, 2: Meaning.NO}


@dataclass(frozen=True)
class Asked(Generic[Question]):
    """Something that this number was asked by text, and when the writer had last read it."""

    about: Question
    at: datetime


@dataclass(frozen=True)
class Waiting:
    """What this number was asked by text: help texts and invitations, the newest first.

    What came after the text was written is kept apart, since the text does not answer it.
    """

    asks: list[Asked[HelpRecipient]]  # open, without a yes so far; practices only if none is real
    invitations: list[Asked[Responder]]
    unread_asks: list[HelpRecipient]
    unread_invitations: list[Responder]
    on_it: list[Asked[HelpRecipient]]  # answered with a yes, which may be taken back or repeated
    settled: list[Asked[Responder]]  # answered invitations, for which the same holds; the last answered first
    practices: list[Asked[HelpRecipient]]  # while a real one is open: answered only by their own digits
    has_dialogue: bool

    def times(self) -> list[datetime]:
        """Return when each open question was asked."""
        return [*(asked.at for asked in self.asks), *(asked.at for asked in self.invitations)]

    def unanswered_times(self) -> list[datetime]:
        """Return when each question was asked that has had no answer, not even a no."""
        asks = (asked.at for asked in self.asks if asked.about.declined_at is None)
        return [*asks, *(asked.at for asked in self.invitations)]

    def last_answered(self) -> HelpRecipient | Responder | None:
        """Return the help text or the invitation that was answered last, with yes or no."""
        answered: list[HelpRecipient | Responder] = [asked.about for asked in self.settled]
        asks = [asked.about for asked in (*self.on_it, *self.asks, *self.practices)]
        answered += [ask for ask in asks if given_at(ask) > NEVER]
        return max(answered, key=given_at, default=None)

    def answered_at(self) -> datetime | None:
        """Return when the newest answered question came."""
        times = [*(asked.at for asked in self.on_it), *(asked.at for asked in self.settled)]
        return max(times, default=None)

    def yes_given_at(self, reading: AnswerReading) -> datetime | None:
        """Return when the last yes was given that this answer would take back, as its giver was told how to."""
        theirs = (asked.about for asked in self.on_it if reading.to(_keys_of(asked.about)) is Meaning.NO)
        return max(map(given_at, theirs), default=None)

    def is_open(self, request: HelpRequest) -> bool:
        """Return whether another copy of this help text, or of this practice, still takes an answer."""
        open_ = [asked.about.request for asked in (*self.asks, *self.on_it, *self.practices)]
        return any((one.member_id, one.practice) == (request.member_id, request.practice) for one in open_)

    def names(self) -> str:
        """Return the names that an answer may contain."""
        members = [asked.about.request.member for asked in (*self.asks, *self.on_it, *self.practices)]
        members += [asked.about.member for asked in (*self.invitations, *self.settled)]
        return " ".join(member.name or "" for member in members)

    def is_invited_since(self, ask: Asked[HelpRecipient] | None) -> bool:
        """Return whether an invitation came later than this help text, if there is one."""
        return bool(self.invitations) and (ask is None or self.invitations[0].at >= ask.at)


def waiting(inbound: InboundContext) -> Waiting:
    """Return what was asked later than the dialogue's last question."""
    session, phone_id = inbound.session, inbound.phone.id
    recipients = answers.open_recipients(session, phone_id)
    read, unread = _known(inbound, {ask: times_read(session, answers.asks(session, ask)) for ask in recipients})
    open_ = [asked for asked in read if asked.about.answered_at is None]
    pending, answered = (given(session, phone_id, inbound.now) for given in (invitations.pending, invitations.answered))
    invited, unread_invitations = _known(inbound, _when_read(inbound, pending))
    settled, _unread = _known(inbound, _when_read(inbound, answered))
    real = [asked for asked in read if not asked.about.request.practice]
    since = max((asked.at for asked in real), default=NEVER)  # a second yes to a real one is for no practice before it
    asks = [asked for asked in open_ if asked in real] or [asked for asked in open_ if asked.at > since]
    return Waiting(
        asks,
        invited,
        answers.unanswered(unread),
        unread_invitations,
        on_it=[asked for asked in read if asked not in open_],
        settled=sorted(settled, key=lambda asked: given_at(asked.about), reverse=True),
        practices=[asked for asked in open_ if asked not in asks],
        has_dialogue=inbound.dialogue is not None,
    )


def _when_read(inbound: InboundContext, invited: list[Responder]) -> dict[Responder, list[datetime]]:
    is_invitation = (Message.kind == MessageKind.INVITATION, Message.phone_id == inbound.phone.id)
    return {
        responder: times_read(inbound.session, *is_invitation, Message.responder_id == responder.id)
        for responder in invited
    }


def _known(
    inbound: InboundContext, questions: dict[Question, list[datetime]]
) -> tuple[list[Asked[Question]], list[Question]]:
    """Split questions, by when each came, into those that the writer had read, newest first, and later ones."""
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
    """Return the reply to an answer to a help text or an invitation; None if the text is meant for something else."""
    reading = inbound.reading(waiting.names())
    if reading.key is None and reading.meaning in (Meaning.YES, Meaning.NO):
        return _in_words(inbound, waiting, reading.meaning)
    if reading.key is not None and (said := _by_key(inbound, waiting, reading)):
        return said
    return None if inbound.asks_for_something else ask_once_more(inbound, waiting)


def ask_once_more(inbound: InboundContext, waiting: Waiting) -> str | None:
    """Return the newest question once more, but not a help text to which they said no."""
    asks = [asked for asked in waiting.asks if asked.about.declined_at is None]
    if waiting.is_invited_since(asks[0] if asks else None):
        return inbound.hint(_invitation(waiting.invitations[0].about))
    return inbound.hint(how_to_answer(asks[0].about)) if asks else None


def decline_invitation(inbound: InboundContext) -> str | None:
    """Return the reply to LEAVE from someone who has agreed to nothing yet: they decline the newest invitation."""
    invited = waiting(inbound).invitations
    return _record(inbound, invited[0].about, Meaning.NO) if invited else None


def ask_again(inbound: InboundContext, waiting: Waiting) -> str | None:
    """Return the reply to an answer that was written before the only question it would now answer arrived."""
    reading = inbound.reading()
    if reading.key is None and reading.meaning not in (Meaning.YES, Meaning.NO):
        return None
    unread = [ask for ask in waiting.unread_asks if ask.declined_at is None]
    if unread:
        return inbound.hint(how_to_answer(unread[0]))
    return inbound.hint(_invitation(waiting.unread_invitations[0])) if waiting.unread_invitations else None


def how_to_answer(ask: HelpRecipient) -> str:
    """Return the text that says with which digit to say yes."""
    return mark_practice(ask.request, sms.not_passed_on(member_name(ask.request.member), ask.key))


def _invitation(responder: Responder) -> str:
    return sms.invitation(stranger_name(responder.member))


def _keys_of(ask: HelpRecipient) -> dict[int, Meaning]:
    return {ask.key: Meaning.YES, ask.key + 1: Meaning.NO}


def _by_key(inbound: InboundContext, waiting: Waiting, reading: AnswerReading) -> str | None:
    """Apply an answer by digits: each open help text has its own, so it goes to the right one; the newest first."""

    def with_key(asked: list[Asked[HelpRecipient]]) -> Asked[HelpRecipient] | None:
        return next((one for one in asked if reading.key in _keys_of(one.about)), None)

    ask = with_key(waiting.asks)
    if reading.key in INVITATION_KEYS and waiting.is_invited_since(ask):
        meaning = reading.to(INVITATION_KEYS)
        return _answer_invitation(inbound, waiting, meaning) if meaning else None
    if ask is None and not ((answered := with_key(waiting.on_it)) and not answered.about.request.practice):
        ask = with_key(waiting.practices)
    if ask is None and (again := _say_again(inbound, waiting, reading)):
        return again
    meaning = reading.to(_keys_of(ask.about)) if ask else None
    return _answer_ask(inbound, ask.about, meaning) if ask and meaning else None


def _in_words(inbound: InboundContext, waiting: Waiting, meaning: Meaning) -> str | None:
    # Someone who said no may be able to help after all, or say no again.
    asks = [asked for asked in waiting.asks if asked.about.declined_at is None] or waiting.asks
    if waiting.is_invited_since(asks[0] if asks else None):
        return _answer_invitation(inbound, waiting, meaning)
    if len(asks) > 1:
        more = 0 if meaning is Meaning.YES else 1
        return sms.whom([(asked.about.key + more, member_name(asked.about.request.member)) for asked in asks])
    if asks:
        return _answer_ask(inbound, asks[0].about, meaning)
    return _say_again(inbound, waiting, AnswerReading(None, meaning, in_words=True))


def _say_again(inbound: InboundContext, waiting: Waiting, reading: AnswerReading) -> str | None:
    """Apply an answer that repeats or takes back one to a help text or an invitation, whichever was given last.

    While a dialogue is open, only withdrawals count; nothing does if something else came in between.
    """
    if waiting.unread_asks or waiting.unread_invitations:
        return None
    on_it = [asked for asked in waiting.on_it if reading.to(_keys_of(asked.about))]
    invitation = waiting.settled[0] if waiting.settled and reading.to(INVITATION_KEYS) else None
    if on_it and (invitation is None or given_at(on_it[0].about) >= given_at(invitation.about)):
        meaning = reading.to(_keys_of(on_it[0].about))
        if meaning is None or (waiting.has_dialogue and meaning is Meaning.YES):
            return None
        if reading.key is None and len(on_it) > 1 and meaning is Meaning.NO:
            return sms.whom([(asked.about.key + 1, member_name(asked.about.request.member)) for asked in on_it])
        return _answer_ask(inbound, on_it[0].about, meaning)
    meaning = reading.to(INVITATION_KEYS)
    ended = answers.ended_help(inbound.session, inbound.phone.id, None, inbound.now)
    if invitation is None or meaning is None or waiting.has_dialogue or (ended and ended[0].created_at > invitation.at):
        return None
    return _record(inbound, invitation.about, meaning)


def given_at(answered: HelpRecipient | Responder) -> datetime:
    """Return when a help text or an invitation was answered, with yes or no; NEVER for an open one."""
    declined_at = answered.declined_at if isinstance(answered, HelpRecipient) else None
    return answered.answered_at or declined_at or NEVER


def as_it_stands(inbound: InboundContext, waiting: Waiting) -> str | None:
    """Return once more the reply to the last answer; after a no to a help text, how to say yes."""
    last = waiting.last_answered()
    if last is None:
        return None
    if isinstance(last, HelpRecipient):
        return inbound.hint(how_to_answer(last)) if last.declined_at else _answer_ask(inbound, last, Meaning.YES)
    return _record(inbound, last, Meaning.YES if last.agreed is ResponderStatus.YES else Meaning.NO)


def _answer_ask(inbound: InboundContext, ask: HelpRecipient, meaning: Meaning) -> str:
    name, is_overruled = member_name(ask.request.member), given_at(ask) > inbound.acts_known_until
    yes = ask.answered_at is not None if is_overruled else meaning is Meaning.YES
    (answers.acknowledge if yes else answers.decline)(inbound.session, ask, inbound.now)
    if yes and ask.answered_at is None:
        return sms.changed_often(name)
    return mark_practice(ask.request, sms.on_it_thanks(name, ask.key + 1) if yes else sms.cannot_thanks(name))


def _answer_invitation(inbound: InboundContext, waiting: Waiting, meaning: Meaning) -> str:
    """Record the answer to the newest invitation; ask what is meant where another question came minutes before."""
    if _may_mean_another(inbound, waiting):
        return exchange.ask_which_member(inbound)
    return _record(inbound, waiting.invitations[0].about, meaning)


def _record(inbound: InboundContext, invitation: Responder, meaning: Meaning) -> str:
    name, is_overruled = member_name(invitation.member), given_at(invitation) > inbound.acts_known_until
    yes = invitation.agreed is ResponderStatus.YES if is_overruled else meaning is Meaning.YES
    if yes is not (invitation.agreed is ResponderStatus.YES) or invitation.agreed is ResponderStatus.ASKED:
        said = "yes" if yes else "no"
        responders.record_answer(inbound.session, invitation.phone_id, invitation.id, said, inbound.now)
    return sms.agreed_thanks(name) if yes else sms.declined_thanks()


def _may_mean_another(inbound: InboundContext, waiting: Waiting) -> bool:
    """Return whether another invitation, or a reminder, which takes the same answers, came minutes before the newest.

    Nobody should consent by an answer that was meant for something else.
    """
    newest, *others = waiting.invitations
    if any(newest.at - other.at < READ_TOGETHER for other in others):
        return True
    reminder = rsvp.newest_reminder(inbound.session, inbound.phone.id, inbound.now, newest.at)
    if inbound.member is None or reminder is None or newest.at - reminder.at >= READ_TOGETHER:
        return False
    return not rsvp.is_answered(inbound.session, inbound.member, reminder, newest.at)
