"""What an operator has stopped."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped

from smsgate.models.base import Base, owned


class Pause(Base):
    """A kill switch: while the row is there, nothing of the group leaves; without a group, nothing but help texts."""

    __tablename__ = "pauses"
    group_id: Mapped[int | None] = owned("groups", nullable=True)
    since: Mapped[datetime]
