"""Notices from phones: writing, pricing, confirming, approving, following and stopping them, and replies."""

from __future__ import annotations

import itertools
import re
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from smsgate.core.config import Settings
from smsgate.groups import groups
from smsgate.meetings import meetings
from smsgate.members import members
from smsgate.models import (
    AuditEntry,
    Group,
    Meeting,
    Member,
    Message,
    Notice,
    NoticeReply,
    NoticeStatus,
    Role,
    RoleAssignment,
    lookup,
)
from smsgate.models import Phone as Number
from smsgate.notices import approval, group_closing, notices
from smsgate.notices import replies as notice_replies
from smsgate.notices.notices import NoticeContent
from smsgate.service import Service
from tests.support.people import Clock, Phone, passes, work
from tests.support.stories import becomes, joins, lose_replies

People = Callable[[int], list[Phone]]


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, second_agrees=0, price="KES 0.80")


@pytest.fixture
def lead(amina: Phone, service: Service, group: Group) -> Phone:
    """Return Amina, who leads the group, in English."""
    becomes(amina, service, group, Role.FACILITATOR)
    return amina


@pytest.fixture
def people(phone: Callable[[str], Phone], service: Service, group: Group) -> People:
    """Return a function that adds other people to the group, straight to the database."""

    numbers = itertools.count()

    def made(count: int, language: str = "en") -> list[Phone]:
        found: list[Phone] = []
        for _one in range(count):
            number = f"+2547130{next(numbers):05d}"
            with service.database.transaction() as session:
                row = lookup.ensure_phone(session, number, service.now())
                groups.join(session, members.join(session, row, language, service.now()), group.id, service.now())
            found.append(phone(number))
        return found

    return made


def rows(service: Service, table: type) -> list:  # type: ignore[type-arg]
    with service.database.reading() as session:
        return list(session.scalars(select(table).order_by(table.id)))  # type: ignore[attr-defined]


def changes(service: Service, row: object, **values: object) -> None:
    with service.database.transaction() as session:
        found = session.get_one(type(row), row.id)  # type: ignore[attr-defined]
        for name, value in values.items():
            setattr(found, name, value)


def writes(person: Phone, words: str) -> None:
    """Dial and write a notice to everybody."""
    person.dials()
    person.picks("Lead a group", "Write a notice")
    if "Send to whom?" in person.handset.screen:
        person.picks("Everybody")
    person.types(words)


def code_in(text: str) -> str:
    found = re.search(r"reply (\d{4})", text)
    assert found, text
    return found[1]


def test_a_notice_is_written_priced_and_sent_by_dialling(lead: Phone, people: People, service: Service) -> None:
    others = people(9)
    writes(lead, "Bring a cup")
    lead.sees("10 people, 1 SMS each", "Price: KES 8.00")
    lead.picks("Now")
    lead.sees("Send it to 10 people now?", "1 No", "2 Yes")
    assert len(others[0].reads()) == 0
    lead.picks("Yes, send it")
    lead.sees("Sending to 10 people")
    for one in [lead, *others]:
        one.hears("Bring a cup")
        assert len([text for text in one.inbox if "cup" in text]) == 1
    assert "notice:1" in [entry.what for entry in rows(service, AuditEntry)]


def test_what_was_charged_lately_is_the_price(lead: Phone, people: People, service: Service) -> None:
    people(9)
    writes(lead, "Bring a cup")
    lead.picks("Now", "Yes, send it")
    lead.reads()
    with service.database.transaction() as session:
        for message in session.scalars(select(Message)):
            message.cost, message.segments = "UGX 70.0000", 2
    writes(lead, "x" * 161)
    lead.sees("10 people, 2 SMS each", "UGX 700.00")


def test_few_people_are_not_counted(lead: Phone, service: Service) -> None:
    writes(lead, "Bring a cup")
    lead.sees("fewer than 5 people", "Price: up to KES 3.20")


