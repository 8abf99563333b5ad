"""SMS in: each text that came in is handed to the first handler whose it is.

The hook stores a text (`inbox.py`); a worker handles it here. What was heard, what it changed and the answer commit
together.
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
)
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.conversations.sms.inbox import InboundSms, Taken
from smsgate.core.open_sessions import SMS, name_of_session
from smsgate.core.phone_numbers import NotANumber, e164
from smsgate.core.redis_client import OutageGuard
from smsgate.flows.keywords import Intent, Keyword, parse_dialled, parse_keyword
from smsgate.members import number_reassignment
from smsgate.models import MessageKind, lookup
from smsgate.outbox import keys
from smsgate.service import Service

log = structlog.get_logger()

WORTH_ANSWERING = timedelta(hours=1)

# What to answer; "" for nothing; None: the text is not this handler's.
Handler = Callable[[InboundContext], str | None]

# In the order of their precedence. These need the sender's phone, and load more only for what they answer.
AT_ONCE: tuple[Handler, ...] = (
    opt_out.stop,
    opt_out.leave_group,
    opt_out.start,
    opt_out.inform,
)
# These speak to the sender as the member that they may be.
IN_TURN: tuple[Handler, ...] = (
    fine.say_fine,
    help.send_by_word,
    distress.comfort_after_stop,
    opt_out.stay_silent,
    help.write_own_text,
    help.rest_or_leave,
    notices.write,
    notices.confirm_by_code,
    preferences.set_name,
    preferences.set_language,
    opt_out.ask_if_stop,
    distress.comfort_despite_question,
    questions.answer,
    fine.ask_if_taken_back,
    joining.join_by_keyword,
    exchange.open_room,
    exchange.open_survey,
    distress.comfort,
    joining.join_by_code,
    joining.join_by_name,
    notices.reply,
    exchange.refer_to_dialling,
    joining.ask_for_code,
    exchange.go_on,
    exchange.open_menu,
)
# These only answer, and a machine that answers our answers gets no more of them. What somebody does counts, however
# often they wrote.
ONLY_ANSWERS = frozenset(
    {
        opt_out.inform,
        opt_out.ask_if_stop,
        exchange.open_room,
        exchange.open_survey,
        joining.ask_for_code,
        exchange.refer_to_dialling,
        exchange.open_menu,
    }
)


def receive(service: Service, provider_id: str, sender: str, words: str, date: str = "") -> None:
    """Store a text, with the provider's date.

    Senders that are no mobile number of ours, machines among them, are never answered.
    """
    try:
        number = e164(sender, service.settings.countries)
    except NotANumber:
        return
    with service.database.transaction() as session:
        inbox.receive(session, provider_id, number, words, service.now(), date)


def work_through(service: Service, stopped: Callable[[], bool]) -> int:
    """Handle the texts that wait, until none does or `stopped`; the number of texts handled.

    Once Redis failed only STOP and its kin are, so that none waits behind others until Redis fails each of them.
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
    """Handle a text under the lock of its number; False where another worker had it. Raises Busy, RedisError."""
    keyword = parse_keyword(text.words) or parse_dialled(text.words, service.settings.service_code)
    heard_without_redis = keyword is not None and keyword.intent in inbox.AT_ONCE  # who says STOP is heard
    try:
        if not (heard_without_redis and outage.is_away()):
            with sessions.locked(name_of_session(SMS, text.number), patience=0) as locked:
                return _handle_locked(service, locked, text, keyword)
    except RedisError:
        outage.failed()
        if not heard_without_redis:
            raise
    return _handle_locked(service, LockedSession(None), text, keyword)


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
    """Queue the answer of the first handler whose text this is, if it has one."""
    number_reassignment.record_activity(inbound.phone, inbound.now)
    reply = _first(AT_ONCE, inbound)
    if reply is None:
        with inbound.speaking():
            reply = _first(IN_TURN, inbound)
    if reply and (inbound.intent is Intent.STOP or not inbound.is_flood):
        confirms = inbound.intent in inbox.AT_ONCE or inbound.phone.stopped_at is not None
        _queue(inbound, reply, MessageKind.CONFIRMATION if confirms else MessageKind.REPLY)


def _first(handlers: tuple[Handler, ...], inbound: InboundContext) -> str | None:
    for handler in handlers:
        if handler in ONLY_ANSWERS and inbound.is_loop:
            continue
        if (reply := handler(inbound)) is not None:
            return reply
    return None


def _queue(inbound: InboundContext, words: str, kind: MessageKind) -> None:
    phone = lookup.ensure_phone(inbound.session, inbound.number, inbound.now)  # anew, since ERASE may have been said
    text = outbox.Text(
        words=words, kind=kind, key=keys.reply(inbound.inbound_sms.provider_id),
        expires_at=inbound.now + WORTH_ANSWERING,
    )  # fmt: skip
    outbox.send_text(inbound.session, phone.id, text, inbound.now)


def _put_off(service: Service, text: InboundSms) -> None:
    with service.database.transaction() as session:
        if not inbox.put_off(session, text, service.now()):
            log.error("text_given_up", inbound=text.id)
