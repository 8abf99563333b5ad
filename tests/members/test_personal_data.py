"""Personal data: every table that leads to a phone is exported, and erasing leaves nothing in it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import JSON, Boolean, Column, Date, Enum, Integer, LargeBinary, String, Time, func, insert, select, text
from sqlalchemy.orm import Session

from smsgate.core.database import Instant
from smsgate.core.encryption import Sealed
from smsgate.core.open_sessions import ENDED
from smsgate.gateways import Verdict
from smsgate.groups import invitation_tags
from smsgate.members import export, leaving, number_reassignment
from smsgate.members.personal_data import LEFT_OUT, OTHERS, PERSONAL, STAYS
from smsgate.models import Base, Group, Lane, Phone, lookup
from smsgate.service import Service
from smsgate.workers import scheduler
from tests.conftest import AMINA
from tests.support import people
from tests.support.command_line import Typed
from tests.support.outbox import Outbox
from tests.support.people import START
from tests.support.pins import SECOND, sets_second
from tests.support.stories import agrees, chooses, joins
from tests.support.waiting import eventually
from tests.support.walks import walk_together

# Columns with ids but without a foreign key, by the table that they refer to.
TO_PHONES = {"notices.author_id", "notices.agreed_by"}
TO_MEMBERS = {"meetings.leader_id", "messages.inviter_id"}
TO_OTHERS = {
    "consents.about_id", "help_asks.again_id", "help_requests.help_text_id", "messages.group_id",
    "messages.invitation_id", "limit_uses.group_id",
    "messages.match_id", "messages.role_id", "messages.admin_id", "messages.from_role_id",
    "messages.meeting_id", "messages.notice_id", "messages.responder_id", "messages.survey_id", "notices.meeting_id",
    "responders.help_text_id", "row_failures.row_id", "surveys.version_id", "groups.wording",
}  # fmt: skip
OF_THE_SERVICE = {"seals", "index_keys", "schema_versions"}


def name_of(column: Any) -> str:
    return f"{column.table.name}.{column.name}"


def leads_to_a_phone() -> set[str]:
    """Return the tables that lead to a phone, through any number of other tables."""
    found = {"phones", *(name.partition(".")[0] for name in TO_PHONES | TO_MEMBERS)}
    while True:
        more = {
            table.name
            for table in Base.metadata.tables.values()
            if any(key.column.table.name in found for key in table.foreign_keys if key.column.table.name != "groups")
        }
        if more <= found:
            return found
        found |= more


def test_every_table_that_leads_to_a_phone_is_known() -> None:
    personal = {table.__tablename__ for table in PERSONAL}
    of_groups = {"survey_versions", "messages", "replies", "series_leaders"}
    assert leads_to_a_phone() - personal <= of_groups
    assert {name for name in OTHERS if name.partition(".")[0] not in Base.metadata.tables} == set()


def test_every_number_of_a_row_says_where_it_leads() -> None:
    """Otherwise export and erasure would miss a new column that refers to someone without a foreign key."""
    numbers = {
        name_of(column)
        for table in Base.metadata.tables.values()
        for column in table.columns
        if isinstance(column.type, Integer)
        and (column.name.endswith(("_id", "_by")) or column.name == "by")
        and not [key for key in column.foreign_keys if key.constraint._ddl_if is None]  # type: ignore[union-attr]
    }
    assert numbers - TO_PHONES - TO_MEMBERS - TO_OTHERS == set()


def value(column: Column[Any], ids: dict[str, int]) -> Any:
    """Return a value for a column of a made-up row; a text names its column."""
    kind = column.type
    for key in column.foreign_keys:
        return ids.get(key.column.table.name)  # None for the parent of the first area
    if name_of(column) in TO_PHONES | TO_MEMBERS:
        return ids["phones" if name_of(column) in TO_PHONES else "members"]
    if isinstance(kind, Sealed):
        return f"words of {name_of(column)}"
    if isinstance(kind, Enum):
        return next(iter(kind.enum_class)) if kind.enum_class else kind.enums[0]
    plain: tuple[tuple[type, Any], ...] = (
        (Instant, START), (Date, date(2026, 11, 27)), (Time, time(9)), (Boolean, True), (Integer, 1),
        (LargeBinary, b"x"), (JSON, {}), (String, name_of(column)[: getattr(kind, "length", None) or 30]),
    )  # fmt: skip
    return next(made for what, made in plain if isinstance(kind, what))


def fill(session: Session, number: str) -> None:
    """Add a row to each table, all belonging to one person."""
    ids: dict[str, int] = {}
    own = {
        "phones.number": number, "invitations.tag": invitation_tags.tags(session, number)[0],
        "deeds.owner": lookup.owner_tag(session, number), "phones.stopped_at": None, "help_requests.closed_at": None,
    }  # fmt: skip
    for table in Base.metadata.sorted_tables:
        if table.name not in OF_THE_SERVICE:
            row = {
                column.key: own.get(name_of(column), value(column, ids))
                if name_of(column) not in own
                else own[name_of(column)]
                for column in table.columns
                if column.name != "id"
            }
            made = session.execute(insert(table).values(row).returning(table.c.id))
            ids[table.name] = made.scalar_one()


@pytest.fixture
def person(service: Service) -> int:
    with service.database.transaction() as session:
        fill(session, AMINA)
        phone = lookup.find_phone(session, AMINA)
        assert phone
        return phone.id


def test_an_export_has_every_row_and_no_secret(service: Service, person: int) -> None:
    with service.database.reading() as session:
        exported = export.export_person(session, session.get_one(Phone, person))
    written = json.dumps(exported)
    for table in PERSONAL:
        (row,) = exported["all_rows"][table.__tablename__]
        columns = {column.key: column for column in table.__table__.columns}
        left_out = LEFT_OUT.get(table, ())
        assert set(left_out) <= set(columns)
        assert set(row) == {str(column.name) for key, column in columns.items() if key not in left_out}
        for key, column in columns.items():
            if isinstance(column.type, Sealed) and name_of(column) != "phones.number":
                assert (f"words of {name_of(column)}" in written) is (key not in left_out), name_of(column)


@pytest.mark.both_databases
def test_erasing_leaves_nothing(service: Service, person: int) -> None:
    with service.database.transaction() as session:
        leaving.erase(session, session.get_one(Phone, person), START)
    with service.database.reading() as session:
        gone = Phone(id=person, number=AMINA)
        for table, rows in PERSONAL.items():
            count = session.scalar(select(func.count()).select_from(table).where(rows(session, gone)))
            assert count == 0 or table in STAYS, table.__tablename__
        left = {
            name_of(column): session.scalars(select(column)).all()
            for table in Base.metadata.tables.values()
            if table.name not in OF_THE_SERVICE
            for column in table.columns
            if isinstance(column.type, Sealed)
        }
    words = {"notices.words", "notice_versions.words", "programme_offers.code"}
    words |= {"leader_notices.words", "leader_notices.translations"}
    words |= {"number_imports.content", "number_imports.found"}  # a leader's file: deleted within a day
    assert {name for name, values in left.items() if any(values)} == words


def test_what_stays_tells_of_nobody(service: Service, person: int) -> None:
    with service.database.transaction() as session:
        leaving.erase(session, session.get_one(Phone, person), START)
    with service.database.reading() as session:
        for table in STAYS:
            for column in table.__table__.columns:
                if any(key.column.table.name == "phones" for key in column.foreign_keys):
                    assert session.scalars(select(column)).all() == [None], name_of(column)
        assert session.scalars(select(Phone.id)).all() == []


def words_kept(service: Service) -> list[str]:
    with service.database.reading() as session:
        words = session.execute(text("SELECT words FROM messages WHERE words IS NOT NULL")).all()
    return [service.keyring.open(bytes(row[0]), "message.words") for row in words]


def names_left(service: Service) -> list[str]:
    """Return the texts to others that still say Amina's name."""
    return [one for one in words_kept(service) if "Amina" in one]


