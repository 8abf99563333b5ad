"""The console, `/console`, where leaders and admins of groups and admins of the network work in a browser.

Each page is a module with `add_routes(routes, service)`, listed in `PAGES`. A request passes `access` first, which
finds out who is signed in and which language to use, and checks that a form came from one of our pages. Then the page
asks `pages.the_group` for its group, which `accounts.permissions` grants or refuses, does one thing in one transaction
and redirects, so that reloading repeats nothing. A form is accepted once (`pages.accept_once`). A change that texts
people is previewed before it is made (`confirm_change`); texts still waiting can be stopped from one list
(`notices/sent.py`). Every error ends in `_trouble`: a page that says what to do.
A page with a row that can't be read shows the rest (`unreadable`).

Everything works without JavaScript. The console never shows a help text, or who gets one.

Start with `groups/join_requests.py`, the shortest page, then `pages` and `accounts/permissions`.
"""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING

import structlog
from flask import Blueprint, Flask, g, redirect, request
from flask_limiter import Limiter
from flask_login import current_user
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from structlog.contextvars import bind_contextvars, unbind_contextvars
from werkzeug.exceptions import HTTPException, TooManyRequests
from werkzeug.middleware.proxy_fix import ProxyFix
from werkzeug.routing import RequestRedirect

from smsgate.core.errors import Invalid
from smsgate.models.security_events import SecurityEvent, log_event, log_seldom
from smsgate.web import compression, forwarded
from smsgate.web.console import access, crisis_lines, home, network_log, pages, unreadable
from smsgate.web.console.access import PREFIX
from smsgate.web.console.accounts import signing_in, try_limits
from smsgate.web.console.accounts.permissions import Forbidden, NotFound
from smsgate.web.console.directory import leaders, listing, lists, starting
from smsgate.web.console.groups import (
    checklist,
    closing,
    history,
    invitation_files,
    invitations,
    join_requests,
    members,
    new_group,
    number_imports,
    overview,
    roles,
    settings,
    wording,
)
from smsgate.web.console.meetings import calendar, meeting, series
from smsgate.web.console.notices import notices, replies, sent
from smsgate.web.console.pages import MenuEntry, Page, render_page
from smsgate.web.console.programmes import cards, counts, matches, parts, programmes, rules, waiting
from smsgate.web.console.surveys import answers, imports, steps, surveys
from smsgate.web.console.text import _, ngettext
from smsgate.web.front import RowIdConverter, without_slash

if TYPE_CHECKING:
    from smsgate.service import Service

log = structlog.get_logger()
DOWN = (OperationalError, InterfaceError, PoolTimeout)
PAGES = (
    home, overview, checklist, calendar, meeting, series, join_requests, notices, sent, replies, members, invitations,
    invitation_files, roles, history, surveys, steps, answers, imports, wording, settings, closing, crisis_lines,
    network_log, programmes, rules, cards, waiting, matches, counts, listing, lists, starting,
    leaders, new_group, number_imports,
)  # fmt: skip


def menu() -> list[MenuEntry]:
    """Return the entries of a group's menu, in order."""
    return [
        MenuEntry("overview", _("Overview")),
        MenuEntry("meetings", _("Meetings"), also=("series", "calendar")),
        MenuEntry("notices_here", _("Notices"), appointed=True, counts="approvals"),
        MenuEntry("replies", _("Replies"), appointed=True, counts="replies"),
        MenuEntry("people", _("People"), also=("asking", "invitations", "roles", "log"), counts="requests"),
        MenuEntry("flows_here", _("Polls and questions")),
        MenuEntry("texts_here", _("Phone texts"), admins=True),
        MenuEntry("settings", _("Settings"), admins=True, also=("close", "found")),
    ]


