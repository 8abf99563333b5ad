"""Meetings, the series they belong to, and members' replies."""

from __future__ import annotations

from datetime import date, datetime, time
from enum import StrEnum

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.models.base import NEVER_REUSE, Base, enum_column, owned_by
from smsgate.models.groups import Group, Member


class Meeting(Base):
    """One meeting. `moves` counts changes of its time, so that each is announced once; `changes` counts all changes."""

    __tablename__ = "meetings"
    __table_args__ = (Index("ix_meetings_series_day", "series_id", "series_day", unique=True), NEVER_REUSE)
    group_id: Mapped[int] = owned_by("groups")
    starts_at: Mapped[datetime] = mapped_column(index=True)
    place: Mapped[str | None] = mapped_column(String(60))
    topic: Mapped[str | None] = mapped_column(String(60))
    minutes: Mapped[int | None]
    moves: Mapped[int] = mapped_column(default=0)
    changes: Mapped[int] = mapped_column(default=0, server_default="0")
    changed_at: Mapped[datetime | None]
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    look_at: Mapped[datetime | None]  # when the next reminder is due; NULL: something changed, so check now
    attended: Mapped[int | None]  # as counted by a leader
    # For a meeting of a series: the local date by its rule, which stays when the meeting is moved, and the planned
    # start. A meeting moved by hand starts at another time; one that is no longer in the series has no `planned_at`.
    series_id: Mapped[int | None] = mapped_column(ForeignKey("series.id"))
    series_day: Mapped[date | None]
    planned_at: Mapped[datetime | None]
    leader_id: Mapped[int | None]  # a member's id; no foreign key is needed, as ids are never reused

    group: Mapped[Group] = relationship()


class RsvpStatus(StrEnum):
    """What a member replied about coming to a meeting."""

    YES = "yes"
    NO = "no"
    MAYBE = "maybe"


class Reply(Base):
    """A member's reply about coming to a meeting; never required, and can be changed at any time."""

    __tablename__ = "replies"
    __table_args__ = (UniqueConstraint("member_id", "meeting_id"), NEVER_REUSE)
    member_id: Mapped[int] = owned_by("members")
    meeting_id: Mapped[int] = owned_by("meetings")
    coming: Mapped[RsvpStatus] = mapped_column(enum_column(RsvpStatus))
    at: Mapped[datetime]


class Series(Base):
    """A repeating meeting. The scheduler creates its dates ahead as rows of `meetings`, which members reply to."""

    __tablename__ = "series"
    group_id: Mapped[int] = owned_by("groups")
    rule: Mapped[str] = mapped_column(String(120))  # RFC 5545 RRULE, without start and end
    first: Mapped[date]  # local; weeks and months are counted from this date
    at: Mapped[time]  # local time, also across clock changes
    zone: Mapped[str] = mapped_column(String(40))  # IANA
    until: Mapped[date | None]  # local; the last day that may have a meeting
    place: Mapped[str | None] = mapped_column(String(60))
    topic: Mapped[str | None] = mapped_column(String(60))
    minutes: Mapped[int]
    changes: Mapped[int] = mapped_column(default=0)  # counts changes, so that each is announced once
    look_at: Mapped[datetime] = mapped_column(index=True)  # when the scheduler next creates dates
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    group: Mapped[Group] = relationship()


class SeriesLeader(Base):
    """A member in a series' pool of hosts, who take turns in order of position."""

    __tablename__ = "series_leaders"
    __table_args__ = (UniqueConstraint("series_id", "member_id"), NEVER_REUSE)
    series_id: Mapped[int] = owned_by("series")
    member_id: Mapped[int] = owned_by("members")
    position: Mapped[int]

    member: Mapped[Member] = relationship()
