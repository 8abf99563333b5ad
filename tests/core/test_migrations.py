"""Migrations: one linear history, from an empty database to this release's tables, on both databases."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import ForeignKeyConstraint, MetaData, Table, insert, inspect, select, text
from sqlalchemy.schema import SchemaItem

from smsgate.core import migrations
from smsgate.core.database import Database
from smsgate.core.encryption import Keyring, WrongKey
from smsgate.core.migrations import NotMigrated
from smsgate.members import leaving
from smsgate.models import Base, HelpRecipient, KeyCheck, Message, Phone, lookup
from tests.conftest import AMINA, JUMA
from tests.support import stores
from tests.support.people import START
from tests.support.waiting import PATIENCE

OTHER = "f" * 64


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """Yield an empty database."""
    if request.param == "sqlite":
        yield from opened(f"sqlite:///{tmp_path / 'new.sqlite'}")
    else:
        with stores.fresh_postgres(request.getfixturevalue("postgres"), template="template1") as url:
            yield from opened(url)


def opened(url: str, *keys: str) -> Iterator[Database]:
    database = Database(url, Keyring(keys or [stores.KEY]))
    yield database
    database.engine.dispose()


@pytest.fixture
def migrated(database_url: str) -> Iterator[Database]:
    yield from opened(database_url)


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        options = {"compare_type": True, "include_object": partial(is_meant_for, connection.dialect.name)}
        context = MigrationContext.configure(connection, opts=options)
        return list(compare_metadata(context, Base.metadata))


def is_meant_for(database: str, thing: SchemaItem, *_more: object) -> bool:
    """Return whether a database has this constraint; Alembic would miss those meant for the other one only."""
    only = thing._ddl_if if isinstance(thing, ForeignKeyConstraint) else None
    return only is None or only.dialect == database


def test_one_head_and_files_in_order() -> None:
    config = Config()
    config.set_main_option("script_location", str(migrations.SCRIPTS))
    scripts = list(ScriptDirectory.from_config(config).walk_revisions())
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1
    assert [script.revision for script in reversed(scripts)] == [f"{n:04}" for n in range(1, len(scripts) + 1)]
    for script in scripts:
        assert re.fullmatch(rf"{script.revision}_[a-z_]+\.py", Path(script.path).name)


def test_from_nothing_to_the_tables_of_this_release(empty: Database) -> None:
    migrations.migrate(empty)
    assert differences(empty) == []
    assert set(inspect(empty.engine).get_table_names()) == {*Base.metadata.tables, "alembic_version"}
    migrations.check(empty)


KEYS: dict[str, tuple[str, dict[str, object]]] = {
    "reminder:7:2:day": ("reminder", {"key": "reminder:7:2:1d", "meeting_moves": 2, "reminder": "1d"}),
    "reminder:7:0:hours": ("reminder", {"key": "reminder:7:0:2h", "meeting_moves": 0, "reminder": "2h"}),
    "reminder:8:1:3d": ("reminder", {"key": "reminder:8:1:3d", "meeting_moves": 1, "reminder": "3d"}),
    "invitation:5:9": ("invitation", {"inviter_id": 5, "responder_id": 9}),
    "invitation:5:9:again": ("invitation", {"inviter_id": 5, "responder_id": 9}),
    "joining:3": ("invitation", {"invitation_id": 3, "responder_id": None}),
    "notice:4": ("notice", {"key": "notice:4", "reminder": None}),
    "reply:ATXid_1": ("reply", {"key": "reply:ATXid_1"}),
}


def test_what_stood_in_keys_of_the_release_before_has_columns(empty: Database) -> None:
    config = migrations._config()
    with empty.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0020")
        phones, messages = (Table(name, MetaData(), autoload_with=connection) for name in ("phones", "messages"))
        phone = connection.execute(insert(phones).values(number=b"sealed", created_at=START)).inserted_primary_key
        row = {"phone_id": phone and phone[0], "lane": "normal", "state": "waiting", "segments": 1, "attempt": 0,
               "repeats": 0, "due_at": START, "expires_at": START, "created_at": START}  # fmt: skip
        connection.execute(
            insert(messages), [{**row, "cause": key, "kind": kind} for key, (kind, _now) in KEYS.items()]
        )
        connection.commit()
    migrations.migrate(empty)
    assert differences(empty) == []
    with empty.reading() as session:
        rows = session.scalars(select(Message).order_by(Message.id)).all()
        for message, (_kind, expected) in zip(rows, KEYS.values(), strict=True):
            assert {name: getattr(message, name) for name in expected} == expected


ROWS: dict[str, dict[str, object]] = {
    "phones": {"number": b"sealed", "created_at": START},
    "members": {"phone_id": 1, "joined_at": START, "discreet": False, "reminders": True},
    "responders": {"member_id": 1, "phone_id": 1, "agreed": "yes", "asked_at": START},
    "help_requests": {"member_id": 1, "raised_at": START},
    "help_asks": {"request_id": 1, "responder_id": 1, "key": 3, "answered_at": START},
}


@pytest.mark.by_night
def test_who_was_asked_stays_where_the_table_of_responders_is_rebuilt(empty: Database) -> None:
    config = migrations._config()
    with empty.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0025")
        for name, row in ROWS.items():
            connection.execute(insert(Table(name, MetaData(), autoload_with=connection)).values(row))
        connection.commit()
    migrations.migrate(empty)
    with empty.engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, "0025")
        command.upgrade(config, "head")
        connection.commit()
    assert differences(empty) == []
    with empty.reading() as session:
        recipient = session.scalars(select(HelpRecipient)).one()
        assert (recipient.key, recipient.answered_at, recipient.responder.backup) == (3, START, False)


def test_migrating_twice_changes_nothing(migrated: Database) -> None:
    with migrated.transaction() as session:
        lookup.ensure_phone(session, AMINA, START)
    with migrated.reading() as session:
        before = session.scalars(select(KeyCheck.proof)).all()
    migrations.migrate(migrated)
    with migrated.reading() as session:
        assert session.scalars(select(KeyCheck.proof)).all() == before
        assert lookup.find_phone(session, AMINA) is not None
    assert differences(migrated) == []


@pytest.mark.by_night
def test_two_that_migrate_at_once_do_no_harm(empty: Database) -> None:
    """A hosting platform may start the release command twice."""
    url = empty.engine.url.render_as_string(hide_password=False)
    env = {**os.environ, "DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1", "SMSGATE_KEYS": stores.KEY,
           "SMSGATE_HOOK_TOKENS": "t" * 20, "SMSGATE_GATEWAY": "simulator"}  # fmt: skip

    def migrate(_time: int) -> str:
        words = [sys.executable, "-m", "smsgate", "migrate"]
        done = subprocess.run(
            words, env=env, cwd=migrations.SCRIPTS.parent, capture_output=True, text=True, timeout=PATIENCE
        )
        return done.stderr

    with ThreadPoolExecutor(3) as pool:
        assert list(pool.map(migrate, range(3))) == ["", "", ""]
    assert differences(empty) == []
    with empty.reading() as session:
        assert len(session.scalars(select(KeyCheck)).all()) == 1


def test_an_empty_database_is_refused(empty: Database) -> None:
    with pytest.raises(NotMigrated, match="smsgate migrate"):
        migrations.check(empty)


def test_a_database_of_another_release_is_refused(migrated: Database) -> None:
    with migrated.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NotMigrated, match="9999"):
        migrations.check(migrated)


def test_the_wrong_key_is_refused_and_changes_nothing(database_url: str) -> None:
    for wrong in opened(database_url, OTHER):
        for attempt in (migrations.check, migrations.migrate):
            with pytest.raises(WrongKey, match="right key"):
                attempt(wrong)
    for right in opened(database_url):
        migrations.check(right)


def test_a_database_without_its_proof_is_refused(migrated: Database) -> None:
    with migrated.transaction() as session:
        session.execute(text("DELETE FROM seals"))
    with pytest.raises(WrongKey, match="no proof"):
        migrations.check(migrated)


def test_ids_are_never_given_twice(migrated: Database) -> None:
    """Ids are part of messages' keys: if one were reused, its text would count as already sent."""

    def made(number: str) -> int:
        with migrated.transaction() as session:
            return lookup.ensure_phone(session, number, START).id

    first = made(AMINA)
    with migrated.transaction() as session:
        leaving.erase(session, session.get_one(Phone, first), START)
    assert made(JUMA) > first


def test_every_table_of_sqlite_counts_upwards(sqlite_template: Path) -> None:
    for database in opened(f"sqlite:///{sqlite_template}"):
        with database.reading() as session:
            tables = session.execute(text("SELECT name, sql FROM sqlite_master WHERE type = 'table'")).all()
        made = {name: sql for name, sql in tables if name in Base.metadata.tables}
        assert set(made) == set(Base.metadata.tables)
        assert [name for name, sql in made.items() if "AUTOINCREMENT" not in sql] == []
