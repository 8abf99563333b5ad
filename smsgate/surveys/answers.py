"""Members' answers to a survey: stored encrypted, counted, read, exported, and deleted when they are old."""

from __future__ import annotations

import json
import secrets
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from smsgate.core.graphemes import clip
from smsgate.core.i18n import SOURCE
from smsgate.models import Member, Phone, Survey, SurveyAnswer, SurveyVersion
from smsgate.models.row_failures import work_on_each
from smsgate.surveys.definitions.schema import answer_names

VALUE_MOST = 160
DAY = "Day answered"  # cannot clash with a step, whose name has no space
BETWEEN = "; "  # separates one person's choices from a list that is shown again


def save_answer(
    session: Session, member: Member, version_id: int, answers: Iterable[Sequence[str]], now: datetime
) -> bool:
    """Save a member's answers, replacing their earlier ones; return False if the version is gone.

    Anonymous answers are stored without the phone and the time of day, and replace none.
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
            value=clip(value, VALUE_MOST), at=at,
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


def of_language(language: str) -> ColumnElement[bool]:
    """Return the condition for answers of those whose phone has this language, as `by_language` counts them."""
    own = Phone.language == language
    return SurveyAnswer.phone_id.in_(
        select(Phone.id).where(or_(own, Phone.language.is_(None)) if language == SOURCE else own)
    )


def of_week(survey: Survey, monday: date) -> ColumnElement[bool]:
    """Return the condition for answers of those who started in this week, as `by_week` counts them."""
    begins = datetime.combine(monday, time(), UTC)
    first, rows = func.min(SurveyAnswer.at), select(SurveyAnswer.respondent).where(SurveyAnswer.survey_id == survey.id)
    within = and_(first >= begins, first < begins + timedelta(days=7))
    return SurveyAnswer.respondent.in_(rows.group_by(SurveyAnswer.respondent).having(within))


def respondents(session: Session, survey: Survey, *which: ColumnElement[bool]) -> int:
    """Return how many respondents answered at least one question."""
    rows = select(func.count(SurveyAnswer.respondent.distinct())).where(SurveyAnswer.survey_id == survey.id, *which)
    return session.scalar(rows) or 0


def all_questions(session: Session, survey: Survey, definition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return a definition's questions, followed by those that only earlier versions asked and that have answers.

    Options that were renamed or dropped come after the current ones, so that no answer is lost.
    """
    answered = {(step, value) for step, value in session.execute(_pairs(survey).distinct())}
    questions = {_kind(step): {**step} for step in definition["steps"] if {"ask", "choose"} & step.keys()}
    earlier = select(SurveyVersion.definition).where(SurveyVersion.survey_id == survey.id)
    for content in session.scalars(earlier.order_by(SurveyVersion.number.desc())):
        for step in json.loads(content)["steps"]:
            if "choose" in step:
                _add_options(questions, step, answered)
            elif "ask" in step and step["as"] in {name for name, _value in answered}:
                questions.setdefault(_kind(step), step)
    return list(questions.values())


def _pairs(survey: Survey) -> Select[str, str]:
    return select(SurveyAnswer.step, SurveyAnswer.value).where(SurveyAnswer.survey_id == survey.id)


def _kind(step: Mapping[str, Any]) -> tuple[str, bool]:
    """Return what identifies a question across versions."""
    return step["as"], "choose" in step


def _add_options(
    questions: dict[tuple[str, bool], dict[str, Any]], step: dict[str, Any], answered: set[tuple[str, str]]
) -> None:
    chosen = [option for option in step["options"] if (step["as"], option["is"]) in answered]
    known = questions.get(_kind(step))
    if known is None and chosen:
        questions[_kind(step)] = {**step, "options": chosen}
    elif known is not None:
        names = {option["is"] for option in known["options"]}
        known["options"] = [*known["options"], *(option for option in chosen if option["is"] not in names)]


def counts(
    session: Session, survey: Survey, definition: Mapping[str, Any], *which: ColumnElement[bool]
) -> list[Counted]:
    """Count the answers to each multiple-choice question, in the order of the steps, then those of earlier versions.

    Someone who chose an option twice counts once. Options that differ only in their short names are counted as one.
    """
    tally: dict[tuple[str, str], set[str]] = {}
    for step, value, respondent in session.execute(_pairs(survey).where(*which).add_columns(SurveyAnswer.respondent)):
        tally.setdefault((step, value), set()).add(respondent)
    return [
        Counted(step["as"], step["choose"], _counted(step, tally))
        for step in all_questions(session, survey, definition)
        if "choose" in step
    ]


