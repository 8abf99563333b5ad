"""Notices, replies and the overview in the console, from writing to the text on a phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from flask import Flask

from smsgate.core.config import Settings
from smsgate.gateways import Outcome, Verdict
from smsgate.groups import groups
from smsgate.models import AuditEntry, Group, Message, Notice, Role
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from tests.support.console import Console, code_of, leads
from tests.support.openings import Play
from tests.support.people import Clock, Phone
from tests.support.stories import joins

WORDS = "Bring a friend on Wednesday"


@pytest.fixture
def open_all_day(service: Service, group: Group) -> Group:
    with service.database.transaction() as session:
        groups.set_quiet_hours(session, session.get_one(Group, group.id), None, service.now())
    return group


@pytest.fixture
def console(app: Flask, service: Service, open_all_day: Group, amina: Phone, juma: Phone, opening: Play) -> Console:
    """Sign in Amina, who leads the group; Juma is a member."""
    console = Console(app, service)

    def begins() -> None:
        joins(amina)
        joins(juma)
        leads(service, amina, open_all_day, Role.FACILITATOR)
        console.signs_in(amina)

    opening(begins, console, amina, juma)
    return console


def writes(console: Console, words: str = WORDS, **more: Any) -> None:
    console.opens("/console/groups/4521/notices/new")
    console.sends("Preview", words=words, **more)


def test_written_looked_at_sent_and_followed_to_the_phones(console: Console, juma: Phone) -> None:
    writes(console)
    console.sees("Preview", WORDS, "27 characters, 1 SMS", "Everybody", "fewer than 5 people")
    assert WORDS not in juma.reads()
    console.sends("Send")
    console.sees("Sending to", "waiting fewer than 5")
    juma.hears(WORDS)
    juma.got_it()
    console.opens(console.at)
    console.sees("delivered fewer than 5", "sent, not confirmed yet fewer than 5")
    console.opens("/console/groups/4521/notices")
    console.sees("sent Send again")


def test_a_page_that_follows_a_notice_keeps_nobody_signed_in(
    console: Console, amina: Phone, juma: Phone, time_passes: Callable[..., None]
) -> None:
    """What the page asks by itself is no use of the console, and no page to come back to."""
    writes(console)
    console.sends("Send")
    followed = f"{console.at}?part=live"
    for _look in range(5):
        assert console.client.get(followed).status_code == 200
        time_passes(minutes=7)
    assert console.client.get(followed).status_code == 401
    console.opens("/console/groups/4521/notices/1")
    assert console.at == "/console/sign-in"
    assert console.client.get(followed).status_code == 401
    console.sends("Send code", number=amina.number)
    console.sends("Sign in", code=code_of(amina))
    assert console.at == "/console/groups/4521/notices/1"
    assert "<h1>Notice" in console.last.text, "the whole page, not just what it asks for"


def test_sent_once_though_the_button_was_pressed_twice(console: Console, juma: Phone, service: Service) -> None:
    console.opens("/console/groups/4521/notices/new")
    form = console.form("Preview")
    typed = {**dict(form.values), "words": WORDS, "whom": "everybody", "when": "now"}
    console.posts(form.action or console.at, typed)
    at = console.at
    console.posts("/console/groups/4521/notices/new", typed)
    console.sees("already done")
    console.opens(at)
    send = console.form("Send")
    for _time in range(2):
        console.posts(send.action, dict(send.values))
    assert sum(WORDS in text for text in juma.reads()) == 1
    with service.database.reading() as session:
        assert session.query(Notice).count() == 1


def test_in_several_languages_each_gets_theirs(console: Console, juma: Phone, amina: Phone, service: Service) -> None:
    with service.database.transaction() as session:
        session.query(PhoneRow).filter(PhoneRow.id == 2).update({"language": "sw"})
    writes(console, words_sw="Mlete rafiki Jumatano")
    console.sees("All other languages", "Kiswahili", "Mlete rafiki Jumatano")
    console.sends("Send")
    got = [phone.reads()[-1] for phone in (amina, juma)]
    assert sorted(got) == sorted([WORDS, "Mlete rafiki Jumatano"])


def test_to_those_who_speak_a_language_only(console: Console, juma: Phone, amina: Phone, service: Service) -> None:
    with service.database.transaction() as session:
        session.query(PhoneRow).filter(PhoneRow.id == 2).update({"language": "sw"})
    writes(console, words="Habari ya mkutano", whom="sw")
    console.sees("Those who speak Kiswahili")
    console.sends("Send")
    assert sum("Habari ya mkutano" in "".join(phone.reads()) for phone in (amina, juma)) == 1


def test_at_a_time_and_stopped_before_it(console: Console, juma: Phone, time_passes: Callable[..., None]) -> None:
    writes(console, when="later", at="2026-11-24T15:30")
    console.sees("At Tue 24 Nov 15:30")
    console.sends("Send")
    console.sees("It will be sent Tue 24 Nov 15:30")
    console.sends("Stop sending")
    console.sees("Stopped.")
    time_passes(days=2)
    assert WORDS not in juma.reads()


def test_the_page_shows_the_time_by_the_services_clock(console: Console, clock: Clock) -> None:
    clock.time = datetime(2026, 11, 23, 6, 21, tzinfo=UTC)
    console.opens("/console/groups/4521/notices/new")
    console.sees("In the group's local time. It's 09:21 now.")


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"words": "  "}, "Write the notice first."),
        ({"words": "x" * 700}, "60 characters too long"),
        ({"when": "later", "at": "2020-01-01T10:00"}, "in the past"),
        ({"when": "later", "at": "soon"}, "That isn't a time."),
        ({"when": "later", "at": "2027-11-24T15:30"}, "more than 60 days ahead"),
        ({"words_fr": "x" * 641}, "1 character too long"),
        ({"whom": "coming"}, "Not a valid choice."),
    ],
)
def test_what_is_wrong_stands_beside_its_field_and_nothing_is_lost(
    console: Console, service: Service, fields: dict[str, str], told: str
) -> None:
    console.opens("/console/groups/4521/notices/new")
    sent: dict[str, Any] = {"words": WORDS, "words_sw": "Mlete rafiki", "whom": "everybody", "when": "now", **fields}
    console.sends("Preview", status=422, **sent)
    console.sees(told, "Nothing saved yet")
    if "words" not in fields:
        assert WORDS in console.last.text
    assert "Mlete rafiki" in console.last.text
    with service.database.reading() as session:
        assert session.query(Notice).count() == 0


def test_what_is_left_out_or_replaced_is_told(console: Console) -> None:
    writes(console, words="Friday\u200b at ½ past 3, Łukasz’s place – come")
    console.sees("To cost less, it's sent like this", "an invisible character after “Friday” is left out")
    console.sees("½ → 1/2", "Ł → L", "Friday at 1/2 past 3, Lukasz's place - come")
    console.sees_not("’ →", "only 70 letters")
    writes(console, words="Ɓuuɓa ɗoo 👩‍👩‍👧")
    console.sees("Ɓ: only 70 letters in an SMS", "Ɓuuɓa ɗoo 👩‍👩‍👧")
    console.sees_not("it's sent like this")


def test_the_character_that_makes_it_cost_more_and_words_to_think_about(console: Console) -> None:
    writes(console, words="Take your medicine, friends \N{SMILING FACE WITH SMILING EYES}")
    console.sees("only 70 letters in an SMS", "may sound medical")
    console.follows("Change")
    assert "Take your medicine" in console.last.text


@pytest.fixture
def settings(settings: Settings) -> Settings:
    from dataclasses import replace

    return replace(settings, price="KES 0.80")


def test_a_large_one_waits_for_a_second_person(
    console: Console, app: Flask, service: Service, group: Group, juma: Phone, fatuma: Phone, clock: Clock
) -> None:
    leads(service, fatuma, group, Role.ADMIN)
    for number in range(3):
        writes(console, words=f"{WORDS} {number}")
        console.sends("Send")
    console.sees("It waits until a second person who leads the group agrees")
    at = console.at
    assert f"{WORDS} 2" not in juma.reads()
    other = Console(app, service)
    other.signs_in(fatuma)
    other.opens("/console/groups/4521/notices")
    other.sees("Waiting for approval", f"{WORDS} 2")
    other.opens(at)
    other.sends("Approve and send")
    other.sees("Sending to")
    for _earlier in range(2):  # one notice after another
        juma.reads()
        clock.time += timedelta(seconds=6)
    juma.hears(f"{WORDS} 2")


def test_two_who_send_at_once_are_told_of_each_other(
    console: Console, app: Flask, service: Service, group: Group, fatuma: Phone, juma: Phone
) -> None:
    leads(service, fatuma, group, Role.ADMIN)
    other = Console(app, service)
    other.signs_in(fatuma)
    writes(console)
    writes(other, words="Another notice of today")
    console.sends("Send")
    other.sends("Send")
    other.sees("Someone else sent a notice to this group a few minutes ago")
    assert "Another notice of today" not in juma.reads()
    other.sends("Send")
    juma.hears("Another notice of today")


def test_a_draft_of_another_is_nobodys_to_see(
    console: Console, app: Flask, service: Service, group: Group, fatuma: Phone
) -> None:
    leads(service, fatuma, group, Role.ADMIN)
    writes(console)
    other = Console(app, service)
    other.signs_in(fatuma)
    other.opens(console.at, status=404)


def test_a_draft_that_was_changed_or_thrown_away_stays_its_authors(
    console: Console, app: Flask, service: Service, group: Group, fatuma: Phone
) -> None:
    leads(service, fatuma, group, Role.ADMIN)
    other = Console(app, service)
    other.signs_in(fatuma)
    writes(console, "Rose was ill", when="later", at="2026-11-25T18:00")
    console.follows("Change")
    console.sends("Preview", words="Rose was unwell")
    writes(console, "Somebody was unwell")
    console.sends("Don't send")
    writes(console, when="later", at="2026-11-25T18:00")
    console.sends("Send")
    console.opens(console.at)
    console.sends("Stop sending")
    for reader, hidden in ((console, ("Rose was ill", "Somebody")), (other, ("Rose", "Somebody"))):
        reader.opens("/console/groups/4521/notices")
        reader.sees(f"Notice: {WORDS}", "stopped")
        reader.sees_not(*hidden)
    for number in (1, 2, 3):
        other.opens(f"/console/groups/4521/notices/{number}", status=404)
        other.opens(f"/console/groups/4521/notices/new?from={number}", status=404)
    other.opens("/console/groups/4521/notices/4")


def test_hostile_words_are_words(console: Console, juma: Phone) -> None:
    hostile = "<script>alert(1)</script>\"' {{7*7}} %s"
    writes(console, words=hostile)
    assert "<script>alert" not in console.last.text
    console.sees(hostile)
    console.sends("Send")
    juma.hears(hostile)


def test_why_some_did_not_arrive(console: Console, juma: Phone) -> None:
    writes(console)
    console.sends("Send")
    juma.reads()
    juma.reports(juma.ids[-1], "Failed", "UserInBlackList")
    console.opens(console.at)
    console.sees("Who did not get it, and why", "They asked their network to block texts like these", "UserInBlackList")
    console.sees("not delivered fewer than 5")


def test_replies_are_read_and_answered_once(console: Console, service: Service, group: Group, juma: Phone) -> None:
    with service.database.transaction() as session:
        groups.allow_replies(session.get_one(Group, group.id), True, None)
    writes(console)
    console.sends("Send")
    juma.reads()
    juma.texts("May I bring my sister <b>too</b>?")
    console.opens("/console/groups/4521/replies")
    console.sees("May I bring my sister <b>too</b>?", "new")
    console.sees_not("0002", "Juma")
    console.sends("Send answer", words="", status=422)
    console.sends("Send answer", words="Yes, please do")
    console.sees("Sending your answer", "answered")
    juma.hears("An answer to your text: Yes, please do")
    console.sees_not("Send answer")
    with service.database.reading() as session:
        assert any(one.what.startswith("reply_answered") for one in session.query(AuditEntry))


def test_an_answer_that_waits_for_the_morning_and_is_withdrawn_did_not_arrive(
    console: Console, service: Service, group: Group, amina: Phone, juma: Phone, time_passes: Callable[..., None]
) -> None:
    with service.database.transaction() as session:
        groups.allow_replies(session.get_one(Group, group.id), True, None)
    writes(console)
    console.sends("Send")
    juma.reads()
    juma.texts("May I bring my sister?")
    with service.database.transaction() as session:
        groups.set_quiet_hours(session, session.get_one(Group, group.id), (time(6), time(20)), service.now())
    console.opens("/console/groups/4521/replies")
    console.sends("Send answer", words="Yes, please do")
    console.sees("answered")
    juma.texts("STOP")
    time_passes(hours=10)
    assert not any("please do" in text for text in juma.receives())
    console.signs_in(amina)
    console.opens("/console/groups/4521/replies")
    console.sees("answer not delivered")


def test_the_overview_tells_no_exact_count_of_a_few(console: Console, service: Service, juma: Phone) -> None:
    console.opens("/console/groups/4521")
    console.sees("texts sent", "No meetings planned.")
    writes(console)
    console.sends("Send")
    juma.reads()
    juma.texts("STOP")
    console.opens("/console/groups/4521")
    console.sees("Few members can be reached by text")
    assert not re.search(r"\b[1-4] of\b", console.words.partition("This month")[2])


def test_trouble_with_the_network_is_told(console: Console, service: Service, juma: Phone) -> None:
    def refused(words: str, numbers: list[str]) -> list[Outcome]:
        return [Outcome(number, Verdict.RETRY, reason="down") for number in numbers]

    service.gateway.send = refused  # type: ignore[method-assign,assignment]
    writes(console)
    console.sends("Send")
    juma.reads()
    console.opens("/console/groups/4521")
    console.sees("waiting to be sent")
    with service.database.reading() as session:
        assert session.query(Message).filter(Message.notice_id.is_not(None), Message.sent_at.is_(None)).count()


def test_a_draft_is_found_again_and_gives_way_to_what_was_made_of_it(console: Console, juma: Phone) -> None:
    writes(console)
    console.opens("/console/groups/4521/notices")
    console.sees("Your drafts", WORDS)
    console.follows(f"Continue: {WORDS}")
    console.sees("Everybody (fewer than 5 people)")
    console.sends("Preview", words="Bring two friends")
    console.sends("Send")
    juma.hears("Bring two friends")
    console.opens("/console/groups/4521/notices")
    console.sees_not("Your drafts")


def test_a_draft_that_is_thrown_away_is_gone(console: Console) -> None:
    writes(console)
    console.opens("/console/groups/4521/notices")
    console.sends(f"Delete: {WORDS}")
    console.opens("/console/groups/4521/notices")
    console.sees_not("Your drafts", "Delete")


def test_a_notice_is_sent_again_and_kept_as_a_template(console: Console, juma: Phone) -> None:
    writes(console)
    console.sends("Send")
    juma.hears(WORDS)
    console.opens(console.at)
    console.sees("What happened", "Written by Amina", "Sending began", "Last text sent")
    console.sends("Save as a template")
    console.sees("Saved as a template.", "Templates")
    console.follows(f"Use: {WORDS}")
    assert WORDS in console.last.text
    console.opens("/console/groups/4521/notices")
    console.sends(f"Remove: {WORDS}")
    console.sees("Template removed.")
    console.follows(f"Send again: Notice: {WORDS}")
    console.sends("Preview")
    console.sees("Preview", WORDS)


def test_a_scheduled_notice_is_stopped_from_the_list(console: Console) -> None:
    writes(console, when="later", at="2026-11-24T15:30")
    console.sends("Send")
    console.opens("/console/groups/4521/notices")
    console.sees("scheduled", "Tue 24 Nov 15:30")
    console.sends(f"Stop sending: Notice: {WORDS}")
    console.opens("/console/groups/4521/notices")
    console.sees("stopped")


def test_the_words_of_a_template_are_kept_and_those_of_another_forgotten(
    console: Console, service: Service, time_passes: Callable[..., None]
) -> None:
    writes(console)
    console.sends("Send")
    console.sends("Save as a template")
    writes(console, "Bring two friends")
    console.sends("Send")
    time_passes(days=91)
    with service.database.reading() as session:
        assert [one.words for one in session.query(Notice).order_by(Notice.id)] == [WORDS, ""]
