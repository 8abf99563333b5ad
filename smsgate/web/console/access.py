"""Access to the console: who is signed in, in which language they read, and the headers of every response."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import datetime
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, abort, flash, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user
from flask_wtf.csrf import CSRFProtect
from werkzeug.wrappers import Response as AnyResponse

from smsgate.core.i18n import LANGUAGES, SOURCE, speaking
from smsgate.models import Phone
from smsgate.web import compression
from smsgate.web.console.accounts import login, permissions
from smsgate.web.console.accounts.permissions import Staff
from smsgate.web.console.text import _
from smsgate.web.security_headers import security_headers

if TYPE_CHECKING:
    from smsgate.service import Service

PREFIX = "/console"
# Deliberately open to people who are not signed in.
OPEN = frozenset({"sign_in", "ask", "code", "check", "app", "check_app", "static", "language"})
SECRET = "signed_in"  # noqa: S105 - the key of the Flask session under which the browser keeps its secret
HEADERS = security_headers(
    referrer="same-origin",
    script_src="'self'",
    style_src="'self'",
    connect_src="'self'",
    img_src="'self' data:",
    form_action="'self'",
)


class SignedInUser(UserMixin):  # type: ignore[misc]
    """The person signed in with this browser, in the form that Flask-Login expects."""

    def __init__(self, who: Staff, session_id: int, own_device: bool, began_at: datetime) -> None:
        self.staff, self.session_id, self.own_device, self.began_at = who, session_id, own_device, began_at

    def get_id(self) -> str:
        """Return the id of their console session."""
        return str(self.session_id)


def guard(app: Flask, service: Service) -> None:
    """Set up sign-in, CSRF protection and cookies."""
    app.secret_key, *older = service.keyring.derived("console")
    app.config.update(
        SECRET_KEY_FALLBACKS=older,
        SESSION_COOKIE_NAME="console",
        SESSION_COOKIE_PATH=PREFIX,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=not service.settings.simulated,
        PERMANENT_SESSION_LIFETIME=login.SESSION_LASTS,
        WTF_CSRF_TIME_LIMIT=None,  # valid for as long as the browser's session
        WTF_CSRF_CHECK_DEFAULT=False,  # checked below, after the sign-in
    )
    manager = LoginManager()
    manager.init_app(app)
    manager.request_loader(lambda _request: _signed_in_user(service))
    CSRFProtect().init_app(app)


def _signed_in_user(service: Service) -> SignedInUser | None:
    secret = session.get(SECRET)
    if not isinstance(secret, str):
        return None
    now = service.now()
    with service.database.reading() as reading:
        row = login.find_session(reading, secret, now)
        who = permissions.staff_for(reading, reading.get_one(Phone, row.phone_id), now) if row else None
    if row is None or who is None:
        return None
    if login.is_stale(row, now) and not _asks_by_itself():
        with service.database.transaction() as writing:
            login.mark_seen(writing, row.id, now)
    return SignedInUser(who, row.id, row.own_device, row.began_at)


def _asks_by_itself() -> bool:
    """Return whether an open page asks for its progress (live.js): that is no use of the console by a person."""
    return request.args.get("part") == "live"


def current_staff() -> Staff:
    """Return the person who is signed in."""
    who: Staff = current_user.staff
    return who


def watch(routes: Blueprint, app: Flask, service: Service) -> None:
    """Require a sign-in for every page but those in OPEN, and a CSRF token for every request that changes something."""

    @routes.before_app_request
    def begin() -> None:
        g.now = service.now()
        _speak()  # for addresses without a page, too

    @routes.before_request
    def look() -> AnyResponse | None:
        if _unwritable():
            abort(400)
        if (request.endpoint or "").removeprefix("console.") in OPEN:
            _check_form(app)
            return None
        if not current_user.is_authenticated:
            return _to_the_door()
        _check_form(app)
        return None

    @routes.teardown_app_request
    def silent(_error: BaseException | None) -> None:
        spoken: ExitStack | None = g.pop("spoken", None)
        if spoken:
            spoken.close()

    routes.after_app_request(_carried)


def _unwritable() -> bool:
    """Return whether the request contains a NUL: no keyboard types it, and PostgreSQL can't store it."""
    said = [request.path, *request.args, *request.form]
    for fields in (request.args, request.form):
        said += [value for _name, values in fields.lists() for value in values]
    return any("\0" in one for one in said)


def _check_form(app: Flask) -> None:
    if request.method in ("POST", "PUT", "PATCH", "DELETE"):
        csrf: CSRFProtect = app.extensions["csrf"]
        csrf.protect()


def _to_the_door() -> AnyResponse:
    """Redirect to the sign-in, and from there back to this page; keep.js keeps in the browser what was typed."""
    if _asks_by_itself():
        abort(401)
    if request.method == "GET":
        session["next"] = request.full_path.removesuffix("?")
    elif request.referrer and request.referrer.startswith(request.host_url):
        session["next"] = request.referrer.removeprefix(request.host_url.rstrip("/"))
    if request.accept_mimetypes.best == "application/json":
        abort(401)
    if request.method == "POST":
        flash(_("You were signed out. Nothing was sent. Sign in again: what you typed is still there."), "wait")
    return redirect(url_for("console.sign_in"), 303)


def _speak() -> None:
    asked = session.get("language")
    if asked not in LANGUAGES:
        mine = current_staff().language if current_user.is_authenticated else None
        asked = mine or request.accept_languages.best_match(list(LANGUAGES)) or SOURCE
    g.spoken = ExitStack()
    g.spoken.enter_context(speaking(asked))


def _carried(response: Response) -> Response:
    response.headers.update(HEADERS)
    if request.endpoint == "console.static":
        compression.keep_static(response, "console")
    else:
        response.headers["Cache-Control"] = "no-store"
        response.vary.add("Cookie")
    if request.is_secure:
        response.headers["Strict-Transport-Security"] = "max-age=31536000"
    return compression.compress(response)
