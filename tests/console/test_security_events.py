"""Security events: each is caused once, as people would, and read in the logs and in the network's log."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log, roles
from smsgate.members import leaving
from smsgate.models import (
    Authenticator,
    Group,
    NetworkEntry,
    Role,
    RoleAssignment,
    SecurityEvent,
    lookup,
    security_events,
)
from smsgate.models.security_events import KEPT, WARNINGS, record
from smsgate.service import Service
from tests.console.test_crisis_lines import adds
from tests.console.test_programmes import becomes_coordinator
from tests.support.command_line import A_LINE, Typed
from tests.support.console import Console, leads, looks_after_the_network, shown_by
from tests.support.people import Clock, Phone
from tests.support.stories import becomes, joins
from tests.support.walks import makes_programme

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
E = SecurityEvent
ROOT = Path(__file__).resolve().parents[2]
RECOVERY = re.compile(r"\d{4}-\d{4}-\d{4}")
AT_THE_DOOR = {
    E.CODE_SENT, E.CODE_LIMITED, E.CODE_FOR_NOBODY, E.CODE_DIALLED, E.CODE_WRONG, E.APP_CODE_WRONG, E.SIGN_IN_LIMITED,
    E.SIGNED_IN, E.SIGNED_OUT, E.FACTOR_BEGUN, E.FACTOR_ADDED, E.FACTOR_REMOVED, E.RECOVERY_CODES_MADE,
    E.RECOVERY_CODE_USED, E.FORM_REFUSED, E.HOOK_REFUSED,
    E.ACCESS_DENIED,
}  # fmt: skip
INSIDE = {
    E.ADMIN_APPOINTED, E.ROLE_OFFERED, E.ROLE_ACCEPTED, E.ROLE_RENEWED, E.ROLE_ENDED, E.GROUP_MADE, E.GROUP_CLOSED,
    E.GROUP_REOPENED, E.HELPLINE_ADDED, E.HELPLINE_CHANGED, E.HELPLINE_REMOVED, E.DATA_EXPORTED,
    E.DIRECTORY_SHOWN, E.DIRECTORY_HIDDEN,
}  # fmt: skip
AT_THE_SHELL = {
    E.ADMIN_APPOINTED, E.ADMIN_ENDED, E.PAUSED, E.RESUMED, E.HELPLINE_ADDED, E.HELPLINE_CHANGED, E.HELPLINE_REMOVED,
    E.ROLE_OFFERED,
}  # fmt: skip
Events = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def events(logged: Callable[[], str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Events]:
    """Yield a function that returns the security events so far; check that none contains a number or a code."""
    monkeypatch.setattr(security_events, "_seldom", {})

    def read() -> list[dict[str, Any]]:
        lines = [json.loads(line) for line in logged().splitlines() if line.startswith("{")]
        return [line for line in lines if line.get("security")]

    yield read
    assert "711000001" not in logged()
    assert all(line["level"] == ("warning" if line["event"] in WARNINGS else "info") for line in read())


def kept(service: Service) -> list[NetworkEntry]:
    with service.database.reading() as session:
        return list(session.scalars(select(NetworkEntry).order_by(NetworkEntry.id)))


def test_every_event_is_shown_by_one_of_these(database_url: str) -> None:
    assert set(SecurityEvent) == AT_THE_DOOR | INSIDE | AT_THE_SHELL


def test_the_page_for_operators_lists_every_event(database_url: str) -> None:
    page = (ROOT / "docs" / "operate" / "watch.md").read_text()
    assert [event for event in SecurityEvent if f"`{event.value}`" not in page] == []


@pytest.mark.by_night
def test_at_the_door(
    app: Flask, service: Service, group: Group, amina: Phone, juma: Phone, clock: Clock, events: Events
) -> None:
    becomes(amina, service, group)
    console, stranger = Console(app, service), Console(app, service)
    asks(stranger, juma.number)
    stranger.sends("Sign in", code="000000", status=422)
    for _time in range(4):
        asks(stranger, amina.number)
    amina.dials()
    amina.picks("Lead a group", "Sign-in code")
    code = re.search(r"\d{8}", amina.handset.screen)
    assert code
    asks(console, amina.number)
    console.sends("Sign in", code=code[0])
    console.opens("/console/groups/999", status=404)
    console.posts("/console/me/sign-out", {}, status=400)
    changes_factor(console, service, clock)
    console.sends("Sign out")
    stranger.opens("/console/code")
    token = dict(stranger.form("Sign in").values)["csrf_token"]
    for _try in range(21):
        last = stranger.client.post("/console/code", data={"csrf_token": token, "code": "000000"})
    assert last.status_code == 429
    console.client.post(f"/hooks/{'x' * 20}/africastalking/ussd")
    assert AT_THE_DOOR - names(events()) == set()
    assert next(line for line in events() if line["event"] == E.CODE_WRONG)["source"], "a pseudonym of the address"


def asks(console: Console, number: str) -> None:
    console.opens("/console/sign-in")
    console.sends("Send code", number=number)


def changes_factor(console: Console, service: Service, clock: Clock) -> None:
    console.opens("/console/me")
    console.sends("Set up")
    with service.database.reading() as session:
        secret = session.query(Authenticator).one().secret
    console.sends("Turn on", code="000000", status=422)
    console.sends("Turn on", code=shown_by(secret, clock))
    codes = RECOVERY.findall(console.words)
    console.follows("I've saved them")
    console.sends("Remove the app", code=codes[0])


def names(found: list[dict[str, Any]]) -> set[str]:
    return {line["event"] for line in found}


def test_inside(app: Flask, service: Service, group: Group, amina: Phone, juma: Phone, events: Events) -> None:
    joins(juma)
    leads(service, juma, group, Role.FACILITATOR)
    leads(service, amina, group, Role.ADMIN)
    looks_after_the_network(service, amina)
    console = Console(app, service)
    console.signs_in(amina)
    adds(console)
    console.sends("Called today, it works 0800000000")
    console.sends("Remove")
    console.opens("/console/directory")
    console.sends("Turn on")
    console.sends("Turn off")
    console.opens("/console/groups/4521/roles")
    with service.database.transaction() as session:
        theirs = session.query(RoleAssignment).filter_by(role=Role.FACILITATOR).one()
        roles.renew(session, theirs, service.now())
    console.opens(f"/console/groups/4521/roles/{theirs.id}/end")
    console.sends("End role")
    console.opens("/console/new-group")
    console.sends("Create group", name="Pamoja")
    with service.database.transaction() as session:
        audit_log.record(session, group.id, 1, AuditEvent.SAVED_LIST, service.now())
        audit_log.record(session, group.id, 1, AuditEvent.GROUP_CLOSED, service.now())
        audit_log.record(session, group.id, 1, AuditEvent.GROUP_REOPENED, service.now())
    assert INSIDE - names(events()) == set()
    logged_of_network = [line["event"] for line in events() if line["event"] in KEPT]
    assert [entry.what for entry in kept(service)] == logged_of_network, "what is kept is what was logged"
    console.opens("/console/")
    console.follows("Network history")
    console.sees("made someone an admin of the network", "removed helpline 1", "group 4521", "ended a role")


def test_at_the_shell(
    service: Service, group: Group, amina: Phone, types: Typed, capsys: pytest.CaptureFixture[str]
) -> None:
    types("admin", "add", amina.number)
    types(*A_LINE)
    types("line", "verify", "1")
    types("line", "remove", "1")
    types("pause")
    types("resume")
    types("resume")  # nothing is paused: no event
    types("pause", "--group", "4521")
    types("role", "add", "4521", "admin")
    types("admin", "remove", amina.number)
    found = [entry.what for entry in kept(service)]
    assert found == [
        "admin_appointed", "helpline_added", "helpline_changed", "helpline_removed", "paused", "resumed", "paused",
        "role_offered", "admin_ended",
    ]  # fmt: skip
    assert set(found) == AT_THE_SHELL
    assert all(entry.phone_id is None for entry in kept(service)), "the operator"
    shown = types("admin", "log")
    assert "helpline_removed" in shown
    assert "4521" in shown
    assert "711000001" not in shown


def test_the_log_of_the_network_is_for_its_admins(app: Flask, service: Service, group: Group, amina: Phone) -> None:
    leads(service, amina, group, Role.ADMIN)
    console = Console(app, service)
    console.signs_in(amina)
    console.sees_not("Network history")
    console.opens("/console/log", status=403)


def test_an_admin_who_is_erased_leaves_an_entry_without_them(service: Service, amina: Phone) -> None:
    looks_after_the_network(service, amina)
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, amina.number)
        assert phone
        leaving.erase(session, phone, service.now())
    assert [(one.what, one.phone_id, one.subject_id) for one in kept(service)] == [
        ("admin_appointed", None, None),
        ("admin_ended", None, None),
    ]


def test_the_roles_of_a_leader_who_is_erased_end(
    app: Flask, service: Service, group: Group, amina: Phone, juma: Phone, events: Events
) -> None:
    becomes(amina, service, group)
    becomes(juma, service, group)
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, juma.number)
        assert phone
        gone = phone.id
        leaving.erase(session, phone, service.now())
    ended = [line for line in events() if line["event"] == E.ROLE_ENDED]
    assert [(line["subject"], line["group"]) for line in ended] == [(gone, group.id)]
    console = Console(app, service)
    console.signs_in(amina)
    console.opens("/console/groups/4521/log")


def test_the_role_of_a_coordinator_who_leaves_ends(
    service: Service, group: Group, amina: Phone, events: Events
) -> None:
    becomes_coordinator(service, amina, makes_programme(service))
    amina.dials(None, "6")
    amina.picks("Leave everything", "Yes")
    ended = [line for line in events() if line["event"] == E.ROLE_ENDED]
    assert len(ended) == 1
    assert ended[0]["by"] == ended[0]["subject"]


def test_what_is_undone_is_not_logged(service: Service, events: Events) -> None:
    def breaks() -> None:
        with service.database.transaction() as session:
            record(session, E.PAUSED, service.now())
            raise RuntimeError

    with pytest.raises(RuntimeError):
        breaks()
    assert events() == []
    assert kept(service) == []


def test_who_floods_the_door_fills_no_log(app: Flask, service: Service, events: Events) -> None:
    client = app.test_client()
    for _time in range(50):
        client.post(f"/hooks/{'x' * 20}/africastalking/ussd")
        client.post("/console/code", data={"code": "000000"})
    assert sorted(line["event"] for line in events()) == ["form_refused", "hook_refused"]


def test_a_year_later_it_is_forgotten(service: Service, time_passes: Callable[..., None]) -> None:
    with service.database.transaction() as session:
        record(session, E.PAUSED, service.now())
    for days, left in ((364, 1), (2, 0)):
        with service.database.transaction() as session:
            roles.forget_ended_roles(session, service.now() + timedelta(days=days if left else 366))
        assert len(kept(service)) == left
