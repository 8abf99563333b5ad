"""Crisis lines by country: verified by someone, and shown only until they expire."""

from __future__ import annotations

from datetime import date
from enum import StrEnum

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.models.base import NEVER_REUSE, Base, enum_column, owned_by


class CrisisLineKind(StrEnum):
    """Who answers a crisis line."""

    CRISIS = "crisis"  # someone to talk to
    SERVICE = "service"  # a local service


class CrisisLine(Base):
    """One number to call; public, so nothing is sealed. No longer shown from `expires_on` on."""

    __tablename__ = "lines"
    __table_args__ = (UniqueConstraint("country", "number"), NEVER_REUSE)
    country: Mapped[str] = mapped_column(String(2))  # ISO 3166, like KE
    position: Mapped[int]  # within the country
    number: Mapped[str] = mapped_column(String(20))  # as it is dialled there, without spaces
    kind: Mapped[CrisisLineKind] = mapped_column(enum_column(CrisisLineKind))
    hours: Mapped[str | None] = mapped_column(String(24))  # as shown, "8-20"
    source: Mapped[str] = mapped_column(String(200))  # a URL, or who confirmed it, in words
    verified_on: Mapped[date]
    expires_on: Mapped[date]

    names: Mapped[list[CrisisLineName]] = relationship(
        cascade="all, delete-orphan", order_by="CrisisLineName.language", lazy="selectin"
    )


class CrisisLineName(Base):
    """The name of a crisis line in one language."""

    __tablename__ = "line_names"
    __table_args__ = (UniqueConstraint("line_id", "language"), NEVER_REUSE)
    line_id: Mapped[int] = owned_by("lines")
    language: Mapped[str] = mapped_column(String(8))
    name: Mapped[str] = mapped_column(String(30))
