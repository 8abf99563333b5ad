"""Migrating a database to the current schema, and proving that the encryption keys are the right ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import LargeBinary, column, func, insert, select, table, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from smsgate.core.database import INDEX_KEYS, INDEX_PURPOSE, Database
from smsgate.core.encryption import Keyring, WrongKey
from smsgate.core.waits.limits import MIGRATION

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "migrations"
WAIT_SECONDS, AGAIN_SECONDS = 60, 0.5
PURPOSE = "seal.proof"
PROOF = "smsgate"
SEALS = table("seals", column("proof", LargeBinary))  # a known text sealed with the newest key
LOCK = 0x534D5347  # "SMSG": PostgreSQL's advisory lock while somebody migrates


class NotMigrated(Exception):
    """The database is not at this release's migration."""


def migrate(database: Database) -> None:
    """Apply every missing migration, then check the keys against the database. A second process waits meanwhile.

    Callers wait behind a migration that waits for a lock: it waits for a moment only, and tries again for a minute.
    """
    url = database.engine.url.render_as_string(hide_password=False)
    patient, until = Database(url, database.keyring, limits=MIGRATION), time.monotonic() + WAIT_SECONDS
    try:
        while not _migrated(patient, until):
            time.sleep(AGAIN_SECONDS)
    finally:
        patient.engine.dispose()
    check(database)


def _migrated(database: Database, until: float) -> bool:
    """Returns False if others held what has to be changed for longer than a migration waits for it."""
    try:
        _migrate(database)
    except OperationalError as error:
        is_held = database.engine.dialect.name == "sqlite" or isinstance(error.orig, LockNotAvailable)
        if not is_held or time.monotonic() > until:
            raise
        return False
    return True


def _migrate(database: Database) -> None:
    config = _config()
    with _migration_lock(database):
        with database.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        with database.transaction() as session:
            if session.scalar(select(SEALS.c.proof).limit(1)) is None:
                session.execute(insert(SEALS).values(proof=database.keyring.seal(PROOF, PURPOSE)))
            if session.scalar(select(INDEX_KEYS.c.secret).limit(1)) is None:
                secret = database.keyring.seal(database.keyring.new_index_secret, INDEX_PURPOSE)
                session.execute(insert(INDEX_KEYS).values(secret=secret))


@contextmanager
def _migration_lock(database: Database) -> Iterator[None]:
    """Migrate one at a time: a host may start the release command twice. SQLite allows only one writer anyway."""
    if database.engine.dialect.name == "sqlite":
        yield
        return
    with database.engine.begin() as guard:
        guard.execute(text(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'"))
        guard.execute(select(func.pg_advisory_xact_lock(LOCK)))
        yield


def check(database: Database) -> None:
    """Raise NotMigrated or WrongKey unless this release can work with this database."""
    check_release(database)
    with database.transaction() as session:
        _check_keys(session, database.keyring)


def check_release(database: Database) -> None:
    """Raise NotMigrated unless the database is at this release's migration, whatever its keys."""
    head = _head()
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != head:
        raise NotMigrated(f"The database is at migration {current}, this release needs {head}: smsgate migrate")


@cache
def _head() -> str | None:
    return ScriptDirectory.from_config(_config()).get_current_head()


def _check_keys(session: Session, keyring: Keyring) -> None:
    """Raise WrongKey unless every stored proof opens, and the newest key was known to every process before.

    A process that does not know the newest key would not find the numbers that it sealed, and write them again.
    """
    proofs = session.scalars(select(SEALS.c.proof)).all()
    if not proofs:
        raise WrongKey("The database holds no proof of its key: smsgate migrate")
    for proof in proofs:
        keyring.open(proof, PURPOSE)
    if not any(keyring.is_newest(proof, PURPOSE) for proof in proofs):
        raise WrongKey(
            "The first of SMSGATE_KEYS is new. Put a + before it, restart every process, then take the + away."
        )
    for key in keyring.each():
        if not any(key.is_newest(proof, PURPOSE) for proof in proofs):
            session.execute(insert(SEALS).values(proof=key.seal(PROOF, PURPOSE)))


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config