def test_a_price_that_nobody_knows_is_not_told(lead: Phone, service: Service) -> None:
    object.__setattr__(service.settings, "price", "")
    writes(lead, "Bring a cup")
    lead.sees("fewer than 5 people")
    lead.sees_not("Price")


def test_doubt_sends_nothing(lead: Phone, service: Service) -> None:
    writes(lead, "Bring a cup")
    lead.picks("Do not send")
    lead.sees("Nothing was sent")
    writes(lead, "Bring a cup")
    lead.picks("Now", "No")
    lead.sees("Nothing was sent")
    assert rows(service, Notice) == []


def test_at_a_time(lead: Phone, people: People, service: Service, clock: Clock) -> None:
    other = people(5)[0]
    writes(lead, "Bring a cup")
    lead.picks("At a set time")
    lead.types("25:00")
    lead.sees("That isn't a time.")
    lead.types("18:30")
    lead.sees("Send it to 6 people on Mon 23 Nov 18:30?")
    lead.picks("Yes, send it")
    lead.sees("It will be sent Mon 23 Nov 18:30")
    passes(service, clock, hours=9, minutes=25)
    other.hears_nothing_new()
    passes(service, clock, minutes=10)
    other.hears("Bring a cup")


def test_a_time_in_the_past_sends_nothing(lead: Phone, service: Service) -> None:
    writes(lead, "Bring a cup")
    lead.picks("At a set time")
    lead.types("8:00")
    lead.sees("in the past")
    lead.types("8:00")
    lead.sees("in the past", "Nothing was sent")
    assert rows(service, Notice) == []


def test_a_time_that_passes_while_she_thinks_sends_nothing(lead: Phone, service: Service, clock: Clock) -> None:
    writes(lead, "Bring a cup")
    lead.picks("At a set time")
    lead.types("9:02")
    clock.time += timedelta(minutes=3)
    lead.picks("Yes, send it")
    lead.sees("in the past. Nothing was sent")
    assert rows(service, Notice) == []


def test_who_joins_before_its_time_gets_it(
    lead: Phone, people: People, juma: Phone, service: Service, clock: Clock
) -> None:
    writes(lead, "Bring a cup")
    lead.picks("At a set time")
    lead.types("12:00")
    lead.picks("Yes, send it")
    joins(juma)
    passes(service, clock, hours=4)
    juma.hears("Bring a cup")


def test_at_night_it_waits(lead: Phone, people: People, service: Service, clock: Clock) -> None:
    clock.time += timedelta(hours=13)  # ten in the evening
    writes(lead, "Bring a cup")
    lead.sees("At night it waits until Tue 24 Nov 07:00")
    lead.picks("Now", "Yes, send it")
    lead.sees("It will be sent Tue 24 Nov 07:00")
    lead.hears_nothing_new()
    passes(service, clock, hours=9, minutes=15)
    lead.hears("Bring a cup")


def test_curly_quotes_cost_nothing_and_one_sign_is_named(lead: Phone, service: Service) -> None:
    writes(lead, "It’s “on” – come…")
    lead.sees("1 SMS each")
    writes(lead, "It’s on " + "x" * 70 + " 🙂")
    lead.sees("🙂: only 70 letters in an SMS")
    lead.sees_not("’")
    lead.picks("Continue")
    lead.sees("2 SMS each")


def test_how_it_is_spelled_in_an_sms_is_told(lead: Phone, service: Service) -> None:
    writes(lead, "Friday\u200b at ½ past 3, Łukasz’s place")
    lead.sees("In an SMS it says: 1/2, Lukasz's")
    lead.picks("Continue")
    lead.sees("1 SMS each")
    writes(lead, "Fri\u00adday, Wɔfa – ici, c’est être prêt")
    lead.sees("ɔ: only 70 letters in an SMS")


