"""Closing a group, confirmed by typing its name, and reopening it within 30 days."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy.orm import Session
from wtforms import StringField

from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log, groups
from smsgate.models import Group, Role
from smsgate.notices import group_closing
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import NotFound
from smsgate.web.console.confirm_change import Change, ConfirmForm, Effect, Preview, confirm_change
from smsgate.web.console.groups.members import is_admin
from smsgate.web.console.pages import Form, Page, accept_once, already_done, redirect_to, render_page, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


class CloseForm(ConfirmForm):
    """The form for closing a group; the admin types the group's name."""

    aside = (*ConfirmForm.aside, "name")  # typed after the preview
    name = StringField()

    def names(self, group: str) -> bool:
        """Return whether the group's name was typed, in any case."""
        return " ".join((self.name.data or "").split()).casefold() == " ".join(group.split()).casefold()


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for closing and reopening a group."""

    @routes.route("/groups/<code>/close", methods=["GET", "POST"])
    def group_close(code: str) -> Page:
        return _close(service, code)

    @routes.post("/closed-groups/<code>/reopen")
    def group_reopen(code: str) -> Page:
        if not current_staff().network:
            raise NotFound  # nobody else learns whether the group exists
        form, now = Form(), service.now()
        with service.database.transaction() as session:
            group = groups.find_group(session, code)
            if group is None or not accept_once(session, form, now):
                return already_done("home")
            if not group_closing.reopen(session, group, now, service.settings.service_code):
                raise NotFound
            audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.GROUP_REOPENED, now)
            said = _("{name} is open again, with its code and its members. Cancelled meetings stay cancelled.")
            return redirect_to("home", said.format(name=group.name))


def _close(service: Service, code: str) -> Page:
    form, now = CloseForm(), service.now()
    with service.database.reading() as session:
        name = the_group(session, code, Role.ADMIN).name
    if form.do.data == "do" and not form.names(name):
        form.do.data, form.name.errors = "", [_("Type the group's name exactly as above.")]

    def make(session: Session, group: Group) -> Effect:
        return Effect(group_closing.close(session, group, now, service.settings.service_code).expires_at)

    def show_form(preview: Preview | None) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, Role.ADMIN)
            status, days = 422 if form.name.errors else 200, group_closing.REOPENED_WITHIN.days
            return render_page("group_close", status, form=form, preview=preview, days=days, admin=is_admin(group))

    change = Change(
        now=now, find_group=partial(the_group, code=code, need=Role.ADMIN), make=make, show_form=show_form,
        audit=(AuditEvent.GROUP_CLOSED, None), done=_("{name} is closed.").format(name=name), next_page=("home", {}),
    )  # fmt: skip
    return confirm_change(service, form, change)
