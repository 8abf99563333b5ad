"""Confirming and approving notices: the author confirms, and a large or frequent notice needs a second approver.

Roles are checked again at each step, so that someone who is no longer a leader cannot send anything.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import Session

from smsgate.core.admin_text import _
from smsgate.core.config import Settings
from smsgate.core.errors import Invalid
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.flows.sms import notices as sms_notices
from smsgate.groups import audit_log, roles
from smsgate.models import Group, MessageKind, Notice, NoticeStatus, lookup
from smsgate.models.row_failures import work_on_each
from smsgate.notices import leader_texts, notices, timed
from smsgate.notices.audience import AudienceSelector
from smsgate.notices.notices import NoticeContent
from smsgate.outbox import keys
from smsgate.outbox.eligibility import is_reached_by

CODE_DIGITS = 4
CODE_LASTS = timedelta(minutes=30)
APPROVE_WITHIN = timedelta(hours=24)
DAY, OFTEN = timedelta(hours=24), 3  # the third notice within a day needs a second approver
AT_ONCE = timedelta(minutes=10)  # two leaders may not know of each other's notices
SENT = (NoticeStatus.GOING, NoticeStatus.TIMED)


class ApprovalResult(StrEnum):
    """The result of submitting, confirming or approving a notice."""

    GOING = "going"
    TIMED = "timed"
    ASKED = "asked"  # another leader of the group was asked
    OPERATOR = "operator"  # no other leader can be reached, so the operator was asked
    NOBODY = "nobody"  # nor can the operator be reached
    DROPPED = "dropped"
    NO_ROLE = "no_role"
    PAST = "past"
    ANOTHER = "another"  # another leader has just sent one to the group
    USED = "used"  # it has been sent, declined or withdrawn already
    OVER = "over"  # the code has expired
    OWN = "own"  # nobody can approve their own notice
    MISSED = "missed"  # its time passed before it was approved
    AUTHOR_GONE = "author_gone"  # its author no longer leads the group


class Decision(NamedTuple):
    """What became of a notice, and how many people it goes to, if they were counted."""

    result: ApprovalResult
    notice: Notice | None = None
    people: int | None = None


def submit(
    session: Session,
    phone_id: int,
    group_id: int,
    content: NoticeContent,
    now: datetime,
    settings: Settings,
    *,
    anyway: bool,
) -> Decision:
    """Send a notice that its author confirmed with two keys, or ask for approval. Raises Invalid.

    `anyway` is True if the author sends it despite another leader's recent notice.
    """
    group = _lock_group(session, group_id)
    if group is None or roles.role_in_group(session, phone_id, group_id, now) is None:
        return Decision(ApprovalResult.NO_ROLE)
    if content.due_at is not None and content.due_at <= now:
        return Decision(ApprovalResult.PAST)
    if not anyway and recent_notice_by_other(session, group_id, phone_id, now) is not None:
        return Decision(ApprovalResult.ANOTHER)
    notice = notices.save_draft(session, group, content, now, phone_id)
    return _send_or_ask(session, notice, now, settings)


def draft(session: Session, phone_id: int, group: Group, content: NoticeContent, now: datetime) -> Notice:
    """Save a notice to be confirmed with its new `code`, and drop the author's earlier drafts. Raises Invalid."""
    notice = notices.save_draft(session, group, content, now, phone_id)
    for earlier in session.scalars(_drafts_of(phone_id).where(Notice.id != notice.id)):
        earlier.stage = NoticeStatus.DROPPED
    notice.code = _free_code(session)
    return notice


def waiting_draft(session: Session, phone_id: int, now: datetime) -> Notice | None:
    """Return the newest notice that this author can still confirm, or None."""
    return session.scalars(_drafts_of(phone_id).where(Notice.created_at > now - CODE_LASTS)).first()


def confirm(
    session: Session, notice: Notice, phone_id: int, due_at: datetime | None, now: datetime, settings: Settings
) -> Decision:
    """Send a draft, once, or ask for approval, after its author has typed the code.

    If another leader has just sent a notice, the author is told and has to type the code again.
    """
    _lock_group(session, notice.group_id)
    notices.lock(session, notice)
    if notice.stage is not NoticeStatus.DRAFT:
        return Decision(ApprovalResult.USED, notice)
    if roles.role_in_group(session, phone_id, notice.group_id, now) is None:
        notice.stage = NoticeStatus.DROPPED
        return Decision(ApprovalResult.NO_ROLE, notice)
    if notice.created_at <= now - CODE_LASTS:
        return Decision(ApprovalResult.OVER, notice)
    if notice.warned_at is None and recent_notice_by_other(session, notice.group_id, phone_id, now) is not None:
        notice.warned_at = now
        return Decision(ApprovalResult.ANOTHER, notice)
    notice.due_at = due_at or notice.due_at
    if _is_past(notice, now):
        notice.stage = NoticeStatus.DROPPED
        return Decision(ApprovalResult.PAST, notice)
    return _send_or_ask(session, notice, now, settings)


