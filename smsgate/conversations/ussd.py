"""The one door in: a caller says something, a Turn comes back.

By USSD, a turn inside a session costs one read and one write in Redis; the database is touched for an action only.
By SMS, what was heard, what it changed and the answer to it commit together (`inbox.py`).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.orm import Session

from smsgate.conversations import turns
from smsgate.conversations.handlers import Scene, perform
from smsgate.conversations.pin_guard import PinCheck, nobody, shows_nothing
from smsgate.conversations.sessions import Run, Runs
from smsgate.conversations.turns import Line, Turn
from smsgate.core.config import Settings
from smsgate.core.database import read_columns
from smsgate.core.i18n import NO_WORDING, Wording, _, speaking
from smsgate.core.phone_numbers import NotANumber, e164
from smsgate.flows import engine, screens
from smsgate.flows.member import about
from smsgate.flows.steps import Caller, Do
from smsgate.groups import groups, roles, wording
from smsgate.help import responders
from smsgate.members import members, number_reassignment, pins
from smsgate.models import Member, PerformedAction, Phone, lookup
from smsgate.service import Service

USSD_KEPT = 600  # seconds: a session of 180, and time to dial again and go on
STALE = ("stands", "pausing")  # questions about a help request, which changes by itself
ENDED_KEPT = 180  # for a repeat of the last callback

# All that the first screen depends on, asked at once.
_CALLER = (
    select(
        Phone.language,
        Phone.stopped_at,
        Phone.blocked_at,
        Phone.told_blocked_at,
        Member.id.label("member"),
        responders.chosen_by_somebody().label("chosen"),
        members.with_an_open_request().label("asked_for_help"),
        roles.leads_a_group().label("leads"),
        pins.has_pin().label("pin"),
        Phone.doubted_at,
        wording.wording_of_only_group().scalar_subquery().label("wording"),
        or_(Phone.heard_at.is_(None), Phone.heard_at < bindparam("day_ago")).label("unheard"),
    )
    .outerjoin(Member, Member.phone_id == Phone.id)
    .where(lookup.WITH_NUMBER)
)

Opened = Callable[[], AbstractContextManager[Session]]


@dataclass(frozen=True)
class UssdCall:
    """One callback of a USSD session, in the provider's words; `text` is all that was typed so far."""

    session: str
    number: str
    service_code: str
    text: str


class Door:
    """Hears callers, holds their runs, and has actions performed."""

    def __init__(self, service: Service) -> None:
        self.service = service
        self.runs = Runs(service.redis, service.keyring)

    def hear_ussd(self, call: UssdCall) -> Turn:
        """One turn of a USSD session. A repeated callback shows the same screen and does nothing again."""
        with self.runs.turn(f"ussd {call.number}") as held:
            if held.run is not None and call.session == held.run.earlier:
                return _over(held.run)
            run = self._turned(call, held.run)
            if run is None:
                return self.for_strangers_abroad()
            turn = turns.shown(run)
            held.keep, held.seconds = run, ENDED_KEPT if run.ended else USSD_KEPT
            return turn

    def for_strangers_abroad(self) -> Turn:
        """A number of another country may read what this is, and nothing more."""
        settings = self.service.settings
        return Turn(screens.first_page(about.what_this_is(settings.service_code), settings.ussd_limit), ends=True)

    def _turned(self, call: UssdCall, run: Run | None) -> Run | None:
        if run is not None and run.session == call.session:
            self._typed(run, call)
        else:
            try:
                run = self._called(call, run)
            except NotANumber:
                return None
        run.heard, run.heard_mark = len(call.text), self._mark(call.text)
        return run

    def _called(self, call: UssdCall, before: Run | None) -> Run:
        """The run of a new session: the one that dropped, to be offered, or a new one. Raises NotANumber."""
        line = self._line(call)
        code = dialled_code(call, self.service.settings.service_code)
        caller = self._caller_now(self._number(call), code)
        # What a PIN guards, and what another holder must not see, begins at its door.
        if before is not None and _worth_offering(before) and not (code or caller.pin or caller.doubted):
            before.earlier, before.session = before.session, call.session
            turns.offer(before, line)
            return before
        run = Run(call.session, caller, earlier=before.session if before else "")
        turns.settle(run, line)
        return run

    def _typed(self, run: Run, call: UssdCall) -> None:
        """What stands after the text of the turn before is the reply, so a `*` in it stays a `*`."""
        if len(call.text) <= run.heard or run.ended:
            return  # a repeat of this turn, or a late one of a turn before
        if self._mark(call.text[: run.heard]) == run.heard_mark:
            typed = call.text[run.heard :].removeprefix("*") if run.heard else call.text
        else:
            typed = call.text.rpartition("*")[2]
        turns.hear(run, typed.strip(), self._line(call))

    def _caller_now(self, number: str, code: str) -> Caller:
        """The caller of a new call. That a number was used is noted at most once a day: an ordinary turn only reads."""
        service, now = self.service, self.service.now()
        with service.database.reading() as session:
            found = _known(session, number, now)
            version = _wording(session, found, code)
        if found is not None and found.unheard:
            with service.database.transaction() as session:
                number_reassignment.record_activity(session, number, now)
                found = _known(session, number, now)
        return _as_caller(found, service.settings, "menu", code, version)

    def _mark(self, text: str) -> str:
        """Tells texts apart, and nothing about them: a PIN may be in one."""
        return self.service.keyring.tag(text)[:16]

    def _number(self, call: UssdCall) -> str:
        return e164(call.number, self.service.settings.countries)

    def _line(self, call: UssdCall) -> Line:
        database = self.service.database
        return Line(
            caller=lambda: self.caller(self._number(call)),
            perform=lambda run, do: self.perform(run, do, self._number(call), database.transaction, database.reading),
            now=self.service.now,
            limit=self.service.settings.ussd_limit,
            countries=self.service.settings.countries,
            pin=PinCheck(self.service, lambda: self._number(call)),
            wording=self.wording,
        )

    def wording(self, version: int) -> Wording:
        """A group's words; the service's own while the database, which has them, is away: a call goes on."""
        if not version:
            return NO_WORDING
        try:
            with Session(self.service.database.engine) as session:  # it connects only for what was not read before
                return wording.wording_at(session, version)
        except (OperationalError, InterfaceError, PoolTimeout):
            return NO_WORDING

    def caller(self, number: str, start: str = "menu", code: str = "") -> Caller:
        """Who is on the line, as the database knows them now."""
        with self.service.database.reading() as session:
            return describe(session, number, self.service.settings, self.service.now(), start, code)

    def perform(self, run: Run, do: Do, number: str, transaction: Opened, reading: Opened) -> Any:  # noqa: ANN401 - JSON
        """Perform an action once for this run and its name, in the transaction that notes it."""
        settings, now = self.service.settings, self.service.now()
        if shows_nothing(run):
            with self.service.database.nothing_kept() as session:
                scene = Scene(
                    session, nobody(session, number, run.caller.language, now), now, settings.service_code, settings
                )
                return perform(do.action, scene)
        with (transaction if do.action.changes else reading)() as session:
            scene = Scene(session, number, now, settings.service_code, settings)
            return _once(scene, run.id, do) if do.action.changes else perform(do.action, scene)