def build(service: Service, most_bytes: int) -> Flask:
    """Return the console's application, below `/console`; it refuses requests larger than `most_bytes`."""
    app = Flask("smsgate.web.console", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = most_bytes
    app.url_map.converters["int"] = RowIdConverter
    if count := service.settings.proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
    access.guard(app, service)
    app.before_request(lambda: forwarded.look(service, request))
    _tell_logs_the_source(app, service)
    app.register_blueprint(_pages(app, service))
    unreadable.show_the_rest(app)
    return app


def _tell_logs_the_source(app: Flask, service: Service) -> None:
    """Add a pseudonym of the client's address to everything that a request logs."""

    @app.before_request
    def begin() -> None:
        bind_contextvars(source=service.keyring.tag(f"source {request.remote_addr}")[:12])

    @app.teardown_request
    def end(_error: BaseException | None) -> None:
        unbind_contextvars("source")


def _pages(app: Flask, service: Service) -> Blueprint:
    """Return the blueprint of all pages, with their guards and error pages."""
    routes = Blueprint(
        "console",
        __name__,
        url_prefix=PREFIX,
        template_folder="../templates",
        static_folder="../static/console",
        static_url_path="/static",
    )
    access.watch(routes, app, service)
    routes.app_context_processor(
        lambda: {
            **pages.template_values(),
            "menu": menu,
            "next_steps": checklist.next_steps,
            "programme_menu": parts.menu,
            "current_staff": access.current_staff,
        }
    )
    limiter = try_limits.build(app, service)
    signing_in.add_routes(routes, service, limiter)
    for page in PAGES:
        page.add_routes(routes, service)
    compression.add_versions(app, "console.static", "console")
    _troubles(app, limiter)
    return routes


def _troubles(app: Flask, limiter: Limiter) -> None:
    """Answer every error with a page that says what to do; for our own failures it shows an id to give the operator."""
    app.register_error_handler(NotFound, lambda _error: _refused(404, SecurityEvent.ACCESS_DENIED))
    app.register_error_handler(Forbidden, lambda _error: _refused(403, SecurityEvent.ACCESS_DENIED))
    app.register_error_handler(TooManyRequests, lambda _error: _limited(try_limits.seconds_left(limiter)))
    app.register_error_handler(CSRFError, lambda _error: _refused(400, SecurityEvent.FORM_REFUSED, _form_old()))
    app.register_error_handler(Invalid, lambda error: _trouble(422, str(error)))
    app.register_error_handler(HTTPException, lambda error: _answer(app, error))
    for down in DOWN:
        app.register_error_handler(down, _unavailable)
    app.register_error_handler(Exception, _failed)


def _answer(app: Flask, error: HTTPException) -> Page:
    """Pass a redirect through, redirect an address with a slash too many, and answer the rest with an error page."""
    if isinstance(error, RequestRedirect):
        return error.get_response()
    path = without_slash(app) if error.code == 404 else ""
    return redirect(path, 308) if path else _trouble(error.code or 500)


def _form_old() -> str:
    return _("This page was open for too long. Nothing was sent. Go back and try again: what you typed is still there.")


def _refused(status: int, event: SecurityEvent, said: str = "") -> tuple[str, int]:
    by = access.current_staff().phone_id if current_user.is_authenticated else None
    (log_event if by else log_seldom)(event, by=by, endpoint=request.endpoint, status=status)
    return _trouble(status, said)


def _limited(seconds: int) -> tuple[str, int, dict[str, str]]:
    minutes = -(-seconds // 60)
    said = ngettext("You can try again in a minute.", "You can try again in {count} minutes.", minutes)
    page, status = _refused(429, SecurityEvent.SIGN_IN_LIMITED, said.format(count=minutes))
    return page, status, {"Retry-After": str(seconds)}


def _trouble(status: int, said: str = "", mark: str = "") -> tuple[str, int]:
    group = g.pop("group", None)
    for name in ("to_do", "may_lead", "first_steps", "programme"):
        g.pop(name, None)
    return render_page("trouble", status, code=status, said=said, mark=mark, group=group if status == 403 else None)


def _unavailable(error: Exception) -> tuple[str, int]:
    mark = secrets.token_hex(4)
    log.error("console_unavailable", error=type(error).__name__, mark=mark)
    return _trouble(503, mark=mark)


def _failed(_error: Exception) -> tuple[str, int]:
    mark = secrets.token_hex(4)
    log.exception("console_failed", endpoint=request.endpoint, mark=mark)
    return _trouble(500, mark=mark)
