"""Programmes: listing and creating them, their roles, and closing one."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, abort
from sqlalchemy.orm import Session
from wtforms import RadioField, SelectField, StringField
from wtforms.validators import Length

from smsgate.core.dial_codes import code_below
from smsgate.core.errors import Invalid
from smsgate.groups.roles import display_name
from smsgate.matching import endings, matches
from smsgate.matching import programmes as domain
from smsgate.models import Group, Programme, ProgrammeRole, Role
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts import permissions
from smsgate.web.console.accounts.permissions import Forbidden
from smsgate.web.console.fields import choices, is_a_zone, phones_show_it, required
from smsgate.web.console.pages import Form, Page, accept_once, already_done, local_day, redirect_to, render_page
from smsgate.web.console.programmes import parts
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


class NewForm(Form):
    """A programme's name, owner and time zone."""

    name = StringField(
        validators=[required(lambda: _("Enter the programme's name.")), Length(max=domain.LONGEST_NAME), phones_show_it]
    )
    group = SelectField(validate_choice=True)
    zone = StringField(validators=[required(lambda: _("Enter a time zone.")), is_a_zone])


class RoleForm(Form):
    """The role to offer."""

    role = RadioField(
        validators=[required(lambda: _("Choose a role."))],
        choices=lambda: choices(
            [
                (ProgrammeRole.COORDINATOR.value, _("Coordinator: sees who waits, and proposes matches")),
                (ProgrammeRole.SUPPORTER.value, _("Supporter: walks with people")),
            ]
        ),
    )


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for listing, creating and closing programmes, and for their roles."""

    @routes.get("/programmes")
    def programmes_here() -> Page:
        with service.database.reading() as session:
            rows = permissions.programmes_of(session, current_staff())
            return render_page("programmes", rows=rows, may_make=bool(_owners(session)))

    @routes.route("/programmes/new", methods=["GET", "POST"])
    def programme_new() -> Page:
        return _new(service)

    @routes.get("/programmes/<int:number>")
    def programme(number: int) -> Page:
        with service.database.reading() as session:
            return _overview(service, session, parts.the_programme(session, number))

    @routes.post("/programmes/<int:number>/roles")
    def programme_role(number: int) -> Page:
        return _offer(service, number)

    @routes.post("/programmes/<int:number>/coordinators/<int:role>/end")
    def coordinator_end(number: int, role: int) -> Page:
        form, now = Form(), service.now()
        with service.database.transaction() as session:
            programme = parts.the_programme(session, number, runs=True)
            if not accept_once(session, form, now):
                return already_done("programme", number=number)
            if not domain.end_coordinator(session, programme, role, now, by=current_staff().phone_id):
                abort(404)
        return redirect_to("programme", _("Role ended."), number=number)

    @routes.route("/programmes/<int:number>/close", methods=["GET", "POST"])
    def programme_close(number: int) -> Page:
        return _close(service, number)


def _owners(session: Session) -> list[tuple[str, str]]:
    """Return who may own a programme that the user creates: the network, or a group that they are an admin of."""
    staff = current_staff()
    groups = [group for group in permissions.groups_of(session, staff) if staff.roles.get(group.id) is Role.ADMIN]
    network = [("", _("The network"))] if staff.network else []
    return network + [(str(group.id), group.name) for group in groups]


def _new(service: Service) -> Page:
    form, now = NewForm(), service.now()
    with service.database.transaction() as session:
        owners = _owners(session)
        if not owners:
            raise Forbidden
        form.group.choices = owners
        if not form.is_submitted():
            form.zone.data = "Africa/Nairobi"
            return render_page("programme_new", form=form)
        if not form.validate():
            return render_page("programme_new", 422, form=form)
        if not accept_once(session, form, now):
            return already_done("programmes_here")
        group = session.get_one(Group, int(form.group.data)) if form.group.data else None
        made = domain.create(session, form.name.data or "", (form.zone.data or "").strip(), now, group)
    said = _("Programme created. Now add a coordinator, and fill in its texts and rules.")
    return redirect_to("programme", said, number=made.id)


def _overview(
    service: Service, session: Session, programme: Programme, form: RoleForm | None = None, status: int = 200
) -> Page:
    now = service.now()
    coordinators = [
        (one, display_name(session, one.phone_id), local_day(one.until, programme), Form())
        for one in domain.coordinators_of(session, programme, now)
    ]
    supporters = len(matches.supporters_of(session, programme, now))
    return render_page(
        "programme", status, programme=programme, coordinators=coordinators, supporters=supporters,
        form=form or RoleForm(formdata=None),
    )  # fmt: skip


def _offer(service: Service, number: int) -> Page:
    """Make a code for a role; coordinators may do so for supporters, too."""
    form, now = RoleForm(), service.now()
    with service.database.transaction() as session:
        programme = parts.the_programme(session, number)
        if not form.validate():
            return _overview(service, session, programme, form, 422)
        role = ProgrammeRole(form.role.data)
        if role is ProgrammeRole.COORDINATOR:
            parts.the_programme(session, number, runs=True)
        if not accept_once(session, form, now):
            return already_done("programme", number=number)
        try:
            made = domain.offer(session, programme, role, now, by=current_staff().phone_id)
        except Invalid:
            said = _("This programme has too many unused codes. Wait a week.")
            return redirect_to("programme", said, "wrong", number=number)
    dial = code_below(service.settings.service_code, made)
    return render_page("programme_code", made=made, dial=dial, role=role)


def _close(service: Service, number: int) -> Page:
    form, now = Form(), service.now()
    with service.database.transaction() as session:
        programme = parts.the_programme(session, number, runs=True)
        if not form.is_submitted():
            return render_page("programme_close", form=form)
        if not accept_once(session, form, now):
            return already_done("programmes_here")
        endings.close(session, programme, now, service.settings.service_code)
    return redirect_to("programmes_here", _("Programme closed. We're telling everybody in it."))
