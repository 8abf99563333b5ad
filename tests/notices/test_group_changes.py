"""A group that changes its time zone or is closed: planned meetings follow, and members are told."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from smsgate.gateways import Verdict
from smsgate.groups import groups, invitations, join_requests, settings
from smsgate.matching import meetings as match_meetings
from smsgate.meetings import change_notices, meetings, reminders, series
from smsgate.members import private_texts
from smsgate.models import (
    Group,
    Lane,
    Match,
    MatchMeeting,
    Meeting,
    MeetingState,
    Member,
    MessageKind,
    Notice,
    Series,
)
from smsgate.notices import group_changes, group_closing, notices
from smsgate.notices.notices import NoticeContent
from smsgate.service import Service
from tests.support.outbox import Outbox
from tests.support.people import Clock, Phone
from tests.support.series import FRIDAYS, begins
from tests.support.series import changes as changes_series
from tests.support.stories import joins
from tests.support.walks import walk_together

DIAL = "*384*77#"
NIGHT = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)
SOUTH = "Africa/Johannesburg"  # an hour behind Nairobi
Passes = Callable[..., None]


def goes_by(service: Service, group: Group, zone: str) -> None:
    with service.database.transaction() as session:
        found = session.get_one(Group, group.id)
        wanted = replace(settings.settings_of(found), zone=zone)
        group_changes.change_settings(session, found, wanted, service.now(), DIAL, by=None)


def test_meetings_keep_their_local_time_and_people_are_told(
    amina: Phone, group: Group, meeting: Meeting, service: Service, time_passes: Passes
) -> None:
    joins(amina)
    goes_by(service, group, SOUTH)
    amina.hears("Times are now those of Johannesburg. Next: Wed 25 Nov 14:00.")
    assert "Tumaini" not in amina.inbox[-1]
    with service.database.reading() as session:
        assert session.get_one(Meeting, meeting.id).starts_at == datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
    amina.dials(None, "2")
    amina.sees("Wed 25 Nov 14:00")
    time_passes(days=1, hours=5)  # 11:00 UTC of the day before, when the reminder was due in Nairobi
    amina.hears_nothing_new()
    time_passes(hours=1, minutes=1)
    amina.hears("Reminder: Wed 25 Nov 14:00")


def test_a_series_goes_on_at_its_local_time(amina: Phone, group: Group, service: Service, time_passes: Passes) -> None:
    joins(amina)
    one = begins(service, group, FRIDAYS)
    goes_by(service, group, SOUTH)
    amina.hears("Next: Fri 27 Nov 15:00.")
    time_passes(days=20)
    with service.database.reading() as session:
        found = session.get_one(Series, one.id)
        local = {
            row.starts_at.astimezone(ZoneInfo(SOUTH)).strftime("%a %H:%M")
            for row in series.dates_to_come(session, found, service.now())
        }
        days = [row.series_day for row in session.scalars(select(Meeting)) if row.series_id == one.id]
    assert local == {"Fri 15:00"}
    assert len(set(days)) == len(days)
    assert not [said for said in amina.reads() if said.startswith(("Changed", "Cancelled"))]


def test_of_two_zones_in_a_night_the_last_is_told_and_of_none_nothing(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    clock.time = NIGHT
    for zone in ("Africa/Lagos", SOUTH):
        goes_by(service, group, zone)
    clock.time = NIGHT + timedelta(hours=14)
    time_passes(minutes=10)
    assert len([said for said in amina.reads() if "Times are now" in said]) == 1
    amina.hears("those of Johannesburg")
    clock.time = NIGHT + timedelta(hours=24, minutes=30)
    goes_by(service, group, "Africa/Nairobi")
    goes_by(service, group, SOUTH)
    clock.time = NIGHT + timedelta(hours=34)
    time_passes(minutes=10)
    assert len([said for said in amina.reads() if "Times are now" in said]) == 1


def test_news_that_waits_is_still_told_from_what_people_know(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    clock.time = NIGHT
    with service.database.transaction() as session:
        found = session.get_one(Meeting, meeting.id)
        change_notices.move_meeting(session, found, datetime(2026, 11, 25, 15), service.now(), DIAL)
    goes_by(service, group, SOUTH)
    with service.database.transaction() as session:
        found = session.get_one(Meeting, meeting.id)
        change_notices.move_meeting(session, found, datetime(2026, 11, 25, 16), service.now(), DIAL)
    clock.time = NIGHT + timedelta(hours=14)
    time_passes(minutes=10)
    assert [said for said in amina.reads() if said.startswith("Changed")] == [
        "Changed: Wed 25 Nov 14:00 is now Wed 25 Nov 16:00. More: dial *384*77#"
    ]


def test_a_timed_notice_keeps_its_local_time(group: Group, service: Service) -> None:
    with service.database.transaction() as session:
        due = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)  # three in the afternoon
        content = NoticeContent("Bring a cup", due_at=due)
        notices.send(session, session.get_one(Group, group.id), content, service.now())
    goes_by(service, group, SOUTH)
    with service.database.reading() as session:
        assert session.scalars(select(Notice.due_at)).one() == datetime(2026, 11, 23, 13, 0, tzinfo=UTC)


def test_without_a_meeting_to_come_nobody_is_told(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    before = len(amina.reads())
    goes_by(service, group, SOUTH)
    assert len(amina.reads()) == before


def test_a_meeting_that_the_members_were_told_of_stays_where_the_zone_stays(
    amina: Phone, group: Group, meeting: Meeting, service: Service
) -> None:
    joins(amina)
    before = len(amina.reads())
    goes_by(service, group, "Africa/Nairobi")
    assert len(amina.reads()) == before
    with service.database.reading() as session:
        local = meetings.local_start(session.get_one(Meeting, meeting.id))
    assert local.strftime("%a %H:%M") == "Wed 14:00"


def test_a_group_that_was_reopened_and_is_closed_again_tells_of_it_again(
    amina: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    for day in (26, 27):
        with service.database.transaction() as session:
            found = session.get_one(Group, group.id)
            group_closing.reopen(session, found, service.now(), DIAL)
            meetings.plan(session, found, datetime(2026, 11, day, 14), None, service.now())
            group_closing.close(session, found, service.now(), DIAL)
        amina.hears("Cancelled", f"{day} Nov")


@pytest.mark.both_databases
def test_two_admins_close_a_group_at_once_and_people_are_told_once(
    amina: Phone, group: Group, meeting: Meeting, service: Service
) -> None:
    joins(amina)
    heard = len(amina.reads())
    start = threading.Barrier(2)

    def closes() -> None:
        start.wait()
        with service.database.transaction() as session:
            group_closing.close(session, session.get_one(Group, group.id), service.now(), DIAL)

    both = [threading.Thread(target=closes) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert len(amina.reads()) == heard + 1


def test_what_is_held_until_the_morning_goes_by_the_new_morning(
    amina: Phone, group: Group, service: Service, clock: Clock, time_passes: Passes
) -> None:
    """Where the sun rises an hour earlier, the old morning would come as people arrive at a meeting that is off."""
    joins(amina)
    with service.database.transaction() as session:
        early = datetime(2026, 11, 24, 8, 20)
        meeting = meetings.plan(session, session.get_one(Group, group.id), early, None, service.now())
    clock.time = NIGHT
    with service.database.transaction() as session:
        meetings.cancel(session, session.get_one(Meeting, meeting.id), service.now(), DIAL)
    time_passes(minutes=5)
    amina.hears_nothing_new()
    goes_by(service, group, "Indian/Mauritius")
    time_passes(minutes=5)
    amina.hears_nothing_new()
    clock.time = NIGHT + timedelta(hours=8, minutes=11)  # just after seven in Mauritius
    time_passes(seconds=1)
    amina.hears("Cancelled: Tue 24 Nov 08:20")


def test_a_timed_request_to_take_part_in_a_survey_keeps_its_local_time(group: Group, service: Service) -> None:
    outbox = Outbox(service)
    due = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    queued = outbox.queues_one(
        kind=MessageKind.ANSWER, lane=Lane.BULK, group_id=group.id, survey_id=1, due_at=due,
        expires_at=due + timedelta(days=1),
    )  # fmt: skip
    goes_by(service, group, SOUTH)
    found = outbox.row(queued)
    assert (found.due_at, found.expires_at) == (due + timedelta(hours=1), due + timedelta(hours=25))


def changes(service: Service, group: Group, **wanted: object) -> None:
    with service.database.transaction() as session:
        found = session.get_one(Group, group.id)
        changed = replace(settings.settings_of(found), **wanted)  # type: ignore[arg-type]
        group_changes.change_settings(session, found, changed, service.now(), DIAL, by=None)


@pytest.mark.both_databases
def test_what_waits_names_the_group_and_the_place_as_they_are_when_it_leaves(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    amina.dials(None, "6", "3", "2")  # texts may name the group and the place
    changes(service, group, tells_place=True)
    clock.time = NIGHT
    with service.database.transaction() as session:
        found = session.get_one(Meeting, meeting.id)
        change_notices.update_meeting(
            session, found, service.now(), DIAL, place="Clinic", local=datetime(2026, 11, 25, 15)
        )
    changes(service, group, code="4600")
    changes(service, group, name="Upendo")
    changes(service, group, tells_place=False)
    heard = len(amina.reads())
    clock.time = NIGHT + timedelta(hours=9)
    time_passes(minutes=15)
    news, code = amina.reads()[heard:]
    assert "Upendo" in news
    assert "Wed 25 Nov 15:00" in news
    assert "Upendo has a new code" in code
    assert not {"Tumaini", "Clinic"} & set((news + code).replace(":", " ").split())


def test_a_reminder_that_waits_tells_no_place_once_texts_may_not(
    amina: Phone, group: Group, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    amina.dials(None, "6", "3", "2")
    amina.dials(None, "6")
    amina.picks("Hours for texts", "8-18")
    changes(service, group, tells_place=True)
    with service.database.transaction() as session:
        meetings.plan(session, session.get_one(Group, group.id), datetime(2026, 11, 24, 20), "Clinic", service.now())
    clock.time = datetime(2026, 11, 23, 17, 30, tzinfo=UTC)
    time_passes(minutes=1)
    changes(service, group, tells_place=False, name="Upendo")
    clock.time = datetime(2026, 11, 24, 5, 15, tzinfo=UTC)
    heard = len(amina.inbox)
    time_passes(minutes=1)
    (said,) = amina.reads()[heard:]
    assert "Upendo" in said
    assert "Clinic" not in said


def test_a_decision_that_waits_names_the_group_by_its_new_name(
    amina: Phone, group: Group, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    amina.dials(None, "6", "3", "2")
    with service.database.transaction() as session:
        other = groups.create(session, "Mwanga", "Africa/Nairobi", service.now(), code="4800")
        other.by_approval = True
    amina.texts("JOIN 4800")
    clock.time = NIGHT
    with service.database.transaction() as session:
        found = session.get_one(Group, other.id)
        (request,) = join_requests.open_requests(session, found.id, service.now())
        join_requests.decide(session, found, request.id, True, service.now(), DIAL, by=None)
    changes(service, other, name="Upendo")
    clock.time = NIGHT + timedelta(hours=9)
    time_passes(minutes=15)
    amina.hears("You're in Upendo now")


def test_an_invitation_that_waits_says_the_name_that_is_so(
    amina: Phone, group: Group, service: Service, clock: Clock, time_passes: Passes
) -> None:
    clock.time = NIGHT
    with service.database.transaction() as session:
        found = session.get_one(Group, group.id)
        found.invites_by_name = True
        invitations.invite(session, found, [amina.number], "en", service.now())
    with service.database.transaction() as session:
        invitations.send_due(session, service.now(), DIAL)
    changes(service, group, name="Upendo")
    clock.time = NIGHT + timedelta(hours=9)
    time_passes(minutes=15)
    amina.hears("invited to join Upendo")


def test_of_two_codes_in_a_night_the_one_that_people_know_still_works(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    clock.time = NIGHT
    for code in ("4600", "4700"):
        changes(service, group, code=code)
    clock.time = NIGHT + timedelta(hours=9)
    time_passes(minutes=15)
    amina.hears("*384*77*4700#. The old one still works")
    juma.texts("JOIN 4521")
    juma.hears("You've joined Tumaini")
    changes(service, group, code="4800")
    amina.hears("*384*77*4800#. The old one still works")
    juma.texts("STOP 4700")
    juma.hears("You have left Tumaini")


def test_a_group_that_closed_at_night_lets_nobody_in_and_has_no_new_code_in_the_morning(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    joins(juma)
    changes(service, group, by_approval=True)
    amina.texts("STOP 4521")
    amina.texts("JOIN 4521")
    clock.time = NIGHT
    with service.database.transaction() as session:
        found = session.get_one(Group, group.id)
        (request,) = join_requests.open_requests(session, found.id, service.now())
        join_requests.decide(session, found, request.id, True, service.now(), DIAL, by=None)
    changes(service, group, code="4600")
    with service.database.transaction() as session:
        group_closing.close(session, session.get_one(Group, group.id), service.now(), DIAL)
    heard = len(juma.reads()), len(amina.reads())
    clock.time = NIGHT + timedelta(hours=9)
    time_passes(minutes=15)
    assert juma.reads()[heard[0] :] == []
    (said,) = amina.reads()[heard[1] :]
    assert "has closed" in said


def test_a_zone_that_waits_to_be_told_is_not_told_once_there_is_another_and_no_meeting(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    clock.time = NIGHT
    goes_by(service, group, "Africa/Lagos")
    with service.database.transaction() as session:
        meetings.cancel(session, session.get_one(Meeting, meeting.id), service.now(), DIAL)
    goes_by(service, group, SOUTH)
    heard = len(amina.reads())
    clock.time = NIGHT + timedelta(hours=12)
    time_passes(minutes=15)
    assert ["Lagos" in said for said in amina.reads()[heard:]] == [False]


def test_meetings_of_two_keep_their_local_time_too(amina: Phone, juma: Phone, group: Group, service: Service) -> None:
    walk_together(service, amina, juma, group_id=group.id)
    with service.database.transaction() as session:
        match = session.scalars(select(Match)).one()
        start = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)  # three in the afternoon
        meeting = MatchMeeting(match_id=match.id, starts_at=start, by_supporter=True, state=MeetingState.AGREED)
        session.add(meeting)
    goes_by(service, group, SOUTH)
    with service.database.reading() as session:
        found = session.scalars(select(MatchMeeting)).one()
        assert f"{match_meetings.local_start(found):%a %H:%M}" == "Tue 15:00"
        assert found.starts_at == start + timedelta(hours=1)


def moves(service: Service, meeting: Meeting, hour: int) -> None:
    with service.database.transaction() as session:
        local = datetime(2026, 11, 25, hour)
        change_notices.move_meeting(session, session.get_one(Meeting, meeting.id), local, service.now(), DIAL)


def the_morning(clock: Clock, time_passes: Passes) -> None:
    clock.time = NIGHT + timedelta(hours=12)
    time_passes(minutes=15)


def test_the_news_of_another_zone_names_the_next_date_as_it_is_by_morning(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    clock.time = NIGHT
    moves(service, meeting, 15)
    goes_by(service, group, SOUTH)
    moves(service, meeting, 14)
    the_morning(clock, time_passes)
    amina.hears("those of Johannesburg. Next: Wed 25 Nov 14:00.")


def test_the_news_of_another_zone_names_no_date_that_was_cancelled(
    amina: Phone, group: Group, meeting: Meeting, service: Service, clock: Clock, time_passes: Passes
) -> None:
    joins(amina)
    clock.time = NIGHT
    goes_by(service, group, SOUTH)
    with service.database.transaction() as session:
        meetings.cancel(session, session.get_one(Meeting, meeting.id), service.now(), DIAL)
    heard = len(amina.inbox)
    the_morning(clock, time_passes)
    (said,) = amina.reads()[heard:]
    assert said.startswith("Cancelled: Wed 25 Nov 14:00")


def test_a_series_with_a_zone_of_its_own_is_told_in_the_time_of_the_group(
    amina: Phone, group: Group, service: Service, clock: Clock, time_passes: Passes
) -> None:
    """Its dates stay when the group goes by another zone, so their local time is another."""
    joins(amina)
    one = begins(service, group, replace(FRIDAYS, zone="Africa/Lagos", until=date(2026, 11, 30)))
    clock.time = NIGHT
    changes_series(service, one, place="Church")
    goes_by(service, group, SOUTH)
    heard = len(amina.inbox)
    the_morning(clock, time_passes)
    assert [said.partition(".")[0] for said in amina.reads()[heard:]] == [
        "New place: Fri 27 Nov 16:00",
        "Times are now those of Johannesburg",
    ]
    clock.time = NIGHT + timedelta(days=1)
    changes_series(service, one, place="School")
    goes_by(service, group, "Africa/Nairobi")
    changes_series(service, one, place="Church")
    heard = len(amina.inbox)
    clock.time += timedelta(hours=12)
    time_passes(minutes=15)
    assert [said for said in amina.reads()[heard:] if said.startswith(("Changed", "New place"))] == []


def test_who_was_let_in_and_who_asked_read_no_closing_of_a_group_that_is_open_again(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock, time_passes: Passes
) -> None:
    changes(service, group, by_approval=True)
    for person in (amina, juma):
        person.texts("JOIN 4521")
    clock.time = NIGHT
    with service.database.transaction() as session:
        found, now = session.get_one(Group, group.id), service.now()
        first = join_requests.open_requests(session, found.id, now)[0]
        join_requests.decide(session, found, first.id, True, now, DIAL, by=None)
        group_closing.close(session, found, now, DIAL)
        group_closing.reopen(session, found, now, DIAL)
    the_morning(clock, time_passes)
    amina.hears("The group you asked for has let you in.")
    juma.hears("The group you asked for did not answer. To ask again")


@pytest.mark.parametrize("wish", ["renamed", "private"])
def test_what_a_worker_has_in_hand_says_what_is_so_when_it_is_tried_again(
    wish: str, group: Group, meeting: Meeting, service: Service, clock: Clock
) -> None:
    outbox = Outbox(service)
    member = outbox.member(group)
    outbox.changes(member, discreet=False)
    with service.database.transaction() as session:
        found = session.get_one(Meeting, meeting.id)
        change_notices.update_meeting(session, found, service.now(), DIAL, place="Church")
    clock.time = datetime(2026, 11, 24, 12, tzinfo=UTC)
    with service.database.transaction() as session:
        reminders.queue_due_reminders(session, service.now(), DIAL)
    in_hand = outbox.claims()
    assert {text.kind for text in in_hand} == {MessageKind.REMINDER, MessageKind.MEETING_NEWS}
    assert all("Tumaini" in text.words for text in in_hand)
    if wish == "renamed":
        changes(service, group, name="Upendo")
    else:
        with service.database.transaction() as session:
            private_texts.switch(session, session.get_one(Member, member.id), True, service.now(), DIAL)
    outbox.records(in_hand, Verdict.RETRY)
    clock.time += timedelta(minutes=5)
    again = outbox.claims()
    assert len(again) == len(in_hand)
    assert not [text.words for text in again if "Tumaini" in text.words]
    assert [("Upendo" in text.words) for text in again] == [wish == "renamed"] * 2
