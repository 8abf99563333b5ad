"""Sending notices to a group: saving them, queueing their texts in parts, reporting progress, and stopping them.

What comes before sending (confirmation, second approver) is in `approval.py`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.admin_text import _
from smsgate.core.database import wake_after_commit
from smsgate.core.errors import Invalid
from smsgate.core.gsm7 import transliterate
from smsgate.core.i18n import LANGUAGES
from smsgate.flows.leader.notices import LONGEST
from smsgate.models import (
    Audience,
    Group,
    Lane,
    Membership,
    Message,
    MessageKind,
    MessageStatus,
    Notice,
    NoticeStatus,
    NoticeVersion,
)
from smsgate.models.row_failures import RowFailure, work_on_each
from smsgate.notices import audience as notice_audience
from smsgate.notices import leader_texts
from smsgate.notices.audience import AudienceSelector
from smsgate.outbox import keys, messages

QUEUEING = "notices"  # the task's name in row_failures
WORTH_SENDING = timedelta(hours=24)
PART = 2000  # members per transaction; it blocks others no longer than a few turns would


@dataclass(frozen=True)
class NoticeContent:
    """What a notice says, to whom, and when; `versions` has the words by other language, `due_at` None is now."""

    words: str = field(repr=False)
    versions: Mapping[str, str] = field(default_factory=dict, repr=False)
    audience: Audience = Audience.EVERYBODY
    language: str | None = None
    due_at: datetime | None = None


class TooLong(Invalid):
    """The notice is too long, by `over` characters."""

    def __init__(self, count: int) -> None:
        super().__init__(f"A notice has at most {LONGEST} characters; this one has {count}.")
        self.over = count - LONGEST


def send(session: Session, group: Group, content: str | NoticeContent, now: datetime) -> tuple[Notice, int]:
    """Send a notice to a group's eligible members; return it and their number. Raises Invalid.

    The first part is queued at once; workers queue the rest in parts while they send. A notice with a future `due_at`
    waits for it.
    """
    notice = save_draft(session, group, NoticeContent(content) if isinstance(content, str) else content, now)
    start(session, notice, now)
    return notice, count_recipients(session, AudienceSelector.of(notice))


def save_draft(
    session: Session, group: Group, content: NoticeContent, now: datetime, author_id: int | None = None
) -> Notice:
    """Save a notice as a draft, which is not sent yet. Raises Invalid."""
    versions = {language: fit(words) for language, words in content.versions.items()}
    if unknown := sorted({*versions, *filter(None, [content.language])} - set(LANGUAGES)):
        raise Invalid(f"Nobody here speaks {', '.join(unknown)}; the languages are {', '.join(LANGUAGES)}.")
    notice = Notice(
        group_id=group.id, words=fit(content.words), created_at=now, stage=NoticeStatus.DRAFT, due_at=content.due_at,
        audience=content.audience, language=content.language, author_id=author_id,
    )  # fmt: skip
    if content.audience is Audience.COMING:
        notice.meeting_id = notice_audience.next_meeting(session, group.id, now)
        if notice.meeting_id is None:
            raise Invalid(_("No meeting is planned in this group."))
    notice.versions = [NoticeVersion(language=language, words=words) for language, words in versions.items()]
    session.add(notice)
    session.flush()
    return notice


def fit(words: str) -> str:
    """Return the words as they will be sent: single spaces, expensive characters transliterated. Raises Invalid."""
    words = transliterate(" ".join(words.split()))
    if not words:
        raise Invalid(_("The notice is empty."))
    if len(words) > LONGEST:
        raise TooLong(len(words))
    return words


def start(session: Session, notice: Notice, now: datetime) -> None:
    """Start sending a notice now, or schedule it if its time is still to come."""
    if notice.due_at is not None and notice.due_at > now:
        notice.stage = NoticeStatus.TIMED
        return
    notice.stage, notice.due_at, notice.queued_to = NoticeStatus.GOING, now, 0
    session.flush()
    _queue_part(session, notice, 0, now)
    if notice.queued_to is not None:  # nothing has woken the lane yet if the first part reached nobody
        wake_after_commit(session, Lane.BULK.value)


def count_recipients(session: Session, selector: AudienceSelector) -> int:
    """Count the eligible members of an audience."""
    return messages.count_reachable(session, notice_audience.phones(selector), MessageKind.NOTICE)


def queue_more(session: Session, now: datetime) -> bool:
    """Queue the next part of an unfinished notice; return False if there is none or another worker has it."""
    rests = exists().where(RowFailure.task == QUEUEING, RowFailure.row_id == Notice.id, RowFailure.retry_at > now)
    unfinished = select(Notice.id).where(Notice.queued_to.is_not(None), ~rests).order_by(Notice.id).limit(1)
    ids = session.scalars(unfinished.with_for_update(skip_locked=True)).all()

    def queue(ids: Sequence[int]) -> None:
        for notice_id in ids:
            notice = session.get_one(Notice, notice_id)
            if notice.stopped_at is not None:
                notice.queued_to = None
            elif notice.queued_to is not None:
                _queue_part(session, notice, notice.queued_to, now)

    work_on_each(session, QUEUEING, ids, queue, now)
    return bool(ids)


def wake_unfinished(session: Session) -> None:
    """Wake the bulk lane if a notice is not fully queued."""
    if session.scalar(select(Notice.id).where(Notice.queued_to.is_not(None)).limit(1)):
        wake_after_commit(session, Lane.BULK.value)


def _queue_part(session: Session, notice: Notice, after: int, now: datetime) -> None:
    """Queue the texts to the next members.

    `queued_to` becomes the id of the last membership that was handled, or None once all are.
    """
    following = Membership.group_id == notice.group_id, Membership.id > after
    part = select(Membership.id).where(*following).order_by(Membership.id).limit(PART).subquery()
    last, count = session.execute(select(func.max(part.c.id), func.count())).one()
    if count:
        members = notice_audience.phones(AudienceSelector.of(notice)).where(
            Membership.id > after, Membership.id <= last
        )
        for words, condition in notice_audience.by_language(notice.words, versions_of(notice)):
            audience = members if condition is None else members.where(condition)
            outbox.send_to_audience(session, audience, _text_of(notice, words), now)
    notice.queued_to = last if count == PART else None


def _text_of(notice: Notice, words: str) -> messages.Text:
    due = notice.due_at or notice.created_at
    return outbox.Text(
        words=words, key=keys.notice(notice.id), kind=MessageKind.NOTICE, lane=Lane.BULK, due_at=due,
        expires_at=due + WORTH_SENDING, group_id=notice.group_id, notice_id=notice.id,
    )  # fmt: skip


def versions_of(notice: Notice) -> dict[str, str]:
    """Return a notice's words by other language."""
    return {version.language: version.words for version in notice.versions}


