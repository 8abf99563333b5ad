"""People and their groups. There is no field for a diagnosis, for where a person is, or for notes about a member."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import JSON, ForeignKey, Index, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.core.encryption import Sealed
from smsgate.models.base import NEVER_REUSE, Base, owned, words

REMINDED = "1d 2h"  # a day and two hours before a meeting; "" is never: see flows/beforehand.py


class Phone(Base):
    """A number, and what its holder said about texts. A number is not a person: phones are shared."""

    __tablename__ = "phones"
    number: Mapped[str] = mapped_column(Sealed("phone.number"), unique=True)
    language: Mapped[str | None] = mapped_column(String(8))
    stopped_at: Mapped[datetime | None]  # said STOP: nothing is pushed until START
    blocked_at: Mapped[datetime | None]  # the network says that this number blocks us
    told_blocked_at: Mapped[datetime | None]  # when its holder was told so, at a dial
    silent_at: Mapped[datetime | None]  # its holder wants nothing pushed, and reads by dialling
    heard_at: Mapped[datetime | None]  # it dialled or texted; noted once a day
    doubted_at: Mapped[datetime | None]  # somebody else may hold it: `hands.py`
    created_at: Mapped[datetime]

    member: Mapped[Member | None] = relationship(back_populates="phone")

    @property
    def closed(self) -> bool:
        """Nothing may be pushed to it."""
        return any(at is not None for at in (self.stopped_at, self.blocked_at, self.silent_at, self.doubted_at))


class Member(Base):
    """Somebody who joined. A name only if they gave one."""

    __tablename__ = "members"
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id", ondelete="CASCADE"), unique=True)
    name: Mapped[str | None] = mapped_column(Sealed("member.name"))
    discreet: Mapped[bool] = mapped_column(default=True)  # texts name neither group nor place
    reminders: Mapped[bool] = mapped_column(default=True)
    # When texts of groups may come, local to each group; at any hour where they are NULL.
    texts_from: Mapped[time | None]
    texts_until: Mapped[time | None]
    paused_at: Mapped[datetime | None]  # no group messages; help texts go on
    joined_at: Mapped[datetime]

    phone: Mapped[Phone] = relationship(back_populates="member")


class What(StrEnum):
    """What a person agreed to, or took back."""

    SERVICE = "service"
    GROUP = "group"
    RESPONDER = "responder"
    TEXTS = "texts"
    ROLE = "role"


class Consent(Base):
    """The consent ledger: appended to, never changed, erased with the person."""

    __tablename__ = "consents"
    phone_id: Mapped[int] = owned("phones")
    what: Mapped[What] = mapped_column(words(What))
    given: Mapped[bool]
    about_id: Mapped[int | None]  # the group's or the responder row's id
    at: Mapped[datetime]


class Group(Base):
    """A peer support group."""

    __tablename__ = "groups"
    __table_args__ = (Index("uq_groups_calendar_token", "calendar_token", unique=True), NEVER_REUSE)
    name: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(8), unique=True)  # digits, so that it can be dialled
    zone: Mapped[str] = mapped_column(String(40))  # IANA
    listed: Mapped[bool] = mapped_column(default=False)
    tells_place: Mapped[bool] = mapped_column(default=False)
    # Quiet hours, local; none where they are NULL.
    quiet_from: Mapped[time | None] = mapped_column(default=time(21), server_default="21:00:00")
    quiet_until: Mapped[time | None] = mapped_column(default=time(7), server_default="07:00:00")
    reminders: Mapped[str] = mapped_column(String(40), default=REMINDED, server_default=REMINDED)
    reminders_since: Mapped[datetime | None]
    replies_allowed: Mapped[bool] = mapped_column(default=False, server_default=false())  # to notices, for who leads
    replies_days: Mapped[int] = mapped_column(default=14, server_default="14")  # until they are forgotten
    calendar_token: Mapped[str | None] = mapped_column(String(48))  # who has it reads the dates
    calendar_named: Mapped[bool] = mapped_column(default=False, server_default=false())  # the calendar says the name
    calendar_at: Mapped[datetime | None]  # when that was said
    languages: Mapped[str] = mapped_column(String(40), default="", server_default="")  # as `en sw`; "": all
    by_approval: Mapped[bool] = mapped_column(default=False, server_default=false())  # who leads says yes or no
    welcome: Mapped[dict[str, str] | None] = mapped_column(JSON(none_as_null=True))  # by language
    wording: Mapped[int] = mapped_column(default=0, server_default="0")  # the newest of its rewordings; 0: none
    invites_by_name: Mapped[bool] = mapped_column(default=False, server_default=false())  # an invitation says the name
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class JoinRequest(Base):
    """A member who asked to join a group, until somebody says yes or no; deleted with the answer."""

    __tablename__ = "join_requests"
    __table_args__ = (UniqueConstraint("member_id", "group_id"), NEVER_REUSE)
    member_id: Mapped[int] = owned("members")
    group_id: Mapped[int] = owned("groups")
    asked_at: Mapped[datetime] = mapped_column(index=True)


class Membership(Base):
    """A member in a group; deleted when they leave."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("member_id", "group_id"), NEVER_REUSE)
    member_id: Mapped[int] = owned("members")
    group_id: Mapped[int] = owned("groups")
    joined_at: Mapped[datetime]
    reminders: Mapped[str | None] = mapped_column(String(40))  # their own; NULL: as the group has them
    reminders_since: Mapped[datetime | None]  # when they chose: what was due before does not come
    shows_name: Mapped[bool] = mapped_column(default=False, server_default=false())  # who leads sees who comes


class Meeting(Base):
    """One date. `moves` counts its changes of time, so that each is told once; `changes` counts all of them."""

    __tablename__ = "meetings"
    __table_args__ = (Index("ix_meetings_series_day", "series_id", "series_day", unique=True), NEVER_REUSE)
    group_id: Mapped[int] = owned("groups")
    starts_at: Mapped[datetime] = mapped_column(index=True)
    place: Mapped[str | None] = mapped_column(String(60))
    topic: Mapped[str | None] = mapped_column(String(60))
    minutes: Mapped[int | None]
    moves: Mapped[int] = mapped_column(default=0)
    changes: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    look_at: Mapped[datetime | None]  # when the next reminder is due; NULL: something changed, look now
    attended: Mapped[int | None]  # as who leads counted
    # Of a series: the local date that its rule gives, which stays whatever is moved, and when the series has it begin.
    # One that was moved by hand begins at another time; one that the series has no longer has no `planned_at`.
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    series_day: Mapped[date | None]
    planned_at: Mapped[datetime | None]
    leader_id: Mapped[int | None]  # a member's; no key, since the id of one who left is nobody's ever after

    group: Mapped[Group] = relationship()


class Coming(StrEnum):
    """A member's reply to a meeting."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class Reply(Base):
    """Whether a member comes to a meeting; never required, changed at will."""

    __tablename__ = "replies"
    __table_args__ = (UniqueConstraint("member_id", "meeting_id"), NEVER_REUSE)
    member_id: Mapped[int] = owned("members")
    meeting_id: Mapped[int] = owned("meetings")
    coming: Mapped[Coming] = mapped_column(words(Coming))
    at: Mapped[datetime]
