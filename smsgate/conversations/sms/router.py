"""Hands each incoming text to the first handler that takes it.

The hook stores a text (`inbox.py`); a worker handles it here. That it was handled, what it changed and its answer are
committed together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from smsgate import outbox
from smsgate.conversations.sessions import Busy, LockedSession, SessionStore
from smsgate.conversations.sms import (
    distress,
    exchange,
    fine,
    help,
    inbox,
    joining,
    notices,
    opt_out,
    preferences,
    questions,
    walking,
)
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.conversations.sms.inbox import InboundSms, Taken
from smsgate.conversations.sms.written import is_too_far
from smsgate.core.encryption import WrongKey
from smsgate.core.open_sessions import SMS, name_of_session
from smsgate.core.phone_numbers import NotANumber, e164, masked
from smsgate.core.reading.bad_rows import past_bad_rows
from smsgate.core.redis_client import OutageGuard
from smsgate.flows import sms
from smsgate.flows.typed.keywords import Intent, Keyword, parse_dialled, parse_keyword
from smsgate.members import number_reassignment
from smsgate.models import MessageKind, lookup
from smsgate.outbox import keys, limits
from smsgate.outbox.limits import Cause, Caused
from smsgate.service import Service

log = structlog.get_logger()

WORTH_ANSWERING = timedelta(hours=1)
ANSWERING = (MessageKind.REPLY, MessageKind.CONFIRMATION)
MOST_ALIKE = 5  # equal answers to equal texts in a row; more than this is a machine
MOST_EQUAL_ANSWERS, ALIKE_WITHIN = 12, timedelta(days=1)  # to texts that differ, say by a number or a time in them

# Returns the answer; "" for none; None if it doesn't take the text.
Handler = Callable[[InboundContext], str | None]

# In order of precedence. These need the sender's phone, and load more only for what they answer.
AT_ONCE: tuple[Handler, ...] = (
    opt_out.stop,
    opt_out.leave_group,
    opt_out.start,
    opt_out.inform,
)
# These speak the sender's language, and to a member in the words of their group.
IN_TURN: tuple[Handler, ...] = (
    fine.say_fine,
    help.send_by_word,
    distress.comfort_after_stop,
    opt_out.stay_silent,
    help.write_own_text,
    help.rest_or_leave,
    walking.write_to_other,
    notices.write,
    notices.confirm_by_code,
    preferences.set_name,
    preferences.set_language,
    opt_out.ask_if_stop,
    distress.comfort_despite_question,
    fine.ask_if_taken_back,
    questions.answer,
    joining.join_by_keyword,
    joining.find_group,
    exchange.open_room,
    exchange.open_survey,
    distress.comfort,
    joining.join_by_code,
    joining.join_by_name,
    notices.reply,
    exchange.refer_to_dialling,
    joining.ask_for_code,
    exchange.go_on,
    exchange.say_what_to_do,
)
# These only answer: a sender who has used up the answers of an hour or a day gets no more of them, nor does a machine
# that answers our answers. What people do counts, however often they wrote.
ONLY_ANSWERS = frozenset(
    {
        opt_out.inform,
        opt_out.ask_if_stop,
        exchange.open_room,
        exchange.open_survey,
        joining.ask_for_code,
        joining.find_group,
        exchange.refer_to_dialling,
        exchange.say_what_to_do,
    }
)


def receive(service: Service, provider_id: str, sender: str, words: str, date: str = "") -> bool:
    """Store a text, with the provider's date; False for one that no person has just sent.

    Senders that are no mobile number of our countries, such as machines, are never answered. Of texts that are days old
    only STOP is heard: someone who has the token may be replaying what they once read.
    """
    try:
        number = e164(sender, service.settings.countries)
    except NotANumber:
        return False
    if is_too_far(date, service.now()) and not _is_stop(words):
        log.warning("text_of_another_day", number=masked(number))
        return False
    with service.database.transaction() as session:
        inbox.receive(session, provider_id, number, words, service.now(), date)
    return True


def _is_stop(words: str) -> bool:
    keyword = parse_keyword(words)
    return keyword is not None and keyword.intent is Intent.STOP


def work_through(service: Service, stopped: Callable[[], bool]) -> int:
    """Handle the waiting texts until none is left or `stopped`; return how many were handled.

    Once Redis has failed, only STOP and the like are handled, so that none has to wait while Redis fails the others.
    """
    sessions, outage = SessionStore(service.redis, service.keyring), OutageGuard()
    count, passed = 0, set[int]()
    while not stopped():
        with service.database.reading() as session:
            text = inbox.next_to_handle(session, service.now(), passed, outage.is_away())
        if text is None:
            break
        try:
            count += _handle(service, sessions, outage, text)
        except (Busy, RedisError):  # another worker has this number, or Redis is gone: the scheduler comes back to it
            passed.add(text.id)
        except OperationalError:
            raise
        except Exception:
            log.exception("text_failed", inbound=text.id)
            passed.add(text.id)
            _put_off(service, text)
    return count


def _handle(service: Service, sessions: SessionStore, outage: OutageGuard, text: InboundSms) -> bool:
    """Handle a text under the lock of its number; False if another worker had it.

    Raises Busy, RedisError, and WrongKey for a text that cannot be read.
    """
    if not text.is_readable:
        raise WrongKey("None of SMSGATE_KEYS opens this text.")
    keyword = parse_keyword(text.words) or parse_dialled(text.words, service.settings.service_code)
    heard_without_redis = keyword is not None and keyword.intent in inbox.AT_ONCE  # a STOP is always heard
    try:
        if not (heard_without_redis and outage.is_away()):
            with sessions.locked(name_of_session(SMS, text.number), patience=0) as locked:
                return past_bad_rows(lambda: _handle_locked(service, locked, text, keyword))
    except RedisError:
        outage.failed()
        if not heard_without_redis:
            raise
    return past_bad_rows(lambda: _handle_locked(service, LockedSession(None), text, keyword))


def _handle_locked(service: Service, locked: LockedSession, text: InboundSms, keyword: Keyword | None) -> bool:
    with service.database.transaction() as session:
        taken = inbox.take(session, text)
        if taken is Taken.BY_ANOTHER:
            return False
        if taken is Taken.NEW:
            answer(InboundContext(service, session, locked, text, keyword))
        inbox.done(session, text, service.now())
    return True


def answer(inbound: InboundContext) -> None:
    """Queue the answer, if any, of the first handler that takes the text."""
    number_reassignment.record_activity(inbound.phone, inbound.now)
    reply = _first(AT_ONCE, inbound)
    if reply is None:
        with inbound.speaking():
            reply = _first(IN_TURN, inbound)
    confirms = inbound.intent in inbox.AT_ONCE or inbound.phone.stopped_at is not None
    kind = MessageKind.CONFIRMATION if confirms else MessageKind.REPLY
    cause = _cause(inbound)
    if reply and cause and inbound.intent is not Intent.STOP and _is_said_over_and_over(inbound, reply):
        return
    if reply and _queue(inbound, reply, kind, cause):
        return
    if inbound.phone.stopped_at is None and inbound.intent is not Intent.STOP and inbound.is_spent:
        with inbound.speaking():
            _queue(inbound, sms.no_more_answers(inbound.service_code), kind, Cause.FAREWELL)


def _cause(inbound: InboundContext) -> Cause | None:
    """Return what the answer counts as; None for the report that a help text was sent, which has no limit."""
    if limits.caused_in(inbound.session, Cause.HELP):
        return None
    return Cause.CONFIRMATION if inbound.intent in (Intent.STOP, Intent.START) else Cause.REPLY


def _is_said_over_and_over(inbound: InboundContext, reply: str) -> bool:
    """Return whether a number keeps getting this answer: a machine is answering our answers, at whatever pace.

    If its texts are equal too, fewer answers are enough. It gets another answer as soon as there is something else to
    say. A sender who was asked something since their last text, like a responder by each help text, is no machine.
    """
    since = inbound.now - ALIKE_WITHIN
    said = outbox.last_words(inbound.session, inbound.phone.id, ANSWERING, MOST_EQUAL_ANSWERS, since)
    alike = next((place for place, words in enumerate(said) if words != outbox.as_sent(reply)), len(said))
    if alike < MOST_ALIKE or inbox.was_asked_since_last(inbound.session, inbound.inbound_sms, inbound.phone.id):
        return False
    return alike == MOST_EQUAL_ANSWERS or inbox.wrote_the_same(inbound.session, inbound.inbound_sms, MOST_ALIKE)


def _first(handlers: tuple[Handler, ...], inbound: InboundContext) -> str | None:
    for handler in handlers:
        if handler in ONLY_ANSWERS and inbound.is_spent:
            continue
        if (reply := handler(inbound)) is not None:
            return reply
    return None


def _queue(inbound: InboundContext, words: str, kind: MessageKind, cause: Cause | None) -> bool:
    """Queue an answer; False if this number gets no more for now."""
    phone = lookup.ensure_phone(inbound.session, inbound.number, inbound.now)  # again: it may have been ERASE
    text = outbox.Text(
        words=words, kind=kind, key=keys.reply(inbound.inbound_sms.provider_id),
        expires_at=inbound.now + WORTH_ANSWERING, caused=Caused(cause, inbound.number) if cause else None,
    )  # fmt: skip
    return outbox.send_text(inbound.session, phone.id, text, inbound.now) is not None


def _put_off(service: Service, text: InboundSms) -> None:
    with service.database.transaction() as session:
        if not inbox.put_off(session, text, service.now()):
            log.error("text_given_up", inbound=text.id)
