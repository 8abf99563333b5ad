"""Acts on a help request in any order: sending again, cancelling, leaving after it was sent, answering too late."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from smsgate.gateways import Outcome, Verdict
from smsgate.members import number_reassignment
from smsgate.models import HelpRequest, Lane, Message, MessageKind, lookup
from smsgate.service import Service
from tests.support.outbox import Outbox
from tests.support.people import Phone, work
from tests.support.pins import sets
from tests.support.stories import agrees, copies, joins, plans, refuse

Passes = Callable[..., None]
IS_OVER = "this is over, no answer is needed any more"


def step_by_step(member: Phone, *more: str) -> None:
    plans(member, "If nobody answers", "One person after the other", "60 minutes", *(more or ("Nothing more",)))


# What may have been read.


def test_fine_reaches_who_got_a_text_of_which_nobody_knows_whether_it_arrived(
    ready: Phone, juma: Phone, service: Service
) -> None:
    refuse(service, juma.number, Outcome(juma.number, Verdict.UNKNOWN, reason="ReadTimeout"))
    ready.dials(None, "1", "2")
    outbox = Outbox(service)
    outbox.records(outbox.claims(Lane.URGENT), Verdict.UNKNOWN)
    assert ready.texts("fine") == "Good to hear. Everyone who got your text knows now."
    assert any("I am fine now" in row.words for row in outbox_news(service, juma) if row.words)


def outbox_news(service: Service, phone: Phone) -> list[Any]:
    with service.database.reading() as session:
        found = lookup.find_phone(session, phone.number)
        assert found
        rows = select(Message).where(Message.phone_id == found.id, Message.kind == MessageKind.HELP_NEWS)
        return list(session.scalars(rows))


def test_fine_reaches_who_answered_although_the_network_reported_a_failure(ready: Phone, juma: Phone) -> None:
    ready.dials(None, "1", "2")
    juma.reads()
    juma.reports(juma.ids[-1], "Failed", "DeliveryFailure")
    ready.dials(None, "1")
    ready.sees("Juma: did not arrive")
    juma.texts("1")
    assert "Everyone who got your text knows now" in ready.texts("fine")
    juma.hears("I am fine now")


def test_what_was_taken_back_in_time_says_so_by_text_too(ready: Phone, juma: Phone, time_passes: Passes) -> None:
    plans(ready, "Ways to send", "Time to cancel it", "120 seconds")
    ready.dials(None, "1", "2")
    assert ready.texts("fine") == "Cancelled. Nobody was told."
    time_passes(minutes=3)
    juma.hears_nothing_new()


def test_a_second_copy_that_is_out_counts_although_the_first_failed(
    ready: Phone, juma: Phone, fatuma: Phone, time_passes: Passes
) -> None:
    plans(ready, "If nobody answers", "Send again", "15 minutes", "Show me numbers to call")
    ready.dials(None, "1", "2")
    juma.reads(), fatuma.reads()
    time_passes(minutes=16)
    juma.reports(juma.ids[0], "Failed", "DeliveryFailure")
    fatuma.texts("2")
    time_passes(seconds=10)
    assert copies(ready, "Nobody has answered yet") == 0, "Juma's second copy may still be answered"
    ready.dials(None, "1")
    ready.sees("Juma: sent")


# Sent again.


@pytest.mark.by_night
def test_who_was_asked_before_it_was_sent_again_still_answers(
    ready: Phone, juma: Phone, fatuma: Phone, time_passes: Passes
) -> None:
    plans(ready, "If nobody answers", "One person after the other", "5 minutes", "Nothing more")
    ready.dials(None, "1", "2")
    time_passes(minutes=6)
    assert (copies(juma), copies(fatuma)) == (1, 1)
    ready.dials(None, "1")
    ready.picks("Send it again", "Yes, send it now")
    assert (copies(juma), copies(fatuma)) == (2, 1)
    assert juma.inbox[-1] == juma.inbox[-2], "with the digits that he knows"
    assert "knows you can help" in fatuma.texts("1")
    ready.hears("Fatuma is helping.")
    juma.hears("somebody is helping")
    time_passes(minutes=6)
    assert copies(fatuma) == 1, "the answer holds the steps of the newest"
    ready.dials(None, "1")
    ready.sees("Fatuma: helping", "Juma: sent")
    ready.picks("I am fine now")
    juma.hears("I am fine now")
    fatuma.hears("I am fine now")


def test_taking_the_second_back_leaves_the_first_as_it_was(
    ready: Phone, juma: Phone, fatuma: Phone, time_passes: Passes
) -> None:
    plans(ready, "Ways to send", "Time to cancel it", "120 seconds")
    ready.dials(None, "1", "2")
    time_passes(minutes=3)
    ready.dials(None, "1")
    ready.picks("Send it again", "Yes, send it now", "Cancel it")
    ready.sees("What you sent before still counts")
    time_passes(minutes=3)
    assert (copies(juma), copies(juma, "fine now")) == (1, 0)
    assert "knows you can help" in juma.texts("1")
    ready.hears("Juma is helping.")
    assert "Everyone who got your text knows now" in ready.texts("fine")
    fatuma.hears("I am fine now")


@pytest.mark.parametrize("said", ["cancel", "STOP", "fine"])
def test_taking_the_second_back_while_the_first_waits_too_leaves_nothing(
    said: str, ready: Phone, juma: Phone, fatuma: Phone, time_passes: Passes
) -> None:
    plans(ready, "Ways to send", "Time to cancel it", "120 seconds")
    plans(ready, "If nobody answers", "Send again", "5 minutes", "Nothing more")
    plans(ready, "Ways to send", "By text")
    ready.types("mvua")
    ready.dials(None, "1", "2")
    time_passes(seconds=70)
    assert "It will be sent in 120 seconds" in ready.texts("mvua")
    assert "ancelled" in ready.texts(said)
    for _n in range(3):
        time_passes(minutes=6)
    assert (copies(juma), copies(fatuma)) == (0, 0)


def test_an_answer_outlives_the_copy_that_is_taken_back(ready: Phone, juma: Phone, time_passes: Passes) -> None:
    plans(ready, "Ways to send", "Time to cancel it", "120 seconds")
    ready.dials(None, "1", "2")
    time_passes(minutes=3)
    juma.reads()
    ready.dials(None, "1")
    ready.picks("Send it again", "Yes, send it now")
    assert "knows you can help" in juma.texts("1")
    ready.picks("Cancel it")
    ready.dials(None, "1")
    ready.sees("Juma: helping")


def test_taking_back_too_late_tells_those_who_read_it(ready: Phone, juma: Phone, time_passes: Passes) -> None:
    plans(ready, "Ways to send", "Time to cancel it", "30 seconds")
    ready.dials(None, "1", "2")
    time_passes(seconds=31)
    assert copies(juma) == 1
    ready.picks("Cancel it")
    ready.sees("Everyone who got your text knows now.")
    juma.hears("I am fine now")


def test_three_taken_back_are_not_three_sent(ready: Phone) -> None:
    plans(ready, "Ways to send", "Time to cancel it", "120 seconds")
    for _n in range(3):
        ready.dials(None, "1", "2")
        ready.picks("Cancel it")
    ready.dials(None, "1")
    ready.sees_not("in an hour")


# A practice.


def test_a_practice_never_becomes_real_and_hides_nothing(
    ready: Phone, juma: Phone, fatuma: Phone, time_passes: Passes
) -> None:
    plans(ready, "Practise", "Yes, practise")
    assert juma.texts("1").startswith("Only a practice: Thank you.")
    ready.dials()
    ready.sees("1 Send my help text")
    plans(ready, "Practise")
    ready.sees("Practice, 09:0", "Juma: helping")
    ready.picks("Practise again", "Yes, practise")
    assert juma.reads()[-1].startswith("Only a practice: Amina")
    ready.dials(None, "1", "2")
    juma.hears("Amina (+254 711 000001): Please get in touch with me", "Reply 1")
    assert juma.texts("1").startswith("Thank you.")
    ready.hears("Juma is helping.")
    assert not ready.inbox[-1].startswith("Only a practice")
    assert fatuma.texts("1").startswith("Thank you.")


def test_a_practice_shows_nothing_before_the_pin(ready: Phone, juma: Phone) -> None:
    plans(ready, "Practise", "Yes, practise")
    juma.texts("1")
    sets(ready)
    ready.dials(None, "1")
    ready.picks("Send my text")
    ready.sees("Send it now?")
    ready.sees_not("On it")


def test_what_is_asked_in_earnest_is_answered_before_a_practice(
    ready: Phone, juma: Phone, otieno: Phone, time_passes: Passes
) -> None:
    joins(otieno, "Otieno")
    agrees(otieno, juma, "Juma")
    plans(ready, "Practise", "Yes, practise")
    juma.hears("Only a practice", "Reply 1")
    time_passes(minutes=1)
    otieno.dials(None, "1", "2")
    juma.hears("Otieno", "Reply 1")
    assert "Otieno" in juma.texts("ok")
    otieno.hears("Juma is helping.")
    assert juma.texts("1").startswith("Thank you. Otieno")


def test_a_responder_sees_that_it_is_a_practice_by_dialling_too(ready: Phone, juma: Phone) -> None:
    plans(ready, "Practise", "Yes, practise")
    juma.reads()
    juma.dials(None, "1", "1")
    juma.sees("Only a practice: Amina")
    juma.picks("Not now")
    juma.sees("Only a practice: That is fine")


def test_fine_by_text_ends_a_practice_as_one(ready: Phone, juma: Phone) -> None:
    plans(ready, "Practise", "Yes, practise")
    juma.reads()
    assert ready.texts("fine") == "Only a practice: Good to hear. Everyone who got your text knows now."
    juma.hears("Only a practice: Amina", "I am fine now")
    assert juma.texts("1").startswith("Only a practice: Amina")


# Responders who leave after it was sent.

LEFT = "Juma gets no more texts from you."


@pytest.mark.parametrize("word", ["STOP", "LEAVE", "REST"])
def test_who_leaves_makes_the_next_step_come_at_once(
    ready: Phone, juma: Phone, fatuma: Phone, time_passes: Passes, word: str
) -> None:
    step_by_step(ready)
    ready.dials(None, "1", "2")
    assert copies(juma) == 1
    juma.texts(word)
    ready.hears(LEFT if word != "REST" else "Juma can't help right now.")
    time_passes(seconds=10)
    assert copies(fatuma) == 1
    ready.dials(None, "1")
    ready.sees("Juma: stopped" if word != "REST" else "Juma: can't right now")


def test_who_leaves_while_it_can_be_taken_back_makes_nothing_go_out(
    ready: Phone, juma: Phone, fatuma: Phone, time_passes: Passes
) -> None:
    step_by_step(ready)
    plans(ready, "Ways to send", "Time to cancel it", "120 seconds")
    ready.dials(None, "1", "2")
    juma.texts("STOP")
    time_passes(seconds=30)
    assert copies(fatuma) == 0
    time_passes(seconds=100)
    assert (copies(juma), copies(fatuma)) == (0, 1)


def test_who_turns_out_to_be_somebody_else_does_too(
    ready: Phone, juma: Phone, fatuma: Phone, service: Service, time_passes: Passes
) -> None:
    step_by_step(ready)
    ready.dials(None, "1", "2")
    juma.reads()
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, juma.number)
        assert phone
        number_reassignment.mark_as_reassigned(session, [phone.id], service.now())
    juma.dials()
    juma.picks("No, it is new to me")
    ready.hears(LEFT)
    time_passes(seconds=10)
    assert copies(fatuma) == 1


def test_who_is_erased_does_too(ready: Phone, juma: Phone, fatuma: Phone, time_passes: Passes) -> None:
    step_by_step(ready)
    ready.dials(None, "1", "2")
    juma.texts("erase")
    juma.texts("2")
    ready.hears(LEFT)
    time_passes(seconds=10)
    assert copies(fatuma) == 1


def test_who_is_taken_off_does_too_and_the_member_reads_that_they_may_know(
    ready: Phone, juma: Phone, fatuma: Phone, time_passes: Passes
) -> None:
    step_by_step(ready)
    ready.dials(None, "1", "2")
    juma.reads()
    ready.dials(None, "4")
    ready.picks("Juma", "Take off my list")
    ready.sees("Juma is off your list.", "They may have read your help text.")
    time_passes(seconds=10)
    assert copies(fatuma) == 1
    assert "The help text that you got is over" in juma.texts("1")
    assert copies(ready, "can't right now") == 0


def test_who_is_never_to_be_told_may_know_of_the_last(ready: Phone, juma: Phone) -> None:
    ready.dials(None, "1", "2")
    juma.reads()
    ready.dials(None, "4")
    ready.picks("Never tell", "Add a number")
    ready.types(juma.number)
    ready.sees("They may have read your last help text.")
    ready.texts("fine")
    juma.hears_nothing_new()


@pytest.mark.parametrize("word", ["2", "no", "STOP", "LEAVE"])
def test_who_was_on_it_and_is_not_makes_everything_go_on(
    ready: Phone, juma: Phone, fatuma: Phone, time_passes: Passes, word: str
) -> None:
    plans(ready, "If nobody answers", "Send again", "15 minutes", "Nothing more")
    ready.dials(None, "1", "2")
    juma.texts("1")
    fatuma.hears("somebody is helping")
    juma.texts(word)
    ready.hears(LEFT if word in ("STOP", "LEAVE") else "Juma can't help right now.")
    fatuma.hears("nobody is helping after all. Reply 1 if you can help, 2 if you can't.")
    time_passes(seconds=10)
    assert copies(fatuma) == 2, "the step that the answer had held"
    assert "knows you can help" in fatuma.texts("1")
    ready.hears("Fatuma is helping.")


def test_resting_takes_a_word_back(ready: Phone, juma: Phone) -> None:
    ready.dials(None, "1", "2")
    juma.texts("1")
    juma.texts("rest")
    ready.dials(None, "1")
    ready.sees("Juma: can't right now")
    assert copies(ready, "can't help right now") == 1


def test_saying_the_same_again_tells_nobody_again(ready: Phone, juma: Phone) -> None:
    ready.dials(None, "1", "2")
    for word in ("1", "1", "yes"):
        assert "knows you can help" in juma.texts(word)
    assert copies(ready, "Juma is helping") == 1
    for word in ("2", "2", "no"):
        assert "knows you can't right now" in juma.texts(word)
    assert copies(ready, "Juma can't help right now") == 1


# Telling people that it is over.


def test_an_answer_after_fine_reads_that_it_is_over(ready: Phone, juma: Phone) -> None:
    ready.dials(None, "1", "2")
    juma.reads()
    ready.texts("fine")
    for word in ("1", "2", "OK"):
        assert IS_OVER in juma.texts(word)
    assert copies(ready, "is helping") == 0


def test_an_answer_after_a_day_reads_that_it_is_over(ready: Phone, juma: Phone, time_passes: Passes) -> None:
    ready.dials(None, "1", "2")
    juma.reads()
    time_passes(hours=24, minutes=1)
    assert IS_OVER in juma.texts("1")


def test_an_erasure_in_the_middle_ends_it_for_those_who_were_told(
    ready: Phone, juma: Phone, fatuma: Phone, service: Service
) -> None:
    ready.dials(None, "1", "2")
    juma.reads()
    ready.texts("erase")
    ready.texts("2")
    assert juma.hears("The help text that you got is over") == fatuma.hears("No answer is needed any more")
    assert "is over" in juma.texts("1")
    with service.database.reading() as session:
        assert session.scalars(select(HelpRequest)).all() == []


def test_nobody_is_told_of_an_end_of_what_they_never_got(ready: Phone, juma: Phone, time_passes: Passes) -> None:
    plans(ready, "Ways to send", "Time to cancel it", "120 seconds")
    ready.dials(None, "1", "2")
    assert "Cancel it" in ready.texts("erase")  # the help text, or everything?
    assert "2 Yes, erase" in ready.texts("erase")
    ready.texts("2")
    time_passes(minutes=3)
    juma.hears_nothing_new()


# Keys.


def test_no_key_pressed_twice_sends_other_words(ready: Phone, juma: Phone) -> None:
    for words in ("Bring the blue umbrella", "Come by bus", "Call me at six"):
        ready.texts(f"MYTEXT {words}")
    for key in ("1", "3", "4"):
        ready.dials(None, "1", "4", key, key)
        if key != "1":
            ready.types("1")
        ready.sees("Nothing was sent")
    ready.dials(None, "1", "4", "2")  # 2 sends on the next screen, so it chooses no words here
    ready.sees("Nothing was sent")
    juma.hears_nothing_new()
    ready.dials(None, "1", "4", "3")
    ready.sees("Come by bus", "1 Not now", "2 Yes, send it now")
    ready.types("2")
    juma.hears("Come by bus")


def test_one_wish_by_two_ways_is_one_request(ready: Phone, juma: Phone, service: Service) -> None:
    plans(ready, "Ways to send", "By text")
    ready.types("mvua")
    ready.dials(None, "1")
    assert "On its way to 2" in ready.texts("mvua")
    ready.types("2")
    ready.sees("on its way to 2 people")
    work(service)
    assert copies(juma) == 1


@pytest.mark.parametrize("words", ["1", "yes"])
def test_a_second_yes_to_a_real_one_is_for_no_earlier_practice(words: str, ready: Phone, juma: Phone) -> None:
    plans(ready, "Practise", "Yes, practise")
    juma.hears("Only a practice")
    ready.dials(None, "1", "2")
    assert "Only a practice" not in juma.hears("Reply 1 if you can help")
    for _time in range(2):
        said = juma.texts(words)
        assert "knows" in said
        assert "Only a practice" not in said
