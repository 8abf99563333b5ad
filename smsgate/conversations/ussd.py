"""USSD: one callback of the provider in, one screen out.

A turn within a session costs one read and one write in Redis; only actions use the database. A repeated callback shows
the same screen and does nothing again.
"""

from __future__ import annotations

import re
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from smsgate.conversations import guesses, turns, ussd_text
from smsgate.conversations.caller import describe, describe_new_call
from smsgate.conversations.duress import DuressTurnContext
from smsgate.conversations.handlers import action_context, run_action
from smsgate.conversations.pin_guard import MemberPinChecker
from smsgate.conversations.sessions import PhoneSession, SessionStore
from smsgate.conversations.turn_context import TurnContext
from smsgate.conversations.turns import Turn
from smsgate.core.i18n import NO_WORDING, Wording, _, speaking
from smsgate.core.open_sessions import USSD, name_of_session
from smsgate.core.phone_numbers import NotANumber, e164
from smsgate.core.reading.bad_rows import past_bad_rows
from smsgate.core.redis_client import OutageGuard
from smsgate.flows import engine, screens
from smsgate.flows.member import about
from smsgate.flows.steps import Caller, Do
from smsgate.groups import wording
from smsgate.service import Service

KEPT_SECONDS = 600  # the 180 of a session, and time to dial again and continue
ENDED_KEPT_SECONDS = 180  # for a repeat of the last callback
FINISHED = ("way", "welcomed")  # everything chosen is done; something else is offered
ERASED_KEPT_SECONDS = 2  # the same; nothing must be left of someone who was erased
STALE = ("stands", "pausing", "again", "answer", "practised_before")  # about help requests, which change meanwhile


@dataclass(frozen=True)
class UssdCall:
    """One callback of a USSD session, as the provider sends it; `text` is all that was typed so far."""

    session: str
    number: str
    service_code: str
    text: str


class UssdService:
    """Takes the turns of USSD sessions."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.sessions = SessionStore(service.redis, service.keyring)
        self._outage = OutageGuard()

    def take_turn(self, call: UssdCall) -> Turn:
        """Return the screen that answers a callback. Raises Busy, RedisError, and SQLAlchemy's errors."""
        with self.sessions.locked(self._session_name(call.number)) as locked:
            before = locked.stored
            if before is not None and call.session == before.previous_session:
                return _over(before)
            if before is not None and call.session == before.provider_session:
                phone_session = self._go_on(call, before)
            else:
                try:
                    phone_session = self._begin(call, before)
                except NotANumber:
                    return self._what_this_is()
            turn = turns.current_turn(phone_session)
            if phone_session.erased:
                locked.save(phone_session.without_person(), ERASED_KEPT_SECONDS)
            else:
                locked.save(phone_session, ENDED_KEPT_SECONDS if phone_session.ended else KEPT_SECONDS)
            return turn

    def _session_name(self, number: str) -> str:
        """Return the session's name, always with the number in E.164: that is the name by which a session is ended."""
        try:
            return name_of_session(USSD, e164(number, self.service.settings.countries))
        except NotANumber:
            return name_of_session(USSD, number)

    def _what_this_is(self) -> Turn:
        """Return the one screen that a number of another country may read: what this is."""
        settings = self.service.settings
        return Turn(screens.first_page(about.what_this_is(settings.service_code), settings.ussd_limit), ends=True)

    def _begin(self, call: UssdCall, before: PhoneSession | None) -> PhoneSession:
        """Return the session of a new call, which may offer to continue one that was cut off. Raises NotANumber."""
        context = UssdTurnContext(self.service, call.number)
        code = dialled_code(call, self.service.settings.service_code)
        caller = describe_new_call(self.service, context.number, code)
        begun = PhoneSession(call.session, caller, previous_session=before.provider_session if before else "")
        # What a PIN guards, and what another holder of the number must not see, always begins at the first screen.
        if before is not None and not (code or caller.pin or caller.doubted):
            begun.interrupted = _cut_off(before, caller, context.now())
        ussd_text.begin(begun, call.text, self._tag, self.service.settings.ussd_text)
        turns.go_to_question(begun, context)
        return begun

    def _go_on(self, call: UssdCall, phone_session: PhoneSession) -> PhoneSession:
        """Return the session after a reply; a repeat of this turn or an earlier one changes nothing."""
        typed = None if phone_session.ended else ussd_text.take_input(phone_session, call.text, self._tag)
        if typed is not None:
            turns.take_reply(phone_session, typed.strip(), UssdTurnContext(self.service, call.number))
        return phone_session

    def hang_up(self, session: str, number: str) -> None:
        """End the session of a call that the provider says was not cut off. Raises Busy.

        This is skipped while Redis hangs: the next caller needs the thread that would wait for it.
        """
        self._outage.attempt(lambda: self._hang_up(session, number))

    def _hang_up(self, session: str, number: str) -> None:
        with self.sessions.locked(self._session_name(number)) as locked:
            if locked.stored is not None and locked.stored.provider_session == session and not locked.stored.ended:
                turns.end(locked.stored)
                locked.save(locked.stored, ENDED_KEPT_SECONDS)

    def _tag(self, text: str) -> str:
        """Return a tag that tells texts apart but reveals nothing about them: one may contain a PIN."""
        return self.service.keyring.tag(text)[:16]