def test_who_comes_to_the_next_meeting(
    lead: Phone, people: People, meeting: Meeting, service: Service
) -> None:  # fmt: skip
    comes, stays = people(2)
    for one, answer in ((comes, "I am coming"), (stays, "I am not coming")):
        one.dials(None, "2", "1")
        one.picks(answer)
    lead.dials()
    lead.picks("Lead a group", "Write a notice", "People coming")
    lead.types("Bring a cup")
    lead.picks("Now", "Yes, send it")
    comes.hears("Bring a cup")
    stays.hears_nothing_new()
    lead.hears_nothing_new()


def test_who_comes_to_a_meeting_that_was_cancelled_meanwhile(lead: Phone, meeting: Meeting, service: Service) -> None:
    lead.dials()
    lead.picks("Lead a group", "Write a notice", "People coming")
    with service.database.transaction() as session:
        meetings.cancel(session, session.get_one(Meeting, meeting.id), service.now(), "*384*77#")
    lead.types("Bring a cup")
    lead.sees("Nothing was sent")
    assert rows(service, Notice) == []


def test_who_speaks_a_language(lead: Phone, people: People, service: Service) -> None:
    swahili = people(1, "sw")[0]  # type: ignore[call-arg]
    lead.dials()
    lead.picks("Lead a group", "Write a notice", "People who speak", "Kiswahili")
    lead.types("Leteni kikombe")
    lead.picks("Now", "Yes, send it")
    swahili.hears("Leteni kikombe")
    lead.hears_nothing_new()


def test_by_text_with_a_code_once(lead: Phone, people: People, service: Service) -> None:
    other = people(9)[0]
    answer = lead.texts("Notice: Bring a cup, please!")
    assert "10 people, 1 SMS each" in answer
    assert "KES 8.00" in answer
    assert other.reads() == []
    code = code_in(answer)
    assert "not the code" in lead.texts("0000")
    lead.texts(code)
    assert [text for text in lead.inbox if "Sending to 10 people" in text]
    other.hears("Bring a cup, please!")
    assert "decided already" in lead.texts(f"{code}")
    assert len(other.reads()) == 1


def test_a_code_lapses(lead: Phone, people: People, clock: Clock, service: Service) -> None:
    other = people(1)[0]
    code = code_in(lead.texts("NOTICE Bring a cup"))
    clock.time += timedelta(minutes=31)
    assert "too late" in lead.texts(code)
    passes(service, clock, minutes=1)
    assert "decided already" in lead.texts(code)
    other.hears_nothing_new()


def test_a_code_is_nobody_elses(lead: Phone, people: People, service: Service) -> None:
    other = people(1)[0]
    code = code_in(lead.texts("NOTICE Bring a cup"))
    other.texts(code)
    other.hears_nothing_new()
    assert rows(service, Notice)[0].stage is NoticeStatus.DRAFT


@pytest.mark.by_night
def test_versions_by_text(lead: Phone, people: People, service: Service) -> None:
    english, swahili, french = people(1)[0], people(1, "sw")[0], people(1, "fr")[0]  # type: ignore[call-arg]
    lead.texts("NOTICE Bring a cup")
    lead.texts("NOTICE sw Leta")
    answer = lead.texts("NOTICE SW Lete kikombe" + "!" * 150)
    assert "1-2 SMS each" in answer
    assert "Also in SW" in answer
    lead.texts(code_in(answer))
    for one, words in ((english, "Bring a cup"), (french, "Bring a cup"), (swahili, "Lete kikombe!")):
        one.hears(words)
        assert len(one.inbox) == 1
    assert len(rows(service, Notice)) == 1


def test_a_time_with_the_code(lead: Phone, people: People, service: Service, clock: Clock) -> None:
    other = people(1)[0]
    code = code_in(lead.texts("NOTICE Bring a cup"))
    for wrong, why in (("25:00", "isn't a time"), ("8:00", "in the past")):
        answer = lead.texts(f"{code} {wrong}")
        assert why in answer
        assert "Nothing was sent yet" in answer
    assert "It will be sent Mon 23 Nov 18:30" in lead.texts(f"{code} 18:30")
    other.hears_nothing_new()
    passes(service, clock, hours=10)
    other.hears("Bring a cup")


