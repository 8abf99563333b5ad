"""The duress account: after the second PIN, everything is performed for a made-up member and rolled back.

It is for an owner whom someone forces to open their account. That person sees a new member's account, and whatever
they do, text or change there seems to work.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from smsgate.conversations import guesses, handlers
from smsgate.conversations.duress_memory import DuressMemory
from smsgate.conversations.sessions import PhoneSession
from smsgate.conversations.turn_context import PinChecker, TurnContext
from smsgate.core.i18n import Wording
from smsgate.flows import actions
from smsgate.flows.steps import EMPTY, Caller, Do
from smsgate.members import members, pins
from smsgate.models import lookup
from smsgate.service import Service


@dataclass(frozen=True)
class DuressTurnContext:
    """The TurnContext of a caller who typed the second PIN, wrapped around that of their channel."""

    channel: TurnContext
    service: Service
    number: str

    @property
    def limit(self) -> int:
        """Characters of one screen."""
        return self.channel.limit

    @property
    def countries(self) -> tuple[str, ...]:
        """The countries whose phone numbers may be typed."""
        return self.channel.countries

    @property
    def pin(self) -> PinChecker:
        """A checker that lets any PIN be set: refusing the first one would reveal that there is one."""
        return DuressPinChecker(self.channel.pin)

    def now(self) -> datetime:
        """Return the time, in UTC."""
        return self.channel.now()

    def caller(self) -> Caller:
        """Return the caller."""
        return self.channel.caller()

    def perform(self, phone_session: PhoneSession, do: Do) -> Any:  # noqa: ANN401 - JSON
        """Perform an action for the made-up member, in a transaction that is rolled back."""
        database = self.service.database
        return guesses.guarded(
            do, self.number, self.now(), database.reading, database.transaction, lambda: self._run(phone_session, do)
        )

    def _run(self, phone_session: PhoneSession, do: Do) -> Any:  # noqa: ANN401 - JSON
        memory = self.memory
        with self.service.database.rolled_back_session() as session:
            number = duress_account(session, self.number, phone_session.caller.language, self.now())
            context = handlers.action_context(self.service, session, number)
            for action in memory.actions():
                handlers.perform(action, context)
            result = handlers.perform(do.action, context)
        memory.add(do.action)
        return result

    @property
    def memory(self) -> DuressMemory:
        """What was done in the account in the last day."""
        return DuressMemory(self.service.redis, self.service.keyring, self.number)

    def wording(self, version: int) -> Wording:
        """Return a group's own words."""
        return self.channel.wording(version)

    def under_duress(self) -> TurnContext:
        """Return itself."""
        return self


@dataclass(frozen=True)
class DuressPinChecker:
    """The PinChecker of the duress account."""

    real: PinChecker

    def opens(self, typed: str) -> tuple[str, int]:
        """Return what the caller's own PINs open."""
        return self.real.opens(typed)

    def hashed(self, name: str, typed: str) -> str:
        """Return the hash of any PIN."""
        return pins.hash_pin(typed)

    def same(self, hashed: str, typed: str) -> bool:
        """Return whether a PIN matches a hash."""
        return pins.matches(hashed, typed)


def welcomed(context: TurnContext, caller: Caller) -> Caller:
    """Return the caller after the second PIN, with what was done about their number in the duress account."""
    account = context.under_duress()
    if not isinstance(account, DuressTurnContext):
        return caller
    done = account.memory.actions()
    languages = [caller.language, *(one.language for one in done if isinstance(one, actions.TakeLanguage))]
    on_again, told = (any(isinstance(one, kind) for one in done) for kind in (actions.StartTexts, actions.ToldBlocked))
    blocked = caller.blocked and not (on_again or told)
    return replace(caller, language=languages[-1], stopped=caller.stopped and not on_again, blocked=blocked)


def is_duress_session(phone_session: PhoneSession) -> bool:
    """Return whether the second PIN was typed in this session."""
    return any(answer.value == EMPTY and answer.name in ("language", "locked") for answer in phone_session.answers)


def duress_account(session: Session, number: str, language: str | None, now: datetime) -> str:
    """Make up a new member with a PIN in the same country; return their number, which no network assigns."""
    made_up = f"{number[:4]}0{secrets.randbelow(10**9):09}"
    member = members.join(session, lookup.ensure_phone(session, made_up, now), language or "en", now)
    pins.set_pin(session, member, "nothing opens this")
    session.flush()
    return made_up
