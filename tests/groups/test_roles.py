"""Roles: offered by code and accepted for a year; handed over, given up or ended; every use is logged."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from smsgate.conversations.handlers import ActionContext, perform
from smsgate.core.errors import Invalid
from smsgate.flows import actions
from smsgate.flows.leader.audit_events import audit_label
from smsgate.groups import audit_log, groups, roles
from smsgate.members.export import export_person
from smsgate.models import Group, Role, RoleAssignment, lookup
from smsgate.service import Service
from tests.support.people import Clock, Phone, passes
from tests.support.stories import becomes, joins, offers


@pytest.fixture
def juma(phone: Callable[[str], Phone]) -> Phone:
    return phone("+254711000002")


def code_on(screen: str) -> str:
    found = re.search(r"JOIN (\d{8})", screen)
    assert found, screen
    return found[1]


def test_a_role_is_accepted_by_dialling_and_is_in_the_menu(amina: Phone, service: Service, group: Group) -> None:
    joins(amina)
    amina.dials()
    amina.sees_not("Lead a group")
    amina.dials(f"*384*77*{offers(service, group)}#")
    amina.sees("Tumaini asks you to be admin for a year")
    amina.types("2")
    amina.dials()
    amina.picks("Lead a group")
    amina.sees("Tumaini", "My role", "Give a role")


def test_a_role_is_accepted_by_text(amina: Phone, service: Service, group: Group) -> None:
    joins(amina)
    amina.texts(f"JOIN {offers(service, group, Role.FACILITATOR)}")
    amina.hears("asks you to be facilitator")
    amina.texts("2")
    amina.hears("Lead a group")
    amina.dials()
    amina.picks("Lead a group")
    amina.sees_not("Give a role")


def test_a_stranger_joins_first(amina: Phone, service: Service, group: Group) -> None:
    amina.dials(f"*384*77*{offers(service, group)}#", "1", "1", "1")
    amina.sees("asks you to be admin")


def test_a_code_may_be_declined_and_works_once(
    amina: Phone, juma: Phone, service: Service, group: Group, clock: Clock
) -> None:
    code = offers(service, group)
    joins(amina)
    joins(juma)
    amina.dials(f"*384*77*{code}#", "1")
    amina.sees("Nothing was changed")
    juma.dials(f"*384*77*{code}#", "2")
    amina.dials(f"*384*77*{code}#")
    amina.sees("There is no group with code")
    late = offers(service, group)
    passes(service, clock, days=8)
    amina.dials(f"*384*77*{late}#")
    amina.sees("There is no group with code")


def test_an_admin_gives_a_role_and_ends_it(amina: Phone, juma: Phone, service: Service, group: Group) -> None:
    becomes(amina, service, group)
    joins(juma, "Juma")
    amina.dials()
    amina.picks("Lead a group", "Give a role", "Facilitator")
    juma.dials(f"*384*77*{code_on(amina.handset.screen)}#", "2")
    amina.dials()
    amina.picks("Lead a group", "Leaders", "Juma")
    amina.sees("Juma: facilitator until 23 Nov 2027")
    amina.picks("End this role")
    amina.sees("they are told")
    juma.hears("Your role has ended")
    juma.dials()
    juma.sees_not("Lead a group")


def test_what_an_admin_offered_goes_with_the_admin_s_role(
    amina: Phone, juma: Phone, service: Service, group: Group
) -> None:
    becomes(amina, service, group)
    joins(juma)
    amina.dials()
    amina.picks("Lead a group", "Give a role", "Admin")
    code = code_on(amina.handset.screen)
    amina.dials()
    amina.picks("Lead a group", "My role", "End my role", "Yes, end it")
    juma.dials(f"*384*77*{code}#")
    juma.sees("There is no group with code")


def test_a_role_ended_in_the_middle_of_a_call_does_nothing_more(
    amina: Phone, service: Service, group: Group, clock: Clock
) -> None:
    becomes(amina, service, group)
    amina.dials()
    amina.picks("Lead a group", "Give a role")
    with service.database.transaction() as session:
        (mine,) = roles.assignments_in(session, group.id, service.now())
        roles.revoke(session, None, mine, service.now(), "*384*77#")
    amina.picks("Admin")
    amina.sees("t possible right now")


def test_a_role_is_handed_over(amina: Phone, juma: Phone, service: Service, group: Group) -> None:
    becomes(amina, service, group)
    joins(juma)
    amina.dials()
    amina.picks("Lead a group", "My role", "Hand it over")
    code = code_on(amina.handset.screen)
    amina.dials()
    amina.sees("Lead a group")  # still hers until the other person accepts
    juma.dials(f"*384*77*{code}#", "2")
    amina.dials()
    amina.sees_not("Lead a group")
    juma.dials()
    juma.picks("Lead a group")
    juma.sees("Give a role")


def test_a_month_before_its_end_the_holder_is_asked_once_by_day(
    amina: Phone, service: Service, group: Group, clock: Clock
) -> None:
    becomes(amina, service, group)
    passes(service, clock, days=334)
    amina.hears_nothing_new()
    passes(service, clock, days=1, hours=-6)  # three in the morning
    amina.hears_nothing_new()
    for _round in range(3):
        passes(service, clock, hours=9)
    assert [text for text in amina.receives() if "Your role ends on 23 Nov 2027" in text] == [amina.receives()[-1]]
    amina.dials(None, "1")  # confirms that it is still her number
    amina.picks("Lead a group", "My role", "Go on for a year")
    passes(service, clock, days=31)
    amina.dials()
    amina.sees("Lead a group")


def test_a_role_that_nobody_renews_ends(amina: Phone, service: Service, group: Group, clock: Clock) -> None:
    becomes(amina, service, group)
    passes(service, clock, days=366)
    amina.dials()
    amina.sees_not("Lead a group")


def test_a_role_in_one_group_is_none_in_another(amina: Phone, juma: Phone, service: Service, group: Group) -> None:
    with service.database.transaction() as session:
        other = groups.create(session, "Other", "Africa/Nairobi", service.now(), code="777")
    becomes(amina, service, group)
    becomes(juma, service, other)
    with service.database.transaction() as session:
        (mine,), (theirs,) = (roles.assignments_in(session, one.id, service.now()) for one in (group, other))
        assert roles.role_in_group(session, mine.phone_id, other.id, service.now()) is None
        with pytest.raises(Invalid):
            roles.revoke(session, mine, theirs, service.now(), "*384*77#")
    with service.database.transaction() as session:
        context = ActionContext(session, amina.number, service.now(), "*384*77#", service.settings)
        assert perform(actions.EndRole(theirs.id), context) is False
        assert perform(actions.OfferRole(other.id, "admin"), context) == ""
        assert perform(actions.GroupLog(other.id), context) == perform(actions.RolesHere(other.id), context) == []


def test_what_is_done_is_noted_for_the_group_s_admins(
    amina: Phone, juma: Phone, service: Service, group: Group
) -> None:
    becomes(amina, service, group)
    amina.dials()
    amina.picks("Lead a group", "Give a role", "Facilitator")
    code = code_on(amina.handset.screen)
    joins(juma, "Juma")
    juma.dials(f"*384*77*{code}#", "2")
    amina.dials()
    amina.picks("Lead a group", "History")
    amina.sees("23 Nov Juma: became facilitator")
    juma.texts("ERASE")
    juma.texts("2")
    with service.database.reading() as session:
        noted = audit_log.entries(session, group.id)[:3]
        assert [(one.what.partition(":")[0], one.phone_id is None) for one in noted] == [
            ("ended", True),
            ("accepted_facilitator", True),
            ("offered_facilitator", False),
        ]


def test_who_leaves_everything_has_no_role_any_more(amina: Phone, service: Service, group: Group) -> None:
    becomes(amina, service, group)
    amina.dials()
    amina.picks("Settings", "Leave everything", "Yes, leave everything")
    with service.database.reading() as session:
        assert roles.assignments_in(session, group.id, service.now()) == []
        assert audit_log.entries(session, group.id)[0].what.startswith("ended:")


def test_whose_role_was_ended_at_night_reads_it_in_the_morning(
    amina: Phone, service: Service, group: Group, clock: Clock
) -> None:
    becomes(amina, service, group)
    amina.reads()
    clock.time += timedelta(hours=15)  # midnight
    with service.database.transaction() as session:
        (mine,) = roles.assignments_in(session, group.id, service.now())
        roles.revoke(session, None, mine, service.now(), "*384*77#")
    amina.hears_nothing_new()
    passes(service, clock, hours=8)
    amina.hears("Your role has ended")


def test_roles_are_handed_over_to_their_holder_and_forgotten_a_year_after(
    amina: Phone, service: Service, group: Group, clock: Clock
) -> None:
    becomes(amina, service, group)
    with service.database.reading() as session:
        phone = lookup.find_phone(session, amina.number)
        assert phone is not None
        kept = export_person(session, phone)
    assert [(one["group"], one["role"]) for one in kept["roles"]] == [("Tumaini", "admin")]
    assert [one["what"] for one in kept["done_in_a_role"]] == ["accepted_admin"]
    passes(service, clock, days=364)
    with service.database.reading() as session:
        assert len(audit_log.entries(session, group.id)) == 2
    passes(service, clock, days=370)
    with service.database.reading() as session:
        assert audit_log.entries(session, group.id) == []
        assert session.scalars(select(RoleAssignment)).all() == []


def test_a_code_cannot_be_guessed(service: Service, group: Group) -> None:
    codes = {offers(service, group) for _ in range(5)}
    assert len(codes) == 5
    assert all(len(code) == 8 for code in codes)
    for _ in range(roles.OFFERED_MOST - len(codes)):
        offers(service, group)
    with pytest.raises(Invalid):
        offers(service, group)


def test_a_word_of_another_release_is_shown_as_it_is() -> None:
    assert audit_label("painted_wall:3") == "painted wall 3"


def test_whose_role_was_given_back_at_night_does_not_read_that_it_ended(
    amina: Phone, service: Service, group: Group, clock: Clock
) -> None:
    becomes(amina, service, group)
    clock.time = clock.time.replace(hour=19)
    with service.database.transaction() as session:
        (mine,) = roles.assignments_in(session, group.id, service.now())
        roles.revoke(session, None, mine, service.now(), "*384*77#")
    amina.hears_nothing_new()
    amina.dials(f"*384*77*{offers(service, group)}#", "2")
    amina.sees("Thank you")
    clock.time += timedelta(hours=9, minutes=15)
    passes(service, clock)
    amina.hears_nothing_new()


def test_nobody_is_asked_to_go_on_leading_a_closed_group(
    amina: Phone, service: Service, group: Group, clock: Clock
) -> None:
    becomes(amina, service, group)
    with service.database.transaction() as session:
        session.get_one(Group, group.id).closed_at = service.now()
    clock.time += timedelta(days=340)
    passes(service, clock)
    amina.hears_nothing_new()
