"""People who ask to join a group, by the names that they chose; a yes or a no, which they are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint, request
from werkzeug.wrappers import Response

from smsgate.groups import join_requests
from smsgate.web.console.access import me
from smsgate.web.console.pages import Form, first_time, go, show, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response


def add(routes: Blueprint, service: Service) -> None:
    """Who asks, and the answer; for those whom the group appointed."""

    @routes.get("/groups/<code>/asking")
    def asking(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code, own=True)
            found = join_requests.open_requests(session, group.id, service.now())
        return show("asking", group=group, rows=[(one, Form()) for one in found], days=join_requests.KEPT.days)

    @routes.post("/groups/<code>/asking/<int:number>")
    def asking_answer(code: str, number: int) -> Page:
        yes, now, form = request.form.get("answer") == "yes", service.now(), Form()
        with service.database.transaction() as session:
            group = the_group(session, code, own=True)
            if request.form.get("answer") not in ("yes", "no"):
                return go("asking", code=code)
            given = (group, number, yes, now, service.settings.service_code)
            if not first_time(session, form, now) or not join_requests.decide(session, *given, by=me().phone_id):
                return go("asking", _("That was answered already."), "wait", code=code)
        return go("asking", _("They are in the group, and told so.") if yes else _("They are told, kindly."), code=code)
