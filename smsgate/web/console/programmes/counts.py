"""A programme's counts by month, on a page and as CSV; no row identifies a person."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from werkzeug.wrappers import Response

from smsgate.core.i18n import language_now
from smsgate.core.spreadsheets import table
from smsgate.matching import counts, feedback
from smsgate.matching.counts import Period
from smsgate.models import Ending
from smsgate.web.console.pages import Page, render_page
from smsgate.web.console.programmes import parts
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes of the page and of the CSV file."""

    @routes.get("/programmes/<int:number>/counts")
    def programme_counts(number: int) -> Page:
        with service.database.reading() as session:
            programme = parts.the_programme(session, number)
            found = counts.periods(session, programme)
            rows = [_row(one) for one in found]
            said = feedback.said_together(session, programme, language_now())
            return render_page("programme_counts", heads=heads(), rows=rows, said=said)

    @routes.get("/programmes/<int:number>/counts.csv")
    def programme_counts_file(number: int) -> Response:
        with service.database.reading() as session:
            programme = parts.the_programme(session, number)
            rows = [_row(one) for one in counts.periods(session, programme)]
        named = {"Content-Disposition": f"attachment; filename=one-to-one-{number}.csv"}
        return Response(b"".join(table([heads(), *rows])), content_type="text/csv; charset=utf-8", headers=named)


def heads() -> tuple[str, ...]:
    """Return the column headings."""
    endings = tuple(_("ended: {how}").format(how=how) for how in parts.endings_in_words().values())
    return (
        _("Month or year"), _("People"), _("Meetings"), _("Hours"), _("Asked"), _("Matches started"),
        _("Days waited, on average"), *endings,
    )  # fmt: skip


def _row(one: Period) -> tuple[str, ...]:
    numbers = (one.people, one.meetings, one.hours, one.asked, one.began)
    endings = tuple(_shown(one.endings[ending]) for ending in Ending)
    waited = "" if one.days_waited is None else str(one.days_waited)
    return (one.name, *map(_shown, numbers), waited, *endings)


def _shown(number: int | None) -> str:
    return _("hidden") if number is None else str(number)
