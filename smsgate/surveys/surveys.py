"""Surveys of a group: drafts, published versions, how members reach them, and texting members to take part.

What a survey may contain is defined in `definitions/`; `flows/survey.py` runs it on the phone.
"""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.flows import sms
from smsgate.flows.keywords import understood
from smsgate.groups import groups, roles
from smsgate.groups.wording import speaking_for
from smsgate.models import (
    Group,
    Lane,
    Member,
    Membership,
    MessageKind,
    Phone,
    Survey,
    SurveyVersion,
)
from smsgate.surveys.definitions.schema import ERROR, Definition, Fault, read
from smsgate.surveys.definitions.validation import verdict

CODE_DIGITS = 4
KEYWORD = re.compile(r"[a-z]{3,20}")
WORTH_ASKING = timedelta(hours=24)
MOST = 40  # surveys of a group


class StaleDraft(Invalid):
    """Somebody else has saved the draft since this one was loaded."""

    def __init__(self) -> None:
        super().__init__("Somebody else changed this flow meanwhile. Look at it again.")


class NotPublishable(Invalid):
    """The draft has errors that prevent publishing; `faults` are the errors."""

    def __init__(self, faults: list[Fault]) -> None:
        super().__init__("It may not be published yet: " + "; ".join(f"{one.where} {one.what}" for one in faults[:5]))
        self.faults = faults


@dataclass(frozen=True)
class Reach:
    """How members reach a survey."""

    in_menu: bool = False
    after_joining: bool = False
    keyword: str = ""
    code: str = ""


def create(session: Session, group: Group, data: Definition, now: datetime) -> Survey:
    """Create a survey that nobody can reach yet. Raises Invalid."""
    if len(surveys_of(session, group.id)) >= MOST:
        raise Invalid(f"A group has at most {MOST} flows.")
    row = Survey(group_id=group.id, name=data["name"], draft=json.dumps(data), created_at=now)
    session.add(row)
    session.flush()
    return row


def surveys_of(session: Session, group_id: int) -> list[Survey]:
    """Return a group's surveys that are not retired, the oldest first."""
    here = (Survey.group_id == group_id, Survey.retired_at.is_(None))
    return list(session.scalars(select(Survey).where(*here).order_by(Survey.id)))


def draft_of(one: Survey) -> dict[str, Any]:
    """Return the draft as JSON data; it may not be valid yet."""
    found: dict[str, Any] = json.loads(one.draft)
    return found


def save_draft(session: Session, one: Survey, data: Mapping[str, Any], number: int) -> None:
    """Save an admin's edit of the draft with this number. Raises StaleDraft."""
    session.refresh(one, with_for_update=True)
    if one.draft_number != number:
        raise StaleDraft
    one.draft, one.draft_number, one.name = json.dumps(data), number + 1, str(data.get("name") or one.name)[:40]


def publish(session: Session, one: Survey, by: int | None, now: datetime) -> SurveyVersion:
    """Publish the draft as a new version. Raises NotPublishable, or Faulty if the draft is no valid definition."""
    found = read(draft_of(one))
    wrong = [fault for fault in verdict(found) if fault.severity == ERROR]
    if wrong:
        raise NotPublishable(wrong)
    last = session.scalar(select(func.max(SurveyVersion.number)).where(SurveyVersion.survey_id == one.id)) or 0
    version = SurveyVersion(
        survey_id=one.id, number=last + 1, definition=json.dumps(found), published_at=now, published_by=by
    )
    session.add(version)
    session.flush()
    one.version_id = version.id
    roles.record_use(session, one.group_id, by, f"flow_published:{one.id}", now)
    return version


def go_back(session: Session, one: Survey, number: int) -> None:
    """Copy an earlier version to the draft, to be checked and published again. Raises Invalid."""
    rows = select(SurveyVersion).where(SurveyVersion.survey_id == one.id, SurveyVersion.number == number)
    version = session.scalars(rows).first()
    if version is None:
        raise Invalid(f"There is no version {number}.")
    one.draft, one.draft_number = version.definition, one.draft_number + 1


def versions(session: Session, one: Survey) -> list[SurveyVersion]:
    """Return all versions, the newest first."""
    rows = select(SurveyVersion).where(SurveyVersion.survey_id == one.id).order_by(SurveyVersion.number.desc())
    return list(session.scalars(rows))


def content(version: SurveyVersion) -> dict[str, Any]:
    """Return the definition of a version."""
    found: dict[str, Any] = json.loads(version.definition)
    return found


def published(session: Session, one: Survey) -> SurveyVersion | None:
    """Return the version that members meet now."""
    return session.get(SurveyVersion, one.version_id) if one.version_id else None


