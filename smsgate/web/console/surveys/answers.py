"""Answers to a survey: counted, drawn, listed, exported as CSV; and sending the survey to members."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from smsgate.core.i18n import language_now
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log, number_files
from smsgate.meetings import time_input
from smsgate.models import Group, Survey
from smsgate.notices import delivery_stats
from smsgate.surveys import answers, surveys
from smsgate.web.console.access import current_staff
from smsgate.web.console.pages import Form, redirect_to, render_page, the_group
from smsgate.web.console.surveys.surveys import the_survey
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response
COLOURS = "abcde"


def add_routes(routes: Blueprint, service: Service) -> None:
    """Routes of answers, for those whom the group appointed: admins of the network do not read what members write."""

    @routes.get("/groups/<code>/flows/<int:number>/answers")
    def flow_answers(code: str, number: int) -> Page:
        with service.database.reading() as session:
            one = the_survey(session, the_group(session, code, appointed=True), number)
            return _answers(session, one)

    @routes.post("/groups/<code>/flows/<int:number>/answers.csv")
    def flow_table(code: str, number: int) -> Response:
        with service.database.transaction() as session:
            group = the_group(session, code, appointed=True)
            one = the_survey(session, group, number)
            audit_log.record(
                session, group.id, current_staff().phone_id, AuditEvent.FLOW_EXPORTED, service.now(), one.id
            )
            content = b"".join(number_files.table(answers.table(session, one, _definition(session, one))))
            named = {"Content-Disposition": f"attachment; filename={one.name}.csv"}
        return Response(content, content_type="text/csv; charset=utf-8", headers=named)

    @routes.post("/groups/<code>/flows/<int:number>/send")
    def flow_send(code: str, number: int) -> Page:
        now = service.now()
        with service.database.transaction() as session:
            group = the_group(session, code, appointed=True)
            one = the_survey(session, group, number)
            if one.version_id is None or one.code is None:
                said = _("Publish it first, and give it a code to dial.")
                return redirect_to("flow_answers", said, "wait", code=code, number=number)
            try:
                due = _chosen_time(group, now)
            except (time_input.InvalidTime, ValueError):
                said = _("That is no time within the next 60 days. Nobody was told.")
                return redirect_to("flow_answers", said, "wait", code=code, number=number)
            count = surveys.send(session, one, now, service.settings.service_code, due)
            audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.FLOW_SENT, now, one.id)
        said = (
            _("The members are told what to dial.")
            if count
            else _("They were told today already, or nobody gets texts.")
        )
        return redirect_to("flow_answers", said, "done" if count else "wait", code=code, number=number)


def _chosen_time(group: Group, now: datetime) -> datetime | None:
    """Return the chosen time in UTC, given in the group's time zone; None for now. Raises InvalidTime, ValueError."""
    typed = request.form.get("at", "")
    local = datetime.fromisoformat(typed).replace(tzinfo=None) if typed else None
    return time_input.near_future_utc(local, ZoneInfo(group.zone), now) if local else None


def _definition(session: Session, one: Survey) -> dict[str, Any]:
    version = surveys.published_version(session, one)
    return surveys.content(version) if version else surveys.draft_of(one)


def _answers(session: Session, one: Survey) -> Page:
    found = _definition(session, one)
    counted = []
    for each in answers.counts(session, one, found):
        told = [(_translated(label, found), count) for _name, label, count in each.options]
        bars = delivery_stats.drawn({f"{at}": count for at, (_label, count) in enumerate(told)})
        colours = [COLOURS[at % len(COLOURS)] for at in range(len(told))]
        drawn = [("", colours[int(at)], width) for at, width in bars]
        counted.append((_translated(each.words, found), told, drawn, colours))
    typed = [
        (_translated(step["ask"], found), [answer.value for answer in answers.typed(session, one, step["as"])])
        for step in answers.all_questions(session, one, found)
        if "ask" in step
    ]
    everybody = answers.respondents(session, one)
    return render_page(
        "flow_answers", flow=one, title=surveys.title(found, language_now()), definition=found, counted=counted,
        typed=typed, everybody=everybody, form=Form(),
    )  # fmt: skip


def _translated(texts: Any, found: dict[str, Any]) -> str:  # noqa: ANN401 - words by language
    return answers.in_language(texts, language_now(), found)
