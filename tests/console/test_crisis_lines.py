"""Crisis lines in the console: from the form to members' phones, until they expire."""

from __future__ import annotations

from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from smsgate.models import CrisisLine, Group, Role
from smsgate.service import Service
from tests.support.console import Console, leads, looks_after_the_network
from tests.support.openings import Play
from tests.support.people import Phone
from tests.support.stories import joins

LINES = "/console/lines"
GOOD = {
    "country": "ke", "number": "0800 000 000", "name_en": "Befrienders", "name_sw": "Marafiki", "hours": "8-20",
    "source": "their site", "verified_on": "2026-11-20", "kind": "crisis",
}  # fmt: skip


@pytest.fixture
def console(app: Flask, service: Service, group: Group, amina: Phone, opening: Play) -> Console:
    console = Console(app, service)

    def begins() -> None:
        looks_after_the_network(service, amina)
        console.signs_in(amina)

    opening(begins, console, amina)
    return console


def adds(console: Console, status: int = 200, **other: Any) -> None:
    console.opens(LINES)
    console.follows("Add a helpline")
    console.sends("Save", status, **{**GOOD, **other})


def called(juma: Phone) -> str:
    juma.dials()
    juma.picks("About", "Numbers to call")
    return juma.handset.screen


def test_a_number_is_added_changed_called_again_and_taken_away(console: Console, service: Service, juma: Phone) -> None:
    joins(juma)
    adds(console)
    console.sees("Saved.", "0800000000", "shown", "called on 2026-11-20, expires 2027-11-20, from: their site")
    assert "Befrienders" in called(juma)
    console.follows("Change 0800000000")
    console.sends("Save", name_en="Listeners", expires_on="2026-12-01")
    console.sees("expires soon")
    assert "Listeners" in called(juma)
    console.sends("Called today, it works 0800000000")
    console.sees("Confirmed. It will be shown for another year.", "called on 2026-11-23")
    console.sends("Remove")
    console.sees("Removed.", "None yet.")
    with service.database.reading() as session:
        assert session.scalars(select(CrisisLine)).all() == []


def test_an_expired_one_is_not_shown_to_phones(console: Console, juma: Phone) -> None:
    joins(juma)
    adds(console, verified_on="2026-01-01", expires_on="2026-11-23")
    console.sees("expired, hidden")
    assert "Befrienders" not in called(juma)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # doesn't depend on the database
@pytest.mark.parametrize(
    ("field", "typed", "said"),
    [
        ("country", "Kenya", "two letters"),
        ("country", "", "two letters"),
        ("number", "call me", "can't be dialled"),
        ("name_en", "", "Enter the name in English."),
        ("name_en", "   ", "Enter the name in English."),
        ("source", "   ", "Say where the number is from."),
        ("name_en", "x" * 31, "30"),
        ("name_sw", "ሰላም", "Many phones can't show"),
        ("hours", "x" * 25, "24"),
        ("source", "", "Say where the number is from."),
        ("verified_on", "tomorrow", "Enter a day like"),
        ("verified_on", "2027-01-01", "Call the number first"),
        ("expires_on", "2026-11-01", "at most two years"),
        ("expires_on", "2029-11-01", "at most two years"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(console: Console, field: str, typed: str, said: str) -> None:
    adds(console, 422, **{field: typed})
    console.sees("Nothing saved yet.", said)
    assert "Befrienders" in console.last.text or field == "name_en", "what was typed is still there"


def test_a_number_is_there_once_and_a_form_counts_once(console: Console, service: Service) -> None:
    adds(console)
    adds(console, 422)
    console.sees("This number is already on the list.")
    adds(console, number="0800 111 111")
    console.opens(f"{LINES}/2")
    first = console.form("Save")
    console.opens(f"{LINES}/2")
    console.sends("Save", name_en="Listeners")
    console.posts(f"{LINES}/2", dict(first.values), 409)
    console.sees("Someone else changed this helpline in the meantime: Listeners")
    console.opens(f"{LINES}/new")
    once = {**dict(console.form("Save").values), **GOOD, "number": "0800 222 222"}
    console.posts(f"{LINES}/new", once)
    console.posts(f"{LINES}/new", {**once, "number": "0800 333 333"})
    console.sees("This was already done.")
    with service.database.reading() as session:
        assert len(session.scalars(select(CrisisLine)).all()) == 3


def test_only_who_looks_after_the_network(app: Flask, service: Service, group: Group, juma: Phone) -> None:
    leads(service, juma, group, Role.ADMIN)
    console = Console(app, service)
    console.signs_in(juma)
    console.sees_not("Helplines")
    console.opens(LINES, 403)
    console.opens(f"{LINES}/new", 403)


def test_a_number_that_another_changed_is_not_called_right_unseen(
    console: Console, app: Flask, service: Service, juma: Phone
) -> None:
    looks_after_the_network(service, juma)
    other = Console(app, service)
    other.signs_in(juma)
    adds(console)
    other.opens(LINES)
    console.follows("Change 0800000000")
    console.sends("Save", hours="9-17")
    for button in ("Called today, it works 0800000000", "Remove"):
        other.sends(button)
        other.sees("Someone else changed this in the meantime.", "called on 2026-11-20")
        console.follows("Change 0800000000")
        console.sends("Save", name_en=f"Befrienders, {len(button)}")
    other.opens(LINES)
    other.sends("Called today, it works 0800000000")
    other.sees("Confirmed. It will be shown for another year.")
