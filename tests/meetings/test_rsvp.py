"""RSVPs: given by text or by dialling, changed at any time, and shown to leaders."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from smsgate.groups import groups, roles
from smsgate.meetings import meetings, rsvp
from smsgate.members import export
from smsgate.models import Audience, Group, Meeting, Membership, Reply, Role, RsvpStatus
from smsgate.models import Phone as Number
from smsgate.notices.audience import AudienceSelector, phones
from smsgate.service import Service
from tests.support.command_line import Typed
from tests.support.people import Clock, Phone
from tests.support.stories import agrees, joins, lose_replies

Passes = Callable[..., None]


@pytest.fixture
def reminded(amina: Phone, meeting: Meeting, time_passes: Passes) -> Phone:
    """Return Amina, who has just got the day-before reminder."""
    joins(amina)
    time_passes(hours=29)
    amina.hears("Coming? Reply 1 yes, 2 no, 3 maybe")
    return amina


def said(service: Service) -> list[RsvpStatus]:
    with service.database.reading() as session:
        return list(session.scalars(select(Reply.coming)))


def leads(who: Phone, service: Service, group: Group, role: Role = Role.FACILITATOR) -> Phone:
    """Give a member a role in the group, which they accept."""
    with service.database.transaction() as session:
        code = roles.offer(session, session.get_one(Group, group.id), role, service.now())
    who.dials(f"*384*77*{code}#", "2")
    who.sees("Thank you")
    return who


@pytest.mark.parametrize(
    ("typed", "coming", "words"),
    [
        ("1", RsvpStatus.YES, "Thank you, you're coming: Wed 25 Nov 14:00"), ("2", RsvpStatus.NO, "You're not coming"),
        ("3", RsvpStatus.MAYBE, "You said maybe"),
        (" 1.", RsvpStatus.YES, "you're coming"), ("No", RsvpStatus.NO, "You're not coming"),
        ("sawa", RsvpStatus.YES, "you're coming"),
    ],
)  # fmt: skip
def test_a_reminder_is_answered(reminded: Phone, service: Service, typed: str, coming: RsvpStatus, words: str) -> None:
    assert words in reminded.texts(typed)
    assert said(service) == [coming]


def test_a_reminder_that_may_have_arrived_is_answered_as_soon_as_it_is_read(
    amina: Phone, meeting: Meeting, service: Service, time_passes: Passes
) -> None:
    joins(amina)
    lose_replies(service)
    time_passes(hours=29)
    amina.hears("Coming? Reply 1 yes")
    assert "Thank you, you're coming" in amina.texts("1")
    assert said(service) == [RsvpStatus.YES]


def test_it_is_changed_at_will(reminded: Phone, service: Service) -> None:
    for typed, coming in (("1", RsvpStatus.YES), ("3", RsvpStatus.MAYBE), ("2", RsvpStatus.NO)):
        reminded.texts(typed)
        assert said(service) == [coming]
    reminded.dials(None, "2", "1")
    reminded.sees("You said: not coming.", "4 I'd rather not say")
    reminded.types("4")
    assert said(service) == []


@pytest.mark.parametrize("typed", ["4", "0", "9"])
def test_another_key_is_told_the_keys(reminded: Phone, service: Service, typed: str) -> None:
    assert reminded.texts(typed) == "Wed 25 Nov 14:00. Coming? Reply 1 yes, 2 no, 3 maybe"
    assert said(service) == []


def test_other_words_are_no_reply(reminded: Phone, service: Service) -> None:
    assert "Coming? Reply 1 yes" in reminded.texts("1 or 2, who knows")  # asked again: a guess would be worse
    assert said(service) == []


def test_a_conversation_that_is_newer_gets_the_key(reminded: Phone, service: Service) -> None:
    assert "2 Meetings" in reminded.texts("MENU")
    assert "Next meetings" in reminded.texts("2")
    assert said(service) == []


def test_what_cannot_be_answered_any_more_is_said(
    reminded: Phone, service: Service, meeting: Meeting, time_passes: Passes
) -> None:
    with service.database.transaction() as session:
        meetings.cancel(session, session.get_one(Meeting, meeting.id), service.now(), "*384*77#")
    time_passes(minutes=1)
    assert "no longer planned for you" in reminded.texts("1")
    assert said(service) == []


def test_who_left_the_group_does_not_come(reminded: Phone, service: Service) -> None:
    reminded.texts("STOP 4521")
    assert "no longer planned for you" in reminded.texts("1")
    assert said(service) == []


def test_the_reply_goes_to_the_newest_reminder(
    amina: Phone, meeting: Meeting, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    with service.database.transaction() as session:
        other = groups.create(session, "Upendo", "Africa/Nairobi", clock.time, code="777")
        start = meetings.local_start(session.get_one(Meeting, meeting.id)).replace(tzinfo=None, hour=15)
        later = meetings.plan(session, other, start, None, clock.time)
    amina.texts("JOIN 777")
    amina.texts("1")
    time_passes(hours=29)
    time_passes(hours=1)
    assert len([text for text in amina.reads() if "Coming?" in text]) == 2
    assert "15:00" in amina.texts("1")
    with service.database.reading() as session:
        assert session.scalars(select(Reply.meeting_id)).all() == [later.id]


def test_a_help_text_is_never_taken_for_a_meeting(
    amina: Phone, juma: Phone, meeting: Meeting, service: Service, time_passes: Passes
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    joins(juma)
    time_passes(hours=29)
    juma.hears("Coming?")
    amina.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    assert "know" in juma.texts("1")
    assert said(service) == []
    amina.hears("is helping")
    assert "you're coming" in juma.texts("1")  # the help text is answered, so the reminder is the newest question


@pytest.mark.parametrize("words", ["Yes", "I can help", "naweza", "je peux"])
def test_after_a_newer_reminder_words_still_answer_the_help_text(
    words: str, amina: Phone, juma: Phone, meeting: Meeting, service: Service, time_passes: Passes
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    joins(juma)
    time_passes(hours=28, minutes=50)
    amina.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    time_passes(minutes=11)
    juma.hears("Coming?")
    assert "you're coming" in juma.texts("1")
    assert "you're coming" in juma.texts("OK")  # which may only take note of our reply
    assert "know" in juma.texts(words)
    amina.hears("is helping")


def test_who_leads_sees_few_and_the_names_that_may_be_seen(
    reminded: Phone,
    juma: Phone,
    service: Service,
    group: Group,
    types: Typed,
) -> None:
    reminded.texts("1")
    joins(juma)
    leads(juma, service, group)
    juma.dials(None, "8")
    juma.picks("Who is coming")
    juma.sees("Coming: fewer than 5", "Maybe: fewer than 5")
    juma.sees_not("Names")
    assert "Amina" not in types("meeting", "list", "4521")
    reminded.dials(None, "5", "1", "3")
    reminded.sees("They see the name you chose")
    juma.dials(None, "8")
    juma.picks("Who is coming")
    juma.sees("Names: Amina")
    assert "Amina" in types("meeting", "list", "4521")
    reminded.dials(None, "5", "1", "3")
    juma.dials(None, "8")
    juma.picks("Who is coming")
    juma.sees_not("Amina")


def test_maybe_is_not_said_to_come(reminded: Phone, service: Service, meeting: Meeting, group: Group) -> None:
    reminded.texts("3")
    whom = AudienceSelector(group.id, Audience.COMING, None, meeting.id)
    with service.database.reading() as session:
        assert session.scalars(phones(whom)).all() == []
    reminded.texts("1")
    with service.database.reading() as session:
        assert len(session.scalars(phones(whom)).all()) == 1


def test_who_leads_counts_in_two_keys(
    juma: Phone, service: Service, group: Group, meeting: Meeting, time_passes: Passes
) -> None:
    joins(juma)
    leads(juma, service, group)
    juma.dials(None, "8")
    juma.sees_not("How many came")
    time_passes(hours=54)
    for typed, words in (("many", "didn't understand"), ("1000", "at most 999"), ("12", "Saved: 12")):
        if "How many came on" not in juma.handset.screen:
            juma.dials(None, "8")
            juma.picks("How many came")
        juma.types(typed)
        juma.sees(words)
    juma.dials(None, "8")
    juma.picks("How many came")
    juma.sees("So far: 12")
    juma.types("000")
    with service.database.reading() as session:
        assert session.get_one(Meeting, meeting.id).attended == 0
    time_passes(hours=72)
    juma.dials(None, "8")
    juma.sees_not("How many came")


def test_nobody_else_counts(reminded: Phone, service: Service, group: Group, meeting: Meeting) -> None:
    with service.database.transaction() as session:
        assert not rsvp.record_attendance(session, group.id, meeting.id, 5, service.now())  # the meeting has not begun
        assert not rsvp.record_attendance(session, group.id + 1, meeting.id, 5, service.now())


def test_an_admin_sets_the_reminders_of_the_group(
    juma: Phone, service: Service, group: Group, meeting: Meeting
) -> None:
    joins(juma)
    leads(juma, service, group)
    juma.dials(None, "8")
    juma.sees_not("Reminders")
    leads(juma, service, group, Role.ADMIN)
    juma.dials(None, "8")
    juma.picks("Reminders", "Other times")
    for typed, words in (("0h", "didn't understand"), ("1d 2d 3d 4d 5d", "At most four"), ("2d 4h", "Saved.")):
        juma.types(typed)
        juma.sees(words)
    with service.database.reading() as session:
        assert session.get_one(Group, group.id).reminders == "2d 4h"


def test_what_was_said_is_handed_over_and_erased(reminded: Phone, service: Service) -> None:
    reminded.texts("3")
    reminded.dials(None, "5", "1", "3")
    reminded.dials(None, "6", "6", "2")
    with service.database.reading() as session:
        number = session.scalars(select(Number).where(Number.number == reminded.number)).one()
        kept = export.export_person(session, number)["member"]
    assert kept["hours_for_texts"] == "08:00-18:00"
    assert kept["replies_to_meetings"][0]["coming"] == "maybe"
    assert kept["reminders_of_groups"][0]["mine"] is None
    assert len(kept["name_shown_in"]) == 1
    reminded.dials(None, "6")
    reminded.picks("Erase", "Yes")
    assert said(service) == []


@pytest.mark.parametrize("by", ["leaving", "removal"])
def test_who_is_no_longer_in_the_group_does_not_come(
    amina: Phone, group: Group, meeting: Meeting, service: Service, by: str
) -> None:
    joins(amina)
    amina.dials(None, "2", "1", "1")
    with service.database.reading() as session:
        assert rsvp.rsvp_counts(session, session.get_one(Meeting, meeting.id))[RsvpStatus.YES] == 1
    if by == "leaving":
        amina.texts("STOP 4521")
    else:
        with service.database.transaction() as session:
            groups.remove_member(session, session.scalars(select(Membership)).one(), service.now(), "*384*77#")
    with service.database.reading() as session:
        assert rsvp.rsvp_counts(session, session.get_one(Meeting, meeting.id))[RsvpStatus.YES] == 0
    assert said(service) == []
    amina.dials("*384*77*4521#", "1")
    amina.sees("You've joined Tumaini")
    with service.database.reading() as session:
        assert rsvp.rsvp_counts(session, session.get_one(Meeting, meeting.id))[RsvpStatus.YES] == 0
    amina.dials(None, "2", "1")
    amina.sees_not("You said")
