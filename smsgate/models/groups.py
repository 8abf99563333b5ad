"""Groups, their members, and those who asked or were invited to join.

Deliberately without any field for a diagnosis, a person's location, or notes about a member.
"""

from __future__ import annotations

from datetime import datetime, time
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, false, text, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.core.encryption import Sealed
from smsgate.models.base import NEVER_REUSE, Base, enum_column, owned_by
from smsgate.models.phones import Phone

REMINDED = "1d 2h"  # one day and two hours before a meeting; "": never; see flows/reminder_times.py


class Member(Base):
    """Someone who signed up. Has a name only if they gave one."""

    __tablename__ = "members"
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id", ondelete="CASCADE"), unique=True)
    name: Mapped[str | None] = mapped_column(Sealed("member.name"))
    discreet: Mapped[bool] = mapped_column(default=True)  # texts name neither group nor place
    reminders: Mapped[bool] = mapped_column(default=True)
    # The hours in which group texts may arrive, in each group's local time; NULL: at any hour.
    texts_from: Mapped[time | None]
    texts_until: Mapped[time | None]
    paused_at: Mapped[datetime | None]  # no group messages meanwhile; help texts still work
    joined_at: Mapped[datetime]

    phone: Mapped[Phone] = relationship(back_populates="member")


class Group(Base):
    """A peer support group."""

    __tablename__ = "groups"
    __table_args__ = (Index("uq_groups_calendar_token", "calendar_token", unique=True), NEVER_REUSE)
    name: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(8), unique=True)  # digits, so that it can be dialled
    zone: Mapped[str] = mapped_column(String(40))  # IANA
    listed: Mapped[bool] = mapped_column(default=False)
    tells_place: Mapped[bool] = mapped_column(default=False)
    # Quiet hours in local time; NULL: none.
    quiet_from: Mapped[time | None] = mapped_column(default=time(21), server_default="21:00:00")
    quiet_until: Mapped[time | None] = mapped_column(default=time(7), server_default="07:00:00")
    reminders: Mapped[str] = mapped_column(String(40), default=REMINDED, server_default=REMINDED)
    reminders_since: Mapped[datetime | None]
    replies_allowed: Mapped[bool] = mapped_column(default=False, server_default=false())  # to notices, for leaders
    replies_days: Mapped[int] = mapped_column(default=14, server_default="14")  # until replies are erased
    calendar_token: Mapped[str | None] = mapped_column(String(48))  # anyone with it can read the dates
    calendar_named: Mapped[bool] = mapped_column(default=False, server_default=false())  # the calendar has its name
    calendar_at: Mapped[datetime | None]  # read by the previous release; the next one drops it
    languages: Mapped[str] = mapped_column(String(40), default="", server_default="")  # like `en sw`; "": all
    by_approval: Mapped[bool] = mapped_column(default=False, server_default=false())  # leaders approve who joins
    welcome: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))  # by language
    wording: Mapped[int] = mapped_column(default=0, server_default="0")  # id of the newest of its custom texts; 0: none
    invites_by_name: Mapped[bool] = mapped_column(default=False, server_default=false())  # invitations name the group
    steps_hidden_at: Mapped[datetime | None]  # when its admins hid the list of first steps
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    former_code: Mapped[str | None] = mapped_column(String(8), index=True)  # still finds this group


class JoinRequest(Base):
    """A member's request to join a group; deleted once a leader has answered it."""

    __tablename__ = "join_requests"
    __table_args__ = (UniqueConstraint("member_id", "group_id"), NEVER_REUSE)
    member_id: Mapped[int] = owned_by("members")
    group_id: Mapped[int] = owned_by("groups")
    asked_at: Mapped[datetime] = mapped_column(index=True)


class Membership(Base):
    """A member of a group; deleted when they leave."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("member_id", "group_id"), NEVER_REUSE)
    member_id: Mapped[int] = owned_by("members")
    group_id: Mapped[int] = owned_by("groups")
    joined_at: Mapped[datetime]
    reminders: Mapped[str | None] = mapped_column(String(40))  # their own times; NULL: the group's
    reminders_since: Mapped[datetime | None]  # when they chose: reminders due before that are not sent
    shows_name: Mapped[bool] = mapped_column(default=False, server_default=false())  # leaders see who comes
    # Has read the welcome and been offered the survey for new members. False for someone who was approved and has not
    # dialled since.
    welcomed: Mapped[bool] = mapped_column(default=True, server_default=true())


class Invitation(Base):
    """A number invited to a group, by one text at most. A tag identifies it, as the number itself is erased sooner."""

    __tablename__ = "invitations"
    __table_args__ = (
        UniqueConstraint("group_id", "tag"),
        Index(
            "ix_invitations_waiting",
            "group_id",
            sqlite_where=text("looked_at IS NULL"),
            postgresql_where=text("looked_at IS NULL"),
        ),
        NEVER_REUSE,
    )
    group_id: Mapped[int] = owned_by("groups")
    tag: Mapped[str] = mapped_column(String(32), index=True)  # a keyed tag of the number
    number: Mapped[str | None] = mapped_column(Sealed("invitation.number"))  # NULL once erased
    language: Mapped[str | None] = mapped_column(String(8))  # the inviter's guess
    listed_at: Mapped[datetime | None]  # when it was entered; NULL: withdrawn, or the row only records that they left
    looked_at: Mapped[datetime | None]  # when its text was queued or found not to be allowed
    texted_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]  # was a member and left: this group never invites them again


class ImportStage(StrEnum):
    """The stage of a file of numbers."""

    READING = "reading"
    COLUMNS = "columns"  # a leader chooses the columns with phone numbers
    READ = "read"  # a leader previews it
    INVITING = "inviting"
    DONE = "done"
    STOPPED = "stopped"
    FAILED = "failed"  # it cannot be read


class NumberImport(Base):
    """A file of numbers that workers read and invite in parts; its contents are erased once that is done."""

    __tablename__ = "number_imports"
    __table_args__ = (NEVER_REUSE,)
    group_id: Mapped[int] = owned_by("groups")
    stage: Mapped[ImportStage] = mapped_column(enum_column(ImportStage), default=ImportStage.READING)
    content: Mapped[str | None] = mapped_column(Sealed("number_import.content"))  # the file, compressed
    found: Mapped[str | None] = mapped_column(Sealed("number_import.found"))  # what has been read so far, compressed
    language: Mapped[str] = mapped_column(String(8))  # of the texts
    columns: Mapped[str] = mapped_column(String(400), default="")  # chosen by a leader, like `0 3`
    reason: Mapped[str] = mapped_column(String(20), default="")  # why it cannot be read
    all_rows: Mapped[int]  # rows of the file while it is read, numbers found while they are invited
    done: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime]
