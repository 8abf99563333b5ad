"""A call that was cut off can be continued with a key of its own; one that ended normally is not offered again."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from smsgate.conversations.ussd import KEPT_SECONDS
from smsgate.models import Group
from tests.support.people import Clock, Phone
from tests.support.stories import agrees, joins

ONWARD = "0 Go on where you stopped"
Passes = Callable[..., None]


def is_cut_off_at_a_name(amina: Phone) -> None:
    amina.dials(None, "4", "1", "0711000002")
    amina.sees("What do you call this person?")
    amina.drops()


def test_the_first_screen_is_as_ever_and_0_goes_on(amina: Phone, group: Group) -> None:
    joins(amina)
    menu = amina.dials()
    is_cut_off_at_a_name(amina)
    assert amina.dials() == f"{menu}\n{ONWARD}"
    amina.types("0")
    amina.sees("What do you call this person?")
    amina.types("Juma", "1")
    amina.sees("We've asked them.")


def test_being_offered_costs_the_help_text_no_key(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "4", "1", "0711000003")
    amina.drops()
    amina.dials(None, "1", "2")
    amina.sees("on its way to 1 person")


@pytest.mark.parametrize(
    ("keys", "question"),
    [
        pytest.param([], "1 English", id="the language"),
        pytest.param(["1"], "Not for emergencies", id="joining"),
        pytest.param(["1", "1", "3"], "What name", id="the name"),
    ],
)
def test_a_newcomer_may_go_on_too(keys: list[str], question: str, amina: Phone, group: Group) -> None:
    amina.dials(None, *keys)
    amina.sees(question)
    screen = amina.handset.screen
    amina.drops()
    amina.dials()
    if not keys:  # nothing chosen yet
        amina.sees_not(ONWARD)
        return
    amina.sees(ONWARD)
    amina.types("0")
    assert amina.handset.screen == screen


def test_whoever_is_cut_off_twice_before_they_choose_may_still_go_on(amina: Phone, group: Group) -> None:
    joins(amina)
    is_cut_off_at_a_name(amina)
    amina.dials()
    amina.drops()
    amina.dials(None, "0")
    amina.sees("What do you call this person?")


def test_after_another_choice_and_back_it_is_still_there(amina: Phone, group: Group) -> None:
    joins(amina)
    is_cut_off_at_a_name(amina)
    amina.dials(None, "7", "0")
    amina.sees(ONWARD)
    amina.types("0")
    amina.sees("What do you call this person?")


def test_a_wrong_key_leaves_the_offer(amina: Phone, group: Group) -> None:
    joins(amina)
    is_cut_off_at_a_name(amina)
    amina.dials(None, "77")
    amina.sees("Please choose one of the numbers.", ONWARD)


def test_it_is_forgotten_after_ten_minutes_however_often_one_dials(amina: Phone, group: Group, clock: Clock) -> None:
    joins(amina)
    is_cut_off_at_a_name(amina)
    for _dial in range(3):
        clock.time += timedelta(seconds=KEPT_SECONDS / 2 - 30)
        amina.dials()
        amina.drops()
    amina.sees_not(ONWARD)


def test_a_call_that_ended_is_not_offered_again(amina: Phone, group: Group) -> None:
    joins(amina)
    amina.dials()
    amina.sees_not(ONWARD)
    amina.sees("1 Send my help text")


@pytest.mark.parametrize("status", ["Success", "success", " SUCCESS "])
def test_a_call_that_the_network_says_was_ended_is_not_offered(status: str, amina: Phone, group: Group) -> None:
    joins(amina)
    amina.dials(None, "4", "1", "0711000002")
    form = {"sessionId": amina.handset.session, "phoneNumber": amina.number, "status": status}
    assert amina._post("ussd/end", form)[0] == 200
    amina.handset.session = ""
    amina.dials()
    amina.sees_not(ONWARD)


@pytest.mark.by_night
def test_the_end_of_an_earlier_call_ends_nothing_of_this_one(amina: Phone, group: Group) -> None:
    joins(amina)
    amina.dials(None, "7")
    earlier = amina.handset.session
    amina.drops()
    amina.dials(None, "4", "1", "0711000002")
    form = {"sessionId": earlier, "phoneNumber": amina.number, "status": "Success"}
    assert amina._post("ussd/end", form)[0] == 200
    amina.types("Juma")
    amina.sees("We'll text")


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param([], id="the menu"),
        pytest.param(["1"], id="a question about a help text"),
        pytest.param(["1", "2"], id="on its way"),
        pytest.param(["6", "1", "1"], id="a setting that was changed"),
    ],
)
def test_a_hang_up_at_a_finished_place_is_not_offered(keys: list[str], amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, *keys)
    last = amina.handset.screen
    amina.drops()
    amina.dials()
    if keys != ["1"]:
        assert ONWARD not in amina.handset.screen, last


def test_after_all_that_was_chosen_is_done_nothing_is_offered(amina: Phone, group: Group) -> None:
    amina.dials(None, "1", "1", "3", "Amina")
    amina.sees("Dial *384*77# for the menu")
    amina.drops()
    amina.dials()
    amina.sees_not(ONWARD)
