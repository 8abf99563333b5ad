"""Migrating a database to the current schema, and proving that the encryption keys are the right ones."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from psycopg.errors import LockNotAvailable
from sqlalchemy import Connection, LargeBinary, column, delete, func, insert, inspect, select, table, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from smsgate.core.database import INDEX_KEYS, INDEX_PURPOSE, Database
from smsgate.core.encryption import Keyring, WrongKey
from smsgate.core.errors import Invalid
from smsgate.core.waits.limits import MIGRATION

SCRIPTS = Path(__file__).resolve().parent.parent.parent / "migrations"
WAIT_SECONDS, AGAIN_SECONDS = 60, 0.5
PURPOSE = "seal.proof"
PROOF = "smsgate"
SEALS = table("seals", column("proof", LargeBinary))  # a known text sealed with the newest key
VERSIONS = table("schema_versions", column("revision"), column("suits"))  # models.SchemaVersion
MOVED = "moved"  # in place of a migration: the rows were moved to another database, and this one is no longer used
LOCK = 0x534D5347  # "SMSG": PostgreSQL's advisory lock during a migration


class NotMigrated(Exception):
    """The database is not at this release's migration."""


def migrate(database: Database, to: str | None = None) -> None:
    """Apply every missing migration, then check the keys against the database. A second process waits meanwhile.

    A newer database that suits this release stays as it is. With `to`, goes to that migration, forward or back.
    Callers queue behind a migration that waits for a lock, so it waits only a moment, and tries again for a minute.
    Raises NotMigrated, WrongKey, and Invalid for a migration that does not exist.
    """
    if to is not None and not is_known(to):
        raise Invalid(f"There is no migration {to}; the newest of this release is {newest()}.")
    url = database.engine.url.render_as_string(hide_password=False)
    patient, until = Database(url, database.keyring, limits=MIGRATION), time.monotonic() + WAIT_SECONDS
    try:
        while not _migrated(patient, to, until):
            time.sleep(AGAIN_SECONDS)
    finally:
        patient.engine.dispose()


def _migrated(database: Database, to: str | None, until: float) -> bool:
    """Migrate; return False if others held a lock for longer than a migration waits."""
    try:
        _migrate(database, to)
    except OperationalError as error:
        is_held = database.engine.dialect.name == "sqlite" or isinstance(error.orig, LockNotAvailable)
        if not is_held or time.monotonic() > until:
            raise
        return False
    return True


def goes_back(database: Database, to: str) -> bool:
    """True if going to this migration undoes later ones."""
    with database.engine.connect() as connection:
        current = revision_of(connection)
    return current is not None and is_known(current) and is_known(to) and to < current


def _migrate(database: Database, to: str | None) -> None:
    with _migration_lock(database), database.engine.connect() as connection:
        current = revision_of(connection)
        connection.rollback()
        if current is None or is_known(current):
            go_to(connection, to or newest())
            connection.commit()
    if to in (None, newest()):
        with database.transaction() as session:
            _write_proof(session, database.keyring)
        check(database)


def go_to(connection: Connection, revision: str) -> None:
    """Take the database to a migration of this release, forward or back; in the open transaction, if there is one."""
    in_transaction, config, current = connection.in_transaction(), _config(), revision_of(connection)
    if not in_transaction:
        connection.rollback()  # reading the revision began one, in which alembic would not commit
    config.attributes["connection"] = connection
    (command.downgrade if current is not None and revision < current else command.upgrade)(config, revision)


def _write_proof(session: Session, keyring: Keyring) -> None:
    if session.scalar(select(SEALS.c.proof).limit(1)) is None:
        session.execute(insert(SEALS).values(proof=keyring.seal(PROOF, PURPOSE)))
    if session.scalar(select(INDEX_KEYS.c.secret).limit(1)) is None:
        secret = keyring.seal(keyring.new_index_secret, INDEX_PURPOSE)
        session.execute(insert(INDEX_KEYS).values(secret=secret))


@contextmanager
def _migration_lock(database: Database) -> Iterator[None]:
    """Let only one process migrate at a time: a host may start the release command twice."""
    if database.engine.dialect.name == "sqlite":
        yield
        return
    with database.engine.begin() as guard:
        guard.execute(text(f"SET LOCAL lock_timeout = '{WAIT_SECONDS}s'"))
        lock(guard)
        yield


def lock(connection: Connection) -> None:
    """Keep others from migrating until the transaction ends; SQLite allows only one writer anyway."""
    if connection.dialect.name != "sqlite":
        connection.execute(select(func.pg_advisory_xact_lock(LOCK)))


