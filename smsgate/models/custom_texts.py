"""A group's own wording of the service's texts: one row for each change."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from smsgate.models.base import NEVER_REUSE, Base, owned_by


class CustomText(Base):
    """A group's wording of one text from `at` on; rows are added, never changed, so that every change can be undone."""

    __tablename__ = "rewordings"
    __table_args__ = (NEVER_REUSE,)
    group_id: Mapped[int] = owned_by("groups")
    language: Mapped[str] = mapped_column(String(8))
    text: Mapped[str] = mapped_column(Text)  # the source text; a release that changes it drops the group's wording
    words: Mapped[list[str] | None] = mapped_column(JSON(none_as_null=True))  # plural forms; NULL: the service's own
    by: Mapped[int | None] = mapped_column(ForeignKey("phones.id", ondelete="SET NULL"), index=True)
    at: Mapped[datetime]
