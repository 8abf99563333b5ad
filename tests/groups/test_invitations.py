"""Invitations: a number gets at most one neutral text, and nobody learns from it who is a member."""

from __future__ import annotations

import io
import tracemalloc
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import func, select

from smsgate.groups import groups, invitations, number_files
from smsgate.groups.number_files import Unreadable, read
from smsgate.members import export, leaving, members, opt_out
from smsgate.models import Group, Invitation, Membership, Message, MessageStatus, lookup
from smsgate.models import Phone as PhoneRow
from smsgate.outbox import limits
from smsgate.outbox.limits import Cause, Limit, Scope
from smsgate.service import Service
from tests.support.people import Clock, Phone, work
from tests.support.stories import joins
from tests.support.waiting import Stopwatch

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
KE = ("KE",)


def invites(service: Service, group: Group, *numbers: str, language: str = "en") -> invitations.InviteResult:
    with service.database.transaction() as session:
        return invitations.invite(session, session.get_one(Group, group.id), numbers, language, service.now())


def sends(service: Service) -> None:
    """Send due invitations as the scheduler does."""
    with service.database.transaction() as session:
        invitations.send_due(session, service.now(), service.settings.service_code)


def rows(service: Service) -> list[Invitation]:
    with service.database.reading() as session:
        return list(session.scalars(select(Invitation).order_by(Invitation.id)))


@pytest.fixture
def other(service: Service) -> Group:
    with service.database.transaction() as session:
        return groups.create(session, "Upendo", "Africa/Nairobi", service.now(), code="4777")


def test_one_text_that_names_nothing_and_nobody_is_a_member_by_it(service: Service, group: Group, amina: Phone) -> None:
    invites(service, group, amina.number)
    sends(service)
    text = amina.reads()[-1]
    assert text == (
        "You are invited to join a group. If you like, dial *384*77*4521# or reply JOIN 4521. "
        "If not, just ignore this. No more texts: STOP"
    )
    assert "Tumaini" not in text
    with service.database.reading() as session:
        assert lookup.find_member_by_number(session, amina.number) is None
    amina.texts("JOIN 4521")
    amina.hears("You've joined Tumaini")


@ONE
def test_its_name_and_language_where_the_group_lets_it(service: Service, group: Group, amina: Phone) -> None:
    with service.database.transaction() as session:
        session.get_one(Group, group.id).invites_by_name = True
    invites(service, group, amina.number)
    sends(service)
    amina.hears("join Tumaini", "JOIN 4521", "STOP")


def test_typed_twice_or_taken_back_and_typed_again_it_stays_one_text(
    service: Service, group: Group, amina: Phone, time_passes: Callable[..., None]
) -> None:
    invites(service, group, amina.number, amina.number)
    sends(service)
    assert len(amina.reads()) == 1
    for days in (0, 1, 31, 40):
        time_passes(days=days)
        with service.database.transaction() as session:
            invitations.withdraw(session, group, None, service.now())
        invites(service, group, amina.number)
        sends(service)
        assert len(amina.reads()) == 1, days
    time_passes(days=60)
    invites(service, group, amina.number)
    sends(service)
    assert len(amina.reads()) == 2, "after a season it may be asked again"


WISHES = ("stop", "blocked", "member", "left", "left all", "paused", "taken out")


def stands(service: Service, group: Group, number: str, said: str) -> None:
    """Create someone with this number who is in this state towards the group."""
    now = service.now()
    with service.database.transaction() as session:
        phone = lookup.ensure_phone(session, number, now)
        if said == "stop":
            opt_out.opt_out(session, phone, now)
        elif said == "blocked":
            phone.blocked_at = now
        else:
            member = members.join(session, phone, "en", now)
            if said == "paused":
                members.set_switch(member, "paused", True, now)
                return
            groups.join(session, member, group.id, now)
            if said == "left":
                groups.leave(session, member, group.id, now)
            elif said == "left all":
                leaving.leave_service(session, member, now)
            elif said == "taken out":
                here = select(Membership).where(Membership.member_id == member.id)
                groups.remove_member(session, session.scalars(here).one(), now, "*384*77#")


