"""Answers to a survey, as counts, bars, lists and CSV; and telling members what to dial for it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint
from sqlalchemy import and_
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response
from wtforms import StringField

from smsgate.core.i18n import LANGUAGES, language_now, say_day_of, speaking
from smsgate.core.privacy import at_least_few, is_few
from smsgate.core.spreadsheets import table
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log
from smsgate.meetings import time_input
from smsgate.models import Group, Message, MessageKind, Survey
from smsgate.surveys import answers, surveys
from smsgate.web.console.access import current_staff
from smsgate.web.console.confirm_change import Change, ConfirmForm, Effect, Preview, confirm_change
from smsgate.web.console.pages import Form, Page, few, redirect_to, render_page, the_group
from smsgate.web.console.surveys import only as narrowed
from smsgate.web.console.surveys.surveys import the_survey
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


class SendForm(ConfirmForm):
    """When to tell members what to dial; empty means now."""

    at = StringField()


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for answers. They need a role in the group: network admins may not read what members write."""

    @routes.get("/groups/<code>/flows/<int:number>/answers")
    def flow_answers(code: str, number: int) -> Page:
        with service.database.reading() as session:
            one = the_survey(session, the_group(session, code, appointed=True), number, archived=True)
            return _answers(session, one)

    @routes.post("/groups/<code>/flows/<int:number>/answers.csv")
    def flow_table(code: str, number: int) -> Response:
        with service.database.transaction() as session:
            group = the_group(session, code, appointed=True)
            one = the_survey(session, group, number, archived=True)
            audit_log.record(
                session, group.id, current_staff().phone_id, AuditEvent.FLOW_EXPORTED, service.now(), one.id
            )
            content = b"".join(table(answers.table(session, one, _definition(session, one))))
            named = {"Content-Disposition": f"attachment; filename={one.name}.csv"}
        return Response(content, content_type="text/csv; charset=utf-8", headers=named)

    @routes.get("/groups/<code>/flows/<int:number>/send")
    def flow_tell(code: str, number: int) -> Page:
        return _send(service, code, number, SendForm(formdata=None, at=""))

    @routes.post("/groups/<code>/flows/<int:number>/send")
    def flow_send(code: str, number: int) -> Page:
        return _send(service, code, number, SendForm())


def _send(service: Service, code: str, number: int, form: SendForm) -> Page:
    """Tell members what to dial, after a preview."""
    now = service.now()
    with service.database.reading() as session:
        group = the_group(session, code, appointed=True)
        one = the_survey(session, group, number)
        if one.version_id is None or one.code is None:
            said = _("Publish it first and give it a code to dial.")
            return redirect_to("flow_answers", said, "wait", code=code, number=number)
        try:
            due = _chosen_time(form, group, now)
        except (time_input.InvalidTime, ValueError):
            form.at.errors = [_("Choose a time in the next 60 days. Nothing was sent.")]
            return _answers(session, one, form, status=422)

    def make(session: Session, group: Group) -> Effect:
        one = the_survey(session, group, number)
        surveys.send(session, one, now, service.settings.service_code, due)
        expires_at = (due or now) + surveys.WORTH_ASKING
        new = and_(Message.survey_id == one.id, Message.created_at == now)
        return Effect(expires_at, due_at=due, kind=MessageKind.ANSWER, queued=new)

    def show_form(preview: Preview | None) -> Page:
        with service.database.reading() as session:
            one = the_survey(session, the_group(session, code, appointed=True), number)
            return _answers(session, one, form, preview)

    change = Change(
        now=now, find_group=partial(the_group, code=code, appointed=True), make=make, show_form=show_form,
        audit=(AuditEvent.FLOW_SENT, number),
        done=_("Sending. Members will read what to dial."),
        next_page=("flow_answers", {"code": code, "number": number}),
    )  # fmt: skip
    return confirm_change(service, form, change)


