"""Notices to start from: the signed-in leader's unsent drafts, and the group's templates."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from smsgate.models import Group, Notice, NoticeStatus
from smsgate.notices import notices
from smsgate.web.console.access import current_staff

UNSENT = (NoticeStatus.DRAFT, NoticeStatus.DROPPED)
MOST = 10


def drafts_of_mine(session: Session, group: Group) -> list[Notice]:
    """Return the notices that the signed-in leader wrote and neither sent nor discarded, newest first."""
    mine = (Notice.group_id == group.id, Notice.author_id == current_staff().phone_id)
    never_sent = (Notice.stage.in_(UNSENT), Notice.asked_at.is_(None), Notice.stopped_at.is_(None))
    kept = (Notice.forgotten_at.is_(None), Notice.is_template.is_(False))
    rows = select(Notice).where(*mine, *never_sent, *kept).order_by(Notice.id.desc())
    return list(session.scalars(rows.limit(MOST)))


def is_draft_of_mine(notice: Notice) -> bool:
    """Return whether the signed-in leader wrote this notice and neither sent nor discarded it."""
    mine = notice.author_id == current_staff().phone_id
    return mine and notice.stage in UNSENT and notice.asked_at is None and notice.stopped_at is None


def is_private(session: Session, notice: Notice) -> bool:
    """Return whether only its author may read this notice: a draft, discarded or not, that is no template."""
    shown = or_(notices.left_its_author(), Notice.is_template)
    return session.scalar(select(Notice.id).where(Notice.id == notice.id, shown)) is None


def templates_of(session: Session, group: Group) -> list[Notice]:
    """Return the group's templates, newest first."""
    rows = select(Notice).where(Notice.group_id == group.id, Notice.is_template).order_by(Notice.id.desc())
    return list(session.scalars(rows))
