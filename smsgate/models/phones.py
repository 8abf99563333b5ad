"""Numbers, what their holders said about texts, and what guards reading and changing on a phone that others may hold.

A number is not a person: phones are shared.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.core.encryption import Sealed
from smsgate.models.base import Base, enum_column, owned_by

if TYPE_CHECKING:
    from smsgate.models.groups import Member


class Phone(Base):
    """A number, and what its holder said about texts. A number is not a person: phones are shared."""

    __tablename__ = "phones"
    number: Mapped[str] = mapped_column(Sealed("phone.number"), unique=True)
    language: Mapped[str | None] = mapped_column(String(8))
    stopped_at: Mapped[datetime | None]  # said STOP: nothing is pushed until START
    blocked_at: Mapped[datetime | None]  # the network says that this number blocks us
    told_blocked_at: Mapped[datetime | None]  # when its holder was told so, at a dial
    silent_at: Mapped[datetime | None]  # its holder wants nothing pushed, and reads by dialling
    heard_at: Mapped[datetime | None]  # it dialled or texted; noted once a day
    doubted_at: Mapped[datetime | None]  # somebody else may hold it: `hands.py`
    created_at: Mapped[datetime]

    member: Mapped[Member | None] = relationship(back_populates="phone")


class ConsentSubject(StrEnum):
    """What a person agreed to, or took back."""

    SERVICE = "service"
    GROUP = "group"
    RESPONDER = "responder"
    TEXTS = "texts"
    ROLE = "role"


class Consent(Base):
    """The consent ledger: appended to, never changed, erased with the person."""

    __tablename__ = "consents"
    phone_id: Mapped[int] = owned_by("phones")
    what: Mapped[ConsentSubject] = mapped_column(enum_column(ConsentSubject))
    given: Mapped[bool]
    about_id: Mapped[int | None]  # the group's or the responder row's id
    at: Mapped[datetime]


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
