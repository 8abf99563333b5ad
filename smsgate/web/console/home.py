"""The first page: the groups that are theirs. And one's own page: where one is signed in, and the authenticator app."""

from __future__ import annotations

from typing import TYPE_CHECKING

import segno
from flask import Blueprint
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from smsgate.models import Phone
from smsgate.web.console.access import me
from smsgate.web.console.accounts import login as signing
from smsgate.web.console.accounts import permissions, totp
from smsgate.web.console.pages import Form, go, show
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response


class Confirm(Form):
    """What the app shows."""

    code = StringField(validators=[DataRequired(), Length(max=20)])


def add(routes: Blueprint, service: Service) -> None:
    """Pages that belong to no group."""

    @routes.get("/")
    def home() -> Page:
        with service.database.reading() as session:
            found = permissions.groups_of(session, me())
            rows = [(group, permissions.role_in(me(), group)) for group in found]
            return show("home", rows=rows)

    @routes.get("/me")
    def mine() -> Page:
        with service.database.reading() as session:
            return _mine(session, service)

    @routes.post("/me/sign-out")
    def sign_out_all() -> Page:
        with service.database.transaction() as session:
            signing.end(session, me().phone_id, service.now())
        return go("sign_in", _("You are signed out, everywhere."))

    @routes.post("/me/sessions/<int:number>/end")
    def end_session(number: int) -> Page:
        with service.database.transaction() as session:
            signing.end(session, me().phone_id, service.now(), number)
        return go("mine", _("That browser is signed out."))

    @routes.post("/me/app")
    def make_app() -> Page:
        with service.database.transaction() as session:
            totp.make(session, me().phone_id, service.now())
        return go("mine")

    @routes.post("/me/app/confirm")
    def confirm_app() -> Page:
        return _confirm_app(service)

    @routes.post("/me/app/remove")
    def remove_app() -> Page:
        return _remove_app(service)


def _mine(session: Session, service: Service, form: Confirm | None = None, status: int = 200) -> Page:
    phone = session.get_one(Phone, me().phone_id)
    app = totp.of(session, phone.id)
    waits = app is not None and app.confirmed_at is None
    picture = segno.make(totp.address(app, phone), micro=False).svg_data_uri(scale=4) if app and waits else ""
    return show(
        "mine",
        status,
        sessions=signing.mine(session, phone.id, service.now()),
        here=current_user.session_id,
        app=app,
        picture=picture,
        form=form or Confirm(),
    )


def _confirm_app(service: Service) -> Page:
    form = Confirm()
    with service.database.transaction() as session:
        app = totp.of(session, me().phone_id)
        typed = "".join(filter(str.isdigit, form.code.data or ""))
        if app is not None and totp.confirm(session, app, typed, service.now()):
            # Sessions without it end with this, but for the one that has just shown it.
            signing.strengthen(session, current_user.session_id)
            return go("mine", _("The app is asked for from now on, after the code by SMS."))
    form.code.errors = [_("That is not what the app shows now. Each code is good once: wait for the next one.")]
    with service.database.reading() as session:
        return _mine(session, service, form, 422)


def _remove_app(service: Service) -> Page:
    form = Confirm()
    with service.database.transaction() as session:
        app = totp.of(session, me().phone_id)
        typed = "".join(filter(str.isdigit, form.code.data or ""))
        if app is not None and (app.confirmed_at is None or totp.check(app, typed, service.now())):
            totp.remove(session, me().phone_id)
            return go("mine", _("The app is asked for no more."))
    form.code.errors = [_("That is not what the app shows now. Each code is good once: wait for the next one.")]
    with service.database.reading() as session:
        return _mine(session, service, form, 422)
