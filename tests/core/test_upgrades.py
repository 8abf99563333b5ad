"""Upgrades without downtime: the previous release works with this one's database, and migrations follow the rule."""

from __future__ import annotations

import re
from collections.abc import Iterator
from inspect import getsource
from pathlib import Path
from typing import Any

import pytest
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from smsgate.core import migrations
from smsgate.core.database import Database
from smsgate.core.encryption import Keyring
from smsgate.core.errors import Invalid
from smsgate.core.migrations import NotMigrated
from tests.support import stores
from tests.support.command_line import Typed

RULE_SINCE = "0027"  # the first migration that says which release it suits


def scripts(since: str = RULE_SINCE) -> list[Any]:
    config = Config()
    config.set_main_option("script_location", str(migrations.SCRIPTS))
    walked = ScriptDirectory.from_config(config).walk_revisions()
    return [script for script in reversed(list(walked)) if script.revision >= since]


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    made = Database(database_url, Keyring([stores.KEY]))
    yield made
    made.engine.dispose()


def is_at(database: Database, revision: str, suits: str | None) -> None:
    """Mark a database as migrated by a release that does not exist yet."""
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = :at"), {"at": revision})
        if suits is None:
            session.execute(text("DELETE FROM schema_versions"))
        else:
            says = text("UPDATE schema_versions SET revision = :at, suits = :suits")
            session.execute(says, {"at": revision, "suits": suits})


@pytest.mark.both_databases
@pytest.mark.parametrize("beyond", [0, 1])
def test_this_release_starts_and_migrates_nothing_on_a_newer_database_that_suits_it(
    database: Database, beyond: int
) -> None:
    is_at(database, "9998", f"{int(migrations.newest()) - beyond:04}")
    migrations.check(database)
    migrations.migrate(database)  # as `smsgate run` does at each start
    with database.engine.connect() as connection:
        assert migrations.revision_of(connection) == "9998"


@pytest.mark.parametrize("suits", ["9998", "9997", None])
def test_this_release_is_refused_on_a_newer_database_that_does_not_suit_it(
    database: Database, suits: str | None
) -> None:
    is_at(database, "9998", suits)
    for start in (migrations.check, migrations.migrate):
        with pytest.raises(NotMigrated, match="9998, too new"):
            start(database)


def test_what_an_older_migration_said_counts_no_more(database: Database) -> None:
    is_at(database, "9998", "0026")
    with database.transaction() as session:
        session.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(NotMigrated, match="9999"):
        migrations.check(database)


@pytest.mark.by_night
@pytest.mark.both_databases
def test_forward_and_back_to_a_migration(database: Database, types: Typed) -> None:
    newest = migrations.newest()
    assert "0026" in types("migrate", "--to", "0026", "--yes")
    assert "smsgate migrate" in types("check", refused=True)
    assert "0027" in types("migrate", "--to", "0027")
    types("migrate")
    with database.reading() as session:
        assert session.execute(text("SELECT revision, suits FROM schema_versions")).one().revision == newest
    assert types("check")


@pytest.mark.parametrize("unknown", ["0000", "9999", "head", "-1", ""])
def test_a_migration_that_is_not_there_is_named(database: Database, unknown: str) -> None:
    with pytest.raises(Invalid, match=f"the newest of this release is {migrations.newest()}"):
        migrations.migrate(database, unknown)


def test_going_back_is_asked_about(database: Database, types: Typed) -> None:
    assert "lose what only later ones hold" in types("migrate", "--to", "0026", answer="n\n", refused=True)
    migrations.check(database)


@pytest.mark.parametrize("script", scripts(), ids=lambda script: str(script.revision))
def test_each_migration_says_which_release_it_suits(script: Any) -> None:
    suits = getattr(script.module, "suits", None)
    assert suits is not None, "name the oldest release that works with the database after it: CONTRIBUTING, Migrations"
    assert suits <= script.down_revision, "at least the release before"
    before = [getattr(one.module, "suits", "") for one in scripts() if one.revision < script.revision]
    assert suits >= max(before, default=""), "what an earlier one took away does not come back"


def shape(database: Database) -> dict[str, dict[str, Any]]:
    inspector = inspect(database.engine)
    return {
        table: {
            "columns": {column["name"]: column for column in inspector.get_columns(table)},
            "unique": {tuple(sorted(one["column_names"])) for one in inspector.get_unique_constraints(table)}
            | {tuple(sorted(map(str, one["column_names"]))) for one in inspector.get_indexes(table) if one["unique"]},
            "keys": {tuple(one["constrained_columns"]) for one in inspector.get_foreign_keys(table)},
        }
        for table in inspector.get_table_names()
        if table != "alembic_version"
    }


@pytest.mark.both_databases
@pytest.mark.parametrize("script", scripts(), ids=lambda script: str(script.revision))
def test_what_the_release_before_reads_and_writes_is_still_there(script: Any, database: Database) -> None:
    """Migrations only expand: nothing that it knows is gone or renamed, and it needn't set a value for anything new."""
    migrations.migrate(database, script.revision)
    after = shape(database)
    migrations.migrate(database, script.module.suits)
    before = shape(database)
    for table, known in before.items():
        assert table in after, f"{table} is gone"
        new = after[table]
        assert set(known["columns"]) <= set(new["columns"]), table
        for name, column in new["columns"].items():
            old = known["columns"].get(name)
            if old is None:
                assert column["nullable"] or column["default"] is not None, f"{table}.{name} needs a value"
            else:
                assert column["nullable"] or not old["nullable"], f"{table}.{name} may not be empty any more"
                assert str(column["type"]) == str(old["type"]), f"{table}.{name}"
        assert new["unique"] <= known["unique"], f"{table}: two rows that the release before writes"
        assert new["keys"] <= known["keys"], f"{table}: a row that the release before writes alone"


def test_no_migration_takes_away_a_table() -> None:
    """One that did would leave backups of the release before incomplete: `rows.tables_of` had to know its table."""
    for script in scripts(since=""):
        assert not re.search(r"drop_table|rename_table", getsource(script.module.upgrade)), script.revision


def test_the_rule_stands_where_who_writes_a_migration_reads_it() -> None:
    page = (Path(__file__).parent.parent.parent / "CONTRIBUTING.md").read_text()
    assert "expand" in page.lower()
    assert "suits =" in page
