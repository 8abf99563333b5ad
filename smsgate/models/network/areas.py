"""Areas and spoken languages: two short lists that the network keeps, in its own words.

Areas have two levels, such as county and town; people and groups name one of either level, or none. Languages are those
that people speak with one another; those of the service's texts are in `core.i18n.LANGUAGES`.
"""

from __future__ import annotations

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from smsgate.models.base import NEVER_REUSE, Base

LONGEST_AREA, LONGEST_LANGUAGE = 20, 16  # characters


class Area(Base):
    """A county (without a parent) or a town in one. No exact location is ever stored."""

    __tablename__ = "areas"
    __table_args__ = (
        UniqueConstraint("parent_id", "name"),
        Index(
            "uq_areas_top", "name", unique=True,
            sqlite_where=text("parent_id IS NULL"), postgresql_where=text("parent_id IS NULL"),
        ),
        NEVER_REUSE,
    )  # fmt: skip
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("areas.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(String(LONGEST_AREA))


class SpokenLanguage(Base):
    """A language that people in the network speak, by its own name, such as Dholuo."""

    __tablename__ = "spoken_languages"
    name: Mapped[str] = mapped_column(String(LONGEST_LANGUAGE), unique=True)