def test_several_groups_want_a_code(lead: Phone, service: Service, group: Group) -> None:
    with service.database.transaction() as session:
        second = groups.create(session, "Upendo", "Africa/Nairobi", service.now(), code="452")
        phone = session.scalars(select(RoleAssignment.phone_id)).one()
        row = {"phone_id": phone, "group_id": second.id, "role": Role.ADMIN, "since": service.now()}
        session.add(RoleAssignment(**row, until=service.now() + timedelta(days=9)))
        member = session.get_one(Number, phone).member
        assert member
        groups.join(session, member, second.id, service.now())
    assert "4521 452" in lead.texts("NOTICE Bring a cup")
    answer = lead.texts("NOTICE 452 Bring a cup")
    assert "452:" in answer
    lead.texts(code_in(answer))
    assert [text for text in lead.inbox if "Sending to" in text]
    assert rows(service, Notice)[0].group_id == second.id
    lead.dials()
    lead.picks("Lead a group", "Upendo", "Write a notice")


@pytest.mark.parametrize("words", ["NOTICE", " notice! ", "NOTICE 4521", "Notice  \n "])
def test_an_empty_notice(lead: Phone, words: str, service: Service) -> None:
    assert "empty" in lead.texts(words)
    assert rows(service, Notice) == []


def test_a_notice_of_two_thousand_characters(lead: Phone, service: Service) -> None:
    assert "1360 characters too long" in lead.texts("NOTICE " + "x" * 2000)
    assert rows(service, Notice) == []
    lead.texts("NOTICE Short")
    assert "1360 characters too long" in lead.texts("NOTICE SW " + "x" * 2000)
    with service.database.reading() as session:
        assert session.scalars(select(Notice)).one().versions == []


def test_who_leads_nothing_sends_nothing(juma: Phone, group: Group, service: Service) -> None:
    joins(juma)
    assert "For the menu text MENU" in juma.texts("NOTICE Bring a cup")
    juma.dials()
    juma.sees_not("Lead a group")
    assert rows(service, Notice) == []


def ends_the_role(service: Service) -> None:
    with service.database.transaction() as session:
        session.scalars(select(RoleAssignment).order_by(RoleAssignment.id)).first().ended_at = service.now()  # type: ignore[union-attr]


def test_who_leads_no_longer_is_told_nothing_of_the_group(lead: Phone, people: People, service: Service) -> None:
    people(6)
    lead.dials()
    lead.picks("Lead a group", "Write a notice")
    ends_the_role(service)
    lead.types("Bring a friend")
    lead.sees("You have no role in this group any more")


def test_a_role_that_ended_a_minute_ago(lead: Phone, people: People, service: Service) -> None:
    code = code_in(lead.texts("NOTICE Bring a cup"))
    writes(lead, "Bring a cup")
    lead.picks("Now")
    ends_the_role(service)
    lead.picks("Yes, send it")
    lead.sees("You have no role in this group any more. Nothing was sent.")
    assert "You have no role in this group any more. Nothing was sent." in lead.texts(code)
    assert "You have no role" in lead.texts("NOTICE Bring a cup")
    assert [one.stage for one in rows(service, Notice)] == [NoticeStatus.DROPPED]
    assert "cup" not in "".join(lead.inbox)


