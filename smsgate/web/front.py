"""The home page, `/`, and the error page for addresses that don't exist, both in the browser's language."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from flask import Blueprint, Flask, Response, redirect, render_template, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException, MethodNotAllowed, NotFound
from werkzeug.routing import IntegerConverter, RequestRedirect, ValidationError
from werkzeug.wrappers import Response as AnyResponse

from smsgate.core.admin_text import _
from smsgate.core.i18n import LANGUAGES, SOURCE, speaking
from smsgate.directory import public_page
from smsgate.web.hooks.guard import is_on_this_machine
from smsgate.web.security_headers import security_headers

if TYPE_CHECKING:
    from smsgate.service import Service

HEADERS = security_headers(style_src="'self'", img_src="'self'") | {"Cache-Control": "no-store"}
LARGEST_ID = 2**31 - 1  # of an INTEGER column
FOR_PEOPLE = re.compile(r"/(?!hooks/)")  # no person reads the answer to a callback


class RowIdConverter(IntegerConverter):
    """The id of a row in an address; an address with a larger number is not found."""

    def to_python(self, value: str) -> int:
        """Return the id."""
        number: int = super().to_python(value)
        if number > LARGEST_ID:
            raise ValidationError
        return number


def row_id(typed: str) -> int:
    """Return a typed id; 0, which no row has, if the databases can't hold it. Raise ValueError if it isn't a number."""
    number = int(typed)
    return number if 0 <= number <= LARGEST_ID else 0


def front(service: Service) -> Blueprint:
    """Return the blueprint of `/`."""
    routes = Blueprint("front", __name__, template_folder="templates")

    @routes.get("/")
    def first() -> Response:
        phones = service.settings.simulated and is_on_this_machine(request)
        return _page("front", 200, phones=phones, groups=_shows_groups(service))

    return routes


def _shows_groups(service: Service) -> bool:
    """Return whether to link to the public directory; False if the database is down, since `/` works without it."""
    try:
        with service.database.reading() as session:
            return public_page.is_shown(session)
    except SQLAlchemyError:
        return False


def answer_errors(app: Flask) -> None:
    """Answer a browser's request for a missing page with an error page, or redirect it if only a slash is too many."""
    app.register_error_handler(HTTPException, lambda error: _answer(app, error))


def _answer(app: Flask, error: HTTPException) -> HTTPException | AnyResponse:
    if isinstance(error, RequestRedirect) or not FOR_PEOPLE.match(request.path) or not _wants_a_page():
        return error
    if isinstance(error, NotFound) and (path := without_slash(app)):
        return redirect(path, 308)
    if isinstance(error, MethodNotAllowed):
        return _page("nothing_here", 405, code=405, headers={"Allow": ", ".join(sorted(error.valid_methods or ()))})
    return _page("nothing_here", error.code or 500, code=error.code)


def _wants_a_page() -> bool:
    accepted = request.accept_mimetypes
    return accepted.accept_html or not accepted


def without_slash(app: Flask) -> str:
    """Return the request's address without its trailing slash if a page exists there; else ""."""
    path = request.path.rstrip("/")
    if path in ("", request.path) or not is_page(app, path):
        return ""
    return f"{path}?{request.query_string.decode()}" if request.query_string else path


def is_page(app: Flask, path: str) -> bool:
    """Return whether a page can be opened at this path."""
    try:
        app.create_url_adapter(request).match(path, method="GET")  # type: ignore[union-attr]
    except HTTPException:
        return False
    return True


def browser_language() -> str:
    """Return the language of `?lang=`, else the one the browser prefers, else the source language."""
    asked = request.args.get("lang") or request.accept_languages.best_match(list(LANGUAGES)) or SOURCE
    return asked if asked in LANGUAGES else SOURCE


def _page(template: str, status: int, headers: dict[str, str] | None = None, **values: object) -> Response:

    language = browser_language()
    with speaking(language):
        text = render_template(f"{template}.html", language=language, languages=LANGUAGES, _=_, **values)
    response = Response(text, status, HEADERS | (headers or {}))
    response.vary.add("Accept-Language")
    return response
