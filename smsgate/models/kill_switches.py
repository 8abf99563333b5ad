"""What an operator has paused."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped

from smsgate.models.base import Base, owned_by


class KillSwitch(Base):
    """While the row exists, nothing of the group is sent; without a group, nothing but help texts."""

    __tablename__ = "pauses"
    group_id: Mapped[int | None] = owned_by("groups", nullable=True)
    since: Mapped[datetime]
