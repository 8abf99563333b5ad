"""What is noted so that a thing happens once, and so that a wrong key is noticed."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from smsgate.models.base import NEVER_REUSE, Base
from smsgate.sealed import Sealed


class Inbound(Base):
    """An SMS that came in, by the provider's id, so that a repeat does nothing. Its text is not kept."""

    __tablename__ = "inbounds"
    provider_id: Mapped[str] = mapped_column(String(100), unique=True)
    at: Mapped[datetime] = mapped_column(index=True)


class Deed(Base):
    """An action that a conversation performed: once for a run and a name."""

    __tablename__ = "deeds"
    __table_args__ = (UniqueConstraint("run", "name"), NEVER_REUSE)
    run: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    result: Mapped[str] = mapped_column(Sealed("deed.result"))  # JSON
    at: Mapped[datetime] = mapped_column(index=True)


class Round(Base):
    """When the clock last made a part of its round: what came and went since then was missed, and is told."""

    __tablename__ = "rounds"
    name: Mapped[str] = mapped_column(String(20), unique=True)
    at: Mapped[datetime]


class Seal(Base):
    """A known text under the newest key: the wrong key is noticed at the start."""

    __tablename__ = "seals"
    proof: Mapped[bytes] = mapped_column(LargeBinary)
