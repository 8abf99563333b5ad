"""A group's surveys: drafts, published versions, how members reach them, and texting members to take part.

`definitions/` defines what a survey may contain; `flows/survey.py` runs it on the phone.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.admin_text import _
from smsgate.core.dial_codes import code_below
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.flows import sms
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.flows.typed.keywords import normalise, parse_keyword
from smsgate.groups import audit_log, groups
from smsgate.groups.wording import speaking_for
from smsgate.models import (
    Group,
    Lane,
    Member,
    Membership,
    Message,
    MessageKind,
    Phone,
    Survey,
    SurveyAnswer,
    SurveyVersion,
)  # fmt: skip
from smsgate.outbox import keys, messages
from smsgate.surveys.definitions.schema import ERROR, Definition, Fault, InvalidDefinition, parse_definition
from smsgate.surveys.definitions.validation import find_faults

KEYWORD = re.compile(r"[a-z]{3,20}")
WORTH_ASKING = timedelta(hours=24)
MOST = 40  # surveys per group


class StaleDraft(Invalid):
    """Someone else has saved the draft since it was loaded."""

    def __init__(self) -> None:
        super().__init__(_("Someone else changed this flow in the meantime. Check it again: your change wasn't saved."))


class NotPublishable(Invalid):
    """The draft has errors that prevent publishing: `faults`."""

    def __init__(self, faults: list[Fault]) -> None:
        told = "; ".join(f"{fault.where} {fault.what}" for fault in faults[:5])
        super().__init__(_("This can't be published yet: {faults}").format(faults=told))
        self.faults = faults


@dataclass(frozen=True)
class SurveyAccess:
    """How members reach a survey."""

    in_menu: bool = False
    after_joining: bool = False
    keyword: str = ""
    code: str = ""


def create(session: Session, group: Group, data: Definition, now: datetime) -> Survey:
    """Create a survey that nobody can reach yet. Raises Invalid."""
    if len(surveys_of(session, group.id)) >= MOST:
        raise Invalid(_("A group can have at most {most} flows.").format(most=MOST))
    row = Survey(group_id=group.id, name=data["name"], draft=json.dumps(data), created_at=now)
    session.add(row)
    session.flush()
    return row


def surveys_of(session: Session, group_id: int) -> list[Survey]:
    """Return a group's surveys that are not archived, oldest first."""
    in_group = (Survey.group_id == group_id, Survey.retired_at.is_(None))
    return list(session.scalars(select(Survey).where(*in_group).order_by(Survey.id)))


def archived(session: Session, group_id: int) -> list[Survey]:
    """Return a group's archived surveys that still have answers, last archived first."""
    answered = exists().where(SurveyAnswer.survey_id == Survey.id)
    rows = select(Survey).where(Survey.group_id == group_id, Survey.retired_at.is_not(None), answered)
    return list(session.scalars(rows.order_by(Survey.retired_at.desc())))


def draft_of(survey: Survey) -> dict[str, Any]:
    """Return the draft as JSON data; it may not be valid yet."""
    definition: dict[str, Any] = json.loads(survey.draft)
    return definition


def save_draft(session: Session, survey: Survey, data: Mapping[str, Any], number: int) -> None:
    """Save an admin's edit of draft `number`. Raises StaleDraft if there is a newer one."""
    check_draft_number(session, survey, number)
    survey.draft, survey.draft_number = json.dumps(data), number + 1
    survey.name = str(data.get("name") or survey.name)[:40]


def check_draft_number(session: Session, survey: Survey, number: int | None) -> None:
    """Lock the survey, and raise StaleDraft unless `number` is still its draft's; None accepts any draft."""
    session.flush()
    session.refresh(survey, with_for_update=True)
    if number is not None and survey.draft_number != number:
        raise StaleDraft


