"""While a help text waits to be sent, words like "I'm fine" cancel it; if they are unclear, the service asks."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from smsgate.models import Group, HelpPlan, Meeting, Member, Responder, ResponderStatus
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.pins import sets
from tests.support.stories import agrees, chooses, copies, joins, plans

Passes = Callable[..., None]
ASKED = "Cancel it?"


@pytest.fixture
def pausing(amina: Phone, juma: Phone, group: Group) -> Phone:
    """Return Amina, whose help text to Juma will be sent in two minutes."""
    joins(amina)
    agrees(amina, juma, "Juma")
    plans(amina, "Ways to send", "Time to cancel it", "120 seconds")
    amina.dials(None, "1", "2")
    amina.sees("It will be sent in 120 seconds")
    amina.reads()
    return amina


@pytest.mark.parametrize(
    "said",
    ["I'm fine", "I’m fine", "FINE!", "Fine thanks", "I am fine now", "Im ok", "nipo sawa", "Je vais bien maintenant",
     "ça va mieux", "cancel", "it was a mistake", "usitume", "annuler"],
)  # fmt: skip
def test_it_is_taken_back(said: str, pausing: Phone, juma: Phone, time_passes: Passes) -> None:
    assert "Nobody was told" in pausing.texts(said)
    time_passes(minutes=3)
    assert copies(juma) == 0


@pytest.mark.parametrize("said", ["I am not fine", "wait", "hello", "no", "ok", "what?", "2", "fine?", "siko sawa"])
def test_what_is_unclear_is_asked_about_and_the_text_leaves(
    said: str, pausing: Phone, juma: Phone, time_passes: Passes
) -> None:
    asked = pausing.texts(said)
    assert ASKED in asked
    assert "1 Cancel it" in asked
    time_passes(minutes=3)
    assert copies(juma) == 1


def test_the_key_takes_it_back(pausing: Phone, juma: Phone, time_passes: Passes) -> None:
    pausing.texts("wait")
    assert "Nobody was told" in pausing.texts("1")
    time_passes(minutes=3)
    assert copies(juma) == 0


@pytest.mark.parametrize("keys", [("2",), ("1", "1"), ("1", "2"), ("2", "1"), ("2", "2"), ("1", "1", "2")])
def test_no_key_of_the_question_ever_sends(keys: tuple[str, ...], pausing: Phone, juma: Phone) -> None:
    pausing.texts("wait")
    for key in keys:
        pausing.texts(key)
    assert copies(juma) == 0  # two minutes have not passed


def test_too_late_is_said_truly(pausing: Phone, juma: Phone, time_passes: Passes) -> None:
    pausing.texts("wait")
    time_passes(minutes=3)
    assert copies(juma) == 1
    assert "Everyone who got your text knows now" in pausing.texts("1")
    juma.hears("I am fine now")


def test_a_word_of_agreement_answers_what_was_asked_later(
    pausing: Phone, juma: Phone, meeting: Meeting, time_passes: Passes
) -> None:
    joins(juma, "Juma")
    chooses(juma, pausing, "Amina")
    pausing.hears("may they text you")
    assert "Thank you" in pausing.texts("ok")
    time_passes(minutes=3)
    assert copies(juma) == 1


def test_stop_in_the_pause_takes_it_back_too(pausing: Phone, juma: Phone, time_passes: Passes) -> None:
    said = pausing.texts("Acha")
    assert "You'll get no more texts" in said
    assert "what you sent was cancelled" in said
    time_passes(minutes=3)
    assert copies(juma) == 0


@pytest.mark.parametrize("said", ["futa", "erase", "efface moi"])
def test_erase_in_the_pause_is_first_asked_about_and_then_erases(
    said: str, pausing: Phone, juma: Phone, time_passes: Passes
) -> None:
    """It may be meant for the help text: who cancels by that word must not lose everything, and nor send it."""
    assert ASKED in pausing.texts(said)
    assert "Nobody was told" in pausing.texts("1")
    time_passes(minutes=3)
    assert copies(juma) == 0
    assert "Erase everything" in pausing.texts(said)


def test_a_second_erase_in_the_pause_erases_and_takes_it_back(pausing: Phone, juma: Phone, time_passes: Passes) -> None:
    pausing.texts("erase")
    assert "Erase everything" in pausing.texts("erase")
    assert "erased" in pausing.texts("2")
    time_passes(minutes=3)
    assert copies(juma) == 0


def test_behind_a_pin_the_question_names_nothing(pausing: Phone, juma: Phone, time_passes: Passes) -> None:
    sets(pausing)
    asked = pausing.texts("wait")
    assert ASKED in asked
    assert "Juma" not in asked
    assert "Nobody was told" in pausing.texts("1")
    assert "Please dial" in pausing.texts("menu")
    time_passes(minutes=3)
    assert copies(juma) == 0


def test_once_it_is_out_only_clear_words_say_that_one_is_fine(pausing: Phone, juma: Phone, time_passes: Passes) -> None:
    time_passes(minutes=3)
    for said in ("I am not fine", "cancel", "wait", "fine?"):
        pausing.texts(said)
    assert copies(juma, "I am fine now") == 0
    assert "Everyone who got your text knows now" in pausing.texts("im ok now thanks")
    juma.hears("I am fine now")


def test_after_stop_the_word_still_sends_and_fine_still_counts(
    amina: Phone, juma: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    with service.database.transaction() as session:
        session.add(HelpPlan(member_id=session.scalars(select(Member.id)).one(), word="mvua"))
    amina.texts("STOP")
    assert "On its way to 1" in amina.texts("mvua")
    assert copies(juma) == 1
    assert "Everyone who got your text knows now" in amina.texts("I'm fine")
    juma.hears("I am fine now")
    assert amina.texts("hello") == ""


@pytest.mark.parametrize("word", ["im ok", "niko sawa kabisa", "ca va mieux", "cancel it"])
def test_no_word_that_takes_back_can_be_the_word_that_sends(word: str, amina: Phone, group: Group) -> None:
    joins(amina)
    plans(amina, "Ways to send", "By text")
    amina.types(word)
    amina.sees("means something else")


def test_after_the_last_copy_is_taken_back_no_step_is_promised_that_an_answer_holds(
    pausing: Phone, juma: Phone, time_passes: Passes
) -> None:
    plans(pausing, "If nobody answers", "Send again", "5 minutes", "Nothing more")
    pausing.texts("cancel")
    pausing.dials(None, "1", "2")
    time_passes(minutes=3)
    juma.texts("1")
    pausing.dials(None, "1")
    pausing.picks("Send it again", "Yes, send it now", "Cancel it")
    pausing.sees("What you sent before still counts")
    pausing.dials(None, "1")
    pausing.sees("Juma: helping")
    pausing.sees_not("once more")


@pytest.mark.parametrize("words", ["no", "2", "ok", "1", "hapana"])
@pytest.mark.parametrize("before", ["answered", "open"])
def test_in_the_pause_no_word_answers_what_was_asked_before_it(
    before: str, words: str, amina: Phone, juma: Phone, group: Group, service: Service, time_passes: Passes
) -> None:
    joins(amina)
    joins(juma, "Juma")
    agrees(amina, juma, "Juma")
    chooses(juma, amina, "Amina")
    if before == "answered":
        assert "Thank you" in amina.texts("1")
    time_passes(hours=2)
    plans(amina, "Ways to send", "Time to cancel it", "120 seconds")
    amina.dials(None, "1", "2")
    amina.sees("It will be sent in 120 seconds")
    assert ASKED in amina.texts(words)
    assert "Nobody was told" in amina.texts("1")
    with service.database.reading() as session:
        agreed = session.scalars(select(Responder.agreed).order_by(Responder.id)).all()[-1]
    assert agreed is (ResponderStatus.YES if before == "answered" else ResponderStatus.ASKED)