def lock(session: Session, notice: Notice) -> None:
    """Lock and reload a notice: another leader, or the scheduler, may be deciding on it at this moment."""
    session.refresh(notice, with_for_update={"key_share": True})


def stop(session: Session, notice: Notice, now: datetime) -> None:
    """Stop a notice: texts not sent yet stay unsent, and a notice that has not started is dropped."""
    lock(session, notice)
    notice.stopped_at = notice.stopped_at or now
    if notice.stage is not NoticeStatus.DROPPED:
        leader_texts.decided(session, notice, now)
    if notice.stage is not NoticeStatus.GOING:
        notice.stage = NoticeStatus.DROPPED


def discard(session: Session, notice: Notice, now: datetime) -> None:
    """Discard a draft. Without a time it never counts as scheduled and stopped (`left_its_author`)."""
    stop(session, notice, now)
    notice.due_at = None


def has_begun(session: Session, notice: Notice) -> bool:
    """Return whether any text of a notice was sent, or is just being sent."""
    unsent = (MessageStatus.WAITING, MessageStatus.WITHDRAWN, MessageStatus.TOO_LATE)
    of_notice = (Message.notice_id == notice.id, Message.state.not_in(unsent))
    return session.scalar(select(Message.id).where(*of_notice).limit(1)) is not None


def was_too_late(notice: Notice) -> bool:
    """Return whether a notice was dropped since its time was a day ago or more (`timed.Lapse.LATE`)."""
    stopped, due = notice.stopped_at, notice.due_at
    return notice.stage is NoticeStatus.DROPPED and bool(stopped and due and due + WORTH_SENDING <= stopped)


def left_its_author() -> ColumnElement[bool]:
    """Return the condition for notices that were sent, scheduled or shown for approval; the others are drafts."""
    stopped_before_its_time = and_(Notice.stopped_at.is_not(None), Notice.due_at.is_not(None))
    sent = Notice.stage.not_in([NoticeStatus.DRAFT, NoticeStatus.DROPPED])
    return or_(sent, Notice.asked_at.is_not(None), stopped_before_its_time)


def states_of(session: Session, notice_ids: Sequence[int]) -> dict[int, Counter[MessageStatus]]:
    """Count the queued texts of several notices by notice id and status."""
    rows = select(Notice.id, Message.state, func.count()).join(Notice, Notice.id == Message.notice_id)
    found: dict[int, Counter[MessageStatus]] = {notice_id: Counter() for notice_id in notice_ids}
    for notice_id, state, count in session.execute(
        rows.where(Notice.id.in_(notice_ids)).group_by(Notice.id, Message.state)
    ):
        found[notice_id][state] += count
    return found


def progress(session: Session, notice: Notice) -> Counter[MessageStatus]:
    """Count the texts of a notice by status; those not queued yet count as waiting."""
    rows = select(Message.state, func.count()).where(Message.notice_id == notice.id).group_by(Message.state)
    states = Counter(dict(session.execute(rows).all()))
    if notice.queued_to is not None and notice.stopped_at is None:
        states[MessageStatus.WAITING] += max(0, count_recipients(session, AudienceSelector.of(notice)) - states.total())
    return states
