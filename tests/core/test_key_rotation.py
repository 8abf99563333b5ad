"""Keys can be rotated without anybody noticing, and without the keys no personal data can be read."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import LargeBinary, event, select, text, type_coerce

from smsgate import create_app
from smsgate.core import migrations
from smsgate.core.config import Settings
from smsgate.core.encryption import Sealed, WrongKey
from smsgate.core.rotation import key_rotation
from smsgate.groups import roles
from smsgate.models import Base, Group, Member, Role, lookup
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service, wire
from tests.conftest import AMINA, JUMA
from tests.support.command_line import Typed
from tests.support.console import Console, leads
from tests.support.people import Clock, Phone
from tests.support.stores import KEY
from tests.support.stories import agrees, joins
from tests.support.waiting import wire_patiently

pytestmark = pytest.mark.both_databases

NEW = "b" * 64
Turned = Callable[..., Service]


@pytest.fixture
def turned(settings: Settings, clock: Clock) -> Iterator[Turned]:
    """Yield a function that returns the service as after a restart with these keys, newest first."""
    made: list[Service] = []

    def restart(*keys: str) -> Service:
        made.append(wire_patiently(replace(settings, keys=keys), now=clock.now))
        return made[-1]

    yield restart
    for one in made:
        one.database.engine.dispose()
        one.redis.close()


def on(service: Service, number: str = AMINA) -> Phone:
    return Phone(create_app(service).test_client(), service, number)


def writes(member: Phone, words: str) -> None:
    member.dials(None, "3")
    member.picks("Add words", "My own words")
    member.types(words)
    member.sees("Saved.")


def lives_here(amina: Phone, juma: Phone) -> None:
    """Create a member with a name, a help text, a responder who agreed, and a help request."""
    joins(amina)
    writes(amina, "Please bring the blue umbrella")
    agrees(amina, juma, "Jumapili")
    amina.dials(None, "1", "2")
    juma.hears("blue umbrella")


def known(service: Service) -> None:
    """Check that Amina is found by her number, also by dialling, and that her words can be read."""
    migrations.check(service.database)
    with service.database.reading() as session:
        phone = lookup.find_phone(session, AMINA)
        assert phone is not None
        assert phone.member is not None
        assert phone.member.name == "Amina"
    amina = on(service)
    amina.dials()
    amina.sees_not("Welcome / Karibu")
    amina.picks("My help text")
    amina.sees("Please bring the blue")
    amina.drops()


def sealed_with(service: Service, key_index: int) -> dict[str, int]:
    """Return how many values of each encrypted column one key of the service can decrypt by itself."""
    only = wire(replace(service.settings, keys=(service.settings.keys[key_index],))).keyring
    found: dict[str, int] = {}
    with service.database.reading() as session:
        for table in Base.metadata.sorted_tables:
            for column in table.columns:
                if isinstance(column.type, Sealed):
                    raw = session.scalars(select(type_coerce(column, LargeBinary)).where(column.is_not(None)))
                    found[str(column)] = sum(only.is_newest(bytes(one), column.type.purpose) for one in raw)
    return found


def test_keys_are_turned_while_the_service_works(turned: Turned, group: Group) -> None:
    before = turned(KEY)
    lives_here(on(before), on(before, JUMA))
    known(before)
    mine = sealed_with(before, 0)
    assert min(mine["phones.number"], mine["members.name"], mine["help_texts.words"], mine["messages.words"]) > 0

    announced = turned(f"+{NEW}", KEY)
    known(announced)
    assert on(announced).dials().startswith("1 ")
    assert set(sealed_with(turned(NEW, KEY), 0).values()) == {0}  # nothing is encrypted with it yet
    both = turned(NEW, KEY)
    known(both)
    known(announced)  # restarted a little later
    with both.database.transaction() as session:
        assert lookup.ensure_phone(session, AMINA, both.now()).member is not None
    assert key_rotation.rotate(both.database, Base.metadata).values > 5
    assert set(sealed_with(both, 1).values()) == {0}
    known(both)
    known(announced)
    assert key_rotation.rotate(both.database, Base.metadata) == key_rotation.Rotation()

    after = turned(NEW)
    known(after)
    on(after, JUMA).texts("1")
    on(after).hears("Juma")
    with pytest.raises(WrongKey):
        migrations.check(turned(KEY).database)


def test_a_code_for_a_role_is_known_while_keys_are_turned(turned: Turned, group: Group) -> None:
    before = turned(KEY)
    joins(on(before))
    with before.database.transaction() as session:
        code = roles.offer(session, session.get_one(Group, group.id), Role.ADMIN, before.now())
    amina = on(turned(NEW, KEY))
    amina.dials(f"*384*77*{code}#")
    amina.sees("asks you to be admin")


def test_cut_off_in_the_middle_and_run_again(turned: Turned, group: Group, monkeypatch: pytest.MonkeyPatch) -> None:
    before = turned(KEY)
    lives_here(on(before), on(before, JUMA))
    migrations.check(turned(f"+{NEW}", KEY).database)
    both = turned(NEW, KEY)
    monkeypatch.setattr(key_rotation, "CHUNK", 1)
    seen: list[str] = []

    def pull_the_plug(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        seen.extend([statement] if statement.startswith("UPDATE") else [])
        if len(seen) == 4:
            raise KeyboardInterrupt

    event.listen(both.database.engine, "before_cursor_execute", pull_the_plug)
    with pytest.raises(KeyboardInterrupt):
        key_rotation.rotate(both.database, Base.metadata)
    event.remove(both.database.engine, "before_cursor_execute", pull_the_plug)
    assert sum(sealed_with(both, 0).values()) == 3
    known(both)
    key_rotation.rotate(both.database, Base.metadata)
    assert set(sealed_with(both, 1).values()) == {0}
    known(turned(NEW))


def test_a_change_made_meanwhile_is_not_undone(turned: Turned, group: Group) -> None:
    before = turned(KEY)
    lives_here(on(before), on(before, JUMA))
    both = turned(NEW, KEY)
    work = threading.Thread(target=key_rotation.rotate, args=(both.database, Base.metadata))
    with turned(NEW, KEY).database.transaction() as session:
        for member in session.scalars(select(Member)):
            member.name = "Zawadi"
        session.flush()
        work.start()
        work.join(0.5)  # by now it has read the old name, if the database allows that, and waits to write
    work.join()
    with both.database.reading() as session:
        assert [member.name for member in session.scalars(select(Member))] == ["Zawadi"]


def test_a_new_key_that_was_not_announced_is_refused_with_what_to_do(turned: Turned) -> None:
    migrations.check(turned(KEY).database)
    with pytest.raises(WrongKey, match=r"Put a \+ before it"):
        migrations.check(turned(NEW, KEY).database)
    migrations.check(turned(f"+{NEW}", KEY).database)
    migrations.check(turned(NEW, KEY).database)


def test_a_process_that_restarts_after_the_rotation_does_not_keep_the_old_key(turned: Turned) -> None:
    """A worker is restarted, or a backup made by night, before the old key is removed."""
    migrations.check(turned(f"+{NEW}", KEY).database)
    both = turned(NEW, KEY)
    migrations.check(both.database)
    key_rotation.rotate(both.database, Base.metadata)
    migrations.check(turned(NEW, KEY).database)
    migrations.check(turned(NEW).database)


def test_a_rotation_before_the_plus_is_removed_forgets_no_announcement(turned: Turned) -> None:
    announced = turned(f"+{NEW}", KEY)
    migrations.check(announced.database)
    key_rotation.rotate(announced.database, Base.metadata)
    migrations.check(turned(NEW, KEY).database)


def test_a_process_that_still_seals_with_the_old_key_keeps_it_needed(turned: Turned) -> None:
    """It was restarted with its former settings after the rotation."""
    announced, both = turned(f"+{NEW}", KEY), turned(NEW, KEY)
    migrations.check(announced.database)
    key_rotation.rotate(both.database, Base.metadata)
    migrations.check(announced.database)
    with announced.database.transaction() as session:
        lookup.ensure_phone(session, AMINA, announced.now())
    with pytest.raises(WrongKey):
        migrations.check(turned(NEW).database)
    key_rotation.rotate(both.database, Base.metadata)
    migrations.check(turned(NEW).database)
    with pytest.raises(WrongKey, match=r"Put a \+ before it"):  # the + stands before the wrong one
        migrations.check(turned(f"+{NEW}", "c" * 64).database)
    with pytest.raises(WrongKey, match=r"Put a \+ before it"):  # going back is announced, too
        migrations.check(turned(KEY, NEW).database)


def test_keys_are_turned_again_and_again(turned: Turned) -> None:
    migrations.check(turned(KEY).database)
    for old, new in ((KEY, NEW), (NEW, "c" * 64), ("c" * 64, KEY)):
        migrations.check(turned(f"+{new}", old).database)
        migrations.check(turned(new, old).database)
        key_rotation.rotate(turned(new, old).database, Base.metadata)
        migrations.check(turned(new, old).database)
        migrations.check(turned(new).database)


def test_while_a_row_needs_the_old_key_no_process_starts_without_it(turned: Turned) -> None:
    both, rows = twice(turned)
    with both.database.transaction() as session:
        session.add_all(Member(phone_id=row.id, joined_at=both.now(), name="Amina") for row in rows)
    migrations.check(turned(f"+{NEW}", KEY).database)
    assert key_rotation.rotate(both.database, Base.metadata).twins == [f"phones {rows[0].id}"]
    with pytest.raises(WrongKey):
        migrations.check(turned(NEW).database)


def test_a_rotation_without_the_old_key_lets_no_process_start(turned: Turned, group: Group) -> None:
    joins(on(turned(KEY)))
    migrations.check(turned(f"+{NEW}", KEY).database)
    after = turned(NEW)
    assert key_rotation.rotate(after.database, Base.metadata).unreadable
    with pytest.raises(WrongKey):
        migrations.check(after.database)
    migrations.check(turned(NEW, KEY).database)  # put back, it opens everything


def test_nothing_is_rotated_to_a_key_that_running_processes_do_not_know(
    turned: Turned, group: Group, types: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = turned(KEY)
    joins(on(before))
    monkeypatch.setenv("SMSGATE_KEYS", f"{NEW},{KEY}")
    assert "Put a + before it" in types("rotate", refused=True)
    assert on(before).dials().startswith("1 ")


def test_an_announced_key_can_be_withdrawn(turned: Turned) -> None:
    migrations.check(turned(f"+{NEW}", KEY).database)
    key_rotation.rotate(turned(KEY, NEW).database, Base.metadata)
    migrations.check(turned(KEY).database)


def test_a_session_and_a_tag_outlive_the_turn(turned: Turned, group: Group) -> None:
    amina = on(turned(KEY))
    joins(amina)
    tag = turned(KEY).keyring.tag(AMINA)
    amina.dials()
    amina.types("6")
    migrations.check(turned(f"+{NEW}", KEY).database)
    both = turned(NEW, KEY)
    amina.client = create_app(both).test_client()
    assert "cut off" not in amina.types("0")
    assert both.keyring.tag(AMINA) == tag
    key_rotation.rotate(both.database, Base.metadata)
    assert turned(NEW).keyring.tag(AMINA) == tag


def test_who_is_signed_in_stays_so_whichever_process_answers(turned: Turned, group: Group) -> None:
    """While every process is restarted to know the new key, and again while the + is taken away."""
    before = turned(KEY)
    amina = on(before)
    joins(amina)
    leads(before, amina, group)
    browser = Console(create_app(before), before)
    browser.signs_in(amina, own=True)
    steps = (before, turned(f"+{NEW}", KEY), turned(NEW, KEY))
    migrations.check(steps[1].database)
    apps = [create_app(service) for service in steps]
    for one, other in pairwise(apps):
        for app in (one, other, one, other):
            browser.client.application = app
            browser.opens("/console/")
            assert browser.at == "/console/"  # not where one signs in


def test_two_processes_that_seal_with_different_keys_write_a_number_once(turned: Turned) -> None:
    """This happens while the + is removed, process by process."""
    behind, ahead = turned(f"+{NEW}", KEY), turned(NEW, KEY)
    at_once = threading.Barrier(2)

    def writes_down(service: Service) -> None:
        at_once.wait()
        for last in range(20):
            with service.database.transaction() as session:
                lookup.ensure_phone(session, f"+2547110001{last:02d}", service.now())

    threads = [threading.Thread(target=writes_down, args=(service,)) for service in (behind, ahead)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ahead.database.reading() as session:
        assert len(session.scalars(select(PhoneRow.number)).all()) == 20


def twice(turned: Turned) -> tuple[Service, list[PhoneRow]]:
    """Create one number with two rows, as by two processes that don't know each other's key."""
    for key in (KEY, NEW):
        service = turned(key)
        with service.database.transaction() as session:
            session.add(PhoneRow(number=AMINA, created_at=service.now()))
    both = turned(NEW, KEY)
    with both.database.reading() as session:
        return both, list(session.scalars(select(PhoneRow).order_by(PhoneRow.id)))


def test_two_rows_of_one_number_become_one(turned: Turned) -> None:
    both, (old, _new) = twice(turned)
    with both.database.transaction() as session:
        session.get_one(PhoneRow, old.id).stopped_at = both.now()
        session.add(Member(phone_id=old.id, joined_at=both.now(), name="Amina"))
    assert key_rotation.rotate(both.database, Base.metadata).twins == []
    with turned(NEW).database.reading() as session:
        phone = session.scalars(select(PhoneRow)).one()
        assert phone.stopped_at is not None  # a STOP in either row holds for both
        assert phone.member is not None
        assert phone.member.name == "Amina"


def test_two_members_with_one_number_are_told_and_all_else_goes_on(turned: Turned, group: Group) -> None:
    both, rows = twice(turned)
    with both.database.transaction() as session:
        session.add_all(Member(phone_id=row.id, joined_at=both.now(), name="Amina") for row in rows)
    before = turned(KEY)
    with before.database.transaction() as session:
        session.add(PhoneRow(number=JUMA, created_at=before.now()))
    assert key_rotation.rotate(both.database, Base.metadata).twins == [f"phones {rows[0].id}"]
    with turned(NEW).database.reading() as session:
        assert lookup.find_phone(session, JUMA) is not None


def test_what_no_key_opens_is_told_and_all_else_goes_on(
    turned: Turned, group: Group, types: Typed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key was taken away too early: a row that nobody rotated stays until it is put back."""
    before = turned(KEY)
    joins(on(before))
    joins(on(before, JUMA), "Juma")
    with before.database.transaction() as session:
        row = session.scalars(select(Member.id).order_by(Member.id)).first()
        session.execute(text("UPDATE members SET name = :form WHERE id = :id"), {"form": bytes(34), "id": row})
    migrations.check(turned(f"+{NEW}", KEY).database)
    after = turned(NEW, KEY)
    monkeypatch.setenv("SMSGATE_KEYS", f"{NEW},{KEY}")
    assert f"An older key is missing. Put it into SMSGATE_KEYS and run this again: members {row}" in types(
        "rotate", refused=True
    )
    assert sum(sealed_with(after, 1).values()) == 0


