"""Meetings that come again: the rule, and who takes turns to lead."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.models.base import NEVER_REUSE, Base, owned
from smsgate.models.people import Group, Member


class Series(Base):
    """A recurrence. Its dates are rows of `meetings`, made ahead by the clock; they are what people answer."""

    __tablename__ = "series"
    group_id: Mapped[int] = owned("groups")
    rule: Mapped[str] = mapped_column(String(120))  # RFC 5545, without its beginning and its end
    first: Mapped[date]  # local; weeks and months are counted from it
    at: Mapped[time]  # local, whatever the clocks do
    zone: Mapped[str] = mapped_column(String(40))  # IANA
    until: Mapped[date | None]  # local, the last day that may have one
    place: Mapped[str | None] = mapped_column(String(60))
    topic: Mapped[str | None] = mapped_column(String(60))
    minutes: Mapped[int]
    changes: Mapped[int] = mapped_column(default=0)  # so that each is told once
    look_at: Mapped[datetime] = mapped_column(index=True)  # when the clock makes more dates
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    group: Mapped[Group] = relationship()


class SeriesLeader(Base):
    """Somebody in the pool of a series; they lead in the order of their positions."""

    __tablename__ = "series_leaders"
    __table_args__ = (UniqueConstraint("series_id", "member_id"), NEVER_REUSE)
    series_id: Mapped[int] = owned("series")
    member_id: Mapped[int] = owned("members")
    position: Mapped[int]

    member: Mapped[Member] = relationship()
