"""Two people who walk together: meetings, reminders, check-ins, feedback, retention, and what guards a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from smsgate.matching import counts, feedback, matches, meetings
from smsgate.matching.board import board
from smsgate.matching.counts import Count
from smsgate.matching.fit import Reason
from smsgate.members import export, leaving, number_reassignment
from smsgate.models import (
    Area,
    CheckIn,
    Ending,
    Group,
    Match,
    MatchCount,
    MatchMeeting,
    Programme,
    Seeker,
    lookup,
)
from smsgate.outbox.limits import LIMITS, Cause, Scope
from smsgate.service import Service
from tests.support.people import Clock, Phone
from tests.support.pins import PIN, SECOND, sets
from tests.support.stories import agrees, copies
from tests.support.walks import CODE, asks, becomes_supporter, goes_to, hands_out_cards, makes_programme, walk_together


def meets(service: Service, at: datetime) -> int:
    """Plan a meeting that both agree to, and return its id."""
    with service.database.transaction() as session:
        match = session.scalars(select(Match)).one()
        made = meetings.propose(session, match, at, "Library", service.now(), CODE, by_supporter=True)
        assert made is not None
        assert meetings.answer(session, made.id, True, service.now(), CODE, supporter=False)
        return made.id


def sets_second(member: Phone) -> None:
    member.dials(None, PIN, "6")
    member.picks("PIN", "Second PIN: off", "Set it")
    member.types(SECOND, SECOND)


def number(service: Service, what: str) -> int:
    with service.database.reading() as session:
        rows = select(MatchCount.number).where(MatchCount.what == what)
        return sum(session.scalars(rows))


def test_there_is_a_meeting_every_week_at_the_same_hour(
    service: Service, group: Group, amina: Phone, juma: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    walk_together(service, amina, juma)
    first = clock.time + timedelta(days=2)
    meets(service, first)
    for _week in range(3):
        time_passes(days=7)
    with service.database.reading() as session:
        times = session.scalars(select(MatchMeeting.starts_at).order_by(MatchMeeting.starts_at)).all()
    assert times == [first + timedelta(weeks=week) for week in range(4)]


def test_each_is_reminded_as_they_want(
    service: Service, group: Group, amina: Phone, juma: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    walk_together(service, amina, juma)
    meets(service, clock.time + timedelta(days=2, hours=5))
    juma.dials()
    goes_to(juma, "One to one", "My role", "Reminders", "None")
    amina.dials()
    goes_to(amina, "One to one", "More", "Reminders", "Both")
    time_passes(days=1, hours=6)
    amina.hears("Reminder: Wed 25 Nov 14:00.")
    time_passes(hours=21)
    assert sum("Reminder" in text for text in amina.reads()) == 2
    assert not any("Reminder" in text for text in juma.reads())


def test_what_is_skipped_is_told_and_not_reminded_of(
    service: Service, group: Group, amina: Phone, juma: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    walk_together(service, amina, juma)
    meets(service, clock.time + timedelta(days=2, hours=5))
    amina.dials()
    goes_to(amina, "One to one", "Wed 25 Nov", "Leave it out")
    amina.sees("Juma is told.")
    juma.hears("Amina leaves out: Wed 25 Nov 14:00.", "The next one stays")
    time_passes(days=2)
    assert not any("Reminder" in text for text in juma.reads())


def test_a_time_in_the_past_is_refused_and_another_may_be_typed(
    service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    walk_together(service, amina, juma)
    amina.dials()
    goes_to(amina, "One to one", "Propose a time")
    amina.types("1/11 14.30")
    amina.sees("That time is in the past.", "When?")
    amina.types("26/11 15.00", "1")
    amina.sees("Juma is asked: Thu 26 Nov 15:00.")
    juma.hears("Amina proposes to meet: Thu 26 Nov 15:00.")


def test_proposing_times_is_no_way_around_how_often_one_may_write_to_the_other(
    service: Service, group: Group, amina: Phone, juma: Phone, time_passes: Callable[..., None]
) -> None:
    walk_together(service, amina, juma)
    most = LIMITS[Cause.CARRIED][Scope.NUMBER].hour

    def asks(minute: int) -> None:
        amina.dials()
        goes_to(amina, "One to one", "Propose a time")
        amina.types(f"26/11 15.{minute:02}", "1")

    for minute in range(most):
        asks(minute)
        amina.sees("Juma is asked")
    asks(most)
    amina.sees("That isn't possible right now.")
    assert sum("proposes to meet" in text for text in juma.reads()) == most
    amina.dials()
    goes_to(amina, "One to one", f"Thu 26 Nov 15:{most - 1:02}", "Leave it out")
    juma.hears("Amina leaves out")  # a meeting that is off is told, whatever was written before
    time_passes(minutes=61)
    asks(most)
    amina.sees("Juma is asked")


def test_a_meeting_is_noted_in_two_keys_and_only_counted(
    service: Service, group: Group, amina: Phone, juma: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    walk_together(service, amina, juma)
    meets(service, clock.time + timedelta(days=1))
    time_passes(days=2)
    juma.dials()
    goes_to(juma, "One to one", "Amina", "Note a meeting", "Met, 30 min")
    juma.sees("It counts without any name.")
    assert (number(service, "meetings"), number(service, "minutes"), number(service, "people")) == (1, 30, 1)
    juma.dials()
    goes_to(juma, "One to one", "Amina")
    juma.sees_not("Note a meeting")


def test_nobody_is_chased_for_an_answer_and_asking_can_be_turned_off(
    service: Service, group: Group, amina: Phone, juma: Phone, time_passes: Callable[..., None]
) -> None:
    walk_together(service, amina, juma)
    time_passes(days=7, hours=1)
    assert sum("How is it going?" in text for text in amina.reads()) == 1
    time_passes(days=10)
    assert sum("How is it going?" in text for text in amina.reads()) == 1
    amina.dials()
    goes_to(amina, "One to one", "More", "Don't ask how it goes")
    time_passes(days=15)
    assert sum("How is it going?" in text for text in amina.reads()) == 1
    with service.database.reading() as session:
        assert len(session.scalars(select(CheckIn).where(CheckIn.asked_at.is_not(None))).all()) == 1


def test_both_are_told_four_weeks_before_the_end_and_it_ends_after_a_year(
    service: Service, group: Group, amina: Phone, juma: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    walk_together(service, amina, juma, months=2)
    time_passes(days=34)
    for phone, other in ((amina, "Juma"), (juma, "Amina")):
        assert any(f"Your time with {other} ends on 23 Jan 2027" in text for text in phone.reads())
    time_passes(days=28)
    assert any("Your time with Juma has ended." in text for text in amina.reads())
    with service.database.reading() as session:
        assert session.scalars(select(Match)).one().ending is Ending.TIME_OVER


def test_how_it_was_is_only_counted_and_told_back(
    service: Service, group: Group, amina: Phone, juma: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    programme = walk_together(service, amina, juma)
    with service.database.transaction() as session:
        mine = session.get_one(Programme, programme.id)
        counts.add(session, mine, Count.SAID, service.now(), 5, more="heard_yes")
        counts.add(session, mine, Count.SAID, service.now(), 4, more="heard_no")
    time_passes(days=91)
    amina.reads()
    assert any("How has it been? A few questions, without your name" in text for text in amina.inbox)
    amina.dials()
    goes_to(amina, "One to one", "Answer")
    amina.picks("Good", "Yes", "Partly")
    while "98 More" in amina.handset.screen:
        amina.types("98")
    amina.sees("Yes 6")
    assert number(service, "said_time_good") == 1
    amina.dials()
    goes_to(amina, "One to one")
    amina.sees_not("A few questions")
    with service.database.reading() as session:
        told = feedback.said_together(session, session.get_one(Programme, programme.id), "en")
    assert told == [("Did you feel listened to?", [("Yes", 6)])]


def test_every_two_years_all_are_asked_those_who_wait_and_supporters_without_anybody_too(
    service: Service, group: Group, amina: Phone, juma: Phone, fatuma: Phone, clock: Clock,
    time_passes: Callable[..., None],
) -> None:  # fmt: skip
    programme = makes_programme(service)
    clock.time += timedelta(days=700)
    becomes_supporter(service, juma, programme, "Juma")
    on = clock.time.date()
    asks(amina, hands_out_cards(service, programme, on), "Amina")
    time_passes(days=29)
    assert not any("How has it been?" in text for text in amina.reads())
    time_passes(days=2)
    for phone in (amina, juma):
        assert sum("How has it been?" in text for text in phone.reads()) == 1
    with service.database.transaction() as session:
        counts.add(session, session.get_one(Programme, programme.id), Count.SAID, service.now(), 3, more="informed_yes")
    for phone in (amina, juma):
        phone.dials()
        goes_to(phone, "One to one", "Answer")
        phone.picks("Good", "Yes", "Partly")
    while "98 More" in juma.handset.screen:
        juma.types("98")
    juma.sees("Yes 5")
    assert number(service, "said_support_good") == 2
    for phone in (amina, juma):
        phone.dials()
        goes_to(phone, "One to one")
        phone.sees_not("A few questions")
    time_passes(days=30)
    assert sum("How has it been?" in text for text in amina.reads()) == 1


def test_three_months_after_its_end_a_match_is_a_count_and_nothing_else(
    service: Service, group: Group, amina: Phone, juma: Phone, time_passes: Callable[..., None]
) -> None:
    walk_together(service, amina, juma)
    with service.database.transaction() as session:
        matches.end(session, session.scalars(select(Match.id)).one(), Ending.FINISHED, service.now())
    time_passes(days=89)
    time_passes(days=2)
    with service.database.reading() as session:
        for table in (Match, MatchMeeting, CheckIn, Seeker):
            assert session.scalars(select(table)).all() == [], table
    assert number(service, "ended_finished") == 1
    assert number(service, "began") == 1


def test_erasing_leaves_nothing_and_the_other_is_told(
    service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    walk_together(service, amina, juma)
    amina.texts("PEER hello")
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, amina.number)
        assert phone
        leaving.erase(session, phone, service.now())
    juma.hears("Your time with Amina has ended.")
    with service.database.reading() as session:
        assert session.scalars(select(Match)).all() == []
        assert session.scalars(select(Seeker)).all() == []


def test_an_export_has_what_they_said_and_not_what_the_other_did(
    service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    walk_together(service, amina, juma)
    with service.database.reading() as session:
        phone = lookup.find_phone(session, juma.number)
        assert phone
        rows = export.export_person(session, phone)["all_rows"]
    assert rows["supporters"][0]["said"]
    assert "person_agreed" not in rows["matches"][0]
    assert "check_ins" not in rows
    assert "seekers" not in rows


def test_a_pin_guards_it_and_the_second_one_shows_nothing(
    service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    walk_together(service, amina, juma)
    sets(amina)
    sets_second(amina)
    assert "dial" in amina.texts("PEER hello").lower()
    assert not any("hello" in text for text in juma.reads())
    amina.dials(None, SECOND)
    amina.sees_not("One to one")
    amina.dials(None, PIN)
    amina.sees("One to one")


def test_a_silent_phone_gets_nothing_and_reads_all_by_dialling(
    service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    walk_together(service, amina, juma)
    amina.reads()
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, amina.number)
        assert phone
        phone.silent_at = service.now()
    before = len(amina.inbox)
    assert "Passed on to Amina" in juma.texts("PEER see you soon")
    assert len(amina.reads()) == before
    amina.dials()
    goes_to(amina, "One to one", "Read texts")
    amina.sees("see you soon")


def test_a_reassigned_number_shows_nothing_of_it(service: Service, group: Group, amina: Phone, juma: Phone) -> None:
    walk_together(service, amina, juma)
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, amina.number)
        assert phone
        number_reassignment.mark_as_reassigned(session, [phone.id], service.now())
    before = len(amina.reads())
    juma.texts("PEER hello")
    assert len(amina.reads()) == before
    amina.dials()
    amina.sees_not("One to one", "Juma")
    amina.picks("No, it is new")
    juma.hears("Your time with Amina has ended.")


def test_somebody_who_dials_in_the_middle_of_being_matched_reads_the_truth(
    service: Service, group: Group, amina: Phone
) -> None:
    asks(amina, hands_out_cards(service, makes_programme(service)))
    amina.dials()
    goes_to(amina, "One to one")
    amina.sees("You're number 1 on the list.")
    with service.database.transaction() as session:
        seeker = session.scalars(select(Seeker)).one()
        session.delete(seeker)
    goes_to(amina, "Leave the list", "Leave")
    amina.sees("You're off the list")


@pytest.mark.parametrize("word", ["PEER REPORT", "Mwenzi ripoti"])
def test_a_word_that_reports_ends_it_and_asks_a_coordinator(
    word: str, service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    walk_together(service, amina, juma)
    assert "It has ended at once. A coordinator sees your number" in amina.texts(word)
    juma.hears("Your time with Amina has ended. Thank you")
    with service.database.reading() as session:
        answered = session.scalars(select(CheckIn.answer).where(CheckIn.answer.is_not(None))).all()
    assert [answer.value for answer in answered if answer] == ["reported"]


def test_a_supporter_who_is_also_one_of_their_people_stays_that_when_the_match_ends(
    service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    walk_together(service, amina, juma)
    agrees(amina, juma, "Juma")
    amina.texts("PEER END")
    amina.dials(None, "1", "2")
    assert copies(juma) == 1


def test_where_they_are_is_asked_by_county_and_town_and_is_a_reason(
    service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    with service.database.transaction() as session:
        county = Area(name="Kisumu")
        session.add(county)
        session.flush()
        session.add(Area(name="Ahero", parent_id=county.id))
    programme = makes_programme(service)
    becomes_supporter(service, juma, programme, "Juma", area=2)
    amina.dials(f"*384*77*{hands_out_cards(service, programme)}#", "1", "1", "Amina")
    amina.picks("Ask for someone", "Skip", "Kisumu", "Ahero", "Either", "Skip", "Anyone")
    amina.sees("You're on the list")
    with service.database.reading() as session:
        (row,) = board(session, session.get_one(Programme, programme.id), service.now()).rows
    assert row.options[0].reasons == ((Reason.AREA, ("2",)),)
