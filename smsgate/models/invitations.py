"""Numbers that were invited to a group by somebody who leads it. Nobody becomes a member by it."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from smsgate.core.encryption import Sealed
from smsgate.models.base import NEVER_REUSE, Base, owned


class Invitation(Base):
    """A number and a group: one text at most. It is named by a tag, since the number itself is forgotten first."""

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
    group_id: Mapped[int] = owned("groups")
    tag: Mapped[str] = mapped_column(String(32), index=True)  # of the number, by our key
    number: Mapped[str | None] = mapped_column(Sealed("invitation.number"))  # None once forgotten
    language: Mapped[str | None] = mapped_column(String(8))  # as who invited thinks
    listed_at: Mapped[datetime | None]  # when it was typed; None: taken back, or only left
    looked_at: Mapped[datetime | None]  # when its text was queued, or it was found that none may go
    texted_at: Mapped[datetime | None]
    accepted_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]  # was a member and left: never invited by this group again
