"""A row that can't be read takes no page away: the rest is shown, and a sentence says that something is missing."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, text

from smsgate.core.encryption import WrongKey
from smsgate.models import (
    Group,
    Invitation,
    LeaderNotice,
    Notice,
    NoticeReply,
    Role,
    RoleCode,
    StartRequest,
    lookup,
)
from smsgate.service import Service
from smsgate.web import Application
from tests.support.console import Console, leads, looks_after_the_network
from tests.support.outbox import Outbox
from tests.support.people import Phone
from tests.support.stories import joins

NO_KEY, LOST_ZONE, UNKNOWN = b"\x01" * 40, "Mars/Olympus", "a_later_release"
HERE = "/console/groups/4521"
SAYS = "Something on this page can't be read"


@pytest.fixture
def console(app: Application, service: Service, group: Group, amina: Phone, juma: Phone, fatuma: Phone) -> Console:
    """Sign in an admin of the group and the network, with two rows of everything."""
    for person, name in ((amina, "Amina"), (juma, "Juma"), (fatuma, "Fatuma")):
        joins(person, name)
    leads(service, amina, group, Role.ADMIN)
    leads(service, juma, group)
    looks_after_the_network(service, amina)
    for number, person in enumerate((juma, fatuma)):
        _leaves_rows(service, group, person, number)
    made = Console(app, service)
    made.signs_in(amina)
    return made


def _leaves_rows(service: Service, group: Group, person: Phone, number: int) -> None:
    outbox, now = Outbox(service), service.now()
    with service.database.reading() as session:
        mine = lookup.find_phone(session, person.number)
        assert mine
    notice = outbox.adds(Notice(group_id=group.id, words=f"Notice {number}", created_at=now))
    invited = f"+25471199990{number}"
    for row in (
        NoticeReply(notice_id=notice.id, phone_id=mine.id, words=f"Reply {number}", at=now),
        StartRequest(phone_id=mine.id, place=f"Town {number}", idea=f"Idea {number}", asked_at=now),
        LeaderNotice(words=f"Leaders {number}", at=now, people=2),
        Invitation(group_id=group.id, tag=f"{number}" * 32, number=invited, listed_at=now),
        RoleCode(group_id=group.id, role=Role.FACILITATOR, code=f"9999{number}", expires_at=now + timedelta(days=3)),
    ):
        outbox.adds(row)


def spoils(service: Service, table: str, column: str, value: object, row: str = "max(id)") -> None:
    with service.database.engine.begin() as connection:
        changed = f"UPDATE {table} SET {column} = :value WHERE id = (SELECT {row} FROM {table})"
        connection.execute(text(changed), {"value": value})


PAGES = (
    ("members", "name", NO_KEY, f"{HERE}/people", "Juma"),
    ("notices", "words", NO_KEY, f"{HERE}/notices", "Notice 0"),
    ("notices", "stage", UNKNOWN, f"{HERE}/notices", "Notice 0"),
    ("notices", "audience", UNKNOWN, f"{HERE}/notices", "Notice 0"),
    ("notice_replies", "words", NO_KEY, f"{HERE}/replies", "Reply 0"),
    ("invitations", "number", NO_KEY, f"{HERE}/invitations", "Tumaini"),
    ("role_codes", "role", UNKNOWN, f"{HERE}/roles", "Amina"),
    ("role_codes", "code", NO_KEY, f"{HERE}/roles", "Amina"),
    ("appointments", "role", UNKNOWN, f"{HERE}/roles", "Amina"),
    ("appointments", "role", UNKNOWN, "/console/", "Tumaini"),
    ("start_requests", "place", NO_KEY, "/console/starting", "Town 0"),
    ("start_requests", "idea", NO_KEY, "/console/starting", "Idea 0"),
    ("leader_notices", "words", NO_KEY, "/console/leaders", "Leaders 0"),
)


def test_the_rest_of_each_page_is_shown(console: Console, service: Service) -> None:
    """One test for all rows, since the house takes longer than the looking."""
    for table, column, value, page, others in PAGES:
        assert SAYS not in console.opens(page), page
        with service.database.reading() as session:
            find = text(f"SELECT {column} FROM {table} ORDER BY id DESC LIMIT 1")
            before = session.execute(find).scalar_one()
        spoils(service, table, column, value)
        words = console.opens(page)
        assert SAYS in words, (page, column)
        assert others in words, (page, column)
        assert value is UNKNOWN or table == "role_codes" or "(can't be read)" in words, (page, column)
        with service.database.reading() as session:  # nothing in its place was stored
            assert session.execute(find).scalar_one() == value
        spoils(service, table, column, before)


def test_who_changes_something_reads_no_guess(console: Console, service: Service) -> None:
    spoils(service, "notice_replies", "words", NO_KEY)
    with pytest.raises(WrongKey), service.database.transaction() as session:
        session.scalars(select(NoticeReply)).all()


def test_a_group_whose_zone_is_gone_gets_another_at_the_console(
    console: Console, service: Service, group: Group, amina: Phone
) -> None:
    """Its meetings stay at the moment for which they were planned."""
    starts = Outbox(service).meeting(group, days=2).starts_at
    spoils(service, "groups", "zone", LOST_ZONE, "min(id)")
    for page in ("", "/meetings", "/people", "/notices", "/roles", "/log"):
        assert SAYS in console.opens(f"{HERE}{page}")
    console.opens(f"{HERE}/settings")
    console.sends("Save the group", zone="Africa/Nairobi")
    console.sends("Save and tell members")
    assert SAYS not in console.opens(f"{HERE}/meetings")
    with service.database.reading() as session:
        found = session.get_one(Group, group.id)
        assert found.zone == "Africa/Nairobi"
    assert "Wed 25 Nov 09:00" in amina.dials(None, "2"), starts


def test_a_group_whose_zone_is_gone_is_closed_at_the_console(
    console: Console, service: Service, group: Group, juma: Phone
) -> None:
    """Its members read of its meetings in the time of their country."""
    Outbox(service).meeting(group, days=2)
    spoils(service, "groups", "zone", LOST_ZONE, "min(id)")
    console.opens(f"{HERE}/close")
    console.sees("Cancelled: Wed 25 Nov 09:00.")
    console.sends("Close group", name="Tumaini")
    console.sees("Tumaini is closed.")
    assert "Cancelled: Wed 25 Nov 09:00." in juma.reads()[-1]
