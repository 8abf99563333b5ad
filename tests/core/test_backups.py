"""Backups can be restored to either database, in full or not at all, and the service goes on from them."""

from __future__ import annotations

import errno
import itertools
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, Table, select, text

from smsgate import create_app
from smsgate.core import migrations
from smsgate.core.backups import backup, rows
from smsgate.core.backups.encrypted_file import BackupError
from smsgate.core.backups.whole_file import appears_whole
from smsgate.core.config import Settings
from smsgate.core.database import Database
from smsgate.core.encryption import Keyring
from smsgate.models import Base, Consent, ConsentSubject, Group, HelpRequest, Phone, lookup, scheduler_runs
from smsgate.notices import notices
from smsgate.notices.notices import NoticeContent
from smsgate.service import Service
from tests.conftest import AMINA, JUMA
from tests.support import people, stores
from tests.support.command_line import Typed
from tests.support.people import Clock
from tests.support.stories import HELP, agrees, becomes, joins
from tests.support.waiting import wire_patiently

BACKUP_KEY = "ab" * 32
KINDS = ("sqlite", "postgresql")


@pytest.fixture(autouse=True)
def backup_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SMSGATE_BACKUP_KEY", BACKUP_KEY)


@pytest.fixture
def new_database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Callable[[str], str]]:
    """Yield a function that creates an empty database of a kind, without tables, and returns its URL."""
    from contextlib import ExitStack

    with ExitStack() as stack:

        def make(kind: str) -> str:
            if kind == "sqlite":
                return f"sqlite:///{tmp_path / f'new{len(list(tmp_path.iterdir()))}.sqlite'}"
            server = request.getfixturevalue("postgres")
            return stack.enter_context(stores.fresh_postgres(server, template="template1"))

        yield make


@contextmanager
def opened(url: str, key: str = stores.KEY) -> Iterator[Database]:
    database = Database(url, Keyring([key]))
    yield database
    database.engine.dispose()


def all_rows(url: str) -> dict[str, list[Any]]:
    """Return every row of every table, as it is stored."""
    with opened(url) as database, rows.snapshot(database.engine) as connection:
        tables = rows.tables_of(connection, Base.metadata)
        return {table.name: [row for batch in rows.read(connection, table) for row in batch] for table in tables}


def last_ids(url: str) -> dict[str, int]:
    with opened(url) as database, rows.snapshot(database.engine) as connection:
        return rows.last_ids(connection, rows.tables_of(connection, Base.metadata))


@pytest.fixture
def story(
    service: Service, group: Group, amina: people.Phone, juma: people.Phone, fatuma: people.Phone, clock: Clock
) -> None:
    """Set the scene: a leader, a member with a help text and a responder who agreed, a notice with texts waiting."""
    becomes(juma, service, group)
    joins(amina)
    agrees(amina, juma, "Juma")
    joins(fatuma, "Fatuma")
    fatuma.texts("STOP")
    with service.database.transaction() as session:
        content = NoticeContent("Bring a cup", {"sw": "Leta kikombe"})
        notices.send(session, session.get_one(Group, group.id), content, service.now())


@pytest.mark.both_databases
@pytest.mark.by_day(1)
@pytest.mark.parametrize("kind", KINDS)
def test_everything_comes_back_and_the_service_goes_on(
    kind: str,
    story: None,
    types: Typed,
    settings: Settings,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    new_database: Callable[[str], str],
    tmp_path: Path,
) -> None:
    before, ids = all_rows(settings.database_url), last_ids(settings.database_url)
    assert "read back and verified" in types("backup", "amina.backup")
    assert (tmp_path / "amina.backup").stat().st_mode & 0o777 == 0o600
    url = new_database(kind)
    monkeypatch.setenv("DATABASE_URL", url)
    said = types("restore", "amina.backup")
    assert "restored and compared" in said
    assert "smsgate resume" in said
    after = all_rows(url)
    assert len(after.pop("pauses")) == 1
    assert len(after["network_entries"]) == len(before["network_entries"]) + 1, "the pause is in the network's log"
    kept = {"pauses": [], "network_entries": before["network_entries"]}
    assert {**before, **after, **kept} == {**before, "rounds": after["rounds"]}
    assert all(number >= ids[name] + backup.SKIPPED_IDS for name, number in last_ids(url).items())

    with installed(settings, url, clock) as restored:
        client = create_app(restored).test_client()
        amina, juma = (people.Phone(client, restored, number) for number in (AMINA, JUMA))
        amina.dials(None, "1", "2")
        assert any(HELP in heard for heard in juma.reads())
        assert not any("Bring a cup" in heard for heard in amina.reads())  # it may have been sent since
        types("resume")
        assert sum("Bring a cup" in heard for heard in amina.reads()) == 1
        with restored.database.reading() as session:
            assert session.scalars(select(HelpRequest.id)).one() > backup.SKIPPED_IDS


