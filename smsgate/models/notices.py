"""Notices to groups, their versions in other languages, and members' replies."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.core.encryption import Sealed
from smsgate.models.base import NEVER_REUSE, Base, enum_column, owned_by
from smsgate.models.groups import Group


class NoticeStatus(StrEnum):
    """The status of a notice until its texts are queued."""

    DRAFT = "draft"  # waits until its author sends it with the code they were given
    ASKED = "asked"  # waits for a second approver
    TIMED = "timed"  # waits for its sending time
    GOING = "going"  # its texts are queued, or being queued
    DROPPED = "dropped"  # never sent: declined, withdrawn, or not approved in time


class Audience(StrEnum):
    """Which members of the group a notice goes to."""

    EVERYBODY = "everybody"
    COMING = "coming"  # those who said they are coming to the meeting
    SPEAKERS = "speakers"  # those who use one language


class Notice(Base):
    """A broadcast to a group.

    Ids of phones and of the meeting are not foreign keys, since SQLite cannot add one to a table that others refer to.
    The row they name may be gone, but ids are never reused.
    """

    __tablename__ = "notices"
    group_id: Mapped[int] = owned_by("groups")
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]
    queued_to: Mapped[int | None] = mapped_column(index=True)  # queued up to this membership; NULL: to all
    stage: Mapped[NoticeStatus] = mapped_column(
        enum_column(NoticeStatus), default=NoticeStatus.GOING, server_default="going", index=True
    )
    due_at: Mapped[datetime | None]  # NULL: as soon as possible
    audience: Mapped[Audience] = mapped_column(
        enum_column(Audience), default=Audience.EVERYBODY, server_default="everybody"
    )
    words: Mapped[str] = mapped_column(Sealed("notice.words"))  # empty once erased
    forgotten_at: Mapped[datetime | None]
    language: Mapped[str | None] = mapped_column(String(8))  # for `Audience.SPEAKERS`
    meeting_id: Mapped[int | None]  # for `Audience.COMING`
    author_id: Mapped[int | None] = mapped_column(index=True)  # NULL: the operator
    code: Mapped[str | None] = mapped_column(String(8))  # the author types it to send the notice
    warned_at: Mapped[datetime | None]  # the author was warned that another notice went out just before
    agree_code: Mapped[str | None] = mapped_column(String(8))  # a second leader types it to approve
    asked_at: Mapped[datetime | None]
    agreed_by: Mapped[int | None]
    is_template: Mapped[bool] = mapped_column(default=False, server_default=false())  # its words are kept

    group: Mapped[Group] = relationship()
    versions: Mapped[list[NoticeVersion]] = relationship(order_by="NoticeVersion.language", passive_deletes=True)


class NoticeVersion(Base):
    """A notice's wording in another language; sent to those who use that language."""

    __tablename__ = "notice_versions"
    __table_args__ = (UniqueConstraint("notice_id", "language"), NEVER_REUSE)
    notice_id: Mapped[int] = owned_by("notices")
    language: Mapped[str] = mapped_column(String(8))
    words: Mapped[str] = mapped_column(Sealed("notice_version.words"))


class NoticeReply(Base):
    """A member's reply to a notice, for the group's leaders; erased after the number of days set for the group."""

    __tablename__ = "notice_replies"
    notice_id: Mapped[int] = owned_by("notices")
    phone_id: Mapped[int] = owned_by("phones")
    words: Mapped[str] = mapped_column(Sealed("notice_reply.words"))
    at: Mapped[datetime] = mapped_column(index=True)
    read_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]

    notice: Mapped[Notice] = relationship()
