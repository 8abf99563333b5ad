"""Who may work in the console, and from which browsers. One signs in with a number and a code, never a password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.core.encryption import Sealed
from smsgate.models.base import Base, owned_by
from smsgate.models.phones import Phone


class NetworkAdmin(Base):
    """Somebody who sets up groups and gives their first roles; the operator makes the first one."""

    __tablename__ = "network_admins"
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id", ondelete="CASCADE"), unique=True)
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    phone: Mapped[Phone] = relationship()


class SignInCode(Base):
    """A code that was asked for; of use to the one browser that asked, once, for minutes."""

    __tablename__ = "sign_in_codes"
    phone_id: Mapped[int] = owned_by("phones")
    code: Mapped[str] = mapped_column(Sealed("sign_in_code.code"))
    browser: Mapped[str] = mapped_column(String(64))  # a hash of the secret that this browser was given
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class ConsoleSession(Base):
    """A browser in which somebody is signed in."""

    __tablename__ = "console_sessions"
    phone_id: Mapped[int] = owned_by("phones")
    secret: Mapped[str] = mapped_column(String(64), unique=True)  # a hash of what the browser keeps
    browser: Mapped[str] = mapped_column(String(60))  # as its holder knows it, like "Firefox, Android"
    own_device: Mapped[bool]  # else it ends soon
    second: Mapped[bool]  # an authenticator app was asked too
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class Authenticator(Base):
    """An authenticator app that somebody set up; without `confirmed_at` it is not asked for yet."""

    __tablename__ = "authenticators"
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id", ondelete="CASCADE"), unique=True)
    secret: Mapped[str] = mapped_column(Sealed("authenticator.secret"))  # base32
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)  # of time: a code is good once
    tries: Mapped[int] = mapped_column(default=0)  # since the last right one