def recent_notice_by_other(session: Session, group_id: int, phone_id: int, now: datetime) -> Notice | None:
    """Return the newest notice that someone else sent, or asked approval for, in the last ten minutes; else None."""
    recent = (
        Notice.group_id == group_id,
        Notice.stage.in_([*SENT, NoticeStatus.ASKED]),
        Notice.created_at > now - AT_ONCE,
    )
    others = Notice.author_id.is_distinct_from(phone_id)
    return session.scalars(select(Notice).where(*recent, others).order_by(Notice.id.desc()).limit(1)).first()


def _lock_group(session: Session, group_id: int) -> Group | None:
    """Lock the group so that one leader sends at a time; rows that refer to it, like messages, can still be added."""
    return session.scalars(select(Group).where(Group.id == group_id).with_for_update(key_share=True)).first()


def _drafts_of(phone_id: int) -> Select[*tuple[Notice]]:
    return (
        select(Notice)
        .where(Notice.author_id == phone_id, Notice.stage == NoticeStatus.DRAFT)
        .order_by(Notice.id.desc())
    )


def _free_code(session: Session) -> str:
    """Return a four-digit code that no pending notice and no group has. Raises Invalid if none is left."""
    pending = Notice.stage.in_([NoticeStatus.DRAFT, NoticeStatus.ASKED])
    taken = set(session.scalars(select(Notice.code).where(pending))) | set(session.scalars(select(Group.code)))
    taken |= set(session.scalars(select(Notice.agree_code).where(pending)))
    free = [code for code in map(str, range(10 ** (CODE_DIGITS - 1), 10**CODE_DIGITS)) if code not in taken]
    if not free:
        raise Invalid(_("Too many notices are waiting to be confirmed."))
    return secrets.choice(free)


def _send_or_ask(session: Session, notice: Notice, now: datetime, settings: Settings) -> Decision:
    audit_log.record(session, notice.group_id, notice.author_id, AuditEvent.NOTICE, now, notice.id)
    people = notices.count_recipients(session, AudienceSelector.of(notice))
    if needs_second_approver(session, notice, people, now, settings.second_agrees):
        return Decision(_ask_second_approver(session, notice, now, settings), notice, people)
    return Decision(_start(session, notice, now), notice, people)


def _start(session: Session, notice: Notice, now: datetime) -> ApprovalResult:
    notices.start(session, notice, now)
    return ApprovalResult.TIMED if notice.stage is NoticeStatus.TIMED else ApprovalResult.GOING


def needs_second_approver(session: Session, notice: Notice, people: int, now: datetime, threshold: int) -> bool:
    """Return whether a notice reaches `threshold` people or is its group's third in a day; False if that is 0."""
    if not threshold:
        return False
    today = (Notice.group_id == notice.group_id, Notice.stage.in_(SENT), Notice.created_at > now - DAY)
    before = session.scalar(select(func.count()).select_from(Notice).where(*today, Notice.id != notice.id)) or 0
    return before + 1 >= OFTEN or people >= threshold


def _ask_second_approver(session: Session, notice: Notice, now: datetime, settings: Settings) -> ApprovalResult:
    notice.stage, notice.asked_at, notice.agree_code = NoticeStatus.ASKED, now, _free_code(session)
    return _ask_approvers(session, notice, now, settings.service_code, settings.operator_number)


def _ask_approvers(session: Session, notice: Notice, now: datetime, dial: str, operator: str) -> ApprovalResult:
    """Text each other leader who can approve a notice and has not been asked yet, or the operator if there is none."""
    code, key = notice.agree_code or "", keys.approval_asked(notice.id)
    others = leader_texts.other_leaders(session, notice, now)
    for phone in others:
        leader_texts.text_leader(session, notice, phone, lambda: sms_notices.asks_to_agree(code, dial), key, now)
    if others:
        return ApprovalResult.ASKED
    asked = lookup.ensure_phone(session, operator, now) if operator else None
    if asked is not None and is_reached_by(asked, MessageKind.ALERT):
        leader_texts.text_leader(session, notice, asked, lambda: sms_notices.operator_agrees(notice.id), key, now)
        return ApprovalResult.OPERATOR
    return ApprovalResult.NOBODY


