"""A text answers what its writer had read, however long it was delayed or waited for a worker."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, time, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select, update

from smsgate.groups import groups
from smsgate.meetings import meetings
from smsgate.models import (
    Consent,
    ConsentSubject,
    Group,
    HelpRecipient,
    HelpRequest,
    Meeting,
    Member,
    NoticeReply,
    Reply,
    Responder,
    ResponderStatus,
)
from smsgate.notices import notices
from smsgate.service import Service
from tests.support.people import TOKEN, Clock, Phone, work
from tests.support.pins import sets
from tests.support.stories import agrees, chooses, joins, plans

Passes = Callable[..., None]


def arrives(phone: Phone, words: str, written: datetime | str) -> None:
    """Deliver a text now that, by the provider's date, was written earlier."""
    date = written if isinstance(written, str) else f"{written:%Y-%m-%d %H:%M:%S}"
    form = {"id": uuid4().hex, "from": phone.number, "text": words, "to": "22384", "date": date}
    assert phone.client.post(f"/hooks/{TOKEN}/africastalking/sms", data=form).status_code == 200


def write_ahead(person: Phone, clock: Clock, *texts: str) -> None:
    """Write texts one after the other while no worker handles any, so that no answer comes in between."""
    with pytest.MonkeyPatch.context() as away:
        away.setattr("smsgate.conversations.sms.router.work_through", lambda *_: 0)
        for words in texts:
            clock.time += timedelta(seconds=20)
            person.writes(words)
        clock.time += timedelta(minutes=5)
    work(person.service)


def responder_answers(service: Service) -> list[ResponderStatus]:
    with service.database.reading() as session:
        return list(session.scalars(select(Responder.agreed).order_by(Responder.id)))


def consents(service: Service) -> list[bool]:
    with service.database.reading() as session:
        given = select(Consent.given).where(Consent.what == ConsentSubject.RESPONDER)
        return list(session.scalars(given.order_by(Consent.id)))


def is_answered(service: Service) -> bool:
    with service.database.reading() as session:
        return session.scalars(select(HelpRecipient.answered_at).order_by(HelpRecipient.id)).all()[-1] is not None


def replies(service: Service) -> dict[int, str]:
    with service.database.reading() as session:
        return {meeting: coming.value for meeting, coming in session.execute(select(Reply.meeting_id, Reply.coming))}


@pytest.fixture
def reminded(juma: Phone, amina: Phone, meeting: Meeting, time_passes: Passes) -> Phone:
    """Return Juma, who got a reminder, and whom Amina can choose."""
    joins(juma, "Juma")
    joins(amina)
    time_passes(hours=29)
    juma.hears("Coming? Reply 1 yes")
    return juma


def test_an_invitation_that_waits_is_not_agreed_to(
    reminded: Phone, amina: Phone, service: Service, clock: Clock
) -> None:
    with service.database.transaction() as session:  # it is 14:00; Juma gets texts only in the morning
        session.execute(update(Member).where(Member.name == "Juma").values(texts_from=time(7), texts_until=time(12)))
    chooses(amina, reminded, "Juma")
    assert "you're coming" in reminded.texts("1")
    assert responder_answers(service) == [ResponderStatus.ASKED]
    assert consents(service) == []


