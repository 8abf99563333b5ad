"""An "ok" or a thumb up after an answer takes note of our reply: it never turns a no into a yes."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from smsgate.models import Group, Meeting, NoticeReply, Reply, Responder, ResponderStatus
from smsgate.notices import notices
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import agrees, chooses, copies, joins

Passes = Callable[..., None]
NOTES = ["ok", "Sawa asante", "d'accord", "👍", "no problem", "Hakuna shida", "pas de souci", "OK THANKS", "Sure"]


def answers(service: Service) -> list[ResponderStatus]:
    with service.database.reading() as session:
        return list(session.scalars(select(Responder.agreed).order_by(Responder.id)))


@pytest.mark.parametrize("words", NOTES)
def test_after_a_no_to_a_help_text(words: str, ready: Phone, juma: Phone) -> None:
    ready.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    assert "knows you can't right now" in juma.texts("2")
    assert "1" in juma.texts(words)  # how to say yes
    assert copies(ready, "Juma is helping") == 0
    assert "knows you can help" in juma.texts("1")
    ready.hears("Juma is helping")


@pytest.mark.parametrize("words", NOTES)
@pytest.mark.parametrize("said", ["2", "LEAVE"])
def test_after_a_no_to_an_invitation(
    said: str, words: str, amina: Phone, juma: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    (agrees if said == "LEAVE" else chooses)(amina, juma, "Juma")
    juma.texts(said)
    assert juma.texts(words)  # the same once more
    assert ResponderStatus.YES not in answers(service)


@pytest.mark.parametrize("words", NOTES)
def test_after_a_no_to_a_reminder(
    words: str, amina: Phone, meeting: Meeting, service: Service, time_passes: Passes
) -> None:
    joins(amina)
    time_passes(hours=29)
    assert "You're not coming" in amina.texts("2")
    assert "You're not coming" in amina.texts(words)
    with service.database.reading() as session:
        assert session.scalars(select(Reply.coming)).one().value == "no"


def test_it_answers_no_older_question(ready: Phone, juma: Phone, otieno: Phone, service: Service) -> None:
    """Nobody agrees to an invitation by taking note of what was said about a later help text."""
    joins(otieno, "Otieno")
    chooses(otieno, juma, "Juma")
    juma.hears("may they text you")
    ready.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    assert "knows you can help" in juma.texts("1")
    assert "knows you can help" in juma.texts("ok")
    assert answers(service)[-1] is ResponderStatus.ASKED
    assert "Thank you. Otieno" in juma.texts("yes")


def test_a_question_that_came_since_is_answered(ready: Phone, juma: Phone, otieno: Phone, service: Service) -> None:
    joins(otieno, "Otieno")
    ready.dials(None, "1", "2")
    assert "knows you can't right now" in juma.texts("2")
    chooses(otieno, juma, "Juma")
    assert "Thank you. Otieno" in juma.texts("ok")
    assert copies(ready, "Juma is helping") == 0


def test_the_invitation_answered_last_is_the_one_whose_answer_changes(
    amina: Phone, otieno: Phone, juma: Phone, group: Group, service: Service, time_passes: Passes
) -> None:
    for member, name in ((amina, "Amina"), (otieno, "Otieno")):
        joins(member, name)
        chooses(member, juma, "Juma")
        time_passes(minutes=11)
    assert "Thank you. Otieno" in juma.texts("1")
    assert "Thank you. Amina" in juma.texts("1")
    juma.texts("2")
    assert answers(service) == [ResponderStatus.LEFT, ResponderStatus.YES]


@pytest.mark.parametrize("words", ["yes", "Yes, good idea"])
def test_a_yes_to_a_notice_agrees_to_no_invitation_declined_before(
    words: str, amina: Phone, juma: Phone, group: Group, service: Service, time_passes: Passes
) -> None:
    joins(amina)
    joins(juma, "Juma")
    chooses(amina, juma, "Juma")
    juma.texts("no")
    time_passes(days=1)
    with service.database.transaction() as session:
        session.get_one(Group, group.id).replies_allowed = True
        notices.send(session, session.get_one(Group, group.id), "Shall we meet at the school?", service.now())
    juma.hears("at the school")
    juma.texts(words)
    assert answers(service) == [ResponderStatus.NO]
    with service.database.reading() as session:
        assert [reply.words for reply in session.scalars(select(NoticeReply))] == [words]


@pytest.mark.parametrize("words", NOTES)
def test_after_news_that_somebody_is_helping(words: str, ready: Phone, juma: Phone, fatuma: Phone) -> None:
    ready.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    fatuma.texts("1")
    juma.hears("somebody is helping")
    assert "1" in juma.texts(words)  # how to say yes
    assert copies(ready, "Juma is helping") == 0
    fatuma.texts("2")
    juma.hears("nobody is helping after all")
    juma.texts(words)
    ready.hears("Juma is helping")
