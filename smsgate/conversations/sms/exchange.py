"""The desk: one text that came in, who sent it, and the conversation that goes on about it."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from smsgate.conversations import turns
from smsgate.conversations.pin_guard import PinCheck
from smsgate.conversations.sessions import Held, Run
from smsgate.conversations.sms import notices
from smsgate.conversations.sms.inbox import Received
from smsgate.conversations.ussd import Door, describe
from smsgate.core.i18n import NO_WORDING, _
from smsgate.flows.keywords import language_of
from smsgate.flows.screens import SMS_LIMIT
from smsgate.flows.steps import Caller
from smsgate.groups import wording
from smsgate.members import number_reassignment, pins
from smsgate.models import Phone, lookup

KEPT = 6 * 3600  # seconds that an exchange may take


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
        self.phone = lookup.find_phone(self.session, self.number)
        self.member = lookup.find_member(self.session, self.phone.id) if self.phone else None
        number_reassignment.record_activity(self.session, self.number, self.now)
        self.doubted = number_reassignment.may_be_reassigned(self.phone, self.now)
        self.guarded = pins.pin_of(self.session, self.member) is not None  # nothing is read or changed by SMS
        spoken = self.phone.language if self.phone else None
        self.language = spoken or language_of(self.text.words)
        alone = not (self.guarded or self.doubted)
        self.wording = wording.wording_of_member(self.session, self.member) if alone else NO_WORDING

    def ensure_phone(self) -> Phone:
        """The sender's row, made if it is new."""
        self.phone = self.phone or lookup.ensure_phone(self.session, self.number, self.now)
        return self.phone


def letter(desk: Desk, phone: Phone) -> notices.Letter:
    """The text as what is written about notices and meetings is read."""
    return notices.Letter(desk.session, phone, desk.text.words, desk.now, desk.door.service.settings)


def newest(desk: Desk) -> float:
    """When a conversation that is not over asked its last question, in seconds."""
    run = desk.held.run
    return run.asked_at if run and not run.ended else 0.0


def begin(desk: Desk, start: str, code: str = "") -> str:
    """A conversation that begins in a room of the menu; what it says first."""
    return begin_as(desk, caller(desk, start, code), _("Answer with a number."))


def begin_own(desk: Desk, survey_id: int) -> str:
    """A flow that a group wrote, by its word."""
    return begin_as(desk, replace(caller(desk, "own"), flow=survey_id))


def caller(desk: Desk, start: str = "menu", code: str = "") -> Caller:
    """Who wrote, as the database knows them now."""
    known = describe(desk.session, desk.number, desk.door.service.settings, desk.now, start, code)
    return replace(known, by_text=True)


def begin_as(desk: Desk, who: Caller, before: str = "") -> str:
    """The same for a caller, with words before it."""
    run = Run("", who)
    turns.settle(run, _line(desk), before)
    return _kept(desk, run)


def go_on(desk: Desk, run: Run) -> str:
    """What a conversation says to the text."""
    turns.hear(run, desk.text.words.strip(), _line(desk))
    return _kept(desk, run)


def _kept(desk: Desk, run: Run) -> str:
    turn = turns.shown(run)
    desk.held.keep, desk.held.seconds = run, 1 if run.ended else KEPT
    return turn.text


def _line(desk: Desk) -> turns.Line:
    here = lambda: nullcontext(desk.session)  # noqa: E731 - the transaction that is open already
    return turns.Line(
        caller=lambda: caller(desk),
        perform=lambda run, do: desk.door.perform(run, do, desk.number, here, here),
        now=desk.door.service.now,
        limit=SMS_LIMIT,
        countries=desk.door.service.settings.countries,
        pin=PinCheck(desk.door.service, lambda: desk.number),
        wording=lambda version: wording.wording_at(desk.session, version),
    )
