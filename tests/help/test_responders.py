"""Being chosen as a responder: asked once, reminded once, and free to decline, pause or leave by one reply."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smsgate.models import Group
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import agrees, chooses, copies, joins, lose_replies, plans


@pytest.mark.parametrize(
    ("word", "said"),
    [("1", "Not an emergency service"), ("Ndiyo!", "Si huduma ya dharura"), ("oui", "Pas un service d'urgence")],
)
def test_the_invitation_is_neutral_and_answered_by_one_reply(
    word: str, said: str, amina: Phone, juma: Phone, group: Group
) -> None:
    joins(amina)
    chooses(amina, juma, "Juma")
    asked = juma.hears("Amina (+254 711 000001) asks: may they text you", "It's fine to say no")
    assert group.name not in asked
    assert said in juma.texts(word)
    amina.dials(None, "4")
    amina.sees("Juma: agreed")


def test_an_invitation_that_may_have_arrived_is_answered_as_soon_as_it_is_read(
    amina: Phone, juma: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    lose_replies(service)
    chooses(amina, juma, "Juma")
    juma.hears("may they text you")
    assert "Not an emergency service" in juma.texts("1")
    amina.dials(None, "4")
    amina.sees("Juma: agreed")


def test_one_reminder_and_gone_after_a_week(
    amina: Phone, juma: Phone, group: Group, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    chooses(amina, juma, "Juma")
    assert copies(juma, "may they text you") == 1
    time_passes(days=2, hours=23)
    assert copies(juma, "may they text you") == 1
    time_passes(hours=2)
    assert copies(juma, "may they text you") == 2
    for _n in range(10):
        time_passes(days=1)
    assert copies(juma, "may they text you") == 2
    amina.dials(None, "4")
    amina.sees("Juma: did not answer")
    assert "We have no question for you now" in juma.texts("1")
    juma.dials()
    juma.sees_not("Who chose me")
    chooses(amina, juma, "Juma")  # may be asked again
    assert "Thank you" in juma.texts("1")
    amina.dials(None, "4")
    amina.sees("1 Juma: agreed", "2 Add a person")


def test_who_answered_is_not_reminded(
    amina: Phone, juma: Phone, fatuma: Phone, group: Group, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    chooses(amina, fatuma, "Fatuma")
    fatuma.texts("no")
    for _n in range(5):
        time_passes(days=1)
    assert (copies(juma, "may they"), copies(fatuma, "may they")) == (1, 1)


def test_a_day_of_rest_by_one_reply(
    amina: Phone, juma: Phone, fatuma: Phone, group: Group, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    agrees(amina, fatuma, "Fatuma")
    assert "You'll get no help texts for a day" in juma.texts("REST")
    amina.dials(None, "4")
    amina.sees("Juma: resting today", "Fatuma: agreed")
    amina.dials(None, "1", "2")
    amina.sees("on its way to 1 person")
    assert (copies(juma, "get in touch"), copies(fatuma, "get in touch")) == (0, 1)
    time_passes(hours=25)
    amina.dials(None, "1", "2")
    amina.sees("on its way to 2 people")
    assert copies(juma, "get in touch") == 1
    juma.texts("pumzika")
    assert "get help texts again" in juma.texts("rest")
    juma.dials(None, "1", "1")
    juma.picks("Rest for a day")
    juma.dials(None, "1", "1")
    juma.sees("You're resting until tomorrow")
    juma.picks("End my rest")


def test_a_day_of_rest_is_one_from_who_is_agreed_to_during_it_too(
    amina: Phone, juma: Phone, fatuma: Phone, group: Group, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    joins(fatuma)
    agrees(amina, juma, "Juma")
    juma.texts("REST")
    agrees(fatuma, juma, "Juma")
    fatuma.dials(None, "1", "2")
    time_passes(minutes=1)
    assert copies(juma, "get in touch") == 0
    time_passes(hours=25)
    fatuma.dials(None, "1", "2")
    assert copies(juma, "get in touch") == 1


def test_leaving_one_who_chose_me_leaves_the_other(
    amina: Phone, otieno: Phone, juma: Phone, group: Group, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    joins(otieno, "Otieno")
    agrees(amina, juma, "Juma")
    agrees(otieno, juma, "Juma")
    amina.dials(None, "1", "2")
    juma.hears("Amina")
    assert "You'll get nothing more from Amina" in juma.texts("leave")
    amina.dials(None, "4")
    amina.sees("Juma: stopped")
    otieno.dials(None, "4")
    otieno.sees("Juma: agreed")
    assert "nothing more from Otieno" in juma.texts("Leave.")
    assert "We have no question for you now" in juma.texts("leave")  # he is nobody's responder any more


def test_an_answer_goes_to_what_was_asked_last(
    amina: Phone, otieno: Phone, juma: Phone, group: Group, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    joins(otieno, "Otieno")
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    juma.hears("Reply 1")
    time_passes(minutes=1)
    chooses(otieno, juma, "Juma")
    juma.hears("Otieno")
    assert "Thank you. Otieno" in juma.texts("1")
    assert "Amina (+254 711 000001) knows" in juma.texts("1")


def test_what_may_be_told_by_dialling(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    juma.reads()
    juma.dials(None, "1", "1")
    juma.sees("1 I can help", "2 Not now", "3 Keep as it is", "4 Rest for a day")
    juma.picks("Not now")
    juma.sees("They know you can't right now")
    amina.hears("Juma can't help right now.")


@pytest.mark.parametrize("answer", ["I can help", "Not now"])
@pytest.mark.parametrize("practice", [False, True])
def test_an_answer_by_dialling_to_what_ended_meanwhile_reads_that_it_is_over(
    answer: str, practice: bool, amina: Phone, juma: Phone, group: Group
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    if practice:
        plans(amina, "Practise", "Yes, practise")
    else:
        amina.dials(None, "1", "2")
    juma.reads()
    juma.dials(None, "1", "1")
    juma.sees("sent you a help text")
    amina.texts("fine")
    if practice:
        amina.dials(None, "1", "2")  # he has not read that this one is real
    juma.picks(answer)
    juma.sees("this is over, no answer is needed any more")
    amina.reads()
    assert not any("Juma is helping" in text or "Juma can't help" in text for text in amina.inbox)


def test_who_was_taken_off_meanwhile_agrees_to_nothing(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    chooses(amina, juma, "Juma")
    juma.reads()
    juma.dials(None, "1", "1")
    juma.sees("I agree")
    amina.dials(None, "4")
    amina.picks("Juma", "Take off my list")
    juma.picks("I agree")
    juma.sees("This is no longer open")


def test_a_rest_holds_though_one_who_chose_them_took_them_off_meanwhile(
    amina: Phone, otieno: Phone, juma: Phone, group: Group
) -> None:
    for member in (amina, otieno):
        joins(member)
        agrees(member, juma, "Juma")
    juma.dials(None, "1", "1")
    amina.dials(None, "4")
    amina.picks("Juma", "Take off my list")
    juma.picks("Rest for a day")
    juma.sees("no help texts from anybody")
    otieno.dials(None, "4")
    otieno.sees("Juma: resting")


@pytest.mark.parametrize("word", ["LEAVE", "ondoka", "quitter"])
def test_leave_declines_an_invitation(word: str, amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    chooses(amina, juma, "Juma")
    juma.hears("may they text you")
    assert "We have no question" not in juma.texts(word)
    amina.dials(None, "4")
    amina.sees("Juma: said no")


def test_words_of_a_responder_are_answered_with_the_digit_of_the_newest(
    amina: Phone, otieno: Phone, juma: Phone, group: Group, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    joins(otieno, "Otieno")
    agrees(amina, juma, "Juma")
    agrees(otieno, juma, "Juma")
    amina.dials(None, "1", "2")
    time_passes(minutes=1)
    otieno.dials(None, "1", "2")
    juma.reads()
    assert "reply 3 and we'll tell Otieno" in juma.texts("coming with the bus")
