"""Reads, writes, counts and compares rows in a form that SQLite and PostgreSQL share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, time
from hashlib import blake2b
from typing import Any

from msgspec.msgpack import Encoder
from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Connection,
    Date,
    DateTime,
    Engine,
    LargeBinary,
    MetaData,
    Table,
    Time,
    delete,
    func,
    insert,
    inspect,
    select,
    text,
)
from sqlalchemy.engine.reflection import Inspector
from sqlalchemy.exc import DBAPIError
from sqlalchemy.types import TypeEngine

from smsgate.core.backups.encrypted_file import BackupError
from smsgate.core.database import Instant

BATCH = 1000  # rows
OF_MIGRATIONS = {"alembic_version", "schema_versions"}  # written by the migrations themselves
Row = Sequence[Any]
Progress = Callable[[int], None]  # called with the number of rows just read or written
_encode = Encoder().encode


@dataclass
class Tally:
    """The number of rows in a table, and a digest of all of them in id order."""

    count: int = 0
    _digest: blake2b = field(default_factory=lambda: blake2b(digest_size=16))

    def add(self, rows: Sequence[Row]) -> None:
        """Add the next rows."""
        self.count += len(rows)
        for row in rows:
            self._digest.update(_encode(row))

    def sum(self) -> tuple[int, str]:
        """Return the count and the digest, which are equal for tables with the same rows."""
        return self.count, self._digest.hexdigest()


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Yield a connection that sees the database as of this moment and blocks nobody."""
    options: dict[str, Any] = {"smsgate_reading": True}
    if engine.dialect.name != "sqlite":
        options = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    with engine.connect() as connection:
        connection = connection.execution_options(**options)
        take_time(connection)
        yield connection


def take_time(connection: Connection) -> None:
    """Lift the time limits, which are meant for turns, until the transaction ends: reading every row takes long."""
    if connection.dialect.name != "sqlite":
        for limit in ("statement_timeout", "idle_in_transaction_session_timeout"):
            connection.execute(text(f"SET LOCAL {limit} = 0"))


def tables_of(connection: Connection, known: MetaData) -> list[Table]:
    """Return the existing tables of those known, referenced ones first, with column types that both databases share.

    Others are left alone: someone else may use the same database. No migration has taken away a table so far, so those
    of this release are all that an earlier one had.
    """
    inspector = inspect(connection)
    names = [str(name) for name, _keys in inspector.get_sorted_table_and_fkc_names() if name]
    return [_table(inspector, name) for name in names if name in known.tables and name not in OF_MIGRATIONS]


def _table(inspector: Inspector, name: str) -> Table:
    columns = sorted(inspector.get_columns(name), key=lambda column: column["name"])
    return Table(name, MetaData(), *(Column(str(column["name"]), _shared_type(column["type"])) for column in columns))


def _shared_type(kind: TypeEngine[Any]) -> TypeEngine[Any]:
    if isinstance(kind, DateTime):
        return Instant()
    if isinstance(kind, JSON):
        return JSON(none_as_null=True)
    return next((plain() for plain in (Boolean, Date, Time, LargeBinary) if isinstance(kind, plain)), kind)


def columns_of(table: Table) -> list[str]:
    """Return the names of a table's columns, as plain strings."""
    return [str(column.name) for column in table.columns]


def count(connection: Connection, table: Table) -> int:
    """Return how many rows a table has."""
    return connection.scalar(select(func.count()).select_from(table)) or 0


def read(connection: Connection, table: Table) -> Iterator[list[Row]]:
    """Yield all rows in id order, in batches, so that few are in memory at once."""
    rows = select(table).order_by(table.c.id).execution_options(yield_per=BATCH)
    with connection.execute(rows) as result:
        for batch in result.partitions():
            yield [tuple(_shared(value) for value in row) for row in batch]


def _shared(value: object) -> object:
    return value.isoformat() if type(value) in (date, time) else value  # type: ignore[attr-defined]


def write(connection: Connection, table: Table, columns: Sequence[str], rows: Sequence[Row]) -> None:
    """Insert rows in the form that `read` yields. Raises BackupError if the database rejects one."""
    if not rows:
        return
    readers = [_reader(table.c[name].type) for name in columns]
    values = [
        {
            name: value if value is None or reader is None else reader(value)
            for name, reader, value in zip(columns, readers, row, strict=True)
        }
        for row in rows
    ]
    try:
        connection.execute(insert(table), values)
    except DBAPIError as problem:
        ids = [value["id"] for value in values]
        why = type(problem.orig).__name__
        raise BackupError(f"A row of {table.name} from {ids[0]} to {ids[-1]} does not fit in: {why}.") from None


def _reader(kind: TypeEngine[Any]) -> Callable[[str], object] | None:
    return date.fromisoformat if isinstance(kind, Date) else time.fromisoformat if isinstance(kind, Time) else None


def empty(connection: Connection, tables: Sequence[Table]) -> None:
    """Delete all rows of these tables, in reverse order, so that rows go before those they refer to."""
    for table in reversed(tables):
        connection.execute(delete(table))


def last_ids(connection: Connection, tables: Sequence[Table]) -> dict[str, int]:
    """Return the last id that each table ever assigned, even if its row is gone, so that none is assigned twice."""
    if connection.dialect.name == "sqlite":
        given: dict[str, int] = {
            row[0]: row[1] for row in connection.execute(text("SELECT name, seq FROM sqlite_sequence"))
        }
        return {str(table.name): given.get(table.name, 0) for table in tables}
    last = text(
        "SELECT last_value FROM pg_sequences"
        " WHERE quote_ident(schemaname) || '.' || quote_ident(sequencename) = pg_get_serial_sequence(:name, 'id')"
    )
    return {str(table.name): connection.scalar(last, {"name": table.name}) or 0 for table in tables}


def go_on_after(connection: Connection, last: Mapping[str, int]) -> None:
    """Make each table assign only higher ids than these from now on."""
    is_sqlite = connection.dialect.name == "sqlite"
    for name, number in last.items():
        values = {"name": name, "last": number}
        if is_sqlite:
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
            connection.execute(text("INSERT INTO sqlite_sequence (name, seq) VALUES (:name, :last)"), values)
        elif number:
            connection.execute(text("SELECT setval(pg_get_serial_sequence(:name, 'id'), :last)"), values)
