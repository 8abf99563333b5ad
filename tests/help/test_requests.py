"""Help requests go only to responders who agreed, only by the member's own act, and show a true status for each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from smsgate.gateways import Outcome, Verdict
from smsgate.models import Group, HelpRequest, Message, MessageKind, MessageStatus, Responder, ResponderStatus
from smsgate.service import Service
from smsgate.workers.scheduler import run_scheduled_tasks
from tests.support.people import Clock, Phone
from tests.support.stories import agrees, copies, joins, plans, refuse


def test_nothing_goes_to_somebody_who_has_not_agreed(amina: Phone, juma: Phone, fatuma: Phone, group: Group) -> None:
    joins(amina)
    amina.dials(None, "1")
    amina.sees("first choose people who agree")
    amina.dials(None, "4", "1", juma.number, "Juma", "1")
    amina.dials(None, "1")
    amina.sees("Nobody on your list has answered yet")
    agrees(amina, fatuma, "Fatuma")
    amina.dials(None, "1", "2")
    assert [text for text in juma.reads() if "get in touch" in text] == []
    fatuma.hears("Please get in touch with me")


def test_declining_is_final_and_kind(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    amina.dials(None, "4", "1", juma.number, "Juma", "1")
    assert "That is fine" in juma.texts("2")
    amina.dials(None, "4")
    amina.sees("Juma: said no")


def test_a_responder_leaves_with_stop(ready: Phone, juma: Phone, fatuma: Phone) -> None:
    juma.texts("stop")
    ready.dials(None, "4")
    ready.sees("Juma: stopped", "Fatuma: agreed")
    ready.dials(None, "1", "2")
    ready.sees("on its way to 1 person")
    juma.hears_nothing_new()


def test_a_responder_leaves_by_dialling(ready: Phone, juma: Phone) -> None:
    juma.dials(None, "1", "1")
    juma.picks("Stop getting their texts")
    juma.sees("You'll get nothing more from them")
    ready.dials(None, "4")
    ready.sees("Juma: stopped")


def test_sending_needs_two_different_keys(ready: Phone, juma: Phone) -> None:
    ready.dials(None, "1", "1")
    ready.sees("Nothing was sent")
    juma.hears_nothing_new()


def test_long_words_leave_the_keys_on_the_first_screen(ready: Phone, juma: Phone) -> None:
    words = "Please come when you can, bring nothing, say nothing, just sit here for an hour or so. Thank you."
    ready.dials(None, "3", "1", "1", words)
    ready.dials(None, "1")
    ready.sees("1 Not now", "2 Yes, send it now", "3 Read it first")
    ready.types("3")
    ready.sees("Please come when you can")
    while "98 More" in ready.handset.screen:
        ready.types("98")
    ready.picks("Yes, send it now")
    juma.hears(words)


def test_a_member_can_hold_three_people_and_take_one_off(
    amina: Phone, phone: Callable[[str], Phone], group: Group
) -> None:
    joins(amina)
    for n in range(3):
        amina.dials(None, "4")
        amina.picks("Add a person")
        amina.types(f"07220000{n:02}", f"P{n}", "1")
    amina.dials(None, "4")
    amina.sees("P0", "P1", "P2")
    amina.sees_not("Add a person")
    amina.types("2", "2")
    amina.sees("P1 is off your list")
    amina.dials(None, "4")
    amina.sees_not("P1")


def test_the_same_person_is_asked_once_and_never_oneself(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "4", "2", "+254 711 000 002", "1", "1")
    amina.sees("on your list already")
    amina.dials(None, "4", "2", amina.number, "1", "1")
    amina.sees("your own number")


def test_a_number_cannot_be_flooded_with_invitations(
    amina: Phone, otieno: Phone, phone: Callable[[str], Phone], group: Group
) -> None:
    for n in range(3):
        other = phone(f"+2547220000{n:02}")
        joins(other)
        other.dials(None, "4", "1", otieno.number, "1", "1")
        other.sees("We've asked them.")
    joins(amina)
    amina.dials(None, "4", "1", otieno.number, "1", "1")
    amina.sees("We can't ask any more people")
    assert len(otieno.reads()) == 3


def test_a_member_cannot_flood_by_adding_and_removing(amina: Phone, group: Group) -> None:
    joins(amina)
    for n in range(6):
        amina.dials(None, "4", "1", f"07220000{n:02}", "1", "1")
        amina.sees("We've asked them.")
        amina.dials(None, "4", "1", "2")
    amina.dials(None, "4", "1", "0722000099", "1", "1")
    amina.sees("We can't ask any more people")


def test_the_truth_is_on_the_redial_screen(
    ready: Phone, juma: Phone, fatuma: Phone, time_passes: Callable[..., None]
) -> None:
    ready.dials(None, "1", "2")
    ready.dials(None, "1")
    ready.sees("Sent 09:00", "Juma: on its way", "Fatuma: on its way")
    ready.reads()
    time_passes(minutes=1)
    ready.dials(None, "1")
    ready.sees("Juma: sent 09:00", "Fatuma: sent 09:00")
    juma.got_it()
    fatuma.reads()
    fatuma.reports(fatuma.ids[-1], "Failed", "UserIsInactive")
    ready.dials(None, "1")
    ready.sees("Juma: got it 09:01", "Fatuma: did not arrive")
    time_passes(minutes=1)
    juma.texts("1")
    ready.dials(None, "1")
    ready.sees("Sent 09:00", "Juma: helping 09:02", "Fatuma: did not arrive")


def test_sending_again_is_asked_and_reaches_everybody_again(ready: Phone, juma: Phone) -> None:
    ready.dials(None, "1", "2")
    ready.dials(None, "1", "3", "1")
    ready.sees("Nothing more was sent")
    before = len(juma.reads())
    ready.dials(None, "1", "3", "2")
    ready.sees("on its way to 2 people")
    assert len(juma.reads()) == before + 1


def test_after_three_in_an_hour_it_asks_and_never_bars(ready: Phone, juma: Phone) -> None:
    for _n in range(3):
        ready.dials(None, "1", "2")
        ready.dials(None, "1", "2")  # I am fine now
    ready.dials(None, "1")
    ready.sees("You sent it 3 times in the last hour")
    ready.types("2")
    ready.sees("on its way")


def test_i_am_fine_reaches_those_who_were_told_and_nothing_follows(ready: Phone, juma: Phone, fatuma: Phone) -> None:
    ready.dials(None, "1", "2")
    juma.reads(), fatuma.reads()
    ready.texts("I am fine")
    juma.hears("I am fine now")
    fatuma.hears("I am fine now")
    answer = juma.texts("1")
    assert "helping" not in answer
    assert [text for text in ready.reads() if "is helping" in text] == []


def test_the_member_is_told_of_a_text_that_could_not_leave(
    ready: Phone, juma: Phone, service: Service, time_passes: Callable[..., None]
) -> None:
    refuse(service, juma.number, Outcome(juma.number, Verdict.FAILED, reason="UnsupportedNumberType"))
    ready.dials(None, "1", "2")
    ready.hears("could not be sent to Juma")
    time_passes(minutes=3)
    assert sum("could not be sent" in text for text in ready.reads()) == 1
    ready.dials(None, "1")
    ready.sees("Juma: not sent", "Fatuma: sent")


def test_the_member_is_told_within_two_minutes_when_the_gateway_does_not_answer(
    ready: Phone, juma: Phone, service: Service, time_passes: Callable[..., None]
) -> None:
    refuse(service, juma.number, Outcome(juma.number, Verdict.RETRY, reason="GatewayError"))
    ready.dials(None, "1", "2")
    ready.hears_nothing_new()
    for _round in range(20):
        time_passes(seconds=5)
    ready.hears("could not be sent to Juma")


def test_the_member_is_told_within_two_minutes_though_the_clock_was_set_back(
    ready: Phone, juma: Phone, service: Service, clock: Clock, time_passes: Callable[..., None]
) -> None:
    run_scheduled_tasks(service)
    clock.time += timedelta(hours=1)  # a clock that was wrong, or a scheduler that has just been restarted
    run_scheduled_tasks(service)
    clock.time -= timedelta(hours=1)
    run_scheduled_tasks(service)
    refuse(service, juma.number, Outcome(juma.number, Verdict.RETRY, reason="GatewayError"))
    ready.dials(None, "1", "2")
    for _round in range(20):
        time_passes(seconds=5)
    ready.hears("could not be sent to Juma")


def test_after_a_downtime_the_text_leaves_before_anybody_is_told_that_it_did_not(
    ready: Phone, juma: Phone, service: Service, clock: Clock
) -> None:
    run_scheduled_tasks(service)
    ready.dials(None, "1", "2")
    clock.time += timedelta(minutes=30)  # neither worker nor scheduler runs
    run_scheduled_tasks(service)  # the scheduler comes back before the workers
    ready.hears_nothing_new()
    juma.hears("Reply 1 if you can help")
    for _round in range(20):
        clock.time += timedelta(seconds=5)
        run_scheduled_tasks(service)
    ready.hears_nothing_new()


def test_after_a_downtime_the_member_is_told_all_the_same_where_it_does_not_leave(
    ready: Phone, juma: Phone, service: Service, clock: Clock
) -> None:
    refuse(service, juma.number, Outcome(juma.number, Verdict.RETRY, reason="GatewayError"))
    run_scheduled_tasks(service)
    ready.dials(None, "1", "2")
    clock.time += timedelta(minutes=30)
    for _round in range(20):
        run_scheduled_tasks(service)
        ready.reads()
        clock.time += timedelta(seconds=5)
    ready.hears("could not be sent to Juma")
    refuse(service, juma.number, Outcome(juma.number, Verdict.ACCEPTED, "ATXid_late"))
    clock.time += timedelta(minutes=3)
    ready.reads()
    ready.dials(None, "1")
    ready.sees("Juma: sent 09:3", "Fatuma: sent 09:30")  # sent in the end, as the screen says


def test_a_pause_leaves_the_help_text_working(ready: Phone, juma: Phone) -> None:
    ready.dials(None, "6", "5", "1")
    ready.dials(None, "1", "2")
    juma.hears("Please get in touch")
    juma.texts("1")
    ready.hears("Juma is helping")


def test_leaving_the_group_leaves_the_help_text_working(ready: Phone, juma: Phone) -> None:
    ready.dials(None, "5", "1", "2", "1")
    ready.sees("Your help text still works")
    ready.dials(None, "1", "2")
    juma.hears("Please get in touch")


def test_somebody_erased_is_no_responder_and_no_member_any_more(ready: Phone, juma: Phone, service: Service) -> None:
    juma.texts("erase")
    assert "erased" in juma.texts("2")
    ready.dials(None, "4")
    ready.sees_not("Juma")
    ready.dials(None, "6")
    ready.picks("Erase my data", "Yes, erase")
    ready.sees("erased")
    with service.database.reading() as session:
        assert session.scalars(select(Responder)).all() == []
        assert session.scalars(select(HelpRequest)).all() == []
    ready.dials()
    ready.sees("Welcome")


def test_an_invitation_that_is_withdrawn_in_time_never_leaves(
    amina: Phone, juma: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    amina.dials(None, "4", "1", juma.number, "Juma", "1")
    amina.dials(None, "4", "1", "2")
    juma.hears_nothing_new()
    with service.database.reading() as session:
        message = session.scalars(select(Message).where(Message.kind == MessageKind.INVITATION)).one()
        assert (message.state, message.words) == (MessageStatus.WITHDRAWN, None)


@pytest.mark.both_databases
def test_two_who_ask_at_once_each_get_their_answer(
    ready: Phone, juma: Phone, otieno: Phone, time_passes: Callable[..., None]
) -> None:
    joins(otieno, "Otieno")
    agrees(otieno, juma, "Juma O")
    ready.dials(None, "1", "2")
    time_passes(seconds=5)
    otieno.dials(None, "1", "2")
    first, second = juma.reads()[-2:]
    assert "Amina" in first
    assert "Reply 1 if you can help, 2 if you can't" in first
    assert "Otieno" in second
    assert "Reply 3 if you can help, 4 if you can't" in second
    asked = juma.texts("ok")
    assert "For whom? Reply 3 for Otieno" in asked
    assert "1 for Amina" in asked
    assert "Amina" in juma.texts("1")
    ready.hears("Juma is helping")
    assert "Otieno" in juma.texts("4")
    otieno.hears("Juma O can't help right now")
    assert "Otieno" in juma.texts("3")  # he changed his mind
    otieno.hears("Juma O is helping")


def test_a_request_is_closed_after_a_day(ready: Phone, service: Service, time_passes: Callable[..., None]) -> None:
    ready.dials(None, "1", "2")
    time_passes(hours=24, minutes=1)
    ready.dials()
    ready.sees("1 Send my help text")


def test_agreeing_is_asked_for_once_and_kept_in_the_ledger(ready: Phone, service: Service) -> None:
    with service.database.reading() as session:
        agreed = session.scalars(select(Responder.agreed)).all()
    assert agreed == [ResponderStatus.YES, ResponderStatus.YES]


def test_what_reached_nobody_is_sent_again_at_once(
    amina: Phone, juma: Phone, group: Group, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The word a second time within the minute is no repeat of a text that could not be sent to anybody."""
    joins(amina)
    agrees(amina, juma, "Juma")
    plans(amina, "Ways to send", "By text")
    amina.types("mvua")
    with monkeypatch.context() as bad:
        bad.setattr(service.gateway, "send", service.gateway.send)
        refuse(service, juma.number, Outcome(juma.number, Verdict.FAILED, reason="Rejected"))
        assert "On its way to 1" in amina.texts("mvua")
    assert copies(amina, "could not be sent to Juma") == 1
    assert "On its way to 1" in amina.texts("mvua")
    assert copies(juma) == 1
