"""Preparing for a hard day: up to three texts, extra information, recipients, ways to send, practice, review."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import select, text

from smsgate.models import DoNotContact, HelpPlan, HelpText, Message, Responder
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import agrees, plans


def test_three_texts_each_read_changed_and_removed(ready: Phone, juma: Phone) -> None:
    plans(ready, "Add words", "Please call me")
    plans(ready, "Add words", "Please come")
    plans(ready, "Add words", "My own words")
    ready.types("Bring the blue umbrella and the dog")
    ready.sees("Saved.")
    ready.dials(None, "3")
    ready.sees("1 Please call me.", "2 Please come to me.", "3 Bring the blue")
    ready.sees_not("Add words")
    plans(ready, "Bring the blue")
    ready.sees("Bring the blue umbrella and the dog")
    ready.picks("Send this one first")
    ready.dials(None, "1")
    ready.picks("Yes, send it now")
    juma.hears("Bring the blue umbrella and the dog")
    plans(ready, "Please come", "Remove it")
    plans(ready, "Please call", "Other words", "My own words")
    ready.types("Just ring")
    ready.dials(None, "3")
    ready.sees("1 Bring the blue", "2 Just ring", "Add words")


def test_words_come_by_sms_too_since_typing_on_a_screen_is_slow(ready: Phone, juma: Phone) -> None:
    assert "Your words are saved" in ready.texts("mytext Please come, and bring   no flowers.")
    assert "too long" in ready.texts("MYTEXT " + "x" * 140)
    assert "saved" in ready.texts("Mytext: two")
    assert "saved" in ready.texts("MANENOYANGU tatu")
    assert "You have 3 texts already" in ready.texts("mytext four")
    ready.dials(None, "1")
    ready.picks("Yes, send it now")
    juma.hears("Please come, and bring no flowers.")


def test_a_prepared_text_is_read_in_the_language_of_who_gets_it(ready: Phone, juma: Phone, fatuma: Phone) -> None:
    plans(ready, "Add words", "Please call me")
    juma.dials(None, "2", "2", "1", "1", "3")  # Juma joins, in Kiswahili
    ready.dials(None, "1", "2")
    assert "Tafadhali nipigie simu." in juma.reads()[-1]
    fatuma.hears("Please call me.")


def test_each_gets_their_own_words_and_what_goes_along(ready: Phone, juma: Phone, fatuma: Phone) -> None:
    plans(ready, "Add words", "Please call me")
    plans(ready, "Add words", "My own words")
    ready.types("Take the children")
    plans(ready, "Extra information", "What helps")
    ready.types("tea and quiet")
    plans(ready, "Extra information", "Who not to call")
    ready.types("my brother")
    plans(ready, "Extra information", "Who not to call")
    ready.sees("Who not to call: my brother")
    ready.dials(None, "4", "2")
    ready.picks("What they get", "Take the children")
    ready.dials(None, "1")
    ready.picks("Yes, send it now")
    juma.hears("Please call me. What helps: tea and quiet. Please do not call: my brother. Reply 1")
    fatuma.hears("Take the children What helps: tea and quiet.")
    plans(ready, "Extra information", "What helps", "Remove it")
    plans(ready, "Take the children", "Remove it")  # from now on Fatuma gets the first text
    ready.dials(None, "1", "3", "2")
    ready.sees("on its way to 2")
    fatuma.hears("Please call me. Please do not call: my brother. Reply")


def test_other_words_for_this_once(ready: Phone, juma: Phone, fatuma: Phone) -> None:
    plans(ready, "Add words", "Please call me")
    plans(ready, "Add words", "I could use a kind word")
    ready.dials(None, "1")
    ready.picks("Other words", "I could use", "Yes, send it now")
    juma.hears("I could use a kind word today.")
    fatuma.hears("I could use a kind word today.")


def test_a_practice_says_so_to_everybody(ready: Phone, juma: Phone, fatuma: Phone) -> None:
    plans(ready, "If nobody answers", "Send again", "5 minutes", "Nothing more")
    plans(ready, "Practise", "Yes, practise")
    ready.sees("A practice is on its way to 2 people")
    juma.hears("Only a practice: Amina", "Please get in touch")
    assert "knows you can help" in juma.texts("1")
    ready.hears("Only a practice: Juma is helping.")
    fatuma.hears("Only a practice: Amina (+254 711 000001): somebody is helping")
    plans(ready, "Practise")
    ready.sees("Practice, 09:0", "Juma: helping")
    ready.picks("End the practice")
    ready.sees("The practice is over. Those who got it know.")
    fatuma.hears("Only a practice: Amina (+254 711 000001): I am fine now")


def test_a_practice_never_takes_the_place_of_a_real_one(
    ready: Phone, juma: Phone, time_passes: Callable[..., None]
) -> None:
    plans(ready, "Practise")
    ready.dials(None, "1", "2")
    juma.hears("Please get in touch")
    ready.dials(None, "3")
    while "98 More" in ready.handset.screen:
        ready.sees_not("Practise")
        ready.types("98")
    ready.sees_not("Practise")
    for _n in range(3):  # and practice does not count towards any limit
        time_passes(hours=25)
        plans(ready, "Practise", "Yes")
    ready.dials(None, "1", "2")
    ready.dials(None, "1")
    ready.sees_not("in an hour")


def test_a_word_of_ones_own_sends_by_text(ready: Phone, juma: Phone) -> None:
    plans(ready, "Ways to send", "By text")
    for word, why in (("stop", "means something else"), ("ok", "too short"), ("12345", "means something else")):
        ready.types(word)
        ready.sees(why)
        plans(ready, "Ways to send", "By text")
    ready.types("Mvua kubwa")
    ready.sees("Text Mvua kubwa to send it")
    assert "Done. On its way to 2" in ready.texts(" mvua KUBWA!")
    juma.hears("Please get in touch with me")
    before = len(juma.inbox)
    ready.texts("mvua kubwa sana")  # only an exact match sends it
    assert len(juma.reads()) == before
    assert "Everyone who got your text knows" in ready.texts("fine")
    juma.hears("I am fine now")
    for _n in range(2):
        ready.texts("mvua kubwa")
        ready.texts("fine")
    asked = ready.texts("mvua kubwa")
    assert "You sent it 3 times in the last hour" in asked
    ready.texts("2")
    juma.hears("Please get in touch with me")
    plans(ready, "Ways to send", "By text", "Remove it")
    assert "For the menu text MENU" in ready.texts("mvua kubwa")


@pytest.mark.parametrize(
    "word", ["PEER", "mwenzi", "Binome hello", "join Tumaini", "code 4521", "384*77*4521", "find nakuru", "Kiswahili"]
)
def test_no_word_that_asks_for_something_else_sends(word: str, ready: Phone) -> None:
    plans(ready, "Ways to send", "By text")
    ready.types(word)
    ready.sees("means something else")


def test_a_missed_call_sends_where_the_member_switched_it_on(
    ready: Phone, juma: Phone, time_passes: Callable[..., None]
) -> None:
    ready.handset.rings()
    ready.reads()
    juma.hears_nothing_new()
    plans(ready, "Ways to send", "By missed call: off", "On")
    time_passes(minutes=11)
    ready.handset.rings()
    ready.hears("Done. It will be sent in 60 seconds")
    juma.hears_nothing_new()
    ready.handset.rings()
    time_passes(seconds=61)
    juma.hears("Please get in touch with me")
    before = len(juma.inbox)
    time_passes(minutes=5)
    ready.handset.rings()
    time_passes(minutes=2)
    assert len(juma.reads()) == before, "who rings again to be sure sends it once"
    time_passes(minutes=10)
    ready.handset.rings()
    ready.dials(None, "1")
    ready.picks("Cancel it")
    ready.sees("What you sent before still counts")
    time_passes(minutes=2)
    assert len(juma.reads()) == before


def test_every_90_days_a_member_who_wishes_so_is_asked(
    ready: Phone, service: Service, time_passes: Callable[..., None]
) -> None:
    time_passes(days=100)
    ready.hears_nothing_new()
    plans(ready, "Ask me if it is still right: off", "On")
    time_passes(days=89)
    ready.hears_nothing_new()
    time_passes(days=2)
    ready.hears("Are your words and people still right? To check, dial *384*77#")
    time_passes(days=30)
    ready.hears_nothing_new()
    ready.texts("next")
    time_passes(days=61)
    ready.hears("still right")
    plans(ready, "Ask me if it is still right: on", "Off")
    time_passes(days=100)
    ready.hears_nothing_new()


def test_a_number_that_is_never_to_be_told_gets_nothing(ready: Phone, juma: Phone, service: Service) -> None:
    ready.dials(None, "1", "2")  # a help text to Juma, who agreed, is queued
    ready.dials(None, "4")
    ready.picks("Never tell", "Add a number")
    ready.types("0711 000 002")
    ready.sees("This number gets nothing from you")
    juma.hears_nothing_new()
    ready.dials(None, "4")
    ready.sees_not("Juma")
    ready.picks("Add a person")
    ready.types(juma.number, "Juma", "1")
    ready.sees("never to tell")
    ready.dials(None, "1", "2")
    juma.hears_nothing_new()
    ready.dials(None, "4")
    ready.picks("Never tell")
    ready.picks("+254 711 000002", "Take off my list")
    with service.database.reading() as session:
        assert session.scalars(select(DoNotContact)).all() == []
    agrees(ready, juma, "Juma")


def test_all_of_it_goes_with_the_member(ready: Phone, service: Service) -> None:
    plans(ready, "Add words", "Please call me")
    plans(ready, "Extra information", "What helps")
    ready.types("tea")
    ready.dials(None, "4")
    ready.picks("Never tell", "Add a number")
    ready.types("0722000009")
    ready.dials(None, "6")
    ready.picks("Erase my data", "Yes, erase")
    with service.database.reading() as session:
        for table in (HelpText, HelpPlan, DoNotContact, Responder, Message):
            rows = session.scalars(select(table)).all()
            assert [row for row in rows if getattr(row, "member_id", None) is not None] == []


def test_what_was_prepared_is_found_nowhere_as_it_is(
    ready: Phone, juma: Phone, service: Service, logged: Callable[[], str], tmp_path: Path
) -> None:
    """It is not in the logs, in Redis, in a stored row or in the database file."""
    canaries = ["xylophone umbrella", "quiet marmalade", "zebra brother", "mvua ya kanari", "722000009", "711000002"]
    ready.texts(f"mytext {canaries[0]}")
    for n, label in enumerate(("What helps", "Who not to call"), start=1):
        plans(ready, "Extra information", label)
        ready.types(canaries[n])
    plans(ready, "Ways to send", "By text")
    ready.types(canaries[3])
    ready.dials(None, "4")
    ready.picks("Never tell", "Add a number")
    ready.types("0" + canaries[4])
    ready.texts(canaries[3])
    juma.texts("1")
    ready.dials(None, "3")
    ready.drops()
    kept = [logged().encode(), *(path.read_bytes() for path in tmp_path.iterdir() if path.is_file())]
    for key in service.redis.keys("[^s]*"):  # not the simulated network's keys
        kept += [repr(key).encode(), service.redis.dump(key) or b""]
    with service.database.reading() as session:
        for name in Message.metadata.tables:
            kept += [repr(tuple(row)).encode() for row in session.execute(text(f"SELECT * FROM {name}"))]
    for one in kept:
        found = [canary for canary in canaries if canary.encode() in one]
        assert found == [], one[max(0, one.find(found[0].encode()) - 300) :][:700] if found else ""


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("Être avec moi, ça aide", "In an SMS it says: Etre, ca"),
        ("Łukasz’s ½ hour", "In an SMS it says: Lukasz's, 1/2"),
        ("Bi cokcaŋ", "ŋ: only 70 letters in an SMS"),
        ("It’s me – come…", ""),
        ("Come\u200b now", ""),
    ],
)
def test_a_member_is_told_how_their_words_are_spelled(ready: Phone, typed: str, told: str) -> None:
    ready.texts(f"MYTEXT {typed}")
    assert (told or "Your words are saved") in ready.reads()[-1]
    assert told or "In an SMS" not in ready.reads()[-1]
    plans(ready, "Add words", "My own words")
    ready.types(typed)
    ready.sees(told or "Saved. Nobody gets it until you send it")
    plans(ready, "Extra information", "What helps")
    ready.types(typed)
    ready.sees(told or "Saved.")
