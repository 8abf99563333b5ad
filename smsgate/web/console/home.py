"""The start page with the user's groups, and the account page: name, signed-in browsers and authenticator app."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import segno
from flask import Blueprint, flash
from flask_login import current_user
from sqlalchemy.orm import Session
from wtforms import StringField
from wtforms.validators import Length

from smsgate.core import timezones
from smsgate.core.i18n import say_when
from smsgate.directory import start_requests
from smsgate.groups import roles
from smsgate.models import Group, Phone
from smsgate.notices import group_closing
from smsgate.web.console import network
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts import login as signing
from smsgate.web.console.accounts import permissions, recovery_codes, totp
from smsgate.web.console.fields import at_most, phones_show_it, required
from smsgate.web.console.groups import new_group
from smsgate.web.console.groups.members import PAGE_SIZE, page_number
from smsgate.web.console.pages import Form, Page, accept_once, already_done, local, redirect_to, render_page
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

LONGEST_NAME = 20  # characters
FRESH = timedelta(minutes=15)


class AppCodeForm(Form):
    """The code that the authenticator app shows."""

    code = StringField(validators=[required(lambda: _("Enter the code.")), Length(max=20)])


class NameForm(Form):
    """The name under which other leaders see someone."""

    name = StringField(validators=[at_most(LONGEST_NAME), phones_show_it])


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes of the start page and the account page."""

    @routes.get("/")
    def home() -> Page:
        with service.database.reading() as session:
            found = permissions.groups_of(session, current_staff())
            if current_staff().network:
                return _network(session, found, service.now())
            return render_page("home", rows=[(group, permissions.role_in(current_staff(), group)) for group in found])

    @routes.get("/me")
    def mine() -> Page:
        with service.database.reading() as session:
            return _mine(session, service)

    @routes.post("/me/name")
    def choose_name() -> Page:
        form = NameForm()
        with service.database.transaction() as session:
            if not form.validate():
                return _mine(session, service, status=422, naming=form)
            roles.choose_name(
                session, current_staff().phone_id, " ".join((form.name.data or "").split()), service.now()
            )
        return redirect_to("mine", _("Saved."))

    @routes.post("/me/sign-out")
    def sign_out_all() -> Page:
        with service.database.transaction() as session:
            signing.end_sessions(session, current_staff().phone_id, service.now())
        return redirect_to("sign_in", _("You're signed out everywhere."))

    @routes.post("/me/sessions/<int:number>/end")
    def end_session(number: int) -> Page:
        with service.database.transaction() as session:
            signing.end_sessions(session, current_staff().phone_id, service.now(), number)
        return redirect_to("mine", _("Signed out there."))

    @routes.post("/me/app")
    def make_app() -> Page:
        if _is_old(service):
            return _sign_in_again(service)
        with service.database.transaction() as session:
            totp.create(session, current_staff().phone_id, service.now())
        return redirect_to("mine")

    @routes.post("/me/app/confirm")
    def confirm_app() -> Page:
        return _sign_in_again(service) if _is_old(service) else _confirm_app(service)

    @routes.post("/me/app/codes")
    def new_recovery_codes() -> Page:
        return _sign_in_again(service) if _is_old(service) else _new_recovery_codes(service)

    @routes.post("/me/app/remove")
    def remove_app() -> Page:
        return _sign_in_again(service) if _is_old(service) else _remove_app(service)


def _network(session: Session, found: list[Group], now: datetime) -> Page:
    page = page_number()
    shown = found[(page - 1) * PAGE_SIZE : page * PAGE_SIZE]
    closed = [
        (group, local((group.closed_at or now) + group_closing.REOPENED_WITHIN, group))
        for group in group_closing.lately_closed(session, now)
    ]
    rows, is_first = network.glance(session, shown, now), not (found or closed)
    return render_page(
        "home", glance=rows, closed=closed, form=Form(), page=page, more=len(found) > page * PAGE_SIZE,
        starting=start_requests.count_unanswered(session), new=new_group.empty_form(session) if is_first else None,
    )  # fmt: skip


def _is_old(service: Service) -> bool:
    """Return whether this session began too long ago to change how its user signs in."""
    return bool(current_user.began_at < service.now() - FRESH)


def _sign_in_again(service: Service) -> Page:
    with service.database.transaction() as session:
        signing.end_sessions(session, current_staff().phone_id, service.now(), current_user.session_id)
    return redirect_to("sign_in", _("Please sign in again first. Then you have 15 minutes for this."), "wait")


def _mine(
    session: Session, service: Service, form: AppCodeForm | None = None, status: int = 200,
    naming: NameForm | None = None,
) -> Page:  # fmt: skip
    phone = session.get_one(Phone, current_staff().phone_id)
    app = totp.find(session, phone.id)
    waits = app is not None and app.confirmed_at is None
    address = totp.address(app, phone) if app and waits else ""
    zone = ZoneInfo(timezones.timezone_of_number(phone.number))
    return render_page(
        "mine",
        status,
        sessions=[
            (one, say_when(one.began_at.astimezone(zone)), say_when(one.seen_at.astimezone(zone)))
            for one in signing.sessions_of(session, phone.id, service.now())
        ],
        here=current_user.session_id,
        app=app,
        address=address,
        picture=segno.make(address, micro=False).svg_data_uri(scale=4) if address else "",
        secret=" ".join(app.secret[at : at + 4] for at in range(0, len(app.secret), 4)) if app and waits else "",
        codes_left=recovery_codes.count_left(session, phone.id),
        form=form or AppCodeForm(),
        naming=naming or NameForm(formdata=None, data={"name": _own_name()}),
    )


def _own_name() -> str:
    """Return the name that others see now; "" if that is a masked number."""
    name = current_staff().name
    return "" if "*" in name else name


def _confirm_app(service: Service) -> Page:
    form = AppCodeForm()
    with service.database.transaction() as session:
        if totp.confirm(session, current_staff().phone_id, form.code.data or "", service.now()):
            # From now on, sessions without a second factor don't count; this one has just shown it.
            signing.mark_second_factor(session, current_user.session_id)
            flash(_("Two-factor sign-in is on. We'll ask for the app's code before the SMS code."), "done")
            return render_page("recovery_codes", codes=recovery_codes.make(session, current_staff().phone_id))
    form.code.errors = [_("Wrong or expired code. Each code works once: wait for the next one.")]
    with service.database.reading() as session:
        return _mine(session, service, form, 422)


def _new_recovery_codes(service: Service) -> Page:
    with service.database.transaction() as session:
        if not totp.is_required(session, current_staff().phone_id) or not accept_once(session, Form(), service.now()):
            return already_done("mine")
        return render_page("recovery_codes", codes=recovery_codes.make(session, current_staff().phone_id))


def _remove_app(service: Service) -> Page:
    form = AppCodeForm()
    with service.database.transaction() as session:
        app = totp.find(session, current_staff().phone_id)
        typed, now = form.code.data or "", service.now()
        if app is not None and (
            app.confirmed_at is None or totp.check(session, app.phone_id, typed, now, who=totp.INSIDE)
        ):
            totp.remove(session, current_staff().phone_id)
            return redirect_to("mine", _("Two-factor sign-in is off."))
    form.code.errors = [_("Wrong or expired code. Each code works once: wait for the next one.")]
    with service.database.reading() as session:
        return _mine(session, service, form, 422)
