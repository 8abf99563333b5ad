"""The engine, sessions and transactions, and actions that run after a commit."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    ARRAY,
    JSON,
    ColumnElement,
    DateTime,
    Engine,
    Executable,
    LargeBinary,
    Result,
    any_,
    create_engine,
    event,
    func,
    literal,
    select,
    table,
    text,
)
from sqlalchemy import column as column_
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect, make_url
from sqlalchemy.orm import DeclarativeBase, InstrumentedAttribute, Session
from sqlalchemy.types import TypeDecorator

from smsgate.core.encryption import Keyring
from smsgate.core.reading import gaps
from smsgate.core.waits import deadlines
from smsgate.core.waits import postgresql as postgresql_waits
from smsgate.core.waits.limits import WEB, Limits
from smsgate.core.waits.refusal import Refusal

POOL_SECONDS = 1.0
AfterCommit = Callable[[], None]
Matched = tuple[ColumnElement[Any], ColumnElement[bool]]
SCRUB_MS = 300  # how long a turn may wait for readers
INDEX_KEYS = table("index_keys", column_("secret", LargeBinary))  # models.IndexKey, which is in a layer above
INDEX_PURPOSE = "index_key.secret"


class Instant(TypeDecorator[datetime]):
    """A timezone-aware time in UTC, even on SQLite, which stores no time zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Convert an aware time to UTC; raises ValueError for a naive one, so that no local time slips in."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the stored time, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Database:
    """One database: provides sessions and runs after-commit actions."""

    def __init__(
        self,
        url: str,
        keyring: Keyring,
        wake: Callable[[str], None] = lambda lane: None,
        end_sessions: Callable[[str, bool], None] = lambda number, erased: None,
        limits: Limits = WEB,
    ) -> None:
        self.info: dict[str, Any] = {}  # copied into every session that writes
        self.engine = limited(connect(url, keyring), limits)
        self.keyring, self.limits = keyring, limits
        self._writes, self._reads = Refusal(limits.gives_way), Refusal(limits.gives_way)
        keyring.read_index_secret = self._read_index_secret
        self._wake, self._end_sessions = wake, end_sessions

    @contextmanager
    def transaction(self) -> Iterator[Session]:
        """Yield a session that commits at the end, then runs the `after_commit` actions; rolls back on an error."""
        with self._writes.after_waits_in_vain(), Session(self.engine, expire_on_commit=False) as session:
            session.info.update(self.info, wake=self._wake, end_sessions=self._end_sessions)
            gaps.prepare(session)
            with session.begin():
                yield session
            for action in session.info.pop("after_commit", {}).values():
                action()

    def _read_index_secret(self) -> str | None:
        """Return the secret for pseudonyms, which key rotation leaves unchanged; None before it exists."""
        with self.reading() as session:
            sealed = session.scalar(select(INDEX_KEYS.c.secret).limit(1))
        return self.keyring.open(sealed, INDEX_PURPOSE) if sealed else None

    @contextmanager
    def rolled_back_session(self) -> Iterator[Session]:
        """Yield a session that may write anything and is rolled back at the end."""
        with Session(self.engine, expire_on_commit=False) as session:
            yield session
            session.rollback()

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Yield a session that only reads and takes no write lock."""
        with self._reads.after_waits_in_vain(), self.engine.connect() as connection:
            connection = connection.execution_options(smsgate_reading=True)
            with Session(connection, expire_on_commit=False) as session:
                gaps.prepare(session)
                yield session


def after_commit(session: Session, name: str, action: AfterCommit) -> None:
    """Run `action` once the transaction has committed; a later one of the same `name` replaces it."""
    session.info.setdefault("after_commit", {})[name] = action


def scrub_after_commit(session: Session) -> None:
    """Remove deleted data from SQLite's write-ahead log too, after the commit; see `scrub`."""
    engine = session.get_bind().engine
    after_commit(session, "scrub", lambda: scrub(engine))


def scrub(engine: Engine) -> None:
    """Empty SQLite's write-ahead log into the database file, in which `secure_delete` overwrites deleted data.

    A reader of an older state prevents this; then the scheduler tries again.
    """
    if engine.dialect.name != "sqlite":
        return
    with engine.connect() as pooled:
        connection: Any = pooled.connection.driver_connection  # not in a transaction yet
        connection.execute(f"PRAGMA busy_timeout = {SCRUB_MS}")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        pooled.info["busy"] = SCRUB_MS / 1000  # so that the next transaction sets its own timeout


def vacuum(engine: Engine) -> int:
    """Remove deleted and outdated rows from PostgreSQL's tables; return the number of tables. SQLite needs none.

    Locks nobody out, and skips tables that are in use.
    """
    if engine.dialect.name == "sqlite":
        return 0
    changed = text("SELECT relname FROM pg_stat_user_tables WHERE n_dead_tup > 0 AND schemaname = current_schema()")
    with engine.connect() as pooled:
        connection = pooled.execution_options(isolation_level="AUTOCOMMIT")
        connection.execute(text("SET statement_timeout = 0"))
        names = connection.scalars(changed).all()
        for name in names:
            connection.execute(text(f"VACUUM (SKIP_LOCKED) {engine.dialect.identifier_preparer.quote(name)}"))
        connection.invalidate()  # discards its statement_timeout
    return len(names)


def wake_after_commit(session: Session, lane: str) -> None:
    """Wake the workers of `lane` after the commit; only a hint, since the scheduler looks too."""
    wake: Callable[[str], None] = session.info.get("wake", lambda lane: None)
    after_commit(session, f"wake {lane}", lambda: wake(lane))


