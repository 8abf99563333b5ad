"""Notices, replies and the overview in the console: from the words to the text on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from smsgate.core.config import Settings
from smsgate.gateways import Outcome, Verdict
from smsgate.groups import groups
from smsgate.models import AuditEntry, Group, Message, Notice, Role
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from tests.support.console import Console, leads
from tests.support.people import Clock, Phone
from tests.support.stories import joins

WORDS = "Bring a friend on Wednesday"


@pytest.fixture
def open_all_day(service: Service, group: Group) -> Group:
    with service.database.transaction() as session:
        groups.set_quiet_hours(session, session.get_one(Group, group.id), None, service.now())
    return group


@pytest.fixture
def desk(app: Flask, service: Service, open_all_day: Group, amina: Phone, juma: Phone) -> Console:
    """Otieno's number leads; Amina and Juma are members."""
    joins(amina)
    joins(juma)
    console = Console(app, service)
    leads(service, amina, open_all_day, Role.FACILITATOR)
    console.signs_in(amina)
    return console


def writes(desk: Console, words: str = WORDS, **more: Any) -> None:
    desk.opens("/console/groups/4521/notices/new")
    desk.sends("Look at it first", words=words, **more)


def test_written_looked_at_sent_and_followed_to_the_phones(desk: Console, juma: Phone) -> None:
    writes(desk)
    desk.sees("This is what goes out", WORDS, "27 characters, 1 SMS", "Everybody", "a few people")
    assert WORDS not in juma.reads()
    desk.sends("Send it")
    desk.sees("It leaves now", "waiting a few")
    juma.hears(WORDS)
    juma.got_it()
    desk.opens(desk.at)
    desk.sees("delivered a few", "sent, not confirmed yet a few")
    desk.opens("/console/groups/4521/notices")
    desk.sees("sent out")


def test_sent_once_though_the_button_was_pressed_twice(desk: Console, juma: Phone, service: Service) -> None:
    desk.opens("/console/groups/4521/notices/new")
    form = desk.form("Look at it first")
    typed = {**dict(form.values), "words": WORDS, "whom": "everybody", "when": "now"}
    desk.posts(form.action or desk.at, typed)
    at = desk.at
    desk.posts("/console/groups/4521/notices/new", typed)
    desk.sees("done already")
    desk.opens(at)
    send = desk.form("Send it")
    for _time in range(2):
        desk.posts(send.action, dict(send.values))
    assert sum(WORDS in text for text in juma.reads()) == 1
    with service.database.reading() as session:
        assert session.query(Notice).count() == 1


def test_in_several_languages_each_gets_theirs(desk: Console, juma: Phone, amina: Phone, service: Service) -> None:
    with service.database.transaction() as session:
        session.query(PhoneRow).filter(PhoneRow.id == 2).update({"language": "sw"})
    writes(desk, words_sw="Mlete rafiki Jumatano")
    desk.sees("Everybody else", "Kiswahili", "Mlete rafiki Jumatano")
    desk.sends("Send it")
    got = [phone.reads()[-1] for phone in (amina, juma)]
    assert sorted(got) == sorted([WORDS, "Mlete rafiki Jumatano"])


def test_to_those_who_speak_a_language_only(desk: Console, juma: Phone, amina: Phone, service: Service) -> None:
    with service.database.transaction() as session:
        session.query(PhoneRow).filter(PhoneRow.id == 2).update({"language": "sw"})
    writes(desk, words="Habari ya mkutano", whom="sw")
    desk.sees("Those who speak Kiswahili")
    desk.sends("Send it")
    assert sum("Habari ya mkutano" in "".join(phone.reads()) for phone in (amina, juma)) == 1


def test_at_a_time_and_stopped_before_it(desk: Console, juma: Phone, time_passes: Callable[..., None]) -> None:
    writes(desk, when="later", at="2026-11-24T15:30")
    desk.sees("At Tue 24 Nov 15:30")
    desk.sends("Send it")
    desk.sees("It leaves at Tue 24 Nov 15:30")
    desk.sends("Stop what has not left yet")
    desk.sees("Stopped.")
    time_passes(days=2)
    assert WORDS not in juma.reads()


def test_the_page_shows_the_time_by_the_services_clock(desk: Console, clock: Clock) -> None:
    clock.time = datetime(2026, 11, 23, 6, 21, tzinfo=UTC)
    desk.opens("/console/groups/4521/notices/new")
    desk.sees("On the group's clock, which now shows 09:21.")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"words": "  "}, "This field is required."),
        ({"words": "x" * 700}, "60 characters too long"),
        ({"when": "later", "at": "2020-01-01T10:00"}, "in the past"),
        ({"when": "later", "at": "soon"}, "That is no time."),
        ({"when": "later", "at": "2027-11-24T15:30"}, "more than 60 days ahead"),
        ({"words_fr": "x" * 641}, "1 character too long"),
        ({"whom": "coming"}, "Not a valid choice."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    desk: Console, service: Service, fields: dict[str, str], told: str
) -> None:
    desk.opens("/console/groups/4521/notices/new")
    sent: dict[str, Any] = {"words": WORDS, "words_sw": "Mlete rafiki", "whom": "everybody", "when": "now", **fields}
    desk.sends("Look at it first", status=422, **sent)
    desk.sees(told, "Nothing was done yet")
    if "words" not in fields:
        assert WORDS in desk.last.text
    assert "Mlete rafiki" in desk.last.text
    with service.database.reading() as session:
        assert session.query(Notice).count() == 0


