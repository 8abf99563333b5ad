"""What is texted about notices: `NOTICE words` by who leads, the code that sends it, what members write back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.config import Settings
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.flows.keywords import Intent, understood
from smsgate.flows.leader.notices import moment_said, outcome_said, too_long
from smsgate.flows.sms import notices as sms_notices
from smsgate.groups import roles
from smsgate.meetings import time_input
from smsgate.models import Group, Notice, NoticeStatus, NoticeVersion, Phone, RoleAssignment
from smsgate.notices import approval, notices, replies, summaries
from smsgate.notices.approval import CODE_DIGITS, DAY, ApprovalResult

CODE = re.compile(rf"\D?(\d{{{CODE_DIGITS}}})\b[ .,:!-]*(.*)", re.DOTALL)


@dataclass(frozen=True)
class Letter:
    """A text, who wrote it, and in which transaction it is read."""

    session: Session
    phone: Phone
    words: str
    now: datetime
    settings: Settings


def written(letter: Letter, said: str) -> str:
    """`NOTICE said` by somebody who leads a group, or did: the answer; "" for everybody else."""
    led = roles.groups_led(letter.session, letter.phone.id, letter.now)
    if not led:
        had = select(RoleAssignment.id).where(RoleAssignment.phone_id == letter.phone.id).limit(1)
        return sms_notices.no_role() if letter.session.scalar(had) else ""
    group, said = _group(led, said)
    try:
        language, _space, version = said.partition(" ")
        waiting = approval.waiting_draft(letter.session, letter.phone.id, letter.now)
        if waiting is not None and language.lower() in LANGUAGES and (group is None or group.id == waiting.group_id):
            _add(letter, waiting, language.lower(), version)
            return _summary(letter, waiting, named=len(led) > 1)
        if group is None and len(led) > 1:
            return sms_notices.which_group(" ".join(one.code for one in led[:6]))
        notices.fit(said)
        draft = approval.draft(
            letter.session, letter.phone.id, group or led[0], notices.NoticeContent(said), letter.now
        )
        return _summary(letter, draft, named=len(led) > 1)
    except notices.TooLong as wrong:
        return too_long(wrong.over)
    except Invalid:
        return sms_notices.empty()


def _group(led: list[Group], said: str) -> tuple[Group | None, str]:
    """The group whose code stands first, and the words after it."""
    code, _space, rest = said.partition(" ")
    found = next((group for group in led if group.code == code), None)
    return (found, rest.strip()) if found else (None, said)


def _add(letter: Letter, draft: Notice, language: str, words: str) -> None:
    """Another language of a notice that waits, in place of what was written in it before. Raises Invalid."""
    words = notices.fit(words)
    for version in draft.versions:
        if version.language == language:
            version.words = words
            break
    else:
        draft.versions.append(NoticeVersion(language=language, words=words))
    draft.created_at = letter.now
    letter.session.flush()


def _summary(letter: Letter, draft: Notice, *, named: bool) -> str:
    """What it costs, and the code that sends it."""
    priced = summaries.priced_notice(letter.session, draft, letter.now, letter.settings.price)
    code = draft.code or ""
    languages = [version.language.upper() for version in draft.versions]
    return sms_notices.summary(priced, code, languages, draft.group.code if named else "")


def coded(letter: Letter, *, asked: bool) -> str:
    """A text that is the code of a notice, or may be meant so: the answer; "" for any other text.

    `asked` is False where a conversation has asked something since: then only the right code is one.
    """
    found = CODE.fullmatch(letter.words.strip())
    if found is None:
        return ""
    code, rest = found[1], found[2].strip()
    mine = (Notice.author_id == letter.phone.id, Notice.created_at > letter.now - DAY)
    own = letter.session.scalars(select(Notice).where(Notice.code == code, *mine).order_by(Notice.id.desc())).first()
    if own is not None:
        return _confirmed(letter, own, rest)
    led = [group.id for group in roles.groups_led(letter.session, letter.phone.id, letter.now)]
    theirs = (Notice.agree_code == code, Notice.group_id.in_(led), Notice.asked_at > letter.now - DAY)
    notice = letter.session.scalars(select(Notice).where(*theirs).order_by(Notice.id.desc())).first()
    if notice is not None:
        return _agreed(letter, notice, code, rest)
    wrong = not rest and asked and approval.waiting_draft(letter.session, letter.phone.id, letter.now) is not None
    return sms_notices.wrong_code() if wrong else ""


def _confirmed(letter: Letter, notice: Notice, rest: str) -> str:
    due_at = None
    if rest and notice.stage is NoticeStatus.DRAFT:
        try:
            due_at = time_input.parse_time(rest, ZoneInfo(notice.group.zone), letter.now)
        except time_input.NotAMoment as error:
            return sms_notices.not_sent_yet(moment_said(error.wrong), notice.code or "")
    done = approval.confirm(letter.session, notice, letter.phone.id, due_at, letter.now, letter.settings)
    if done is ApprovalResult.ANOTHER:
        return sms_notices.another(notice.code or "")
    return outcome_said(summaries.outcome(letter.session, done, notice, letter.now))


def _agreed(letter: Letter, notice: Notice, code: str, rest: str) -> str:
    heard = understood(rest) if rest else None
    if heard is None or heard.intent not in (Intent.YES, Intent.NO):
        if notice.stage is not NoticeStatus.ASKED:
            return outcome_said({"outcome": ApprovalResult.USED.value, "people": 0, "leaves": ""})
        priced = summaries.priced_notice(letter.session, notice, letter.now, letter.settings.price)
        texts = [notice.words, *notices.versions_of(notice).values()]
        return sms_notices.to_agree(priced, code, texts)
    yes = heard.intent is Intent.YES
    done = approval.approve(letter.session, notice, letter.phone.id, yes, letter.now, letter.settings.service_code)
    return outcome_said(summaries.outcome(letter.session, done, notice, letter.now))


def wrote_back(letter: Letter, newest: float) -> str | None:
    """Words of a member that answer a notice, unless a question is newer (`newest`, in seconds): kept.

    What is said to the first one, "" to those after it; None for a text that is no reply.
    """
    found = replies.answered_notice(letter.session, letter.phone.id, letter.now)
    if found is None or found[1].timestamp() < newest or not letter.words.strip():
        return None
    first = replies.save_reply(letter.session, found[0], letter.phone.id, letter.words.strip(), letter.now)
    if first is None:
        return None
    return sms_notices.reply_kept(letter.settings.service_code) if first else ""
