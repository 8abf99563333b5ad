"""Medical words and orders: the service's texts have none; authors are warned of theirs, but never stopped."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from smsgate.core import i18n
from smsgate.flows.checks import catalogues
from smsgate.flows.checks.style import medical, orders
from smsgate.models import Group, Notice, Role
from smsgate.service import Service
from tests.support.command_line import Typed
from tests.support.people import Phone
from tests.support.stories import becomes, joins


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Bring your Medication to the clinic", ["Medication", "clinic"]),
        ("a patient, two patients, a patient.", ["patient", "patients"]),
        ("suicidal SUICIDAL", ["suicidal", "SUICIDAL"]),
        ("Your diagnosis is a disorder", ["diagnosis", "disorder"]),
        ("mental illness; psychiatric ward", ["mental", "illness", "psychiatric"]),
        ("Lete dawa kutoka hospitali", ["dawa", "hospitali"]),
        ("Mgonjwa wa akili", ["Mgonjwa", "akili"]),
        ("Mkutano kuhusu kujiua", ["kujiua"]),
        ("le médecin et l’hôpital", ["médecin", "hôpital"]),
        ("Vos médicaments, la Dépression", ["médicaments", "Dépression"]),
        ("il est fou", ["fou"]),
    ],
)
def test_medical_words_are_found_as_they_stand(text: str, words: list[str]) -> None:
    assert medical(text) == words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("You must come", ["You must"]),
        ("now you should all rest", ["you should"]),
        ("Unapaswa kuja", ["Unapaswa"]),
        ("ni lazima uje", ["lazima"]),
        ("Vous devez venir, il faut", ["Vous devez", "il faut"]),
        ("Tu ne dois pas", ["Tu ne dois"]),
    ],
)
def test_orders_are_found_as_they_stand(text: str, words: list[str]) -> None:
    assert orders(text) == words


@pytest.mark.parametrize(
    "text",
    [
        "Bring a cup, we meet on Friday at two", "I'll be there, it is still on", "No trouble at all",
        "Be patiently kind",
        "Si lazima uje", "Kujibu si lazima", "Dawati liko tayari", "Une foule de gens, un foulard", "Je fournis le thé",
        "Mustard and shoulders", "", "Rights of users, with a guest",
    ],
)  # fmt: skip
def test_plain_words_are_left_in_peace(text: str) -> None:
    assert [*medical(text), *orders(text)] == []


def test_every_exception_is_still_said_and_has_its_reason() -> None:
    said = {message.id for domain in (i18n.PHONES, i18n.CONSOLE) for message in catalogues.template(domain)}
    assert catalogues.EXCEPTIONS
    for text, reason in catalogues.EXCEPTIONS.items():
        assert text in said
        assert medical(text) or orders(text)
        assert len(reason) > 10


def test_a_notice_by_dialling(amina: Phone, group: Group, service: Service) -> None:
    becomes(amina, service, group, role=Role.FACILITATOR)
    write = ("1", "You must bring your medication")
    amina.dials()
    amina.picks("Lead a group")
    amina.types(*write)
    amina.sees("medication: this word may sound medical on a shared phone.", "You must: this may sound like an order.")
    amina.sees("Send anyway?", "1 Continue", "2 Do not send")
    amina.types("2")
    amina.sees("Nothing was sent")
    amina.dials()
    amina.picks("Lead a group")
    amina.types(*write)
    amina.types("1", "1", "2")
    amina.sees("Sending to")
    amina.hears("You must bring your medication")


def test_a_notice_in_plain_words_is_not_asked_about(amina: Phone, group: Group, service: Service) -> None:
    becomes(amina, service, group, role=Role.FACILITATOR)
    amina.dials()
    amina.picks("Lead a group")
    amina.types("1", "Bring a cup")
    amina.sees("fewer than 5 people, 1 SMS each", "1 Now")


def test_a_notice_by_text(amina: Phone, group: Group, service: Service) -> None:
    becomes(amina, service, group, role=Role.FACILITATOR)
    said = amina.texts("NOTICE Tukutane hospitali")
    assert "hospitali: this word may sound medical on a shared phone.\nTo send it reply " in said
    amina.texts(said.partition("reply ")[2][:4])
    amina.hears("Tukutane hospitali")


def test_from_the_command_line(types: Typed, group: Group, amina: Phone, service: Service) -> None:
    joins(amina)
    named = "this word may sound medical on a shared phone"
    said = types("notice", "send", "4521", "Bring a cup", "--sw", "Unapaswa kuleta dawa", answer="n\n", refused=True)
    assert f"dawa: {named}" in said
    assert "Unapaswa: this may sound like an order" in said
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Notice)) == 0
    assert named not in types("notice", "send", "4521", "Bring a cup", "--yes")
    assert f"Psychiatry: {named}" in types("group", "add", "Users of Psychiatry")
    assert named not in types("group", "add", "Upendo")
    assert f"hospital: {named}" in types("meeting", "add", "4521", "2099-12-01 14:00", "--place", "The hospital gate")
    weekly = ("series", "add", "4521", "--every", "week", "--on", "fri", "--at", "15:00")
    assert f"doctor: {named}" in types(*weekly, "--topic", "A doctor speaks")
    assert f"clinic: {named}" in types("series", "change", "1", "--topic", "At the clinic")
    assert f"Clinic: {named}" in types("meeting", "change", "1", "--place", "Clinic gate")
    assert named not in types("meeting", "change", "1", "--topic", "Rights")
