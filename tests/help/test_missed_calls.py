"""A missed call that should send the help text sends it, or is answered once with the reason why not."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from smsgate.gateways import Outcome, Verdict
from smsgate.models import Group, HelpPlan, Meeting, Member, Pin, lookup
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from tests.support.openings import Play
from tests.support.people import Phone
from tests.support.stories import agrees, copies, joins, plans, refuse

Passes = Callable[..., None]


@pytest.fixture
def ready(amina: Phone, juma: Phone, group: Group, service: Service, opening: Play) -> Phone:
    """Return Amina, whose missed calls send her text to Juma."""

    def begins() -> None:
        joins(amina)
        agrees(amina, juma, "Juma")
        with service.database.transaction() as session:
            session.add(HelpPlan(member_id=session.scalars(select(Member.id)).one(), rings=True))

    opening(begins, amina, juma)
    return amina


def changes(service: Service, number: str, **states: object) -> None:
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, number)
        assert phone is not None
        for name, value in states.items():
            setattr(phone, name, value)


def test_after_fine_a_new_call_sends_again(ready: Phone, juma: Phone, time_passes: Passes) -> None:
    ready.handset.rings()
    ready.hears("Done. It will be sent in 60 seconds")
    ready.texts("FINE")
    time_passes(minutes=3)
    assert copies(juma) == 0
    ready.handset.rings()
    ready.hears("Done. It will be sent in 60 seconds")
    time_passes(minutes=2)
    assert copies(juma) == 1


def test_within_ten_minutes_of_another_answer_it_sends(
    amina: Phone, juma: Phone, group: Group, meeting: Meeting, time_passes: Passes
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.handset.rings()
    amina.hears("Next:")
    plans(amina, "Ways to send", "By missed call: off", "On")
    time_passes(minutes=4)
    amina.handset.rings()
    amina.hears("Done. It will be sent in 60 seconds")
    time_passes(minutes=2)
    assert copies(juma) == 1


def test_what_was_taken_back_did_not_go_out(ready: Phone, juma: Phone, time_passes: Passes) -> None:
    for _n in range(3):
        ready.handset.rings()
        ready.reads()
        ready.texts("FINE")
        time_passes(minutes=11)
    assert copies(juma) == 0
    ready.handset.rings()
    ready.hears("Done. It will be sent in 60 seconds")
    time_passes(minutes=2)
    assert copies(juma) == 1


def test_what_went_out_three_times_is_dialled_and_said_once(ready: Phone, juma: Phone, time_passes: Passes) -> None:
    for _n in range(3):
        ready.handset.rings()
        time_passes(minutes=2)
        ready.texts("FINE")
    assert copies(juma) == 3
    for _n in range(4):
        ready.handset.rings()
    assert copies(ready, "It was sent 3 times in an hour") == 1
    time_passes(minutes=2)
    assert copies(juma) == 3


def test_who_rings_again_reads_once_that_it_is_under_way(ready: Phone, juma: Phone, time_passes: Passes) -> None:
    ready.handset.rings()
    ready.handset.rings()  # the network or a thumb repeats the call
    assert len(ready.reads()) == 1
    time_passes(minutes=3)
    for _n in range(3):
        ready.handset.rings()
        time_passes(minutes=1)
    assert copies(ready, "You sent it a few minutes ago") == 1
    assert copies(juma) == 1


def test_nobody_to_send_to_is_said_once(ready: Phone, juma: Phone) -> None:
    juma.texts("STOP")
    for _n in range(3):
        ready.handset.rings()
    assert copies(ready, "Nobody was told") == 1


@pytest.mark.parametrize("state", ["blocked_at", "silent_at", "stopped_at", "doubted_at"])
def test_in_no_state_of_the_number_does_the_call_do_nothing(
    state: str, ready: Phone, juma: Phone, service: Service, time_passes: Passes
) -> None:
    changes(service, ready.number, **{state: service.now()})
    ready.handset.rings()
    time_passes(minutes=2)
    assert copies(juma) == 1
    if state != "doubted_at":
        ready.hears_nothing_new()  # no text may be sent to them


def test_switched_off_within_the_minute_it_is_not_sent(ready: Phone, juma: Phone, time_passes: Passes) -> None:
    ready.handset.rings()
    ready.hears("Done. It will be sent in 60 seconds")
    plans(ready, "Ways to send", "By missed call: on", "Off")
    ready.sees("What your missed call started was not sent")
    time_passes(minutes=2)
    assert copies(juma) == 0
    ready.handset.rings()
    ready.hears("Nothing is planned")


def test_switching_off_leaves_alone_what_no_call_started(ready: Phone, juma: Phone, time_passes: Passes) -> None:
    plans(ready, "Ways to send", "Time to cancel it", "120 seconds")
    ready.dials(None, "1", "2")
    plans(ready, "Ways to send", "By missed call: on", "Off")
    ready.sees("Saved.")
    ready.sees_not("not sent")
    time_passes(minutes=3)
    assert copies(juma) == 1


@pytest.mark.both_databases
def test_ringing_counts_as_using_the_number(amina: Phone, group: Group, service: Service, time_passes: Passes) -> None:
    """Someone without credit who only ever rings doesn't count as having given up their number."""
    joins(amina)
    for _month in range(6):
        time_passes(days=40)
        amina.handset.rings()
    amina.dials()
    amina.sees("1 Send my help text")


def test_it_names_nothing_where_a_pin_or_a_doubt_guards(
    amina: Phone, group: Group, meeting: Meeting, service: Service
) -> None:
    joins(amina)
    amina.dials(None, "6", "3", "2")  # her texts may name the group
    with service.database.transaction() as session:
        session.add(Pin(member_id=session.scalars(select(Member.id)).one(), first="x"))
    amina.handset.rings()
    amina.hears("Please dial *384*77# for this.")
    with service.database.transaction() as session:
        session.delete(session.scalars(select(Pin)).one())
        session.scalars(select(PhoneRow)).one().doubted_at = service.now()
    amina.handset.rings()
    assert "Please dial" in amina.hears("Please dial")
    assert copies(amina, "Tumaini") == copies(amina, "25 Nov") == 0


def test_in_a_pause_that_no_ring_began_it_is_answered_once(ready: Phone, juma: Phone, time_passes: Passes) -> None:
    plans(ready, "Ways to send", "Time to cancel it", "120 seconds")
    ready.dials(None, "1", "2")
    ready.sees("It will be sent in 120 seconds")
    time_passes(seconds=30)
    ready.handset.rings()
    ready.hears("It will be sent in", "To cancel it text FINE")
    before = len(ready.reads())
    ready.handset.rings()
    assert len(ready.reads()) == before
    time_passes(minutes=2)
    assert copies(juma) == 1


def test_what_reached_nobody_is_sent_by_the_next_call(
    ready: Phone, juma: Phone, service: Service, time_passes: Passes, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as bad:
        bad.setattr(service.gateway, "send", service.gateway.send)
        refuse(service, juma.number, Outcome(juma.number, Verdict.FAILED, reason="Rejected"))
        ready.handset.rings()
        time_passes(minutes=2)
    assert copies(ready, "could not be sent to Juma") == 1
    ready.handset.rings()
    time_passes(minutes=2)
    assert copies(juma) == 1
