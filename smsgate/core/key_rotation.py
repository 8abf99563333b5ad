"""Key rotation: everything that is sealed is sealed anew with the newest key."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, cast

from sqlalchemy import Column, LargeBinary, MetaData, Table, select, type_coerce, update
from sqlalchemy.orm import Session

from smsgate.core.database import Database
from smsgate.core.encryption import Sealed, SealedForm
from smsgate.core.migrations import PURPOSE, SEALS

CHUNK = 500  # rows per transaction, so that nobody waits long


def rotate(database: Database, tables: MetaData) -> int:
    """Seal anew what an older key sealed; returns the number of values. Can be interrupted and run again."""
    count = sum(_rotate_column(database, table, column) for table, column in _sealed_columns(tables))
    with database.transaction() as session:
        for proof in session.scalars(select(SEALS.c.proof)).all():
            renewed = database.keyring.seal(database.keyring.open(proof, PURPOSE), PURPOSE)
            session.execute(update(SEALS).where(SEALS.c.proof == proof).values(proof=renewed))
    return count


def _sealed_columns(tables: MetaData) -> Iterator[tuple[Table, Column[Any]]]:
    for table in tables.sorted_tables:
        yield from ((table, column) for column in table.columns if isinstance(column.type, Sealed))


def _rotate_column(database: Database, table: Table, column: Column[Any]) -> int:
    changed, last = 0, 0
    while True:
        with database.transaction() as session:
            rows = _next_rows(session, table, column, last)
            changed += sum(_renew(session, database, table, column, *row) for row in rows)
        if not rows:
            return changed
        last = rows[-1][0]


def _next_rows(session: Session, table: Table, column: Column[Any], after: int) -> list[tuple[int, bytes]]:
    raw = type_coerce(column, LargeBinary)
    rows = select(table.c.id, raw).where(table.c.id > after, column.is_not(None)).order_by(table.c.id).limit(CHUNK)
    return [(row[0], bytes(row[1])) for row in session.execute(rows)]


def _renew(session: Session, database: Database, table: Table, column: Column[Any], row_id: int, sealed: bytes) -> bool:
    purpose, keys = cast(Sealed, column.type).purpose, database.keyring
    if keys.is_newest(sealed, purpose):
        return False
    form = SealedForm(keys.seal(keys.open(sealed, purpose), purpose))
    # Unless the row changed meanwhile: a new name, or words that were erased, must not be undone.
    unchanged = (table.c.id == row_id, type_coerce(column, LargeBinary) == sealed)
    changed = update(table).where(*unchanged).values({column: form}).returning(table.c.id)
    return session.execute(changed).first() is not None