def test_who_wants_none_gets_none_and_is_listed_like_anybody(service: Service, group: Group, juma: Phone) -> None:
    numbers = [f"+25473300000{n}" for n in range(len(WISHES))]
    for number, said in zip(numbers, WISHES, strict=True):
        stands(service, group, number, said)
    assert invites(service, group, *numbers, juma.number).taken == len(numbers) + 1
    sends(service)
    texted = [one.texted_at is not None for one in rows(service) if one.listed_at]
    assert sum(texted) == 1, "only Juma"
    juma.hears("You are invited")
    with service.database.reading() as session:
        assert {one.number for one in invitations.listed(session, group)} == {*numbers, juma.number}


def test_who_left_everything_is_not_asked_again_when_the_number_was_forgotten(
    service: Service, group: Group, other: Group, amina: Phone, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    with service.database.transaction() as session:
        member = lookup.find_member_by_number(session, amina.number)
        assert member
        leaving.leave_service(session, member, service.now())
    time_passes(days=10)
    with service.database.reading() as session:
        assert lookup.find_phone(session, amina.number) is None
    before = len(amina.reads())
    invites(service, group, amina.number)
    sends(service)
    assert len(amina.reads()) == before
    invites(service, other, amina.number)
    sends(service)
    assert len(amina.reads()) == before + 1, "another group knows nothing of that"


def test_joining_of_ones_own_will_undoes_it_and_erasing_leaves_nothing(
    service: Service, group: Group, amina: Phone
) -> None:
    invites(service, group, amina.number)
    joins(amina)
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, amina.number)
        assert phone
        assert export.export_person(session, phone)["invited_to"]
        assert invitations.accepted(session, group) == 1
        leaving.erase(session, phone, service.now())
    assert rows(service) == []


@ONE
def test_who_joins_before_it_leaves_gets_no_text(service: Service, group: Group, amina: Phone) -> None:
    invites(service, group, amina.number)
    joins(amina)
    before = amina.reads()
    sends(service)
    assert not [text for text in amina.reads()[len(before) :] if "invited" in text]