@pytest.mark.both_databases
def test_two_send_at_once(lead: Phone, juma: Phone, service: Service, group: Group, people: People) -> None:
    becomes(juma, service, group, Role.FACILITATOR)
    for person, words in ((lead, "Two o'clock"), (juma, "Three o'clock")):
        writes(person, words)
        person.picks("Now")
    lead.picks("Yes, send it")
    lead.sees("Sending to")
    juma.picks("Yes, send it")
    juma.sees("Somebody else sent a notice to this group minutes ago")
    juma.picks("No")
    juma.sees("Nothing was sent")
    code = code_in(juma.texts("NOTICE Three o'clock"))
    assert "Somebody else" in juma.texts(code)
    juma.texts(code)
    assert [text for text in juma.inbox if "Sending to" in text]
    assert len(rows(service, Notice)) == 2
    lead.hears("Three o'clock")


@pytest.mark.both_databases
def test_two_send_in_the_same_moment(lead: Phone, juma: Phone, service: Service, group: Group) -> None:
    """The second waits for the first and is told of it; nothing is half done."""
    becomes(juma, service, group, Role.FACILITATOR)
    with service.database.reading() as session:
        leaders = list(session.scalars(select(RoleAssignment.phone_id)))
    start = threading.Barrier(2)

    def submits(phone_id: int) -> approval.ApprovalResult:
        start.wait()
        with service.database.transaction() as session:
            wish, now = NoticeContent("Bring a cup"), service.now()
            return approval.submit(session, phone_id, group.id, wish, now, service.settings, anyway=False)[0]

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(submits, leaders)) == ["another", "going"]
    assert len(rows(service, Notice)) == 1
    assert len([text for text in lead.reads() if text == "Bring a cup"]) == 1


@pytest.fixture
def large(service: Service) -> None:
    """Make notices to six people or more need a second approver."""
    object.__setattr__(service.settings, "second_agrees", 6)


def test_a_large_notice_wants_a_second_person(
    lead: Phone, juma: Phone, people: People, service: Service, group: Group, large: None
) -> None:
    becomes(juma, service, group, Role.FACILITATOR)
    other = people(4)[0]
    writes(lead, "Bring a cup")
    lead.picks("Now", "Yes, send it")
    lead.sees("It waits until a second person")
    other.hears_nothing_new()
    code = code_in(juma.hears("A notice waits until a second person agrees"))
    assert "Tumaini" not in juma.inbox[-1]
    assert "cup" not in juma.inbox[-1]
    lead.dials()
    lead.picks("Lead a group")
    lead.sees_not("To approve")
    assert "Bring a cup" in juma.texts(code)
    assert "To agree reply" in juma.inbox[-1]
    other.hears_nothing_new()
    juma.texts(f"{code} ok")
    assert [text for text in juma.inbox if "Sending to" in text]
    other.hears("Bring a cup")
    assert any("agreed to your notice" in text for text in lead.reads())
    assert "decided already" in juma.texts(f"{code} ok")
    assert len(other.reads()) == 1
    assert [one.what for one in rows(service, AuditEntry)][-2:] == ["notice:1", "notice_agreed:1"]


def test_a_second_person_declines_by_dialling(
    lead: Phone, juma: Phone, people: People, service: Service, group: Group, large: None
) -> None:
    becomes(juma, service, group, Role.FACILITATOR)
    people(4)
    writes(lead, "Bring a cup")
    lead.picks("Now", "Yes, send it")
    juma.dials()
    juma.picks("Lead a group", "To approve: 1")
    juma.sees("Bring a cup")
    juma.picks("Continue")
    juma.sees("6 people, 1 SMS each", "KES 4.80")
    juma.picks("Do not send it")
    juma.sees("It won't be sent")
    lead.hears("Nobody agreed to your notice")
    assert rows(service, Notice)[0].stage is NoticeStatus.DROPPED
    assert all("Bring a cup" not in text for text in juma.reads())


def test_nobody_agrees_to_their_own(
    lead: Phone, juma: Phone, people: People, service: Service, group: Group, large: None
) -> None:
    becomes(juma, service, group, Role.FACILITATOR)
    people(4)
    lead.texts(code_in(lead.texts("NOTICE Bring a cup")))
    code = code_in(juma.hears("A notice waits"))
    assert "somebody else has to agree" in lead.texts(f"{code} ok")
    assert rows(service, Notice)[0].stage is NoticeStatus.ASKED


