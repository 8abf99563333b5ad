"""People in the console: shown by their chosen names; roles, invitations, the member list, the audit log."""

from __future__ import annotations

import io
import re

import pytest
from flask import Flask
from sqlalchemy import select

from smsgate.groups import groups, invitations, number_files
from smsgate.members import members
from smsgate.models import AuditEntry, Group, Invitation, Membership, Role, RoleAssignment, lookup
from smsgate.service import Service
from smsgate.web.console.groups import invitations as invitation_pages
from tests.support.console import Console, leads, looks_after_the_network
from tests.support.people import Phone
from tests.support.stories import agrees, joins
from tests.support.waiting import Stopwatch

PEOPLE, INVITATIONS, ROLES, LOG = (f"/console/groups/4521/{one}" for one in ("people", "invitations", "roles", "log"))
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # what it asks is no database's matter
HOSTILE = '=cmd|"/c calc"!A1 <script>'


@pytest.fixture
def desk(app: Flask, service: Service) -> Console:
    return Console(app, service)


@pytest.fixture
def admin(service: Service, group: Group, otieno: Phone, desk: Console) -> Phone:
    """Otieno leads the group as its admin, is no member, and sits at the desk."""
    leads(service, otieno, group, Role.ADMIN)
    desk.signs_in(otieno)
    return otieno


def named(service: Service, group: Group, count: int, name: str = "Person {n}") -> None:
    """So many members, who joined one after the other."""
    with service.database.transaction() as session:
        for n in range(count):
            phone = lookup.ensure_phone(session, f"+2547330{n:05d}", service.now())
            member = members.join(session, phone, "sw", service.now())
            members.set_name(member, name.format(n=n))
            groups.join(session, member, group.id, service.now())


