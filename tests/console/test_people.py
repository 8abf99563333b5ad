"""People in the console, by their chosen names: roles, invitations, the list of members, the audit log."""

from __future__ import annotations

import io
import re
import zlib
from base64 import b64encode

import pytest
from flask import Flask
from sqlalchemy import select

from smsgate.groups import groups, invitations, number_files, roles
from smsgate.members import members
from smsgate.models import AuditEntry, Group, Invitation, Membership, Role, RoleAssignment, lookup
from smsgate.service import Service
from smsgate.web.console.groups import invitations as invitation_pages
from tests.support.console import Console, leads, looks_after_the_network
from tests.support.openings import Play
from tests.support.people import Phone, work_if_woken
from tests.support.stories import agrees, joins
from tests.support.waiting import Stopwatch

PEOPLE, INVITATIONS, ROLES, LOG = (f"/console/groups/4521/{one}" for one in ("people", "invitations", "roles", "log"))
ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # doesn't depend on the database
HOSTILE = '=cmd|"/c calc"!A1 <script>'


@pytest.fixture
def console(app: Flask, service: Service) -> Console:
    return Console(app, service)


@pytest.fixture
def admin(service: Service, group: Group, otieno: Phone, console: Console, opening: Play) -> Phone:
    """Sign in Otieno, who is the group's admin but no member."""

    def begins() -> None:
        leads(service, otieno, group, Role.ADMIN)
        console.signs_in(otieno)

    opening(begins, console, otieno)
    return otieno


def named(service: Service, group: Group, count: int, name: str = "Person {n}") -> None:
    """Add `count` members, who joined one after the other."""
    with service.database.transaction() as session:
        for n in range(count):
            phone = lookup.ensure_phone(session, f"+2547330{n:05d}", service.now())
            member = members.join(session, phone, "sw", service.now())
            members.set_name(member, name.format(n=n))
            groups.join(session, member, group.id, service.now())


def joined(service: Service, group: Group, name: str) -> None:
    """Add a member who chose this name."""
    with service.database.transaction() as session:
        phone = lookup.ensure_phone(session, f"+2547440{session.query(Membership).count():05d}", service.now())
        member = members.join(session, phone, "en", service.now())
        members.set_name(member, name)
        groups.join(session, member, group.id, service.now())


def done(service: Service) -> list[str]:
    with service.database.reading() as session:
        return [one.what for one in session.scalars(select(AuditEntry).order_by(AuditEntry.id))]


def rounds(service: Service) -> None:
    with service.database.transaction() as session:
        invitations.send_due(session, service.now(), service.settings.service_code)


@ONE
def test_members_by_the_name_they_chose_and_nothing_more(
    console: Console, admin: Phone, service: Service, group: Group, amina: Phone, fatuma: Phone
) -> None:
    joins(amina)
    named(service, group, 1, "")
    console.opens("/console/")
    console.opens(PEOPLE)
    console.sees("Fewer than 5 people are in this group", "Amina", "Someone", "English", "Kiswahili", "23 Nov 2026")
    before = console.words
    agrees(amina, fatuma, "Fatuma")
    console.opens(PEOPLE)
    assert console.words == before, "whether somebody prepared for help is not seen"
    for one in (amina, fatuma):
        assert one.number[-4:] not in console.last.text


@ONE
def test_pages_of_fifty_and_hostile_names(console: Console, admin: Phone, service: Service, group: Group) -> None:
    named(service, group, 51, HOSTILE + " {n}")
    console.opens(PEOPLE)
    console.sees("51 people are in this group", "calc")
    assert "<script>" not in console.last.text.partition("<main")[2]
    assert console.last.text.count("/out") == 50
    assert len(console.last.data) < 60_000
    console.follows("Older")
    assert console.last.text.count("/out") == 1
    console.follows("Newer")
    assert console.last.text.count("/out") == 50
    console.opens(PEOPLE + "?page=-3")
    console.opens(PEOPLE + "?page=99999999999999999999")


