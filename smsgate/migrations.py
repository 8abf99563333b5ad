"""Bringing a database to the newest form, and proving that the keys are the right ones."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from smsgate.core.database import Database
from smsgate.core.encryption import WrongKey
from smsgate.models import Seal

SCRIPTS = Path(__file__).resolve().parent.parent / "migrations"
WAIT_SECONDS = 60
PURPOSE = "seal.proof"
PROOF = "smsgate"
LOCK = 0x534D5347  # "SMSG": the number by which PostgreSQL knows that somebody migrates


class NotMigrated(Exception):
    """The database is not at the release's migration."""


def migrate(database: Database) -> None:
    """Apply every migration that is missing; then hold the keys against the database. A second one waits meanwhile."""
    until = time.monotonic() + WAIT_SECONDS
    while True:
        try:
            return _migrate(database)
        except OperationalError:  # on SQLite another has been writing for longer than a connection waits
            if database.engine.dialect.name != "sqlite" or time.monotonic() > until:
                raise


def _migrate(database: Database) -> None:
    config = _config()
    with _alone(database):
        with database.engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            connection.commit()
        with database.transaction() as session:
            if session.scalars(select(Seal)).first() is None:
                session.add(Seal(proof=database.keyring.seal(PROOF, PURPOSE)))
    check(database)


@contextmanager
def _alone(database: Database) -> Iterator[None]:
    """One at a time: a host may start the release command twice. SQLite lets one write anyway."""
    if database.engine.dialect.name == "sqlite":
        yield
        return
    with database.engine.begin() as guard:
        guard.execute(select(func.pg_advisory_xact_lock(LOCK)))
        yield


def check(database: Database) -> None:
    """Raise NotMigrated or WrongKey unless this release can work on this database."""
    head = ScriptDirectory.from_config(_config()).get_current_head()
    with database.engine.connect() as connection:
        current = MigrationContext.configure(connection).get_current_revision()
    if current != head:
        raise NotMigrated(f"The database is at migration {current}, this release needs {head}: smsgate migrate")
    with database.reading() as session:
        seal = session.scalars(select(Seal)).first()
    if seal is None or database.keyring.open(seal.proof, PURPOSE) != PROOF:
        raise WrongKey("The database holds no proof of its key: smsgate migrate")


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(SCRIPTS))
    return config