def test_without_its_keys_the_service_stays_down(turned: Turned) -> None:
    with pytest.raises(WrongKey, match="right key"):
        migrations.check(turned(NEW).database)
    for bad in ("", "zz" * 32, "ab" * 16, KEY[:-1]):
        with pytest.raises(WrongKey, match="SMSGATE_KEYS"):
            turned(*([bad] if bad else []))


CANARIES = ("254711000001", "711000001", "711 000001", "711000002", "711 000002", "Amina", "Jumapili", "umbrella")


def left_in_redis(redis: Redis) -> bytes:
    """Return every key in Redis with its value, whatever its type."""
    read: dict[bytes, Callable[[Any], Any]] = {
        b"string": redis.get,
        b"hash": redis.hgetall,
        b"set": redis.smembers,
        b"list": lambda key: redis.lrange(key, 0, -1),
        b"zset": lambda key: redis.zrange(key, 0, -1, withscores=True),
        b"stream": redis.xrange,
    }
    plain: Any = redis
    return b"".join(key + repr(read[plain.type(key)](key)).encode() for key in plain.scan_iter())


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_nothing_of_a_person_lies_about(
    settings: Settings, clock: Clock, tmp_path: Path, logged: Callable[[], str]
) -> None:
    """Files, Redis and logs are searched; the provider cannot be reached, so that a lot is logged."""
    away = replace(
        settings, gateway="africastalking", africastalking_username="u", africastalking_api_key="k",
        africastalking_url="http://127.0.0.1:9",
    )  # fmt: skip
    service = wire(away, now=clock.now)
    amina, juma = on(service), on(service, JUMA)
    amina.dials(None, "1", "1", "3", "Amina")
    writes(amina, "Please bring the blue umbrella")
    amina.dials(None, "4")
    amina.picks("Add a person")
    amina.types(JUMA, "Jumapili", "1")
    juma.texts("1")
    amina.dials(None, "1", "2")
    amina.reads()
    amina.dials(None, "4")
    amina.picks("Add a person")
    amina.types("+254711000003", "Jumapili")  # in the middle of a session
    assert amina.in_a_call

    files = b"".join(path.read_bytes() for path in tmp_path.glob("smsgate.sqlite*"))
    assert len(list(tmp_path.glob("smsgate.sqlite*"))) > 1  # including the write-ahead log
    kept, said = left_in_redis(service.redis), logged()
    assert b"run:" in kept
    assert b"phones" in files
    assert "gateway_in_trouble" in said
    for canary in CANARIES:
        assert canary.encode() not in files, canary
        assert canary.encode() not in kept, canary
        assert canary not in said, canary
    service.database.engine.dispose()
    service.redis.close()
