"""Moves a service from SQLite to PostgreSQL: copies and compares every row, then marks the old database as moved."""

from __future__ import annotations

from sqlalchemy import Connection, MetaData, text

from smsgate.core import migrations
from smsgate.core.backups import backup, rows
from smsgate.core.backups.encrypted_file import BackupError
from smsgate.core.backups.rows import Progress, Tally
from smsgate.core.database import Database


def move(source: Database, target: Database, known: MetaData, progress: Progress = lambda done: None) -> int:
    """Copy every row into an empty database and return their number. Nobody can write to the source meanwhile.

    If interrupted, it leaves the target empty or complete; run again, it compares and finishes.
    Raises BackupError, NotMigrated and WrongKey.
    """
    if (source.engine.dialect.name, target.engine.dialect.name) != ("sqlite", "postgresql"):
        raise BackupError("smsgate move goes from SQLite (DATABASE_URL) to PostgreSQL. Otherwise: backup and restore.")
    migrations.check(source)
    with source.engine.begin() as old:
        if _is_new(target, known):
            _copy(old, target, known, progress)
        with rows.snapshot(target.engine) as new:
            sums = _compared(old, new, known, progress)
        old.execute(text("UPDATE alembic_version SET version_num = :moved"), {"moved": migrations.MOVED})
    migrations.check(target)
    return sum(tally.count for tally in sums.values())


def _is_new(target: Database, known: MetaData) -> bool:
    """False if it holds data, because a move was cut off after its commit, or it is another installation's."""
    with rows.snapshot(target.engine) as connection:
        tables = [table for table in rows.tables_of(connection, known) if table.name not in backup.MADE_BY_MIGRATE]
        return not any(rows.count(connection, table) for table in tables)


def _copy(old: Connection, target: Database, known: MetaData, progress: Progress) -> None:
    with target.engine.begin() as new:
        rows.take_time(new)
        backup.make_empty(new, known, migrations.newest())
        sources = rows.tables_of(old, known)
        targets = {table.name: table for table in rows.tables_of(new, known)}
        for table in sources:
            for batch in rows.read(old, table):
                rows.write(new, targets[table.name], rows.columns_of(table), batch)
                progress(len(batch))
        _compared(old, new, known, progress)
        rows.go_on_after(new, rows.last_ids(old, sources))


def _compared(old: Connection, new: Connection, known: MetaData, progress: Progress) -> dict[str, Tally]:
    """Return the tallies of the old database. Raises BackupError unless both databases hold the same rows."""
    before, after = (backup.sums_of(connection, known, known.tables, progress) for connection in (old, new))
    wrong = [name for name, tally in before.items() if name not in after or tally.sum() != after[name].sum()]
    if wrong:
        raise BackupError(f"The other database holds other rows, in {', '.join(wrong)}. Name an empty one.")
    return before
