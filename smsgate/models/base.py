"""The base class of all tables, and the column types they share."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Enum as EnumType
from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from smsgate.core.database import Instant


def enum_column(kind: type[StrEnum]) -> EnumType:
    """Return a column type that stores a StrEnum by value: readable in the database, extended without a migration."""
    return EnumType(kind, native_enum=False, length=24, values_callable=lambda kinds: [k.value for k in kinds])


def owned_by(table: str, nullable: bool = False) -> Mapped[Any]:
    """Return a foreign key whose rows are deleted with their owner, so that erasing a person leaves nothing behind."""
    return mapped_column(ForeignKey(f"{table}.id", ondelete="CASCADE"), index=True, nullable=nullable)


# Message keys contain ids. Without this, SQLite could give a deleted row's id to a new row, whose text would then look
# as if it had been sent already.
NEVER_REUSE = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """Base of all tables; names constraints alike on both databases, so that migrations can refer to them."""

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