def done(service: Service) -> list[str]:
    with service.database.reading() as session:
        return [one.what for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def rounds(service: Service) -> None:
    with service.database.transaction() as session:
        invitations.send_due(session, service.now(), service.settings.service_code)


@ONE
def test_members_by_the_name_they_chose_and_nothing_more(
    desk: Console, admin: Phone, service: Service, group: Group, amina: Phone, fatuma: Phone
) -> None:
    joins(amina)
    named(service, group, 1, "")
    desk.opens("/console/")
    desk.opens(PEOPLE)
    desk.sees("A few people are in this group", "Amina", "Somebody", "English", "Kiswahili", "23 Nov 2026")
    before = desk.words
    agrees(amina, fatuma, "Fatuma")
    desk.opens(PEOPLE)
    assert desk.words == before, "whether somebody prepared for help is not seen"
    for one in (amina, fatuma):
        assert one.number[-4:] not in desk.last.text


@ONE
def test_pages_of_fifty_and_hostile_names(desk: Console, admin: Phone, service: Service, group: Group) -> None:
    named(service, group, 51, HOSTILE + " {n}")
    desk.opens(PEOPLE)
    desk.sees("51 people are in this group", "calc")
    assert "<script>" not in desk.last.text.partition("<main")[2]
    assert desk.last.text.count("/out") == 50
    assert len(desk.last.data) < 60_000
    desk.follows("Older ones")
    assert desk.last.text.count("/out") == 1
    desk.follows("Newer ones")
    assert desk.last.text.count("/out") == 50
    desk.opens(PEOPLE + "?page=-3")
    desk.opens(PEOPLE + "?page=99999999999999999999")


def test_taken_out_in_two_steps_told_neutrally_once(
    desk: Console, admin: Phone, service: Service, group: Group, amina: Phone, fatuma: Phone
) -> None:
    joins(amina)
    agrees(amina, fatuma, "Fatuma")
    desk.opens(PEOPLE)
    desk.follows("Take out Amina")
    desk.sees("Take somebody out of the group?", "Amina")
    form = desk.form("Take them out")
    desk.sends("Take them out")
    desk.sees("They are not in this group any more", "Nobody is in this group yet")
    assert "no longer in one of your groups" in amina.reads()[-1]
    assert "Tumaini" not in amina.inbox[-1]
    texts = len(amina.reads())
    desk.posts(form.action, dict(form.values))
    desk.sees("That was done already, once.")
    assert len(amina.reads()) == texts
    assert done(service).count("took_out") == 1
    amina.dials(None, "4")
    amina.sees("Fatuma")


@ONE
def test_a_facilitator_looks_and_an_admin_changes(
    app: Flask, service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    joins(amina)
    leads(service, juma, group, Role.FACILITATOR)
    desk = Console(app, service)
    desk.signs_in(juma)
    desk.opens(PEOPLE)
    desk.sees_not("Take out", "Save the list", "Log")
    with service.database.reading() as session:
        membership = session.scalars(select(Membership.id)).one()
    desk.opens(f"{PEOPLE}/{membership}/out", status=403)
    desk.opens(LOG, status=403)
    desk.opens(ROLES)
    desk.sees_not("End this role", "Make a code")
    desk.opens(INVITATIONS)
    desk.sees_not("It may say the group")


@ONE
def test_who_looks_after_the_network_gives_first_roles_and_sees_no_member(
    app: Flask, service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    joins(amina)
    looks_after_the_network(service, juma)
    desk = Console(app, service)
    desk.signs_in(juma)
    desk.opens(PEOPLE)
    assert desk.at == ROLES
    desk.sees("Nobody leads this group yet")
    desk.sees_not("Amina", "Invitations")
    desk.opens(INVITATIONS, status=404)
    desk.opens(ROLES)
    code = given(desk, "admin")
    amina.texts(f"JOIN {code}")
    amina.texts("2")
    desk.opens(ROLES)
    desk.sees("Amina", "Admin")
    desk.follows("End this role: Amina")
    desk.sends("End the role")
    amina.hears("Your role has ended")
    with service.database.reading() as session:
        by = [one.phone_id for one in session.scalars(select(AuditEntry).where(AuditEntry.what.startswith("revoked")))]
        phone = lookup.find_phone(session, juma.number)
        assert phone
        assert by == [phone.id]


@ONE
def test_the_networks_admin_with_a_smaller_role_in_the_group_is_shown_what_they_may_do(
    app: Flask, service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    joins(amina)
    looks_after_the_network(service, juma)
    leads(service, juma, group, Role.FACILITATOR)
    desk = Console(app, service)
    desk.signs_in(juma)
    desk.opens(PEOPLE)
    desk.sees("Amina")
    desk.sees_not("Take out", "Save the list")


def given(desk: Console, role: str) -> str:
    """A code for a role, as the page shows it."""
    desk.sends("Make a code", role=role)
    found = re.search(r"JOIN (\d{8})", desk.words)
    assert found, desk.words
    return found[1]


def test_a_role_is_given_by_a_code_and_ended_in_two_steps(
    desk: Console, admin: Phone, service: Service, amina: Phone
) -> None:
    joins(amina)
    desk.opens(ROLES)
    desk.sends("Make a code", status=422)
    form = desk.form("Make a code")
    code = given(desk, "facilitator")
    desk.posts(form.action, {**dict(form.values), "role": "facilitator"})
    desk.sees("That was done already, once.")
    amina.texts(f"JOIN {code}")
    amina.texts("2")
    desk.opens(ROLES)
    desk.sees("Amina", "Facilitator", "until 23 Nov 2027")
    with service.database.reading() as session:
        phone = lookup.find_phone(session, amina.number)
        assert phone
        one = session.scalars(select(RoleAssignment.id).where(RoleAssignment.phone_id == phone.id)).one()
    desk.opens(f"{ROLES}/{one}/end")
    desk.sees("End this role?", "Amina")
    desk.sends("End the role")
    desk.sees("The role has ended.")
    desk.sees_not("Amina")
    amina.hears("Your role has ended")
    desk.opens(LOG)
    desk.sees("made a code for a facilitator", "Amina became facilitator", "ended somebody's role")


@ONE
def test_one_number_is_invited_and_the_page_tells_nothing_about_it(
    desk: Console, admin: Phone, service: Service, amina: Phone, juma: Phone
) -> None:
    joins(amina)
    before = len(amina.reads())
    said = []
    for one in (amina, juma):
        desk.opens(INVITATIONS)
        desk.sends("Invite", number="0" + one.number[4:], language="sw")
        said.append(desk.words.split("Invited in")[0])
        rounds(service)
    assert said[0] == said[1], "a member's number and a stranger's look alike"
    assert len(amina.reads()) == before
    assert len(juma.reads()) == 1
    desk.opens(INVITATIONS)
    desk.sees("+254*****0001", "+254*****0002", "2 numbers listed")
    assert amina.number not in desk.last.text
    assert done(service)[-2:] == ["invited", "invited"]
    desk.sends("Invite", number="12", status=422)
    desk.sees("That is no telephone number")
    desk.sends("Invite", number="+33612345678", status=422)
    desk.sees("of a country to which")


def test_sent_twice_it_is_one_invitation_and_taking_back_forgets(
    desk: Console, admin: Phone, service: Service, amina: Phone, juma: Phone
) -> None:
    desk.opens(INVITATIONS)
    form = desk.form("Invite")
    fields = {**dict(form.values), "number": amina.number}
    desk.posts(form.action, fields)
    desk.posts(form.action, fields)
    desk.sees("That was done already, once.")
    desk.sends("Invite", number=juma.number)
    desk.sends("Take back +254*****0001")
    desk.sees("Taken back", "1 number listed")
    desk.follows("Take all back")
    desk.sees("1 number is listed")
    desk.sends("Take all back")
    desk.sees("No number is listed")
    rounds(service)
    amina.hears_nothing_new()
    juma.hears_nothing_new()
    desk.posts(f"{INVITATIONS}/one/back", {"csrf_token": fields["csrf_token"], "once": "x", "number": "1"}, 404)


@ONE
def test_the_name_only_where_an_admin_ticks_it(desk: Console, admin: Phone, service: Service, juma: Phone) -> None:
    desk.opens(INVITATIONS)
    desk.sees("invited to join a group")
    desk.sends("Keep this", by_name="y")
    desk.sees("invited to join Tumaini")
    desk.sends("Invite", number=juma.number)
    rounds(service)
    juma.hears("Tumaini")
    desk.sends("Keep this", by_name=None)
    desk.sees("invited to join a group")


@ONE
def test_a_long_list_of_invitations_has_pages_and_a_light_one(
    desk: Console, admin: Phone, service: Service, group: Group
) -> None:
    with service.database.transaction() as session:
        here = session.get_one(Group, group.id)
        invitations.invite(session, here, [f"+2547220{n:05d}" for n in range(60)], None, service.now())
    desk.opens(INVITATIONS)
    desk.sees("60 numbers listed", "60 wait for their turn", "fewer than 5")
    assert desk.last.text.count('name="number" value="') == 50 + 1
    assert len(desk.last.data) < 60_000
    desk.follows("Older ones")
    assert desk.last.text.count('name="number" value="') == 10 + 1


def sends_file(desk: Console, content: bytes, status: int = 200) -> str:
    desk.opens(INVITATIONS)
    return desk.sends("Read the file and invite", status, file=(io.BytesIO(content), "numbers.csv"))


def test_a_file_keeps_the_good_ones_and_explains_each_bad_line(
    desk: Console, admin: Phone, service: Service, amina: Phone, juma: Phone
) -> None:
    content = "Name;Simu\nA;0711000001\nB;=1+1\nC;0711000002\nD;12\nE;0711000002\n"
    sends_file(desk, content.encode("utf-16"))
    desk.sees("2 numbers are taken", "That is a formula", "The number stands further up already", "no telephone number")
    desk.sees("Write the number alone. 1 line Line 3")
    rounds(service)
    for one in (amina, juma):
        one.hears("You are invited")
    assert done(service)[-1] == "invited_file:2"
    with service.database.reading() as session:
        assert len(session.scalars(select(Invitation)).all()) == 2
        assert session.scalars(select(Membership)).all() == []


@ONE
def test_a_file_that_is_none_is_answered_kindly(desk: Console, admin: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_files, "MOST_BYTES", 10_000)
    for content, said in (
        (b"PK\x03\x04xlsx", "save it as CSV"),
        (b"\x81\x8d\x9d", "letters could not be read"),
        (b"", "The file is empty"),
        (b"\x89PNG", "no list of numbers"),
        (b"0" * 20_000, "The file is too big"),
    ):
        sends_file(desk, content, 422)
        desk.sees(said)


@ONE
def test_no_file_and_far_too_big_a_file(desk: Console, admin: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_files, "MOST_BYTES", 10_000)
    monkeypatch.setattr(invitation_pages, "FORM_AROUND", 10_000)
    desk.opens(INVITATIONS)
    desk.sends("Read the file and invite", 422)
    desk.sees("Nothing was done yet")
    sends_file(desk, b"0" * 100_000, 413)


def test_fifty_thousand_lines_through_the_page(desk: Console, admin: Phone, service: Service) -> None:
    good = [b"07%08d" % (20_000_000 + n) for n in range(501)]
    lines = [good[n // 100] if n % 100 == 0 else b"=1" if n % 2 else b"0711" for n in range(50_001)]
    watch = Stopwatch()
    sends_file(desk, b"number\n" + b"\n".join(lines))
    assert watch.seconds() < 20
    desk.sees("500 numbers are taken", "and 24600 lines more", "Bring the rest in another one")
    assert len(desk.last.data) < 60_000


def test_the_list_is_safe_for_a_spreadsheet_and_has_no_number(
    desk: Console, admin: Phone, service: Service, group: Group
) -> None:
    named(service, group, 2, HOSTILE + " {n}")
    desk.opens(PEOPLE)
    form = desk.form("Save the list")
    desk.sends("Save the list")
    assert desk.last.mimetype == "text/csv"
    content = desk.last.data.decode("utf-8-sig")
    assert content.splitlines()[0] == "Name,Language,Since"
    assert content.splitlines()[1].startswith("\"'=cmd")
    assert "Kiswahili,2026-11-23" in content
    assert "+254" not in content
    desk.posts(form.action, dict(form.values))
    desk.sees("That was done already, once.")
    assert done(service).count("saved_list") == 1


@ONE
def test_a_member_of_another_group_is_not_theirs(desk: Console, admin: Phone, service: Service) -> None:
    with service.database.transaction() as session:
        other = groups.create(session, "Upendo", "Africa/Nairobi", service.now(), code="4777")
    named(service, other, 1)
    with service.database.reading() as session:
        membership = session.scalars(select(Membership.id)).one()
    desk.opens(f"{PEOPLE}/{membership}/out", status=404)
    token = {"csrf_token": desk_token(desk), "once": "a"}
    desk.posts(f"{PEOPLE}/{membership}/out", token, 404)
    with service.database.reading() as session:
        assert session.get(Membership, membership) is not None


def desk_token(desk: Console) -> str:
    desk.opens(INVITATIONS)
    return dict(desk.form("Invite").values)["csrf_token"]
