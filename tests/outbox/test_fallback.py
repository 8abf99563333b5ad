"""The fallback account sends a help text at once if the first definitely did not; there is never a third copy."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import timedelta

import pytest

from smsgate.core.config import Settings
from smsgate.gateways import FALLBACK
from smsgate.gateways.rehearsal.answers import reply
from smsgate.gateways.rehearsal.wire import Call
from smsgate.models import Lane, Message
from tests.support.accounts import (
    Accounts,
    Answer,
    accepts,
    accounts,
    fails_inside,
    is_busy,
    is_out_of_credit,
    refuses,
    says,
)
from tests.support.people import TOKEN, Clock


@pytest.fixture
def both(settings: Settings, clock: Clock) -> Iterator[Accounts]:
    with accounts(settings, clock) as made:
        yield made


@pytest.fixture
def one(settings: Settings, clock: Clock) -> Iterator[Accounts]:
    with accounts(settings, clock, fallback_username="", fallback_api_key="") as made:
        yield made


def has_no_sender(call: Call) -> None:
    call.answer(201, reply([], "InvalidSenderId"))


def copies(both: Accounts) -> tuple[int, int]:
    """Return how often each account was given the help text; news of it for the member is another text."""
    return both.texts(both.first).count("Habari"), both.texts(both.second).count("Habari")


@pytest.mark.parametrize("answer", [refuses, is_busy, is_out_of_credit, has_no_sender], ids=lambda a: a.__name__)
def test_what_the_first_surely_did_not_take_leaves_by_the_second_at_once(both: Accounts, answer: Answer) -> None:
    both.first.answers = answer
    made, *_ = both.outbox.help()
    both.works()
    row = both.outbox.row(made)
    assert (row.state, row.gateway, row.attempt) == ("sent", FALLBACK, 1)
    assert len(both.first.calls) == len(both.second.calls) == 1
    assert both.second.calls[0].form["from"] == "PEERS2"
    assert both.second.calls[0].form["username"] == "tumaini2"


def test_who_took_it_is_remembered(both: Accounts) -> None:
    made, *_ = both.outbox.help()
    notice = both.broadcast(1)[0]
    both.works()
    assert both.outbox.row(made).gateway == both.outbox.row(notice).gateway == "africastalking"
    assert both.second.calls == []


def test_while_the_first_is_left_alone_help_goes_by_the_second(both: Accounts) -> None:
    both.first.answers = is_busy
    both.broadcast(5)
    both.works()
    assert both.ready()["gateways"]["africastalking"]["circuit"] == "open"
    made, *_ = both.outbox.help()
    both.works()
    assert both.outbox.row(made).gateway == FALLBACK
    assert both.texts(both.first) == ["Notice"]  # the first account was not tried for it


def test_with_both_in_trouble_both_are_tried_again_soon(both: Accounts) -> None:
    both.first.answers = both.second.answers = is_busy
    made, *_ = both.outbox.help()
    both.works()
    assert (len(both.first.calls), len(both.second.calls)) == (1, 1)
    both.second.answers = accepts
    both.passes(seconds=7)
    assert both.outbox.row(made).gateway == FALLBACK


def test_after_an_unknown_outcome_the_one_repeat_goes_by_the_second(both: Accounts) -> None:
    both.first.answers = both.second.answers = fails_inside
    made, *_ = both.outbox.help()
    both.works()
    for _ in range(30):
        both.passes(minutes=1)
    assert both.outbox.state(made) == "unknown"
    assert copies(both) == (1, 1)


def test_a_repeat_that_the_second_refuses_goes_by_the_first_and_is_the_last(both: Accounts) -> None:
    both.first.answers, both.second.answers = fails_inside, refuses
    made, *_ = both.outbox.help()
    both.works()
    both.passes(minutes=5)
    assert both.outbox.state(made) == "unknown"
    assert copies(both) == (2, 2)  # the second account accepted neither


def is_down(call: Call) -> None:
    """Break the connection, so that nobody knows whether the texts were sent."""
    call.drop()


def test_the_one_repeat_waits_until_its_account_is_well(one: Accounts) -> None:
    one.first.answers = is_down
    made, *_ = one.outbox.help()
    one.works()
    one.passes(seconds=2)
    assert (one.texts(one.first), one.outbox.state(made)) == (["Habari"], "waiting")
    one.first.answers = accepts
    one.passes(seconds=8)
    one.passes(seconds=20)
    assert (one.texts(one.first), one.outbox.state(made)) == (["Habari"] * 2, "sent")


def test_the_repeat_waits_while_others_find_the_account_down(one: Accounts) -> None:
    one.first.answers = is_down
    made, *_ = one.outbox.help()
    one.broadcast(50)
    one.works()
    for _ in range(12):  # a minute
        one.passes(seconds=5)
    assert one.texts(one.first).count("Habari") == 1
    one.first.answers = accepts
    one.passes(minutes=2)
    one.passes(minutes=1)
    assert (one.texts(one.first).count("Habari"), one.outbox.state(made)) == (2, "sent")


def test_a_repeat_that_never_could_go_is_not_called_unsent(one: Accounts) -> None:
    one.first.answers = is_down
    made, *_ = one.outbox.help()
    one.works()
    one.service.redis.set("circuit:africastalking", json.dumps({"failures": 9, "open_until": 1e11}))
    one.passes(hours=2)
    assert (one.texts(one.first).count("Habari"), one.outbox.state(made)) == (1, "unknown")


def test_a_lost_worker_s_help_text_is_repeated_by_the_second(both: Accounts, clock: Clock) -> None:
    made, *_ = both.outbox.help()
    assert len(both.outbox.hands_over(both.outbox.claims(Lane.URGENT))) == 1  # by a worker that then dies
    both.passes(seconds=61)
    assert both.outbox.row(made).gateway == FALLBACK
    assert both.first.calls == []


def test_who_blocked_us_is_not_texted_from_another_sender(both: Accounts) -> None:
    both.first.answers = says(406)
    made, *_ = both.outbox.help()
    both.works()
    assert both.outbox.state(made) == "failed"
    assert both.second.calls == []


def test_notices_never_use_the_second(both: Accounts) -> None:
    both.first.answers = refuses
    made = both.broadcast(3)
    normal = both.outbox.queues_one()
    both.works()
    both.passes(minutes=20)
    assert both.second.calls == []
    assert {both.outbox.state(one) for one in (*made, normal)} == {"waiting"}


def test_the_network_s_word_about_the_second_s_text_is_heard(both: Accounts) -> None:
    both.first.answers = refuses
    made, *_ = both.outbox.help()
    both.works()
    form = {"id": both.outbox.row(made).provider_id, "status": "Success", "phoneNumber": "+254711010002"}
    assert both.client.post(f"/hooks/{TOKEN}/africastalking/delivery", data=form).status_code == 200
    both.works()
    assert both.outbox.state(made) == "delivered"


def test_gaps_grow_with_what_was_tried_and_not_with_what_was_handed_back(one: Accounts, clock: Clock) -> None:
    (made,) = one.broadcast(1)
    with one.service.database.transaction() as session:
        session.get_one(Message, made).attempt = 7  # claimed and released for lack of time
    one.first.answers = is_busy
    one.works()
    assert 24 <= one.outbox.due_in(made) <= 36
    assert one.outbox.row(made).tries == 1


def test_quiet_hours_of_a_network_are_waited_for_and_not_knocked_at(one: Accounts, clock: Clock) -> None:
    one.first.answers = says(409)
    made = one.outbox.queues_one(expires_at=clock.now() + timedelta(hours=9))
    one.works()
    assert one.outbox.due_in(made) > 1400
    assert one.ready()["gateways"]["africastalking"]["circuit"] == "closed"
