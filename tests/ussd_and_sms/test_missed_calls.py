"""Missed calls: rejected without charge, answered by at most one text in ten minutes, and only to members."""

from __future__ import annotations

import threading

import pytest
from sqlalchemy import delete, select

from smsgate.models import Group, Meeting, Message
from smsgate.service import Service
from tests.support.people import Clock, Phone, passes
from tests.support.stories import joins


def test_who_rings_reads_when_the_next_meeting_is(amina: Phone, group: Group, meeting: Meeting) -> None:
    joins(amina)
    assert "<Reject/>" in amina.handset.rings()
    text = amina.hears("Next: Wed 25 Nov 14:00", "*384*77#")
    assert "Tumaini" not in text  # texts are discreet until the member says otherwise


def test_who_wants_it_reads_the_group_too(amina: Phone, group: Group, meeting: Meeting) -> None:
    joins(amina)
    amina.dials(None, "6", "3", "2")
    amina.handset.rings()
    amina.hears("Next, Tumaini: Wed 25 Nov 14:00")


def test_one_text_in_ten_minutes(amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock) -> None:
    joins(amina)
    for _ in range(5):
        amina.handset.rings()
    assert len(amina.reads()) == 1
    passes(service, clock, minutes=9)
    amina.handset.rings()
    assert len(amina.reads()) == 1
    passes(service, clock, minutes=2)
    amina.handset.rings()
    assert len(amina.reads()) == 2


@pytest.mark.both_databases
def test_two_calls_at_once_are_answered_once(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    calls = [threading.Thread(target=amina.handset.rings) for _ in range(4)]
    for call in calls:
        call.start()
    for call in calls:
        call.join()
    assert len(amina.reads()) == 1


def test_where_nothing_is_planned_it_says_so(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    with service.database.transaction() as session:
        session.execute(delete(Meeting))
    amina.handset.rings()
    amina.hears("Nothing is planned now")


def test_who_did_not_join_or_said_stop_is_not_texted(amina: Phone, group: Group, service: Service) -> None:
    assert "<Reject/>" in amina.handset.rings()
    amina.hears_nothing_new()
    joins(amina)
    amina.texts("STOP")
    amina.handset.rings()
    amina.hears_nothing_new()


def test_a_number_that_is_none_is_refused_all_the_same(amina: Phone, service: Service) -> None:
    for number in ("", "Unknown", "22384", "+1", "x" * 999):
        amina.handset.number = number
        assert "<Reject/>" in amina.handset.rings()
    with service.database.reading() as session:
        assert session.scalars(select(Message)).all() == []
