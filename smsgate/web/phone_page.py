"""The simulated phones: a page that posts callbacks in the provider's format to the real hooks; not for production."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from flask import Blueprint, Response, abort, render_template, request
from redis.exceptions import RedisError

from smsgate.core.dial_codes import DEMO_CODE, code_below
from smsgate.gateways.handset import SHORT_CODE
from smsgate.gateways.simulator import PRICE, on_the_air
from smsgate.web.hooks.guard import is_on_this_machine, phone_token
from smsgate.web.security_headers import security_headers

if TYPE_CHECKING:
    from smsgate.service import Service

# No inline scripts and nothing external: the page works on a laptop without a network.
HEADERS = security_headers(script_src="'self'", style_src="'self'", connect_src="'self'", img_src="data:")
MARK = re.compile(r"\d{1,20}(-\d{1,20})?")
PARTS = ("air", "gsm", "handset", "inbox", "keypad", "line", "memory", "panel", "provider", "tabs", "trace")


def handset(service: Service) -> Blueprint:
    """Return the blueprint of `/phone` and its static files."""
    routes = Blueprint(
        "handset",
        __name__,
        url_prefix="/phone",
        template_folder="templates",
        static_folder="static/phone",
        static_url_path="/static",
    )
    routes.add_url_rule("", "page", lambda: _page(service))
    routes.add_url_rule("/air", "air", lambda: _air(service))
    routes.before_request(_look)
    routes.after_request(_with_headers)
    return routes


def _look() -> None:
    """Abort with 404 unless the browser is on this machine: the page can text and dial as anyone."""
    if not is_on_this_machine(request):
        abort(404)


def _page(service: Service) -> str:
    settings = service.settings
    return render_template(
        "phone.html",
        hooks=f"/hooks/{phone_token(service)}/africastalking/",
        service_code=settings.service_code,
        first=code_below(settings.service_code, DEMO_CODE),
        limit=settings.ussd_limit,
        price=PRICE,
        to=SHORT_CODE,
        parts=PARTS,
    )


def _air(service: Service) -> tuple[dict[str, Any], int]:
    """Return the texts sent since a mark, and the next mark; 503 while Redis is down, and the page tries again."""
    after = request.args.get("after", "0")
    if not MARK.fullmatch(after):
        abort(400)
    try:
        texts, mark = on_the_air(service.redis, after)
    except RedisError:
        return {"error": "The air cannot be heard at the moment."}, 503
    return {"texts": texts, "mark": mark}, 200


def _with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