def test_taken_out_in_two_steps_told_neutrally_once(
    console: Console, admin: Phone, service: Service, group: Group, amina: Phone, fatuma: Phone
) -> None:
    joins(amina)
    agrees(amina, fatuma, "Fatuma")
    console.opens(PEOPLE)
    console.follows("Remove Amina")
    console.sees("Remove someone from the group?", "Amina")
    form = console.form("Remove from group")
    console.sends("Remove from group")
    console.sees("Removed from the group", "No members yet")
    assert "no longer in one of your groups" in amina.reads()[-1]
    assert "Tumaini" not in amina.inbox[-1]
    texts = len(amina.reads())
    console.posts(form.action, dict(form.values))
    console.sees("This was already done.")
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
    console = Console(app, service)
    console.signs_in(juma)
    console.opens(PEOPLE)
    console.sees_not("Remove", "Download the list", "History")
    with service.database.reading() as session:
        membership = session.scalars(select(Membership.id)).one()
    console.opens(f"{PEOPLE}/{membership}/out", status=403)
    console.opens(LOG, status=403)
    console.opens(ROLES)
    console.sees_not("End this role", "Create code")
    console.opens(INVITATIONS)
    console.sees_not("Say the group")


@ONE
def test_who_looks_after_the_network_gives_first_roles_and_sees_no_member(
    app: Flask, service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    joins(amina)
    looks_after_the_network(service, juma)
    console = Console(app, service)
    console.signs_in(juma)
    console.opens(PEOPLE)
    assert console.at == ROLES
    console.sees("No leader yet")
    console.sees_not("Amina", "Invitations")
    console.opens(INVITATIONS, status=404)
    console.opens(ROLES)
    code = given(console, "admin")
    amina.texts(f"JOIN {code}")
    amina.texts("2")
    console.opens(ROLES)
    console.sees("Amina", "Admin")
    console.follows("End this role: Amina")
    console.sends("End role")
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
    console = Console(app, service)
    console.signs_in(juma)
    console.opens(PEOPLE)
    console.sees("Amina")
    console.sees_not("Remove", "Download the list")


def given(console: Console, role: str) -> str:
    """Create a code for a role and return it, as the page shows it."""
    console.sends("Create code", role=role)
    found = re.search(r"JOIN (\d{8})", console.words)
    assert found, console.words
    return found[1]


def test_a_role_is_given_by_a_code_and_ended_in_two_steps(
    console: Console, admin: Phone, service: Service, amina: Phone
) -> None:
    joins(amina)
    console.opens(ROLES)
    console.sends("Create code", status=422)
    form = console.form("Create code")
    code = given(console, "facilitator")
    console.posts(form.action, {**dict(form.values), "role": "facilitator"})
    console.sees("This was already done.")
    amina.texts(f"JOIN {code}")
    amina.texts("2")
    console.opens(ROLES)
    console.sees("Amina", "Facilitator", "until 23 Nov 2027")
    with service.database.reading() as session:
        phone = lookup.find_phone(session, amina.number)
        assert phone
        one = session.scalars(select(RoleAssignment.id).where(RoleAssignment.phone_id == phone.id)).one()
    console.opens(f"{ROLES}/{one}/end")
    console.sees("End this role?", "Amina")
    console.sends("End role")
    console.sees("Role ended.")
    console.sees_not("Amina")
    amina.hears("Your role has ended")
    console.opens(LOG)
    console.sees("made a code for a facilitator", "Amina became facilitator", "ended someone's role")


@ONE
def test_one_number_is_invited_and_the_page_tells_nothing_about_it(
    console: Console, admin: Phone, service: Service, amina: Phone, juma: Phone
) -> None:
    joins(amina)
    before = len(amina.reads())
    said = []
    for one in (amina, juma):
        console.opens(INVITATIONS)
        console.sends("Invite", number="0" + one.number[4:], language="sw")
        said.append(console.words.split("Invited in")[0])
        rounds(service)
    assert said[0] == said[1], "a member's number and a stranger's look alike"
    assert len(amina.reads()) == before
    assert len(juma.reads()) == 1
    console.opens(INVITATIONS)
    console.sees("+254*****0001", "+254*****0002", "2 numbers listed")
    assert amina.number not in console.last.text
    assert done(service)[-2:] == ["invited", "invited"]
    console.sends("Invite", number="12", status=422)
    console.sees("This isn't a phone number")
    console.sends("Invite", number="+33612345678", status=422)
    console.sees("from a country that this service can't text")


def test_sent_twice_it_is_one_invitation_and_taking_back_forgets(
    console: Console, admin: Phone, service: Service, amina: Phone, juma: Phone
) -> None:
    console.opens(INVITATIONS)
    form = console.form("Invite")
    fields = {**dict(form.values), "number": amina.number}
    console.posts(form.action, fields)
    console.posts(form.action, fields)
    console.sees("This was already done.")
    console.sends("Invite", number=juma.number)
    console.sends("Withdraw +254*****0001")
    console.sees("Withdrawn", "1 number listed")
    console.follows("Withdraw all")
    console.sees("1 number is deleted")
    console.sends("Withdraw all")
    console.sees("No numbers yet")
    rounds(service)
    amina.hears_nothing_new()
    juma.hears_nothing_new()
    console.posts(f"{INVITATIONS}/one/back", {"csrf_token": fields["csrf_token"], "once": "x", "number": "1"}, 404)


@ONE
def test_the_name_only_where_an_admin_ticks_it(console: Console, admin: Phone, service: Service, juma: Phone) -> None:
    console.opens(INVITATIONS)
    console.sees("invited to join a group")
    console.sends("Save", by_name="y")
    console.sees("invited to join Tumaini")
    console.sends("Invite", number=juma.number)
    rounds(service)
    juma.hears("Tumaini")
    console.sends("Save", by_name=None)
    console.sees("invited to join a group")


@ONE
def test_a_long_list_of_invitations_has_pages_and_a_light_one(
    console: Console, admin: Phone, service: Service, group: Group
) -> None:
    with service.database.transaction() as session:
        here = session.get_one(Group, group.id)
        invitations.invite(session, here, [f"+2547220{n:05d}" for n in range(60)], None, service.now())
    console.opens(INVITATIONS)
    console.sees("60 numbers listed", "60 waiting to be sent", "fewer than 5")
    assert console.last.text.count('name="number" value="') == 50 + 1
    assert len(console.last.data) < 60_000
    console.follows("Older")
    assert console.last.text.count('name="number" value="') == 10 + 1


def sends_file(console: Console, content: bytes, status: int = 200) -> str:
    console.opens(INVITATIONS)
    return console.sends("Upload and check", status, file=(io.BytesIO(content), "numbers.csv"))


def test_a_file_keeps_the_good_ones_and_explains_each_bad_line(
    console: Console, admin: Phone, service: Service, amina: Phone, juma: Phone
) -> None:
    content = "Name;Simu\nA;0711000001\nB;=1+1\nC;0711000002\nD;12\nE;0711000002\n"
    sends_file(console, content.encode("utf-16"))
    console.sees(
        "2 numbers will be invited",
        "This looks like a formula",
        "The number is also further up",
        "isn't a phone number",
    )
    console.sees("Write only the number. 1 line Line 3", "Nobody is invited yet")
    rounds(service)
    amina.hears_nothing_new()
    console.sends("Send invitations")
    console.sees("2 numbers added")
    rounds(service)
    for one in (amina, juma):
        one.hears("You are invited")
    assert done(service)[-1] == "invited_file:2"
    with service.database.reading() as session:
        assert len(session.scalars(select(Invitation)).all()) == 2
        assert session.scalars(select(Membership)).all() == []


@ONE
def test_a_column_that_may_be_the_wrong_one_is_asked_about_before_anybody_is_invited(
    console: Console, admin: Phone, service: Service, amina: Phone, juma: Phone
) -> None:
    sends_file(console, f"{juma.number},Amina,{amina.number}\n".encode())
    console.sees("Which column has the phone numbers?", "Nobody is invited yet", f"Column 1: {juma.number}", "Column 3")
    rounds(service)
    juma.hears_nothing_new()
    console.sends("Use these columns", columns="2")
    console.sees("1 number will be invited", "Numbers read from Column 3", "Of 1 line, 1 gave a new number")
    console.sends("Send invitations")
    rounds(service)
    amina.hears("You are invited")
    juma.hears_nothing_new()
    assert done(service)[-1] == "invited_file:1"


@ONE
def test_another_column_can_be_chosen_after_the_file_was_read(console: Console, admin: Phone, service: Service) -> None:
    sends_file(console, b"Name,Phone,Neighbour's phone\nA,0711000001,0722000002\n")
    console.sees(
        "Numbers read from “Phone”", "+254*****0001", "Other columns with numbers", "“Neighbour's phone”: 0722000002"
    )
    console.sends("Use these columns instead", columns="2")
    console.sees("1 number will be invited", "Numbers read from “Neighbour's phone”")
    console.sends("Send invitations")
    with service.database.reading() as session:
        assert [one.number for one in session.scalars(select(Invitation))] == ["+254722000002"]


@ONE
def test_a_choice_of_no_column_or_of_a_file_that_was_changed_is_answered_kindly(console: Console, admin: Phone) -> None:
    sends_file(console, b"0722000002,A,0711000001\n")
    form = console.form("Use these columns")
    fields = {name: value for name, value in form.values if name != "columns"}
    console.posts(form.action, fields, 422)
    console.sees("Choose at least one column")
    console.posts(form.action, {**fields, "columns": "999"})
    console.sees("Nobody can be invited from this file", "There is no number on this line")
    for broken in ("", "!!", "AAAA", b64encode(zlib.compress(b"0711000001\n" * 300_000)).decode()):
        console.posts(form.action, {**fields, "columns": "0", "content": broken}, 422)
        console.sees("The file is empty")
    console.posts(form.action, {**fields, "columns": "0", "language": "xx"}, 422)


@ONE
def test_a_file_that_is_none_is_answered_kindly(
    console: Console, admin: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(number_files, "MOST_BYTES", 10_000)
    for content, said in (
        (b"PK\x03\x04xlsx", "save it as CSV"),
        (b"\x81\x8d\x9d", "letters in this file can't be read"),
        (b"", "The file is empty"),
        (b"\x89PNG", "isn't a list of numbers"),
        (b"0" * 20_000, "The file is too big"),
    ):
        sends_file(console, content, 422)
        console.sees(said)


@ONE
def test_no_file_and_far_too_big_a_file(console: Console, admin: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(number_files, "MOST_BYTES", 10_000)
    monkeypatch.setattr(invitation_pages, "FORM_AROUND", 10_000)
    console.opens(INVITATIONS)
    console.sends("Upload and check", 422)
    console.sees("Nothing saved yet")
    sends_file(console, b"0" * 100_000, 413)


@pytest.mark.by_night
def test_fifty_thousand_lines_through_the_page(console: Console, admin: Phone, service: Service) -> None:
    good = [b"07%08d" % (20_000_000 + n) for n in range(501)]
    lines = [good[n // 100] if n % 100 == 0 else b"=1" if n % 2 else b"0711" for n in range(50_001)]
    watch = Stopwatch()
    sends_file(console, b"number\n" + b"\n".join(lines))
    assert watch.seconds() < 2, "read in the background"
    work_if_woken(service)
    console.follows("Refresh")
    console.sees("500 numbers will be invited", "and 24600 lines more", "Upload the rest in another one")
    assert len(console.last.data) < 60_000


def test_the_list_is_safe_for_a_spreadsheet_and_has_no_number(
    console: Console, admin: Phone, service: Service, group: Group
) -> None:
    named(service, group, 2, HOSTILE + " {n}")
    console.opens(PEOPLE)
    form = console.form("Download the list")
    console.sends("Download the list")
    assert console.last.mimetype == "text/csv"
    content = console.last.data.decode("utf-8-sig")
    assert content.splitlines()[0] == "Name,Language,Since"
    assert content.splitlines()[1].startswith("\"'=cmd")
    assert "Kiswahili,2026-11-23" in content
    assert "+254" not in content
    console.posts(form.action, dict(form.values))
    console.sees("This was already done.")
    assert done(service).count("saved_list") == 1


@ONE
def test_a_member_of_another_group_is_not_theirs(console: Console, admin: Phone, service: Service) -> None:
    with service.database.transaction() as session:
        other = groups.create(session, "Upendo", "Africa/Nairobi", service.now(), code="4777")
    named(service, other, 1)
    with service.database.reading() as session:
        membership = session.scalars(select(Membership.id)).one()
    console.opens(f"{PEOPLE}/{membership}/out", status=404)
    token = {"csrf_token": console_token(console), "once": "a"}
    console.posts(f"{PEOPLE}/{membership}/out", token, 404)
    with service.database.reading() as session:
        assert session.get(Membership, membership) is not None


def console_token(console: Console) -> str:
    console.opens(INVITATIONS)
    return dict(console.form("Invite").values)["csrf_token"]


@ONE
def test_members_are_found_by_chosen_name_and_sorted(
    console: Console, admin: Phone, service: Service, group: Group
) -> None:
    for name in ("Zawadi", "Émilie", "amani", ""):
        joined(service, group, name)
    console.opens(PEOPLE)
    console.sends("Find", q="EMI")
    console.sees("Émilie")
    console.sees_not("Zawadi", "amani")
    console.sends("Find", q="nobody")
    console.sees("Nobody here uses that name.")
    console.follows("Show all")
    console.follows("Name")
    said = console.words
    assert said.index("amani") < said.index("Émilie") < said.index("Zawadi") < said.index("Someone")


@ONE
def test_a_leader_chooses_the_name_that_others_see(console: Console, admin: Phone, service: Service) -> None:
    console.opens(ROLES)
    console.sees("+254*****0004")
    console.follows("Choose the name others see")
    console.sends("Save", name="Otieno ☺", status=422)
    console.sends("Save", name=" Coach  Otieno ")
    console.opens(ROLES)
    console.sees("Coach Otieno")
    console.sees_not("+254*****0004")
    with service.database.transaction() as session:
        one = session.scalars(select(RoleAssignment)).one()
        sealed = session.connection().exec_driver_sql("SELECT name FROM appointments").scalar_one()
        assert b"Otieno" not in sealed
        assert one.name == "Coach Otieno"
        roles.leave_all_roles(session, one.phone_id, service.now())
        assert roles.display_name(session, one.phone_id) == "+254*****0004", "the number may be in other hands"


@ONE
def test_the_history_is_sentences_that_lead_to_what_they_are_about(console: Console, admin: Phone) -> None:
    console.opens("/console/groups/4521/meetings/new")
    console.sends("Plan meeting", day="2026-11-27", at="15:00")
    console.opens("/console/groups/4521/notices/new")
    console.sends("Preview", words="Tea at four")
    console.posts(f"{console.at}/send", {"csrf_token": console.form("Sign out").values[0][1]})
    console.opens(LOG)
    console.sees("planned the meeting of Fri 27 Nov 15:00", "wrote the notice of Mon 23 Nov 09:00")
    console.sees_not("Tea at four", "meeting 1", "notice 1")
    console.follows("of Fri 27 Nov 15:00")
    console.sees("Friday 27 November 2026")
