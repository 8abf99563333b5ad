"""Creating a group, as an admin of the network: its settings, its welcome, its first meeting and who leads it."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy.orm import Session
from wtforms import BooleanField, StringField

from smsgate.core import timezones
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log, role_offers
from smsgate.groups import settings as group_settings
from smsgate.groups.settings import GroupSettings
from smsgate.meetings import meetings
from smsgate.models import Group, Phone, Role
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import require_network_admin
from smsgate.web.console.fields import future_local_time, is_a_day, is_a_time, warn_about_wording
from smsgate.web.console.groups.settings import SettingsForm, field_values, warn_of_namesakes
from smsgate.web.console.pages import Page, accept_once, already_done, redirect_to, render_page, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


class NewGroupForm(SettingsForm):
    """The settings of a new group and, optionally, its first meeting."""

    day = StringField(validators=[is_a_day])
    at = StringField(validators=[is_a_time])
    lead = BooleanField(default=True)  # whether the person who creates it becomes its admin

    def first_meeting(self, now: datetime) -> datetime | None:
        """Return the local time of the first meeting; None if it is not planned yet, or invalid, with a field error."""
        if not (self.day.data or self.at.data):
            return None
        return future_local_time(Group(zone=self.settings().zone), self.day, self.at, now)


def empty_form(session: Session) -> NewGroupForm:
    """Return the form for a new group, in the time zone of the person who fills it in."""
    zone = timezones.timezone_of_number(session.get_one(Phone, current_staff().phone_id).number)
    form = NewGroupForm(data=field_values(GroupSettings(name="", zone=zone)))
    form.offer()
    return form


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for creating a group, and for becoming the admin of one's own."""

    @routes.get("/new-group")
    def group_new() -> Page:
        require_network_admin(current_staff())
        with service.database.reading() as session:
            return render_page("group_new", form=empty_form(session))

    @routes.post("/new-group")
    def group_make() -> Page:
        require_network_admin(current_staff())
        return _create(service)

    @routes.post("/groups/<code>/lead")
    def group_lead(code: str) -> Page:
        with service.database.transaction() as session:
            group = the_group(session, code, Role.ADMIN)
            me = session.get_one(Phone, current_staff().phone_id)
            if not role_offers.lead_own_group(session, group, me, service.now()):
                return redirect_to(
                    "roles", _("The group already has a leader. Ask one of its admins."), "wait", code=code
                )
        return redirect_to("overview", _("You're now an admin of this group."), code=code)


def _create(service: Service) -> Page:
    form, now = NewGroupForm(), service.now()
    form.offer()
    with service.database.transaction() as session:
        first = form.first_meeting(now) if form.check(session, None) else None
        if form.errors:
            return render_page("group_new", 422, form=form)
        if not accept_once(session, form, now):
            return already_done("home")
        made = _add(session, form, first, now)
    warn_about_wording(*form.wording())
    warn_of_namesakes(service, made.code)
    said = _("{name} has the code {code}.").format(name=made.name, code=made.code)
    return redirect_to("overview", said, code=made.code)


def _add(session: Session, form: NewGroupForm, first: datetime | None, now: datetime) -> Group:
    made, me = group_settings.create_group(session, form.settings(), now), current_staff().phone_id
    audit_log.record(session, made.id, me, AuditEvent.GROUP_MADE, now)
    if form.lead.data:
        role_offers.lead_own_group(session, made, session.get_one(Phone, me), now)
    if first is not None:
        meeting = meetings.plan(session, made, first, None, now)
        audit_log.record(session, made.id, me, AuditEvent.MEETING_PLANNED, now, meeting.id)
    return made