def test_it_waits_for_the_morning_and_is_taken_back_before(
    service: Service, group: Group, amina: Phone, juma: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    clock.time = datetime(2026, 11, 23, 20, 0, tzinfo=clock.time.tzinfo)  # eleven at night in Nairobi
    invites(service, group, amina.number, juma.number)
    sends(service)
    amina.hears_nothing_new()
    with service.database.transaction() as session:
        mine = next(one for one in invitations.listed(session, group) if one.number == amina.number)
        assert invitations.withdraw(session, group, mine.id, service.now())
        assert not invitations.withdraw(session, group, mine.id, service.now())
    time_passes(hours=9)
    time_passes(minutes=15)
    amina.hears_nothing_new()
    juma.hears("You are invited")


def test_a_day_has_an_end_and_taking_back_makes_no_room(
    service: Service, group: Group, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "DAILY", 3)
    for start in (0, 3):
        invites(service, group, *(f"+2547220000{n:02d}" for n in range(start, start + 3)))
        sends(service)
        with service.database.transaction() as session:
            invitations.withdraw(session, group, None, service.now())
    invites(service, group, *(f"+2547220000{n:02d}" for n in range(6)))
    sends(service)
    assert sum(one.texted_at is not None for one in rows(service)) == 3
    counts = []
    for _day in range(3):
        clock.time += timedelta(days=1, minutes=1)
        sends(service)
        sends(service)
        counts.append(sum(one.texted_at is not None for one in rows(service)))
    assert counts == [3, 6, 6], "what was typed again waits in line like the rest"


def test_an_invitation_of_two_sms_waits_where_there_is_room_for_one(
    service: Service, group: Group, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise it would count as sent, and its holder would never hear of the group."""
    monkeypatch.setitem(limits.LIMITS, Cause.GROUP_INVITATION, {Scope.GROUP: Limit(5, 5)})
    with service.database.transaction() as session:
        mine = session.get_one(Group, group.id)
        mine.name, mine.invites_by_name = "\u1270\u1235\u134b", True
    invites(service, group, *(f"+2547220000{n:02d}" for n in range(4)))
    sends(service)
    texted = [one.texted_at is not None for one in rows(service)]
    assert texted == [True, True, False, False]
    clock.time += timedelta(days=1, minutes=1)
    sends(service)
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 4


def test_one_number_is_not_asked_by_group_after_group(service: Service, group: Group, amina: Phone) -> None:
    with service.database.transaction() as session:
        made = [groups.create(session, f"G{n}", "Africa/Nairobi", service.now()) for n in range(4)]
    for one in made:
        invites(service, one, amina.number)
        sends(service)
    assert len(amina.reads()) == invitations.TO_ONE


@ONE
def test_no_more_numbers_than_can_be_texted_before_they_are_forgotten(
    service: Service, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "OPEN_MOST", 4)
    assert invites(service, group, *(f"+25472200000{n}" for n in range(6))) == invitations.InviteResult(4, 2)
    assert invites(service, group, "+254722000009") == invitations.InviteResult(0, 1)


def test_the_number_is_forgotten_after_a_month_and_its_trace_after_three(
    service: Service, group: Group, amina: Phone, time_passes: Callable[..., None]
) -> None:
    invites(service, group, amina.number)
    sends(service)
    time_passes(days=3)
    with service.database.reading() as session:
        assert lookup.find_phone(session, amina.number) is None, "no member, so no phone"
    time_passes(days=28)
    assert [one.number for one in rows(service)] == [None]
    time_passes(days=61)
    assert rows(service) == []


@ONE
def test_a_turned_key_finds_what_was_remembered_before(service: Service, group: Group) -> None:
    keys = service.database.keyring
    newer = type(keys)(["e" * 64, *service.settings.keys])
    assert keys.tag("x") in newer.tags("x")
    assert newer.tags("x")[0] == newer.tag("x") != keys.tag("x")


# Files


def reads(content: bytes, countries: tuple[str, ...] = KE) -> number_files.ParsedNumbers:
    return read(io.BytesIO(content), countries)


TABLE = "Jina;Simu\nWanjikũ;0711000001\nÉlodie;+254 722 000 002\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("mark", [";", ",", "\t"])
def test_files_as_spreadsheets_write_them(encoding: str, mark: str) -> None:
    found = reads(TABLE.replace(";", mark).replace("\n", "\r\n").encode(encoding))
    assert found == number_files.ParsedNumbers(["+254711000001", "+254722000002"], {})


def test_an_old_office_in_french() -> None:
    found = reads("Prénom;Téléphone\nÉlodie;0711000001\n".encode("cp1252"))
    assert found.numbers == ["+254711000001"]


def test_each_bad_line_is_explained_and_the_good_ones_kept() -> None:
    lines = [
        "name,number", "A,0711000001", "B,", "C,=HYPERLINK(1)", "D,2.54711E+11", "E,0711 000 001", "F,+33612345678",
        "G,0202222222", "H,@SUM(A1)", "I,07", '"J,0722000002', '"K","0722000003"', "L,'+254722000004", "",
        "M,254722000005.0", "N,-cmd|calc", "O,0711ABCDEF", "P",
    ]  # fmt: skip
    found = reads("\n".join(lines).encode())
    assert found.numbers == ["+254711000001", "+254722000003", "+254722000004", "+254722000005"]
    assert found.bad == {
        "none": [3, 11, 18],
        "formula": [4, 9, 16],
        "rounded": [5],
        "twice": [6],
        "country": [7],
        "fixed": [8],
        "unreadable": [10],
        "letters": [17],
    }


def test_other_countries_where_the_service_serves_them() -> None:
    assert reads(b"0711000001\n+255712345678\n", ("KE", "TZ")).numbers == ["+254711000001", "+255712345678"]


def test_a_plain_list_and_a_line_that_names_the_mark() -> None:
    assert reads(b"0711000001\n0722000002").numbers == ["+254711000001", "+254722000002"]
    assert reads(b"sep=;\nName;Tel\nA,b;0711000001\n").numbers == ["+254711000001"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"PK\x03\x04 rest", "spreadsheet"),
        (b"\x89PNG\r\n", "binary"),
        (b"%PDF-1.4", "binary"),
        (b"ab\0cdefghijklmnop", "binary"),
        (b"\x81\x8d,0711000001", "encoding"),
        ("0711000001\n".encode("utf-16")[:-1], "encoding"),
        (b"", "empty"),
        (b" \r\n\t", "empty"),
        (b"0" * (number_files.MOST_BYTES + 1), "big"),
    ],
)
def test_what_is_no_list_is_said_kindly(content: bytes, reason: str) -> None:
    with pytest.raises(Unreadable) as raised:
        reads(content)
    assert raised.value.reason == reason


@pytest.mark.parametrize(
    "content",
    [
        b'"' * 5000,
        b";" * 100_000,
        b"\n" * 50_000 + b"x",
        b"0711000001," * 9000,
        b"=" * 9000,
        "\u202e0711".encode() * 99,
    ],
)
def test_junk_breaks_nothing(content: bytes) -> None:
    assert len(reads(content).numbers) <= 1


@pytest.mark.by_night
def test_fifty_thousand_lines_and_one_more_in_bounded_time_and_memory() -> None:
    lines = [b"number"]
    lines += [b"07%08d" % (10_000_000 + n) if n % 25 == 0 else b"=1+%d" % n for n in range(number_files.MOST_ROWS + 9)]
    content = b"\n".join(lines)
    tracemalloc.start()
    watch = Stopwatch()
    found = reads(content)
    took, (_now, peak) = watch.seconds(), tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert len(found.numbers) == 2000
    assert len(found.bad["formula"]) == 48_000
    assert len(found.bad["over"]) == 9
    assert took < 20
    assert peak < 16 * 1024 * 1024


def test_lines_are_told_in_short() -> None:
    assert number_files.ranges([1, 2, 3, 7, 9, 10]) == (["1-3", "7", "9-10"], 0)
    assert number_files.ranges([1, 3, 5, 6], most=2) == (["1", "3"], 2)


def test_a_batch_is_taken_in_few_statements(service: Service, group: Group) -> None:
    assert invites(service, group, *(f"+2547220{n:05d}" for n in range(1200))).taken == 1200
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PhoneRow)) == 0, "no phone before a text leaves"
        assert (
            session.scalar(select(func.count()).select_from(Message).where(Message.state == MessageStatus.WAITING)) == 0
        )
        assert invitations.waiting(session, group) == 1200


def test_taken_back_before_it_left_it_can_be_sent_the_next_day(
    service: Service, group: Group, amina: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    for days in (0, 4):
        clock.time = datetime(2026, 11, 23 + days, 20, 0, tzinfo=clock.time.tzinfo)  # eleven at night in Nairobi
        invites(service, group, amina.number)
        sends(service)
        with service.database.transaction() as session:
            invitations.withdraw(session, group, None, service.now())
    time_passes(hours=12)
    amina.hears_nothing_new()
    invites(service, group, amina.number)
    sends(service)
    amina.hears("You are invited")
    with service.database.transaction() as session:
        invitations.withdraw(session, group, None, service.now())
    time_passes(days=5)
    invites(service, group, amina.number)
    sends(service)
    assert len(amina.reads()) == 1


def test_what_was_taken_back_within_a_try_may_have_been_sent(service: Service, group: Group, amina: Phone) -> None:
    invites(service, group, amina.number)
    sends(service)
    with service.database.transaction() as session:
        for message in session.scalars(select(Message)):
            message.repeats = 1
        invitations.withdraw(session, group, None, service.now())
    invites(service, group, amina.number)
    sends(service)
    assert amina.reads() == []


def test_an_invitation_that_came_too_late_was_never_sent(
    service: Service, group: Group, amina: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    invites(service, group, amina.number)
    sends(service)
    clock.time += timedelta(days=2, minutes=1)  # no worker ran
    work(service)
    amina.hears_nothing_new()
    time_passes(days=3)
    with service.database.transaction() as session:
        invitations.withdraw(session, group, None, service.now())
    invites(service, group, amina.number)
    sends(service)
    amina.hears("You are invited")
