"""Key rotation: encrypts everything again with the newest key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from sqlalchemy import Column, LargeBinary, MetaData, Table, delete, func, insert, select, type_coerce, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from smsgate.core import migrations
from smsgate.core.database import Database
from smsgate.core.encryption import Keyring, Sealed, SealedForm, WrongKey
from smsgate.core.migrations import PROOF, PURPOSE, SEALS
from smsgate.core.rotation import twins

CHUNK = 500  # rows per transaction, so that nobody waits long


@dataclass
class Rotation:
    """How many values were encrypted again, and which rows were not: twins of others, or opened by no key."""

    values: int = 0
    twins: list[str] = field(default_factory=list)  # "phones 7"
    unreadable: list[str] = field(default_factory=list)


def rotate(database: Database, tables: MetaData, progress: Callable[[int], None] = lambda rows: None) -> Rotation:
    """Encrypt again what an older key encrypted; `progress` gets the number of values examined in each batch.

    Can be interrupted and run again. A row that cannot be rotated does not stop the others. Two rows with the same
    number, made while not every process knew the new key, are merged unless they contradict each other.
    """
    done = Rotation()
    for table, column in _sealed_columns(tables):
        for rows in _rotate_column(database, tables, table, column, done):
            progress(rows)
    with database.transaction() as session:
        _renew_proofs(session, database.keyring, keep_older=bool(done.twins))
    return done


def count(database: Database, tables: MetaData) -> int:
    """Return how many values `rotate` examines."""
    with database.reading() as session:
        return sum(session.scalar(select(func.count(column))) or 0 for _, column in _sealed_columns(tables))


def _renew_proofs(session: Session, keyring: Keyring, *, keep_older: bool) -> None:
    """Prove the newest key, and let the older ones go unless rows still need them.

    The proof of a key that is missing here stays: until it is back, no process starts and takes known people for new.
    """
    proofs = session.scalars(select(SEALS.c.proof)).all()
    if not any(keyring.is_newest(proof, PURPOSE) for proof in proofs):
        session.execute(insert(SEALS).values(proof=keyring.seal(PROOF, PURPOSE)))
    for key in [] if keep_older else keyring.older():
        for proof in proofs:
            if key.is_newest(proof, PURPOSE):
                session.execute(delete(SEALS).where(SEALS.c.proof == proof))
            if proof == key.seal(PROOF, PURPOSE):
                session.execute(insert(SEALS).values(proof=migrations.released(proof, keyring)))


def _sealed_columns(tables: MetaData) -> Iterator[tuple[Table, Column[Any]]]:
    for table in tables.sorted_tables:
        yield from ((table, column) for column in table.columns if isinstance(column.type, Sealed))


def _rotate_column(
    database: Database, tables: MetaData, table: Table, column: Column[Any], done: Rotation
) -> Iterator[int]:
    """Rotate a column, and yield the number of values in each transaction once it has committed."""
    last = 0
    while True:
        with database.transaction() as session:
            rows = _next_rows(session, table, column, last)
            for row_id, sealed in rows:
                try:
                    with session.begin_nested():
                        done.values += _renew(session, database, table, column, row_id, sealed)
                except WrongKey:
                    done.unreadable.append(f"{table.name} {row_id}")
                except IntegrityError:
                    form = database.keyring.seal(database.keyring.open(sealed, _purpose(column)), _purpose(column))
                    if not twins.merge(session, tables, table, column, row_id, SealedForm(form)):
                        done.twins.append(f"{table.name} {row_id}")
        if not rows:
            return
        yield len(rows)
        last = rows[-1][0]


def _purpose(column: Column[Any]) -> str:
    return cast(Sealed, column.type).purpose


def _next_rows(session: Session, table: Table, column: Column[Any], after: int) -> list[tuple[int, bytes]]:
    raw = type_coerce(column, LargeBinary)
    rows = select(table.c.id, raw).where(table.c.id > after, column.is_not(None)).order_by(table.c.id).limit(CHUNK)
    return [(row[0], bytes(row[1])) for row in session.execute(rows)]


def _renew(session: Session, database: Database, table: Table, column: Column[Any], row_id: int, sealed: bytes) -> bool:
    purpose, keys = _purpose(column), database.keyring
    if keys.is_newest(sealed, purpose):
        return False
    form = SealedForm(keys.seal(keys.open(sealed, purpose), purpose))
    # Unless the row changed meanwhile: a new name, or words that were erased, must not be undone.
    unchanged = (table.c.id == row_id, type_coerce(column, LargeBinary) == sealed)
    changed = update(table).where(*unchanged).values({column: form}).returning(table.c.id)
    return session.execute(changed).first() is not None
