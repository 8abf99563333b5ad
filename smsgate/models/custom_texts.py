"""A group's own wording for texts of the service, each change a row of its own."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from smsgate.models.base import NEVER_REUSE, Base, owned_by


class CustomText(Base):
    """One text in a group's own words from then on; rows are added, never changed, so that everything can be undone."""

    __tablename__ = "rewordings"
    __table_args__ = (NEVER_REUSE,)
    group_id: Mapped[int] = owned_by("groups")
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)  # the source text; a release that changes it drops the group's wording
    words: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # plural forms; NULL: the service's again
    by: Mapped[int | None] = mapped_column(ForeignKey("phones.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]
