"""Who leads a group: roles given by a code and ended, and the log of what was done by virtue of one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy import select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired

from smsgate.core.errors import Invalid
from smsgate.flows.leader import leading
from smsgate.groups import roles as domain
from smsgate.models import AuditEntry, Group, Role, RoleAssignment
from smsgate.web.console.access import me
from smsgate.web.console.accounts.permissions import NotYours
from smsgate.web.console.groups.members import day_of, page_asked
from smsgate.web.console.pages import Form, again, first_time, go, show, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response
PAGE = 50


class Offer(Form):
    """A role to give; its choices are named where the page's language is known."""

    role = RadioField(validators=[InputRequired()], choices=lambda: _to_give())


def _to_give() -> list[SelectChoice]:
    return [
        SelectChoice(Role.FACILITATOR.value, _("Facilitator: leads meetings, writes notices, invites people")),
        SelectChoice(Role.ADMIN.value, _("Admin: also gives roles, takes people out, changes the group")),
    ]


def add(routes: Blueprint, service: Service) -> None:
    """Roles and the log."""

    @routes.get("/groups/<code>/roles", endpoint="roles")
    def listed(code: str) -> Page:
        with service.database.reading() as session:
            return _roles(service, session, the_group(session, code))

    @routes.post("/groups/<code>/roles")
    def role_offer(code: str) -> Page:
        return _offer(service, code)

    @routes.get("/groups/<code>/roles/<int:number>/end")
    def role_end(code: str, number: int) -> Page:
        with service.database.reading() as session:
            one = _the_role(session, the_group(session, code, Role.ADMIN), number, service)
            if one.ended_at is not None:
                raise NotYours
            return show(
                "role_end", name=domain.display_name(session, one.phone_id), role=one.role, one=one, form=Form()
            )

    @routes.post("/groups/<code>/roles/<int:number>/end")
    def role_ended(code: str, number: int) -> Page:
        return _end(service, code, number)

    @routes.get("/groups/<code>/log")
    def log(code: str) -> Page:
        with service.database.reading() as session:
            return _log(session, the_group(session, code, Role.ADMIN))


def _roles(service: Service, session: Session, group: Group, status: int = 200, form: Offer | None = None) -> Page:
    appointed = domain.assignments_in(session, group.id, service.now())
    rows = [(one, domain.display_name(session, one.phone_id), day_of(one.until, group)) for one in appointed]
    return show("roles", status, rows=rows, form=form or Offer(formdata=None), own=group.id in me().roles)


def _offer(service: Service, code: str) -> Page:
    form, now = Offer(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN)
        if not form.validate():
            return _roles(service, session, group, 422, form)
        if not first_time(session, form, now):
            return again("roles", code=code)
        mine = domain.current_assignment(session, me().phone_id, group.id, now)
        by = mine if mine and mine.role is Role.ADMIN else None  # else by virtue of the network
        try:
            made = domain.offer(session, group, Role(form.role.data), now, by=by, noted=me().phone_id)
        except Invalid:
            return go("roles", _("Too many codes of this group wait for somebody. Wait a week."), "wrong", code=code)
    dial = service.settings.service_code.rstrip("#") + f"*{made}#"
    return show("role_code", made=made, dial=dial, role=form.role.data)


def _the_role(session: Session, group: Group, number: int, service: Service) -> RoleAssignment:
    one = session.get(RoleAssignment, number)
    if one is None or one.group_id != group.id or one.until <= service.now():
        raise NotYours
    return one


def _end(service: Service, code: str, number: int) -> Page:
    form, now = Form(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN)
        one = _the_role(session, group, number, service)
        if not first_time(session, form, now) or one.ended_at is not None:
            return again("roles", code=code)
        mine = domain.current_assignment(session, me().phone_id, group.id, now)
        by = mine if mine and mine.role is Role.ADMIN else None
        domain.revoke(session, by, one, now, service.settings.service_code, noted=me().phone_id)
    return go("home" if one.phone_id == me().phone_id else "roles", _("The role has ended."), code=code)


def _log(session: Session, group: Group) -> Page:
    page = page_asked()
    rows = select(AuditEntry).where(AuditEntry.group_id == group.id).order_by(AuditEntry.id.desc())
    found = list(session.scalars(rows.offset((page - 1) * PAGE).limit(PAGE + 1)))
    names = {one.phone_id: domain.display_name(session, one.phone_id) for one in found}
    entries = [(one.at, names[one.phone_id], deed(one.what)) for one in found[:PAGE]]
    return show("log", entries=entries, more=len(found) > PAGE, page=page)


def deed(what: str) -> str:
    """A word of the log as people read it; where browsers have no words of their own for it, as phones say it."""
    word, _colon, number = what.partition(":")
    said = {
        "offered_facilitator": _("made a code for a facilitator"),
        "offered_admin": _("made a code for an admin"),
        "accepted_facilitator": _("became facilitator"),
        "accepted_admin": _("became admin"),
        "handed_over": _("handed their role over"),
        "ended": _("ended their own role"),
        "revoked": _("ended somebody's role"),
        "went_on": _("goes on for another year"),
        "notice": _("wrote notice {number}"),
        "notice_agreed": _("agreed to notice {number}"),
        "notice_declined": _("declined notice {number}"),
        "notice_stopped": _("stopped notice {number}"),
        "reply_answered": _("answered somebody who wrote back"),
        "counted": _("noted how many came to meeting {number}"),
        "reminders": _("changed when reminders come"),
        "invited": _("invited a number"),
        "invited_file": _("invited {number} numbers from a file"),
        "withdrew": _("took invitations back"),
        "invites_by_name": _("let invitations say the group's name"),
        "invites_without_name": _("had invitations say no name"),
        "took_out": _("took somebody out of the group"),
        "saved_list": _("saved the list of names"),
    }.get(word)
    return said.format(number=number) if said else leading.deed(what)
