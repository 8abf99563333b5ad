"""Notices by SMS: `NOTICE words` from a leader, the code that sends it, and what members write back."""

from __future__ import annotations

import re
from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select

from smsgate.conversations import guesses
from smsgate.conversations.sms import questions
from smsgate.conversations.sms.exchange import is_never_held_up
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.flows import sms
from smsgate.flows.guard import Act
from smsgate.flows.leader.notices import moment_said, outcome_said, too_long
from smsgate.flows.sms import notices as sms_notices
from smsgate.flows.typed.keywords import Intent, parse_keyword
from smsgate.groups import roles
from smsgate.meetings import time_input
from smsgate.models import Group, Notice, NoticeStatus, NoticeVersion, RoleAssignment
from smsgate.notices import approval, notices, replies, summaries
from smsgate.notices.approval import CODE_DIGITS, DAY, ApprovalResult

REPLYING = (None, Intent.NOTICE, Intent.YES, Intent.NO)  # no keyword, or one that may be a reply
CODE = re.compile(rf"\D?(\d{{{CODE_DIGITS}}})\b[ .,:!-]*(.*)", re.DOTALL)


def write(inbound: InboundContext) -> str | None:
    """Answer NOTICE and words from a leader: what the notice costs, and the code that sends it.

    A former leader is told that the role is over, and a leader who must dial is told so. From anybody else it is not a
    keyword.
    """
    if inbound.keyword is None or inbound.keyword.intent is not Intent.NOTICE:
        return None
    led = roles.groups_led(inbound.session, inbound.phone.id, inbound.now)
    if not inbound.is_free(Act.LEAD):
        return sms.please_dial(inbound.service_code) if led else None
    if not led:
        former = select(RoleAssignment.id).where(RoleAssignment.phone_id == inbound.phone.id).limit(1)
        return sms_notices.no_role() if inbound.session.scalar(former) else None
    try:
        return _draft(inbound, led, inbound.keyword.rest)
    except notices.TooLong as wrong:
        return too_long(wrong.over)
    except Invalid:
        return sms_notices.empty()


def _draft(inbound: InboundContext, led: list[Group], said: str) -> str:
    """Save a notice, or another language version of the waiting one. Raises Invalid."""
    group, said = _group(led, said)
    language, _space, version = said.partition(" ")
    waiting = approval.waiting_draft(inbound.session, inbound.phone.id, inbound.now)
    if waiting is not None and language.lower() in LANGUAGES and (group is None or group.id == waiting.group_id):
        _add_version(inbound, waiting, language.lower(), version)
        return _summary(inbound, waiting, version, named=len(led) > 1)
    if group is None and len(led) > 1:
        return sms_notices.which_group(" ".join(group.code for group in led[:6]))
    notices.fit(said)
    draft = approval.draft(inbound.session, inbound.phone.id, group or led[0], notices.NoticeContent(said), inbound.now)
    return _summary(inbound, draft, said, named=len(led) > 1)


def _group(led: list[Group], said: str) -> tuple[Group | None, str]:
    """Return the group whose code comes first, if any, and the words without it."""
    code, _space, rest = said.partition(" ")
    group = next((group for group in led if group.code == code), None)
    return (group, rest.strip()) if group else (None, said)


def _add_version(inbound: InboundContext, draft: Notice, language: str, words: str) -> None:
    """Add a language version to a waiting notice, or replace it. Raises Invalid."""
    words = notices.fit(words)
    for version in draft.versions:
        if version.language == language:
            version.words = words
            break
    else:
        draft.versions.append(NoticeVersion(language=language, words=words))
    draft.created_at = inbound.now
    inbound.session.flush()


def _summary(inbound: InboundContext, draft: Notice, typed: str, *, named: bool) -> str:
    """Return what a notice costs, and the code that sends it."""
    priced = summaries.priced_notice(inbound.session, draft, inbound.now, inbound.settings.price)
    languages = [version.language.upper() for version in draft.versions]
    return sms_notices.summary(priced, draft.code or "", languages, draft.group.code if named else "", typed)


