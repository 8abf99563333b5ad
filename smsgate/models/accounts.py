"""Console accounts: network admins, sign-in codes, sessions. Sign-in takes a number and a code, never a password."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint, true
from sqlalchemy.orm import Mapped, mapped_column, relationship

from smsgate.core.encryption import Sealed
from smsgate.models.base import NEVER_REUSE, Base, owned_by
from smsgate.models.phones import Phone


class NetworkAdmin(Base):
    """Someone who sets up groups and assigns their first roles; the operator creates the first network admin."""

    __tablename__ = "network_admins"
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id", ondelete="CASCADE"), unique=True)
    since: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    is_texted: Mapped[bool] = mapped_column(default=True, server_default=true())  # when someone asks to start a group

    phone: Mapped[Phone] = relationship()


class SignInCode(Base):
    """A sign-in code; valid once, for a few minutes, in the browser that asked for it."""

    __tablename__ = "sign_in_codes"
    phone_id: Mapped[int] = owned_by("phones")
    code: Mapped[str] = mapped_column(Sealed("sign_in_code.code"))
    browser: Mapped[str] = mapped_column(String(64))  # a hash of the secret given to this browser
    tries: Mapped[int] = mapped_column(default=0)
    asked_at: Mapped[datetime] = mapped_column(index=True)
    used_at: Mapped[datetime | None]


class ConsoleSession(Base):
    """A browser in which someone is signed in."""

    __tablename__ = "console_sessions"
    phone_id: Mapped[int] = owned_by("phones")
    secret: Mapped[str] = mapped_column(String(64), unique=True)  # a hash of the secret that the browser stores
    browser: Mapped[str] = mapped_column(String(60))  # a name its owner recognises, like "Firefox, Android"
    own_device: Mapped[bool]  # if not, the session ends sooner
    second: Mapped[bool]  # an authenticator app was used too
    began_at: Mapped[datetime]
    seen_at: Mapped[datetime] = mapped_column(index=True)
    ended_at: Mapped[datetime | None]


class Authenticator(Base):
    """An authenticator app (TOTP) that someone set up; not asked for until `confirmed_at` is set."""

    __tablename__ = "authenticators"
    phone_id: Mapped[int] = mapped_column(ForeignKey("phones.id", ondelete="CASCADE"), unique=True)
    secret: Mapped[str] = mapped_column(Sealed("authenticator.secret"))  # base32
    made_at: Mapped[datetime]
    confirmed_at: Mapped[datetime | None]
    last_step: Mapped[int] = mapped_column(default=0)  # the last time step used, so that a code is valid only once
    tries: Mapped[int] = mapped_column(default=0)  # for the previous release; `WrongCodes` counts them now


class RecoveryCode(Base):
    """A single-use code that replaces the authenticator app when a phone is lost. Only its hash is stored."""

    __tablename__ = "recovery_codes"
    __table_args__ = (UniqueConstraint("phone_id", "code"), NEVER_REUSE)
    phone_id: Mapped[int] = owned_by("phones")
    code: Mapped[str] = mapped_column(String(64))  # a keyed hash
    used_at: Mapped[datetime | None]


class WrongCodes(Base):
    """How many wrong app codes were typed in a row, by a keyed tag of the number and the browser."""

    __tablename__ = "wrong_codes"
    tag: Mapped[str] = mapped_column(String(64), unique=True)
    times: Mapped[int]
    at: Mapped[datetime] = mapped_column(index=True)  # when the last one was typed
