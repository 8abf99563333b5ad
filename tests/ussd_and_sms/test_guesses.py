"""Codes can be guessed at most ten times an hour from one number, whichever way they are typed."""

from __future__ import annotations

from datetime import timedelta

import pytest

from smsgate.groups import groups
from smsgate.models import Group
from smsgate.outbox.limits import LIMITS, Cause, Scope
from smsgate.service import Service
from tests.support.people import Clock, Phone
from tests.support.stories import joins, offers

MOST = LIMITS[Cause.GUESS][Scope.NUMBER].hour


def dials_wrong(person: Phone, times: int, code: str) -> None:
    for number in range(times):
        person.dials(f"*384*77*{int(code) + number}#")
        person.drops()


def test_ten_an_hour_and_then_even_the_right_code_is_wrong(amina: Phone, group: Group, clock: Clock) -> None:
    joins(amina)
    assert MOST == 10
    dials_wrong(amina, MOST - 1, "5000")
    amina.dials("*384*77*4521#")
    amina.sees("8 Tumaini")
    dials_wrong(amina, 1, "6000")
    amina.dials("*384*77*4521#")
    amina.sees("There is no group with code 4521")
    clock.time += timedelta(minutes=61)
    amina.dials("*384*77*4521#")
    amina.sees("8 Tumaini")


def test_codes_of_roles_are_counted_once_each(amina: Phone, group: Group, service: Service, clock: Clock) -> None:
    joins(amina)
    code = offers(service, group)
    wrong = "10000000" if code[0] != "1" else "20000000"
    dials_wrong(amina, MOST, wrong)
    amina.dials(f"*384*77*{code}#")
    amina.sees(f"There is no group with code {code}")
    clock.time += timedelta(minutes=61)
    amina.dials(f"*384*77*{code}#")
    amina.sees("asks you to be admin")


@pytest.mark.parametrize("first", ["join {}", "{}", "JOIN {}!"])
def test_by_text_it_is_the_same_limit(amina: Phone, group: Group, first: str) -> None:
    joins(amina)
    dials_wrong(amina, MOST - 2, "7000")
    for code in (8001, 8002, 8003):
        amina.texts(first.format(code))
    amina.dials("*384*77*4521#")
    amina.sees("There is no group with code 4521")


@pytest.mark.parametrize("text", ["JOIN 4777", "join 4777!", "4777"])
def test_after_ten_wrong_ones_a_text_finds_nothing_either(
    amina: Phone, group: Group, service: Service, clock: Clock, text: str
) -> None:
    with service.database.transaction() as session:
        groups.create(session, "Upendo", "Africa/Nairobi", service.now(), code="4777")
    joins(amina)
    dials_wrong(amina, MOST, "5000")
    assert "Upendo" not in amina.texts(text)
    clock.time += timedelta(minutes=61)
    assert "You've joined Upendo" in amina.texts(text)


def test_a_newcomer_who_texts_one_code_after_another_gets_no_further(amina: Phone, group: Group, clock: Clock) -> None:
    for number in range(MOST):
        amina.texts(f"JOIN {5000 + number}")
        clock.time += timedelta(minutes=1)
    assert "There is no group with code 4521" in amina.texts("JOIN 4521")
    clock.time += timedelta(minutes=61)
    assert "You've joined Tumaini" in amina.texts("JOIN 4521")


@pytest.mark.parametrize("digits", [3, 4, 5, 6, 7, 8])
def test_codes_of_every_length_are_counted_however_they_are_typed(amina: Phone, group: Group, digits: int) -> None:
    joins(amina)
    for number in range(MOST):
        wrong = str(5 * 10 ** (digits - 1) + number)
        if number % 3 == 0:
            amina.dials(f"*384*77*{wrong}#")
        elif number % 3 == 1:
            amina.dials("*384*77#")
            amina.picks("Groups", "Join a group", "I have a code")
            amina.types(wrong)
        else:
            amina.texts(f"JOIN {wrong}")
        amina.drops()
    amina.dials("*384*77*4521#")
    amina.sees("There is no group with code 4521")