def test_texts_about_somebody_who_is_erased_lose_their_words(
    service: Service, group: Group, amina: people.Phone, juma: people.Phone, types: Typed
) -> None:
    joins(amina, "Amina")
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    juma.texts("1")
    juma.reads()
    types("erase", AMINA, "--yes")
    with service.database.reading() as session:
        assert lookup.find_phone(session, AMINA) is None
    assert names_left(service) == []


@pytest.mark.parametrize("verdict", [Verdict.ACCEPTED, Verdict.RETRY, Verdict.UNKNOWN])
def test_so_do_those_that_a_worker_is_sending_or_that_still_wait(
    verdict: Verdict, service: Service, group: Group, amina: people.Phone, juma: people.Phone, fatuma: people.Phone
) -> None:
    joins(amina, "Amina")
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    outbox = Outbox(service)
    in_hand = outbox.claims(Lane.URGENT)
    chooses(amina, fatuma, "Fatuma")
    amina.dials(None, "6")
    amina.picks("Erase my data", "Yes, erase")
    outbox.records(in_hand, verdict)
    juma.hears("The help text that you got is over")
    fatuma.hears_nothing_new()
    assert names_left(service) == []


def test_texts_to_somebody_taken_off_the_list_lose_their_words_with_them(
    service: Service, group: Group, amina: people.Phone, juma: people.Phone, types: Typed
) -> None:
    joins(amina, "Amina")
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    juma.texts("1")
    amina.dials(None, "4")
    amina.picks("Juma", "Take off my list")
    juma.reads()
    types("erase", AMINA, "--yes")
    assert names_left(service) == []


@pytest.mark.parametrize("ended", [False, True])
def test_texts_to_the_other_of_a_match_lose_their_words_too(
    ended: bool, service: Service, group: Group, amina: people.Phone, juma: people.Phone, types: Typed,
    time_passes: Callable[..., None],
) -> None:  # fmt: skip
    walk_together(service, amina, juma)
    amina.texts("PEER It was a hard day")
    juma.hears("Amina: It was a hard day")
    over = "Your time with Amina has ended. Thank you for being there."
    if ended:
        amina.texts("PEER END")
        juma.hears(over)
    types("erase", AMINA, "--yes")
    assert names_left(service) == ([] if ended else [over]), "only what Juma is still to be told"
    if not ended:
        juma.hears(over)
    time_passes(hours=1)
    assert names_left(service) == []


