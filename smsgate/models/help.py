"""Help plans, responders and help requests: what a member prepared, whom they chose, and how requests were answered."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.core.encryption import Sealed
from smsgate.models.base import NEVER_REUSE, Base, enum_column, owned_by
from smsgate.models.groups import Member
from smsgate.models.phones import Phone


class HelpText(Base):
    """A text that a member prepared, up to three; nobody else reads it before it is sent. The oldest comes first."""

    __tablename__ = "help_texts"
    member_id: Mapped[int] = owned_by("members")
    words: Mapped[str] = mapped_column(Sealed("help_text.words"))
    prepared: Mapped[str | None] = mapped_column(String(12))  # which of our texts it is; sent in each reader's language
    changed_at: Mapped[datetime]


class HelpPlan(Base):
    """Extra information for a help text, how it is sent, what happens when nobody answers. All of it is optional."""

    __tablename__ = "help_plans"
    member_id: Mapped[int] = mapped_column(ForeignKey("members.id", ondelete="CASCADE"), unique=True)
    helps: Mapped[str | None] = mapped_column(Sealed("help_plan.helps"))
    hinders: Mapped[str | None] = mapped_column(Sealed("help_plan.hinders"))  # what does not help
    avoid: Mapped[str | None] = mapped_column(Sealed("help_plan.avoid"))  # who not to call
    word: Mapped[str | None] = mapped_column(Sealed("help_plan.word"))  # texting this word sends the help text
    pause_seconds: Mapped[int] = mapped_column(default=0, server_default="0")  # before sending, to cancel it
    then: Mapped[str] = mapped_column(String(40), default="", server_default="")  # values of `flows.help.plan.Step`
    wait_minutes: Mapped[int] = mapped_column(default=15, server_default="15")  # before each step
    rings: Mapped[bool] = mapped_column(default=False, server_default=false())  # a missed call sends the help text
    look_again: Mapped[bool] = mapped_column(default=False, server_default=false())  # ask if it is still right
    looked_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]


class DoNotContact(Base):
    """A number on a member's do-not-contact list. Being listed does not make its holder known to the service."""

    __tablename__ = "never_contacts"
    __table_args__ = (UniqueConstraint("member_id", "number"), NEVER_REUSE)
    member_id: Mapped[int] = owned_by("members")
    number: Mapped[str] = mapped_column(Sealed("never_contact.number"))


class ResponderStatus(StrEnum):
    """Whether a responder has agreed."""

    ASKED = "asked"
    YES = "yes"
    NO = "no"  # declined
    LEFT = "left"  # agreed once, then stopped


class Responder(Base):
    """Someone chosen by a member to be asked for help; receives only the invitation until they agree.

    A leader chosen as a backup has a row of its own, since that takes a separate consent (`help/backup_leader.py`).
    """

    __tablename__ = "responders"
    __table_args__ = (UniqueConstraint("member_id", "phone_id", "backup"), NEVER_REUSE)
    member_id: Mapped[int] = owned_by("members")
    phone_id: Mapped[int] = owned_by("phones")
    name: Mapped[str | None] = mapped_column(Sealed("responder.name"))  # what the member calls them
    agreed: Mapped[ResponderStatus] = mapped_column(enum_column(ResponderStatus))
    asked_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]  # about the invitation; sent once
    answered_at: Mapped[datetime | None]
    position: Mapped[int] = mapped_column(default=0, server_default="0")  # asked in this order, then by id
    help_text_id: Mapped[int | None]  # the text they get; NULL: the first
    muted_until: Mapped[datetime | None]  # they asked for a rest until then
    backup: Mapped[bool] = mapped_column(default=False, server_default=false())  # a leader, asked when nobody answers
    undone_at: Mapped[datetime | None]  # no longer chosen; the row stays while a request that asked them is open

    member: Mapped[Member] = relationship()
    phone: Mapped[Phone] = relationship()


class HelpRequest(Base):
    """One sending of a help text; open until the member says that they are fine, or a day has passed."""

    __tablename__ = "help_requests"
    member_id: Mapped[int] = owned_by("members")
    raised_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]
    leaves_at: Mapped[datetime | None]  # until then it can be cancelled
    help_text_id: Mapped[int | None]  # the text for everybody, if the member chose one
    practice: Mapped[bool] = mapped_column(default=False, server_default=false())
    # A copy may have been read by someone who has left or been removed since.
    read_by_others: Mapped[bool] = mapped_column(default=False, server_default=false())
    by_missed_call: Mapped[bool] = mapped_column(default=False, server_default=false())  # cancelled if switched off
    then: Mapped[str] = mapped_column(String(40), default="", server_default="")  # the remaining escalation steps
    wait_minutes: Mapped[int] = mapped_column(default=0, server_default="0")
    next_at: Mapped[datetime | None] = mapped_column(index=True)  # when the next step is due; NULL: none is

    member: Mapped[Member] = relationship()


class HelpRecipient(Base):
    """One responder who was asked in one help request."""

    __tablename__ = "help_asks"
    __table_args__ = (UniqueConstraint("request_id", "responder_id"), NEVER_REUSE)
    request_id: Mapped[int] = owned_by("help_requests")
    responder_id: Mapped[int] = owned_by("responders")
    message_id: Mapped[int | None] = mapped_column(ForeignKey("messages.id", ondelete="SET NULL"), index=True)
    again_id: Mapped[int | None] = mapped_column(index=True)  # the message that repeated it
    key: Mapped[int] = mapped_column(default=1, server_default="1")  # the digit for "I can"; the next is "not now"
    answered_at: Mapped[datetime | None]
    declined_at: Mapped[datetime | None]
    told_unsent_at: Mapped[datetime | None]  # when the member was told that this responder could not be reached

    request: Mapped[HelpRequest] = relationship()
    responder: Mapped[Responder] = relationship()
