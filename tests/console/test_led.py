"""No dead ends in the console: the creator of a group leads it, waiting tasks are counted, every link opens."""

from __future__ import annotations

import re
from collections import Counter
from typing import Any

import pytest
from flask import Flask

from smsgate.groups import groups, join_requests, roles
from smsgate.members import members
from smsgate.models import Group, Role, Survey, lookup
from smsgate.service import Service
from smsgate.surveys import answers, surveys
from tests.support.console import Console, code_of, leads, looks_after_the_network
from tests.support.people import Phone
from tests.support.stories import joins
from tests.support.surveys import RIDE

HOME = "/console/groups/4521"
WANTED: dict[str, Any] = {"name": "Upendo", "code": "777", "zone": "Africa/Nairobi"}
HERE = re.compile(r'href="(/console/[^"#]*)"')
ENOUGH = 3  # pages of each kind: there are 650 texts in three languages


def console_of(app: Flask, service: Service, phone: Phone) -> Console:
    console = Console(app, service)
    console.signs_in(phone)
    return console


def test_who_creates_a_group_is_its_admin(app: Flask, service: Service, fatuma: Phone) -> None:
    looks_after_the_network(service, fatuma)
    console = console_of(app, service, fatuma)
    console.follows("Create a group")
    console.sends("Create group", **WANTED)
    console.sees("Upendo has the code 777", "Notices", "Replies")
    console.sees_not("No leader yet")
    console.opens("/console/groups/777/people")
    console.opens("/console/groups/777/log")
    console.sees("became admin")


def test_who_did_not_want_to_lead_is_asked_with_one_press_until_somebody_does(
    app: Flask, service: Service, fatuma: Phone, amina: Phone
) -> None:
    looks_after_the_network(service, fatuma)
    looks_after_the_network(service, amina)
    console = console_of(app, service, fatuma)
    console.opens("/console/new-group")
    console.sends("Create group", lead=None, **WANTED)
    console.sees("This group has no leader yet")
    other = console_of(app, service, amina)
    other.opens("/console/groups/777")
    other.sees_not("Become admin")
    token = dict(other.page.forms[0].values)
    other.posts("/console/groups/777/lead", token)
    other.sees("The group already has a leader")
    other.opens("/console/groups/777/people")
    other.sees_not("Invitations", "Members")
    console.sends("Become admin")
    console.sees("You're now an admin of this group.")
    console.opens("/console/groups/777/people")
    console.sees("No members yet.")


