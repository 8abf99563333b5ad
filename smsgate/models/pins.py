"""What guards reading and changing on a phone that others may hold. Never the sending of a help text."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column

from smsgate.core.encryption import Sealed
from smsgate.models.base import Base


class Pin(Base):
    """A member's PIN, as argon2 writes it, and sealed: four digits are soon tried where only their hash is known."""

    __tablename__ = "pins"
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), unique=True)
    first: Mapped[str] = mapped_column(Sealed("pin.first"))
    second: Mapped[str | None] = mapped_column(Sealed("pin.second"))  # opens an account with nothing in it
    fails: Mapped[int] = mapped_column(default=0, server_default="0")  # since the PIN was last right
    wait_until: Mapped[datetime | None]  # until then nothing that is typed is looked at
    off_at: Mapped[datetime | None] = mapped_column(index=True)  # it was forgotten: then it is taken off
    off_asked_at: Mapped[datetime | None]
    off_told_at: Mapped[datetime | None]
    code: Mapped[str | None] = mapped_column(Sealed("pin.code"))  # that a responder was given, as argon2 writes it
    code_until: Mapped[datetime | None]
    code_fails: Mapped[int] = mapped_column(default=0, server_default="0")
