"""Requests to join a group, shown by chosen name; people get the answer by text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request

from smsgate.groups import join_requests
from smsgate.web.console.access import current_staff
from smsgate.web.console.pages import Form, Page, accept_once, redirect_to, render_page, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for listing and answering requests, open to those with a role in the group."""

    @routes.get("/groups/<code>/asking")
    def asking(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, appointed=True)
            found = join_requests.open_requests(session, group.id, service.now())
        return render_page("asking", group=group, rows=[(one, Form()) for one in found], days=join_requests.KEPT.days)

    @routes.post("/groups/<code>/asking/<int:number>")
    def asking_answer(code: str, number: int) -> Page:
        yes, now, form = request.form.get("answer") == "yes", service.now(), Form()
        with service.database.transaction() as session:
            group = the_group(session, code, appointed=True)
            if request.form.get("answer") not in ("yes", "no"):
                return redirect_to("asking", code=code)
            given = (group, number, yes, now, service.settings.service_code)
            if not accept_once(session, form, now) or not join_requests.decide(
                session, *given, by=current_staff().phone_id
            ):
                return redirect_to("asking", _("This was answered already."), "wait", code=code)
        return redirect_to(
            "asking",
            _("Approved. We're telling them by text.")
            if yes
            else _("Declined. They get a kind text, without a reason."),
            code=code,
        )