def publish(
    session: Session, survey: Survey, by: int | None, now: datetime, number: int | None = None
) -> SurveyVersion:
    """Publish the draft as a new version; `number` is the number of the draft that was previewed.

    Raises StaleDraft, NotPublishable, or InvalidDefinition for an invalid draft.
    """
    check_draft_number(session, survey, number)
    definition = parse_definition(draft_of(survey))
    errors = [fault for fault in find_faults(definition) if fault.severity == ERROR]
    if errors:
        raise NotPublishable(errors)
    if (live := published_version(session, survey)) and parse_definition(content(live)) == definition:
        return live  # published already
    last = session.scalar(select(func.max(SurveyVersion.number)).where(SurveyVersion.survey_id == survey.id)) or 0
    version = SurveyVersion(
        survey_id=survey.id, number=last + 1, definition=json.dumps(definition), published_at=now, published_by=by
    )
    session.add(version)
    session.flush()
    survey.version_id = version.id
    audit_log.record(session, survey.group_id, by, AuditEvent.FLOW_PUBLISHED, now, survey.id)
    return version


def has_unpublished_changes(session: Session, survey: Survey) -> bool:
    """Return whether the draft differs from the version that members see."""
    version = published_version(session, survey)
    try:
        return version is None or parse_definition(draft_of(survey)) != parse_definition(content(version))
    except InvalidDefinition:
        return True


def restore_version(session: Session, survey: Survey, number: int, draft_number: int | None = None) -> None:
    """Copy version `number` over the draft `draft_number`, to be checked and published again.

    Raises Invalid if there is no such version, or StaleDraft.
    """
    check_draft_number(session, survey, draft_number)
    rows = select(SurveyVersion).where(SurveyVersion.survey_id == survey.id, SurveyVersion.number == number)
    version = session.scalars(rows).first()
    if version is None:
        raise Invalid(_("There is no version {number}.").format(number=number))
    survey.draft, survey.draft_number = version.definition, survey.draft_number + 1


def versions(session: Session, survey: Survey) -> list[SurveyVersion]:
    """Return all versions, newest first."""
    rows = select(SurveyVersion).where(SurveyVersion.survey_id == survey.id).order_by(SurveyVersion.number.desc())
    return list(session.scalars(rows))


def content(version: SurveyVersion) -> dict[str, Any]:
    """Return the definition of a version."""
    definition: dict[str, Any] = json.loads(version.definition)
    return definition


def published_version(session: Session, survey: Survey) -> SurveyVersion | None:
    """Return the version that members see now, if any."""
    return session.get(SurveyVersion, survey.version_id) if survey.version_id else None


def set_access(session: Session, survey: Survey, reach: SurveyAccess, dial: str) -> None:
    """Set how members reach the survey, and update texts about it that are still waiting. Raises Invalid."""
    before = survey.keyword, survey.code
    keyword = reach.keyword.strip().lower()
    if keyword:
        _check_keyword(session, survey, keyword)
    survey.in_menu, survey.after_joining = reach.in_menu, reach.after_joining
    survey.keyword, survey.code = keyword or None, _check_code(session, survey, reach.code.strip()) or None
    session.flush()
    if (survey.keyword, survey.code) != before:
        _correct_waiting_texts(session, survey, dial)


def _correct_waiting_texts(session: Session, survey: Survey, dial: str) -> None:
    """Put the survey's current code and keyword into waiting texts; take them back if it has no code."""
    if survey.code is None:
        outbox.unqueue(session, Message.survey_id == survey.id)
        return
    for language in LANGUAGES:
        own = (Message.survey_id == survey.id, messages.speaks(language))
        outbox.reword(session, _words(survey, survey.code, language, dial), *own)


def _check_keyword(session: Session, survey: Survey, keyword: str) -> None:
    if not KEYWORD.fullmatch(keyword):
        raise Invalid(_("A word to text has 3 to 20 letters, a to z."))
    if parse_keyword(keyword) is not None:
        raise Invalid(_("That word already has a meaning."))
    if session.scalar(select(Survey.id).where(Survey.keyword == keyword, Survey.id != survey.id)):
        raise Invalid(_("Another flow uses that word."))