def test_nobody_answers_for_a_day(
    lead: Phone, juma: Phone, people: People, service: Service, group: Group, clock: Clock, large: None
) -> None:
    becomes(juma, service, group, Role.FACILITATOR)
    people(4)
    writes(lead, "Bring a cup")
    lead.picks("Now", "Yes, send it")
    code = code_in(juma.hears("A notice waits"))
    passes(service, clock, hours=25)
    lead.hears("Nobody agreed to your notice")
    juma.texts(f"{code} ok")
    assert rows(service, Notice)[0].stage is NoticeStatus.DROPPED


def test_the_third_in_a_day_wants_a_second_person(
    lead: Phone, juma: Phone, service: Service, group: Group, clock: Clock
) -> None:
    object.__setattr__(service.settings, "second_agrees", 200)
    becomes(juma, service, group, Role.FACILITATOR)
    for said in ("Sending to", "Sending to", "waits until a second person"):
        writes(lead, "Bring a cup")
        lead.picks("Now", "Yes, send it")
        lead.sees(said)
    clock.time += timedelta(hours=25)
    writes(lead, "Bring a cup")
    lead.picks("Now", "Yes, send it")
    lead.sees("Sending to")


def test_how_far_it_is_and_stopping_the_rest(lead: Phone, people: People, service: Service, group: Group) -> None:
    others = people(9)
    writes(lead, "Bring a cup")
    lead.picks("Now", "Yes, send it")
    for one in others[:6]:
        one.reads()
        one.got_it()
    lead.dials()
    lead.picks("Lead a group", "Notices sent", "Mon 23 Nov 09:00")
    lead.sees("sent fewer than 5, delivered 6", "Cost so far: KES 8.00")
    lead.sees_not("waiting", "Stop sending")
    lead.picks("Read it")
    lead.sees("Bring a cup")


def test_stopping_the_rest(lead: Phone, people: People, service: Service, clock: Clock) -> None:
    other = people(9)[0]
    writes(lead, "Bring a cup")
    lead.picks("At a set time")
    lead.types("18:30")
    lead.picks("Yes, send it")
    lead.dials()
    lead.picks("Lead a group", "Notices sent", "Mon 23 Nov 18:30")
    lead.sees("waits for its time", "waiting 10")
    lead.picks("Stop sending", "Yes, stop it")
    lead.sees("Stopped")
    passes(service, clock, hours=10)
    other.hears_nothing_new()
    lead.dials()
    lead.picks("Lead a group", "Notices sent", "Mon 23 Nov 18:30")
    lead.sees("not sent")


@pytest.fixture
def replies(service: Service, group: Group) -> None:
    changes(service, group, replies_allowed=True)


def sends(person: Phone, words: str = "Bring a cup") -> None:
    writes(person, words)
    person.picks("Now", "Yes, send it")


def test_members_write_back_and_are_answered_once(
    lead: Phone, juma: Phone, fatuma: Phone, service: Service, group: Group, replies: None
) -> None:
    becomes(fatuma, service, group, Role.FACILITATOR)
    joins(juma)
    sends(lead)
    juma.hears("Bring a cup")
    assert "Someone who wrote to you may read it, but not right away" in juma.texts("I have no cup")
    assert juma.texts("Is a glass fine?") == ""
    lead.dials()
    lead.picks("Lead a group", "Replies to read: 2")
    lead.sees("I have no cup")
    lead.sees_not("Juma", "254")
    lead.picks("Next")
    lead.sees("Is a glass fine?")
    fatuma.dials()
    fatuma.picks("Lead a group", "Replies to read: 1")
    for one in (lead, fatuma):
        one.picks("Answer")
        one.types("A glass is fine")
        one.picks("Yes, send it")
    lead.sees("on its way")
    fatuma.sees("already been answered")
    juma.hears("An answer to your text: A glass is fine")
    assert len([text for text in juma.inbox if "glass is fine" in text]) == 1


