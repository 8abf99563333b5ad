"""Retention: words are deleted after their time and strangers after two days, but nothing that is still needed."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from smsgate.members import retention
from smsgate.models import Group, Inbound, Member, Message, lookup
from smsgate.service import Service
from tests.conftest import AMINA, JUMA
from tests.support.people import Clock, Phone
from tests.support.stories import agrees, joins

pytestmark = pytest.mark.both_databases


def known(service: Service, number: str) -> bool:
    with service.database.reading() as session:
        return lookup.find_phone(session, number) is not None


def words_kept(service: Service) -> int:
    with service.database.reading() as session:
        return session.scalar(select(func.count()).where(Message.words.is_not(None))) or 0


def test_words_are_forgotten_and_counts_stay(
    service: Service, group: Group, amina: Phone, juma: Phone, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    time_passes(days=6, hours=23)
    assert words_kept(service) > 0
    time_passes(hours=2)
    assert words_kept(service) == 0
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == len(amina.ids + juma.ids)
        assert session.scalar(select(func.count()).select_from(Inbound)) == 0


def test_strangers_are_forgotten(service: Service, amina: Phone, time_passes: Callable[..., None]) -> None:
    assert amina.texts("INFO")
    assert known(service, AMINA)
    time_passes(days=1)
    assert known(service, AMINA)
    time_passes(days=1, hours=1)
    assert not known(service, AMINA)


def test_stop_is_never_forgotten(service: Service, amina: Phone, time_passes: Callable[..., None]) -> None:
    amina.texts("STOP")
    time_passes(days=400)
    assert known(service, AMINA)


def test_members_and_their_people_stay(
    service: Service, group: Group, amina: Phone, juma: Phone, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    time_passes(days=400)
    assert known(service, AMINA)
    assert known(service, JUMA)
    amina.dials(None, "1", "4")  # confirms that it is still her number
    amina.sees("Juma: agreed")


def test_a_text_that_waits_for_a_worker_is_answered_though_its_writer_is_a_stranger_of_old(
    service: Service, amina: Phone, clock: Clock
) -> None:
    amina.texts("INFO")
    clock.time += timedelta(days=2, minutes=5)
    heard = len(amina.reads())
    amina.writes("INFO")
    forgets(service)
    assert len(amina.reads()) == heard + 1
    clock.time += timedelta(days=2, minutes=5)
    forgets(service)
    assert not known(service, AMINA)


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
def test_who_joins_while_strangers_are_forgotten_stays(service: Service, clock: Clock) -> None:
    with service.database.transaction() as session:
        lookup.ensure_phone(session, AMINA, clock.now())
    clock.time += timedelta(days=5)
    forgetting = threading.Thread(target=forgets, args=(service,))
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, AMINA)
        assert phone is not None
        session.add(Member(phone_id=phone.id, joined_at=clock.now(), name="Amina"))
        session.flush()
        forgetting.start()
        forgetting.join(1)  # by now it is done, or waits for us
    forgetting.join()
    with service.database.reading() as session:
        assert lookup.find_member_by_number(session, AMINA) is not None
    with service.database.transaction() as session:  # and a number that nobody needs is deleted
        lookup.ensure_phone(session, JUMA, clock.now())
    clock.time += timedelta(days=5)
    forgets(service)
    with service.database.reading() as session:
        assert lookup.find_phone(session, JUMA) is None


def forgets(service: Service) -> None:
    with service.database.transaction() as session:
        retention.forget_old_data(session, service.now(), timedelta(days=7))
