"""Every address gets a page of ours in the visitor's language: the home page, wrong addresses and old ones."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flask import Flask
from flask.testing import FlaskClient

from smsgate import create_app
from smsgate.core.config import Settings
from smsgate.models import Group, Role
from smsgate.service import Service
from tests.support.console import Console, leads
from tests.support.people import TOKEN, Phone
from tests.support.waiting import wire_patiently

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
ELSEWHERE = {"base_url": "http://help.example.org", "environ_base": {"REMOTE_ADDR": "203.0.113.9"}}


def test_the_first_address_says_what_this_is_and_leads_on(client: FlaskClient) -> None:
    first = client.get("/", headers=BROWSER)
    assert first.status_code == 200
    assert "Peer support by any phone" in first.text
    for address in ("/console/", "/phone"):
        assert f'href="{address}"' in first.text
    assert len(first.data) < 4_000
    assert 'href="/phone"' not in client.get("/", **ELSEWHERE).text, "the phones are for this machine alone"


def test_in_production_there_are_no_simulated_phones(settings: Settings) -> None:
    service = wire_patiently(replace(settings, gateway="africastalking"))
    assert not service.settings.simulated
    assert 'href="/phone"' not in create_app(service).test_client().get("/").text


@pytest.mark.parametrize(("language", "says"), [("sw", "Hakuna kitu hapa"), ("fr", "Il n’y a rien ici")])
@pytest.mark.parametrize("path", ["/nothing", "/calendar/expired/2026-12", "/calendar/expired.ics", "/phone/nothing"])
def test_a_wrong_or_old_address_is_a_page_in_the_browsers_language(
    client: FlaskClient, path: str, language: str, says: str
) -> None:
    answer = client.get(path, headers={**BROWSER, "Accept-Language": language})
    assert answer.status_code == 404
    assert f'<html lang="{language}">' in answer.text
    assert "smsgate</title>" in answer.text
    assert "Not Found" not in answer.text
    assert says in answer.text.replace("'", "’").replace("&#39;", "’")


@pytest.mark.parametrize(
    ("path", "there"),
    [
        ("/health/", "/health"),
        ("/phone/", "/phone"),
        ("/console/sign-in/", "/console/sign-in"),
        ("/console/groups/4521/?a=1", "/console/groups/4521?a=1"),
        ("/console", "/console/"),
    ],
)
def test_a_slash_too_many_or_too_few_leads_to_the_page(client: FlaskClient, path: str, there: str) -> None:
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == 308
    assert answer.headers["Location"].removeprefix("http://localhost") == there


def test_what_only_takes_a_form_is_a_page_too(app: Flask, client: FlaskClient, service: Service, amina: Phone) -> None:
    answer = client.get(f"/hooks/{TOKEN}/africastalking/ussd", headers=BROWSER)
    assert answer.status_code == 405
    assert client.post("/health", headers=BROWSER).status_code == 405
    assert "Nothing here" in client.post("/health", headers=BROWSER).text
    group = console_of(app, service, amina)
    group.opens("/console/groups/4521/invitations/file", 405)
    group.sees("only accepts forms", "Go to your groups")
    group.opens("/console/nothing", 404)
    group.sees("Nothing here", "Amina" if "Amina" in group.words else "Sign out")


@pytest.fixture(autouse=True)
def _there_is_a_group(group: Group) -> None:
    """Create the group Tumaini, 4521."""


def console_of(app: Flask, service: Service, phone: Phone) -> Console:
    with service.database.reading() as session:
        group = session.query(Group).one()
    leads(service, phone, group, Role.ADMIN)
    console = Console(app, service)
    console.signs_in(phone)
    return console


@pytest.mark.parametrize(
    ("before", "lands"),
    [
        ("/console/groups/4521/invitations/file", "/console/groups/4521/invitations"),
        ("/console/groups/4521/invitations/one/back", "/console/groups/4521/invitations"),
        ("/console/groups/4521/meetings?month=2026-12", "/console/groups/4521/meetings?month=2026-12"),
        ("/console/groups/4521/notices/stop", "/console/groups/4521/notices"),
        ("/console/nothing/at/all", "/console/"),
        ("/elsewhere", "/console/"),
        ("http://evil.example/console/me", "/console/"),
    ],
)
def test_another_language_after_a_form_leads_to_a_page(
    app: Flask, service: Service, amina: Phone, before: str, lands: str
) -> None:
    console = console_of(app, service, amina)
    before = before if before.startswith("http") else f"http://localhost{before}"
    answer = console.client.get("/console/language/fr", headers={"Referer": before})
    assert answer.headers["Location"] == lands
    assert '<html lang="fr">' in console.client.get(lands, follow_redirects=True).text


def test_a_stranger_is_told_in_their_language_that_there_is_nothing(client: FlaskClient) -> None:
    answer = client.get("/console/nothing", headers={**BROWSER, "Accept-Language": "sw"})
    assert answer.status_code == 404
    assert '<html lang="sw">' in answer.text
    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'")
