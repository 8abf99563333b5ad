"""The outbox: texts to be sent, what became of them, and how many each person has caused."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import JSON, ColumnElement, ForeignKeyConstraint, Index, String, UniqueConstraint, literal, text
from sqlalchemy.orm import Mapped, mapped_column

from smsgate.core.encryption import Sealed
from smsgate.models.base import NEVER_REUSE, Base, enum_column, owned_by


class Lane(StrEnum):
    """The queues of the outbox, each with its own worker process, so that help never waits behind a broadcast."""

    URGENT = "urgent"
    NORMAL = "normal"
    BULK = "bulk"


class MessageKind(StrEnum):
    """Why a message exists; decides what is checked again before it is sent."""

    HELP = "help"  # the help text itself
    HELP_NEWS = "help_news"  # a responder's answer, "I am fine now", "could not be sent"
    INVITATION = "invitation"
    REPLY = "reply"  # to a text that the person just sent
    CONFIRMATION = "confirmation"  # of STOP or START; the only text that an opted-out number still gets
    REMINDER = "reminder"
    MEETING_NEWS = "meeting_news"
    NOTICE = "notice"
    ANSWER = "answer"  # from a leader, to a member's reply to a notice
    WALK = "walk"  # about one-to-one support, to a seeker or to one of a match
    WALK_REMINDER = "walk_reminder"  # of a meeting of a match
    CARRIED = "carried"  # from one of a match to the other
    ALERT = "alert"  # to the operator, to a leader, or to someone who asked to join a group


class MessageStatus(StrEnum):
    """The status of a message; moves forward only."""

    WAITING = "waiting"
    SENDING = "sending"  # claimed by a worker until `leased_until`
    SENT = "sent"  # accepted by the gateway
    DELIVERED = "delivered"
    FAILED = "failed"
    TOO_LATE = "too_late"  # `expires_at` passed before it could be sent
    WITHDRAWN = "withdrawn"  # no longer eligible when about to be sent, or cancelled
    UNKNOWN = "unknown"  # perhaps sent; held until a delivery report arrives
    SET_ASIDE = "set_aside"  # cannot be read or checked; see `smsgate failures`


FINAL = frozenset({MessageStatus.DELIVERED, MessageStatus.FAILED, MessageStatus.TOO_LATE, MessageStatus.WITHDRAWN})


def _partial(name: str, *columns: str, where: str) -> Index:
    """Return a partial index: a broadcast writes each row three times, each time to every index that covers it."""
    return Index(name, *columns, sqlite_where=text(where), postgresql_where=text(where))


def _sqlite_key(column: str, table: str) -> ForeignKeyConstraint:
    """Return a foreign key for SQLite only: nothing that a message refers to is deleted while it has messages.

    PostgreSQL would look up a broadcast's one group for every row: a fifth of the cost of a row there.
    """
    key = ForeignKeyConstraint([column], [f"{table}.id"], name=f"fk_messages_{column}", ondelete="CASCADE")
    return key.ddl_if(dialect="sqlite")


class Message(Base):
    """A row of the outbox: one text to one number, unique per (key, number)."""

    __tablename__ = "messages"
    __table_args__ = (
        UniqueConstraint("key", "phone_id", name="uq_messages_cause"),
        _partial("ix_messages_open", "lane", "state", "due_at", "id", where="state = 'waiting' OR state = 'sending'"),
        *(
            _partial(f"ix_messages_{name}", name, where=f"{name} IS NOT NULL")
            for name in ("meeting_id", "notice_id", "match_id")
        ),
        _partial("ix_messages_provider_id", "provider_id", where="provider_id IS NOT NULL"),
        _partial("ix_messages_in_doubt", "due_at", where="state = 'unknown' AND repeats = 1"),
        _partial("ix_messages_absent", "expires_at", where="state = 'sent' AND report = 'AbsentSubscriber'"),
        *(_sqlite_key(f"{name}_id", f"{name}s") for name in ("group", "meeting", "notice")),
        NEVER_REUSE,
    )
    phone_id: Mapped[int] = owned_by("phones")
    # What caused it, as kind:id:step. For uniqueness only: what is searched by has its own column. Stored as `cause`.
    key: Mapped[str] = mapped_column("cause", String(80), key="key")
    kind: Mapped[MessageKind] = mapped_column(enum_column(MessageKind))
    lane: Mapped[Lane] = mapped_column(enum_column(Lane))
    state: Mapped[MessageStatus] = mapped_column(enum_column(MessageStatus), default=MessageStatus.WAITING)
    words: Mapped[str | None] = mapped_column(Sealed("message.words"))  # NULL once erased
    segments: Mapped[int]
    group_id: Mapped[int | None]
    meeting_id: Mapped[int | None]
    notice_id: Mapped[int | None]
    # These have no foreign keys: ids are never reused, and a broadcast should not pay for them.
    meeting_moves: Mapped[int | None]  # the meeting's count of moves when the text was queued
    reminder: Mapped[str | None] = mapped_column(String(8))  # which of the meeting's reminders, like `1d`
    inviter_id: Mapped[int | None]  # the member who invites someone as a responder
    responder_id: Mapped[int | None]  # the responder who is invited
    invitation_id: Mapped[int | None]
    survey_id: Mapped[int | None]
    match_id: Mapped[int | None]
    role_id: Mapped[int | None]  # the group role for which its reader gets it
    admin_id: Mapped[int | None]  # or their row as a network admin
    from_role_id: Mapped[int | None]  # the role of the leader who wrote it to another leader
    # For news: what its reader knew before, by subject; see outbox/superseding.py.
    about: Mapped[dict[str, Any] | None] = mapped_column(JSON(none_as_null=True))
    superseded_at: Mapped[datetime | None]  # by later news; not tried again
    due_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    created_at: Mapped[datetime]
    attempt: Mapped[int] = mapped_column(default=0)  # the fencing token: only the latest claim may record an outcome
    repeats: Mapped[int] = mapped_column(default=0)  # how often it was resent after an unknown outcome
    tries: Mapped[int] = mapped_column(default=0, server_default="0")  # failed tries; the gaps between them grow
    leased_until: Mapped[datetime | None]
    gateway: Mapped[str | None] = mapped_column(String(24))  # the last asked; `provider_id` and reports are its
    provider_id: Mapped[str | None] = mapped_column(String(100))
    cost: Mapped[str | None] = mapped_column(String(24))  # as the provider writes it, "KES 0.8000"
    reason: Mapped[str | None] = mapped_column(String(60))  # why it failed or waits, in the provider's words
    network: Mapped[str | None] = mapped_column(String(12))
    report: Mapped[str | None] = mapped_column(String(40))  # the latest status in a delivery report
    sent_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    @classmethod
    def stands(cls, state: MessageStatus) -> ColumnElement[bool]:
        """Return the condition that a row has this status; a literal, since a parameter cannot use a partial index."""
        return cls.state == literal(state, cls.state.type, literal_execute=True)


class GatewayCall(Base):
    """A call that a worker is making to a gateway; noted before the call, and deleted once its outcome is recorded."""

    __tablename__ = "gateway_calls"
    claims: Mapped[list[list[int]]] = mapped_column(JSON)  # each message's id and attempt
    made_at: Mapped[datetime]


class GatewayAccount(Base):
    """The credit of a gateway's account. Between `short_since` and `try_at` only help texts use it."""

    __tablename__ = "accounts"
    gateway: Mapped[str] = mapped_column(String(24), unique=True)
    balance: Mapped[str | None] = mapped_column(String(40))  # as the provider writes it, "KES 1785.50"
    looked_at: Mapped[datetime | None]
    short_since: Mapped[datetime | None]
    try_at: Mapped[datetime | None]  # when one more text is tried if the balance cannot be read
    alerted_at: Mapped[datetime | None]


