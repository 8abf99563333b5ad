"""One table says which kinds of text reach a number in which state; queueing and the last check both use it."""

from __future__ import annotations

from itertools import product

import pytest
from sqlalchemy import select

from smsgate.models import Message, MessageKind, Phone
from smsgate.outbox import eligibility, messages
from smsgate.outbox.eligibility import SINCE, NumberState
from smsgate.service import Service
from tests.support.outbox import Outbox

# These have no further condition than to reach the number.
PLAIN = (MessageKind.REPLY, MessageKind.CONFIRMATION, MessageKind.HELP_NEWS, MessageKind.ALERT)
REACHED = {(kind, state) for kind, states in eligibility.REACHES.items() for state in states}

pytestmark = [pytest.mark.both_databases, pytest.mark.every_example]


@pytest.fixture
def outbox(service: Service) -> Outbox:
    return Outbox(service)


def becomes(service: Service, phone_id: int, state: NumberState) -> None:
    with service.database.transaction() as session:
        setattr(session.get_one(Phone, phone_id), SINCE[state].key, service.now())


def test_the_table_is_what_was_promised() -> None:
    """STOP is confirmed, and people in doubt get answers when they write; nothing else reaches a closed number."""
    confirmed = {(MessageKind.CONFIRMATION, state) for state in NumberState}
    assert confirmed | {(MessageKind.REPLY, NumberState.REASSIGNED)} == REACHED


@pytest.mark.parametrize(("kind", "state"), [*product(MessageKind, NumberState)])
def test_the_queue_and_the_counts_agree_with_the_table(
    service: Service, outbox: Outbox, kind: MessageKind, state: NumberState
) -> None:
    phone = outbox.phone()
    becomes(service, phone.id, state)
    draft = outbox.draft(phone.id, kind=kind)
    reached = (kind, state) in REACHED
    with service.database.transaction() as session:
        this_phone = select(Phone.id).where(Phone.id == phone.id)
        assert eligibility.is_reached_by(session.get_one(Phone, phone.id), kind) is reached
        assert messages.count_reachable(session, this_phone, kind) == reached
        assert (messages.send_text(session, phone.id, draft, service.now()) is not None) is reached


@pytest.mark.parametrize(("kind", "state"), [*product(PLAIN, NumberState)])
def test_the_last_look_agrees_with_the_table(
    service: Service, outbox: Outbox, kind: MessageKind, state: NumberState
) -> None:
    """A text is queued while the number is open, and about to be sent when it no longer is."""
    phone = outbox.phone()
    (made,) = outbox.queues(outbox.draft(phone.id, kind=kind))
    becomes(service, phone.id, state)
    with service.database.reading() as session:
        refused = eligibility.ineligible(session, [session.get_one(Message, made)], service.now())
    assert refused == (set() if (kind, state) in REACHED else {made})


def test_an_open_number_is_reached_by_every_kind(service: Service, outbox: Outbox) -> None:
    phone = outbox.phone()
    with service.database.reading() as session:
        assert all(eligibility.is_reached_by(session.get_one(Phone, phone.id), kind) for kind in MessageKind)
