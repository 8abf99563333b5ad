"""Shared phones that stay silent, hours in which texts are safe, and reassigned numbers."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import CliRunner
from flask import Flask
from sqlalchemy import select

from smsgate.cli import members
from smsgate.models import ConsoleSession, Group, Meeting, Member, NetworkEntry, Responder, lookup
from smsgate.models import Phone as PhoneRow
from smsgate.notices import notices
from smsgate.service import Service
from smsgate.web.console.accounts import permissions
from tests.support.console import Console, looks_after_the_network
from tests.support.people import Phone
from tests.support.pins import WELCOME, sets
from tests.support.stories import agrees, chooses, copies, joins, offers

ASKED = "Have you had this phone number for half a year or longer?"


def silences(member: Phone, on: str = "On") -> None:
    member.dials(None, "6")
    if "Silent" not in member.handset.screen:
        member.types("98")
    member.picks("Silent", on)
    member.sees("Saved.")


def test_nothing_is_sent_to_a_silent_phone_and_all_is_read_by_dialling(
    amina: Phone, juma: Phone, service: Service, group: Group, meeting: Meeting, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    silences(amina)
    before = len(amina.reads())
    amina.dials(None, "1", "2")
    juma.texts("1")
    amina.texts("menu")
    time_passes(hours=30)
    with service.database.transaction() as session:
        notices.send(session, session.get_one(Group, group.id), "Bring a cup", service.now())
    assert len(amina.reads()) == before
    amina.dials(None, "1")
    amina.sees("Send your help text to 1 person")
    amina.dials(None, "2")
    amina.sees("Wed 25 Nov 14:00 Tumaini")
    assert "You'll get no more texts" in amina.texts("stop")
    assert "Texts are on again" in amina.texts("start")
    silences(amina, "Off")
    assert "1 Send my help text" in amina.texts("menu")


def test_a_silent_phone_is_shown_as_it_is_to_who_chose_it(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    joins(juma, "Juma")
    agrees(amina, juma, "Juma")
    silences(juma)
    amina.dials(None, "4")
    amina.sees("Juma: gets no texts")
    amina.dials(None, "1")
    amina.sees("None of your people can be reached")
    silences(juma, "Off")
    amina.dials(None, "1", "2")
    assert copies(juma, "get in touch") == 1


def test_notices_are_read_by_dialling(
    amina: Phone, service: Service, group: Group, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    amina.dials(None, "5", "1")
    amina.picks("Last notices")
    amina.sees("Nothing was sent in the last 14 days")
    with service.database.transaction() as session:
        wish = notices.NoticeContent("Bring a cup.", {"fr": "Une tasse."})
        notices.send(session, session.get_one(Group, group.id), wish, service.now())
    amina.dials(None, "5", "1")
    amina.picks("Last notices")
    amina.sees("Mon 23 Nov 09:00: Bring a cup.")
    time_passes(days=15)
    amina.dials(None, "5", "1")
    amina.picks("Last notices")
    amina.sees("Nothing was sent")


def test_an_invitation_waits_for_the_hours_that_are_safe(
    amina: Phone, juma: Phone, group: Group, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    joins(juma, "Juma")
    juma.dials(None, "6")
    juma.picks("Hours for texts", "17-21")
    chooses(amina, juma, "Juma")
    juma.hears_nothing_new()
    time_passes(hours=8, minutes=11)  # past five in the afternoon
    assert "Thank you" in juma.texts("1")
    amina.dials(None, "1", "2")
    time_passes(hours=13)
    amina.dials(None, "1", "3", "2")  # in the morning: help texts are sent at any hour
    juma.hears("Please get in touch")


@pytest.mark.parametrize("reason", ["UserDoesNotExist", "NotNetworkSubcriber", "UserInBlackList"])
def test_what_the_network_says_puts_a_number_in_doubt(
    reason: str, amina: Phone, juma: Phone, fatuma: Phone, group: Group
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    juma.reads()
    juma.reports(juma.ids[-1], "Failed", reason)
    amina.dials(None, "4")
    amina.sees("Juma: gets no texts")
    juma.dials()
    juma.sees(ASKED, "1 Yes", "2 No, it is new to me")
    juma.sees_not("Amina", "chose")
    juma.picks("Yes")
    juma.picks("Who chose me") if "Who chose me" in juma.handset.screen else juma.picks("Continue")


def test_a_reassigned_number_shows_nothing_and_lets_all_go(
    amina: Phone, juma: Phone, fatuma: Phone, service: Service, group: Group
) -> None:
    joins(amina)
    joins(juma, "Juma")
    agrees(amina, juma, "Juma")
    agrees(juma, fatuma, "Fatuma")
    juma.dials(f"*384*77*{offers(service, group)}#", "2")
    juma.texts("mytext my secret words")
    doubts(service, juma.number)
    before = len(juma.reads())
    amina.dials(None, "1")
    amina.sees("None of your people can be reached")
    for words in ("menu", "next", "1", "ok", "leave", "hello"):
        said = juma.texts(words)
        assert "Amina" not in said
        assert "Fatuma" not in said
    assert len(juma.reads()) > before
    juma.dials()
    juma.sees(ASKED)
    juma.picks("No, it is new to me")
    juma.sees("Welcome / Karibu / Bienvenue", "1 English")
    amina.dials(None, "4")
    amina.sees("Juma: stopped")
    with service.database.reading() as session:
        assert [one.name for one in session.scalars(select(Member))] == ["Amina"]
        assert [one.name for one in session.scalars(select(Responder))] == ["Juma"]
        assert session.scalars(select(PhoneRow).where(PhoneRow.doubted_at.is_not(None))).all() == []
    joins(juma, "Somebody else")
    juma.sees_not("Lead a group")


@pytest.mark.parametrize("is_member", [True, False])
@pytest.mark.parametrize("same", [True, False])
def test_a_new_holder_is_no_admin_of_the_network(
    same: bool, is_member: bool, app: Flask, amina: Phone, service: Service, group: Group
) -> None:
    """Whoever gets the number of an admin must not sign in as one, and the same person is asked so that they can."""
    if is_member:
        joins(amina)
    looks_after_the_network(service, amina)
    console = Console(app, service)
    console.signs_in(amina)
    doubts(service, amina.number)
    amina.dials()
    amina.sees(ASKED)
    amina.picks("Yes" if same else "No, it is new to me")
    with service.database.reading() as session:
        phone = lookup.find_phone(session, amina.number)
        assert phone is not None
        assert (permissions.staff_for(session, phone, service.now()) is not None) is same
        signed_in = session.scalars(select(ConsoleSession).where(ConsoleSession.phone_id == phone.id)).all()
        ended = session.scalars(select(NetworkEntry).where(NetworkEntry.what == "admin_ended")).all()
    assert (bool(signed_in), bool(ended)) == (same, not same)


def doubts(service: Service, number: str) -> None:
    """Mark a number as possibly reassigned, as `smsgate member mark-reassigned` does."""
    from smsgate.members import number_reassignment

    with service.database.transaction() as session:
        phone = lookup.find_phone(session, number)
        assert phone is not None
        number_reassignment.mark_as_reassigned(session, [phone.id], service.now())


def test_half_a_year_of_silence_is_asked_about_and_using_it_is_none(
    amina: Phone, juma: Phone, group: Group, time_passes: Callable[..., None]
) -> None:
    joins(amina)
    joins(juma, "Juma")
    for _month in range(6):
        time_passes(days=40)
        amina.texts("next")
    amina.dials()
    amina.sees("1 Send my help text")
    juma.dials()
    juma.sees(ASKED)
    juma.drops()
    juma.dials()
    juma.sees(ASKED)  # until somebody answers
    juma.types("1")
    juma.sees("1 Send my help text")
    juma.dials()
    juma.sees("1 Send my help text")


def test_the_pin_is_proof_and_a_strangers_screen_comes_first(amina: Phone, service: Service, group: Group) -> None:
    joins(amina)
    sets(amina)
    doubts(service, amina.number)
    amina.dials()
    assert amina.handset.screen == WELCOME
    amina.types("4921")
    amina.sees("1 Send my help text")
    doubts(service, amina.number)
    amina.dials(None, "1")
    amina.sees(ASKED)  # and nothing about a help text
    amina.picks("No, it is new to me")
    amina.sees("Get group meeting news", "1 Join")


def test_an_operator_notes_a_sim_swap(
    amina: Phone, service: Service, group: Group, monkeypatch: pytest.MonkeyPatch
) -> None:
    joins(amina)
    monkeypatch.setattr(members, "wired_service", lambda: service)
    assert "Noted." in CliRunner().invoke(members.member, ["mark-reassigned", amina.number]).output
    assert "Nothing is stored" in str(CliRunner().invoke(members.member, ["mark-reassigned", "0722000099"]).exception)
    amina.dials()
    amina.sees(ASKED)


def test_a_stranger_is_never_asked(amina: Phone, otieno: Phone, time_passes: Callable[..., None]) -> None:
    otieno.texts("stop")
    time_passes(days=200)
    otieno.dials()
    otieno.sees("Welcome")
