"""Roles in groups: who has one, who assigned it, until when, and what they did with it."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import ForeignKey, String, UniqueConstraint, false
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.core.encryption import Sealed
from smsgate.models.base import NEVER_REUSE, Base, enum_column, owned_by
from smsgate.models.groups import Group
from smsgate.models.phones import Phone


class Role(StrEnum):
    """What someone may do for a group: a facilitator leads it, an admin also assigns roles."""

    FACILITATOR = "facilitator"
    ADMIN = "admin"


class RoleAssignment(Base):
    """A role that someone accepted; it ends on a date, or when they or the group end it."""

    __tablename__ = "appointments"
    __table_args__ = (UniqueConstraint("group_id", "phone_id"), NEVER_REUSE)
    group_id: Mapped[int] = owned_by("groups")
    phone_id: Mapped[int] = owned_by("phones")
    role: Mapped[Role] = mapped_column(enum_column(Role))
    since: Mapped[datetime]
    until: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    asked_at: Mapped[datetime | None]  # when they were asked whether to renew it
    name: Mapped[str | None] = mapped_column(
        Sealed("appointment.name")
    )  # as other leaders see it; chosen at the console
    takes_help: Mapped[bool] = mapped_column(default=False, server_default=false())  # members may ask them for help

    group: Mapped[Group] = relationship()
    phone: Mapped[Phone] = relationship()


class RoleCode(Base):
    """An offer of a role: anyone with the code can accept it, once, until it expires."""

    __tablename__ = "role_codes"
    group_id: Mapped[int] = owned_by("groups")
    role: Mapped[Role] = mapped_column(enum_column(Role))
    code: Mapped[str] = mapped_column(Sealed("role_code.code"), unique=True)
    handed_over_by: Mapped[int | None] = owned_by("appointments", nullable=True)  # whose own role ends once accepted
    given_by: Mapped[int | None] = owned_by("appointments", nullable=True)  # NULL: the operator
    expires_at: Mapped[datetime]

    group: Mapped[Group] = relationship()


class AuditEntry(Base):
    """One use of a role, for the group's admins to read; added, never changed. A notice's words are not recorded."""

    __tablename__ = "entries"
    group_id: Mapped[int] = owned_by("groups")
    phone_id: Mapped[int | None] = mapped_column(ForeignKey("phones.id", ondelete="SET NULL"), index=True)
    what: Mapped[str] = mapped_column(String(40))  # a key of `AUDIT_EVENTS`, which `:` and an id may follow
    at: Mapped[datetime]
