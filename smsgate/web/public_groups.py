"""The public directory of groups that want to be found: `/groups`, `/groups.json`, and a card to print for each group.

Every address is a 404 until a network admin turns the directory on. Pages have no scripts, no cookies and nothing
external, and each is under 30 KB.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, jsonify, render_template, request
from redis.exceptions import RedisError
from sqlalchemy.orm import Session

from smsgate.core.admin_text import _
from smsgate.core.dial_codes import code_below
from smsgate.core.i18n import LANGUAGES, say_when, speaking
from smsgate.directory import public_page
from smsgate.directory.public_page import Wanted
from smsgate.web.front import browser_language, row_id
from smsgate.web.security_headers import security_headers

if TYPE_CHECKING:
    from smsgate.service import Service

HEADERS = {
    **security_headers(style_src="'unsafe-inline'", form_action="'self'"),  # inline, as in calendar.py
    "Vary": "Accept-Language",
    "Cache-Control": "public, max-age=300",
}
MOST_A_MINUTE = 60  # pages that one address may open
MOST_PAGES = 1000


def public_groups(service: Service) -> Blueprint:
    """Return the blueprint of the public directory."""
    routes = Blueprint("public_groups", __name__, template_folder="templates")

    @routes.before_request
    def limit() -> None:
        if _is_spent(service):
            abort(429)

    @routes.get("/groups")
    def listed() -> str:
        language = browser_language()
        with service.database.reading() as session, speaking(language):
            _check_shown(session)
            found, more = public_page.groups(session, _wanted(), language, service.now(), _page())
            return render_template(
                "groups.html", groups=found, more=more, areas=public_page.areas(session), wanted=_wanted(),
                spoken=public_page.languages(session), page=_page(), **_common(service, language),
            )  # fmt: skip

    @routes.get("/groups.json")
    def as_json() -> Response:
        language = browser_language()
        with service.database.reading() as session, speaking(language):
            _check_shown(session)
            found, more = public_page.groups(session, _wanted(), language, service.now(), _page())
            ids = {"areas": dict(public_page.areas(session)), "languages": dict(public_page.languages(session))}
        return jsonify(groups=found, page=_page(), more=more, **ids)

    @routes.get("/groups/<code>/card")
    def card(code: str) -> str:
        language = browser_language()
        with service.database.reading() as session, speaking(language):
            _check_shown(session)
            found = public_page.group(session, code, language, service.now()) or abort(404)
            return render_template("group_card.html", group=found, **_common(service, language))

    routes.after_request(_with_headers)
    return routes


def _common(service: Service, language: str) -> dict[str, Any]:
    code = service.settings.service_code
    return {
        "_": _, "language": language, "languages": LANGUAGES, "service_code": code,
        "dial": lambda group_code: code_below(code, group_code),
        "when": lambda iso: say_when(datetime.fromisoformat(iso)),
    }  # fmt: skip


def _check_shown(session: Session) -> None:
    if not public_page.is_shown(session):
        abort(404)


def _wanted() -> Wanted:
    """Return the filters in the query string; a value that is not a number is ignored."""
    return Wanted(request.args.get("area", type=row_id), request.args.get("language", type=row_id))


def _page() -> int:
    return min(max(request.args.get("page", 1, type=int), 1), MOST_PAGES)


def _is_spent(service: Service) -> bool:
    """Return whether an address opened more pages this minute than a person would read; False while Redis is down."""
    who = service.keyring.tag(f"public {_address(service.settings.proxies)}")[:16]
    key = f"public:{who}:{service.now():%H%M}"
    try:
        with service.redis.pipeline() as commands:
            commands.incr(key)
            commands.expire(key, 120)
            count = commands.execute()[0]
    except RedisError:
        return False
    return int(count) > MOST_A_MINUTE


def _address(proxies: int) -> str:
    """Return the client's address, as the outermost of our own proxies reported it."""
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
    return hops[-proxies] if 0 < proxies <= len(hops) else request.remote_addr or ""


def _with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
