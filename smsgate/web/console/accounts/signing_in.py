"""The pages for signing in and out: a number, the code sent to it, and the authenticator app if one is set up.

People with an app enter its code first, on the same page as everyone, so that a stranger who knows their number can't
cause texts. In a known browser the app is enough; elsewhere a code by SMS follows. A code got by dialling may be
entered before the app's.
"""

from __future__ import annotations

import re
import secrets
import time
from base64 import b64decode, b64encode
from contextlib import suppress
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, redirect, request, session, url_for
from flask_limiter import Limiter
from flask_login import current_user
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField
from wtforms.validators import Length

from smsgate.core.encryption import WrongKey
from smsgate.core.i18n import LANGUAGES
from smsgate.core.phone_numbers import NotANumber, e164
from smsgate.groups import console_codes
from smsgate.models import Phone, SecurityEvent, lookup
from smsgate.models.security_events import log_after_commit
from smsgate.web.console.access import PREFIX, SECRET
from smsgate.web.console.accounts import known_browser, totp
from smsgate.web.console.accounts import login as signing
from smsgate.web.console.accounts.try_limits import ASKS, TRIES, against_floods, few_at_once
from smsgate.web.console.fields import required
from smsgate.web.console.pages import Form, Page, redirect_to, render_page
from smsgate.web.console.text import _
from smsgate.web.front import is_page

if TYPE_CHECKING:
    from smsgate.service import Service

ASKING, HALF, SHOWN, NEXT = "asking", "half", "app_shown", "next"  # keys of the Flask session
TYPED = "console.typed_number"  # encrypted, since a browser may be shared
NOT_DIGITS = re.compile(r"\D")
ANSWER_AFTER = 0.12  # seconds: longer than any of the lookups takes
BROWSERS = {"Edg": "Edge", "OPR": "Opera", "Firefox": "Firefox", "Chrome": "Chrome", "Safari": "Safari"}
SYSTEMS = {one: one for one in ("Android", "iPhone", "iPad", "Windows", "Linux")} | {"Mac OS": "Mac"}


class NumberForm(Form):
    """The number to send a code to."""

    number = StringField(validators=[required(lambda: _("Enter your phone number.")), Length(max=30)])
    own = BooleanField()


class CodeForm(Form):
    """A code from an SMS or from the app."""

    code = StringField(validators=[required(lambda: _("Enter the code.")), Length(max=20)])


def add_routes(routes: Blueprint, service: Service, limiter: Limiter) -> None:
    """Add the routes for signing in and out, rate-limited per browser."""
    flood = against_floods(limiter, service)

    @routes.get("/sign-in")
    def sign_in() -> Page:
        return redirect_to("home") if current_user.is_authenticated else _number_page(service)

    @routes.post("/sign-in")
    @flood
    @limiter.limit(ASKS)
    @few_at_once
    def ask() -> Page:
        return _ask(service)

    @routes.get("/code")
    def code() -> Page:
        return _code_page(CodeForm(), session[ASKING]) if ASKING in session else redirect_to("sign_in")

    @routes.post("/code")
    @flood
    @limiter.limit(TRIES)
    @few_at_once
    def check() -> Page:
        return _check(service)

    @routes.get("/app")
    def app() -> Page:
        return render_page("app", form=CodeForm()) if HALF in session else redirect_to("sign_in")

    @routes.post("/app")
    @flood
    @limiter.limit(TRIES)
    @few_at_once
    def check_app() -> Page:
        return _check_app(service)

    @routes.post("/sign-out")
    def sign_out() -> Page:
        with service.database.transaction() as database:
            signing.end_sessions(database, current_user.staff.phone_id, service.now(), current_user.session_id)
        _forget()
        return redirect_to("sign_in", _("You're signed out."))

    @routes.get("/language/<language>")
    def language(language: str) -> Page:
        if language in LANGUAGES:
            session["language"] = language
        return redirect(_page_before(), 303)


def _number_page(service: Service) -> Page:
    """Return the page that asks for a number, filled in with what was typed if someone comes back to it."""
    form, asked = NumberForm(formdata=None), session.get(ASKING, {})
    if "typed" in asked:
        form.own.data = asked["own"]
        with suppress(WrongKey):  # the keys were rotated in the meantime
            form.number.data = service.keyring.open(b64decode(asked["typed"]), TYPED)
    return render_page("sign_in", form=form)


def _page_before() -> str:
    """Return the address of the previous page; if that was the answer to a form, of the nearest page above it."""
    before = urlsplit(request.referrer or "")
    path = before.path if before.netloc == request.host else ""
    while path.startswith(PREFIX + "/") and not is_page(current_app, path):
        path = path.rpartition("/")[0]
    if not path.startswith(PREFIX + "/"):
        return url_for("console.home")
    return f"{path}?{before.query}" if before.query and path == before.path else path


def _ask(service: Service) -> Page:
    form = NumberForm()
    if not form.validate():
        return render_page("sign_in", 422, form=form)
    try:
        number = e164(form.number.data or "", service.settings.countries)
    except NotANumber:
        form.number.errors = [_("We can't text that number. Type a mobile number, like 0711000001.")]
        return render_page("sign_in", 422, form=form)
    browser, began = secrets.token_urlsafe(24), time.monotonic()
    with service.database.transaction() as database:
        tag, phone = console_codes.number_tag(database, number), lookup.find_phone(database, number)
        signing.ask(database, phone, browser, service.now(), known=known_browser.knows(tag))
    _take_as_long(began)
    typed = b64encode(service.keyring.seal(form.number.data or "", TYPED)).decode()
    session[ASKING] = {
        "browser": browser, "end": number[-3:], "own": bool(form.own.data), "number": tag, "typed": typed, "wrong": 0,
    }  # fmt: skip
    for before in (HALF, SHOWN):
        session.pop(before, None)
    return redirect_to("code")


