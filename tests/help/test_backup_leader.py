"""The leader as backup: they are asked exactly if the member was told so, and the choice can be undone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.groups import groups, roles
from smsgate.help import backup_leader, escalation
from smsgate.models import Group, HelpRecipient, Member, Role, RoleAssignment
from smsgate.notices import group_closing
from smsgate.service import Service
from tests.support.openings import Play
from tests.support.people import Clock, Phone, work
from tests.support.stories import agrees, chooses, copies, joins, offers, plans

CANNOT = "Your leader can't be asked right now."
IS_ASKED = "we ask your group leader"
OTHERS = "5555"


@pytest.fixture
def ready(amina: Phone, juma: Phone, fatuma: Phone, group: Group, opening: Play) -> Phone:
    """Return Amina, with two people who agreed."""

    def begins() -> None:
        joins(amina)
        agrees(amina, juma, "Juma")
        agrees(amina, fatuma, "Fatuma")

    opening(begins, amina, juma, fatuma)
    return amina


@pytest.fixture
def leader(otieno: Phone, service: Service, group: Group) -> Phone:
    """Return Otieno, a leader who takes help texts."""
    joins(otieno, "Otieno")
    takes_help(otieno, service, group)
    return otieno


def takes_help(otieno: Phone, service: Service, group: Group) -> None:
    otieno.dials(f"*384*77*{offers(service, group)}#", "2")
    otieno.dials()
    otieno.picks("Lead a group", "Help texts to me: off", "Yes")


def turns_to(member: Phone, name: str = "Otieno") -> None:
    plans(member, "If nobody answers", "Ask my group leader", name, "5 minutes", "Nothing more")
    member.sees(IS_ASKED)


def sees_plan(member: Phone, *, leader: bool) -> None:
    plans(member, "If nobody answers")
    member.sees(IS_ASKED)
    assert (CANNOT in member.handset.screen) is not leader


def sends(member: Phone, time_passes: Callable[..., None]) -> None:
    member.dials(None, "1", "2")
    time_passes(minutes=6)


def ends_role(otieno: Phone, service: Service, group: Group, member: Phone) -> None:
    otieno.dials()
    otieno.picks("Lead a group", "My role", "End my role", "Yes, end it")


def takes_no_help(otieno: Phone, service: Service, group: Group, member: Phone) -> None:
    otieno.dials()
    otieno.picks("Lead a group", "Help texts to me: on", "No")


def closes_group(otieno: Phone, service: Service, group: Group, member: Phone) -> None:
    with service.database.transaction() as session:
        group_closing.close(session, session.get_one(Group, group.id), service.now(), "*384*77#")


def leaves_group(otieno: Phone, service: Service, group: Group, member: Phone) -> None:
    member.texts("STOP 4521")


def leads_others(otieno: Phone, service: Service, group: Group, member: Phone) -> None:
    """Make them lead, and take help texts in, a group in which the member isn't."""
    with service.database.transaction() as session:
        other = groups.create(session, "Another", "Africa/Nairobi", service.now(), code=OTHERS)
        code = roles.offer(session, other, Role.FACILITATOR, service.now())
    otieno.dials(f"*384*77*{code}#", "2")
    otieno.dials()
    otieno.picks("Lead a group", "Another", "Help texts to me: off", "Yes")
    otieno.dials()
    otieno.picks("Lead a group", "Tumaini", "My role", "End my role", "Yes, end it")


def rests(otieno: Phone, service: Service, group: Group, member: Phone) -> None:
    otieno.texts("REST")


def stops_being_chosen(otieno: Phone, service: Service, group: Group, member: Phone) -> None:
    otieno.texts("LEAVE")


ENDS = [
    ends_role, takes_no_help, closes_group, leaves_group, leads_others, rests, stops_being_chosen
]  # fmt: skip


@pytest.mark.parametrize("end", ENDS)
def test_who_may_not_be_asked_is_neither_promised_nor_asked(
    ready: Phone, juma: Phone, fatuma: Phone, leader: Phone, service: Service, group: Group,
    time_passes: Callable[..., None], end: Callable[..., None],
) -> None:  # fmt: skip
    turns_to(ready)
    sees_plan(ready, leader=True)
    end(leader, service, group, ready)
    sees_plan(ready, leader=False)
    ready.dials(None, "1", "2")
    ready.dials(None, "1")
    assert "leader" not in ready.handset.screen
    time_passes(minutes=6)
    assert copies(leader) == 0
    ready.hears("Nobody has answered yet")
    ready.texts("FINE")
    juma.texts("REST"), fatuma.texts("REST")
    ready.dials(None, "1")
    ready.sees("None of your people can be reached right now.")


def gives_it_up(session: Session, assignment: RoleAssignment, member: Member, now: datetime) -> None:
    backup_leader.set_takes_help(session, assignment, False)


def steps_down(session: Session, assignment: RoleAssignment, member: Member, now: datetime) -> None:
    roles.end(session, assignment, now, by=None)


def is_not_chosen_any_more(session: Session, assignment: RoleAssignment, member: Member, now: datetime) -> None:
    backup_leader.undo(session, member, now)