def describe(
    session: Session, number: str, settings: Settings, now: datetime, start: str = "menu", code: str = ""
) -> Caller:
    """The Caller of a number."""
    found = _known(session, number, now)
    return _as_caller(found, settings, start, code, _wording(session, found, code))


def _known(session: Session, number: str, now: datetime) -> Any:  # noqa: ANN401 - a row of _CALLER
    since = {"asked_since": now - responders.WORTH_ASKING, "day_ago": now - number_reassignment.DAY}
    return read_columns(session, _CALLER, {"forms": lookup.forms_of(session, number), "now": now, **since}).first()


def _wording(session: Session, known: Any, code: str) -> int:  # noqa: ANN401 - the same
    """Whose words this caller reads: of their only group, or of the group whose code they dialled.

    None where a PIN keeps it from others that they are in a group at all, or where another may hold the number.
    """
    if known and (known.pin or known.doubted_at):
        return 0
    if known and known.wording:
        return int(known.wording)
    group = groups.find_open_group(session, code) if code else None
    return group.wording if group else 0


def _as_caller(known: Any, settings: Settings, start: str, code: str, version: int) -> Caller:  # noqa: ANN401
    return Caller(
        language=known.language if known else None,
        member=known is not None and known.member is not None,
        stopped=known is not None and known.stopped_at is not None,
        chosen=bool(known and known.chosen),
        asked_for_help=bool(known and known.asked_for_help),
        leads=bool(known and known.leads),
        start=start,
        code=code,
        wording=version,
        service_code=settings.service_code,
        allow=settings.allow_code,
        blocked=bool(known and known.blocked_at and not known.told_blocked_at),
        pin=bool(known and known.pin),
        doubted=bool(known and known.doubted_at and (known.member or known.chosen or known.leads)),
    )


def dialled_code(call: UssdCall, service_code: str) -> str:
    """The group's code in `*384*77*1234#`, whichever way the provider hands it over; "" if none.

    Any other first text is left alone: after Redis lost a session, what was typed in it must not be acted on.
    """
    ours, theirs = service_code.strip("#"), call.service_code.strip("#")
    deeper = theirs.removeprefix(ours).strip("*") if theirs.startswith(ours) else ""
    first = (call.text or deeper).split("*")[0].strip("#")
    return first if re.fullmatch(r"[0-9]{3,8}", first) else ""


def _once(scene: Scene, run_id: str, do: Do) -> Any:  # noqa: ANN401 - JSON
    kept = scene.session.scalars(
        select(PerformedAction).where(PerformedAction.run == run_id, PerformedAction.name == do.name)
    ).first()
    if kept is not None:
        return json.loads(kept.result)
    result = perform(do.action, scene)
    scene.session.add(PerformedAction(run=run_id, name=do.name, result=json.dumps(result), at=scene.now))
    return result


def _worth_offering(run: Run) -> bool:
    """A call that was cut off may go on, but not where it would show how things stood some time ago."""
    stale = run.asked is not None and run.asked.name in STALE
    return not run.ended and not stale and (run.offering or engine.depth(run.answers) > 0)


def _over(run: Run) -> Turn:
    with speaking(run.language):
        return Turn(_("This call is over. Please dial again."), ends=True)