def test_without_leave_nothing_is_kept(lead: Phone, juma: Phone, service: Service, group: Group) -> None:
    joins(juma)
    sends(lead)
    juma.hears("Bring a cup")
    assert "For the menu text MENU" in juma.texts("I have no cup")
    assert rows(service, NoticeReply) == []


def test_a_keyword_a_newer_question_and_an_old_notice_take_no_reply(
    lead: Phone, juma: Phone, service: Service, group: Group, clock: Clock, replies: None
) -> None:
    joins(juma)
    sends(lead)
    juma.hears("Bring a cup")
    assert "1 Send my help text" in juma.texts("MENU")
    assert "choose one" in juma.texts("Thank you")
    assert rows(service, NoticeReply) == []
    passes(service, clock, days=3, hours=1)
    assert "1 Send my help text" in juma.texts("I have no cup")
    assert rows(service, NoticeReply) == []


def test_a_reply_to_a_notice_that_may_have_arrived_is_passed_on(
    lead: Phone, juma: Phone, service: Service, group: Group, replies: None
) -> None:
    joins(juma)
    lose_replies(service)
    sends(lead)
    juma.hears("Bring a cup")
    assert "may read it" in juma.texts("I have no cup")
    assert [reply.words for reply in rows(service, NoticeReply)] == ["I have no cup"]


def test_a_reply_counts_although_the_network_reported_a_failure(
    lead: Phone, juma: Phone, service: Service, group: Group, replies: None
) -> None:
    joins(juma)
    sends(lead)
    juma.hears("Bring a cup")
    juma.reports(juma.ids[-1], "Failed", "DeliveryFailure")
    assert "may read it" in juma.texts("I have no cup")


@pytest.mark.parametrize("typed", ["Yes", "no", "sawa", "Hapana.", "oui"])
def test_a_yes_or_no_that_nothing_else_asked_for_is_a_reply(
    lead: Phone, juma: Phone, service: Service, group: Group, replies: None, typed: str
) -> None:
    joins(juma)
    sends(lead, "Who brings tea?")
    juma.hears("Who brings tea?")
    assert "may read it" in juma.texts(typed)
    assert "nobody reads texts here" in juma.texts("1")
    assert [reply.words for reply in rows(service, NoticeReply)] == [typed]


def test_a_yes_to_a_later_reminder_is_no_reply(
    lead: Phone, juma: Phone, service: Service, group: Group, meeting: Meeting, clock: Clock, replies: None
) -> None:
    joins(juma)
    sends(lead, "Who brings tea?")
    juma.hears("Who brings tea?")
    passes(service, clock, hours=29)
    juma.hears("Coming? Reply 1 yes")
    for typed in ("Yes", "no"):
        assert "coming" in juma.texts(typed)
    assert rows(service, NoticeReply) == []


def test_nobody_is_told_that_a_leader_of_a_closed_group_may_read_it(
    lead: Phone, juma: Phone, service: Service, group: Group, replies: None
) -> None:
    joins(juma)
    sends(lead)
    juma.hears("Bring a cup")
    with service.database.transaction() as session:
        group_closing.close(session, session.get_one(Group, group.id), service.now(), "*384*77#")
    assert "nobody reads texts here" in juma.texts("I have no cup")
    assert rows(service, NoticeReply) == []


def test_what_answers_the_notice_of_one_group_is_not_read_in_another(
    lead: Phone, juma: Phone, service: Service, group: Group, clock: Clock, replies: None
) -> None:
    joins(juma)
    sends(lead)
    juma.hears("Bring a cup")
    with service.database.transaction() as session:
        other = groups.create(session, "Upendo", "Africa/Nairobi", clock.time, code="777")
    juma.texts("JOIN 777")
    passes(service, clock, hours=1)
    with service.database.transaction() as session:
        found = session.get_one(Group, other.id)
        notices.send(session, found, NoticeContent("Who has my keys?"), service.now())
    work(service)
    juma.hears("Who has my keys?")
    assert "nobody reads texts here" in juma.texts("Peter has them")
    assert rows(service, NoticeReply) == []