def _check(service: Service) -> Page:
    form, asked, began = CodeForm(), session.get(ASKING), time.monotonic()
    if asked is None:
        return redirect_to("sign_in")
    with service.database.transaction() as database:
        typed = NOT_DIGITS.sub("", form.code.data or "") if form.validate() else ""
        entered = _with_code(service, database, asked, typed)
        entered = entered or _with_app(service, database, asked, form.code.data or "")
        if entered is None:
            phone = signing.phone_that_asked(database, asked["browser"], service.now())
            log_after_commit(database, SecurityEvent.CODE_WRONG, subject=phone.id if phone else None)
    if entered is not None:
        return entered
    _take_as_long(began)
    # Counted in the session too: a number without a role has no code, but must get the same answers.
    asked = session[ASKING] = {**asked, "wrong": asked.get("wrong", 0) + 1}
    form.code.errors = [_wrong_code(asked["wrong"])]
    return _code_page(form, asked, 422)


def _code_page(form: CodeForm, asked: dict[str, Any], status: int = 200) -> Page:
    return render_page("code", status, form=form, asked=asked, shown=SHOWN in session)


def _take_as_long(began: float) -> None:
    """Wait, so that numbers without a role or without an app are answered no faster than any other."""
    time.sleep(max(0.0, began + ANSWER_AFTER - time.monotonic()))


def _with_code(service: Service, database: Session, asked: dict[str, Any], typed: str) -> Page | None:
    """Sign in with a code got by SMS or dialling; with an app set up, its code is needed too, before or after."""
    now = service.now()
    phone = signing.check_code(database, asked["browser"], typed, now)
    phone = phone or console_codes.use(database, asked.get("number", ""), typed, now)
    if phone is None:
        return None
    shown = session.get(SHOWN, {"phone": 0})
    second = shown["phone"] == phone.id and now.timestamp() - shown["at"] <= signing.CODE_LASTS.total_seconds()
    if second or not totp.is_required(database, phone.id):
        return _sign_in(service, database, phone, asked["own"], second=second)
    session[HALF] = {"phone": phone.id, "at": now.timestamp(), "own": asked["own"]}
    session.pop(ASKING)
    return redirect_to("app")


def _with_app(service: Service, database: Session, asked: dict[str, Any], typed: str) -> Page | None:
    """Check the app's code: sign a known browser in; in any other, send the SMS code now."""
    now = service.now()
    phone = None if SHOWN in session else signing.phone_that_asked(database, asked["browser"], now)
    if phone is None or not totp.is_required(database, phone.id):
        return None
    known = known_browser.knows(asked["number"])
    if not totp.check(database, phone.id, typed, now, who=known_browser.mark() if known else totp.ANYBODY):
        return None
    if known:
        return _sign_in(service, database, phone, asked["own"], second=True)
    session[SHOWN] = {"phone": phone.id, "at": now.timestamp()}
    signing.request_code(database, phone, asked["browser"], now, known=True)
    return redirect_to("code")


def _sign_in(service: Service, database: Session, phone: Phone, own: bool, *, second: bool) -> Page:
    begun = signing.start_session(database, phone, _browser(), service.now(), own_device=own, second=second)
    return _enter(begun, own, console_codes.number_tag(database, phone.number))


def _wrong_code(times: int) -> str:
    if times >= signing.MAX_TRIES:
        return _("Five wrong codes: you need a new one. Type your number again, or get a code by dialling.")
    return _("Wrong or expired code. A code works for ten minutes and five tries.")


def _check_app(service: Service) -> Page:
    form, half, now = CodeForm(), session.get(HALF), service.now()
    if half is None or now.timestamp() - half["at"] > signing.CODE_LASTS.total_seconds():
        session.pop(HALF, None)
        return redirect_to("sign_in", _("That took too long. Please start again."), "wait")
    with service.database.transaction() as database:
        if totp.check(database, half["phone"], form.code.data or "", now, who=totp.PROVED):
            return _sign_in(service, database, database.get_one(Phone, half["phone"]), half["own"], second=True)
    form.code.errors = [_("Wrong or expired code. Each code works once: wait for the next one.")]
    return render_page("app", 422, form=form)


def _enter(begun: signing.NewSession, own: bool, tag: str) -> Response:
    """Start a fresh Flask session, against session fixation; only the language and the page asked for carry over."""
    wanted, language = session.get(NEXT, ""), session.get("language")
    _forget()
    session[SECRET], session.permanent = begun.secret, own
    if language:
        session["language"] = language
    inside = wanted.startswith("/console/") and "\\" not in wanted
    response = redirect(wanted if inside else url_for("console.home"), 303)
    if own:
        known_browser.remember(response, tag)
    return response


def _forget() -> None:
    language = session.get("language")
    session.clear()
    if language:
        session["language"] = language


def _browser() -> str:
    """Return a name by which its user recognises this browser, like "Firefox, Android"."""
    agent = request.user_agent.string
    parts = [next((name for mark, name in known.items() if mark in agent), "") for known in (BROWSERS, SYSTEMS)]
    return ", ".join(part for part in parts if part) or _("A browser")
