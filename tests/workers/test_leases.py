"""A lease is short, is renewed while its worker lives, and ends soon after the worker dies."""

from __future__ import annotations

import dataclasses
import time
from datetime import UTC, datetime, timedelta

import pytest

from smsgate.core.database import server_time
from smsgate.models import Lane
from smsgate.outbox import claims
from smsgate.outbox.claims import LEASE
from smsgate.service import Service
from smsgate.workers import leases, take_back
from tests.support.outbox import Outbox
from tests.support.people import Clock
from tests.support.waiting import eventually

pytestmark = pytest.mark.both_databases


@pytest.fixture
def outbox(service: Service) -> Outbox:
    return Outbox(service)


def test_a_worker_that_lives_keeps_what_it_has_in_hand_longer_than_its_lease(
    service: Service, outbox: Outbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "EVERY", 0.02)
    made = outbox.queues_one()
    (claimed,) = outbox.claims()

    def is_renewed() -> bool:
        leased = outbox.row(made).leased_until
        return leased is not None and leased > clock.time

    with leases.held(service, [claimed]):
        clock.time += 2 * LEASE
        eventually(is_renewed)
        outbox.takes_back()
        assert outbox.state(made) == "sending"
    clock.time += 2 * LEASE
    outbox.takes_back()
    assert outbox.state(made) == "waiting"


def test_a_call_that_takes_longer_than_any_may_loses_its_lease(
    service: Service, outbox: Outbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "EVERY", 0.02)
    made = outbox.queues_one()
    (claimed,) = outbox.claims()
    with leases.held(service, [claimed], longest=0.1):
        time.sleep(0.5)
        clock.time += 2 * LEASE
        time.sleep(0.1)
        outbox.takes_back()
        assert outbox.state(made) == "waiting"


def test_what_a_dead_worker_held_is_taken_back_while_the_scheduler_is_busy_or_gone(
    service: Service, outbox: Outbox, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(take_back, "EVERY", 0.05)
    made = outbox.queues_one()
    assert outbox.claims()
    clock.time += 2 * LEASE
    with take_back.taking_back(service):
        eventually(lambda: outbox.state(made) == "waiting")


def test_leases_go_by_the_clock_of_the_database_not_of_a_host(outbox: Outbox, clock: Clock) -> None:
    """A host whose clock is 12 s ahead takes nothing away from a living worker."""
    made = outbox.queues_one()
    outbox.claims()
    ahead = dataclasses.replace(outbox.service, now=lambda: clock.time + timedelta(seconds=12))
    Outbox(ahead).takes_back()
    assert outbox.state(made) == "sending"
    assert Outbox(ahead).claims() == []


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_the_clock_of_the_database_is_postgresqls(service: Service) -> None:
    with service.database.transaction() as session:
        assert abs(server_time(session) - datetime.now(UTC)) < timedelta(minutes=1)
        first = server_time(session)
        assert server_time(session) > first  # it advances within a transaction


def test_the_lease_of_another_worker_s_claim_is_not_renewed(outbox: Outbox, clock: Clock) -> None:
    made, *_ = outbox.help()
    (lost,) = outbox.claims(Lane.URGENT)
    clock.time += LEASE
    outbox.takes_back()
    (_taken,) = outbox.claims(Lane.URGENT)
    before = outbox.row(made).leased_until
    clock.time += LEASE / 2
    with outbox.service.database.transaction() as session:
        claims.renew(session, [lost])
    assert outbox.row(made).leased_until == before