def test_stop_is_no_reply(lead: Phone, juma: Phone, service: Service, group: Group, replies: None) -> None:
    joins(juma)
    sends(lead)
    juma.hears("Bring a cup")
    assert "You'll get no more texts" in juma.texts("STOP")
    assert juma.texts("I mean it") == ""
    assert rows(service, NoticeReply) == []


def test_replies_are_forgotten_after_the_days_of_the_group(
    lead: Phone, juma: Phone, service: Service, group: Group, clock: Clock, replies: None
) -> None:
    changes(service, group, replies_days=5)
    joins(juma)
    sends(lead)
    juma.hears("Bring a cup")
    juma.texts("I have no cup")
    passes(service, clock, days=4, hours=23)
    assert len(rows(service, NoticeReply)) == 1
    passes(service, clock, hours=2)
    assert rows(service, NoticeReply) == []


def test_an_answer_waits_for_the_morning_and_for_nobody_who_left(
    lead: Phone, juma: Phone, service: Service, group: Group, clock: Clock, replies: None
) -> None:
    joins(juma)
    sends(lead)
    juma.hears("Bring a cup")
    juma.texts("I have no cup")
    clock.time += timedelta(hours=13)
    lead.dials()
    lead.picks("Lead a group", "Replies to read: 1", "Answer")
    lead.types("A glass is fine")
    lead.picks("Yes, send it")
    juma.hears_nothing_new()
    juma.texts("STOP 4521")
    passes(service, clock, hours=10)
    assert not any("glass" in text for text in juma.reads())


def is_silent(phone: Number, member: Member) -> None:
    phone.silent_at = phone.created_at


def rests(phone: Number, member: Member) -> None:
    member.paused_at = phone.created_at


@pytest.mark.parametrize("change", [is_silent, rests])
def test_a_reply_of_who_gets_no_texts_is_not_counted_as_answered(
    lead: Phone, juma: Phone, service: Service, group: Group, replies: None, change: Callable[..., None]
) -> None:
    joins(juma)
    sends(lead)
    juma.hears("Bring a cup")
    juma.texts("I have no cup")

    def answers() -> bool:
        with service.database.transaction() as session:
            return notice_replies.answer_reply(
                session, session.scalars(select(NoticeReply)).one(), "A glass is fine", service.now()
            )

    with service.database.transaction() as session:
        reply = session.scalars(select(NoticeReply)).one()
        phone = session.get_one(Number, reply.phone_id)
        member = session.scalars(select(Member).where(Member.phone_id == phone.id)).one()
        change(phone, member)
    assert not answers()
    (reply,) = rows(service, NoticeReply)
    assert (reply.read_at, reply.answered_at) == (None, None)
    with service.database.transaction() as session:
        session.get_one(Number, reply.phone_id).silent_at = None
        session.scalars(select(Member).where(Member.phone_id == reply.phone_id)).one().paused_at = None
    assert answers(), "later, when texts reach them again"
    work(service)
    juma.hears("A glass is fine")


def test_leading_ends_while_she_reads(lead: Phone, juma: Phone, service: Service, group: Group, replies: None) -> None:
    joins(juma)
    sends(lead)
    juma.hears("Bring a cup")
    juma.texts("I have no cup")
    lead.dials()
    lead.picks("Lead a group", "Replies to read: 1", "Answer")
    lead.types("A glass is fine")
    ends_the_role(service)
    lead.picks("Yes, send it")
    lead.sees("can't be answered any more")
    juma.hears_nothing_new()
