"""One text on the desk: who sent it, what is known of them, the transaction that it is worked on in."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from smsgate import hands, members, pins, turns
from smsgate.conversations import Door, describe
from smsgate.flows.screens import SMS_LIMIT
from smsgate.guarding import PinCheck
from smsgate.inbound import Received
from smsgate.keywords import language_of
from smsgate.models import Phone
from smsgate.runs import Held


@dataclass
class Desk:
    """One text on the desk: who sent it, what is known of them, the transaction that it is worked on in."""

    door: Door
    session: Session
    held: Held
    number: str
    text: Received

    def __post_init__(self) -> None:
        self.now = self.door.service.now()
        self.code = self.door.service.settings.service_code
        self.phone = members.find_phone(self.session, self.number)
        self.member = members.find_member(self.session, self.phone.id) if self.phone else None
        hands.heard(self.session, self.number, self.now)
        self.doubted = hands.is_in_doubt(self.phone, self.now)
        self.guarded = pins.of_member(self.session, self.member) is not None  # nothing is read or changed by SMS
        spoken = self.phone.language if self.phone else None
        self.language = spoken or language_of(self.text.words)

    def ensure_phone(self) -> Phone:
        """The sender's row, made if it is new."""
        self.phone = self.phone or members.ensure_phone(self.session, self.number, self.now)
        return self.phone


def line(desk: Desk) -> turns.Line:
    """What a turn by SMS needs from outside."""
    here = lambda: nullcontext(desk.session)  # noqa: E731 - the transaction that is open already
    return turns.Line(
        caller=lambda: replace(describe(desk.session, desk.number, desk.door.service.settings, desk.now), by_text=True),
        perform=lambda run, do: desk.door.perform(run, do, desk.number, here, here),
        now=desk.door.service.now,
        limit=SMS_LIMIT,
        countries=desk.door.service.settings.countries,
        pin=PinCheck(desk.door.service, lambda: desk.number),
    )
