"""Members' answers to a survey: stored encrypted, counted, read one by one, exported, and deleted when they are old."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from smsgate.groups.number_files import safe_cell
from smsgate.models import Member, Survey, SurveyAnswer, SurveyVersion
from smsgate.surveys.definitions.schema import answer_names

VALUE_MOST = 160


def save_answer(
    session: Session, member: Member, version_id: int, answers: Iterable[Sequence[str]], now: datetime
) -> bool:
    """Save a member's answers in place of their earlier ones; return False if the version is gone.

    Empty `answers` store nothing. Answers to an anonymous survey carry neither the phone nor the time of day, and
    replace none.
    """
    version = session.get(SurveyVersion, version_id)
    if version is None:
        return False
    anonymous = json.loads(version.definition)["anonymous"]
    phone_id = None if anonymous else member.phone_id
    if phone_id is not None:
        earlier = (SurveyAnswer.survey_id == version.survey_id, SurveyAnswer.phone_id == phone_id)
        session.execute(delete(SurveyAnswer).where(*earlier))
    at = datetime.combine(now.date(), time(), now.tzinfo) if anonymous else now
    respondent = secrets.token_hex(8)
    session.add_all(
        SurveyAnswer(
            version_id=version_id, survey_id=version.survey_id, respondent=respondent, phone_id=phone_id, step=step,
            value=value[:VALUE_MOST], at=at,
        )
        for step, value in answers
    )  # fmt: skip
    return True


@dataclass(frozen=True)
class Counted:
    """How often each option of a question was chosen."""

    step: str
    words: Mapping[str, str]  # the question by language
    options: list[tuple[str, Mapping[str, str], int]]  # the option's short name, its label by language, its count


def respondents(session: Session, survey: Survey) -> int:
    """Return how many respondents answered at least one question."""
    rows = select(func.count(SurveyAnswer.respondent.distinct())).where(SurveyAnswer.survey_id == survey.id)
    return session.scalar(rows) or 0


def counts(session: Session, survey: Survey, definition: Mapping[str, Any]) -> list[Counted]:
    """Count the answers to each multiple-choice question, in the order of the steps."""
    tally: dict[tuple[str, str], int] = {}
    rows = select(SurveyAnswer.step, SurveyAnswer.value).where(SurveyAnswer.survey_id == survey.id)
    for step, value in session.execute(rows):
        tally[step, value] = tally.get((step, value), 0) + 1
    return [
        Counted(
            step["as"],
            step["choose"],
            [(option["is"], option["label"], tally.get((step["as"], option["is"]), 0)) for option in step["options"]],
        )
        for step in definition["steps"]
        if "choose" in step
    ]


def typed(session: Session, survey: Survey, step: str) -> list[SurveyAnswer]:
    """Return what was typed in answer to a question, in an order that does not tell who answered when."""
    rows = select(SurveyAnswer).where(SurveyAnswer.survey_id == survey.id, SurveyAnswer.step == step)
    return list(session.scalars(rows.order_by(SurveyAnswer.respondent)))


def table(session: Session, survey: Survey, definition: Mapping[str, Any]) -> list[list[str]]:
    """Return all answers as a table: a header row, then a row for each respondent. No cell is a spreadsheet formula."""
    steps = answer_names(definition)
    rows: dict[str, dict[str, str]] = {}
    answers = select(SurveyAnswer).where(SurveyAnswer.survey_id == survey.id).order_by(SurveyAnswer.respondent)
    for answer in session.scalars(answers):
        rows.setdefault(answer.respondent, {"day": answer.at.date().isoformat()})[answer.step] = answer.value
    return [["day", *steps], *([safe_cell(row.get(name, "")) for name in ("day", *steps)] for row in rows.values())]


def forget_old_answers(session: Session, now: datetime) -> None:
    """Delete answers that are older than the `keep_days` of their version."""
    for version in session.scalars(select(SurveyVersion)):
        days = json.loads(version.definition)["keep_days"]
        outdated = (SurveyAnswer.version_id == version.id, SurveyAnswer.at < now - timedelta(days=days))
        session.execute(delete(SurveyAnswer).where(*outdated).execution_options(synchronize_session=False))
