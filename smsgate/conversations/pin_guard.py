"""How a conversation treats a PIN: what is typed goes to the check at once; under the second one nothing is real."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from smsgate.conversations.sessions import Run
from smsgate.flows.steps import EMPTY
from smsgate.members import members, pins
from smsgate.models import lookup
from smsgate.service import Service


@dataclass(frozen=True)
class PinCheck:
    """Where the caller's typed PIN goes."""

    service: Service
    number: Callable[[], str]

    def opens(self, typed: str) -> tuple[str, int]:
        """What it opens (pins.Opened), and for how many minutes nothing is looked at."""
        with self.service.database.transaction() as session:
            member = lookup.find_member_by_number(session, self.number())
            if member is None or pins.pin_of(session, member) is None:
                return pins.PinResult.WRONG, 0
            opened, minutes = pins.check_pin(session, member, typed, self.service.now())
            return opened.value, minutes

    def hashed(self, run: Run, name: str, typed: str) -> str:
        """The hash of a PIN to be set; "" where the second would be the same as the first."""
        if name == "second_pin" and not shows_nothing(run):
            with self.service.database.reading() as session:
                mine = pins.pin_of(session, lookup.find_member_by_number(session, self.number()))
                if mine is not None and pins.matches(mine.first, typed):
                    return ""
        return pins.hash_pin(typed)

    def same(self, kept: str, typed: str) -> bool:
        """Whether it is what was hashed."""
        return pins.matches(kept, typed)


def shows_nothing(run: Run) -> bool:
    """The second PIN was typed: all that this run does is done for nobody."""
    return any(answer.value == EMPTY and answer.name in ("language", "locked") for answer in run.answers)


def nobody(session: Session, number: str, language: str | None, now: datetime) -> str:
    """Somebody of the same country who has just joined, with a PIN, for a transaction that is rolled back."""
    other = f"{number[:4]}0{secrets.randbelow(10**9):09}"  # a mobile number that no network gives
    member = members.join(session, lookup.ensure_phone(session, other, now), language or "en", now)
    pins.set_pin(session, member, "nothing opens this")
    session.flush()
    return other