def end_sessions_after_commit(session: Session, number: str, *, erased: bool = False) -> None:
    """End every open dialogue of an E.164 number after the commit, by USSD and by SMS; see `open_sessions`."""
    end: Callable[[str, bool], None] = session.info.get("end_sessions", lambda number, erased: None)
    after_commit(session, f"end sessions {number} {erased}", lambda: end(number, erased))


def read_columns(session: Session, statement: Executable, parameters: Mapping[str, Any]) -> Result[Any]:
    """Run a SELECT of columns without the ORM, which halves its cost to a turn."""
    session.flush()  # as the ORM does before it reads
    return session.connection().execute(statement, parameters)


def server_time(session: Session) -> datetime:
    """Return the time by the clock that all processes share: PostgreSQL's, or the machine's on SQLite."""
    if session.get_bind().dialect.name == "sqlite":
        return datetime.now(UTC)
    time: datetime = session.scalars(select(func.clock_timestamp(type_=Instant))).one()
    return time


def lock_text(session: Session, text: str) -> None:
    """Take an advisory lock on a text until the transaction ends; not on SQLite, which has only one writer anyway."""
    if session.get_bind().dialect.name != "sqlite":
        number = int.from_bytes(sha256(text.encode()).digest()[:8], signed=True)
        session.execute(select(func.pg_advisory_xact_lock(number)))


def insert_new(session: Session, table: type[DeclarativeBase]) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that skips rows which exist already, on either database."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    return insert(table).on_conflict_do_nothing()


def among(session: Session, column: InstrumentedAttribute[Any], values: Iterable[int | str]) -> ColumnElement[bool]:
    """SQL condition: `column` is one of `values`, bound as one parameter: hundreds would cost too much."""
    if session.get_bind().dialect.name == "sqlite":
        each = func.json_each(literal(list(values), JSON)).table_valued(column_("value", column.type)).c.value
        return column.in_(select(each))
    return column == any_(literal(list(values), ARRAY(column.type)))


def as_table(session: Session, rows: Sequence[Sequence[int | str | None]]) -> ColumnElement[Any]:
    """Return `rows` as a table in SQL: its one column, of JSON lists whose values are accessed by position."""
    unpack = func.json_each if session.get_bind().dialect.name == "sqlite" else func.json_array_elements
    values: ColumnElement[Any] = unpack(literal(rows, JSON)).table_valued(column_("value", JSON)).c.value
    return values


def match_rows(session: Session, column: InstrumentedAttribute[int], rows: Sequence[Sequence[Any]]) -> Matched:
    """Return `as_table(rows)`, and the condition that `column` equals the first value of a row.

    For PostgreSQL these values are also bound as a list; otherwise it may read the whole table. Not for SQLite, which
    would then scan all of `rows` for each value.
    """
    table = as_table(session, rows)
    same = column == table[0].as_integer()
    if session.get_bind().dialect.name != "sqlite":
        same &= among(session, column, [row[0] for row in rows])
    return table, same


def connect(url: str, keyring: Keyring) -> Engine:
    """Return an engine that holds its keys; SQLite in WAL mode with IMMEDIATE writes, PostgreSQL with its defaults.

    Raises ValueError or ArgumentError for another URL.
    """
    kind = make_url(url).get_backend_name()
    if kind not in ("sqlite", "postgresql", "postgres"):
        raise ValueError("no database of a kind that is supported")
    is_sqlite = kind == "sqlite"
    engine = create_engine(
        _with_driver(url),
        pool_pre_ping=not is_sqlite,
        pool_timeout=POOL_SECONDS,
        hide_parameters=True,  # an error's text goes to the log, and to Redis, where RQ stores it
    )
    engine.dialect.smsgate_keys = keyring  # type: ignore[attr-defined]
    if is_sqlite:
        event.listen(engine, "connect", _prepare_sqlite)
    else:
        event.listen(engine, "do_connect", postgresql_waits.open_bounded)
    return engine


def limited(engine: Engine, limits: Limits) -> Engine:
    """Return the engine, which from now on waits no longer than `limits`; on SQLite, for another writer."""
    if engine.dialect.name == "sqlite":
        longest = limits.request or limits.lock
        event.listen(engine, "connect", lambda connection, _record: _be_busy_for(connection, longest))
        event.listen(engine, "begin", lambda connection: _begin_sqlite(connection, longest))
    else:
        postgresql_waits.limit(engine, limits)
    return engine


def _with_driver(url: str) -> str:
    # Hosting providers hand out postgres:// and postgresql://; the installed driver is psycopg 3.
    for prefix in ("postgres://", "postgresql://"):
        if url.startswith(prefix):
            return "postgresql+psycopg://" + url.removeprefix(prefix)
    return url


def _prepare_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    connection.isolation_level = None  # we issue BEGIN ourselves
    # FULL: with NORMAL a power cut may undo a help text that its sender was told is on its way.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "secure_delete=ON"):
        connection.execute(f"PRAGMA {pragma}")


def _be_busy_for(connection: sqlite3.Connection, seconds: float) -> None:
    connection.execute(f"PRAGMA busy_timeout = {round(seconds * 1000)}")


def _begin_sqlite(connection: Any, longest: float) -> None:  # noqa: ANN401 - SQLAlchemy's event
    busy = min(longest, deadlines.left())
    if abs(connection.info.get("busy", longest) - busy) > 0.1:
        _be_busy_for(connection.connection.driver_connection, busy)
        connection.info["busy"] = busy
    # IMMEDIATE: a transaction that reads first and writes later would fail at once if another wrote meanwhile.
    reading = connection.get_execution_options().get("smsgate_reading")
    began = time.monotonic()
    try:
        connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
    finally:
        deadlines.waited(time.monotonic() - began)
