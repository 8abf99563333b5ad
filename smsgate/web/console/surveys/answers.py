"""What was answered to a flow: counted, drawn, read one by one, as a table to take along."""

from __future__ import annotations

import csv
import io
from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from flask import Blueprint, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from smsgate.core.i18n import language_now
from smsgate.groups import roles
from smsgate.meetings import time_input
from smsgate.models import Group, Survey
from smsgate.notices import delivery_stats
from smsgate.surveys import answers, surveys
from smsgate.web.console.access import me
from smsgate.web.console.pages import Form, go, show, the_group
from smsgate.web.console.surveys.surveys import the_flow
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response
COLOURS = "abcde"


def add(routes: Blueprint, service: Service) -> None:
    """For those whom the group appointed: an admin of the network does not read what members write."""

    @routes.get("/groups/<code>/flows/<int:number>/answers")
    def flow_answers(code: str, number: int) -> Page:
        with service.database.reading() as session:
            one = the_flow(session, the_group(session, code, own=True), number)
            return _answers(session, one)

    @routes.post("/groups/<code>/flows/<int:number>/answers.csv")
    def flow_table(code: str, number: int) -> Response:
        with service.database.transaction() as session:
            group = the_group(session, code, own=True)
            one = the_flow(session, group, number)
            roles.record_use(session, group.id, me().phone_id, f"flow_exported:{one.id}", service.now())
            paper = io.StringIO()
            csv.writer(paper).writerows(answers.table(session, one, _definition(session, one)))
            named = {"Content-Disposition": f"attachment; filename={one.name}.csv"}
        return Response("\ufeff" + paper.getvalue(), content_type="text/csv; charset=utf-8", headers=named)

    @routes.post("/groups/<code>/flows/<int:number>/send")
    def flow_send(code: str, number: int) -> Page:
        with service.database.transaction() as session:
            group = the_group(session, code, own=True)
            one = the_flow(session, group, number)
            if one.version_id is None or one.code is None:
                said = _("Publish it first, and give it a code to dial.")
                return go("flow_answers", said, "wait", code=code, number=number)
            try:
                due = _due(group, service.now())
            except (time_input.NotAMoment, ValueError):
                said = _("That is no time within the next 60 days. Nobody was told.")
                return go("flow_answers", said, "wait", code=code, number=number)
            count = surveys.send(session, one, service.now(), service.settings.service_code, due)
            roles.record_use(session, group.id, me().phone_id, f"flow_sent:{one.id}", service.now())
        said = (
            _("The members are told what to dial.")
            if count
            else _("They were told today already, or nobody gets texts.")
        )
        return go("flow_answers", said, "done" if count else "wait", code=code, number=number)


def _due(group: Group, now: datetime) -> datetime | None:
    """The time on the group's clock that was chosen; None for now. Raises NotAMoment and ValueError."""
    typed = request.form.get("at", "")
    local = datetime.fromisoformat(typed).replace(tzinfo=None) if typed else None
    return time_input.ahead(local, ZoneInfo(group.zone), now) if local else None


def _definition(session: Session, one: Survey) -> dict[str, Any]:
    version = surveys.published(session, one)
    return surveys.content(version) if version else surveys.draft_of(one)


def _answers(session: Session, one: Survey) -> Page:
    found = _definition(session, one)
    counted = []
    for each in answers.counts(session, one, found):
        told = [(_in(label, found), count) for _name, label, count in each.options]
        bars = delivery_stats.drawn({f"{at}": count for at, (_label, count) in enumerate(told)})
        colours = [COLOURS[at % len(COLOURS)] for at in range(len(told))]
        drawn = [("", colours[int(at)], width) for at, width in bars]
        counted.append((_in(each.words, found), told, drawn, colours))
    typed = [
        (_in(step["ask"], found), [answer.value for answer in answers.typed(session, one, step["as"])])
        for step in found["steps"]
        if "ask" in step
    ]
    everybody = answers.respondents(session, one)
    return show(
        "flow_answers", flow=one, title=surveys.title(found, language_now()), definition=found, counted=counted,
        typed=typed, everybody=everybody, form=Form(),
    )  # fmt: skip


def _in(texts: Any, found: dict[str, Any]) -> str:  # noqa: ANN401 - words by language
    return str(texts.get(language_now()) or texts[found["languages"][0]])
