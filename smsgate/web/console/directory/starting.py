"""Requests to start a group, which admins of the network read and answer by text; no number is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy.orm import Session
from wtforms import HiddenField, StringField
from wtforms.validators import AnyOf

from smsgate.directory import start_requests
from smsgate.flows.finding.start_group import LONGEST_ANSWER
from smsgate.models import StartRequest
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import NotFound, require_network_admin
from smsgate.web.console.fields import at_most, phones_show_it, required
from smsgate.web.console.pages import (
    Form,
    Page,
    accept_once,
    already_done,
    changed_meanwhile,
    fingerprint,
    redirect_to,
    render_page,
)
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


class AnswerForm(Form):
    """An answer to a request."""

    words = StringField(
        validators=[required(lambda: _("Write your answer first.")), at_most(LONGEST_ANSWER), phones_show_it]
    )
    do = HiddenField()


class TextsForm(Form):
    """The setting whether the signed-in user gets a text about each new request."""

    do = HiddenField(validators=[AnyOf(["on", "off"])])


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for listing and answering requests, for admins of the network."""

    @routes.get("/starting")
    def starting_here() -> Page:
        require_network_admin(current_staff())
        with service.database.reading() as session:
            return _page(session)

    @routes.post("/starting/texts")
    def starting_texts() -> Page:
        require_network_admin(current_staff())
        form = TextsForm()
        with service.database.transaction() as session:
            if form.validate_on_submit():
                start_requests.set_texted(session, current_staff().phone_id, form.do.data == "on")
        return redirect_to("starting_here", _("Saved."))

    @routes.post("/starting/<int:number>")
    def starting_answer(number: int) -> Page:
        require_network_admin(current_staff())
        return _answer(service, number)


def _page(session: Session, wrong: AnswerForm | None = None, number: int = 0) -> Page:
    """Render the requests; `wrong` is an answer to request `number` that was submitted with errors."""
    rows = [
        (one, wrong if wrong and one.id == number else AnswerForm(formdata=None, seen=fingerprint(*_state(one))))
        for one in start_requests.requests(session)
    ]
    for one, form in rows:
        form.words.id = f"words-{one.id}"  # unique, since the page has a form for each request
    return render_page(
        "starting", 422 if wrong else 200, rows=rows, days=start_requests.KEPT.days, longest=LONGEST_ANSWER,
        texts=TextsForm(formdata=None), is_texted=start_requests.is_texted(session, current_staff().phone_id),
    )  # fmt: skip


def _state(one: StartRequest) -> tuple[object, ...]:
    return one.asked_at, one.answered_at


def _answer(service: Service, number: int) -> Page:
    form, now = AnswerForm(), service.now()
    with service.database.transaction() as session:
        request = session.get(StartRequest, number, with_for_update=True)
        if request is None:
            raise NotFound
        if changed_meanwhile(form, *_state(request)):  # they have asked anew, or someone else has answered
            form.words.errors = [_("Someone else changed this in the meantime. Your change wasn't saved.")]
            form.renew(fingerprint(*_state(request)))
            return _page(session, form, number)
        done = form.do.data == "done"
        if not done and not form.validate_on_submit():
            return _page(session, form, number)
        if not accept_once(session, form, now):
            return already_done("starting_here")
        if done:
            session.delete(request)
        elif not start_requests.answer(session, request, form.words.data or "", now, service.settings.service_code):
            return redirect_to("starting_here", _("Their number can't be reached by text any more."), "wrong")
    return redirect_to("starting_here", _("Removed.") if done else _("Your answer is being sent."))
