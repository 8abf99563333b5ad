"""One text joins a group; the answer says which group, how to leave, and how to give a name or a language."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from smsgate.groups import join_requests
from smsgate.members.number_reassignment import mark_as_reassigned
from smsgate.models import Group, Member, Membership, lookup
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import joins


def speaks_first(service: Service, group: Group, languages: str) -> None:
    with service.database.transaction() as session:
        session.add(group)
        group.languages = languages


def members_of(service: Service) -> int:
    with service.database.reading() as session:
        return len(session.scalars(select(Membership)).all())


@pytest.mark.parametrize(
    ("text", "languages", "answer"),
    [
        ("JOIN 4521", "", "You've joined Tumaini. To leave text STOP 4521."),
        ("JOIN4521", "sw en", "You've joined Tumaini."),
        ("jiunge na 4521", "", "Umejiunga na Tumaini."),
        ("Rejoindre 4521", "", "Vous avez rejoint Tumaini."),
        ("4521", "", "You've joined Tumaini."),
        ("4521", "fr", "Vous avez rejoint Tumaini."),
        ("*384*77*4521#", "sw", "Umejiunga na Tumaini."),
        ("join Tumaini", "", "You've joined Tumaini."),
    ],
)
def test_one_text_joins_in_its_language(
    text: str, languages: str, answer: str, otieno: Phone, group: Group, service: Service
) -> None:
    speaks_first(service, group, languages)
    assert answer in otieno.texts(text)
    assert len(otieno.inbox) == 1
    assert members_of(service) == 1


def test_the_answer_says_how_to_say_a_name_and_a_language(otieno: Phone, group: Group, service: Service) -> None:
    said = otieno.texts("JOIN 4521")
    assert "text NAME" in said
    assert "KISWAHILI, FRANCAIS" in said
    assert "see the name Otieno" in otieno.texts("NAME Otieno")
    assert "Kiswahili" in otieno.texts("Kiswahili")
    with service.database.reading() as session:
        assert session.scalars(select(Member)).one().name == "Otieno"
        assert session.scalars(select(PhoneRow.language)).one() == "sw"
    assert "jina Otieno Odhiambo" in otieno.texts("jina langu ni Otieno Odhiambo")
    assert "herufi 20" in otieno.texts("JINA " + "x" * 21)


@pytest.mark.parametrize(
    ("text", "language"),
    [("Français!", "fr"), ("lugha ya Kiswahili", "sw"), ("English", "en"), ("FRENCH", "fr"), ("Kifaransa", "fr")],
)
def test_the_name_of_a_language_sets_it(text: str, language: str, amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    amina.texts(text)
    with service.database.reading() as session:
        assert session.scalars(select(PhoneRow.language)).one() == language


def test_the_group_can_be_left_by_the_text_that_the_answer_names(otieno: Phone, group: Group, service: Service) -> None:
    otieno.texts("JOIN 4521")
    otieno.texts("STOP 4521")
    assert members_of(service) == 0


def test_twice_is_once_and_says_so(otieno: Phone, group: Group, service: Service) -> None:
    otieno.texts("JOIN 4521")
    assert "You're in Tumaini. To leave text STOP 4521." in otieno.texts("join 4521 please")
    assert members_of(service) == 1


def test_a_group_that_approves_is_asked(otieno: Phone, group: Group, service: Service) -> None:
    with service.database.transaction() as session:
        session.add(group)
        group.by_approval = True
    assert "You have asked to join Tumaini." in otieno.texts("JOIN 4521")
    assert members_of(service) == 0


def test_the_welcome_waits_for_the_first_call(otieno: Phone, group: Group, service: Service) -> None:
    with service.database.transaction() as session:
        session.add(group)
        join_requests.set_welcome(group, "en", "Karibu! Tea is at four.")
    otieno.texts("JOIN 4521")
    otieno.dials(None, "5", "1")
    otieno.sees("Tea is at four")


def test_a_wrong_code_is_said(otieno: Phone, group: Group, service: Service) -> None:
    assert "9999" in otieno.texts("JOIN 9999")
    assert members_of(service) == 0


def test_who_opted_out_joins_nothing(otieno: Phone, group: Group, service: Service) -> None:
    otieno.texts("STOP")
    assert otieno.texts("JOIN 4521") == ""
    assert members_of(service) == 0


@pytest.mark.parametrize("name", ["0711000001", "Call 0711 000 001", "evil.com", "*384*77#", "zero seven one one"])
def test_a_name_by_text_is_a_name_too(name: str, otieno: Phone, group: Group, service: Service) -> None:
    joins(otieno)
    otieno.texts("NAME Otieno")
    assert "only have letters" in otieno.texts(f"NAME {name}")
    with service.database.reading() as session:
        assert session.scalars(select(Member)).one().name == "Otieno"


def test_who_may_be_another_is_told_to_dial(otieno: Phone, group: Group, service: Service) -> None:
    joins(otieno)
    otieno.texts("STOP 4521")
    with service.database.transaction() as session:
        phone = lookup.ensure_phone(session, otieno.number, service.now())
        mark_as_reassigned(session, [phone.id], service.now())
    assert "dial" in otieno.texts("JOIN 4521")
    assert "dial" in otieno.texts("NAME Juma")
    assert members_of(service) == 0


def test_a_name_that_was_asked_for_is_taken_as_it_is_typed(otieno: Phone, group: Group, service: Service) -> None:
    joins(otieno)
    otieno.texts("menu")
    otieno.texts("4")
    otieno.texts("1")
    otieno.texts("0711000002")
    assert "We'll text" in otieno.texts("Name Juma")
