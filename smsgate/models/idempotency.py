"""Records that make things happen only once, and that reveal a wrong encryption key."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column

from smsgate.core.database import INDEX_PURPOSE
from smsgate.core.encryption import Sealed
from smsgate.models.base import NEVER_REUSE, Base


class Inbound(Base):
    """An incoming SMS, by the provider's id, so that a repeat does nothing. Its words are erased after processing."""

    __tablename__ = "inbounds"
    __table_args__ = (Index("ix_inbounds_waiting", "worked_on_at", "due_at"), NEVER_REUSE)
    provider_id: Mapped[str] = mapped_column(String(100), unique=True)
    # Survives the erasure of its number, so that a late repeat still does nothing.
    phone_id: Mapped[int | None] = mapped_column(ForeignKey("phones.id", ondelete="SET NULL"), index=True)
    words: Mapped[str | None] = mapped_column(Sealed("inbound.words"))
    likeness: Mapped[str | None] = mapped_column(String(32), index=True)  # a keyed tag of the number and the words
    at: Mapped[datetime] = mapped_column(index=True)  # when it reached us
    dated_at: Mapped[datetime | None]  # the provider's date as sent; tells apart texts delayed by one outage
    written_at: Mapped[datetime | None]  # that date where it is plausible by our own clock; NULL: use `at`
    at_once: Mapped[bool] = mapped_column(default=False, server_default=false())  # STOP and the like go first
    due_at: Mapped[datetime | None]
    worked_on_at: Mapped[datetime | None]
    tries: Mapped[int] = mapped_column(server_default="0", default=0)  # tries that ended in an error


class PerformedAction(Base):
    """An action that a conversation performed, once per (session, name)."""

    __tablename__ = "deeds"
    __table_args__ = (UniqueConstraint("run", "name"), NEVER_REUSE)
    run: Mapped[str] = mapped_column(String(40))
    name: Mapped[str] = mapped_column(String(60))
    result: Mapped[str] = mapped_column(Sealed("deed.result"))  # JSON
    at: Mapped[datetime] = mapped_column(index=True)
    owner: Mapped[str | None] = mapped_column(String(32), index=True)  # a keyed tag of the number, to erase it by


class SchedulerRun(Base):
    """When the scheduler last ran a task: what became due while none ran was missed, and is reported."""

    __tablename__ = "rounds"
    name: Mapped[str] = mapped_column(String(20), unique=True)
    at: Mapped[datetime]


class IndexKey(Base):
    """The secret of pseudonyms (Keyring.tag), sealed like any other value; one row, made once."""

    __tablename__ = "index_keys"
    secret: Mapped[str] = mapped_column(Sealed(INDEX_PURPOSE))


class KeyCheck(Base):
    """A known text, sealed with a key that every process needs: one that cannot open it at start has a wrong key.

    Once rotation has made a key removable, its proof is sealed with the newest.
    """

    __tablename__ = "seals"
    proof: Mapped[bytes] = mapped_column(LargeBinary)


class SchemaVersion(Base):
    """One row, written by each migration: the oldest release (by its newest migration) that can use the database."""

    __tablename__ = "schema_versions"
    revision: Mapped[str] = mapped_column(String(8))
    suits: Mapped[str] = mapped_column(String(8))
