"""Keys as people and networks send them, and callback texts in every form that operators use."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from uuid import uuid4

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select

from smsgate import create_app
from smsgate.core.config import SettingsError, load
from smsgate.flows.typed.keys import ascii_digits, only_digits, read_key
from smsgate.models import Group, HelpText, Meeting, Member
from smsgate.service import Service
from tests.support.people import TOKEN, Clock, Phone
from tests.support.stories import joins

ONE = [
    "1", "1#", "1*", "1.", "1)", "(1)", "01", "001", "１", "١", "۱", "१",
    "1️⃣", "①", " 1 ", "1 #", "1\u200b", "\u202a1\u202c",
]  # fmt: skip
NO_KEY = ["", "#", "x1", "1x", "1 2", "1*2", "one", "1/2", "½"]


@pytest.mark.parametrize("typed", ONE)
def test_a_digit_however_it_is_typed_is_the_key(typed: str) -> None:
    assert read_key(typed) == "1"


@pytest.mark.parametrize("typed", NO_KEY)
def test_anything_else_is_no_key(typed: str) -> None:
    assert read_key(typed) == ""


def test_zeros_that_are_keys_stay_zeros() -> None:
    assert [read_key(typed) for typed in ("0", "00", "٠", "00#", "098", "98.")] == ["0", "00", "0", "00", "98", "98"]
    assert only_digits("0000#") == "0000"
    assert ascii_digits("４５２１ and ٤") == "4521 and 4"


def test_the_key_is_heard_on_screens_and_in_texts(amina: Phone, group: Group, clock: Clock) -> None:
    for typed in ONE:
        amina.dials(None, typed)
        amina.sees("Not for emergencies")
        amina.types("00")
    joins(amina)
    for typed in ONE:
        clock.time += timedelta(hours=2)  # the number of answers per day is limited
        amina.texts("menu")
        assert "first choose people" in amina.texts(typed), typed


def test_so_are_back_and_home(amina: Phone, group: Group) -> None:
    joins(amina)
    for typed in ("00#", "٠", "0."):
        amina.dials(None, "6", typed)
        amina.sees("1 Send my help text")


def test_a_reminder_is_answered_by_it(
    amina: Phone, group: Group, meeting: Meeting, clock: Clock, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    time_passes(days=1, hours=6)
    amina.hears("1 yes")
    for typed in ONE[::2]:  # after a dozen equal answers the sender counts as a machine
        clock.time += timedelta(minutes=4)  # the number of answers per hour is limited
        assert "you're coming" in amina.texts(typed), typed


def test_a_code_is_read_however_it_is_typed(amina: Phone, group: Group) -> None:
    amina.dials(None, "1", "1", "1")
    amina.types("٤٥٢١#")
    amina.sees("Join Tumaini?")


class Operator:
    """A network with its own form for the text of a callback."""

    def __init__(self, client: FlaskClient, number: str) -> None:
        self.client, self.number, self.session = client, number, uuid4().hex

    def sends(self, text: str) -> str:
        form = {"sessionId": self.session, "phoneNumber": self.number, "serviceCode": "*384*77#", "text": text}
        reply = self.client.post(f"/hooks/{TOKEN}/africastalking/ussd", data=form)
        return reply.get_data(as_text=True)


@pytest.fixture
def operator(client: FlaskClient, amina: Phone, group: Group) -> Operator:
    return Operator(client, amina.number)


def name(service: Service) -> str | None:
    with service.database.reading() as session:
        return session.scalars(select(Member)).one().name


@pytest.mark.parametrize("late", ["4521", "4521*1", "4521*1*1"])
def test_a_late_repeat_of_an_earlier_turn_does_not_spoil_the_next(
    late: str, operator: Operator, service: Service
) -> None:
    for text in ("4521", "4521*1", "4521*1*1"):
        asked = operator.sends(text)
    assert operator.sends(late) == asked
    operator.sends("4521*1*1*Amina")
    assert name(service) == "Amina"


@pytest.mark.parametrize("late", ["", "3", "3*1"])
def test_nor_the_words_of_a_help_text(late: str, operator: Operator, amina: Phone, service: Service) -> None:
    joins(amina)
    for text in ("", "3", "3*1", "3*1*1", late):
        operator.sends(text)
    assert "Saved" in operator.sends("3*1*1*Please bring tea * and bread")
    with service.database.reading() as session:
        assert session.scalars(select(HelpText)).one().words == "Please bring tea * and bread"


def test_a_late_repeat_after_redis_lost_the_call_acts_on_nothing(
    operator: Operator, amina: Phone, service: Service
) -> None:
    joins(amina)
    for text in ("", "3", "3*1"):
        operator.sends(text)
    service.redis.flushall()
    menu = operator.sends("3*1*1")
    assert "1 Send my help text" in menu
    assert operator.sends("3*1") == menu
    assert "Meetings" not in operator.sends("3*1*1*7")


def test_an_operator_that_sends_only_the_last_input_is_seen_by_its_form(operator: Operator, service: Service) -> None:
    for text in ("4521", "1", "1"):
        operator.sends(text)
    assert "A name can only have letters" in operator.sends("Amina*B")
    assert "Join Tumaini?" in operator.sends("Amina B")
    assert name(service) == "Amina B"
    assert "You've joined Tumaini" in operator.sends("1")


@pytest.fixture
def told(service: Service, amina: Phone, group: Group) -> Operator:
    """Return an operator that sends only the last input, with the service set up for that."""
    settings = replace(service.settings, ussd_text="last")
    return Operator(create_app(replace(service, settings=settings)).test_client(), amina.number)


def test_or_a_setting_says_so(told: Operator, service: Service) -> None:
    for text in ("", "1", "1", "1", "4521"):
        screen = told.sends(text)
    assert "Join Tumaini?" in screen
    told.sends("1")
    assert "You've joined Tumaini" in told.sends("Amina Otieno")
    assert name(service) == "Amina Otieno"


@pytest.mark.parametrize("value", ["some", "cumulative"])
def test_a_setting_that_cannot_be_is_named(value: str) -> None:
    needed = {"DATABASE_URL": "x", "REDIS_URL": "x", "SMSGATE_HOOK_TOKENS": "t" * 16, "SMSGATE_KEYS": "k"}
    needed["SMSGATE_GATEWAY"] = "simulator"
    with pytest.raises(SettingsError, match="SMSGATE_USSD_TEXT"):
        load({**needed, "SMSGATE_USSD_TEXT": value})
