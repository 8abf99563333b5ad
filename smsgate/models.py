"""Tables and enums. The schema has no field for a diagnosis, a place where a person is, or notes about a member."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Enum as EnumType
from sqlalchemy import ForeignKey, Index, LargeBinary, MetaData, String, UniqueConstraint
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column, relationship

from smsgate.database import Instant
from smsgate.sealed import Sealed


def words(kind: type[StrEnum]) -> EnumType:
    """A StrEnum as plain words in the database: readable there, and a new word needs no type change."""
    return EnumType(kind, native_enum=False, length=24, values_callable=lambda kinds: [k.value for k in kinds])


def owned(table: str, nullable: bool = False) -> Mapped[Any]:
    """A foreign key whose row goes when its owner goes: erasing a person leaves nothing behind."""
    return mapped_column(ForeignKey(f"{table}.id", ondelete="CASCADE"), index=True, nullable=nullable)


# An id stands in the cause of messages: SQLite would give the id of a deleted row to a new one, and its text
# would pass for one that was sent already.
NEVER_REUSE = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """Common naming, so that migrations can name what they change on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_name)s",
            "uq": "uq_%(table_name)s_%(column_0_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {datetime: Instant}
    __table_args__: Any = NEVER_REUSE

    id: Mapped[int] = mapped_column(primary_key=True)


class Phone(Base):
    """A number, and what its holder said about texts. A number is not a person: phones are shared."""

    __tablename__ = "phones"
    number: Mapped[str] = mapped_column(Sealed("phone.number"), unique=True)
    language: Mapped[str | None] = mapped_column(String(8))
    stopped_at: Mapped[datetime | None]  # said STOP: nothing is pushed until START
    blocked_at: Mapped[datetime | None]  # the network says that this number blocks us
    created_at: Mapped[datetime]

    member: Mapped[Member | None] = relationship(back_populates="phone")


class Member(Base):
    """Somebody who joined. A name only if they gave one."""

    __tablename__ = "members"
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id", ondelete="CASCADE"), unique=True)
    name: Mapped[str | None] = mapped_column(Sealed("member.name"))
    discreet: Mapped[bool] = mapped_column(default=True)  # texts name neither group nor place
    reminders: Mapped[bool] = mapped_column(default=True)
    paused_at: Mapped[datetime | None]  # no group messages; help texts go on
    joined_at: Mapped[datetime]

    phone: Mapped[Phone] = relationship(back_populates="member")


class What(StrEnum):
    """What a person agreed to, or took back."""

    SERVICE = "service"
    GROUP = "group"
    RESPONDER = "responder"
    TEXTS = "texts"


class Consent(Base):
    """The consent ledger: appended to, never changed, erased with the person."""

    __tablename__ = "consents"
    phone_id: Mapped[int] = owned("phones")
    what: Mapped[What] = mapped_column(words(What))
    given: Mapped[bool]
    about_id: Mapped[int | None]  # the group's or the responder row's id
    at: Mapped[datetime]


class Group(Base):
    """A peer support group."""

    __tablename__ = "groups"
    name: Mapped[str] = mapped_column(String(60))
    code: Mapped[str] = mapped_column(String(8), unique=True)  # digits, so that it can be dialled
    zone: Mapped[str] = mapped_column(String(40))  # IANA
    listed: Mapped[bool] = mapped_column(default=False)
    tells_place: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class Membership(Base):
    """A member in a group; deleted when they leave."""

    __tablename__ = "memberships"
    __table_args__ = (UniqueConstraint("member_id", "group_id"), NEVER_REUSE)
    member_id: Mapped[int] = owned("members")
    group_id: Mapped[int] = owned("groups")
    joined_at: Mapped[datetime]


class Meeting(Base):
    """One date. `moves` counts its changes, so that each is told once."""

    __tablename__ = "meetings"
    group_id: Mapped[int] = owned("groups")
    starts_at: Mapped[datetime] = mapped_column(index=True)
    place: Mapped[str | None] = mapped_column(String(60))
    moves: Mapped[int] = mapped_column(default=0)
    cancelled_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    group: Mapped[Group] = relationship()


class Coming(StrEnum):
    """A member's reply to a meeting."""

    YES = "yes"
    NO = "no"


