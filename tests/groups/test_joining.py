"""Joining a group that approves newcomers: it works as for other groups, and nobody waits in vain."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from smsgate.core.errors import Invalid
from smsgate.groups import groups, invitations, join_requests, settings
from smsgate.models import Group, Invitation, JoinRequest, Member, Membership, Message, Survey
from smsgate.notices import group_changes, group_closing
from smsgate.service import Service
from smsgate.surveys import surveys
from tests.support.people import Clock, Phone, work
from tests.support.stories import joins
from tests.support.surveys import publishes

DIAL = "*384*77#"
NIGHT = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
Passes = Callable[..., None]


@pytest.fixture
def approving(service: Service, group: Group) -> Group:
    """Make the group approve newcomers, and return it."""
    with service.database.transaction() as session:
        session.get_one(Group, group.id).by_approval = True
    return group


def asks(person: Phone) -> None:
    person.dials("*384*77*4521#", "1", "1", "Amina", "1")
    person.sees("You have asked.")


def decides(service: Service, group: Group, yes: bool = True) -> bool:
    with service.database.transaction() as session:
        found = session.get_one(Group, group.id)
        (waiting,) = join_requests.open_requests(session, found.id, service.now())
        return join_requests.decide(session, found, waiting.id, yes, service.now(), DIAL, by=None)


def closes(service: Service, group: Group) -> None:
    with service.database.transaction() as session:
        group_closing.close(session, session.get_one(Group, group.id), service.now(), DIAL)


def test_who_was_let_in_is_welcomed_and_asked_what_new_members_are_asked(
    amina: Phone, service: Service, approving: Group
) -> None:
    with service.database.transaction() as session:
        found = session.get_one(Group, approving.id)
        join_requests.set_welcome(found, "en", "Welcome, we meet by the river")
    publishes(service, approving, after_joining=True, code="712")
    asks(amina)
    amina.sees_not("by the river")
    decides(service, approving)
    amina.hears("The group you asked for has let you in")
    assert "river" not in amina.inbox[-1], "a shared phone tells nothing"
    amina.dials("*384*77*4521#")
    amina.sees("by the river", "1 Continue")
    amina.types("1")
    amina.sees("Something from the group")
    amina.types("2")
    amina.dials("*384*77*4521#")
    amina.sees("1 Send my help text", "8 Tumaini")
    amina.sees_not("river", "Something from the group")


def test_the_welcome_stands_under_groups_too_and_comes_once(amina: Phone, service: Service, approving: Group) -> None:
    with service.database.transaction() as session:
        found = session.get_one(Group, approving.id)
        join_requests.set_welcome(found, "en", "Welcome, we meet by the river")
    asks(amina)
    decides(service, approving)
    for first in (True, False):
        amina.dials(None, "5")
        amina.picks("Tumaini")
        if first:
            amina.sees("by the river")
            amina.picks("Continue")
        amina.sees("Leave this group")
        amina.sees_not("river")


def test_whoever_joins_an_open_group_is_welcomed_at_once_as_before(
    amina: Phone, service: Service, group: Group
) -> None:  # fmt: skip
    with service.database.transaction() as session:
        join_requests.set_welcome(session.get_one(Group, group.id), "en", "Welcome, we meet by the river")
    joins(amina)
    amina.sees("by the river")
    amina.dials(None, "5")
    amina.picks("Tumaini")
    amina.sees_not("river")


def test_a_code_dialled_again_asks_no_second_time(amina: Phone, service: Service, approving: Group) -> None:
    asks(amina)
    amina.dials("*384*77*4521#")
    amina.sees("You have asked to join Tumaini", "1 Wait for the answer", "2 Withdraw my request")
    amina.types("1")
    with service.database.reading() as session:
        assert len(session.scalars(select(JoinRequest)).all()) == 1
    amina.dials("*384*77*4521#", "2")
    amina.sees("Your request is withdrawn")
    with service.database.reading() as session:
        assert session.scalars(select(JoinRequest)).all() == []
    amina.dials("*384*77*4521#")
    amina.sees("Ask to join Tumaini?")


def test_a_group_that_closes_tells_who_waits(amina: Phone, service: Service, approving: Group) -> None:
    asks(amina)
    closes(service, approving)
    amina.hears("The group you asked for has closed")
    amina.hears_nothing_new()


def test_who_asked_and_got_no_answer_in_two_weeks_is_told_and_may_ask_again(
    amina: Phone, service: Service, approving: Group, time_passes: Passes
) -> None:
    asks(amina)
    time_passes(days=13)
    amina.hears_nothing_new()
    time_passes(days=1, minutes=1)
    amina.hears("The group you asked for did not answer")
    amina.hears_nothing_new()
    amina.dials("*384*77*4521#")
    amina.sees("Ask to join Tumaini?")


def test_a_group_that_opens_lets_in_who_waits(amina: Phone, service: Service, approving: Group) -> None:
    asks(amina)
    changes_settings(service, approving, by_approval=False)
    amina.hears("The group you asked for has let you in")
    with service.database.reading() as session:
        assert session.scalars(select(JoinRequest)).all() == []
        assert len(session.scalars(select(Membership)).all()) == 1


def test_an_invitation_and_a_request_of_the_same_number_are_two_causes(
    amina: Phone, service: Service, approving: Group, time_passes: Passes
) -> None:
    with service.database.transaction() as session:
        invitations.invite(session, session.get_one(Group, approving.id), [amina.number], "en", service.now())
    time_passes(minutes=1)
    amina.hears("You are invited to join a group")
    asks(amina)
    decides(service, approving)
    amina.hears("The group you asked for has let you in")


def test_withdrawing_invitations_takes_no_other_text(
    amina: Phone, juma: Phone, service: Service, approving: Group, clock: Clock, time_passes: Passes
) -> None:
    """The decision waits for the night to end while another group's leader withdraws an invitation with the same id."""
    clock.time = NIGHT
    with service.database.transaction() as session:
        other = groups.create(session, "Upendo", "Africa/Nairobi", service.now(), code="7777")
        invitations.invite(session, other, [juma.number], "en", service.now())
    asks(amina)
    decides(service, approving)
    time_passes(minutes=1)
    with service.database.transaction() as session:
        (invitation,) = session.scalars(select(Invitation)).all()
        assert invitations.withdraw(session, session.get_one(Group, other.id), invitation.id, service.now())
    clock.time = NIGHT.replace(day=24, hour=4, minute=10)
    time_passes(minutes=1)
    amina.hears("The group you asked for has let you in")
    assert juma.reads() == []


