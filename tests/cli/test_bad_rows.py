"""A row that can't be read takes away no list: the rest is printed, and standard error says so."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from sqlalchemy import text

from smsgate.models import Group, Role
from smsgate.service import Service
from tests.support.command_line import Typed
from tests.support.console import leads
from tests.support.people import Phone
from tests.support.stories import agrees, joins

NO_KEY = b"\x01" * 40


def spoils(service: Service, change: str, value: object) -> None:
    with service.database.engine.begin() as connection:
        connection.execute(text(change), {"value": value})


@pytest.mark.parametrize(
    ("change", "value", "shown"),
    [
        ("UPDATE members SET name = :value WHERE id = 2", NO_KEY, ["Amina", "(can't be read)"]),
        ("UPDATE appointments SET role = :value WHERE id = 2", "a_later_release", ["Amina"]),
        ("UPDATE groups SET zone = :value", "Mars/Olympus", ["Amina", "Juma"]),
    ],
)
def test_a_list_prints_the_rest(
    types: Typed, service: Service, group: Group, amina: Phone, juma: Phone, change: str, value: object,
    shown: list[str], caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    for person, name in ((amina, "Amina"), (juma, "Juma")):
        joins(person, name)
        leads(service, person, group, Role.FACILITATOR)
    spoils(service, change, value)
    rows = json.loads(types("role", "list", "4521", "--json"))
    assert [row["who"] for row in rows] == shown


def test_a_person_gets_the_rest_of_what_is_stored_about_them(
    types: Typed, service: Service, group: Group, amina: Phone, juma: Phone, tmp_path: Path
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    spoils(service, "UPDATE responders SET name = :value", NO_KEY)
    types("export", amina.number, str(tmp_path / "amina.json"))
    said = (tmp_path / "amina.json").read_text()
    assert "(can't be read)" in said
    assert "Amina" in said


def test_a_group_whose_zone_is_gone_is_closed(types: Typed, service: Service, group: Group, amina: Phone) -> None:
    joins(amina)
    spoils(service, "UPDATE groups SET zone = :value", "Mars/Olympus")
    assert "Tumaini is closed" in types("group", "close", "4521")
