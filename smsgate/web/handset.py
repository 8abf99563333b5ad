"""The simulated phones: a page that posts callbacks in the provider's form to the real hooks. Never in production."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, Response, render_template, request

from smsgate.gateways.simulator import PRICE, on_the_air
from smsgate.service import Service

# No inline script, nothing from elsewhere: the page works on a laptop with no network at all.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
LONGEST_MARK = 40


def handset(service: Service) -> Blueprint:
    """`/phone` and what it needs."""
    routes = Blueprint(
        "handset", __name__, url_prefix="/phone", static_folder="static/phone", static_url_path="/static"
    )

    @routes.get("")
    def page() -> str:
        settings = service.settings
        return render_template(
            "phone.html",
            hooks=f"/hooks/{settings.hook_tokens[0]}/africastalking/",
            service_code=settings.service_code,
            limit=settings.ussd_limit,
            price=PRICE,
        )

    @routes.get("/air")
    def air() -> dict[str, Any]:
        after = request.args.get("after", "0")
        known = after if len(after) <= LONGEST_MARK and after.replace("-", "").isdecimal() else "0"
        texts, mark = on_the_air(service.redis, known)
        return {"texts": texts, "mark": mark}

    @routes.after_request
    def guarded(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        return response

    return routes