def test_invitations_of_a_closed_group_are_withdrawn(
    amina: Phone, juma: Phone, service: Service, group: Group, clock: Clock, time_passes: Passes
) -> None:
    clock.time = NIGHT
    with service.database.transaction() as session:
        found = session.get_one(Group, group.id)
        invitations.invite(session, found, [amina.number, juma.number], "en", service.now())
    time_passes(minutes=1)
    closes(service, group)
    clock.time = NIGHT.replace(day=24, hour=4, minute=10)
    time_passes(minutes=1)
    assert amina.reads() == juma.reads() == []
    with service.database.reading() as session:
        assert invitations.count(session, session.get_one(Group, group.id)) == 0


def changes_settings(service: Service, group: Group, **values: object) -> None:
    with service.database.transaction() as session:
        found = session.get_one(Group, group.id)
        wanted = replace(settings.settings_of(found), **values)  # type: ignore[arg-type]
        group_changes.change_settings(session, found, wanted, service.now(), DIAL, by=None)


def test_a_new_code_is_told_and_the_former_one_still_leads_to_the_group(
    amina: Phone, juma: Phone, fatuma: Phone, service: Service, group: Group, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    with service.database.transaction() as session:
        invitations.invite(session, session.get_one(Group, group.id), [juma.number], "en", service.now())
    time_passes(minutes=1)
    juma.hears("JOIN 4521")
    clock.time = NIGHT
    with service.database.transaction() as session:
        invitations.invite(session, session.get_one(Group, group.id), [fatuma.number], "sw", service.now())
    time_passes(minutes=1)
    changes_settings(service, group, code="4600")
    changes_settings(service, group, code="4601")
    clock.time = NIGHT.replace(day=24, hour=4, minute=10)
    time_passes(minutes=1)
    fatuma.hears("JOIN 4601", "kikundi")
    amina.hears("One of your groups has a new code: dial *384*77*4601#")
    assert len([said for said in amina.inbox if "new code" in said]) == 1
    juma.dials("*384*77*4521#", "1", "1", "Juma", "1")  # as he was invited
    juma.sees("You've joined Tumaini")


def test_a_code_and_back_says_nothing(
    amina: Phone, service: Service, group: Group, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    clock.time = NIGHT
    for code in ("4600", "4521"):
        changes_settings(service, group, code=code)
        work(service)
    clock.time = NIGHT.replace(day=24, hour=4, minute=10)
    time_passes(minutes=1)
    amina.hears_nothing_new()


def test_a_group_takes_no_code_that_leads_elsewhere(service: Service, group: Group) -> None:
    publishes(service, group, code="712")
    changes_settings(service, group, code="4600")
    with service.database.transaction() as session:
        for code in ("712", "4600", "4521"):
            with pytest.raises(Invalid, match="is taken"):
                groups.create(session, "Other", "Africa/Nairobi", service.now(), code=code)
        survey = session.scalars(select(Survey)).one()
        with pytest.raises(Invalid, match="is taken"):
            surveys.set_access(session, survey, surveys.SurveyAccess(code="4521"), DIAL)
        surveys.set_access(session, survey, surveys.SurveyAccess(code="712"), DIAL)


def test_what_nobody_reads_is_not_queued(amina: Phone, service: Service, group: Group) -> None:
    """Members who paused group messages are not told of a new code."""
    joins(amina)
    with service.database.transaction() as session:
        session.scalars(select(Member)).one().paused_at = service.now()
    before = len(amina.reads())
    changes_settings(service, group, code="4600")
    assert len(amina.reads()) == before
    with service.database.reading() as session:
        assert [row for row in session.scalars(select(Message)) if row.about] == []


def test_who_is_in_again_before_the_morning_does_not_read_that_they_are_out(
    amina: Phone, service: Service, group: Group, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    clock.time = NIGHT
    with service.database.transaction() as session:
        groups.remove_member(session, session.scalars(select(Membership)).one(), service.now(), DIAL)
    work(service)
    amina.dials("*384*77*4521#", "1")
    amina.sees("You've joined Tumaini")
    clock.time = NIGHT.replace(day=24, hour=4, minute=10)
    time_passes(minutes=1)
    amina.hears_nothing_new()


def test_who_left_before_the_morning_does_not_read_that_they_are_in(
    amina: Phone, service: Service, approving: Group, clock: Clock, time_passes: Passes
) -> None:
    clock.time = NIGHT
    asks(amina)
    decides(service, approving)
    work(service)
    amina.texts("STOP 4521")
    clock.time = NIGHT.replace(day=24, hour=4, minute=10)
    time_passes(minutes=1)
    amina.hears_nothing_new()