@pytest.mark.parametrize("way", ["erased", "another holder"])
def test_erasing_forgets_what_the_second_pin_opened(
    way: str, service: Service, owner: people.Phone, types: Typed
) -> None:
    sets_second(owner)
    owner.dials(None, SECOND, "4")
    owner.picks("Add a person")
    owner.types("0722000077", "Otieno", "1")
    owner.drops()
    assert list(service.redis.scan_iter("duress:*"))
    if way == "another holder":
        with service.database.transaction() as session:
            phone = lookup.find_phone(session, AMINA)
            assert phone
            number_reassignment.resolve_reassignment(session, phone, False, service.now())
    else:
        types("erase", AMINA, "--yes")
    assert list(service.redis.scan_iter("duress:*")) == []


def dialogues(service: Service) -> list[bytes]:
    """Return the dialogues in Redis, but not the marks of ended ones, which stay for seconds and name nobody."""
    kept = (service.redis.get(key) for key in service.redis.scan_iter("run:*"))
    return [value for value in kept if isinstance(value, bytes) and value not in (b"", ENDED)]


@pytest.mark.by_day(1)
@pytest.mark.parametrize("way", ["ussd", "sms", "command"])
def test_erasing_ends_every_dialogue_in_redis(
    way: str, service: Service, group: Group, amina: people.Phone, types: Typed
) -> None:
    joins(amina)
    amina.dials(None, "3")
    amina.writes("MENU")
    people.work(service)
    assert len(dialogues(service)) == 2
    if way == "ussd":
        amina.dials(None, "6")
        for label in ("Erase my data", "Yes, erase"):
            while label not in amina.handset.screen and "98 More" in amina.handset.screen:
                amina.types("98")
            amina.picks(label)
        amina.sees("is erased")
    elif way == "sms":
        amina.texts("ERASE")
        amina.texts("2")
    else:
        types("erase", AMINA, "--yes")
    eventually(lambda: dialogues(service) == [], 10)


def test_the_log_of_sqlite_keeps_nothing_of_who_was_erased(tmp_path: Path, service: Service) -> None:
    if service.database.engine.dialect.name != "sqlite":
        pytest.skip("a file")
    with service.database.transaction() as session:
        phone = lookup.ensure_phone(session, AMINA, START)
        sealed = session.execute(text("SELECT number FROM phones")).scalar_one()
    path = Path(str(service.database.engine.url.database))
    log = path.with_name(path.name + "-wal")
    assert sealed in log.read_bytes()
    with service.database.transaction() as session:
        leaving.erase(session, session.get_one(Phone, phone.id), START)
    assert log.stat().st_size == 0
    assert sealed not in path.read_bytes()


def test_somebody_who_still_reads_holds_up_nobody_for_long(service: Service) -> None:
    if service.database.engine.dialect.name != "sqlite":
        pytest.skip("a file")
    with service.database.transaction() as session:
        phone = lookup.ensure_phone(session, AMINA, START)
    path = Path(str(service.database.engine.url.database))
    log = path.with_name(path.name + "-wal")
    with service.database.reading() as reader:
        assert reader.scalars(select(Phone.id)).all()
        began = datetime.now()
        with service.database.transaction() as session:
            leaving.erase(session, session.get_one(Phone, phone.id), START)
        assert (datetime.now() - began).total_seconds() < 2
        assert log.stat().st_size
    scheduler.run_scheduled_tasks(service)
    assert log.stat().st_size == 0


def test_postgresql_is_vacuumed_once_a_day_and_the_log_says_so(
    service: Service, logged: Callable[[], str], time_passes: Callable[..., None]
) -> None:
    if service.database.engine.dialect.name == "sqlite":
        pytest.skip("without it")
    with service.database.transaction() as session:
        phone = lookup.ensure_phone(session, AMINA, START)
    with service.database.transaction() as session:
        session.delete(session.get_one(Phone, phone.id))
        session.flush()
        session.execute(text("SELECT pg_stat_force_next_flush()"))

    def vacuumed() -> int:
        time_passes(hours=1)
        return logged().count("vacuumed")

    dead = text("SELECT n_dead_tup FROM pg_stat_user_tables WHERE relname = 'phones'")

    def is_seen() -> bool:
        with service.database.reading() as session:
            return bool(session.scalar(dead))

    eventually(is_seen, 10)
    assert vacuumed() == 1
    assert vacuumed() == 1
    eventually(lambda: not is_seen(), 10)


def test_an_erasure_passes_over_a_text_that_cannot_be_read(
    service: Service, group: Group, amina: people.Phone, juma: people.Phone
) -> None:
    joins(amina, "Amina")
    agrees(amina, juma, "Juma")
    with service.database.transaction() as session:
        session.execute(text("UPDATE messages SET words = :broken"), {"broken": b"no longer sealed"})
    amina.dials(None, "6")
    amina.picks("Erase my data", "Yes, erase")
    amina.sees("Everything about you is erased")
    assert words_kept(service) == []