@pytest.mark.parametrize("end", [gives_it_up, steps_down, is_not_chosen_any_more])
def test_a_text_that_waits_is_not_sent_to_who_may_not_be_asked_any_more(
    ready: Phone, leader: Phone, service: Service, clock: Clock, end: Callable[..., None]
) -> None:
    turns_to(ready)
    ready.dials(None, "1", "2")
    clock.time += timedelta(minutes=6)
    with service.database.transaction() as session:
        escalation.escalate_due(session, service.now(), "*384*77#")
        asked = session.scalars(select(HelpRecipient).order_by(HelpRecipient.id.desc())).first()
        assert asked is not None
        assert asked.responder.phone.number == leader.number
        end(session, session.scalars(select(RoleAssignment)).one(), asked.request.member, service.now())
    work(service)
    assert copies(leader) == 0


def test_what_ended_can_begin_again(
    ready: Phone, leader: Phone, service: Service, group: Group, time_passes: Callable[..., None]
) -> None:
    turns_to(ready)
    takes_no_help(leader, service, group, ready)
    sees_plan(ready, leader=False)
    leader.dials()
    leader.picks("Lead a group", "Help texts to me: off", "Yes")
    sees_plan(ready, leader=True)
    sends(ready, time_passes)
    assert copies(leader) == 1


def test_who_declined_as_a_responder_is_asked_as_the_leader(
    ready: Phone, otieno: Phone, service: Service, group: Group, time_passes: Callable[..., None]
) -> None:
    chooses(ready, otieno, "Otieno")
    otieno.texts("2")
    joins(otieno, "Otieno")
    takes_help(otieno, service, group)
    turns_to(ready)
    sees_plan(ready, leader=True)
    ready.dials(None, "4")
    ready.sees("Otieno: said no")
    sends(ready, time_passes)
    assert copies(otieno) == 1
    assert "knows you can help" in otieno.texts("1")
    ready.hears("Otieno is helping")


def test_who_is_a_responder_too_is_asked_once_and_leaves_once(
    ready: Phone, leader: Phone, service: Service, group: Group, time_passes: Callable[..., None]
) -> None:
    turns_to(ready)
    ready.dials(None, "4")
    ready.picks("Fatuma: agreed", "Take off my list")
    agrees(ready, leader, "Otieno")
    sees_plan(ready, leader=True)
    sends(ready, time_passes)
    assert copies(leader) == 1
    leader.dials()
    leader.picks("Who chose me")
    assert leader.handset.screen.count("Amina") == 1
    leader.picks("Amina", "Stop getting their texts")
    leader.dials()
    assert "Who chose me" not in leader.handset.screen
    sees_plan(ready, leader=False)


def test_a_leader_whom_somebody_left_is_not_offered_to_them_until_they_take_help_texts_anew(
    ready: Phone, leader: Phone, service: Service, group: Group
) -> None:
    turns_to(ready)
    leader.texts("LEAVE")
    plans(ready, "If nobody answers", "Change it", "Ask my group leader")
    ready.sees("None of your group leaders takes help texts right now")
    leader.dials()
    leader.picks("Lead a group", "Help texts to me: on", "Yes")
    sees_plan(ready, leader=False)
    plans(ready, "If nobody answers", "Change it", "Ask my group leader", "Otieno", "5 minutes", "Nothing more")
    sees_plan(ready, leader=True)


@pytest.mark.parametrize(
    "undo", [("Do nothing",), ("Don't ask a leader",), ("Change it", "Send again", "5 minutes", "Nothing more")]
)
def test_a_choice_undone_is_undone_for_a_request_that_is_open(
    ready: Phone, leader: Phone, time_passes: Callable[..., None], undo: tuple[str, ...]
) -> None:
    plans(ready, "If nobody answers", "Ask my group leader", "Otieno", "5 minutes", "Show me numbers to call")
    ready.dials(None, "1", "2")
    plans(ready, "If nobody answers", *undo)
    ready.dials(None, "1")
    assert "leader" not in ready.handset.screen
    time_passes(minutes=6)
    assert copies(leader) == 0
    assert copies(ready, "Nobody has answered yet") == (undo != ("Do nothing",))
    plans(ready, "If nobody answers")
    assert IS_ASKED not in ready.handset.screen
    leader.dials()
    assert "Who chose me" not in leader.handset.screen


def test_who_was_asked_and_undone_is_told_of_the_end(
    ready: Phone, leader: Phone, service: Service, time_passes: Callable[..., None]
) -> None:
    turns_to(ready)
    sends(ready, time_passes)
    leader.hears("Reply 1")
    plans(ready, "If nobody answers", "Do nothing")
    assert "knows you can help" in leader.texts("1")
    ready.hears("Otieno is helping")
    ready.texts("FINE")
    leader.hears("I am fine now")
    time_passes(hours=1)
    leader.dials()
    assert "Who chose me" not in leader.handset.screen
    with service.database.transaction() as session:
        backup_leader.forget_undone(session)
