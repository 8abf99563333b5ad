"""What a member prepared, whom they chose, and what came of it when they asked."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.models.base import NEVER_REUSE, Base, owned, words
from smsgate.models.people import Member, Phone
from smsgate.sealed import Sealed


class HelpText(Base):
    """The words that a member prepared; nobody else reads them before they are sent."""

    __tablename__ = "help_texts"
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), unique=True)
    words: Mapped[str] = mapped_column(Sealed("help_text.words"))
    changed_at: Mapped[datetime]


class Agreed(StrEnum):
    """Where a responder's consent stands."""

    ASKED = "asked"
    YES = "yes"
    NO = "no"  # declined
    LEFT = "left"  # agreed once, then stopped


class Responder(Base):
    """Somebody whom a member chose; receives nothing but the invitation until they agreed."""

    __tablename__ = "responders"
    __table_args__ = (UniqueConstraint("member_id", "phone_id"), NEVER_REUSE)
    member_id: Mapped[int] = owned("members")
    phone_id: Mapped[int] = owned("phones")
    name: Mapped[str | None] = mapped_column(Sealed("responder.name"))  # the member's own word for them
    agreed: Mapped[Agreed] = mapped_column(words(Agreed))
    asked_at: Mapped[datetime]
    answered_at: Mapped[datetime | None]

    member: Mapped[Member] = relationship()
    phone: Mapped[Phone] = relationship()


class HelpRequest(Base):
    """One sending of a help text; open until the member says that they are fine, or a day has gone."""

    __tablename__ = "help_requests"
    member_id: Mapped[int] = owned("members")
    raised_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class HelpAsk(Base):
    """One responder asked in one help request."""

    __tablename__ = "help_asks"
    __table_args__ = (UniqueConstraint("request_id", "responder_id"), NEVER_REUSE)
    request_id: Mapped[int] = owned("help_requests")
    responder_id: Mapped[int] = owned("responders")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    answered_at: Mapped[datetime | None]
    told_unsent_at: Mapped[datetime | None]  # the member was told that this one could not leave

    request: Mapped[HelpRequest] = relationship()
    responder: Mapped[Responder] = relationship()
