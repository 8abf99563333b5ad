"""Credit: when short, the rest is reserved for help texts, the operator is alerted once, and a top-up resumes all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from smsgate.core.config import Settings, SettingsError
from smsgate.gateways import FALLBACK, Money
from smsgate.gateways.africastalking import AfricasTalking
from smsgate.gateways.rehearsal.wire import Call
from smsgate.models import Message, MessageKind, Phone, lookup
from smsgate.service import wire
from tests.support.accounts import OPERATOR, Accounts, accepts, account, accounts, is_out_of_credit
from tests.support.people import Clock


@pytest.fixture
def one(settings: Settings, clock: Clock) -> Iterator[Accounts]:
    with accounts(settings, clock, fallback_username="", fallback_api_key="", operator_number="0711 009 999") as made:
        yield made


@pytest.fixture
def both(settings: Settings, clock: Clock) -> Iterator[Accounts]:
    with accounts(settings, clock, operator_number=OPERATOR) as made:
        yield made


def credit(service: Accounts, gateway: str = "africastalking") -> str:
    return str(service.ready()["gateways"][gateway]["credit"])


def alerts(service: Accounts) -> int:
    """Return the number of texts to the operator, however often each was tried."""
    with service.service.database.reading() as session:
        found = select(Message.id).join(Phone).where(Message.kind == MessageKind.ALERT, Phone.number == OPERATOR)
        return len(session.scalars(found).all())


def logged_alerts(log: str) -> list[dict[str, str]]:
    return [event for line in log.splitlines() if (event := json.loads(line))["event"] == "out_of_credit"]


def test_a_refusal_for_want_of_credit_stops_all_but_help_and_is_told_once(
    both: Accounts, logged: Callable[[], str]
) -> None:
    both.first.answers = is_out_of_credit
    both.first.balance = "KES 0.1000"
    made = both.broadcast(12)
    both.works()
    for _ in range(20):
        both.outbox.queues_one()
        both.passes(minutes=1)
    assert both.texts(both.first).count("Notice") == 1
    assert credit(both) == "short"
    assert both.ready()["gateways"]["africastalking"]["circuit"] == "closed"
    assert 'smsgate_credit_short{gateway="africastalking"} 1.0' in both.figures()
    assert 'smsgate_balance{currency="KES",gateway="africastalking"} 0.1' in both.figures()
    assert alerts(both) == 1
    assert both.second.calls[0].numbers == [OPERATOR]
    (told,) = logged_alerts(logged())
    assert told["level"] == "error"
    assert "Top up" in told["do"]
    helped, *_ = both.outbox.help()
    both.works()
    assert both.outbox.row(helped).gateway == FALLBACK
    assert both.outbox.state(made[11]) == "waiting"


def test_after_a_top_up_it_goes_on_by_itself(one: Accounts, logged: Callable[[], str]) -> None:
    one.first.answers, one.first.balance = is_out_of_credit, "KES 0.1000"
    made = one.broadcast(12)
    one.passes(minutes=1)
    one.first.answers, one.first.balance = accepts, "KES 1000.0000"
    one.passes(minutes=2)
    assert credit(one) == "enough"
    one.passes(minutes=15)
    assert {one.outbox.state(row) for row in made} == {"sent"}
    assert "credit_again" in logged()


def test_the_reserve_is_kept_for_help(one: Accounts) -> None:
    """The reserve is a hundred help texts of two segments at the price of the last text: KES 160."""
    one.broadcast(1, "To know the price")
    one.works()
    one.first.balance = "KES 159.0000"
    one.passes(minutes=2)
    assert credit(one) == "short"
    assert alerts(one) == 1  # there is still credit for the alert
    made = one.broadcast(3)
    helped, *_ = one.outbox.help()
    one.passes(minutes=2)
    assert one.outbox.state(helped) == "sent"
    assert {one.outbox.state(row) for row in made} == {"waiting"}
    one.first.balance = "KES 161.0000"
    one.passes(minutes=2)
    assert {one.outbox.state(row) for row in made} == {"sent"}
    assert alerts(one) == 1


def test_it_is_another_shortage_after_hours_and_told_again(one: Accounts) -> None:
    one.broadcast(1)
    one.works()
    for balance, minutes in (("KES 1", 2), ("KES 500", 2), ("KES 1", 2)):
        one.first.balance = balance
        one.passes(minutes=minutes)
    assert alerts(one) == 1  # the balance hovers around the threshold
    one.first.balance = "KES 500"
    one.passes(hours=7)
    one.first.balance = "KES 1"
    one.passes(minutes=2)
    assert alerts(one) == 2


@pytest.mark.parametrize("balance", ["", "nothing", "KES much", "USD 3.00"])
def test_a_balance_that_says_nothing_stops_nobody(one: Accounts, balance: str) -> None:
    one.broadcast(1)
    one.works()
    one.first.balance = balance
    one.passes(minutes=2)
    made = one.broadcast(3)
    one.passes(minutes=2)
    assert {one.outbox.state(row) for row in made} == {"sent"}
    assert one.first.looks == 2


@pytest.mark.by_night
def test_where_the_balance_cannot_be_read_a_call_finds_out(one: Accounts) -> None:
    one.first.answers, one.first.balance = is_out_of_credit, ""
    made = one.broadcast(12)
    one.works()
    for _ in range(35):
        one.passes(minutes=1)
    assert one.texts(one.first).count("Notice") <= 4
    one.first.answers = accepts
    one.passes(minutes=11)
    one.passes(minutes=11)
    assert {one.outbox.state(row) for row in made} == {"sent"}
    assert credit(one) == "enough"
    assert alerts(one) <= 1


def test_the_balance_is_looked_at_about_once_a_minute(one: Accounts) -> None:
    for _ in range(30):
        one.passes(seconds=10)
    assert 4 <= one.first.looks <= 6


def test_a_second_account_that_is_short_holds_nothing_back(both: Accounts) -> None:
    both.broadcast(1)
    both.works()
    both.second.balance = "KES 1.0000"
    both.passes(minutes=2)
    made = both.broadcast(3)
    both.works()
    assert {both.outbox.state(row) for row in made} == {"sent"}
    assert (credit(both), credit(both, FALLBACK)) == ("enough", "short")
    assert alerts(both) == 1
    assert "second account" in both.texts(both.first)[-2] + both.texts(both.first)[-1]


def test_without_a_number_of_the_operator_the_log_says_it(
    settings: Settings, clock: Clock, logged: Callable[[], str]
) -> None:
    with accounts(settings, clock) as made:
        made.first.answers = is_out_of_credit
        made.broadcast(1)
        made.works()
        assert made.second.calls == []
    assert len(logged_alerts(logged())) == 1


def test_some_of_a_call_taken_and_some_not_is_a_shortage_too(one: Accounts) -> None:
    def half(call: Call) -> None:
        rows = [
            {"number": n, "statusCode": 101 if at < 2 else 405, "messageId": f"ATXid_{n}", "cost": "KES 0.8000"}
            for at, n in enumerate(call.numbers)
        ]
        call.answer(201, json.dumps({"SMSMessageData": {"Message": "Sent", "Recipients": rows}}))

    one.first.answers = half
    made = one.broadcast(5)
    one.works()
    assert sorted(one.outbox.state(row) for row in made) == ["sent", "sent", "waiting", "waiting", "waiting"]
    assert credit(one) == "short"


def test_the_balance_comes_from_the_provider_s_own_package() -> None:
    with account() as wire_:
        gateway = AfricasTalking("tumaini", "key", None, wire_.url)
        assert gateway.balance() == Money.read("KES 5000.0000")
        wire_.balance = ""
        assert gateway.balance() is None
    assert gateway.balance() is None  # nothing listens there


@pytest.mark.parametrize("number", ["1234", "operator", "+15550100"])
def test_an_operator_s_number_that_is_none_is_said(settings: Settings, number: str) -> None:
    with pytest.raises(SettingsError, match="SMSGATE_OPERATOR_NUMBER"):
        wire(replace(settings, operator_number=number))


def test_an_operator_who_said_stop_gets_nothing(both: Accounts, clock: Clock) -> None:
    with both.service.database.transaction() as session:
        lookup.ensure_phone(session, OPERATOR, clock.now()).stopped_at = clock.now() - timedelta(days=1)
    both.first.answers = is_out_of_credit
    both.broadcast(1)
    both.works()
    assert alerts(both) == 0
