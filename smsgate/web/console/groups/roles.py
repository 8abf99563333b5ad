"""Roles in a group: offering them by code, and ending them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy.orm import Session
from wtforms import RadioField, SelectChoice  # type: ignore[attr-defined]

from smsgate.core.dial_codes import code_below
from smsgate.core.errors import Invalid
from smsgate.groups import role_offers
from smsgate.groups import roles as domain
from smsgate.models import Group, Role, RoleAssignment
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import NotFound, find_in_group, is_appointed
from smsgate.web.console.fields import required
from smsgate.web.console.pages import (
    Form,
    Page,
    accept_once,
    already_done,
    local_day,
    redirect_to,
    render_page,
    the_group,
)
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from datetime import datetime

    from smsgate.service import Service


class RoleForm(Form):
    """The role to offer; its choices are a callable, since labels depend on the language of the request."""

    role = RadioField(validators=[required(lambda: _("Choose a role."))], choices=lambda: _role_choices())


def _role_choices() -> list[SelectChoice]:
    return [
        SelectChoice(Role.FACILITATOR.value, _("Facilitator: leads meetings, writes notices, invites people")),
        SelectChoice(Role.ADMIN.value, _("Admin: also adds leaders, removes people, changes the group")),
    ]


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for roles and their codes."""

    @routes.get("/groups/<code>/roles", endpoint="roles")
    def listed(code: str) -> Page:
        with service.database.reading() as session:
            return _roles(service, session, the_group(session, code))

    @routes.post("/groups/<code>/roles")
    def role_offer(code: str) -> Page:
        return _offer(service, code)

    @routes.post("/groups/<code>/roles/codes/<int:number>/withdraw")
    def role_offer_withdraw(code: str, number: int) -> Page:
        form, now = Form(), service.now()
        with service.database.transaction() as session:
            group = the_group(session, code, Role.ADMIN)
            if not accept_once(session, form, now):
                return already_done("roles", code=code)
            if not role_offers.withdraw_offer(session, group, number, now, by=current_staff().phone_id):
                raise NotFound
        return redirect_to("roles", _("Code withdrawn. Nobody can use it now."), code=code)

    @routes.get("/groups/<code>/roles/<int:number>/end")
    def role_end(code: str, number: int) -> Page:
        with service.database.reading() as session:
            one = _the_role(session, the_group(session, code, Role.ADMIN), number, service.now())
            if one.ended_at is not None:
                raise NotFound
            return render_page(
                "role_end", name=domain.display_name(session, one.phone_id), role=one.role, one=one, form=Form()
            )

    @routes.post("/groups/<code>/roles/<int:number>/end")
    def role_ended(code: str, number: int) -> Page:
        return _end(service, code, number)


def _roles(service: Service, session: Session, group: Group, status: int = 200, form: RoleForm | None = None) -> Page:
    appointed = domain.assignments_in(session, group.id, service.now())
    rows = [(one, domain.display_name(session, one.phone_id), local_day(one.until, group)) for one in appointed]
    offers = [
        (one, local_day(one.expires_at, group)) for one in role_offers.open_offers(session, group.id, service.now())
    ]
    return render_page(
        "roles",
        status,
        rows=rows,
        offers=offers,
        form=form or RoleForm(formdata=None),
        own=is_appointed(current_staff(), group),
    )


def _offer(service: Service, code: str) -> Page:
    form, now = RoleForm(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN)
        if not form.validate():
            return _roles(service, session, group, 422, form)
        if not accept_once(session, form, now):
            return already_done("roles", code=code)
        mine = domain.current_assignment(session, current_staff().phone_id, group.id, now)
        by = mine if mine and mine.role is Role.ADMIN else None  # None: acts as an admin of the network
        try:
            made = domain.offer(session, group, Role(form.role.data), now, by=by, noted=current_staff().phone_id)
        except Invalid:
            return redirect_to(
                "roles", _("This group has too many unused codes. Withdraw one, or wait a week."), "wrong", code=code
            )
    dial = code_below(service.settings.service_code, made)
    return render_page("role_code", made=made, dial=dial, role=form.role.data)


def _the_role(session: Session, group: Group, number: int, now: datetime) -> RoleAssignment:
    one = find_in_group(session, RoleAssignment, number, group)
    if one.until <= now:
        raise NotFound
    return one


def _end(service: Service, code: str, number: int) -> Page:
    form, now = Form(), service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, Role.ADMIN)
        one = _the_role(session, group, number, now)
        if not accept_once(session, form, now) or one.ended_at is not None:
            return already_done("roles", code=code)
        mine = domain.current_assignment(session, current_staff().phone_id, group.id, now)
        by = mine if mine and mine.role is Role.ADMIN else None
        domain.revoke(session, by, one, now, service.settings.service_code, noted=current_staff().phone_id)
    return redirect_to("home" if one.phone_id == current_staff().phone_id else "roles", _("Role ended."), code=code)
