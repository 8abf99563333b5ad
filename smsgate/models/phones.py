"""Phone numbers, what their holders consented to, and the PIN that protects an account on a shared phone.

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
    """A number, and what is known about texting it."""

    __tablename__ = "phones"
    number: Mapped[str] = mapped_column(Sealed("phone.number"), unique=True)
    language: Mapped[str | None] = mapped_column(String(8))
    stopped_at: Mapped[datetime | None]  # sent STOP: nothing is pushed until START
    blocked_at: Mapped[datetime | None]  # the network says that this number blocks us
    told_blocked_at: Mapped[datetime | None]  # when its holder was told that, while dialling
    silent_at: Mapped[datetime | None]  # its holder wants nothing pushed, and reads by dialling
    heard_at: Mapped[datetime | None]  # last dialled or texted; recorded once a day
    doubted_at: Mapped[datetime | None]  # may be reassigned to someone else: see members/number_reassignment.py
    created_at: Mapped[datetime]

    member: Mapped[Member | None] = relationship(back_populates="phone")


class ConsentSubject(StrEnum):
    """What a person consented to, or withdrew consent from."""

    SERVICE = "service"
    GROUP = "group"
    RESPONDER = "responder"
    TEXTS = "texts"
    ROLE = "role"


class Consent(Base):
    """The consent ledger: rows are added, never changed, and erased with the person."""

    __tablename__ = "consents"
    phone_id: Mapped[int] = owned_by("phones")
    what: Mapped[ConsentSubject] = mapped_column(enum_column(ConsentSubject))
    given: Mapped[bool]
    about_id: Mapped[int | None]  # the id of the group or the responder
    at: Mapped[datetime]


class Pin(Base):
    """A member's PIN as an argon2 hash, sealed as well: with the hash alone, four digits are quickly guessed."""

    __tablename__ = "pins"
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), unique=True)
    first: Mapped[str] = mapped_column(Sealed("pin.first"))
    second: Mapped[str | None] = mapped_column(Sealed("pin.second"))  # duress PIN: opens an empty account
    fails: Mapped[int] = mapped_column(default=0, server_default="0")  # wrong PINs since the last right one
    wait_until: Mapped[datetime | None]  # until then no PIN is checked
    off_at: Mapped[datetime | None] = mapped_column(index=True)  # when a forgotten PIN is removed
    off_asked_at: Mapped[datetime | None]
    off_told_at: Mapped[datetime | None]
    code: Mapped[str | None] = mapped_column(Sealed("pin.code"))  # given to the responders; an argon2 hash
    code_until: Mapped[datetime | None]
    code_fails: Mapped[int] = mapped_column(default=0, server_default="0")
