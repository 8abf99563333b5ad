"""Every console route with every role, and with someone from another group: nobody sees what they may not."""

from __future__ import annotations

import re

import pytest
from werkzeug.routing import Rule

from smsgate.directory import public_page
from smsgate.groups import groups
from smsgate.models import Group, Role
from smsgate.service import Service
from smsgate.web import Application
from tests.support.console import WAY_IN, Console, leads, looks_after_the_network
from tests.support.people import Phone

OTHER = "4777"
ONCE = re.compile(r'name="csrf_token" value="([^"]+)"')


def rules(app: Application) -> list[Rule]:
    found = [rule for rule in app.console.url_map.iter_rules() if rule.rule not in WAY_IN]
    return sorted(found, key=lambda rule: rule.rule)


def address(rule: Rule, code: str) -> str:
    """Return a path for this rule, with the group's `code`, and 1 for every other id."""
    return re.sub(r"<[^>]*>", "1", rule.rule.replace("<code>", code))


@pytest.fixture
def other(service: Service) -> Group:
    with service.database.transaction() as session:
        return groups.create(session, "Upendo", "Africa/Nairobi", service.now(), code=OTHER)


def tries(console: Console, path: str, method: str) -> int:
    """Return the status of a page, or of posting a form with nothing but its token."""
    if method == "GET":
        return console.client.get(path).status_code
    token = ONCE.search(console.client.get("/console/me").text)
    return console.client.post(path, data={"csrf_token": token[1] if token else "", "once": path}).status_code


def methods(rule: Rule) -> list[str]:
    return sorted((rule.methods or set()) & {"GET", "POST"})


def test_a_stranger_gets_no_further_than_the_door(app: Application, service: Service, group: Group) -> None:
    console = Console(app, service)
    for rule in rules(app):
        for method in methods(rule):
            answer = console.client.open(address(rule, group.code), method=method)
            assert answer.status_code in (303, 400), rule.rule
            assert answer.status_code == 400 or answer.headers["Location"].endswith("/console/sign-in"), rule.rule


@pytest.mark.by_day(1)
@pytest.mark.parametrize("role", [Role.FACILITATOR, Role.ADMIN])
def test_somebody_of_another_group_finds_nothing(
    app: Application, service: Service, group: Group, other: Group, amina: Phone, role: Role
) -> None:
    leads(service, amina, other, role)
    console = Console(app, service)
    console.signs_in(amina)
    for rule in rules(app):
        for method in methods(rule) if "<code>" in rule.rule else []:
            assert tries(console, address(rule, group.code), method) == 404, (method, rule.rule)


@pytest.mark.by_day(1)
@pytest.mark.parametrize("role", [Role.FACILITATOR, Role.ADMIN, None])
def test_what_the_menu_shows_opens_and_nothing_breaks(
    app: Application, service: Service, group: Group, other: Group, amina: Phone, role: Role | None
) -> None:
    """`None` stands for an admin of the network."""
    if role is None:
        looks_after_the_network(service, amina)
    else:
        leads(service, amina, group, role)
    console = Console(app, service)
    console.signs_in(amina)
    console.opens("/console/")
    for link in console.page.links.values():
        if link.startswith("/console") and "language" not in link:
            console.opens(link)
    for rule in rules(app):
        if rule.rule not in ("/console/sign-out", "/console/me/sign-out"):
            for method in methods(rule):
                assert tries(console, address(rule, group.code), method) < 500, (method, rule.rule)


def test_an_id_that_no_database_holds_is_nobodys(
    app: Application, service: Service, group: Group, amina: Phone
) -> None:
    looks_after_the_network(service, amina)
    leads(service, amina, group, Role.ADMIN)
    console = Console(app, service)
    console.signs_in(amina)
    far = re.compile(r"<int:[^>]*>")
    for rule in rules(app):
        for method in methods(rule) if far.search(rule.rule) else []:
            path = address(Rule(far.sub("9" * 24, rule.rule)), group.code)
            assert tries(console, path, method) in (404, 405), (method, rule.rule)
    console.opens(f"/console/groups/4521/notices/new?from={'9' * 24}", 404)
    console.opens("/console/groups/4521/invitations")
    token = ONCE.search(console.last.text)
    far_one = {"csrf_token": token[1] if token else "", "once": "a", "number": "9" * 24}
    console.posts("/console/groups/4521/invitations/one/back", far_one, 404)
    with service.database.transaction() as session:
        public_page.show(session, True, service.now(), by=1)
    for what in ("area", "language"):
        assert app.test_client().get(f"/groups?{what}={'9' * 24}").status_code == 200