@contextmanager
def installed(settings: Settings, url: str, clock: Clock) -> Iterator[Service]:
    """Yield the same installation with another database."""
    made = wire_patiently(replace(settings, database_url=url), clock.now)
    try:
        yield made
    finally:
        made.close()


@pytest.mark.both_databases
def test_a_backup_under_load_holds_one_moment_and_holds_up_nobody(
    service: Service, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """People join between any two tables that are read: the backup has both their number and consent, or neither."""
    key, read, made = bytes.fromhex(BACKUP_KEY), rows.read, itertools.count(100_000)

    def joins_meanwhile() -> None:
        with service.database.transaction() as session:
            phone = Phone(number=f"+254711{next(made)}", created_at=people.START)
            session.add(phone)
            session.flush()
            lookup.note_consent(session, phone.id, ConsentSubject.SERVICE, True, people.START)

    def reading(connection: Connection, table: Table) -> Iterator[Any]:
        joins_meanwhile()
        yield from read(connection, table)

    joins_meanwhile()
    monkeypatch.setattr(rows, "read", reading)
    backup.write(service.database, Base.metadata, tmp_path / "b", key, people.START)
    monkeypatch.undo()
    assert next(made) > 100_020
    with opened(f"sqlite:///{tmp_path / 'new.sqlite'}") as restored:
        backup.restore(restored, Base.metadata, tmp_path / "b", key)
        with restored.reading() as session:
            assert len(session.scalars(select(Phone)).all()) == len(session.scalars(select(Consent)).all()) == 1


def test_what_is_only_in_the_log_of_sqlite_is_in_the_backup(tmp_path: Path, sqlite_template: Path) -> None:
    path = tmp_path / "busy.sqlite"
    path.write_bytes(sqlite_template.read_bytes())
    with opened(f"sqlite:///{path}") as database:
        with database.transaction() as session:
            session.add(Phone(number=AMINA, created_at=people.START))
        alone = tmp_path / "alone.sqlite"
        alone.write_bytes(path.read_bytes())
        assert sqlite3.connect(alone).execute("SELECT count(*) FROM phones").fetchone() == (0,)
        backup.write(database, Base.metadata, tmp_path / "b", bytes.fromhex(BACKUP_KEY), people.START)
    with opened(f"sqlite:///{tmp_path / 'new.sqlite'}") as restored:
        backup.restore(restored, Base.metadata, tmp_path / "b", bytes.fromhex(BACKUP_KEY))
        with restored.reading() as session:
            assert session.scalars(select(Phone.number)).one() == AMINA


def changed(path: Path, at: int) -> None:
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(bytes(content))


def joined(path: Path, _env: pytest.MonkeyPatch) -> None:
    path.write_bytes(path.read_bytes() + b"more")


def halves(path: Path, _env: pytest.MonkeyPatch) -> None:
    """Cut the file off right after a complete record."""
    content, at = path.read_bytes(), 33
    while at < len(content) // 2:
        at += 4 + int.from_bytes(content[at : at + 4])
    path.write_bytes(content[:at])


FAULTS: dict[str, tuple[Callable[[Path, pytest.MonkeyPatch], object], str]] = {
    "another key": (lambda path, env: env.setenv("SMSGATE_BACKUP_KEY", "cd" * 32), "does not open this backup"),
    "no key": (lambda path, env: env.delenv("SMSGATE_BACKUP_KEY"), "64 hexadecimal digits"),
    "a short key": (lambda path, env: env.setenv("SMSGATE_BACKUP_KEY", "abc"), "64 hexadecimal digits"),
    "other data keys": (lambda path, env: env.setenv("SMSGATE_KEYS", "f" * 64), "Set the keys of its day"),
    "no file": (lambda path, env: path.unlink(), "No such file"),
    "another file": (lambda path, env: path.write_bytes(b"SQLite format 3\0" * 9), "no backup of smsgate"),
    "an empty file": (lambda path, env: path.write_bytes(b""), "no backup of smsgate"),
    "a bit at the beginning": (lambda path, env: changed(path, 60), "damaged"),
    "a bit in the middle": (lambda path, env: changed(path, path.stat().st_size // 2), "damaged"),
    "a bit at the end": (lambda path, env: changed(path, path.stat().st_size - 1), "damaged"),
    "a long length": (lambda path, env: changed(path, 33), "damaged"),
    "cut off": (lambda path, env: os.truncate(path, path.stat().st_size - 20), "damaged"),
    "cut off between": (halves, "damaged"),
    "something behind": (joined, "damaged"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_backup_that_cannot_be_restored_is_refused_and_changes_nothing(
    fault: str, types: Typed, group: Group, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    types("backup", "b")
    breaks, words = FAULTS[fault]
    breaks(tmp_path / "b", monkeypatch)
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'new.sqlite'}")
    said = types("restore", "b", refused=True)
    assert words in said
    assert said.count("\n") == 1
    with sqlite3.connect(tmp_path / "new.sqlite") as connection:
        assert connection.execute("SELECT count(*) FROM sqlite_master").fetchone() == (0,)


@pytest.mark.both_databases
def test_a_database_with_somebody_in_it_is_not_overwritten(types: Typed, group: Group, settings: Settings) -> None:
    types("backup", "b")
    before = all_rows(settings.database_url)
    assert "is not empty" in types("restore", "b", refused=True)
    assert all_rows(settings.database_url) == before


@pytest.mark.by_night
def test_a_migrated_database_with_nobody_in_it_is_empty(
    types: Typed, group: Group, monkeypatch: pytest.MonkeyPatch, new_database: Callable[[str], str], settings: Settings
) -> None:
    types("backup", "b")
    before = all_rows(settings.database_url)
    for kind in KINDS:
        monkeypatch.setenv("DATABASE_URL", url := new_database(kind))
        types("migrate")
        types("restore", "b")
        after = all_rows(url)
        assert after["groups"] == before["groups"]
        assert after["index_keys"] == before["index_keys"]
        assert types("check")


def test_a_check_reads_to_the_end_and_touches_no_database(types: Typed, group: Group, tmp_path: Path) -> None:
    types("backup", "b")
    assert "is complete" in types("restore", "--check", "b")
    changed(tmp_path / "b", (tmp_path / "b").stat().st_size - 40)
    assert "damaged" in types("restore", "--check", "b", refused=True)


@pytest.mark.by_night
def test_so_many_are_kept_and_nothing_else_is_touched(
    types: Typed, group: Group, operator: Clock, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    assert "Make it first" in types("backup", "--keep", "3", "backups", refused=True)
    folder.mkdir()
    (folder / "smsgate-of-old.backup").touch()
    for _night in range(5):
        types("backup", "--keep", "3", "backups")
        operator.time += timedelta(days=1)
    names = sorted(path.name for path in folder.iterdir())
    assert names == ["smsgate-20261125T060000Z.backup", "smsgate-20261126T060000Z.backup",
                     "smsgate-20261127T060000Z.backup", "smsgate-of-old.backup"]  # fmt: skip
    assert "exists already" in types("backup", f"backups/{names[0]}", refused=True)
    assert "last backup" not in types("check")
    operator.time += timedelta(days=3)
    assert "The last backup was made on 2026-11-27" in types("check")


def test_check_says_that_there_never_was_a_backup_where_there_should_be(
    types: Typed, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "No backup was ever made" in types("check")
    monkeypatch.delenv("SMSGATE_BACKUP_KEY")
    assert "No backup" not in types("check")  # a trial, with the simulator


def test_a_backup_that_fails_leaves_no_file_and_deletes_none(
    types: Typed, group: Group, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_all: object) -> None:
        raise OSError(28, "No space left on device", "b")

    with monkeypatch.context() as patch:
        patch.setattr("os.fsync", full)
        assert "No space left on device" in types("backup", "b", refused=True)
    assert [path.name for path in tmp_path.iterdir() if path.name == "b" or "partial" in path.name] == []
    assert "No such file" in types("backup", "nowhere/b", refused=True)


def test_what_killed_backups_left_is_removed_and_a_living_one_is_not(
    types: Typed, group: Group, operator: Clock, tmp_path: Path
) -> None:
    folder = tmp_path / "backups"
    folder.mkdir()
    dead, alive = (folder / f".smsgate-2026112{day}T060000Z.backup.partial" for day in (1, 2))
    others = folder / ".notes.partial"
    for path in (dead, others, tmp_path / ".b.partial"):
        path.write_bytes(b"half")
    with appears_whole(folder / alive.name.removeprefix(".").removesuffix(".partial")) as partial:
        assert partial == alive
        types("backup", "--keep", "3", "backups")
        assert sorted(path.name for path in folder.iterdir() if "partial" in path.name) == [others.name, alive.name]
        assert "Another backup is being written" in types("backup", f"backups/{alive.name[1:-8]}", refused=True)
        alive.write_bytes(b"whole")
    types("backup", "b")
    assert not (tmp_path / ".b.partial").exists()
    assert (folder / "smsgate-20261122T060000Z.backup").read_bytes() == b"whole"


@pytest.mark.parametrize("code", [errno.EPERM, errno.EOPNOTSUPP])
def test_a_backup_goes_to_a_memory_stick_too(
    code: int, types: Typed, group: Group, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """It is formatted with FAT, which has no hard links."""

    def no_links(*_paths: object) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr("os.link", no_links)
    types("backup", "b")
    assert "is complete" in types("restore", "--check", "b")
    (tmp_path / "c").symlink_to("nowhere")
    assert "exists already" in types("backup", "c", refused=True)
    assert [path.name for path in tmp_path.iterdir() if "partial" in path.name] == []


@pytest.mark.by_night
@pytest.mark.both_databases
def test_a_backup_of_the_release_before_is_restored(
    types: Typed, monkeypatch: pytest.MonkeyPatch, new_database: Callable[[str], str], group: Group, settings: Settings
) -> None:
    """A newer release can restore older backups."""
    types("migrate", "--to", "0026", "--yes")
    types("backup", "b")
    monkeypatch.setenv("DATABASE_URL", url := new_database("sqlite"))
    types("restore", "b")
    assert len(all_rows(url)["groups"]) == 1
    monkeypatch.setattr(migrations, "is_known", lambda revision: revision != "0026")
    monkeypatch.setenv("DATABASE_URL", new_database("sqlite"))
    assert "A newer release made this backup" in types("restore", "b", refused=True)


@pytest.mark.by_day(1)
@pytest.mark.parametrize("kind", KINDS)
def test_what_somebody_else_has_in_the_database_stays(
    kind: str, types: Typed, group: Group, monkeypatch: pytest.MonkeyPatch, new_database: Callable[[str], str]
) -> None:  # fmt: skip
    types("backup", "b")
    monkeypatch.setenv("DATABASE_URL", url := new_database(kind))
    with opened(url) as database, database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (name text)"))
        connection.execute(text("INSERT INTO theirs VALUES ('x')"))
    types("restore", "b")
    with opened(url) as database, database.engine.begin() as connection:
        assert connection.scalars(text("SELECT name FROM theirs")).all() == ["x"]


def test_a_backup_before_an_upgrade_takes_nothing_of_somebody_else(
    types: Typed, group: Group, settings: Settings, monkeypatch: pytest.MonkeyPatch, new_database: Callable[[str], str]
) -> None:
    types("migrate", "--to", "0035", "--yes")
    with opened(settings.database_url) as database, database.engine.begin() as connection:
        connection.execute(text("CREATE TABLE theirs (name text)"))
    types("backup", "b")
    monkeypatch.setenv("DATABASE_URL", url := new_database("sqlite"))
    types("restore", "b")
    assert len(all_rows(url)["groups"]) == 1


def test_a_backup_from_before_a_key_was_turned_is_restored_with_both_keys(
    types: Typed, group: Group, monkeypatch: pytest.MonkeyPatch, new_database: Callable[[str], str]
) -> None:
    types("backup", "b")
    monkeypatch.setenv("SMSGATE_KEYS", f"{'c' * 64},{stores.KEY}")
    monkeypatch.setenv("DATABASE_URL", new_database("sqlite"))
    assert "restored and compared" in types("restore", "b")
    assert "Everything but help texts has been paused" in types("check")


def test_a_row_without_what_it_refers_to_is_refused(tmp_path: Path, sqlite_template: Path) -> None:
    path, key = tmp_path / "broken.sqlite", bytes.fromhex(BACKUP_KEY)
    path.write_bytes(sqlite_template.read_bytes())
    with opened(f"sqlite:///{path}") as database:
        with database.transaction() as session:
            session.add(Phone(number=AMINA, created_at=people.START))
        with sqlite3.connect(path) as connection:  # foreign keys are off by default
            connection.execute(
                "INSERT INTO consents (phone_id, what, given, at) VALUES (99, 'service', 1, '2026-01-01')"
            )
        backup.write(database, Base.metadata, tmp_path / "b", key, people.START)
    with (
        opened(f"sqlite:///{tmp_path / 'new.sqlite'}") as restored,
        pytest.raises(BackupError, match="refers to one that is not there"),
    ):
        backup.restore(restored, Base.metadata, tmp_path / "b", key)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_moves_while_the_service_runs(
    service: Service, types: Typed, settings: Settings, new_database: Callable[[str], str], clock: Clock
) -> None:
    """What it goes on to write, like a STOP, would be left behind in the old file."""
    url = new_database("postgresql")
    with service.database.transaction() as session:
        scheduler_runs.record_run(session, "reminders", service.now())
    clock.time += timedelta(seconds=20)
    before = all_rows(settings.database_url)
    assert "still running. Stop every process" in types("move", url, refused=True)
    assert all_rows(settings.database_url) == before
    clock.time += timedelta(seconds=20)
    assert "rows moved and compared" in types("move", url)


@pytest.mark.by_night
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_move_has_the_patience_of_a_command(
    types: Typed, group: Group, new_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A busy server answers more slowly than a caller could wait for."""
    url = new_database("postgresql")
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        types("migrate")
    slowly = (
        "CREATE FUNCTION slowly() RETURNS trigger AS 'BEGIN PERFORM pg_sleep(2); RETURN NULL; END' LANGUAGE plpgsql"
    )
    with opened(url) as database, database.engine.begin() as connection:
        connection.execute(text(slowly))
        connection.execute(text("CREATE TRIGGER slow AFTER INSERT ON groups EXECUTE FUNCTION slowly()"))
    assert "rows moved and compared" in types("move", url)


@pytest.mark.by_night
@pytest.mark.both_databases
def test_a_move_takes_every_row_along_and_the_old_file_says_so(
    story: None, types: Typed, settings: Settings, new_database: Callable[[str], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    url = new_database("postgresql")
    if not settings.database_url.startswith("sqlite"):
        assert "from SQLite" in types("move", url, refused=True)
        return
    before, ids = all_rows(settings.database_url), last_ids(settings.database_url)
    with monkeypatch.context() as patch:
        patch.setattr("smsgate.core.backups.move._compared", _cut_off)
        assert "Stopped" in types("move", url, refused=True)
    with opened(url) as target, rows.snapshot(target.engine) as connection:
        assert rows.tables_of(connection, Base.metadata) == []
    assert "rows moved and compared" in types("move", url)
    assert all_rows(url) == before
    assert last_ids(url) == ids
    assert "was moved" in types("web", refused=True)
    assert "was moved" in types("migrate", refused=True)
    monkeypatch.setenv("DATABASE_URL", url)
    assert types("check")


def _cut_off(*_all: object) -> None:
    raise KeyboardInterrupt