def test_the_sign_that_makes_it_dearer_and_words_to_think_about(desk: Console) -> None:
    writes(desk, words="Take your medicine, friends \N{SMILING FACE WITH SMILING EYES}")
    desk.sees("only 70 letters in an SMS", "may sound medical")
    desk.follows("Change it")
    assert "Take your medicine" in desk.last.text


@pytest.fixture
def settings(settings: Settings) -> Settings:
    from dataclasses import replace

    return replace(settings, price="KES 0.80")


def test_a_large_one_waits_for_a_second_person(
    desk: Console, app: Flask, service: Service, group: Group, juma: Phone, fatuma: Phone
) -> None:
    leads(service, fatuma, group, Role.ADMIN)
    for number in range(3):
        writes(desk, words=f"{WORDS} {number}")
        desk.sends("Send it")
    desk.sees("It waits until a second person who leads the group agrees")
    at = desk.at
    assert f"{WORDS} 2" not in juma.reads()
    other = Console(app, service)
    other.signs_in(fatuma)
    other.opens("/console/groups/4521/notices")
    other.sees("Waiting for a second person", f"{WORDS} 2")
    other.opens(at)
    other.sends("I agree: send it")
    other.sees("It leaves now")
    juma.hears(f"{WORDS} 2")


def test_two_who_send_at_once_are_told_of_each_other(
    desk: Console, app: Flask, service: Service, group: Group, fatuma: Phone, juma: Phone
) -> None:
    leads(service, fatuma, group, Role.ADMIN)
    other = Console(app, service)
    other.signs_in(fatuma)
    writes(desk)
    writes(other, words="Another notice of today")
    desk.sends("Send it")
    other.sends("Send it")
    other.sees("Somebody else sent a notice to this group minutes ago")
    assert "Another notice of today" not in juma.reads()
    other.sends("Send it")
    juma.hears("Another notice of today")


def test_a_draft_of_another_is_nobodys_to_see(
    desk: Console, app: Flask, service: Service, group: Group, fatuma: Phone
) -> None:
    leads(service, fatuma, group, Role.ADMIN)
    writes(desk)
    other = Console(app, service)
    other.signs_in(fatuma)
    other.opens(desk.at, status=404)


def test_hostile_words_are_words(desk: Console, juma: Phone) -> None:
    hostile = "<script>alert(1)</script>\"' {{7*7}} %s"
    writes(desk, words=hostile)
    assert "<script>alert" not in desk.last.text
    desk.sees(hostile)
    desk.sends("Send it")
    juma.hears(hostile)


def test_why_some_did_not_arrive(desk: Console, juma: Phone) -> None:
    writes(desk)
    desk.sends("Send it")
    juma.reads()
    juma.reports(juma.ids[-1], "Failed", "UserInBlackList")
    desk.opens(desk.at)
    desk.sees("Why some did not arrive", "UserInBlackList", "failed a few")


def test_replies_are_read_and_answered_once(desk: Console, service: Service, group: Group, juma: Phone) -> None:
    with service.database.transaction() as session:
        groups.allow_replies(session.get_one(Group, group.id), True, None)
    writes(desk)
    desk.sends("Send it")
    juma.reads()
    juma.texts("May I bring my sister <b>too</b>?")
    desk.opens("/console/groups/4521/replies")
    desk.sees("May I bring my sister <b>too</b>?", "new")
    desk.sees_not("0002", "Juma")
    desk.sends("Send the answer", words="", status=422)
    desk.sends("Send the answer", words="Yes, please do")
    desk.sees("Your answer leaves now", "answered")
    juma.hears("An answer to your text: Yes, please do")
    desk.sees_not("Send the answer")
    with service.database.reading() as session:
        assert any(one.what.startswith("reply_answered") for one in session.query(AuditEntry))


def test_the_overview_tells_no_exact_count_of_a_few(desk: Console, service: Service, juma: Phone) -> None:
    desk.opens("/console/groups/4521")
    desk.sees("texts left", "No meeting is planned.")
    writes(desk)
    desk.sends("Send it")
    juma.reads()
    juma.texts("STOP")
    desk.opens("/console/groups/4521")
    desk.sees("a few of a few cannot be reached")
    assert not re.search(r"\b[1-4] of\b", desk.words)


def test_trouble_with_the_network_is_told(desk: Console, service: Service, juma: Phone) -> None:
    def refused(words: str, numbers: list[str]) -> list[Outcome]:
        return [Outcome(number, Verdict.RETRY, reason="down") for number in numbers]

    service.gateway.send = refused  # type: ignore[method-assign,assignment]
    writes(desk)
    desk.sends("Send it")
    juma.reads()
    desk.opens("/console/groups/4521")
    desk.sees("wait to leave")
    with service.database.reading() as session:
        assert session.query(Message).filter(Message.notice_id.is_not(None), Message.sent_at.is_(None)).count()
