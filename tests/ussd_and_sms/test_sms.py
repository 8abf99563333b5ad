"""Inbound SMS are taken first as keywords, then as answers to the newest question, then as conversation."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient
from sqlalchemy import func, select

from smsgate.flows.typed.keywords import WORDS, Intent, parse_keyword
from smsgate.models import Group, Meeting, Membership, Message
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from tests.support.people import TOKEN, Phone
from tests.support.stories import agrees, joins


@pytest.mark.parametrize("said", ["STOP", " stop ", "Stop!", "(stop)", "ACHA", "simama", "Arrêt", "ARRETER", "stopall"])
def test_stop_words_stop_whatever_surrounds_them(said: str, amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    assert "START" in amina.texts(said)
    assert amina.texts(said) == ""  # only one confirmation
    with service.database.reading() as session:
        assert session.scalars(select(PhoneRow.stopped_at)).one() is not None


@pytest.mark.parametrize("said", ["yes", "end", "cancel", "YES!", "bus stop", "don't stop"])
def test_answers_and_sentences_are_no_stop_words(said: str) -> None:
    keyword = parse_keyword(said)
    assert keyword is None or keyword.intent is not Intent.STOP


def test_no_word_means_two_things() -> None:
    words = [word for words in WORDS.values() for word in words]
    assert len(words) == len(set(words))


@pytest.mark.parametrize("said", ["HELP", "msaada", "Aide?", "info"])
def test_help_is_information_and_sends_no_help_text(said: str, amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    before = len(juma.reads())
    assert "STOP" in amina.texts(said)
    assert len(juma.reads()) == before


def test_information_comes_in_the_language_of_the_word(otieno: Phone, fatuma: Phone) -> None:
    assert "huduma ya dharura" in otieno.texts("Msaada")
    assert "service d'urgence" in fatuma.texts("aide")


def test_stop_works_in_the_middle_of_a_conversation(amina: Phone, group: Group) -> None:
    joins(amina)
    amina.texts("menu")
    amina.texts("3")
    amina.texts("1")
    assert "You'll get no more texts" in amina.texts("stop")
    assert amina.texts("these are my words") == ""


def test_stop_is_heard_from_somebody_who_never_joined(otieno: Phone, amina: Phone, group: Group) -> None:
    assert "You'll get no more texts" in otieno.texts("STOP")
    joins(amina)
    amina.dials(None, "4", "1", otieno.number, "1", "1")
    amina.sees("can't ask this number")
    assert len(otieno.reads()) == 1


def test_only_start_undoes_stop(amina: Phone, group: Group, meeting: Meeting, time_passes: Callable[..., None]) -> None:
    joins(amina)
    amina.texts("stop")
    for said in ("hello", "menu", "join 4521", "next", "1"):
        assert amina.texts(said) == ""
    time_passes(hours=30)
    amina.hears_nothing_new()
    assert "on again" in amina.texts("start")
    assert "1 Send my help text" in amina.texts("menu")
    time_passes(hours=22)
    amina.hears("Reminder")


def test_joining_again_by_dialling_asks_before_texts_come_again(amina: Phone, group: Group) -> None:
    amina.texts("stop")
    amina.dials(None, "1", "1")
    amina.sees("This number said STOP", "1 No", "2 Yes")
    amina.types("2", "3", "1")
    assert "1 Send my help text" in amina.texts("menu")


def test_stop_with_a_code_leaves_that_group_only(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    assert "You have left Tumaini" in amina.texts("Stop 4521")
    with service.database.reading() as session:
        assert session.scalars(select(Membership)).all() == []
    assert "1 Send my help text" in amina.texts("menu")
    assert "not in a group with code 4521" in amina.texts("stop 4521")


def test_the_same_text_twice_is_one(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    amina.texts("menu", message_id="m1")
    assert amina.texts("menu", message_id="m1") == ""
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1


@pytest.mark.parametrize("sender", ["22384", "Safaricom", "MPESA", "+12025550123", "0", "😀"])
def test_machines_and_other_countries_are_never_answered(sender: str, client: FlaskClient, service: Service) -> None:
    form = {"from": sender, "id": "1", "text": "STOP", "to": "22384"}
    assert client.post(f"/hooks/{TOKEN}/africastalking/sms", data=form).status_code == 200
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(PhoneRow)) == 0


def test_a_text_without_an_id_is_refused_and_an_empty_one_gets_the_menu(client: FlaskClient, amina: Phone) -> None:
    assert client.post(f"/hooks/{TOKEN}/africastalking/sms", data={"from": amina.number}).status_code == 400
    assert "Welcome" in amina.texts("")


def test_joining_by_text(amina: Phone, group: Group) -> None:
    assert "You've joined Tumaini" in amina.texts("join 45 21")
    assert "There is no group with code 9999" in amina.texts("JOIN 9999")


def test_a_long_list_is_paged_by_text_too(amina: Phone, group: Group, service: Service) -> None:
    from smsgate.groups import groups

    with service.database.transaction() as session:
        for n in range(20):
            groups.create(session, f"A group with a long name {n:02}", "Africa/Nairobi", service.now(), listed=True)
    joins(amina)
    amina.texts("join")
    amina.texts("2")
    first = amina.texts("2")
    assert "98 More" in first
    second = amina.texts("98")
    assert second != first
    assert "98 More" in second


def test_the_newest_question_is_answered_first(amina: Phone, juma: Phone, group: Group) -> None:
    """A number in a text belongs to what the person saw last."""
    joins(amina)
    juma.texts("hello")  # opens a conversation: Welcome, 1 English …
    amina.dials(None, "4", "1", juma.number, "Juma", "1")
    juma.hears("Reply 1 for yes")
    assert "Thank you" in juma.texts("1")
    assert "Thank you" in juma.texts("1")  # repeated: it is no key of an earlier question


def test_a_help_text_comes_before_an_older_conversation(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    juma.texts("menu")
    amina.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    assert "knows you can help" in juma.texts("ok")
    amina.hears("Juma is helping")
    assert "knows you can help" in juma.texts("ok")
    assert "We have no question for you now" in juma.texts("3")  # the key of an old menu


def test_words_instead_of_a_number_are_answered_kindly(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    assert "Nobody reads texts here" in juma.texts("I am on the bus")
    assert "knows you can help" in juma.texts("1")
