"""Escalation: if nobody answers, the steps that the member chose run in order until the first answer."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select

from smsgate.gateways import Outcome, Verdict
from smsgate.models import Group, HelpRequest, Lane, Message
from smsgate.service import Service
from smsgate.workers.scheduler import run_scheduled_tasks
from tests.support.outbox import Outbox
from tests.support.people import Clock, Phone, work
from tests.support.stories import HELP, agrees, copies, joins, offers, plans, refuse


def test_nothing_is_chosen_so_nothing_happens(
    ready: Phone, juma: Phone, fatuma: Phone, time_passes: Callable[..., None]
) -> None:
    ready.dials(None, "1", "2")
    juma.got_it()
    fatuma.got_it()
    for _n in range(4):
        time_passes(hours=1)
    assert copies(juma) == 1
    ready.hears_nothing_new()


def test_one_person_after_the_other_in_the_members_order(
    ready: Phone, juma: Phone, fatuma: Phone, time_passes: Callable[..., None]
) -> None:
    plans(ready, "If nobody answers", "One person after the other", "5 minutes", "Nothing more")
    ready.sees("After 5 minutes without an answer: we ask the next person.")
    ready.dials(None, "4", "2")
    ready.picks("Move up the list")
    ready.dials(None, "1")
    ready.sees("Send your help text to 1 person?")
    ready.types("2")
    assert (copies(fatuma), copies(juma)) == (1, 0)
    ready.dials(None, "1")
    ready.sees("Fatuma: sent 09:0", ": next person")
    time_passes(minutes=4)
    assert copies(juma) == 0
    time_passes(minutes=2)
    assert copies(juma) == 1
    time_passes(minutes=6)
    ready.hears("Nobody has answered yet")
    time_passes(minutes=30)
    assert (copies(fatuma), copies(juma), copies(ready, "Nobody has answered")) == (1, 1, 1)


def test_who_cannot_now_makes_the_next_step_come_at_once(
    ready: Phone, juma: Phone, fatuma: Phone, time_passes: Callable[..., None]
) -> None:
    plans(ready, "If nobody answers", "One person after the other", "60 minutes", "Nothing more")
    ready.dials(None, "1", "2")
    assert "knows you can't right now" in juma.texts("2")
    ready.hears("Juma can't help right now.")
    time_passes(seconds=10)
    assert copies(fatuma) == 1
    ready.dials(None, "1")
    ready.sees("Juma: can't right now 09:0", "Fatuma: sent 09:0")
    time_passes(hours=1, minutes=1)
    ready.hears("Nobody has answered yet")
    assert "knows you can help" in juma.texts("1")  # he changed his mind
    ready.hears("Juma is helping.")


def test_a_text_that_cannot_leave_makes_the_next_step_come_at_once(
    ready: Phone, juma: Phone, fatuma: Phone, service: Service, time_passes: Callable[..., None]
) -> None:
    plans(ready, "If nobody answers", "One person after the other", "60 minutes", "Nothing more")
    refuse(service, juma.number, Outcome(juma.number, Verdict.FAILED, reason="UnsupportedNumberType"))
    ready.dials(None, "1", "2")
    ready.hears("could not be sent to Juma")
    time_passes(seconds=10)
    assert copies(fatuma) == 1


def test_an_answer_counts_although_the_network_reported_a_failure(ready: Phone, juma: Phone) -> None:
    ready.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    juma.reports(juma.ids[-1], "Failed", "DeliveryFailure")
    assert "knows you can help" in juma.texts("1")
    ready.hears("Juma is helping.")
    ready.dials(None, "1")
    ready.sees("Juma: helping")


def test_a_call_that_was_cut_off_does_not_go_on_with_how_it_stood_then(ready: Phone, juma: Phone) -> None:
    ready.dials(None, "1", "2")
    juma.reads()
    ready.dials(None, "1")
    ready.sees("Juma: sent")
    ready.drops()
    juma.texts("1")
    ready.handset.dials()
    ready.sees("1 See who answered")
    ready.types("1")
    ready.sees("Juma: helping")


def test_it_is_sent_again_once_and_stops_at_an_answer(
    ready: Phone, juma: Phone, fatuma: Phone, time_passes: Callable[..., None]
) -> None:
    plans(ready, "If nobody answers", "Send again", "15 minutes", "Show me numbers to call")
    ready.sees("we send it again, you get numbers to call")
    ready.dials(None, "1", "2")
    juma.reads(), fatuma.reads()
    fatuma.texts("2")
    time_passes(minutes=16)
    assert (copies(juma), copies(fatuma)) == (2, 1), "who can't right now is not asked again"
    juma.texts("1")
    ready.hears("Juma is helping")
    for _n in range(3):
        time_passes(minutes=20)
    assert (copies(juma), copies(ready, "Nobody has")) == (2, 0)


def test_a_text_that_may_have_left_twice_is_not_sent_a_third_time(
    ready: Phone, juma: Phone, service: Service, time_passes: Callable[..., None]
) -> None:
    plans(ready, "If nobody answers", "Send again", "5 minutes", "Nothing more")
    send, calls = service.gateway.send, list[str]()

    def sending(words: str, numbers: Sequence[str]) -> list[Outcome]:
        if list(numbers) == [juma.number] and HELP in words:
            calls.append(words)
            return [Outcome(juma.number, Verdict.UNKNOWN)]
        return send(words, numbers)

    service.gateway.send = sending  # type: ignore[method-assign]
    ready.dials(None, "1", "2")
    for _n in range(8):
        time_passes(minutes=3)
    assert len(calls) == 2


def test_one_that_the_network_reported_as_failed_is_counted_as_a_copy(
    ready: Phone, juma: Phone, service: Service, time_passes: Callable[..., None]
) -> None:
    plans(ready, "If nobody answers", "Send again", "5 minutes", "Nothing more")
    ready.dials(None, "1", "2")
    juma.reads()
    juma.reports(juma.ids[-1], "Failed", "DeliveryFailure")
    assert copies(juma) == 1
    tried: list[str] = []

    def lost(words: str, numbers: Sequence[str]) -> list[Outcome]:
        tried.extend(number for number in numbers if HELP in words and number == juma.number)
        return [Outcome(number, Verdict.UNKNOWN) for number in numbers]

    service.gateway.send = lost  # type: ignore[method-assign]
    for _n in range(4):
        time_passes(minutes=6)
    assert tried == [juma.number]


@pytest.mark.parametrize("answer", ["1", "2"])
def test_who_answered_gets_no_second_copy_of_what_may_have_been_lost(
    ready: Phone, juma: Phone, service: Service, time_passes: Callable[..., None], answer: str
) -> None:
    ready.dials(None, "1", "2")
    outbox = Outbox(service)
    assert len(outbox.hands_over(outbox.claims(Lane.URGENT))) == 2
    service.gateway.send(f"{HELP}. Reply 1 if you can help", [juma.number])  # the worker dies before recording this
    juma.writes(answer)
    for _n in range(3):
        time_passes(minutes=3)
    assert copies(juma) == 1
    assert "could not be sent to Juma" not in " ".join(ready.reads())


def test_fine_now_ends_it(ready: Phone, juma: Phone, time_passes: Callable[..., None]) -> None:
    plans(ready, "If nobody answers", "Send again", "5 minutes", "Nothing more")
    ready.dials(None, "1", "2")
    juma.reads()
    ready.texts("I am fine")
    before = len(juma.reads())
    for _n in range(3):
        time_passes(minutes=10)
    assert len(juma.reads()) == before


def test_numbers_to_call_come_to_the_member_alone(ready: Phone, juma: Phone, time_passes: Callable[..., None]) -> None:
    plans(ready, "If nobody answers", "Show me numbers", "5 minutes")
    ready.dials(None, "1", "2")
    time_passes(minutes=6)
    ready.hears("Nobody has answered yet")
    time_passes(hours=2)
    assert (copies(ready, "Nobody has"), copies(juma)) == (1, 1)


def test_who_leads_is_asked_only_where_both_agreed(
    ready: Phone, juma: Phone, otieno: Phone, service: Service, group: Group, time_passes: Callable[..., None]
) -> None:
    plans(ready, "If nobody answers", "Ask my group leader")
    ready.sees("None of your group leaders takes help texts right now")
    joins(otieno, "Otieno")
    otieno.dials(f"*384*77*{offers(service, group)}#", "2")
    otieno.dials()
    otieno.picks("Lead a group", "Help texts to me: off", "Yes")
    plans(ready, "If nobody answers", "Ask my group leader", "Otieno", "5 minutes", "Nothing more")
    ready.sees("After 5 minutes without an answer: we ask your group leader.")
    ready.dials(None, "1", "2")
    assert copies(otieno) == 0
    time_passes(minutes=6)
    otieno.hears("Amina (+254 711 000001)", HELP, "Reply 1")
    assert "knows you can help" in otieno.texts("1")
    ready.hears("Otieno is helping")
    juma.hears("somebody is helping")
    ready.dials(None, "1")
    ready.picks("I am fine now")
    otieno.hears("I am fine now")
    otieno.dials()
    otieno.picks("Lead a group", "Help texts to me: on", "No")
    ready.dials(None, "1", "2")
    time_passes(minutes=6)
    assert copies(otieno) == 1
    ready.hears("Nobody has answered yet")


def test_a_pause_in_which_one_key_takes_it_back(ready: Phone, juma: Phone, time_passes: Callable[..., None]) -> None:
    plans(ready, "Ways to send", "Time to cancel it", "120 seconds")
    ready.dials(None, "1", "2")
    ready.sees("It will be sent in 120 seconds", "1 Cancel it", "2 Send it")
    ready.drops()  # it was confirmed, so it is sent even though the session drops
    time_passes(seconds=60)
    juma.hears_nothing_new()
    ready.dials(None, "1")
    ready.sees("It will be sent in 60 seconds")
    ready.picks("Cancel it")
    ready.sees("Cancelled. Nobody was told.")
    time_passes(minutes=3)
    juma.hears_nothing_new()
    ready.dials(None, "1", "2")
    time_passes(seconds=121)
    assert copies(juma) == 1
    ready.dials(None, "1")
    ready.sees("Juma: sent 09:0")


def test_with_nobody_to_reach_who_leads_is_asked_at_once(
    ready: Phone, juma: Phone, fatuma: Phone, otieno: Phone, service: Service, group: Group,
    time_passes: Callable[..., None],
) -> None:  # fmt: skip
    joins(otieno, "Otieno")
    otieno.dials(f"*384*77*{offers(service, group)}#", "2")
    otieno.dials()
    otieno.picks("Lead a group", "Help texts to me: off", "Yes")
    plans(ready, "If nobody answers", "Ask my group leader", "Otieno", "60 minutes", "Nothing more")
    juma.texts("rest"), fatuma.texts("rest")
    ready.dials(None, "1")
    ready.sees("None of your people can be reached. Ask your group leader?")
    ready.types("2")
    ready.sees("We are asking your group leader now")
    time_passes(seconds=10)
    assert copies(otieno) == 1


def test_two_clocks_make_each_step_once(ready: Phone, juma: Phone, service: Service, clock: Clock) -> None:
    plans(ready, "If nobody answers", "Send again", "5 minutes", "Nothing more")
    ready.dials(None, "1", "2")
    juma.reads()
    clock.time += timedelta(minutes=6)
    for _n in range(3):
        run_scheduled_tasks(service)
    work(service)
    assert copies(juma) == 2
    with service.database.reading() as session:
        assert len(session.scalars(select(HelpRequest)).all()) == 1
        causes = session.scalars(select(Message.key).where(Message.key.startswith("help:"))).all()
    assert len(causes) == 4


def test_the_truth_with_the_longest_names_is_told_on_one_screen_and_its_keys_on_the_same(
    amina: Phone, juma: Phone, fatuma: Phone, group: Group
) -> None:
    joins(amina)
    agrees(amina, juma, "Wanjiku")
    agrees(amina, fatuma, "Nyambura")
    amina.dials(None, "1", "2")
    juma.reads(), fatuma.reads()
    juma.texts("1")
    amina.dials(None, "1")
    amina.sees("Sent 09:0", "Wanjiku: helping 09:0", "Nyambura: sent 09:0", "2 I am fine now", "3 Send it again")
