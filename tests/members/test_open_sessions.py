"""After an erasure, a STOP, a new PIN or doubt about the owner, earlier sessions are over, on every channel."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from smsgate.members import leaving, number_reassignment, pins
from smsgate.members.opt_out import opt_out, record_blocked
from smsgate.models import Group, lookup
from smsgate.service import Service
from tests.support.people import Phone, work
from tests.support.pins import PIN
from tests.support.stories import joins

Ends = Callable[[Service, str], None]


def the_operator_erases(service: Service, number: str) -> None:
    with service.database.transaction() as session:
        leaving.erase(session, lookup.ensure_phone(session, number, service.now()), service.now())


def the_operator_doubts(service: Service, number: str) -> None:
    with service.database.transaction() as session:
        phone = lookup.ensure_phone(session, number, service.now())
        number_reassignment.mark_as_reassigned(session, [phone.id], service.now())


def somebody_else_has_the_number(service: Service, number: str) -> None:
    with service.database.transaction() as session:
        phone = lookup.ensure_phone(session, number, service.now())
        number_reassignment.resolve_reassignment(session, phone, same_person=False, now=service.now())


def the_number_stops(service: Service, number: str) -> None:
    with service.database.transaction() as session:
        opt_out(session, lookup.ensure_phone(session, number, service.now()), service.now())


def the_network_blocks_us(service: Service, number: str) -> None:
    with service.database.transaction() as session:
        record_blocked(session, number, service.now())


def a_pin_is_set(service: Service, number: str) -> None:
    with service.database.transaction() as session:
        member = lookup.find_member_by_number(session, number)
        assert member is not None
        pins.set_pin(session, member, pins.hash_pin(PIN))


ENDS = [
    the_operator_erases,
    the_operator_doubts,
    somebody_else_has_the_number,
    the_number_stops,
    the_network_blocks_us,
    a_pin_is_set,
]


def begins_by_both(amina: Phone) -> None:
    """Start a call that is cut off at a question for words, and an SMS dialogue that asks for some."""
    joins(amina)
    amina.dials(None, "4", "1", "0711000002")
    amina.sees("What do you call this person?")
    amina.texts("menu")
    amina.texts("4")
    assert "phone number" in amina.texts("1")


@pytest.mark.parametrize("ends", ENDS)
def test_no_open_session_is_left(ends: Ends, amina: Phone, group: Group, service: Service) -> None:
    begins_by_both(amina)
    ends(service, amina.number)
    amina.drops()
    screen = amina.handset.dials()
    assert "cut off" not in screen
    assert "0 Go on" not in screen
    assert "What do you call" not in amina.texts("0711000003")


@pytest.mark.parametrize("ends", ENDS)
def test_a_call_at_this_moment_goes_on_at_the_first_screen(
    ends: Ends, amina: Phone, group: Group, service: Service
) -> None:
    begins_by_both(amina)
    ends(service, amina.number)
    amina.types("Juma")
    amina.sees_not("Juma", "0711000002", "0711 000002")


def test_erase_by_text_ends_the_call_that_was_cut_off(amina: Phone, group: Group) -> None:
    begins_by_both(amina)
    amina.texts("erase")
    assert "erased" in amina.texts("2").lower()
    amina.drops()
    amina.handset.dials()
    amina.sees("1 English")
    amina.sees_not("cut off", "Go on")


def test_stop_by_text_ends_the_call_that_was_cut_off(amina: Phone, group: Group) -> None:
    begins_by_both(amina)
    amina.texts("STOP")
    amina.drops()
    amina.handset.dials()
    amina.sees_not("cut off", "Go on", "What do you call")


def test_erase_by_dialling_ends_the_dialogue_by_text(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    amina.texts("menu")
    amina.texts("4")
    assert "phone number" in amina.texts("1")
    amina.dials(None, "6")
    for _page in range(3):
        if "Erase" in amina.handset.screen:
            break
        amina.types("98")
    amina.picks("Erase")
    call, typed = amina.handset.session, list(amina.handset.typed)
    last = amina.types("2")
    amina.handset.session, amina.handset.typed = call, [*typed, "2"]
    assert amina.handset.repeats() == last  # the call that erased can still repeat its last screen
    work(service)
    assert "What do you call" not in amina.texts("0711000003")


def test_however_the_provider_writes_the_number(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    amina.handset.number = amina.number.removeprefix("+")
    amina.dials(None, "4", "1", "0711000002")
    the_operator_erases(service, amina.number)
    amina.drops()
    amina.handset.dials()
    amina.sees("1 English")
