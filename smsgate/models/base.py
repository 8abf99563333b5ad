"""What all tables have in common."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Enum as EnumType
from sqlalchemy import ForeignKey, MetaData
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from smsgate.core.database import Instant


def enum_column(kind: type[StrEnum]) -> EnumType:
    """Stores a StrEnum as its values: readable in the database, and a new value needs no type change."""
    return EnumType(kind, native_enum=False, length=24, values_callable=lambda kinds: [k.value for k in kinds])


def owned_by(table: str, nullable: bool = False) -> Mapped[Any]:
    """A foreign key whose rows are deleted with their owner: erasing a person leaves nothing behind."""
    return mapped_column(ForeignKey(f"{table}.id", ondelete="CASCADE"), index=True, nullable=nullable)


# The keys of messages contain ids: SQLite would give the id of a deleted row to a new one, whose text would then pass
# for one that was sent already.
NEVER_REUSE = {"sqlite_autoincrement": True}


class Base(DeclarativeBase):
    """Common naming of constraints, so that migrations can refer to them on both databases."""

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
