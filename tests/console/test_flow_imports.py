"""An admin imports a flow from RapidPro in the browser: picks it, names its languages, sees what is left out."""

from __future__ import annotations

import io
import json
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask

from smsgate.models import Group, Role, Survey
from smsgate.service import Service
from smsgate.surveys.definitions import rapidpro
from smsgate.surveys.definitions.schema import parse_definition
from tests.support.console import Console, leads
from tests.support.openings import Play
from tests.support.people import Phone
from tests.support.rapidpro import flow, number, says, waits, words
from tests.support.stories import joins
from tests.support.surveys import RIDE

FLOWS = "/console/groups/4521/flows"
TEA = flow(
    says("q", "Tea? 1. Yes 2. No", "w"),
    waits("w", "Tea", words("Y", "1", "how"), words("N", "2"), after=(60, "late")),
    says("how", "How many cups?", "n"),
    waits("n", "Cups", number("Few", "lt", 3, to="few"), number("Many", "gte", 3, to="many")),
    says("few", "A few cups."),
    says("many", "Many cups."),
    says("late", "Too late."),
)


@pytest.fixture
def console(app: Flask, service: Service, group: Group, amina: Phone, opening: Play) -> Console:
    console = Console(app, service)

    def begins() -> None:
        joins(amina)
        leads(service, amina, group, Role.ADMIN)
        console.signs_in(amina)

    opening(begins, console, amina)
    return console


def brings(console: Console, data: Any, status: int = 200) -> None:
    console.opens(FLOWS)
    console.sends("Start", status, file=(io.BytesIO(json.dumps(data).encode()), "export.json"))


def drafts(service: Service) -> list[dict[str, Any]]:
    with service.database.reading() as session:
        return [json.loads(one.draft) for one in session.query(Survey).order_by(Survey.id)]


def test_what_comes_over_is_seen_before_it_is_kept(console: Console, service: Service, juma: Phone) -> None:
    brings(console, TEA)
    console.sees(
        "Nothing is saved yet", "1 Yes", "How many cups?", "What is left out or changes", "without an answer it went on"
    )
    assert drafts(service) == []
    console.sends("Import as a draft")
    console.sees("Imported as a draft.", "Tea time", "Every screen fits")
    console.sends("Publish")
    console.sends("Save", form=1, in_menu="y", code="712")
    joins(juma)
    juma.dials("*384*77*712#", "1", "lots")
    juma.sees("Please type a number")
    juma.types("2 cups")
    juma.sees("A few cups.")
    juma.dials("*384*77*712#", "1", "1O")
    juma.sees("Many cups.")


def test_one_is_picked_and_its_language_named(console: Console, service: Service) -> None:
    spanish = flow(says("q", "Hola, amigos."), name="Saludo", language="spa")
    brings(console, {"version": "13", "flows": [TEA, spanish, {"action_sets": [], "name": "Old", "version": 10}]})
    console.sees("Which flow in the file?", "2 · Saludo", "3 · Old (cannot be read)")
    console.sends("Preview the import", 422, pick="2")
    console.sees("The flow says it's in spa, which this service doesn't have")
    console.sends("Preview the import", language_spa="sw")
    console.sees("Hola, amigos.", "Everything can be imported.")
    console.sends("Import as a draft")
    assert drafts(service)[0]["steps"] == [{"say": {"sw": "Hola, amigos."}}]


@pytest.mark.by_night
def test_a_large_export_comes_through(console: Console, service: Service) -> None:
    many = [
        flow(*(says(f"n{at}", f"Text {at} of flow {one}. " * 9) for at in range(25)), name=f"F{one}")
        for one in range(36)
    ]
    brings(console, {"version": "13", "flows": many})
    console.sees("36 · F35")
    console.sends("Preview the import", pick="36")
    console.sends("Import as a draft")
    assert drafts(service)[0]["name"] == "f35"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (
            {"version": 7, "flows": [{"action_sets": [], "rule_sets": [], "metadata": {"name": "Old"}}]},
            "This is version 7",
        ),
        ({"flows": []}, "no RapidPro flow"),
        ({"nodes": [], "spec_version": "13.0"}, "Nothing in this file can be shown on a phone"),
    ],
)
def test_what_cannot_be_imported_is_told(console: Console, data: Any, said: str) -> None:
    brings(console, data)
    console.sees(said)
    assert "Import as a draft" not in [button for form in console.page.forms for button in form.buttons]


@pytest.mark.parametrize("odd", [r"Tea \ud83d time", r"Tea\u0000 time"])
def test_half_an_emoji_is_left_out(console: Console, service: Service, odd: str) -> None:
    """RapidPro cuts long texts wherever they are too long."""
    content = json.dumps(flow(says("q", "Tea time"), name="Tea time")).replace("Tea time", odd)
    console.opens(FLOWS)
    console.sends("Start", file=(io.BytesIO(content.encode()), "export.json"))
    console.sends("Import as a draft")
    draft = drafts(service)[0]
    assert " ".join(draft["title"]["en"].split()) == " ".join(draft["steps"][0]["say"]["en"].split()) == "Tea time"


def test_a_page_that_carries_nothing_asks_for_the_file_again(console: Console, service: Service) -> None:
    brings(console, TEA)
    for carried in ("", "eJw=", "!!", "a" * 90):
        token = console.form("Import as a draft").values[0][1]
        console.posts(
            f"{FLOWS}/import", {"csrf_token": token, "once": carried or "x", "carried": carried, "do": "import"}
        )
        console.sees("Please choose the file again.")
        brings(console, TEA)
    assert drafts(service) == []


def test_it_goes_back_to_where_it_came_from(console: Console) -> None:
    console.opens(FLOWS)
    console.sends("Start", file=(io.BytesIO(json.dumps(RIDE).encode()), "ride.yaml"))
    found = console.client.get(f"{console.at}/rapidpro")
    assert found.headers["Content-Disposition"] == "attachment; filename=ride-rapidpro.json"
    assert rapidpro.import_flow(found.json).data == parse_definition(RIDE)


def test_silent_steps_are_written_in_the_browser(console: Console, time_passes: Callable[..., None]) -> None:
    brings(console, flow(says("q", "Hello.")))
    console.sends("Import as a draft")
    console.follows("Open question")
    console.sends("Save", text_en="How old?", as_="age", is_number="y", from_="1", up_to="120")
    console.follows("Go to a step")
    console.sends("Save", to="end", if_step="age", if_up_to="17")
    console.follows("Save a value")
    console.sends("Save", remember="Grown up", value="yes")
    console.follows("Message")
    console.sends("Save", text_en="For the old.", if_step="grown_up", if_values="yes")
    console.sees("to the end", "grown_up = yes", "Every screen fits")
    console.sends("Send", key="200")
    console.sees("Please type a number from 1 to 120.")
    console.sends("Send", key="30")
    console.sees("For the old.")
    console.follows("Start again")
    console.sends("Send", key="5")
    console.sees("Hello.")