class DeliveryReport(Base):
    """A delivery report that has not been applied: not examined yet, or its message is not known (yet)."""

    __tablename__ = "stray_reports"
    provider_id: Mapped[str] = mapped_column(String(100), index=True)
    status: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str | None] = mapped_column(String(60))
    network: Mapped[str | None] = mapped_column(String(12))
    number_tag: Mapped[str | None] = mapped_column(String(32), index=True)  # a keyed tag of the number reported on
    at: Mapped[datetime]
    looked_at: Mapped[datetime | None] = mapped_column(index=True)


class LimitUse(Base):
    """One use of a limit. Holds keyed tags, not numbers, so that it outlives an erasure; deleted after two days."""

    __tablename__ = "limit_uses"
    __table_args__ = (
        Index("ix_limit_uses_causer", "causer", "at"),
        *(
            Index(f"ix_limit_uses_{name}", name, "at", sqlite_where=where, postgresql_where=where)
            for name in ("target", "block", "group_id")
            for where in [text(f"{name} IS NOT NULL")]
        ),
        Index(
            "ix_limit_uses_widely",
            "at",
            "amount",
            sqlite_where=text("block IS NOT NULL"),
            postgresql_where=text("block IS NOT NULL"),
        ),
        NEVER_REUSE,
    )
    cause: Mapped[str] = mapped_column(String(20))
    amount: Mapped[int]  # segments of a text; 1 for a guess or a try
    causer: Mapped[str | None] = mapped_column(String(32))  # a tag of the number whose act it was
    target: Mapped[str | None] = mapped_column(String(32))  # a tag of the number that is texted
    block: Mapped[str | None] = mapped_column(String(32))  # a tag of its first digits; NULL if a member for a day
    group_id: Mapped[int | None]
    at: Mapped[datetime] = mapped_column(index=True)


class KillSwitch(Base):
    """While the row exists, nothing is sent for the group; without a group, only help texts are sent at all."""

    __tablename__ = "pauses"
    group_id: Mapped[int | None] = owned_by("groups", nullable=True)
    since: Mapped[datetime]
