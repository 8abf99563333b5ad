"""A text that speaks of despair gets one warm, fixed reply with choices; no alarm is raised, nothing is stored."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from redis import Redis
from sqlalchemy import select

from smsgate.models import AuditEntry, Base, Group, HelpRequest, Message, NoticeReply, Role
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import GOOD, agrees, becomes, joins, keeps

WARM, NOBODY = "It is good that you wrote. You matter.", "nobody here has read this text and nobody was told"


def everything(service: Service) -> str:
    """Return all rows of the database as text."""
    with service.database.reading() as session:
        tables = Base.metadata.sorted_tables
        return "\n".join(f"{table.name} {row}" for table in tables for row in session.execute(select(table)))


def test_a_member_gets_choices_and_sends_a_help_text(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    juma.reads()
    said = amina.texts("I want to die")
    assert WARM in said
    assert NOBODY in said
    assert said.endswith("1 Send my help text\n2 Numbers to call\n3 Menu")
    juma.hears_nothing_new()
    assert "2 Yes, send it now" in amina.texts("1")
    assert "on its way to 1 person" in amina.texts("2")
    juma.hears("Please get in touch with me")
    assert "1 See who answered\n2 Numbers" in amina.texts("I can't go on")


def test_the_other_choices(amina: Phone, juma: Phone, group: Group, service: Service) -> None:
    keeps(service, GOOD)
    joins(amina)
    assert amina.texts("I want to die").endswith("1 Numbers to call\n2 Menu")  # no responder has agreed yet
    assert "7 About" in amina.texts("2")
    assert "Please choose one of the numbers" in amina.texts("I am at home")  # the usual menu
    amina.texts("I want to die")
    assert "Please choose one of the numbers" in amina.texts("I feel low")
    assert "Befrienders: 0800000000 (8-20)" in amina.texts("1")
    assert "Groups announce meetings here" in amina.texts("help")


@pytest.mark.parametrize(
    ("said", "warm", "numbers"),
    [
        ("Nataka kufa", "Ni vizuri kwamba umeandika", "1 Namba za kupiga"),
        ("je veux mourir", "Vous avez bien fait d'écrire", "1 Numéros à appeler"),
        ("I want to die", WARM, "1 Numbers to call\n2 What is this?"),
    ],
)
def test_a_stranger_is_answered_in_the_language_of_the_words(
    otieno: Phone, service: Service, said: str, warm: str, numbers: str
) -> None:
    keeps(service, GOOD)
    answer = otieno.texts(said)
    assert warm in answer
    assert numbers in answer
    assert "0800000000" in otieno.texts("1")
    otieno.texts(said)
    assert "STOP" in otieno.texts("2")


def test_it_is_answered_each_time(amina: Phone, group: Group) -> None:
    joins(amina)
    assert WARM in amina.texts("I want to die")
    assert WARM in amina.texts("I want to die, I mean it")
    assert WARM in amina.texts("I cannot go on")


@pytest.mark.parametrize("said", ["I could kill for tea", "nimekufa njaa", "je meurs de faim"])
def test_everyday_words_are_answered_as_ever(amina: Phone, group: Group, said: str) -> None:
    joins(amina)
    assert "For the menu text MENU" in amina.texts(said)
    assert len(amina.reads()) == 1


def test_keywords_come_first(amina: Phone, group: Group) -> None:
    joins(amina)
    amina.texts("I want to die")
    assert "You'll get no more texts" in amina.texts("stop")


def test_words_that_were_asked_for_are_taken(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    amina.texts("menu")
    amina.texts("3")
    amina.texts("1")
    assert "Type the words" in amina.texts("1")
    assert "Saved" in amina.texts("Come when I say I want to die")
    amina.texts("menu")
    amina.texts("3")
    assert "Come when I say I want to die" in amina.texts("1")
    assert WARM in amina.texts("I want to die")  # the question was for a choice, not for words


def test_where_a_number_or_a_code_was_asked_for_no_words_were(amina: Phone, group: Group) -> None:
    joins(amina)
    amina.texts("menu")
    amina.texts("4")
    assert "Type the person's phone number" in amina.texts("1")
    assert WARM in amina.texts("I want to die")


def test_an_invitation_is_answered_later(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    amina.dials(None, "4", "1", juma.number, "Juma", "1")
    juma.hears("Reply 1 for yes")
    assert WARM in juma.texts("I can't go on")
    assert "no recently checked number for your country" in juma.texts("1")
    assert "Thank you" in juma.texts("yes")


def test_a_notice_of_who_leads_is_a_notice(amina: Phone, juma: Phone, group: Group, service: Service) -> None:
    becomes(amina, service, group, role=Role.FACILITATOR)
    said = amina.texts('NOTICE We read the book "I want to die" on Friday')
    assert "To send it reply" in said
    assert WARM not in said
    joins(juma, "Juma")
    assert WARM in juma.texts("notice I want to die")  # a keyword for leaders only


def test_a_responder_gets_it_too(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    juma.hears("Reply 1")
    said = juma.texts("I want to die")
    assert WARM in said
    assert said.endswith("1 Numbers to call\n2 What is this?")
    amina.hears_nothing_new()
    assert "no recently checked number for your country" in juma.texts("1")
    assert "knows you can help" in juma.texts("ok")


def test_an_answer_to_a_notice_is_passed_on_and_says_so(
    amina: Phone, juma: Phone, group: Group, service: Service, writes_to_all: Callable[[], None]
) -> None:
    joins(juma, "Juma")
    writes_to_all()
    juma.hears("Bring a cup")
    said = juma.texts("I want to die")
    assert "Only someone who wrote to you may read your words, and not right away" in said
    assert "nobody here" not in said
    assert said.endswith("1 Numbers to call\n2 Menu")
    with service.database.reading() as session:
        assert [one.words for one in session.scalars(select(NoticeReply))] == ["I want to die"]


@pytest.fixture
def writes_to_all(amina: Phone, group: Group, service: Service) -> Callable[[], None]:
    def write() -> None:
        becomes(amina, service, group)
        with service.database.transaction() as session:
            session.get_one(Group, group.id).replies_allowed = True
        code = amina.texts("NOTICE Bring a cup").partition("reply ")[2][:4]
        amina.texts(code)

    return write


def test_a_number_that_said_stop_gets_it_once_and_nothing_else(amina: Phone, group: Group, service: Service) -> None:
    keeps(service, GOOD)
    joins(amina)
    amina.texts("stop")
    said = amina.texts("I want to die")
    assert WARM in said
    assert NOBODY in said
    assert said.endswith("You'll get no more texts unless you text START. Numbers to call: 0800000000")
    for more in ("I want to die", "1", "menu", "I can't go on"):
        assert amina.texts(more) == ""
    assert "on again" in amina.texts("start")


def test_who_erases_after_stop_is_not_disturbed(amina: Phone, group: Group) -> None:
    joins(amina)
    amina.texts("stop")
    assert "2 Yes, erase" in amina.texts("erase")
    assert "You'll get no more texts unless" in amina.texts("I want to die")
    assert "erased" in amina.texts("2")


def test_with_a_pin_the_choices_work_and_show_nothing_of_the_member(
    owner: Phone,
    juma: Phone,
    service: Service,
) -> None:
    keeps(service, GOOD)
    said = owner.texts("I want to die")
    assert WARM in said
    assert said.endswith("1 Send my text\n2 Numbers to call")
    assert "Please choose one of the numbers" in owner.texts("I feel low")
    assert "Befrienders: 0800000000" in owner.texts("2")
    assert "dial *384*77#" in owner.texts("menu")
    owner.texts("I can't go on")
    assert "dial *384*77#" in owner.texts("00")
    before = len(juma.reads())
    owner.texts("I want to die")
    asked = owner.texts("1")
    assert "umbrella" not in asked
    assert "Juma" not in asked
    assert "2 Yes, send it now" in asked
    owner.texts("2")
    assert "Bring the blue umbrella" in juma.reads()[before:][-1]


def test_nothing_says_that_it_happened(
    amina: Phone, juma: Phone, group: Group, service: Service, logged: Callable[[], str], redis_url: str
) -> None:
    """Everything stored, logged and counted is as if other words had been texted, except for the encrypted answer."""

    def trace(words: str, answer: str) -> tuple[list[Any], str, int]:
        before = logged()
        assert answer in amina.texts(words)
        with service.database.reading() as session:
            last = session.scalars(select(Message).order_by(Message.id.desc())).first()
            assert last is not None
            row = [
                last.kind,
                last.lane,
                last.state,
                last.key.split(":")[0],
                last.reason,
                last.group_id,
                last.notice_id,
            ]
            counts = len(session.scalars(select(HelpRequest)).all()) + len(session.scalars(select(AuditEntry)).all())
        return row, logged()[len(before) :].split("event")[0], counts

    joins(amina)
    agrees(amina, juma, "Juma")
    usual = trace("hello", "For the menu text MENU")
    assert trace("I want to die", WARM) == usual
    with Redis.from_url(redis_url) as redis:
        names = b" ".join(redis.scan_iter())
    stored = everything(service)
    for word in ("despair", "hard", "choices", "I want to die"):
        assert word not in stored.replace(WARM, "")
        assert word not in logged()
        assert word.encode() not in names
    juma.hears_nothing_new()