def confirm_by_code(inbound: InboundContext) -> str | None:
    """Answer the code of a notice from its author or from a second approver, unless they must dial.

    A wrong code gets an answer only if the dialogue has no question open.
    """
    may_be_code = inbound.keyword is None and inbound.is_free(Act.LEAD)
    code = CODE.fullmatch(inbound.words.strip()) if may_be_code else None
    if code is None:
        return None
    digits, rest = code[1], code[2].strip()
    if not guesses.may_guess(inbound.session, inbound.number, inbound.now):
        return None
    if (own := _own_notice(inbound, digits)) is not None:
        return _confirm(inbound, own, rest)
    if (others := _notice_to_approve(inbound, digits)) is not None:
        return _approve(inbound, others, digits, rest)
    if roles.groups_led(inbound.session, inbound.phone.id, inbound.now):
        guesses.note_wrong(inbound.session, inbound.number, inbound.now)
    if rest or inbound.last_question_at:
        return None
    waiting = approval.waiting_draft(inbound.session, inbound.phone.id, inbound.now)
    return sms_notices.wrong_code() if waiting is not None else None


def _own_notice(inbound: InboundContext, code: str) -> Notice | None:
    own = (Notice.code == code, Notice.author_id == inbound.phone.id, Notice.created_at > inbound.now - DAY)
    return inbound.session.scalars(select(Notice).where(*own).order_by(Notice.id.desc())).first()


def _notice_to_approve(inbound: InboundContext, code: str) -> Notice | None:
    led = [group.id for group in roles.groups_led(inbound.session, inbound.phone.id, inbound.now)]
    asked = (Notice.agree_code == code, Notice.group_id.in_(led), Notice.asked_at > inbound.now - DAY)
    return inbound.session.scalars(select(Notice).where(*asked).order_by(Notice.id.desc())).first()


def _confirm(inbound: InboundContext, notice: Notice, rest: str) -> str:
    """Send the author's own notice, at the time that `rest` names or now."""
    due_at = None
    if rest and notice.stage is NoticeStatus.DRAFT:
        try:
            due_at = time_input.parse_time(rest, ZoneInfo(notice.group.zone), inbound.now)
        except time_input.InvalidTime as error:
            return sms_notices.not_sent_yet(moment_said(error.wrong), notice.code or "")
    decision = approval.confirm(inbound.session, notice, inbound.phone.id, due_at, inbound.now, inbound.settings)
    if decision.result is ApprovalResult.ANOTHER:
        return sms_notices.another(notice.code or "")
    return outcome_said(summaries.outcome(inbound.session, decision, inbound.now))


def _approve(inbound: InboundContext, notice: Notice, code: str, rest: str) -> str:
    """Approve or refuse another leader's notice, as `rest` says; without yes or no, show it once more."""
    keyword = parse_keyword(rest) if rest else None
    if keyword is None or keyword.intent not in (Intent.YES, Intent.NO):
        if notice.stage is not NoticeStatus.ASKED:
            return outcome_said({"outcome": ApprovalResult.USED.value, "people": 0, "leaves": ""})
        priced = summaries.priced_notice(inbound.session, notice, inbound.now, inbound.settings.price)
        texts = [notice.words, *notices.versions_of(notice).values()]
        return sms_notices.to_agree(priced, code, texts)
    yes, now = keyword.intent is Intent.YES, inbound.now
    decision = approval.approve(inbound.session, notice, inbound.phone.id, yes, now, inbound.service_code)
    return outcome_said(summaries.outcome(inbound.session, decision, now))


def reply(inbound: InboundContext) -> str | None:
    """Answer a member's words to those who sent a notice; a second text of theirs is passed on without an answer.

    A person who must dial is told so instead of getting no answer.
    """
    answer = pass_on(inbound)
    if answer == "" and inbound.must_dial and not is_never_held_up(inbound):
        return None
    return answer


def pass_on(inbound: InboundContext) -> str | None:
    """Save words that reply to a notice, unless a question is newer; return None for any other text.

    Returns the answer to the member's first reply, "" for later ones.
    """
    words = inbound.words.strip()
    if inbound.intent not in REPLYING or not words or inbound.may_be_another or inbound.member is None:
        return None
    answered = replies.answered_notice(inbound.session, inbound.phone.id, inbound.now, inbound.written_at)
    if answered is None or answered[1].timestamp() < inbound.last_question_at:
        return None
    if inbound.intent in (Intent.YES, Intent.NO) and not _may_be_a_reply(inbound, answered[1]):
        return None
    first = replies.save_reply(inbound.session, answered[0], inbound.phone.id, words, inbound.now)
    if first is None:
        return None
    return sms_notices.reply_kept(inbound.service_code) if first else ""


def _may_be_a_reply(inbound: InboundContext, noticed_at: datetime) -> bool:
    """Return whether a yes or no that answered nothing else may be for a notice: in words, no question came since."""
    return inbound.reading().in_words and not questions.came_after(inbound, noticed_at)
