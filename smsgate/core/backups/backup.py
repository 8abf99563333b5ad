"""Writes backups, verifies them, and restores them into an empty database."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from msgspec import Struct
from msgspec.msgpack import Decoder, Encoder
from sqlalchemy import Connection, MetaData, select, text
from sqlalchemy.orm import Session

from smsgate.core import migrations
from smsgate.core.backups import rows
from smsgate.core.backups.encrypted_file import BackupError, Writer, read_records
from smsgate.core.backups.rows import Progress, Tally
from smsgate.core.backups.whole_file import appears_whole
from smsgate.core.database import Database
from smsgate.core.encryption import Keyring, WrongKey
from smsgate.core.migrations import NotMigrated

SKIPPED_IDS = 100_000  # after a restore: rows made since the backup are lost, but others still know their ids
MADE_BY_MIGRATE = {
    "seals",
    "index_keys",
    "open_to",
    "spoken_languages",
}  # tables that have rows even in a newly migrated database


class Contents(Struct, tag=True):
    """The first record: when the backup was made, at which migration, and proofs of the keys that sealed its values."""

    made_at: datetime
    revision: str
    proofs: list[bytes]
    counts: dict[str, int]


class Rows(Struct, tag=True):
    """A batch of rows of one table, in id order."""

    table: str
    columns: list[str]
    rows: list[list[Any]]


class End(Struct, tag=True):
    """The last record: for each table the number of rows, their digest, and the last id ever assigned."""

    sums: dict[str, tuple[int, str]]
    last_ids: dict[str, int]


_encode = Encoder().encode
_decode = Decoder(Contents | Rows | End).decode


@dataclass(frozen=True)
class Written:
    """When a backup was made, and how many rows it holds."""

    made_at: datetime
    rows: int


def write(
    database: Database, known: MetaData, path: Path, key: bytes, now: datetime, progress: Progress = lambda done: None
) -> Written:
    """Write a backup and read it back in full. `path` appears only once it is complete; no file is overwritten.

    Raises BackupError, NotMigrated and OSError.
    """
    if path.exists():
        raise BackupError(f"{path} exists already. Choose another name, or a folder with --keep.")
    with appears_whole(path) as partial:
        with rows.snapshot(database.engine) as connection, partial.open("wb") as file:
            _write(connection, known, Writer(file, key), now, progress)
        return read_to_end(partial, key, lambda done: None)


def _write(connection: Connection, known: MetaData, file: Writer, now: datetime, progress: Progress) -> None:
    revision = migrations.revision_of(connection)
    if revision is None or not migrations.is_known(revision):
        raise NotMigrated(f"The database is at migration {revision}, which this release does not know: no backup made.")
    tables = rows.tables_of(connection, known)
    proofs = [bytes(proof) for proof in connection.scalars(select(migrations.SEALS.c.proof))]
    counts = {str(table.name): rows.count(connection, table) for table in tables}
    file.write(_encode(Contents(now, revision, proofs, counts)))
    tallies = {str(table.name): Tally() for table in tables}
    for table in tables:
        for batch in rows.read(connection, table):
            tallies[table.name].add(batch)
            file.write(_encode(Rows(str(table.name), rows.columns_of(table), [list(row) for row in batch])))
            progress(len(batch))
    file.close(_encode(End({name: tally.sum() for name, tally in tallies.items()}, rows.last_ids(connection, tables))))


def read_to_end(path: Path, key: bytes, progress: Progress = lambda done: None) -> Written:
    """Read a whole backup and check its rows against its digests. Raises BackupError and OSError."""
    tallies: dict[str, Tally] = {}
    with path.open("rb") as file:
        records = map(_decode, read_records(file, key))
        contents = _first(records)
        for record in records:
            if isinstance(record, Rows):
                tallies.setdefault(record.table, Tally()).add(record.rows)
                progress(len(record.rows))
            elif isinstance(record, End):
                _compare(record, tallies)
    return Written(contents.made_at, sum(tally.count for tally in tallies.values()))


def contents_of(path: Path, key: bytes) -> Contents:
    """Return the first record of a backup. Raises BackupError and OSError."""
    with path.open("rb") as file:
        return _first(map(_decode, read_records(file, key)))


def _first(records: Iterator[Contents | Rows | End]) -> Contents:
    first = next(records)
    if not isinstance(first, Contents):
        raise BackupError("The backup is damaged. Take another one.")
    return first


def _compare(end: End, found: dict[str, Tally]) -> None:
    sums = {name: (found[name] if name in found else Tally()).sum() for name in end.sums}
    if wrong := [name for name, expected in end.sums.items() if sums[name] != tuple(expected)]:
        raise BackupError(f"Rows differ from what was backed up, in {', '.join(wrong)}. Nothing was changed.")


def restore(
    database: Database,
    known: MetaData,
    path: Path,
    key: bytes,
    progress: Progress = lambda done: None,
    at_end: Callable[[Session], None] = lambda session: None,
) -> Written:
    """Fill an empty database, compare every row, migrate it to this release, and commit everything or nothing.

    `at_end` may write more before the commit. Raises BackupError, WrongKey, NotMigrated and OSError.
    """
    contents = contents_of(path, key)
    _check_contents(contents, database.keyring)
    with path.open("rb") as file, database.engine.begin() as connection:
        rows.take_time(connection)
        make_empty(connection, known, contents.revision)
        end = _load(connection, known, map(_decode, read_records(file, key)), progress)
        _compare(end, sums_of(connection, known, end.sums, progress))
        rows.go_on_after(connection, {name: last + SKIPPED_IDS for name, last in end.last_ids.items()})
        migrations.go_to(connection, migrations.newest())
        with Session(connection) as session:
            migrations.prove_keys(session, database.keyring)
            at_end(session)
            session.commit()
    migrations.check(database)
    return Written(contents.made_at, sum(contents.counts.values()))


def _check_contents(contents: Contents, keyring: Keyring) -> None:
    if not migrations.is_known(contents.revision):
        raise BackupError("A newer release made this backup. Restore it with that release.")
    try:
        for proof in contents.proofs:
            keyring.open(proof, migrations.PURPOSE)
    except WrongKey:
        raise WrongKey("None of SMSGATE_KEYS opens what is in this backup. Set the keys of its day.") from None


def make_empty(connection: Connection, known: MetaData, revision: str) -> None:
    """Migrate an empty database to `revision`, without any rows. Raises BackupError if it holds data."""
    migrations.lock(connection)
    tables = rows.tables_of(connection, known)
    if any(rows.count(connection, table) for table in tables if table.name not in MADE_BY_MIGRATE):
        raise BackupError("The database of DATABASE_URL is not empty. Name an empty one, so that nothing is lost.")
    rows.empty(connection, tables)
    migrations.go_to(connection, revision)
    rows.empty(connection, rows.tables_of(connection, known))  # a migration may have inserted some
    if connection.dialect.name == "sqlite":
        connection.execute(text("PRAGMA defer_foreign_keys = ON"))  # rows come in the table order of the other database


def _load(connection: Connection, known: MetaData, records: Iterator[Contents | Rows | End], progress: Progress) -> End:
    tables, end = {table.name: table for table in rows.tables_of(connection, known)}, None
    for record in records:  # to the very end: only the last record proves that the file is complete
        if isinstance(record, End):
            end = record
        elif isinstance(record, Rows):
            if record.table not in tables:
                raise BackupError(f"The backup has a table {record.table} that is none of smsgate's.")
            rows.write(connection, tables[record.table], record.columns, record.rows)
            progress(len(record.rows))
    if end is None:
        raise BackupError("The backup is damaged. Take another one.")
    return end


def sums_of(connection: Connection, known: MetaData, names: Container[str], progress: Progress) -> dict[str, Tally]:
    """Return the tallies of these tables. On SQLite, raises BackupError if a row refers to one that does not exist."""
    tallies = {}
    for table in rows.tables_of(connection, known):
        if table.name in names:
            tally = tallies[table.name] = Tally()
            for batch in rows.read(connection, table):
                tally.add(batch)
                progress(len(batch))
    if connection.dialect.name == "sqlite" and connection.execute(text("PRAGMA foreign_key_check")).first():
        raise BackupError("A row refers to one that is not there. Nothing was changed.")
    return tallies
