"""USSD sessions as networks really deliver them: repeated, late, concurrent, dropped, deep, with * in a reply."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from smsgate.gateways.handset import SessionFailed
from smsgate.meetings import meetings
from smsgate.models import Group, HelpRequest, HelpText, Meeting, Member, Message, PerformedAction
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from tests.support.people import TOKEN, Phone
from tests.support.stories import agrees, joins


def rows(service: Service, table: type) -> int:
    with service.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


@pytest.mark.both_databases
def test_the_same_callback_twice_shows_the_same_screen_and_acts_once(
    amina: Phone, juma: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1")
    first = amina.handset
    before = list(first.typed)
    session = first.session
    sent = amina.types("2")
    first.session, first.typed = session, [*before, "2"]
    assert first.repeats() == sent
    assert rows(service, HelpRequest) == 1
    assert len([text for text in juma.reads() if "Reply 1 if you can help" in text]) == 1


def test_a_late_repeat_of_an_earlier_turn_changes_nothing(amina: Phone, group: Group) -> None:
    joins(amina)
    amina.dials(None, "6")
    settings = amina.handset.screen
    typed, amina.handset.typed = amina.handset.typed, []
    assert amina.handset.repeats() == settings
    amina.handset.typed = typed
    amina.types("3")
    amina.sees("Private texts")


@pytest.mark.both_databases
def test_two_callbacks_of_one_turn_at_the_same_moment_act_once(
    amina: Phone, juma: Phone, group: Group, app: Flask, service: Service
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1")
    form = {
        "sessionId": amina.handset.session, "phoneNumber": amina.number, "serviceCode": "*384*77#",
        "text": "*".join([*amina.handset.typed, "2"]),
    }  # fmt: skip

    def post(_n: int) -> str:
        return app.test_client().post(f"/hooks/{TOKEN}/africastalking/ussd", data=form).get_data(as_text=True)

    with ThreadPoolExecutor(6) as pool:
        screens = set(pool.map(post, range(6)))
    assert len(screens) == 1
    assert "on its way to 1 person" in screens.pop()
    assert rows(service, HelpRequest) == 1


@pytest.mark.both_databases
def test_many_callers_at_once_each_see_their_own_screen(app: Flask, group: Group, service: Service) -> None:
    def lives(n: int) -> str:
        caller = Phone(app.test_client(), service, f"+2547220000{n:02}")
        caller.dials("*384*77*4521#", "1", "1", f"Name {chr(65 + n)}", "1")
        caller.dials(None, "6")
        caller.picks("My name")
        caller.drops()
        return caller.dials(None, "7", "2")

    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lives, range(16)))
    assert [f"Name: Name {chr(65 + n)}" in screen for n, screen in enumerate(kept)] == [True] * 16
    assert rows(service, Member) == 16


def test_a_late_callback_of_the_call_before_does_not_disturb_this_one(amina: Phone, group: Group) -> None:
    joins(amina)
    amina.dials(None, "6")
    earlier = amina.handset.session
    amina.dials(None, "7")
    now, screen = amina.handset.session, amina.handset.screen
    amina.handset.session = earlier
    amina.handset.typed = ["6", "3"]
    assert "over" in amina.handset.repeats()
    amina.handset.session, amina.handset.typed = now, ["7"]
    assert amina.handset.repeats() == screen


def test_a_code_can_be_dialled_directly(amina: Phone, group: Group) -> None:
    amina.dials("*384*77*4521#", "1", "1", "1")
    amina.sees("Join Tumaini?")
    amina.types("1")
    amina.sees("You've joined Tumaini")


def test_a_code_may_come_in_the_service_code_instead(amina: Phone, group: Group, client: FlaskClient) -> None:
    joins(amina, code="4521")
    form = {"sessionId": "s", "phoneNumber": amina.number, "serviceCode": "*384*77*4521#", "text": ""}
    said = client.post(f"/hooks/{TOKEN}/africastalking/ussd", data=form).get_data(as_text=True)
    assert "8 Tumaini" in said


def test_a_wrong_code_is_explained_and_asked_again_three_times(amina: Phone, group: Group) -> None:
    amina.dials(None, "1", "1", "1")
    for code in ("9999", "12"):
        amina.types(code)
        amina.sees(f"There is no group with code {code}")
    amina.types("1")
    amina.sees("Ask someone in the group for it")


def test_a_star_in_a_reply_is_part_of_the_reply(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    amina.dials(None, "3", "1", "1")
    amina.types("call me * please * now")
    amina.sees("Saved.")
    with service.database.reading() as session:
        assert session.scalars(select(HelpText)).one().words == "call me * please * now"


def test_a_session_that_redis_lost_begins_again_and_acts_on_nothing(
    amina: Phone, juma: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1")
    service.redis.flushall()
    amina.types("2")  # would have sent the help text before the loss
    amina.sees("1 Send my help text")
    assert rows(service, HelpRequest) == 0
    amina.types("1")
    amina.sees("Send your help text to 1 person?")


def test_a_reply_belongs_to_the_screen_that_was_seen(
    amina: Phone, group: Group, meeting: Meeting, service: Service
) -> None:
    joins(amina)
    amina.dials(None, "2")
    amina.sees("1 Wed 25 Nov 14:00")
    with service.database.transaction() as session:
        meetings.plan(session, group, datetime(2026, 11, 24, 9, 0), None, service.now())
    amina.types("1")
    amina.sees("Wed 25 Nov 14:00", "1 I am coming")


def test_back_home_and_more(amina: Phone, group: Group, service: Service) -> None:
    with service.database.transaction() as session:
        for day in range(1, 9):
            meetings.plan(session, group, datetime(2026, 12, day, 14, 0), None, service.now())
    joins(amina)
    amina.dials(None, "2")
    amina.sees("1 Tue 1 Dec", "98 More", "0 Back")
    first = amina.handset.screen
    amina.types("98")
    amina.sees_not("1 Tue 1 Dec")
    second = amina.handset.screen
    amina.types("0")
    assert amina.handset.screen == first
    amina.types("98")
    assert amina.handset.screen == second
    number = second.splitlines()[0].split()[0]
    amina.types(number)
    amina.sees("1 I am coming", "00 Home")
    amina.types("0", "0")
    amina.sees("1 Send my help text")
    amina.types("2", "1", "00")
    amina.sees("1 Send my help text")


def test_back_never_crosses_what_was_done(amina: Phone, group: Group) -> None:
    amina.dials(None, "1", "1")
    amina.sees("Join a group?")
    amina.sees_not("0 Back")
    amina.types("0")  # not a key here
    amina.sees("Please choose one of the numbers")


def test_a_number_of_another_country_reads_what_this_is_and_nothing_more(
    phone: Callable[[str], Phone], service: Service
) -> None:
    abroad = phone("+12025550123")
    abroad.dials()
    abroad.sees("Groups announce meetings here")
    assert not abroad.in_a_call
    assert rows(service, PhoneRow) == 0


def test_too_long_words_are_explained_and_asked_again(amina: Phone, group: Group) -> None:
    joins(amina)
    amina.dials(None, "3", "1", "1")
    amina.types("x" * 123)
    amina.sees("That is 3 characters too long.")
    amina.types("   ")
    amina.sees("didn't understand")
    amina.types("come")
    amina.sees("Saved.")


@pytest.mark.parametrize(
    "text", ["ü" * 30, "Привет 👋", "‮evil", "{name}", "%s %d", "<b>x</b>", "'; DROP TABLE members;--"]
)
def test_whatever_is_typed_is_kept_as_it_is(text: str, amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    amina.dials(None, "3", "1", "1")
    amina.types(text)
    amina.sees("Saved.")
    with service.database.reading() as session:
        kept = session.scalars(select(HelpText)).one().words
    assert kept == "".join(char for char in text if char.isprintable())
    amina.dials(None, "3")
    amina.sees("Your words:")


HOSTILE: dict[str, dict[str, str | list[str] | None]] = {
    "no number": {"phoneNumber": None},
    "no session": {"sessionId": None},
    "a long session": {"sessionId": "x" * 101},
    "a long text": {"text": "x" * 4001},
    "a number of letters": {"phoneNumber": "Safaricom"},
    "an empty number": {"phoneNumber": ""},
    "two numbers": {"phoneNumber": ["+254711000001", "+254711000002"]},
    "two texts": {"text": ["1", "2"]},
}


@pytest.mark.parametrize("what", HOSTILE)
def test_absurd_fields_get_a_polite_end(what: str, client: FlaskClient, service: Service) -> None:
    form = {"sessionId": "s1", "phoneNumber": "+254711000001", "serviceCode": "*384*77#", "text": "", **HOSTILE[what]}
    reply = client.post(
        f"/hooks/{TOKEN}/africastalking/ussd", data={key: value for key, value in form.items() if value is not None}
    )
    assert reply.status_code == 200
    assert reply.get_data(as_text=True).startswith("END ")
    assert rows(service, PhoneRow) == 0


def test_bytes_that_are_no_utf8_get_a_polite_end(client: FlaskClient) -> None:
    body = b"sessionId=s&phoneNumber=%2B254711000001&serviceCode=x&text=%ff%fe%00"
    reply = client.post(
        f"/hooks/{TOKEN}/africastalking/ussd", data=body, content_type="application/x-www-form-urlencoded"
    )
    assert (reply.status_code, reply.data[:4]) == (200, b"END ")


@pytest.mark.parametrize("hook", ["ussd", "ussd/end", "sms", "delivery", "optout", "voice"])
def test_a_wrong_token_is_not_found_and_writes_nothing(hook: str, client: FlaskClient, service: Service) -> None:
    form = {"sessionId": "s", "phoneNumber": "+254711000001", "text": "JOIN 1", "from": "+254711000001", "id": "x"}
    for token in ("wrong", TOKEN + "x", TOKEN[:-1], "%00", "é"):
        assert client.post(f"/hooks/{token}/africastalking/{hook}", data=form).status_code == 404
    assert client.get(f"/hooks/{TOKEN}/africastalking/{hook}").status_code == 405
    assert rows(service, PhoneRow) == rows(service, Message) == 0


def test_a_body_that_is_too_large_is_refused(client: FlaskClient) -> None:
    reply = client.post(f"/hooks/{TOKEN}/africastalking/sms", data={"text": "x" * 70_000})
    assert reply.status_code == 413


def test_what_is_typed_is_not_kept_after_the_call(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    with service.database.reading() as session:
        assert {json.loads(action.result) for action in session.scalars(select(PerformedAction))} <= {None, True, "in"}


def test_a_line_of_the_operators_own_is_never_needed(amina: Phone) -> None:
    with pytest.raises(SessionFailed):
        amina.handset.types("1")  # no session was open
