"""Crisis lines in the console: from the form to the members' phones, and gone when they expire."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from smsgate.models import CrisisLine, Group, Role
from smsgate.service import Service
from tests.support.console import Console, leads, looks_after_the_network
from tests.support.people import Phone
from tests.support.stories import joins

LINES = "/console/lines"
GOOD = {
    "country": "ke", "number": "0800 000 000", "name_en": "Befrienders", "name_sw": "Marafiki", "hours": "8-20",
    "source": "their site", "verified_on": "2026-11-20", "kind": "crisis",
}  # fmt: skip


@pytest.fixture
def desk(app: Flask, service: Service, group: Group, amina: Phone) -> Console:
    looks_after_the_network(service, amina)
    console = Console(app, service)
    console.signs_in(amina)
    return console


def adds(desk: Console, status: int = 200, **other: Any) -> None:
    desk.opens(LINES)
    desk.follows("Add a number")
    desk.sends("Keep it", status, **{**GOOD, **other})


def called(juma: Phone) -> str:
    juma.dials()
    juma.picks("About", "Numbers to call")
    return juma.handset.screen


def test_a_number_is_added_changed_called_again_and_taken_away(desk: Console, service: Service, juma: Phone) -> None:
    joins(juma)
    adds(desk)
    desk.sees("Kept.", "0800000000", "shown", "called on 2026-11-20, expires 2027-11-20, from: their site")
    assert "Befrienders" in called(juma)
    desk.follows("Change 0800000000")
    desk.sends("Keep it", name_en="Listeners", expires_on="2026-12-01")
    desk.sees("expires soon")
    assert "Listeners" in called(juma)
    desk.sends("Called today: it is right 0800000000")
    desk.sees("It is shown for another year.", "called on 2026-11-23")
    desk.sends("Take it away")
    desk.sees("Taken away.", "There is none yet.")
    with service.database.reading() as session:
        assert session.scalars(select(CrisisLine)).all() == []


def test_an_expired_one_is_not_shown_to_phones(desk: Console, juma: Phone) -> None:
    joins(juma)
    adds(desk, verified_on="2026-01-01", expires_on="2026-11-23")
    desk.sees("expired: not shown")
    assert "Befrienders" not in called(juma)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what it asks is no database's matter
@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("country", "Kenya", "two letters"),
        ("country", "", "two letters"),
        ("number", "call me", "cannot be dialled"),
        ("name_en", "", "required"),
        ("name_en", "   ", "required"),
        ("source", "   ", "required"),
        ("name_en", "x" * 31, "30"),
        ("name_sw", "ሰላም", "Many phones cannot show this"),
        ("hours", "x" * 25, "24"),
        ("source", "", "required"),
        ("verified_on", "tomorrow", "That is no day"),
        ("verified_on", "2027-01-01", "call it first"),
        ("expires_on", "2026-11-01", "at most two years"),
        ("expires_on", "2029-11-01", "at most two years"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(desk: Console, field: str, typed: str, said: str) -> None:
    adds(desk, 422, **{field: typed})
    desk.sees("Nothing was done yet.", said)
    assert "Befrienders" in desk.last.text or field == "name_en", "what was typed is still there"


def test_a_number_is_there_once_and_a_form_counts_once(desk: Console, service: Service) -> None:
    adds(desk)
    adds(desk, 422)
    desk.sees("This number is there already.")
    adds(desk, number="0800 111 111")
    desk.opens(f"{LINES}/2")
    first = desk.form("Keep it")
    desk.opens(f"{LINES}/2")
    desk.sends("Keep it", name_en="Listeners")
    desk.posts(f"{LINES}/2", dict(first.values), 409)
    desk.sees("Somebody else changed this number meanwhile: Listeners")
    desk.opens(f"{LINES}/new")
    once = {**dict(desk.form("Keep it").values), **GOOD, "number": "0800 222 222"}
    desk.posts(f"{LINES}/new", once)
    desk.posts(f"{LINES}/new", {**once, "number": "0800 333 333"})
    desk.sees("That was done already, once.")
    with service.database.reading() as session:
        assert len(session.scalars(select(CrisisLine)).all()) == 3


def test_only_who_looks_after_the_network(app: Flask, service: Service, group: Group, juma: Phone) -> None:
    leads(service, juma, group, Role.ADMIN)
    desk = Console(app, service)
    desk.signs_in(juma)
    desk.sees_not("Numbers to call")
    desk.opens(LINES, 403)
    desk.opens(f"{LINES}/new", 403)