def check(database: Database) -> None:
    """Raise NotMigrated or WrongKey unless this release can work with this database."""
    check_release(database)
    with database.reading() as session:  # a process that starts must not wait for writers
        unproven = _check_keys(session, database.keyring)
    if unproven:
        with database.transaction() as session:
            prove_keys(session, database.keyring)


def prove_keys(session: Session, keyring: Keyring) -> None:
    """Store a proof of each key that has none yet; not of older ones, which rotation has made removable."""
    if unproven := _unproven(session.scalars(select(SEALS.c.proof)).all(), keyring):
        session.execute(insert(SEALS), [{"proof": key.seal(PROOF, PURPOSE)} for key in unproven])


def _unproven(proofs: Collection[bytes], keyring: Keyring) -> list[Keyring]:
    keys = keyring.newest_and_announced()
    return [key for key in keys if not any(key.is_newest(proof, PURPOSE) for proof in proofs)]


def check_release(database: Database) -> None:
    """Raise NotMigrated unless this release can work with this database's schema, whatever its keys."""
    with database.engine.connect() as connection:
        check_schema(connection)


def check_schema(connection: Connection) -> None:
    """Raise NotMigrated unless the database is at this release's migration, or says that it suits this release."""
    current, head = revision_of(connection), newest()
    if current == head:
        return
    if current == MOVED:
        raise NotMigrated("This database was moved. Set DATABASE_URL to where it went; see docs/operate/backups.md.")
    if current is None or is_known(current):
        raise NotMigrated(f"The database is at migration {current}, this release needs {head}: smsgate migrate")
    suits = select(VERSIONS.c.suits).where(VERSIONS.c.revision == current)
    oldest = connection.scalar(suits) if inspect(connection).has_table(VERSIONS.name) else None
    if oldest is None or oldest > head:
        raise NotMigrated(
            f"The database is at migration {current}, too new for this release, which knows up to {head}."
        )


def revision_of(connection: Connection) -> str | None:
    """Return the migration that a database is at; None for one without any."""
    return MigrationContext.configure(connection).get_current_revision()


def newest() -> str:
    """Return the newest migration of this release."""
    head = _scripts().get_current_head()
    assert head is not None, "there are migrations"  # noqa: S101
    return head


def is_known(revision: str) -> bool:
    """True for a migration of this release."""
    return any(script.revision == revision for script in _scripts().walk_revisions())


def note_version(ctx: MigrationContext, step: object, heads: Collection[str], run_args: object) -> None:
    """Record which release the database now suits, as the migration says. Alembic calls this after each migration."""
    suits = [getattr(_scripts().get_revision(head).module, "suits", None) for head in heads]
    if ctx.connection is not None and suits and suits[0]:
        ctx.connection.execute(delete(VERSIONS))
        ctx.connection.execute(insert(VERSIONS).values(revision=next(iter(heads)), suits=suits[0]))


def _check_keys(session: Session, keyring: Keyring) -> list[Keyring]:
    """Return a keyring for each key that needs a proof and has none yet.

    Raises WrongKey unless every stored proof opens and every process already knew the newest key: one that does not
    would fail to find the numbers that it sealed, and store them again.
    """
    proofs = session.scalars(select(SEALS.c.proof)).all()
    if not proofs:
        raise WrongKey("The database holds no proof of its key: smsgate migrate")
    for proof in proofs:
        keyring.open(proof, PURPOSE)
    if not _was_released(proofs, keyring):
        _check_announced(proofs, keyring)
    return _unproven(proofs, keyring)


def check_announced(database: Database) -> None:
    """Raise WrongKey unless every process knows the newest key; older ones may be missing here."""
    with database.reading() as session:
        _check_announced(session.scalars(select(SEALS.c.proof)).all(), database.keyring)


def _check_announced(proofs: Collection[bytes], keyring: Keyring) -> None:
    if not any(keyring.is_newest(proof, PURPOSE) for proof in proofs):
        raise WrongKey(
            "The first of SMSGATE_KEYS is new. Put a + before it, restart every process, then take the + away."
        )


def released(proof: bytes, keyring: Keyring) -> bytes:
    """Return what replaces the proof of a key that rotation made removable: no process needs that key any more."""
    return keyring.seal(proof.hex(), PURPOSE)


def _was_released(proofs: Collection[bytes], keyring: Keyring) -> bool:
    """True if a rotation has replaced the newest key meanwhile: this process has its settings from before."""
    released_proofs = {keyring.open(proof, PURPOSE) for proof in proofs}
    return not keyring.older() and keyring.seal(PROOF, PURPOSE).hex() in released_proofs


@cache
def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config
