"""Members' replies to notices, if their group allows them: read in order, answered once, then deleted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from smsgate import outbox
from smsgate.core.graphemes import clip
from smsgate.flows.leader.notices import LONGEST
from smsgate.flows.sms import notices as sms_notices
from smsgate.groups.wording import speaking_for
from smsgate.models import (
    Group,
    Member,
    Membership,
    Message,
    MessageKind,
    MessageStatus,
    Notice,
    NoticeReply,
    Phone,
)
from smsgate.outbox import keys
from smsgate.outbox.eligibility import is_reached_by
from smsgate.outbox.reading import may_have_been_read, readable_from

WITHIN = timedelta(days=3)
MOST = 20  # per person and notice; more would come from a machine
SHOWN = 100  # on a page
WORTH_ANSWERING = timedelta(days=2)
LOST = (MessageStatus.WITHDRAWN, MessageStatus.TOO_LATE, MessageStatus.FAILED)


def answered_notice(
    session: Session, phone_id: int, now: datetime, known_at: datetime | None = None
) -> tuple[int, datetime] | None:
    """Return the id of the notice that a text from this number may answer, and since when it may have been read.

    That is the newest notice that the number had received by `known_at`, when the text was written, and within three
    days before. If that one takes no replies, nor does an earlier one: the words would reach another group's leaders.
    """
    known_at = known_at or now
    newest = session.execute(
        select(Message.notice_id, Message.group_id, readable_from())
        .where(Message.phone_id == phone_id, Message.kind == MessageKind.NOTICE, may_have_been_read())
        .where(readable_from() <= known_at, readable_from() > known_at - WITHIN)
        .order_by(readable_from().desc(), Message.id.desc())
        .limit(1)
    ).first()
    if newest is None or not _takes_replies(session, newest.group_id, phone_id):
        return None
    return newest.notice_id, newest[2]


def _takes_replies(session: Session, group_id: int, phone_id: int) -> bool:
    """Return whether a group's leaders can read what this person writes: it is open, allows it, and has them in it."""
    group_takes = (Group.id == group_id, Group.replies_allowed, Group.closed_at.is_(None))
    rows = select(Membership.id).join(Group, Group.id == Membership.group_id).join(Member).where(*group_takes)
    return session.scalar(rows.where(Member.phone_id == phone_id)) is not None


def save_reply(session: Session, notice_id: int, phone_id: int, words: str, now: datetime) -> bool | None:
    """Save a reply; return True if it is the person's first to this notice, None if it is one too many to be saved."""
    by_person = (NoticeReply.notice_id == notice_id, NoticeReply.phone_id == phone_id)
    before = session.scalar(select(func.count()).select_from(NoticeReply).where(*by_person)) or 0
    if before >= MOST:
        return None
    session.add(NoticeReply(notice_id=notice_id, phone_id=phone_id, words=clip(words, LONGEST), at=now))
    return before == 0


def next_unread(session: Session, group_id: int) -> NoticeReply | None:
    """Return the oldest unread reply to a group's notices."""
    unread = (Notice.group_id == group_id, NoticeReply.read_at.is_(None))
    return session.scalars(select(NoticeReply).join(Notice).where(*unread).order_by(NoticeReply.id).limit(1)).first()


def replies_in(session: Session, group_id: int) -> list[NoticeReply]:
    """Return the replies to a group's notices, unread ones first, each part oldest first."""
    rows = select(NoticeReply).join(Notice).where(Notice.group_id == group_id)
    return list(session.scalars(rows.order_by(NoticeReply.read_at.is_not(None), NoticeReply.id).limit(SHOWN)))


def answer_reply(session: Session, reply: NoticeReply, words: str, now: datetime) -> bool:
    """Text an answer to the author of a reply; return False if it was answered already or they cannot be reached."""
    session.refresh(reply, with_for_update=True)
    phone = session.get_one(Phone, reply.phone_id)
    if reply.answered_at is not None or not _reaches(session, phone, reply.notice.group_id):
        return False
    with speaking_for(reply.notice.group, phone.language):
        answer = sms_notices.answer(words)
    text = outbox.Text(
        words=answer,
        key=keys.notice_answer(reply.id),
        kind=MessageKind.ANSWER,
        expires_at=now + WORTH_ANSWERING,
        group_id=reply.notice.group_id,
    )
    sent = outbox.send_text(session, phone.id, text, now) is not None
    if sent:
        reply.read_at, reply.answered_at = reply.read_at or now, now
    return sent


def lost_answers(session: Session, replies: Iterable[NoticeReply]) -> set[int]:
    """Return the ids of replies whose answer did not arrive: it was withdrawn, was too late or failed."""
    by_key: dict[str, int] = {
        keys.notice_answer(reply.id): reply.id for reply in replies if reply.answered_at is not None
    }
    lost = select(Message.key).where(Message.key.in_(by_key), Message.state.in_(LOST))
    return {by_key[key] for key in session.scalars(lost)}


def _reaches(session: Session, phone: Phone, group_id: int) -> bool:
    """Return whether an answer reaches them: not if they are silent, opted out, paused, or have left the group."""
    member = (Member.phone_id == phone.id, Member.paused_at.is_(None), Membership.group_id == group_id)
    is_member = session.scalar(select(Membership.id).join(Member).where(*member)) is not None
    return is_member and is_reached_by(phone, MessageKind.ANSWER)


def forget_old_replies(session: Session, now: datetime) -> None:
    """Delete replies that are older than the number of days set for their group."""
    for days in session.scalars(select(Group.replies_days).distinct()).all():
        notices = select(Notice.id).join(Group).where(Group.replies_days == days)
        over = (NoticeReply.at < now - timedelta(days=days), NoticeReply.notice_id.in_(notices))
        session.execute(delete(NoticeReply).where(*over).execution_options(synchronize_session=False))
