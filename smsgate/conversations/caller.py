"""Describes the caller as the database knows them: what the first screen depends on, in one query."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from smsgate.core.config import Settings
from smsgate.core.database import read_columns
from smsgate.flows.steps import Caller
from smsgate.groups import groups, network, roles, wording
from smsgate.help import names, responders
from smsgate.matching import programmes
from smsgate.members import members, number_reassignment, pins
from smsgate.models import Member, Phone, lookup
from smsgate.service import Service

# Built once: every call needs it, and building a statement costs more than running it.
_CALLER = (
    select(
        Phone.language,
        Phone.stopped_at,
        Phone.blocked_at,
        Phone.told_blocked_at,
        Member.id.label("member"),
        responders.is_chosen().label("chosen"),
        names.asked_in(Phone.id).scalar_subquery().label("asked_in"),
        members.has_open_request().label("asked_for_help"),
        roles.leads_a_group().label("leads"),
        programmes.takes_part().label("walks"),
        pins.has_pin().label("pin"),
        Phone.doubted_at,
        network.is_doubted_admin().label("doubted_admin"),
        wording.wording_of_only_group().scalar_subquery().label("wording"),
        or_(Phone.heard_at.is_(None), Phone.heard_at < bindparam("day_ago")).label("unheard"),
    )
    .outerjoin(Member, Member.phone_id == Phone.id)
    .where(lookup.WITH_NUMBER)
)


def describe(
    session: Session, number: str, settings: Settings, now: datetime, start: str = "menu", code: str = ""
) -> Caller:
    """Return the Caller of an E.164 number who starts at `start`; `code` is a group's that they dialled or texted."""
    row = _row(session, number, now)
    return _caller(row, settings, start, code, _wording(session, row, code))


def describe_new_call(service: Service, number: str, code: str) -> Caller:
    """Return the Caller of a new USSD call. Records once a day that the number is in use: most calls only read."""
    now = service.now()
    with service.database.reading() as session:
        row = _row(session, number, now)
        version = _wording(session, row, code)
    if row is not None and row.unheard:
        with service.database.transaction() as session:
            number_reassignment.record_activity(lookup.find_phone(session, number), now)
            row = _row(session, number, now)
    return _caller(row, service.settings, "menu", code, version)


def _row(session: Session, number: str, now: datetime) -> Any:  # noqa: ANN401 - a row of _CALLER, or None
    since = {"asked_since": now - responders.WORTH_ASKING, "day_ago": now - number_reassignment.DAY}
    return read_columns(session, _CALLER, {"forms": lookup.forms_of(session, number), "now": now, **since}).first()


def _wording(session: Session, row: Any, code: str) -> int:  # noqa: ANN401 - the same
    """Return the wording for this caller: that of their only group, or of the group whose code they dialled.

    It is 0, the service's own, if a PIN hides that they are in a group at all, or if someone else may have the number.
    """
    if row and (row.pin or row.doubted_at):
        return 0
    if row and row.wording:
        return int(row.wording)
    group = groups.find_open_group(session, code) if code else None
    return group.wording if group else 0


def _caller(row: Any, settings: Settings, start: str, code: str, version: int) -> Caller:  # noqa: ANN401
    return Caller(
        language=row.language if row else None,
        asked_in=row.asked_in if row and row.chosen else None,
        member=row is not None and row.member is not None,
        stopped=row is not None and row.stopped_at is not None,
        chosen=bool(row and row.chosen),
        asked_for_help=bool(row and row.asked_for_help),
        leads=bool(row and row.leads),
        walks=bool(row and row.walks),
        start=start,
        code=code,
        wording=version,
        service_code=settings.service_code,
        allow=settings.allow_code,
        blocked=bool(row and row.blocked_at and not row.told_blocked_at),
        pin=bool(row and row.pin),
        doubted=bool(row and row.doubted_at and (row.member or row.chosen or row.leads or row.doubted_admin)),
    )
