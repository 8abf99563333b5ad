"""Performs the actions about surveys."""

from __future__ import annotations

import json
from typing import Any

from smsgate.conversations.handlers.context import ActionContext, perform, the_member
from smsgate.flows import actions
from smsgate.models import Survey
from smsgate.surveys import answers, surveys


@perform.register
def _(action: actions.FlowsHere, context: ActionContext) -> list[dict[str, Any]]:
    here = surveys.offered_surveys(context.session, context.member, action.group_id, joining=action.joining)
    phone = context.member.phone if context.member else None
    return [{"id": survey.id, "title": _title(context, survey, phone.language if phone else None)} for survey in here]


def _title(context: ActionContext, survey: Survey, language: str | None) -> str:
    version = surveys.published_version(context.session, survey)
    return surveys.title(json.loads(version.definition), language) if version else survey.name


@perform.register
def _(action: actions.LoadFlow, context: ActionContext) -> dict[str, Any] | None:
    survey = context.session.get(Survey, action.survey_id) if action.survey_id else None
    if action.code:
        survey = surveys.by_code(context.session, context.member, action.code)
    version = surveys.published_version(context.session, survey) if survey and survey.retired_at is None else None
    return {"version": version.id, "asked": json.loads(version.definition)} if version else None


@perform.register
def _(action: actions.KeepAnswers, context: ActionContext) -> bool:
    return answers.save_answer(context.session, the_member(context), action.version, action.answers, context.now)