def test_what_waits_for_a_leader_is_counted_in_the_menu_and_on_the_overview(
    app: Flask, service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    leads(service, amina, group, Role.ADMIN)
    with service.database.transaction() as session:
        session.get_one(Group, group.id).by_approval = True
        member = members.join(session, lookup.ensure_phone(session, juma.number, service.now()), "en", service.now())
        join_requests.join_or_ask(session, member, group.id, service.now())
    console = console_of(app, service, amina)
    console.opens(HOME)
    console.sees("Waiting for you", "1 person would like to join", "People waiting: 1")
    console.follows("Answer the requests")
    console.sends("Approve")
    console.opens(HOME)
    console.sees_not("Waiting for you", "waiting: 1")


def test_a_code_for_a_role_that_is_still_open_is_listed_and_withdrawn(
    app: Flask, service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    leads(service, amina, group, Role.ADMIN)
    console = console_of(app, service, amina)
    console.opens(f"{HOME}/roles")
    console.sends("Create code", role="facilitator")
    code = re.search(r"JOIN (\d{8})", console.words)
    assert code
    console.opens(f"{HOME}/roles")
    console.sees("Unused codes")
    assert code[1] not in console.last.text, "it was shown once"
    console.sends(next(one for form in console.page.forms for one in form.buttons if one.startswith("Withdraw")))
    console.sees("Code withdrawn.")
    console.sees_not("Unused codes")
    juma.texts(f"JOIN {code[1]}")
    with service.database.reading() as session:
        row = lookup.find_phone(session, juma.number)
        assert row is None or roles.role_in_group(session, row.id, group.id, service.now()) is None


def test_after_five_wrong_codes_a_new_one_is_asked_for_whoever_types(
    app: Flask, service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    leads(service, amina, group)
    for phone in (amina, juma):
        console = Console(app, service)
        console.opens("/console/sign-in")
        console.sends("Send code", number=phone.number, own="y")
        code = code_of(amina)
        wrong = "000000" if code != "000000" else "111111"
        for _try in range(4):
            console.sends("Sign in", code=wrong, status=422)
            console.sees("Wrong or expired code")
        for typed in (wrong, code):
            console.sends("Sign in", code=typed, status=422)
            console.sees("Five wrong codes: you need a new one.")
        console.follows("Use another number")
        assert dict(console.form("Send code").values)["number"] == phone.number
        assert dict(console.form("Send code").values)["own"] == "y"
        assert phone.number not in str(console.client.get_cookie("console", path="/console"))


def a_survey(service: Service, group: Group, **other: Any) -> int:
    with service.database.transaction() as session:
        return surveys.create(session, session.get_one(Group, group.id), {**RIDE, **other}, service.now()).id


@pytest.mark.by_night
@pytest.mark.parametrize("role", [Role.FACILITATOR, Role.ADMIN, None])
def test_every_link_that_somebody_is_shown_opens(
    app: Flask, service: Service, group: Group, amina: Phone, fatuma: Phone, juma: Phone, role: Role | None
) -> None:
    """`None` stands for an admin of the network without a role in the group."""
    joins(juma)
    number = a_survey(service, group)
    with service.database.transaction() as session:
        surveys.publish(session, session.get_one(Survey, number), None, service.now())
    if role is None:
        looks_after_the_network(service, amina)
    else:
        leads(service, amina, group, role)
    console = console_of(app, service, amina)
    seen, ahead, closed, alike = {"/console/"}, ["/console/"], [], Counter[str]()
    while ahead:
        path = ahead.pop()
        answer = console.client.get(path, follow_redirects=True)
        if answer.status_code != 200:
            closed.append((path, answer.status_code))
        for link in HERE.findall(answer.text.replace("&amp;", "&")) if "html" in answer.content_type else []:
            if link not in seen and "/language/" not in link and "/static/" not in link and "month=" not in link:
                seen.add(link)
                alike[re.sub(r"\d+", "#", link)] += 1
                ahead += [link] * (alike[re.sub(r"\d+", "#", link)] <= ENOUGH)
    assert closed == []
    assert len(seen) > 8
    assert (f"{HOME}/flows/{number}/answers" in seen) == (role is not None)


def test_every_page_is_in_the_language_of_whoever_reads_it(
    app: Flask, service: Service, group: Group, amina: Phone
) -> None:
    leads(service, amina, group, Role.ADMIN)
    number = a_survey(service, group)
    console = console_of(app, service, amina)
    console.client.get("/console/language/sw")
    for path in (
        f"flows/{number}",
        f"flows/{number}/steps/0",
        f"flows/{number}/answers",
        "settings",
        "nothing",
        "calendar",
    ):
        answer = console.client.get(f"{HOME}/{path}")
        assert '<html lang="sw">' in answer.text, path
    assert 'class="handset" role="img"' in console.client.get(f"{HOME}/flows/{number}").text
    assert 'id="phone" lang="en"' in console.client.get(f"{HOME}/flows/{number}").text


def test_what_a_flow_lacks_is_said_before_it_is_published(
    app: Flask, service: Service, group: Group, amina: Phone
) -> None:
    leads(service, amina, group, Role.ADMIN)
    number = a_survey(service, group)
    console = console_of(app, service, amina)
    console.opens(f"{HOME}/flows/{number}")
    console.sees("Every screen fits in English.", "Your group also uses Kiswahili, Français", "can't reach it yet")
    console.sees_not("in every language")
    console.sends("Save", form=1, in_menu="y")
    console.sees_not("can't reach it yet")
    console.sends("Save", speaks_en=None)
    console.sees("Choose at least one language. Nothing was saved.")
    console.sees("Every screen fits in English.")


def test_a_group_speaks_at_least_one_language_and_namesakes_are_told(
    app: Flask, service: Service, group: Group, amina: Phone
) -> None:
    leads(service, amina, group, Role.ADMIN)
    with service.database.transaction() as session:
        groups.create(session, "UPENDO", "Africa/Nairobi", service.now(), code="4777", listed=True)
    console = console_of(app, service, amina)
    console.opens(f"{HOME}/settings")
    console.sends("Save the group", 422, languages=None)
    console.sees("Choose at least one language.")
    console.sends("Save joining", listed=None)
    console.sends("Save the group", languages="en", name="Upendo")
    console.sees_not("Another group on the list")
    console.sends("Save joining", listed="y")
    console.sees("Saved.", "Another group on the list is also called Upendo")


def test_a_step_called_day_has_a_column_of_its_own(service: Service, group: Group) -> None:
    number = a_survey(service, group, steps=[{"ask": {"en": "Which day?"}, "as": "day"}])
    with service.database.reading() as session:
        one = session.get_one(Survey, number)
        assert answers.table(session, one, surveys.draft_of(one))[0] == ["Day answered", "day"]
