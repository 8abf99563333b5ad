"""How the actions of flows that a group wrote are done."""

from __future__ import annotations

import json
from typing import Any

from smsgate.conversations.handlers.context import Scene, perform, the_member
from smsgate.flows import actions
from smsgate.models import Survey
from smsgate.surveys import answers, surveys


@perform.register
def _(action: actions.FlowsHere, scene: Scene) -> list[dict[str, Any]]:
    found = surveys.survey_in(scene.session, scene.member, action.group_id, joining=action.joining)
    phone = scene.member.phone if scene.member else None
    return [{"id": one.id, "title": _title(scene, one, phone.language if phone else None)} for one in found]


def _title(scene: Scene, one: Survey, language: str | None) -> str:
    version = surveys.published(scene.session, one)
    return surveys.title(json.loads(version.definition), language) if version else one.name


@perform.register
def _(action: actions.LoadFlow, scene: Scene) -> dict[str, Any] | None:
    one = scene.session.get(Survey, action.survey_id) if action.survey_id else None
    if action.code:
        one = surveys.by_code(scene.session, scene.member, action.code)
    version = surveys.published(scene.session, one) if one and one.retired_at is None else None
    return {"version": version.id, "asked": json.loads(version.definition)} if version else None


@perform.register
def _(action: actions.KeepAnswers, scene: Scene) -> bool:
    return answers.save_answer(scene.session, the_member(scene), action.version, action.answers, scene.now)
