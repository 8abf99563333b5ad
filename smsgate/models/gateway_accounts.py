"""The prepaid account at each gateway."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from smsgate.models.base import Base


class GatewayAccount(Base):
    """The credit of a gateway's account. Between `short_since` and `try_at` only help texts use it."""

    __tablename__ = "accounts"
    gateway: Mapped[str] = mapped_column(String(24), unique=True)
    balance: Mapped[str | None] = mapped_column(String(40))  # as the provider writes it, "KES 1785.50"
    looked_at: Mapped[datetime | None]
    short_since: Mapped[datetime | None]
    try_at: Mapped[datetime | None]  # if the balance cannot be read, one more text is tried then
    alerted_at: Mapped[datetime | None]
