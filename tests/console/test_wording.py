"""The service's texts in a group's own words, from the browser to the phone, per language and group."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from smsgate.core.i18n import LANGUAGES, speaking
from smsgate.flows import sms
from smsgate.flows.checks import sms_inventory
from smsgate.flows.checks.catalogues import template
from smsgate.flows.leader.audit_events import AuditEvent, audit_label
from smsgate.groups import audit_log, wording, wording_editor
from smsgate.groups.wording import speaking_for, wording_of_member
from smsgate.meetings import meetings
from smsgate.models import CustomText, Group, Meeting, Member, Role, lookup
from smsgate.service import Service
from tests.support.console import Console, leads, original
from tests.support.openings import Play
from tests.support.people import Clock, Phone
from tests.support.stories import joins

ONE = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # doesn't depend on the database
TEXTS = "/console/groups/4521/texts"


@pytest.fixture
def console(app: Flask, service: Service, group: Group, amina: Phone, opening: Play) -> Console:
    console = Console(app, service)

    def begins() -> None:
        joins(amina)
        leads(service, amina, group, Role.ADMIN)
        console.signs_in(amina)

    opening(begins, console, amina)
    return console


def opens(console: Console, text: str, language: str = "en") -> None:
    console.opens(f"{TEXTS}/{language}/{original(text).key}")


def rewords(console: Console, text: str, *words: str, language: str = "en", status: int = 200) -> None:
    opens(console, text, language)
    says(console, *words, status=status)


def says(console: Console, *words: str, status: int = 200) -> None:
    fields: dict[str, Any] = {f"words-{at}": one for at, one in enumerate(words)}
    console.sends("Save", status, **fields)


def test_a_screen_says_it_in_the_words_of_the_group(console: Console, juma: Phone) -> None:
    joins(juma)
    juma.dials()
    juma.sees("4 My people")
    console.opens(TEXTS)
    console.sees("Phone texts", "First screens and keys", "Meetings")
    console.sends("Find", q="my people")
    console.follows("My people")
    console.sees("Original text", "My people", "Your text")
    says(console, "My circle")
    console.sees("Saved.", "My circle", "now")
    juma.dials()
    juma.sees("4 My circle", "1 Send my help text")
    console.opens(f"{TEXTS}?section=own")
    console.sees("My circle", "Reworded")
    console.opens("/console/groups/4521/log")
    console.sees("reworded a text")


@pytest.mark.by_night
def test_each_language_has_its_own_words(console: Console, juma: Phone) -> None:
    rewords(console, "My people", "Wenzangu", language="sw")
    joins(juma)
    juma.dials()
    juma.sees("4 My people")
    juma.picks("Settings", "Language", "Kiswahili")
    juma.dials()
    juma.sees("4 Wenzangu")


@pytest.mark.by_night
@ONE
def test_undone_and_done_again(console: Console, juma: Phone) -> None:
    joins(juma)
    rewords(console, "My people", "My circle")
    rewords(console, "My people", "My friends")
    console.sees("My circle", "My friends")
    console.sends("Use again")
    juma.dials()
    juma.sees("4 My circle")
    console.sends("Use the original text")
    console.sees("The original text is back.")
    juma.dials()
    juma.sees("4 My people")


@ONE
def test_a_call_ends_in_the_words_that_it_began_in(console: Console, juma: Phone) -> None:
    joins(juma)
    juma.dials()
    juma.picks("My people")
    rewords(console, "My people", "My circle")
    juma.types("00")  # home: the session starts over
    juma.sees("My circle")
    rewords(console, "My people", "My friends")
    juma.picks("My circle")
    juma.types("0")
    juma.sees("My circle")


def test_texts_of_the_group_say_it_to_everybody_and_those_of_another_do_not(
    console: Console, service: Service, juma: Phone, meeting: Meeting
) -> None:
    joins(juma)
    rewords(console, "Coming? Reply 1 yes, 2 no, 3 maybe", "See you? 1 yes, 2 no, 3 maybe")
    with service.database.transaction() as session:
        session.add(Group(name="Mwezi", code="7001", zone="Africa/Nairobi", created_at=service.now()))
    juma.dials("*384*77*7001#", "1")
    juma.dials()
    juma.sees("4 My people")
    with service.database.reading() as session:
        here = session.scalars(select(Group).where(Group.code == "4521")).one()
        there = session.scalars(select(Group).where(Group.code == "7001")).one()
        with speaking_for(here, "en"):
            assert sms.coming_keys() == "See you? 1 yes, 2 no, 3 maybe"
            with speaking("en"):  # meanwhile, a text to someone outside the group
                assert sms.coming_keys() == "Coming? Reply 1 yes, 2 no, 3 maybe"
            with speaking_for(there, "en"):
                assert sms.coming_keys() == "Coming? Reply 1 yes, 2 no, 3 maybe"
        member = session.scalars(select(Member).join(Member.phone).where(lookup.WITH_NUMBER), _of(session, juma)).one()
        assert wording_of_member(session, member) == {}, "who is in two groups reads the service's words"


def _of(session: object, phone: Phone) -> dict[str, object]:
    return {"forms": lookup.forms_of(session, phone.number)}  # type: ignore[arg-type]


def test_a_reminder_comes_in_the_words_of_the_group(
    console: Console, juma: Phone, meeting: Meeting, time_passes: Callable[..., None]
) -> None:
    joins(juma)
    rewords(console, "Coming? Reply 1 yes, 2 no, 3 maybe", "See you? 1 yes, 2 no, 3 maybe")
    time_passes(hours=5)
    time_passes(hours=24)
    juma.hears("See you? 1 yes, 2 no, 3 maybe")


def test_behind_a_pin_nobody_reads_what_a_group_calls_things(console: Console, juma: Phone) -> None:
    joins(juma)
    rewords(console, "I forgot it", "Our tea is cold")
    juma.dials("*384*77*4521#")
    juma.dials()
    juma.dials()
    juma.picks("Settings", "PIN", "Set a PIN")
    juma.types("2580", "2580")
    juma.dials("*384*77*4521#")
    juma.picks("English")
    juma.sees("2 I forgot it")


def test_a_stranger_who_dials_the_code_reads_the_words_of_the_group(console: Console, juma: Phone) -> None:
    rewords(console, "No name", "Without a name")
    juma.dials("*384*77*4521#")
    juma.picks("English", "Join")
    juma.sees("Without a name")


@ONE
@pytest.mark.parametrize(
    ("text", "words", "said"),
    [
        ("My people", "  ", "Write something"),
        ("My people", "My therapy", "“therapy” is a medical word"),
        ("My people", "All of Tumaini", "Leave out the group's name"),
        ("My people", "My ሰላም", "Small phones can't show"),
        ("My people", "{people}", "don't use braces"),
        ("My people", "{", "don't use braces"),
        ("My people", "Those who are with me when it is hard and " * 3, "A screen with it would be too long"),
        ("More: dial {code}", "More by phone", "Keep {code} as written"),
        ("More: dial {code}", "{code.__class__}", "Keep {code} as written"),
        ("More: dial {code}", "{code!r} more", "Keep {code} as written"),
        ("Coming? Reply 1 yes, 2 no, 3 maybe", "Coming? Reply 1 yes, 2 no", "People need this, so keep it: 3"),
        ("Coming? Reply 1 yes, 2 no, 3 maybe", "1 yes 2 no 3 maybe. " * 6, "An SMS with it would be too long"),
    ],
)
def test_what_a_phone_could_not_show_or_say_is_told_and_not_kept(
    console: Console, service: Service, text: str, words: str, said: str
) -> None:
    rewords(console, text, words, status=422)
    console.sees("Nothing saved yet.", said)
    with service.database.reading() as session:
        assert session.scalars(select(CustomText)).all() == []


@ONE
def test_what_sounds_like_an_order_is_told_and_kept(console: Console) -> None:
    rewords(console, "My people", "You must see")
    console.sees("Saved.", "This may sound like an order: You must")


@ONE
def test_it_is_looked_at_while_it_is_typed(console: Console) -> None:
    one = original("More: dial {code}")
    opens(console, one.text)
    token = dict(console.form("Save").values)["csrf_token"]
    console.posts(f"{TEXTS}/en/{one.key}/look", {"csrf_token": token, "words-0": "Dial {code} <b>now</b>"})
    console.sees("characters, with the longest names:", "Dial *384*77# <b>now</b>")
    console.posts(f"{TEXTS}/en/{one.key}/look", {"csrf_token": token, "words-0": "Dial"})
    console.sees("Keep {code} as written")


@pytest.mark.by_night
def test_two_admins_at_once_are_told_of_each_other(
    console: Console, app: Flask, service: Service, amina: Phone
) -> None:
    other = Console(app, service)
    other.signs_in(amina)
    opens(other, "My people")
    rewords(console, "My people", "My circle")
    says(other, "My friends", status=409)
    other.sees("Someone else changed this text in the meantime.", "My friends", "My circle")
    other.sends("Save")
    other.sees("Saved.")


def test_a_counting_text_has_words_for_one_and_for_several(console: Console, juma: Phone) -> None:
    one = next(one for one in wording_editor.originals().values() if one.plural and "{count}" in one.text)
    opens(console, one.text)
    console.sees("Your text, for one", "Your text, for several")
    path, values = console.form("Save").action or console.at, dict(console.form("Save").values)
    console.posts(path, {name: value for name, value in values.items() if name != "words-1"}, 404)


@ONE
def test_a_flow_is_drawn_with_the_keys_as_the_group_words_them(console: Console) -> None:
    console.opens("/console/groups/4521/flows")
    console.sends("Start", pattern="topics")
    console.sees("0 Back")
    flow = console.at
    rewords(console, "Back", "Go back")
    console.opens(flow)
    console.sees("0 Go back")
    console.sees_not("0 Back")


@pytest.mark.by_night
@ONE
def test_the_call_goes_on_in_the_service_s_words_when_the_database_is_away(
    console: Console, juma: Phone, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    joins(juma)
    rewords(console, "My people", "My circle")
    rewords(console, "Back", "Go back")
    juma.dials()

    def away(*_anything: object) -> None:
        raise OperationalError("select", {}, Exception("away"))

    monkeypatch.setattr(wording, "wording_at", away)
    juma.types("7")
    juma.sees("0 Back")


@ONE
def test_the_service_s_own_words_hold_what_is_asked_of_a_group_s(service: Service, group: Group) -> None:
    for one in wording_editor.originals().values():
        for language in LANGUAGES:
            own = one.forms(language)
            found = [fault for fault in wording_editor.find_faults(group, one, language, list(own)) if not fault.doubt]
            assert found == [] or "medical" in found[0].said, (one.text, language, found)


@ONE
@pytest.mark.parametrize(
    "language", ["sw", *(pytest.param(one, marks=pytest.mark.by_night) for one in LANGUAGES if one != "sw")]
)
def test_every_screen_and_sms_holds_in_the_service_s_words(service: Service, group: Group, language: str) -> None:
    one = original("My people")
    with service.database.reading() as session:
        group = session.get_one(Group, group.id)
        assert wording_editor.find_broken_screen(session, group, one, language, list(one.forms(language)), 160) is None
        found = wording_editor.find_broken_screen(session, group, one, language, ["x" * 150], 160)
    assert found
    assert "x" * 150 in found.screen
    assert len(sms_inventory.SMS_INVENTORY) > 40


def test_every_text_stands_in_a_section() -> None:
    files = {file.removeprefix("smsgate/") for message in template() for file, _line in message.locations}
    begins = tuple(begin for each in wording_editor.SECTIONS.values() for begin in each)
    assert {file for file in files if not file.startswith(begins)} == set()
    assert {one.section for one in wording_editor.originals().values()} == set(wording_editor.SECTIONS)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("what", list(AuditEvent))
def test_every_use_of_a_role_is_said_in_words(what: str, language: str) -> None:
    """Nobody gets to read `flow_published`, and the log accepts no event without a label."""
    with speaking(language):
        said = audit_label(what)
    assert said != what
    assert "_" not in said
    with speaking("en"):
        assert language == "en" or said != audit_label(what)


def test_what_has_no_words_is_not_noted(service: Service, group: Group) -> None:
    with service.database.transaction() as session, pytest.raises(ValueError, match="dreamt"):
        audit_log.record(session, group.id, None, AuditEvent("dreamt"), service.now(), 1)


def test_what_waits_for_the_morning_is_sent_in_the_new_words(
    console: Console, amina: Phone, meeting: Meeting, service: Service, clock: Clock, time_passes: Callable[..., None]
) -> None:
    clock.time = clock.time.replace(hour=19)  # ten in the evening
    with service.database.transaction() as session:
        meetings.cancel(session, session.get_one(Meeting, meeting.id), service.now(), "*384*77#")
    console.signs_in(amina)
    rewords(console, "Cancelled: {when}. More: dial {code}", "Not on: {when}. More: dial {code}")
    heard = len(amina.reads())
    clock.time += timedelta(hours=10)
    time_passes(minutes=15)
    assert amina.reads()[heard:] == ["Not on: Wed 25 Nov 14:00. More: dial *384*77#"]