@dataclass(frozen=True)
class UssdTurnContext:
    """The TurnContext of a USSD session: each action has its own transaction."""

    service: Service
    calling_number: str  # as the provider writes it

    @property
    def limit(self) -> int:
        """Characters of one screen."""
        return self.service.settings.ussd_limit

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries whose phone numbers may be typed."""
        return self.service.settings.countries

    @cached_property
    def number(self) -> str:
        """The number in E.164; raises NotANumber. Turning a page never asks for it."""
        return e164(self.calling_number, self.countries)

    @property
    def pin(self) -> MemberPinChecker:
        """The PIN of the caller."""
        return MemberPinChecker(self.service, lambda: self.number)

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return self.service.now()

    def caller(self) -> Caller:
        """Return the caller as the database knows them now."""
        with self.service.database.reading() as session:
            return describe(session, self.number, self.service.settings, self.now())

    def perform(self, phone_session: PhoneSession, do: Do) -> Any:  # noqa: ANN401 - JSON
        """Perform an action; one that only reads takes no write lock."""
        database = self.service.database
        return guesses.guarded(
            do, self.number, self.now(), database.reading, database.transaction, lambda: self._run(phone_session, do)
        )

    def _run(self, phone_session: PhoneSession, do: Do) -> Any:  # noqa: ANN401 - JSON
        def run() -> Any:  # noqa: ANN401 - JSON
            with self._opened(do) as session:
                return run_action(do, phone_session.id, action_context(self.service, session, self.number))

        return past_bad_rows(run)

    def _opened(self, do: Do) -> AbstractContextManager[Session]:
        database = self.service.database
        return database.transaction() if do.action.changes else database.reading()

    def wording(self, version: int) -> Wording:
        """Return a group's words, or the service's own while the database is away, so that the call goes on."""
        if not version:
            return NO_WORDING
        try:
            with Session(self.service.database.engine) as session:  # it connects only for what was not read before
                return wording.wording_at(session, version)
        except (OperationalError, InterfaceError, PoolTimeout):
            return NO_WORDING

    def under_duress(self) -> TurnContext:
        """Return the context of the duress account."""
        return DuressTurnContext(self, self.service, self.number)


def dialled_code(call: UssdCall, service_code: str) -> str:
    """Return the group's code in `*384*77*1234#`, however the provider passes it on; "" if none.

    Any other first text is ignored: after Redis lost a session, what was typed in it must not be acted on.
    """
    ours, theirs = service_code.strip("#"), call.service_code.strip("#")
    deeper = theirs.removeprefix(ours).strip("*") if theirs.startswith(ours) else ""
    first = (call.text or deeper).split("*")[0].strip("#")
    return first if re.fullmatch(r"[0-9]{3,8}", first) else ""


def _cut_off(before: PhoneSession, caller: Caller, now: datetime) -> PhoneSession | None:
    """Return the newest call in which this caller was cut off and which they may continue."""
    for dropped in (before, before.interrupted):
        if dropped is None or dropped.asked_at < now.timestamp() - KEPT_SECONDS:
            continue
        still_theirs = caller.member or not dropped.caller.member  # else they left or were erased meanwhile
        if _may_continue(dropped) and still_theirs:
            dropped.interrupted = None
            return dropped
    return None


def _may_continue(phone_session: PhoneSession) -> bool:
    """Return whether something would be lost: not at the first screen, and not once everything chosen is done.

    Questions about a state that may have changed since are not shown again either.
    """
    if phone_session.ended or phone_session.asked is None or phone_session.asked.name in STALE + FINISHED:
        return False
    return engine.depth(phone_session.answers) > 0


def _over(phone_session: PhoneSession) -> Turn:
    with speaking(phone_session.language):
        return Turn(_("This call is over. Please dial again."), ends=True)