class Reply(Base):
    """Whether a member comes to a meeting; never required, changed at will."""

    __tablename__ = "replies"
    __table_args__ = (UniqueConstraint("member_id", "meeting_id"), NEVER_REUSE)
    member_id: Mapped[int] = owned("members")
    meeting_id: Mapped[int] = owned("meetings")
    coming: Mapped[Coming] = mapped_column(words(Coming))
    at: Mapped[datetime]


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


class Lane(StrEnum):
    """Three queues, each with a process of its own, so that help never waits behind a broadcast."""

    URGENT = "urgent"
    NORMAL = "normal"
    BULK = "bulk"


class Kind(StrEnum):
    """Why a message exists; decides what is looked at again before it leaves."""

    HELP = "help"  # the help text itself
    HELP_NEWS = "help_news"  # an answer to it, "I am fine now", "could not be sent"
    INVITATION = "invitation"
    REPLY = "reply"  # to a text that the person just sent
    CONFIRMATION = "confirmation"  # of STOP or START; the one text that a stopped number still gets
    REMINDER = "reminder"
    MEETING_NEWS = "meeting_news"
    NOTICE = "notice"


class State(StrEnum):
    """Where a message stands; only forward."""

    WAITING = "waiting"
    SENDING = "sending"  # claimed by a worker until leased_until
    SENT = "sent"  # the gateway took it
    DELIVERED = "delivered"
    FAILED = "failed"
    TOO_LATE = "too_late"  # expires_at passed before it could leave
    WITHDRAWN = "withdrawn"  # no longer wanted when it was about to leave
    UNKNOWN = "unknown"  # perhaps sent; held until a delivery report says


FINAL = frozenset({State.DELIVERED, State.FAILED, State.TOO_LATE, State.WITHDRAWN})


class Notice(Base):
    """A broadcast to a group."""

    __tablename__ = "notices"
    group_id: Mapped[int] = owned("groups")
    words: Mapped[str] = mapped_column(Sealed("notice.words"))
    created_at: Mapped[datetime]
    stopped_at: Mapped[datetime | None]


class Message(Base):
    """The outbox: one text to one number. One row for one (cause, number)."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("cause", "phone_id"),
        Index("ix_messages_due", "lane", "state", "due_at"),
        NEVER_REUSE,
    )
    phone_id: Mapped[int] = owned("phones")
    cause: Mapped[str] = mapped_column(String(80))  # what made it, as kind:id:step
    kind: Mapped[Kind] = mapped_column(words(Kind))
    lane: Mapped[Lane] = mapped_column(words(Lane))
    state: Mapped[State] = mapped_column(words(State), default=State.WAITING)
    words: Mapped[str | None] = mapped_column(Sealed("message.words"))  # None once forgotten
    segments: Mapped[int]
    group_id: Mapped[int | None] = owned("groups", nullable=True)
    meeting_id: Mapped[int | None] = owned("meetings", nullable=True)
    notice_id: Mapped[int | None] = owned("notices", nullable=True)
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=0)  # the fence: who claimed last may record
    repeats: Mapped[int] = mapped_column(default=0)  # sent again after an unknown outcome
    leased_until: Mapped[datetime | None]
    provider_id: Mapped[str | None] = mapped_column(String(100), index=True)
    cost: Mapped[str | None] = mapped_column(String(24))  # as the provider writes it, "KES 0.8000"
    reason: Mapped[str | None] = mapped_column(String(60))  # why it failed or waits, in the provider's word
    network: Mapped[str | None] = mapped_column(String(12))
    report: Mapped[str | None] = mapped_column(String(40))  # the last word of a delivery report
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]


class StrayReport(Base):
    """A delivery report whose message is not known (yet): it may come before the reply to the send."""

    __tablename__ = "stray_reports"
    provider_id: Mapped[str] = mapped_column(String(100), index=True)
    status: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(60))
    network: Mapped[str | None] = mapped_column(String(12))
    at: Mapped[datetime]


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


class Seal(Base):
    """A known text under the newest key: the wrong key is noticed at the start."""

    __tablename__ = "seals"
    proof: Mapped[bytes] = mapped_column(LargeBinary)