def in_language(texts: Mapping[str, str], language: str, definition: Mapping[str, Any]) -> str:
    """Return a text in this language, else in the definition's first language, else in any."""
    return texts.get(language) or texts.get(definition["languages"][0]) or next(iter(texts.values()))


def _counted(
    step: Mapping[str, Any], tally: Mapping[tuple[str, str], set[str]]
) -> list[tuple[str, Mapping[str, str], int]]:
    by_label: dict[str, tuple[str, Mapping[str, str], set[str]]] = {}
    for option in step["options"]:
        label = json.dumps(option["label"], sort_keys=True)
        name, _label, before = by_label.get(label, (option["is"], {}, set()))
        by_label[label] = (name, option["label"], before | tally.get((step["as"], option["is"]), set()))
    return [(name, label, len(who)) for name, label, who in by_label.values()]


def by_language(session: Session, survey: Survey) -> dict[str, int]:
    """Count respondents by the language of their phone; {} for an anonymous survey, which stores no phone."""
    rows = select(Phone.language, func.count(SurveyAnswer.respondent.distinct()))
    rows = rows.join(SurveyAnswer, SurveyAnswer.phone_id == Phone.id).where(SurveyAnswer.survey_id == survey.id)
    return {language or SOURCE: count for language, count in session.execute(rows.group_by(Phone.language))}


def by_week(session: Session, survey: Survey) -> dict[date, int]:
    """Count respondents by the Monday (UTC) of the week in which they answered, earliest first."""
    rows = select(SurveyAnswer.respondent, func.min(SurveyAnswer.at)).where(SurveyAnswer.survey_id == survey.id)
    days = [at.date() for _who, at in session.execute(rows.group_by(SurveyAnswer.respondent))]
    return dict(sorted(Counter(day - timedelta(days=day.weekday()) for day in days).items()))


def typed(session: Session, survey: Survey, step: str, *which: ColumnElement[bool]) -> list[SurveyAnswer]:
    """Return the answers typed to a question, in an order that does not reveal who answered when."""
    rows = select(SurveyAnswer).where(SurveyAnswer.survey_id == survey.id, SurveyAnswer.step == step, *which)
    return list(session.scalars(rows.order_by(SurveyAnswer.respondent)))


def table(session: Session, survey: Survey, definition: Mapping[str, Any]) -> list[list[str]]:
    """Return all answers as a table: a header row, then a row for each respondent.

    All choices that someone made from a list that is shown again are in one cell, in the order they made them.
    """
    asked = [str(step["as"]) for step in all_questions(session, survey, definition)]
    steps = list(dict.fromkeys([*answer_names(definition), *asked]))
    rows: dict[str, dict[str, list[str]]] = {}
    answers = select(SurveyAnswer).where(SurveyAnswer.survey_id == survey.id)
    for answer in session.scalars(answers.order_by(SurveyAnswer.respondent, SurveyAnswer.id)):
        row = rows.setdefault(answer.respondent, {DAY: [answer.at.date().isoformat()]})
        row.setdefault(answer.step, []).append(answer.value)
    cells = [[BETWEEN.join(dict.fromkeys(row.get(name, []))) for name in (DAY, *steps)] for row in rows.values()]
    return [[DAY, *steps], *cells]


def forget_old_answers(session: Session, now: datetime) -> None:
    """Delete answers older than their version's `keep_days`."""

    def forget(ids: Sequence[int]) -> None:
        for version in session.scalars(select(SurveyVersion).where(SurveyVersion.id.in_(ids))):
            days = json.loads(version.definition)["keep_days"]
            outdated = (SurveyAnswer.version_id == version.id, SurveyAnswer.at < now - timedelta(days=days))
            session.execute(delete(SurveyAnswer).where(*outdated).execution_options(synchronize_session=False))

    work_on_each(session, "old answers to a survey", session.scalars(select(SurveyVersion.id)).all(), forget, now)
