"""Answers to what the service asked by text: can you help, will you be a responder, are you coming.

A question that ended before its answer came still owns that answer: it counts for no older question.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, or_, select

from smsgate.conversations.sms import meetings, responses
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.conversations.sms.inbox import ASKING
from smsgate.conversations.sms.responses import NEVER, Waiting
from smsgate.flows import sms
from smsgate.flows.typed.answer_words import AnswerReading, Meaning
from smsgate.help import answers
from smsgate.help.names import member_name
from smsgate.help.news import mark_practice
from smsgate.meetings import rsvp
from smsgate.meetings.meetings import local_start
from smsgate.models import HelpRecipient, Meeting, Message, MessageKind, Responder, ResponderStatus, lookup
from smsgate.notices import replies
from smsgate.outbox.reading import READ_TOGETHER, may_have_been_read, readable_from

ANSWERED = (*ASKING, MessageKind.REPLY)  # what people answer: our questions, and our replies to them
TOLD_BY = {MessageKind.HELP: MessageKind.HELP_NEWS, MessageKind.REMINDER: MessageKind.MEETING_NEWS}


class Asking(NamedTuple):
    """A text that asked something, without its words, which may be unreadable; and since when it may have been read."""

    id: int
    kind: MessageKind
    meeting_id: int | None
    responder_id: int | None
    at: datetime


@dataclass(frozen=True)
class Ended:
    """A question by text that is over, and what to say to its answer; "" if there is nothing to say about it."""

    kind: MessageKind
    at: datetime  # since when it is over, as far as we know
    said: str = ""


def answer(inbound: InboundContext) -> str | None:
    """Answer a reply to the newest question by text, unless the dialogue asked one later; despair is no such reply."""
    return None if inbound.distress_language else answer_to_question(inbound)


def is_open(inbound: InboundContext) -> bool:
    """Return whether some question waits for an answer."""
    if inbound.dialogue is not None or responses.waiting(inbound).times():
        return True
    return meetings.asked_at(inbound) is not None


def came_after(inbound: InboundContext, moment: datetime) -> bool:
    """Return whether a question by text that the writer had read, answered or not, came after that moment."""
    waiting = responses.waiting(inbound)
    reminder = rsvp.newest_reminder(inbound.session, inbound.phone.id, inbound.now, inbound.written_at)
    times = (*waiting.times(), waiting.answered_at(), reminder.at if reminder else None)
    return any(at > moment for at in times if at is not None)


def answer_to_question(inbound: InboundContext) -> str | None:
    """Return the answer to such a reply; None if no question is open or the number may be reassigned."""
    if inbound.may_be_another:  # it would name people
        return None
    waiting = responses.waiting(inbound)
    reading = inbound.reading(waiting.names())
    given_at = _given_since_asked(inbound, waiting)
    if given_at and reading.in_words and _is_for_a_notice(inbound, waiting, given_at):
        return None
    if ended := _last_if_ended(inbound, waiting, reading):
        inbound.learn_language()
        return ended.said or _answer_to_none(inbound, waiting)
    if given_at and reading.is_polite:
        return _as_it_stands(inbound, waiting, given_at)
    if reading.is_polite and _is_for_what_was_told(inbound, waiting):
        return _ask_newest(inbound, waiting)
    said = meetings.answer(inbound, waiting.times(), waiting.answered_at(), waiting.yes_given_at(reading))
    if said is None:
        said = responses.answer(inbound, waiting)
    if said is None and not inbound.asks_for_something:
        said = tell_over(inbound, reading)
    if said is not None:
        inbound.learn_language()
    if said is not None or inbound.dialogue is not None:
        return said
    return responses.ask_again(inbound, waiting) or meetings.ask_again(inbound)


def _answer_to_none(inbound: InboundContext, waiting: Waiting) -> str:
    """Return the reply to an answer that counts for nothing: what is still asked, or how the last answer stands."""
    given_at = _given_since_asked(inbound, waiting)
    said = _as_it_stands(inbound, waiting, given_at) if given_at else _ask_newest(inbound, waiting)
    return inbound.hint(sms.nothing_asked(inbound.service_code)) if said is None else said


def _ask_newest(inbound: InboundContext, waiting: Waiting) -> str | None:
    """Return the newest question once more; None if nothing is asked."""
    reminded_at = meetings.asked_at(inbound)
    if reminded_at is not None and all(at < reminded_at for at in waiting.unanswered_times()):
        return meetings.ask_once_more(inbound)
    return responses.ask_once_more(inbound, waiting)


def _given_since_asked(inbound: InboundContext, waiting: Waiting) -> datetime | None:
    """Return when the sender last answered something, if that was after the newest open question came; else None.

    None too if a question has come since they wrote.
    """
    if waiting.unread_asks or waiting.unread_invitations:
        return None
    last = waiting.last_answered()
    times = (responses.given_at(last) if last else None, meetings.given_at(inbound))
    given_at = max(filter(None, times), default=None)
    reminded_at = meetings.asked_at(inbound)
    asked = [*waiting.unanswered_times(), *([reminded_at] if reminded_at else [])]
    return given_at if given_at and all(at < given_at for at in asked) else None


def _is_for_a_notice(inbound: InboundContext, waiting: Waiting, given_at: datetime) -> bool:
    """Return whether a notice that takes replies came since the last answer, and that was to an invitation."""
    if waiting.on_it or meetings.given_at(inbound) == given_at:
        return False
    notice = replies.answered_notice(inbound.session, inbound.phone.id, inbound.now, inbound.written_at)
    return notice is not None and notice[1] > given_at


def _as_it_stands(inbound: InboundContext, waiting: Waiting, given_at: datetime) -> str | None:
    """Return the reply to a yes like "ok" after an answer: it may only take note of our reply, so nothing changes."""
    if over := _over(inbound, since=given_at.timestamp()):
        return over
    if meetings.given_at(inbound) == given_at:
        return meetings.as_it_stands(inbound)
    return responses.as_it_stands(inbound, waiting)


def _is_for_what_was_told(inbound: InboundContext, waiting: Waiting) -> bool:
    """Return whether a text that asks nothing was read after the newest question: "ok" may only take note of that."""
    newest = max([*waiting.unanswered_times(), meetings.asked_at(inbound) or NEVER], default=NEVER)
    if newest == NEVER:
        return False
    told = (Message.phone_id == inbound.phone.id, Message.kind.not_in(ANSWERED), ~answers.says_nobody_helps())
    since = (readable_from() > newest, readable_from() <= inbound.written_at, may_have_been_read())
    return inbound.session.scalar(select(Message.id).where(*told, *since).limit(1)) is not None


def _last_if_ended(inbound: InboundContext, waiting: Waiting, reading: AnswerReading) -> Ended | None:
    """Return the last question that the sender had read, if this answers it and it ended without their knowing.

    They knew if we had answered a text of theirs since, or if news of the end came so long before that they had surely
    read it.
    """
    if reading.key is None and reading.meaning is None:
        return None
    last = _last(inbound)
    if last is None or last.at.timestamp() < inbound.last_question_at or _is_newer(inbound, waiting, last.at):
        return None
    ended = _ended(inbound, last, waiting, reading)
    slack = timedelta(0) if waiting.asks else READ_TOGETHER  # a help text that is open needs its yes at once
    return None if ended is None or _is_known(inbound, ended, slack) else ended


def _last(inbound: InboundContext) -> Asking | None:
    asks = or_(Message.kind.in_(ASKING), answers.says_nobody_helps())
    lately = (Message.phone_id == inbound.phone.id, Message.created_at > inbound.now - answers.REMEMBERED)
    columns = (Message.id, Message.kind, Message.meeting_id, Message.responder_id, readable_from())
    rows = select(*columns).where(*lately, asks, may_have_been_read(), readable_from() <= inbound.written_at)
    row = inbound.session.execute(rows.order_by(readable_from().desc(), Message.id.desc()).limit(1)).first()
    return Asking(*row) if row else None


def _is_newer(inbound: InboundContext, waiting: Waiting, at: datetime) -> bool:
    """Return whether a question that is not over came then or later."""
    practices = (asked.at for asked in waiting.practices)
    return any(other >= at for other in (*waiting.times(), *practices, waiting.answered_at() or NEVER))


def _ended(inbound: InboundContext, last: Asking, waiting: Waiting, reading: AnswerReading) -> Ended | None:
    """Return the question of a text, if it is over and this is one of its answers."""
    if last.kind is MessageKind.REMINDER:
        return _ended_reminder(inbound, last, reading)
    if last.kind is MessageKind.INVITATION:
        return _ended_invitation(inbound, last, reading)
    return _ended_help(inbound, last, waiting, reading)


def _ended_reminder(inbound: InboundContext, last: Asking, reading: AnswerReading) -> Ended | None:
    meeting = inbound.session.get(Meeting, last.meeting_id) if last.meeting_id else None
    if meeting is None or inbound.member is None or reading.to(meetings.KEYS) is None:
        return None
    is_in = lookup.find_membership(inbound.session, inbound.member.id, meeting.group_id) is not None
    if meeting.cancelled_at is None and is_in:
        return None
    said = sms.coming_no_more(local_start(meeting), inbound.service_code)
    return Ended(MessageKind.REMINDER, meeting.cancelled_at or last.at, said)


def _ended_invitation(inbound: InboundContext, last: Asking, reading: AnswerReading) -> Ended | None:
    invited = inbound.session.get(Responder, last.responder_id) if last.responder_id else None
    stands = invited is not None and invited.phone_id == inbound.phone.id and invited.undone_at is None
    if stands or reading.to(responses.INVITATION_KEYS) is None:
        return None
    return Ended(MessageKind.INVITATION, last.at)


def _ended_help(inbound: InboundContext, last: Asking, waiting: Waiting, reading: AnswerReading) -> Ended | None:
    found = answers.ended_help(inbound.session, inbound.phone.id, reading.key, inbound.now)
    if found is None or (reading.key is None and reading.meaning is Meaning.MAYBE):
        return None
    message, recipient = found
    is_news = last.kind is MessageKind.HELP_NEWS and message.responder_id == last.responder_id
    if not (is_news or message.id == last.id) or (recipient and waiting.is_open(recipient.request)):
        return None
    open_ = [asked.about for asked in waiting.asks if asked.about.declined_at is None]
    may_be_for_open = reading.key is None and open_  # words are for no one in particular
    said = responses.how_to_answer(open_[0]) if may_be_for_open else _over(inbound, reading.key)
    return Ended(MessageKind.HELP, _over_since(recipient) or last.at, said or "")


def _over_since(recipient: HelpRecipient | None) -> datetime | None:
    if recipient is None:
        return None
    responder = recipient.responder
    left_at = responder.answered_at if responder.agreed is ResponderStatus.LEFT else None
    return recipient.request.closed_at or responder.undone_at or left_at


def _is_known(inbound: InboundContext, ended: Ended, slack: timedelta) -> bool:
    """Return whether the sender had read, since the question ended, a reply of ours or news of its end."""
    replied = and_(Message.kind == MessageKind.REPLY, readable_from() <= inbound.written_at)
    news = and_(Message.kind == TOLD_BY.get(ended.kind), readable_from() <= inbound.written_at - slack)
    since = (Message.phone_id == inbound.phone.id, Message.created_at >= ended.at, may_have_been_read())
    return inbound.session.scalar(select(Message.id).where(*since, or_(replied, news)).limit(1)) is not None


def tell_over(inbound: InboundContext, reading: AnswerReading) -> str | None:
    """Return the reply to an answer to a help text that is over; a dialogue goes on if the sender knew that."""
    found = answers.ended_help(inbound.session, inbound.phone.id, reading.key, inbound.now)
    if found is None or (reading.key is None and reading.meaning not in (Meaning.YES, Meaning.NO)):
        return None
    ended = Ended(MessageKind.HELP, _over_since(found[1]) or found[0].created_at)
    if inbound.dialogue is not None and _is_known(inbound, ended, READ_TOGETHER):
        return None
    return _over(inbound, reading.key)


def _over(inbound: InboundContext, key: int | None = None, since: float = 0) -> str | None:
    """Return the reply to an answer to a help text of `since` (epoch) or later that is over.

    None if something was asked later.
    """
    ended = answers.ended_help(inbound.session, inbound.phone.id, key, inbound.now)
    if ended is None or ended[0].created_at.timestamp() < max(since, inbound.last_question_at):
        return None
    recipient = ended[1]
    if recipient is None or recipient.responder.agreed is not ResponderStatus.YES:
        return sms.over()
    return mark_practice(recipient.request, sms.over(member_name(recipient.request.member)))