def test_what_was_written_before_an_invitation_is_no_consent(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    before = clock.time
    clock.time += timedelta(minutes=3)
    chooses(amina, juma, "Juma")
    juma.hears("may they text you")
    arrives(juma, "1", before)
    juma.hears("Amina", "Reply 1 for yes")  # asked once more
    assert (responder_answers(service), consents(service)) == ([ResponderStatus.ASKED], [])
    assert "Thank you" in juma.texts("1")
    assert (responder_answers(service), consents(service)) == ([ResponderStatus.YES], [True])


def test_an_answer_to_a_reminder_that_waited_for_a_worker_leaves_a_help_text_open(
    reminded: Phone, amina: Phone, service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.time += timedelta(minutes=15)
    agrees(amina, reminded, "Juma")
    plans(amina, "If nobody answers", "Send again", "5 minutes", "Nothing more")
    reminded.writes("3")  # no worker handles it for a while
    clock.time += timedelta(minutes=9)
    with monkeypatch.context() as away:
        away.setattr("smsgate.conversations.sms.router.work_through", lambda *_: 0)
        amina.dials(None, "1", "2")
        reminded.hears("Reply 1 if you can help")
    work(service)
    assert not is_answered(service)
    with service.database.reading() as session:
        assert session.scalars(select(HelpRequest.then)).one() == "again"
    assert list(replies(service).values()) == ["maybe"]


def test_a_late_one_with_nothing_else_to_answer_is_told_how_to(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    clock.time += timedelta(hours=7)
    amina.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    arrives(juma, "1", clock.time - timedelta(minutes=20))
    juma.hears("If you can help, reply 1 and we'll tell Amina")
    assert not is_answered(service)
    assert "knows you can help" in juma.texts("1")
    assert is_answered(service)


@pytest.mark.parametrize(
    "date", ["", "yesterday", "2026-11-23", "1970-01-01 00:00:00", "2031-01-01 00:00:00", "x" * 99]
)
def test_a_date_that_cannot_be_true_changes_nothing(
    date: str, amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    clock.time += timedelta(seconds=10)
    arrives(juma, "1", date)
    juma.hears("knows you can help")


def test_fine_that_was_written_before_ends_nothing(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    written = clock.time
    clock.time += timedelta(minutes=5)
    amina.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    arrives(amina, "fine", written)
    work(service)
    with service.database.reading() as session:
        assert session.scalars(select(HelpRequest.closed_at)).one() is None


def test_leave_is_about_who_had_asked_when_it_was_written(
    amina: Phone, juma: Phone, fatuma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    for member in (amina, fatuma):
        joins(member, "Amina" if member is amina else "Fatuma")
        agrees(member, juma, "Juma")
    amina.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    clock.time += timedelta(minutes=2)
    written = clock.time
    clock.time += timedelta(minutes=5)
    fatuma.dials(None, "1", "2")
    juma.hears("Fatuma", "Reply 3 if you can help")
    arrives(juma, "LEAVE", written)
    juma.hears("nothing more from Amina")


def test_words_from_before_a_notice_are_no_reply_to_it(
    amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    with service.database.transaction() as session:
        session.get_one(Group, group.id).replies_allowed = True
    written = clock.time
    clock.time += timedelta(minutes=5)
    with service.database.transaction() as session:
        told = session.get_one(Group, group.id)
        notices.send(session, told, "We meet at the school.", service.now())
    amina.hears("at the school")
    amina.texts("See you there")
    arrives(amina, "I feel better today", written)
    work(service)
    with service.database.reading() as session:
        assert [reply.words for reply in session.scalars(select(NoticeReply))] == ["See you there"]


def test_an_answer_goes_past_a_dialogue_that_it_had_not_read(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No worker ran when Juma texted MENU, then read a help text and answered that."""
    joins(amina)
    agrees(amina, juma, "Juma")
    with monkeypatch.context() as away:
        away.setattr("smsgate.conversations.sms.router.work_through", lambda *_: 0)
        juma.writes("menu")
        clock.time += timedelta(minutes=1)
        amina.dials(None, "1", "2")
        juma.hears("Reply 1 if you can help")
        clock.time += timedelta(minutes=1)
        juma.writes("1")
        clock.time += timedelta(minutes=5)
    work(service)
    assert is_answered(service)


@pytest.fixture
def second_meeting(amina: Phone, meeting: Meeting, service: Service, clock: Clock) -> Meeting:
    """Plan a meeting of another group at the same hour; Amina is in both groups."""
    joins(amina)
    with service.database.transaction() as session:
        other = groups.create(session, "Upendo", "Africa/Nairobi", clock.time, code="777")
        start = meetings.local_start(session.get_one(Meeting, meeting.id)).replace(tzinfo=None)
        planned = meetings.plan(session, other, start, None, clock.time)
    amina.texts("JOIN 777")
    amina.texts("1")
    return planned


def test_two_reminders_of_one_minute_are_asked_about(
    amina: Phone, meeting: Meeting, second_meeting: Meeting, service: Service, time_passes: Passes
) -> None:
    time_passes(hours=29)
    assert len([text for text in amina.reads() if "Coming?" in text]) == 2
    asked = amina.texts("1")
    assert "the meeting you mean" in asked
    assert "Tumaini" in asked
    assert "Upendo" in asked
    assert replies(service) == {}
    key = next(line.split()[0] for line in asked.splitlines() if "Tumaini" in line)
    assert amina.texts(key) == "Thank you, you're coming: Wed 25 Nov 14:00 Tumaini."
    assert replies(service) == {meeting.id: "yes"}


def test_a_reminder_answered_before_the_next_came_is_not_asked_about(
    amina: Phone, meeting: Meeting, second_meeting: Meeting, service: Service, clock: Clock, time_passes: Passes
) -> None:
    with service.database.transaction() as session:  # five minutes later than the first
        session.get_one(Meeting, second_meeting.id).starts_at += timedelta(minutes=5)
    time_passes(hours=29)
    assert "you're coming" in amina.texts("1")
    time_passes(minutes=5)
    assert "You're not coming" in amina.texts("2")
    assert replies(service) == {meeting.id: "yes", second_meeting.id: "no"}


def test_whose_pin_guards_the_list_dials_it(
    amina: Phone, meeting: Meeting, second_meeting: Meeting, service: Service, time_passes: Passes
) -> None:
    sets(amina)
    time_passes(hours=29)
    assert "Please dial" in amina.texts("1")
    assert replies(service) == {}


def test_two_invitations_of_one_minute_are_asked_about(
    amina: Phone, juma: Phone, fatuma: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    joins(fatuma, "Fatuma")
    chooses(amina, juma, "Juma")
    chooses(fatuma, juma, "Juma")
    asked = juma.texts("1")
    assert "asked more than one thing" in asked
    assert consents(service) == []
    key = next(line.split()[0] for line in asked.splitlines() if "Amina" in line)
    juma.texts(key)
    juma.texts("1")
    assert responder_answers(service) == [ResponderStatus.YES, ResponderStatus.ASKED]
    assert "Fatuma" in juma.texts("2") or responder_answers(service)[1] is ResponderStatus.NO


def test_who_answers_again_and_again_agrees_to_nothing_that_they_had_not_read(
    amina: Phone, juma: Phone, fatuma: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    joins(fatuma, "Fatuma")
    chooses(amina, juma, "Juma")
    chooses(fatuma, juma, "Juma")
    juma.hears("may they text you")
    for _ in range(4):
        juma.writes("1")
    work(service)
    assert consents(service) == []
    juma.hears("They chose you")


def test_an_invitation_that_came_with_a_reminder_is_asked_about(
    reminded: Phone, amina: Phone, meeting: Meeting, service: Service
) -> None:
    chooses(amina, reminded, "Juma")
    asked = reminded.texts("1")
    assert "asked more than one thing" in asked
    assert "1 Amina" in asked
    assert (consents(service), replies(service)) == ([], {})
    assert "Next meetings" in reminded.texts("next")
    reminded.texts("1")
    assert "change your mind" in reminded.texts("1")
    assert (consents(service), replies(service)) == ([], {meeting.id: "yes"})


def test_a_start_that_was_written_before_stop_undoes_nothing(
    amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    amina.texts("stop")
    clock.time += timedelta(minutes=2)
    written = clock.time
    clock.time += timedelta(minutes=2)
    amina.texts("stop")
    arrives(amina, "start", written)
    amina.hears_nothing_new()
    assert "on again" in amina.texts("start")


def test_a_help_word_that_comes_late_sends_nothing_a_second_time(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    plans(amina, "Ways to send", "By text")
    amina.types("mvua")
    written = clock.time
    clock.time += timedelta(minutes=5)
    amina.dials(None, "1", "2")
    amina.texts("fine")
    arrives(amina, "mvua", written)
    amina.hears("1 Not now", "2 Yes")
    with service.database.reading() as session:
        assert len(session.scalars(select(HelpRequest.id)).all()) == 1
    arrives(amina, "mvua", clock.time)
    work(service)
    with service.database.reading() as session:
        assert len(session.scalars(select(HelpRequest.id)).all()) == 2


def open_requests(service: Service) -> int:
    with service.database.reading() as session:
        return len(session.scalars(select(HelpRequest.id).where(HelpRequest.closed_at.is_(None))).all())


def takes_one_back(amina: Phone) -> None:
    amina.dials(None, "1", "2")
    amina.picks("Cancel it")
    amina.sees("Nobody was told")


def says_fine(amina: Phone) -> None:
    assert "Everyone who got your text knows now" in amina.texts("fine")


def stops(amina: Phone) -> None:
    assert "no more texts" in amina.texts("STOP")


@pytest.mark.parametrize("act", [takes_one_back, says_fine, stops])
@pytest.mark.parametrize("guarded", [False, True])
def test_a_help_word_from_before_another_act_sends_nothing_by_itself(
    act: Callable[[Phone], None], guarded: bool, amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    plans(amina, "Ways to send", "By text")
    amina.types("mvua")
    plans(amina, "Ways to send", "Time to cancel it", "60 seconds")
    if act is says_fine:
        amina.texts("mvua")
        clock.time += timedelta(minutes=2)
        juma.hears("Reply 1")
    if guarded:
        sets(amina)
    written = clock.time
    clock.time += timedelta(minutes=5)
    if guarded and act is takes_one_back:
        amina.dials(None, "1", "1", "2")
        amina.picks("Cancel it")
    else:
        act(amina)
    arrives(amina, "mvua", written)
    amina.hears("dial *384*77#" if guarded or act is stops else "Send your help text to 1 person?")
    assert open_requests(service) == 0
    amina.writes("mvua")
    work(service)
    assert open_requests(service) == 1


def test_a_help_word_written_after_fine_sends_however_late_both_are_handled(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    plans(amina, "Ways to send", "By text")
    amina.types("mvua")
    amina.texts("mvua")
    write_ahead(amina, clock, "fine", "mvua")
    assert open_requests(service) == 1


@pytest.mark.parametrize("opening", ["ERASE", "MENU", "NEXT"])
def test_a_key_from_before_a_text_that_came_first_answers_what_its_writer_had_read(
    opening: str, reminded: Phone, service: Service, clock: Clock
) -> None:
    clock.time += timedelta(minutes=5)
    written = clock.time
    clock.time += timedelta(seconds=40)
    reminded.texts(opening)
    clock.time += timedelta(seconds=40)
    arrives(reminded, "2", written)
    reminded.hears("You're not coming")
    assert list(replies(service).values()) == ["no"]


def test_the_keys_that_send_say_no_fine_where_it_was_sent_already(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    juma.hears("Reply 1")
    write_ahead(amina, clock, "menu", "1", "2")
    amina.hears("2 I am fine now")
    assert open_requests(service) == 1
    assert "knows now" in amina.texts("2")


def test_nobody_agrees_by_a_key_that_they_wrote_before_they_were_asked(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    joins(juma, "Juma")
    chooses(amina, juma, "Juma")
    juma.hears("may they text you")
    menu = juma.texts("menu")
    key = next(line.split()[0] for line in menu.splitlines() if "Who chose me" in line)
    write_ahead(juma, clock, key, "1", "1")
    juma.hears("1 I agree")
    assert consents(service) == []


def test_one_with_nothing_else_to_answer_opens_no_part_of_a_menu_that_came_later(
    amina: Phone, group: Group, clock: Clock
) -> None:
    joins(amina)
    written = clock.time
    clock.time += timedelta(minutes=1)
    menu = amina.texts("menu")
    clock.time += timedelta(minutes=1)
    arrives(amina, "6", written)
    assert amina.hears("Settings").endswith(menu.partition("\n")[2])


def test_a_key_that_was_typed_before_it_is_asked_erases_nothing(
    amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    write_ahead(amina, clock, "ERASE", "2")
    amina.hears("2 Yes, erase")
    with service.database.reading() as session:
        assert session.scalars(select(Member.id)).all()
    assert "Everything about you is erased" in amina.texts("2")
