"""A group's calendar: a feed at `/calendar/TOKEN.ics`, a month to print at `/calendar/TOKEN/2026-12`.

The token is the only key: anyone who has it can read the calendar.
"""

from __future__ import annotations

import re
from datetime import date, datetime

from babel.dates import format_date, format_time
from flask import Blueprint, Response, abort, render_template, request

from smsgate.core.dial_codes import code_below
from smsgate.core.i18n import _, language_now, speaking
from smsgate.meetings import calendar_feed
from smsgate.service import Service
from smsgate.web.front import browser_language
from smsgate.web.security_headers import security_headers

MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])", re.ASCII)
FRESH = 3600  # seconds that a browser may cache a page
HEADERS = {
    **security_headers(style_src="'unsafe-inline'"),  # inline, so that a saved copy prints the same
    "Vary": "Accept-Language",
    "Cache-Control": f"private, max-age={FRESH}",
}


def calendar(service: Service) -> Blueprint:
    """Return the blueprint of the calendar pages; a wrong token gets a 404."""
    routes = Blueprint("calendar", __name__, url_prefix="/calendar", template_folder="templates")

    @routes.get("/<token>.ics")
    def ical(token: str) -> Response:
        with service.database.reading() as session, speaking(browser_language()):
            group = calendar_feed.of_token(session, token) or abort(404)
            body = calendar_feed.as_ical(session, group, service.now())
        response = Response(body, content_type="text/calendar; charset=utf-8")
        response.headers["Content-Disposition"] = "inline; filename=meetings.ics"
        response.add_etag()  # of the whole body: no date changes when the group hides its places or name
        response.make_conditional(request)
        return response

    @routes.get("/<token>/<month>")
    def paper(token: str, month: str) -> str:
        if not MONTH.fullmatch(month):
            abort(404)
        with service.database.reading() as session, speaking(browser_language()):
            group = calendar_feed.of_token(session, token) or abort(404)
            first = datetime.strptime(month, "%Y-%m").date()
            return _month_page(
                service, group.code, calendar_feed.title(group), calendar_feed.month(session, group, first), first
            )

    routes.after_request(_with_headers)
    return routes


def _month_page(service: Service, code: str, title: str, lines: list[calendar_feed.Line], first: date) -> str:
    language, service_code = language_now(), service.settings.service_code
    dial = code_below(service_code, code)
    return render_template(
        "month.html",
        language=language,
        title=title,
        month=format_date(first, "LLLL y", locale=language),
        rows=[_row(line, language) for line in lines],
        later=_("Later dates are not fixed yet.") if calendar_feed.goes_on(first, service.now()) else "",
        empty=_("No meeting is planned in this month."),
        off=_("does not take place"),
        dial=dial,
        join=_("To join: dial {dial} or text JOIN {group_code}").format(dial=dial, group_code=code),
        following=_("For the next dates, any phone: dial {code} or text NEXT").format(code=service_code),
    )


def _row(line: calendar_feed.Line, language: str) -> dict[str, object]:
    start, end = (format_time(moment, "HH:mm", locale=language) for moment in (line.start, line.end))
    return {"day": format_date(line.start, "EEEE d MMMM", locale=language), "start": start, "end": end, "line": line}


def _with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response