def _check_code(session: Session, survey: Survey, code: str) -> str:
    if not code:
        return ""
    if not (code.isdecimal() and code.isascii() and 3 <= len(code) <= 7):
        raise Invalid(_("A code to dial has 3 to 7 digits."))
    groups.lock_code(session, code)
    if code != survey.code and groups.is_code_taken(session, code):
        raise Invalid(_("The code {code} is taken.").format(code=code))
    return code


def retire(session: Session, survey: Survey, by: int | None, now: datetime) -> None:
    """Archive a survey: nobody is invited to or can start it any more, but people in the middle of it may finish.

    Its answers stay until they reach the age set in the survey.
    """
    survey.retired_at, survey.keyword, survey.code = now, None, None
    outbox.withdraw(session, Message.survey_id == survey.id, now=now)
    audit_log.record(session, survey.group_id, by, AuditEvent.FLOW_RETIRED, now, survey.id)


def offered_surveys(session: Session, member: Member | None, group_id: int, *, joining: bool = False) -> list[Survey]:
    """Return the surveys offered to a member in the group's menu or, if `joining`, after they join it."""
    if member is None or not _is_member(session, member, group_id):
        return []
    is_offered = Survey.after_joining if joining else Survey.in_menu
    rows = select(Survey).where(Survey.group_id == group_id, Survey.retired_at.is_(None), is_offered)
    return list(session.scalars(rows.where(Survey.version_id.is_not(None)).order_by(Survey.id)))


def by_code(session: Session, member: Member | None, code: str) -> Survey | None:
    """Return the survey with this dialled code, if the member is in its group; else None."""
    return _for_member(session, member, select(Survey).where(Survey.code == code))


def by_keyword(session: Session, member: Member | None, words: str) -> Survey | None:
    """Return the survey whose keyword was texted, if the member is in its group; else None."""
    word = normalise(words)
    rows = select(Survey).where(Survey.keyword == word)
    return _for_member(session, member, rows) if KEYWORD.fullmatch(word) else None


def is_keyword(session: Session, words: str) -> bool:
    """Return whether any group's survey has this keyword."""
    return session.scalar(select(Survey.id).where(Survey.keyword == normalise(words)).limit(1)) is not None


def _for_member(session: Session, member: Member | None, rows: Any) -> Survey | None:  # noqa: ANN401 - a SELECT
    survey = session.scalars(rows.where(Survey.version_id.is_not(None), Survey.retired_at.is_(None))).first()
    return survey if survey and member and _is_member(session, member, survey.group_id) else None


def _is_member(session: Session, member: Member, group_id: int) -> bool:
    in_group = (Membership.member_id == member.id, Membership.group_id == group_id)
    return session.scalar(select(Membership.id).join(Group).where(*in_group, Group.closed_at.is_(None))) is not None


def title(definition: Mapping[str, Any], language: str | None) -> str:
    """Return a survey's title in this language, or else in its first."""
    titles: Mapping[str, str] = definition["title"]
    return titles.get(language or "") or titles[definition["languages"][0]]


def send(session: Session, survey: Survey, now: datetime, dial: str, due_at: datetime | None = None) -> int:
    """Queue one text with the code to dial to each eligible member, now or at `due_at`; return how many.

    Each gets at most one a day, which does not name the group. Raises Invalid.
    """
    if survey.version_id is None or survey.code is None:
        raise Invalid(_("Publish the flow first, and give it a code to dial."))
    due = due_at or now
    sent = 0
    for language in LANGUAGES:
        words = _words(survey, survey.code, language, dial)
        speakers = func.coalesce(Phone.language, "en") == language
        text = outbox.Text(
            words=words, key=keys.survey(survey.id, due), kind=MessageKind.ANSWER, lane=Lane.BULK, due_at=due,
            expires_at=due + WORTH_ASKING, group_id=survey.group_id, survey_id=survey.id,
        )  # fmt: skip
        sent += outbox.send_to_audience(session, groups.unpaused_phones(survey.group_id).where(speakers), text, now)
    return sent


def _words(survey: Survey, code: str, language: str, dial: str) -> str:
    with speaking_for(survey.group, language):
        return sms.asks_you(code_below(dial, code), (survey.keyword or "").upper())