def waiting_for_approval(session: Session, group_id: int, phone_id: int | None, now: datetime) -> list[Notice]:
    """Return a group's notices that need someone else's approval, oldest first."""
    waits = (
        Notice.group_id == group_id,
        Notice.stage == NoticeStatus.ASKED,
        Notice.author_id.is_distinct_from(phone_id),
    )
    return list(
        session.scalars(select(Notice).where(*waits, Notice.asked_at > now - APPROVE_WITHIN).order_by(Notice.id))
    )


def approve(session: Session, notice: Notice, phone_id: int | None, yes: bool, now: datetime, dial: str) -> Decision:
    """Approve or decline a notice as its second approver and tell the author; `phone_id` None is the operator."""
    _lock_group(session, notice.group_id)
    notices.lock(session, notice)
    if phone_id is not None and roles.role_in_group(session, phone_id, notice.group_id, now) is None:
        return Decision(ApprovalResult.NO_ROLE, notice)
    if phone_id is not None and notice.author_id == phone_id:
        return Decision(ApprovalResult.OWN, notice)
    if notice.stage is not NoticeStatus.ASKED:
        was_missed = notice.stage is NoticeStatus.DROPPED and notice.agreed_by is None and _is_past(notice, now)
        return Decision(ApprovalResult.MISSED if was_missed else ApprovalResult.USED, notice)
    if notice.asked_at is not None and notice.asked_at <= now - APPROVE_WITHIN:
        return Decision(ApprovalResult.OVER, notice)
    if yes and (refusal := _drop_if_over(session, notice, now, dial)) is not None:
        return Decision(refusal, notice)
    event = AuditEvent.NOTICE_AGREED if yes else AuditEvent.NOTICE_DECLINED
    audit_log.record(session, notice.group_id, phone_id, event, now, notice.id)
    notice.agreed_by = phone_id
    if not yes:
        _drop(session, notice, now, dial)
        return Decision(ApprovalResult.DROPPED, notice)
    leader_texts.decided(session, notice, now)
    result, key = _start(session, notice, now), keys.notice_approved(notice.id)
    leader_texts.text_author(session, notice, lambda: sms_notices.agreed_to(dial), key, now)
    return Decision(result, notice)


def _drop_if_over(session: Session, notice: Notice, now: datetime, dial: str) -> ApprovalResult | None:
    """Drop a notice whose time has passed or that has lapsed, and return which; None if it can be approved."""
    if _is_past(notice, now):
        _drop(session, notice, now, dial)
        return ApprovalResult.MISSED
    lapse = timed.lapse_of(session, notice, now)
    if lapse is None:
        return None
    timed.drop_lapsed(session, notice, lapse, now, dial)
    return ApprovalResult.AUTHOR_GONE if lapse is timed.Lapse.AUTHOR else ApprovalResult.OVER


def run_scheduled_tasks(session: Session, now: datetime, dial: str, operator: str) -> None:
    """Start the notices that are due, and drop those that nobody confirmed or approved in time.

    If no leader is left who can approve a notice, ask the operator (an E.164 number, "" for none).
    """
    timed.start_due(session, now, dial)
    timed.stop_held(session, now, dial)
    lapsed = update(Notice).where(Notice.stage == NoticeStatus.DRAFT, Notice.created_at <= now - CODE_LASTS)
    session.execute(lapsed.values(stage=NoticeStatus.DROPPED))
    waiting = select(Notice.id).where(Notice.stage == NoticeStatus.ASKED).with_for_update(skip_locked=True)

    def go_on(ids: Sequence[int]) -> None:
        for notice_id in ids:
            _go_on_asking(session, session.get_one(Notice, notice_id), now, dial, operator)

    work_on_each(session, "notices to approve", session.scalars(waiting).all(), go_on, now)


def _go_on_asking(session: Session, notice: Notice, now: datetime, dial: str, operator: str) -> None:
    if notice.asked_at is None or notice.asked_at <= now - APPROVE_WITHIN or _is_past(notice, now):
        _drop(session, notice, now, dial)
    else:
        _ask_approvers(session, notice, now, dial, operator)


def _is_past(notice: Notice, now: datetime) -> bool:
    """Return whether the sending time of a notice has passed: it is not sent later than planned."""
    return notice.due_at is not None and notice.due_at <= now


def _drop(session: Session, notice: Notice, now: datetime, dial: str) -> None:
    notices.stop(session, notice, now)
    leader_texts.text_author(
        session, notice, lambda: sms_notices.not_agreed_to(dial), keys.notice_declined(notice.id), now
    )