def _chosen_time(form: SendForm, group: Group, now: datetime) -> datetime | None:
    """Return the chosen local time in UTC; None means now. Raise InvalidTime or ValueError if it can't be used."""
    typed = form.at.data
    local = datetime.fromisoformat(typed).replace(tzinfo=None) if typed else None
    return time_input.near_future_utc(local, ZoneInfo(group.zone), now) if local else None


def _definition(session: Session, one: Survey) -> dict[str, Any]:
    version = surveys.published_version(session, one)
    return surveys.content(version) if version else surveys.draft_of(one)


class Bar(NamedTuple):
    """An answer with its count and share, as far as they may be shown; `width` is in per cent."""

    label: str
    people: str
    share: str
    width: float


def _bars(counted: Sequence[tuple[str, int]], everybody: int) -> list[Bar]:
    """Return one bar per answer; the share and width of a small count reveal only that it is small."""
    found = []
    for label, count in counted:
        if count < 0:
            found.append(Bar(label, "–", "", 0.0))
            continue
        hidden = is_few(count) and count
        share = "" if hidden or not everybody else f"{round(100 * count / everybody)} %"
        width = 100 * at_least_few(count) / max(at_least_few(everybody), 1) if count else 0.0
        found.append(Bar(label, few(count), share, min(width, 100.0)))
    return found


def _answers(
    session: Session, one: Survey, sending: SendForm | None = None, preview: Preview | None = None, status: int = 200
) -> Page:
    found, everybody, only = _definition(session, one), answers.respondents(session, one), narrowed.chosen(session, one)
    counted = [
        (
            _translated(each.words, found),
            _bars(
                [(_translated(label, found), count) for _name, label, count in each.options], only.people or everybody
            ),
        )
        for each in narrowed.counted(session, one, found, only)
    ]
    typed = [
        (
            _translated(step["ask"], found),
            [answer.value for answer in answers.typed(session, one, step["as"], *only.which)],
        )
        for step in answers.all_questions(session, one, found)
        if "ask" in step
    ]
    if only.value:  # texts typed by only a few would reveal their authors' language or week
        typed = [(words, values) for words, values in typed if not is_few(len(values))]
    spoken = [(LANGUAGES.get(code, code), count) for code, count in answers.by_language(session, one).items()]
    weeks = [(say_day_of(monday.isoformat()), count) for monday, count in answers.by_week(session, one).items()]
    return render_page(
        "flow_answers", status, flow=one, title=surveys.title(found, language_now()), definition=found, counted=counted,
        sending=sending or SendForm(formdata=None), preview=preview, typed=typed, only=only, everybody=everybody,
        form=Form(),
        by_language=_bars(spoken, everybody) if len(spoken) > 1 else [],
        by_week=_bars(weeks, everybody) if len(weeks) > 1 else [],
        results=_results(session, one, found) if not is_few(everybody) and counted and not one.retired_at else None,
    )  # fmt: skip


def _results(session: Session, one: Survey, found: dict[str, Any]) -> dict[str, str]:
    """Return the fields of a notice that tells members the results, in each of the survey's languages."""
    first, *others = found["languages"]
    told = {f"words_{language}": results_said(session, one, language) for language in others}
    return {"words": results_said(session, one, first), **told}


def results_said(session: Session, one: Survey, language: str) -> str:
    """Return the first question's result for a notice: `12 answered: Friday 9, Saturday 3`; "" if there is none."""
    found = _definition(session, one)
    first = next(iter(answers.counts(session, one, found)), None)
    everybody = answers.respondents(session, one)
    if first is None or is_few(everybody):
        return ""
    with speaking(language):
        told = [f"{answers.in_language(label, language, found)} {few(count)}" for _name, label, count in first.options]
        said = _("{question} {count} answered: {answers}.")
        return said.format(
            question=answers.in_language(first.words, language, found), count=everybody, answers=", ".join(told)
        )


def _translated(texts: Any, found: dict[str, Any]) -> str:  # noqa: ANN401 - words by language
    return answers.in_language(texts, language_now(), found)
