"""Notices: what is told to many, in which languages, and what they wrote back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.core.encryption import Sealed
from smsgate.models.base import NEVER_REUSE, Base, enum_column, owned_by
from smsgate.models.groups import Group


class NoticeStatus(StrEnum):
    """How far a notice has come before its texts are queued."""

    DRAFT = "draft"  # waits for the code that its author was given
    ASKED = "asked"  # waits for a second person to agree
    TIMED = "timed"  # waits for its time
    GOING = "going"  # its texts are queued, or are being queued
    DROPPED = "dropped"  # never sent: declined, taken back, or nobody answered in time


class Audience(StrEnum):
    """To whom in the group."""

    EVERYBODY = "everybody"
    COMING = "coming"  # who said that they come to the meeting
    SPEAKERS = "speakers"  # of one language


class Notice(Base):
    """A broadcast to a group.

    Ids of phones and of the meeting are no foreign keys: SQLite adds none to a table that others refer to. They may
    be nobody's any more; no id is given twice.
    """

    __tablename__ = "notices"
    group_id: Mapped[int] = owned_by("groups")
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    queued_to: Mapped[int | None] = mapped_column(index=True)  # the last membership that has its text; None: all have
    stage: Mapped[NoticeStatus] = mapped_column(
        enum_column(NoticeStatus), default=NoticeStatus.GOING, server_default="going", index=True
    )
    due_at: Mapped[datetime | None]  # None: as soon as it may
    audience: Mapped[Audience] = mapped_column(
        enum_column(Audience), default=Audience.EVERYBODY, server_default="everybody"
    )
    words: Mapped[str] = mapped_column(Sealed("notice.words"))
    language: Mapped[str | None] = mapped_column(String(8))  # of the speakers
    meeting_id: Mapped[int | None]  # of those who come
    author_id: Mapped[int | None] = mapped_column(index=True)  # None: the operator
    code: Mapped[str | None] = mapped_column(String(8))  # with which its author sends it
    warned_at: Mapped[datetime | None]  # the author knows that another notice went just before
    agree_code: Mapped[str | None] = mapped_column(String(8))  # with which a second person agrees
    asked_at: Mapped[datetime | None]
    agreed_by: Mapped[int | None]

    group: Mapped[Group] = relationship()
    versions: Mapped[list[NoticeVersion]] = relationship(order_by="NoticeVersion.language", passive_deletes=True)


class NoticeVersion(Base):
    """The same in another language, as somebody wrote it; whoever speaks it gets this one."""

    __tablename__ = "notice_versions"
    __table_args__ = (UniqueConstraint("notice_id", "language"), NEVER_REUSE)
    notice_id: Mapped[int] = owned_by("notices")
    language: Mapped[str] = mapped_column(String(8))
    words: Mapped[str] = mapped_column(Sealed("notice_version.words"))


class NoticeReply(Base):
    """What somebody wrote back, for those who lead the group; forgotten after the group's days."""

    __tablename__ = "notice_replies"
    notice_id: Mapped[int] = owned_by("notices")
    phone_id: Mapped[int] = owned_by("phones")
    words: Mapped[str] = mapped_column(Sealed("notice_reply.words"))
    at: Mapped[datetime] = mapped_column(index=True)
    read_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    notice: Mapped[Notice] = relationship()
