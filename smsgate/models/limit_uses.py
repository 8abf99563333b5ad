"""What was used up of the limits that keep strangers from costing money or guessing codes."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from smsgate.models.base import NEVER_REUSE, Base


class LimitUse(Base):
    """A use of a limit: keyed tags in place of numbers, so that it outlives an erasure; deleted after two days."""

    __tablename__ = "limit_uses"
    __table_args__ = (
        Index("ix_limit_uses_causer", "causer", "at"),
        *(
            Index(f"ix_limit_uses_{name}", name, "at", sqlite_where=where, postgresql_where=where)
            for name in ("target", "block", "group_id")
            for where in [text(f"{name} IS NOT NULL")]
        ),
        Index(
            "ix_limit_uses_widely",
            "at",
            "amount",
            sqlite_where=text("block IS NOT NULL"),
            postgresql_where=text("block IS NOT NULL"),
        ),
        NEVER_REUSE,
    )
    cause: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int]  # segments of a text; 1 for a guess or a try
    causer: Mapped[str | None] = mapped_column(String(32))  # a tag of the number whose act it was
    target: Mapped[str | None] = mapped_column(String(32))  # a tag of the number that is texted
    block: Mapped[str | None] = mapped_column(String(32))  # a tag of its first digits; NULL for a member of some days
    group_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(index=True)
