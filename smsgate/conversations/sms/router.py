"""SMS in: keywords first, then an answer to the newest question, then the conversation.

A text is stored by the hook (`inbound.py`) and worked on here, by a process of its own. What was heard, what it
changed and the answer commit together.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import structlog
from redis.exceptions import RedisError
from sqlalchemy.exc import OperationalError

from smsgate import outbox
from smsgate.conversations.sessions import Busy, Held, Run
from smsgate.conversations.sms import distress, help, inbox, meetings, notices
from smsgate.conversations.sms.exchange import Desk, begin, begin_own, caller, go_on, letter, newest
from smsgate.conversations.sms.inbox import Received
from smsgate.conversations.ussd import Door
from smsgate.core.i18n import speaking
from smsgate.core.phone_numbers import NotANumber, e164
from smsgate.flows import sms
from smsgate.flows.keywords import Heard, Intent, understood
from smsgate.flows.member.about import what_this_is
from smsgate.groups import groups, join_requests
from smsgate.help import requests
from smsgate.members import opt_out
from smsgate.models import MessageKind, lookup
from smsgate.service import Service
from smsgate.surveys import surveys

log = structlog.get_logger()

WORTH_ANSWERING = timedelta(hours=1)
CONFIRMED = (Intent.STOP, Intent.START, Intent.INFO)
ROOMS = {Intent.MENU: "menu", Intent.MEETINGS: "meetings", Intent.ERASE: "erase", Intent.JOIN: "groups"}


def receive(service: Service, provider_id: str, sender: str, words: str) -> None:
    """Store a text. Senders that are no mobile number of ours, machines among them, are never answered."""
    try:
        number = e164(sender, service.settings.countries)
    except NotANumber:
        return
    with service.database.transaction() as session:
        inbox.receive(session, provider_id, number, words, service.now())


def work_through(door: Door, stopped: Callable[[], bool]) -> int:
    """Work on what waits, until nothing does or `stopped`; the number of texts worked on."""
    count, passed = 0, set[int]()
    while not stopped():
        with door.service.database.reading() as session:
            text = inbox.next_to_work_on(session, door.service.now(), passed)
        if text is None:
            break
        try:
            count += _work_on(door, text)
        except (Busy, RedisError):  # another worker has this number, or Redis is gone: the clock comes back to it
            passed.add(text.id)
        except OperationalError:
            raise
        except Exception:
            log.exception("text_failed", inbound=text.id)
            passed.add(text.id)
            _put_off(door.service, text)
    return count


def _work_on(door: Door, text: Received) -> bool:
    heard = understood(text.words)
    try:
        with door.runs.turn(f"sms {text.number}", patience=0) as held:
            return _worked_on(door, text, heard, held)
    except RedisError:
        if heard is None or heard.intent not in CONFIRMED:
            raise
        return _worked_on(door, text, heard, Held(None))  # who says STOP is heard, Redis or not


def _worked_on(door: Door, text: Received, heard: Heard | None, held: Held) -> bool:
    service = door.service
    with service.database.transaction() as session:
        if not inbox.take(session, text):
            return False
        if not inbox.is_repeat(session, text):
            _answer_to(Desk(door, session, held, text.number, text), heard)
        inbox.done(session, text, service.now())
    return True


def _answer_to(desk: Desk, heard: Heard | None) -> None:
    if inbox.is_a_loop(desk.session, desk.text) and not (heard and heard.intent is Intent.STOP):
        log.warning("number_paused", inbound=desk.text.id)
        return
    with speaking(desk.language, desk.wording):
        reply = _stopping(desk, heard) or _reply(desk, heard)
    if reply:
        asked_for = (heard and heard.intent in CONFIRMED) or (desk.phone and desk.phone.stopped_at)
        _queue(desk, reply, MessageKind.CONFIRMATION if asked_for else MessageKind.REPLY)


def _put_off(service: Service, text: Received) -> None:
    with service.database.transaction() as session:
        if not inbox.put_off(session, text, service.now()):
            log.error("text_given_up", inbound=text.id)


def _queue(desk: Desk, words: str, kind: MessageKind) -> None:
    draft = outbox.Text(words=words, kind=kind, key=f"reply:{desk.text.provider_id}"[:80], expires_at=desk.now + WORTH_ANSWERING)  # fmt: skip
    outbox.send_text(desk.session, lookup.ensure_phone(desk.session, desk.number, desk.now).id, draft, desk.now)


def _stopping(desk: Desk, heard: Heard | None) -> str:
    """STOP, START and information, before anything else."""
    intent = heard.intent if heard else None
    if heard and intent is Intent.STOP:
        return _leave_group(desk, heard.code) if heard.code else _stop(desk)
    if intent is Intent.START and desk.phone and (desk.phone.stopped_at or desk.phone.blocked_at):
        opt_out.opt_in(desk.session, desk.phone, desk.now)
        return sms.started(desk.code)
    if intent is Intent.INFO:
        return what_this_is(desk.code)
    return ""


def _stop(desk: Desk) -> str:
    phone = desk.ensure_phone()
    if phone.stopped_at is not None:
        return ""  # one confirmation, however often it is said
    opt_out.opt_out(desk.session, phone, desk.now)
    desk.held.keep, desk.held.seconds = Run("", caller(desk), ended=True), 1
    return sms.stopped(desk.code)


def _leave_group(desk: Desk, code: str) -> str:
    group = groups.find_group(desk.session, code)
    if group is None or desk.member is None:
        return sms.not_a_group(code)
    mine = [one.id for one in groups.groups_of(desk.session, desk.member)]
    if group.id not in mine and not join_requests.has_requested(desk.session, desk.member, group.id):
        return sms.not_a_group(code)
    groups.leave(desk.session, desk.member, group.id, desk.now)
    return sms.left_group(group.name)


def _reply(desk: Desk, heard: Heard | None) -> str:
    intent = heard.intent if heard else None
    is_hard = distress.speaks_of_one(desk, heard)
    if desk.phone and desk.phone.stopped_at and (is_hard or not _erasing(desk, intent)):
        return distress.after_stop(desk) if is_hard else ""  # only START undoes a STOP
    if intent is Intent.FINE and desk.member and requests.open_request(desk.session, desk.member):
        return sms.fine_thanks() if requests.report_fine(desk.session, desk.member, desk.now) else sms.nothing_open()
    shut = desk.guarded or desk.doubted
    about = _about_help(desk, heard) or ("" if shut else _about_a_notice(desk, heard))
    if about:
        return about
    answer = "" if desk.doubted else _answer(desk, intent)  # it would name people to who may be another
    if answer:
        return distress.answer(desk, passed_on=False) if is_hard else answer
    if heard and heard.intent in ROOMS and not shut:
        return begin(desk, ROOMS[heard.intent], heard.code)
    if heard is None and not shut and (own := surveys.by_keyword(desk.session, desk.member, desk.text.words)):
        return begin_own(desk, own.id)
    kept = None if desk.doubted else _wrote_back(desk, heard)
    if is_hard and (kept is not None or not distress.asked_for_words(desk)):
        return distress.answer(desk, passed_on=kept is not None)
    run = desk.held.run
    if shut and not distress.goes_on(desk):
        return kept or sms.please_dial(desk.code)
    if kept is not None:
        return kept
    return go_on(desk, run) if run and not run.ended else begin(desk, "menu")


def _about_help(desk: Desk, heard: Heard | None) -> str:
    """The word that sends, words of one's own, and a responder's rest or end."""
    if desk.phone is None:
        return ""
    mail, intent = letter(desk, desk.phone), heard.intent if heard else None
    if desk.member and not _choosing_a_word(desk) and help.is_the_word(mail, desk.member):
        if help.asks_first(mail, desk.member):
            often = requests.count_recent_requests(desk.session, desk.member, desk.now)
            return sms.sent_often(often, desk.code) if desk.guarded or desk.doubted else begin(desk, "help")
        return help.raised(mail, desk.member)
    if desk.member and heard and intent is Intent.WORDS and not (desk.guarded or desk.doubted):
        return help.written(mail, desk.member, heard) if heard.rest else begin(desk, "text")
    return "" if desk.doubted else help.about_oneself(mail, intent)


def _choosing_a_word(desk: Desk) -> bool:
    """A conversation asked for the word that is to send: typing the old one again sends nothing."""
    run = desk.held.run
    return run is not None and not run.ended and run.asked is not None and run.asked.name == "word"


def _about_a_notice(desk: Desk, heard: Heard | None) -> str:
    """NOTICE by who leads a group, and the codes that send one."""
    if desk.phone is None:
        return ""
    if heard and heard.intent is Intent.NOTICE:
        return notices.written(letter(desk, desk.phone), heard.rest)
    return notices.coded(letter(desk, desk.phone), asked=not newest(desk)) if heard is None else ""


def _wrote_back(desk: Desk, heard: Heard | None) -> str | None:
    """Words to those who sent a notice; None for any other text."""
    is_keyword = heard is not None and heard.intent is not Intent.NOTICE
    if desk.phone is None or desk.member is None or is_keyword:
        return None
    return notices.wrote_back(letter(desk, desk.phone), newest(desk))


def _erasing(desk: Desk, intent: Intent | None) -> bool:
    """A number that said STOP may still have itself erased; nothing else is answered."""
    run = desk.held.run
    return intent is Intent.ERASE or (run is not None and not run.ended and run.caller.start == "erase")


def _answer(desk: Desk, intent: Intent | None) -> str:
    """To the newest question that this number was asked by us, unless a conversation is newer."""
    if desk.phone is None:
        return ""
    since, mail = newest(desk), letter(desk, desk.phone)
    waits = help.asked(mail, since)
    answer = meetings.answered(mail, desk.member, intent, waits.times(), since)
    return answer or help.answered(mail, waits, intent, elsewhere=intent in ROOMS)