def set_reach(session: Session, one: Survey, reach: Reach) -> None:
    """Set how members reach the survey. Raises Invalid."""
    keyword = reach.keyword.strip().lower()
    if keyword:
        _check_keyword(session, one, keyword)
    one.in_menu, one.after_joining = reach.in_menu, reach.after_joining
    one.keyword, one.code = keyword or None, _code(session, one, reach.code.strip()) or None
    session.flush()


def _check_keyword(session: Session, one: Survey, keyword: str) -> None:
    if not KEYWORD.fullmatch(keyword):
        raise Invalid("A word to text has 3 to 20 letters, a to z.")
    if understood(keyword) is not None:
        raise Invalid("That word has a meaning already.")
    if session.scalar(select(Survey.id).where(Survey.keyword == keyword, Survey.id != one.id)):
        raise Invalid("Another flow has that word.")


def _code(session: Session, one: Survey, wanted: str) -> str:
    if not wanted:
        return ""
    if not (wanted.isdecimal() and wanted.isascii() and 3 <= len(wanted) <= 7):
        raise Invalid("A code to dial has 3 to 7 digits.")
    taken = session.scalar(select(Survey.id).where(Survey.code == wanted, Survey.id != one.id))
    if taken or groups.find_group(session, wanted) is not None:
        raise Invalid(f"The code {wanted} is taken.")
    return wanted


def free_code(session: Session) -> str:
    """Return random digits that are the code of no group and no survey."""
    while True:
        code = str(secrets.randbelow(9 * 10 ** (CODE_DIGITS - 1)) + 10 ** (CODE_DIGITS - 1))
        if groups.find_group(session, code) is None and not session.scalar(
            select(Survey.id).where(Survey.code == code)
        ):
            return code


def retire(session: Session, one: Survey, by: int | None, now: datetime) -> None:
    """Withdraw a survey: nobody can start it any more, but anybody in the middle of it may finish.

    Its answers stay until they are as old as the survey states.
    """
    one.retired_at, one.keyword, one.code = now, None, None
    roles.record_use(session, one.group_id, by, f"flow_retired:{one.id}", now)


def survey_in(session: Session, member: Member | None, group_id: int, *, joining: bool = False) -> list[Survey]:
    """Return the surveys that a member finds in the group's menu or, if `joining`, is asked after joining it."""
    if member is None or not _is_in(session, member, group_id):
        return []
    way = Survey.after_joining if joining else Survey.in_menu
    rows = select(Survey).where(Survey.group_id == group_id, Survey.retired_at.is_(None), way)
    return list(session.scalars(rows.where(Survey.version_id.is_not(None)).order_by(Survey.id)))


def by_code(session: Session, member: Member | None, code: str) -> Survey | None:
    """Return the survey with this dialled code, for a member of its group."""
    return _for(session, member, select(Survey).where(Survey.code == code))


def by_keyword(session: Session, member: Member | None, words: str) -> Survey | None:
    """Return the survey whose keyword was texted, for a member of its group."""
    word = words.strip().strip(".!,").lower()
    return _for(session, member, select(Survey).where(Survey.keyword == word)) if KEYWORD.fullmatch(word) else None


def _for(session: Session, member: Member | None, rows: Any) -> Survey | None:  # noqa: ANN401 - a SELECT
    one = session.scalars(rows.where(Survey.version_id.is_not(None), Survey.retired_at.is_(None))).first()
    return one if one and member and _is_in(session, member, one.group_id) else None


def _is_in(session: Session, member: Member, group_id: int) -> bool:
    here = (Membership.member_id == member.id, Membership.group_id == group_id)
    return session.scalar(select(Membership.id).join(Group).where(*here, Group.closed_at.is_(None))) is not None


def title(definition: Mapping[str, Any], language: str | None) -> str:
    """Return the title in this language, else in the survey's first."""
    titles: Mapping[str, str] = definition["title"]
    return titles.get(language or "") or titles[definition["languages"][0]]


def send(session: Session, one: Survey, now: datetime, dial: str, due_at: datetime | None = None) -> int:
    """Queue one text with the code to dial to each eligible member, now or at `due_at`; return how many.

    Each member gets at most one a day. The text does not name the group. Raises Invalid.
    """
    if one.version_id is None or one.code is None:
        raise Invalid("Publish the flow first, and give it a code to dial.")
    due = due_at or now
    deep = f"{dial.rstrip('#')}*{one.code}#"
    sent = 0
    for language in LANGUAGES:
        with speaking_for(one.group, language):
            words = sms.asks_you(deep, (one.keyword or "").upper())
        spoken = func.coalesce(Phone.language, "en") == language
        text = outbox.Text(
            words=words, key=f"survey:{one.id}:{due:%Y%m%d}", kind=MessageKind.ANSWER, lane=Lane.BULK, due_at=due,
            expires_at=due + WORTH_ASKING, group_id=one.group_id,
        )  # fmt: skip
        sent += outbox.send_to_audience(session, groups.unpaused_phones(one.group_id).where(spoken), text, now)
    return sent
