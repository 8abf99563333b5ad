"""Quiet hours: what can wait does, help texts never do, and nothing is lost, late or sent all at once as a result."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask.testing import FlaskClient
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from prometheus_client.utils import floatToGoString

from smsgate.core.errors import Invalid
from smsgate.gateways import Verdict
from smsgate.groups import groups
from smsgate.meetings import meetings
from smsgate.models import Group, Lane, Meeting, Membership, Message, MessageKind, MessageStatus
from smsgate.notices import notices
from smsgate.outbox import kill_switches
from smsgate.outbox.claims import Claimed
from smsgate.outbox.quiet_hours import RELEASE_SPREAD, Hours
from smsgate.service import Service
from smsgate.workers import scheduler
from tests.support.outbox import Outbox
from tests.support.people import Clock, Phone, passes, work
from tests.support.stories import agrees, joins

NAIROBI, TORONTO = ZoneInfo("Africa/Nairobi"), ZoneInfo("America/Toronto")
CODE = "*384*77#"


def at(clock: Clock, *local: int, zone: ZoneInfo = NAIROBI) -> None:
    """Set the clock to this local time in `zone`."""
    clock.time = datetime(*local, tzinfo=zone).astimezone(UTC)  # type: ignore[misc, arg-type]


def announces(service: Service, group: Group, words: str = "Bring a cup") -> None:
    with service.database.transaction() as session:
        notices.send(session, session.get_one(Group, group.id), words, service.now())


def plans(service: Service, group: Group, *local: int) -> Meeting:
    with service.database.transaction() as session:
        found = session.get_one(Group, group.id)
        return meetings.plan(session, found, datetime(*local), None, service.now())  # type: ignore[arg-type]


def cancels(service: Service, meeting: Meeting) -> None:
    with service.database.transaction() as session:
        meetings.cancel(session, session.get_one(Meeting, meeting.id), service.now(), CODE)


def silence(service: Service, group: Group, hours: tuple[time, time] | None) -> None:
    with service.database.transaction() as session:
        groups.set_quiet_hours(session, session.get_one(Group, group.id), hours, service.now())


def of_kind(service: Service, kind: MessageKind) -> list[Message]:
    with service.database.reading() as session:
        return [one for one in session.query(Message).order_by(Message.id) if one.kind is kind]


def test_a_notice_of_the_night_comes_in_the_morning(amina: Phone, group: Group, service: Service, clock: Clock) -> None:
    joins(amina)
    at(clock, 2026, 11, 23, 22, 0)
    announces(service, group)
    amina.hears_nothing_new()
    (held,) = of_kind(service, MessageKind.NOTICE)
    morning = datetime(2026, 11, 24, 7, 0, tzinfo=NAIROBI)
    assert (held.state, held.reason) == (MessageStatus.WAITING, "QuietHours")
    assert morning <= held.due_at <= morning + RELEASE_SPREAD
    at(clock, 2026, 11, 24, 6, 59)
    passes(service, clock)
    amina.hears_nothing_new()
    at(clock, 2026, 11, 24, 7, 10)
    passes(service, clock)
    amina.hears("Bring a cup")
    assert of_kind(service, MessageKind.NOTICE)[0].reason is None


def test_a_notice_that_is_leaving_when_the_night_comes_leaves_no_further(
    amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    at(clock, 2026, 11, 23, 20, 59)
    announces(service, group)
    at(clock, 2026, 11, 23, 21, 0)
    amina.hears_nothing_new()


def test_help_answers_and_confirmations_never_wait(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    at(clock, 2026, 11, 23, 23, 30)
    agrees(amina, juma, "Juma")  # the invitation and the thanks are both sent
    amina.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    juma.texts("1")
    amina.hears("Juma is helping.")
    assert "You'll get no more texts" in amina.texts("STOP")


@pytest.mark.parametrize(
    ("starts", "waits"),
    [
        pytest.param((2026, 11, 24, 14, 0), True, id="in the afternoon"),
        pytest.param((2026, 11, 24, 8, 10), True, id="an hour after the last may leave"),
        pytest.param((2026, 11, 24, 8, 9), False, id="a minute earlier"),
        pytest.param((2026, 11, 24, 5, 0), False, id="before dawn"),
        pytest.param((2026, 11, 23, 23, 0), False, id="tonight"),
    ],
)
def test_nobody_sets_out_for_a_meeting_that_was_cancelled_at_night(
    starts: tuple[int, ...], waits: bool, amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    meeting = plans(service, group, *starts)
    at(clock, 2026, 11, 23, 22, 0)
    cancels(service, meeting)
    if waits:
        amina.hears_nothing_new()
        at(clock, 2026, 11, 24, 7, 10)
        passes(service, clock)
    amina.hears("Cancelled")


REMINDED = {  # with a scheduler run at half past every hour
    (25, 14, 0): ["24 14:30", "25 12:30"],
    (25, 9, 0): ["24 09:30", "25 07:30"],
    (25, 8, 30): ["24 08:30", "25 07:30"],  # held until morning, still in time
    (25, 8, 0): ["24 08:30", "24 20:30"],  # too late in the morning, so the evening before
    (25, 5, 0): ["24 07:30", "24 20:30"],
    (25, 22, 0): ["25 07:30", "25 20:30"],
    (25, 23, 0): ["25 07:30", "25 20:30"],
}


@pytest.mark.by_night
def test_reminders_come_when_they_are_of_use_and_people_are_awake(group: Group, service: Service, clock: Clock) -> None:
    Outbox(service).member(group)
    starts = {plans(service, group, 2026, 11, *start).id: start for start in REMINDED}
    at(clock, 2026, 11, 24, 0, 30)
    while clock.time < datetime(2026, 11, 25, 23, 0, tzinfo=NAIROBI):
        passes(service, clock, hours=1)
    heard: dict[tuple[int, int, int], list[str]] = {}
    for one in of_kind(service, MessageKind.REMINDER):
        assert one.sent_at
        heard.setdefault(starts[one.meeting_id or 0], []).append(f"{one.sent_at.astimezone(NAIROBI):%d %H:%M}")
    assert heard == REMINDED


def test_what_the_evening_missed_does_not_come_at_night(
    amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    plans(service, group, 2026, 11, 25, 7, 30)
    at(clock, 2026, 11, 24, 7, 30)
    passes(service, clock)
    assert len(amina.reads()) == 1
    at(clock, 2026, 11, 24, 19, 50)
    passes(service, clock)
    at(clock, 2026, 11, 24, 21, 5)  # nothing ran meanwhile
    passes(service, clock)
    amina.hears_nothing_new()
    assert [one.state for one in of_kind(service, MessageKind.REMINDER)] == [MessageStatus.SENT, MessageStatus.TOO_LATE]


def test_a_meeting_that_was_planned_late_reminds_once_in_the_evening(
    amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    at(clock, 2026, 11, 24, 20, 30)
    plans(service, group, 2026, 11, 25, 7, 30)
    passes(service, clock)
    assert len(amina.reads()) == 1


def test_a_reminder_that_met_the_night_on_its_way_waits_or_is_too_late(
    group: Group, service: Service, clock: Clock
) -> None:
    outbox = Outbox(service)
    at(clock, 2026, 11, 24, 20, 30)
    with service.database.transaction() as session:
        session.add(group)
    meeting, member = outbox.meeting(group, hours=2), outbox.member(group)
    other = outbox.meeting(group, hours=20)
    made = outbox.queues(*(
        outbox.draft(
            member.phone_id, kind=MessageKind.REMINDER, key=f"reminder:{one.id}:0:1d", group_id=group.id,
            meeting_moves=0, reminder="1d", meeting_id=one.id, expires_at=one.starts_at,
        )
        for one in (meeting, other)
    ))  # fmt: skip
    at(clock, 2026, 11, 24, 21, 0)
    work(service)
    assert [outbox.state(one) for one in made] == ["too_late", "waiting"]


def test_the_morning_is_no_burst(group: Group, service: Service, clock: Clock) -> None:
    outbox = Outbox(service)
    at(clock, 2026, 11, 23, 22, 0)
    for _ in range(24):
        outbox.member(group)
    announces(service, group)
    assert [outbox.claims(Lane.BULK, limit=2) for _ in range(12)] == [[]] * 12
    due = [one.due_at for one in of_kind(service, MessageKind.NOTICE)]
    morning = datetime(2026, 11, 24, 7, 0, tzinfo=NAIROBI)
    assert all(morning <= one <= morning + RELEASE_SPREAD for one in due)
    assert len(set(due)) > 12


def test_hours_that_change_hold_no_longer(amina: Phone, group: Group, service: Service, clock: Clock) -> None:
    joins(amina)
    at(clock, 2026, 11, 23, 22, 0)
    announces(service, group)
    amina.hears_nothing_new()
    silence(service, group, (time(22), time(8)))
    passes(service, clock)
    amina.hears_nothing_new()
    assert of_kind(service, MessageKind.NOTICE)[0].due_at >= datetime(2026, 11, 24, 8, 0, tzinfo=NAIROBI)
    silence(service, group, None)
    passes(service, clock)
    amina.hears("Bring a cup")


@pytest.mark.parametrize("hours", [(time(21), time(21)), (time(7), time(23, 1)), (time(9), time(8))])
def test_hours_without_a_day_between_them_are_refused(hours: tuple[time, time], group: Group, service: Service) -> None:
    with pytest.raises(Invalid, match="16 hours"):
        silence(service, group, hours)


@pytest.mark.parametrize(
    ("zone", "evening", "morning"),
    [
        pytest.param("America/Toronto", (2027, 3, 13), datetime(2027, 3, 14, 11, 0, tzinfo=UTC), id="spring"),
        pytest.param("America/Toronto", (2027, 11, 6), datetime(2027, 11, 7, 12, 0, tzinfo=UTC), id="autumn"),
        pytest.param("America/Toronto", (2027, 7, 1), datetime(2027, 7, 2, 11, 0, tzinfo=UTC), id="summer"),
        pytest.param("Africa/Nairobi", (2027, 3, 13), datetime(2027, 3, 14, 4, 0, tzinfo=UTC), id="no change"),
    ],
)
def test_the_morning_is_the_groups_own_when_clocks_change(
    zone: str, evening: tuple[int, int, int], morning: datetime, service: Service, clock: Clock
) -> None:
    with service.database.transaction() as session:
        group = groups.create(session, "Elsewhere", zone, service.now())
    outbox = Outbox(service)
    outbox.member(group)
    at(clock, *evening, 21, 0, zone=ZoneInfo(zone))
    announces(service, group)
    assert outbox.claims(Lane.BULK) == []
    (held,) = of_kind(service, MessageKind.NOTICE)
    assert morning <= held.due_at <= morning + RELEASE_SPREAD
    clock.time = morning + RELEASE_SPREAD
    assert len(outbox.claims(Lane.BULK)) == 1


# The days on which Toronto's clocks change, and ordinary ones.
MOMENTS = st.one_of(
    st.datetimes(datetime(2027, 3, 13), datetime(2027, 3, 15)),
    st.datetimes(datetime(2027, 11, 6), datetime(2027, 11, 8)),
    st.datetimes(datetime(2026, 1, 1), datetime(2028, 1, 1)),
)


@settings(deadline=None)
@example(datetime(2027, 11, 7, 6, 10), time(21), time(1, 30), TORONTO)  # 1:10 for the second time that night
@given(MOMENTS, st.times(), st.times(), st.sampled_from([TORONTO, NAIROBI]))
def test_quiet_hours_always_end(moment: datetime, start: time, end: time, zone: ZoneInfo) -> None:
    length = (datetime.combine(date.min, end) - datetime.combine(date.min, start)) % timedelta(days=1)
    assume(timedelta(0) < length <= groups.LONGEST_QUIET)
    now, hours = moment.replace(tzinfo=UTC), Hours(zone, start, end)
    over = hours.over(now)
    if over is None:
        return
    assert now < over <= now + length + timedelta(hours=1)
    assert hours.over(over) is None
    assert over - length - timedelta(hours=1) <= hours.began(now) <= now


def test_the_reminder_of_the_day_before_comes_at_the_same_time_of_the_day(service: Service, clock: Clock) -> None:
    with service.database.transaction() as session:
        group = groups.create(session, "Elsewhere", "America/Toronto", service.now())
    Outbox(service).member(group)
    plans(service, group, 2027, 3, 14, 14, 0)  # clocks go forward that night, so 24 hours before is 13:00
    at(clock, 2027, 3, 13, 13, 59, zone=TORONTO)
    passes(service, clock)
    assert of_kind(service, MessageKind.REMINDER) == []
    at(clock, 2027, 3, 13, 14, 0, zone=TORONTO)
    passes(service, clock)
    assert [one.state for one in of_kind(service, MessageKind.REMINDER)] == [MessageStatus.SENT]


def test_a_time_that_the_change_of_clocks_leaves_out_is_refused(service: Service) -> None:
    with service.database.transaction() as session:
        group = groups.create(session, "Elsewhere", "America/Toronto", service.now())
    with pytest.raises(Invalid, match="does not exist"):
        plans(service, group, 2027, 3, 14, 2, 30)
    twice = plans(service, group, 2027, 11, 7, 1, 30)
    assert twice.starts_at == datetime(2027, 11, 7, 5, 30, tzinfo=UTC)  # the first of the two 1:30s


def go_float(moment: datetime) -> str:
    return str(floatToGoString(moment.timestamp()))  # type: ignore[no-untyped-call]


def test_watchers_see_what_is_held_and_until_when(
    client: FlaskClient, amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    at(clock, 2026, 11, 23, 22, 0)
    announces(service, group)
    work(service)
    scheduler.run_scheduled_tasks(service)
    figures = client.get("/metrics", headers={"Authorization": f"Bearer {'m' * 20}"}).text
    assert 'smsgate_messages{lane="bulk",state="waiting"} 1.0' in figures
    assert 'smsgate_held_messages{lane="bulk"} 1.0' in figures
    (held,) = of_kind(service, MessageKind.NOTICE)
    assert f'smsgate_next_due_timestamp_seconds{{lane="bulk"}} {go_float(held.due_at)}' in figures
    last_round = re.search(r"^smsgate_clock_round_timestamp_seconds (\S+)", figures, re.MULTILINE)
    assert last_round
    assert clock.now().timestamp() - float(last_round[1]) == pytest.approx(0, abs=1)
    assert 'smsgate_oldest_waiting_seconds{lane="bulk"} 0.0' in figures


@pytest.mark.parametrize("after", [5, 200])
def test_a_correction_comes_after_what_it_corrects(
    amina: Phone, group: Group, service: Service, clock: Clock, after: int
) -> None:
    """Two notices are written at night, and one in the minutes in which the morning releases them."""
    joins(amina)
    at(clock, 2026, 11, 23, 22, 0)
    announces(service, group, "We meet at the church")
    passes(service, clock, minutes=5)
    announces(service, group, "Correction: we meet at the school")
    passes(service, clock, minutes=5)
    at(clock, 2026, 11, 24, 7, 0)
    passes(service, clock, seconds=after)
    announces(service, group, "And bring a cup")
    for _ in range(11):
        passes(service, clock, minutes=1)
    assert amina.receives()[-3:] == ["We meet at the church", "Correction: we meet at the school", "And bring a cup"]


def test_each_phone_has_its_minute_and_all_share_the_ten(group: Group, service: Service, clock: Clock) -> None:
    outbox = Outbox(service)
    at(clock, 2026, 11, 23, 22, 0)
    for _ in range(24):
        outbox.member(group)
    for words in ("One", "Two", "Three"):
        announces(service, group, words)
        while outbox.claims(Lane.BULK, limit=7) or any(
            one.due_at <= clock.time for one in of_kind(service, MessageKind.NOTICE)
        ):
            pass
    held = of_kind(service, MessageKind.NOTICE)
    assert len({(one.phone_id, one.due_at) for one in held}) == 24
    assert len({one.due_at for one in held}) > 12


def test_a_notice_that_waits_for_a_retry_is_not_overtaken(group: Group, service: Service, clock: Clock) -> None:
    outbox = Outbox(service)
    outbox.member(group)
    announces(service, group, "We meet at the church")
    first = outbox.claims(Lane.BULK)
    announces(service, group, "Correction: we meet at the school")
    assert outbox.claims(Lane.BULK) == [], "the first is being sent"
    outbox.records(first, Verdict.RETRY)
    clock.time += timedelta(seconds=10)
    assert outbox.claims(Lane.BULK) == []
    clock.time += timedelta(minutes=1)
    both = outbox.claims(Lane.BULK)
    assert [one.words for one in both] == ["We meet at the church"]
    outbox.records(both, Verdict.ACCEPTED, "one")
    clock.time += timedelta(minutes=1)
    assert [one.words for one in outbox.claims(Lane.BULK)] == ["Correction: we meet at the school"]


def test_news_of_a_meeting_comes_after_the_notice_before_it(group: Group, service: Service, clock: Clock) -> None:
    """Else the last text that somebody reads is "as planned", and the meeting is off."""
    outbox = Outbox(service)
    outbox.member(group)
    meeting = plans(service, group, 2026, 11, 26, 14, 0)
    announces(service, group, "Thursday as planned")
    cancels(service, meeting)
    assert outbox.claims(Lane.NORMAL) == [], "the notice is due"
    notice = outbox.claims(Lane.BULK)
    clock.time += timedelta(seconds=10)
    assert outbox.claims(Lane.NORMAL) == [], "the notice is being sent"
    outbox.records(notice, Verdict.RETRY)
    clock.time += timedelta(minutes=1)
    outbox.records(outbox.claims(Lane.BULK), Verdict.ACCEPTED, "one")
    clock.time += timedelta(seconds=10)
    assert [one.kind for one in outbox.claims(Lane.NORMAL)] == [MessageKind.MEETING_NEWS]


def test_news_waits_for_no_notice_that_is_stuck(group: Group, service: Service, clock: Clock) -> None:
    outbox = Outbox(service)
    outbox.member(group)
    meeting = plans(service, group, 2026, 11, 26, 14, 0)
    announces(service, group, "Thursday as planned")
    cancels(service, meeting)
    for _ in range(5):
        assert outbox.claims(Lane.NORMAL) == []
        clock.time += timedelta(minutes=2)
    assert [one.kind for one in outbox.claims(Lane.NORMAL)] == [MessageKind.MEETING_NEWS]


def test_news_waits_for_no_notice_that_fails_again_and_again(group: Group, service: Service, clock: Clock) -> None:
    outbox = Outbox(service)
    outbox.member(group)
    meeting = plans(service, group, 2026, 11, 26, 14, 0)
    announces(service, group, "Thursday as planned")
    cancels(service, meeting)
    waited, news = 0, list[Claimed]()
    while not news and waited < 60:
        outbox.records(outbox.claims(Lane.BULK), Verdict.RETRY)
        clock.time += timedelta(minutes=1)
        waited, news = waited + 1, outbox.claims(Lane.NORMAL)
    assert 5 < waited < 12


@pytest.mark.parametrize("hour", [9, 22])
def test_a_notice_comes_after_the_news_of_a_meeting_before_it(
    group: Group, service: Service, clock: Clock, hour: int
) -> None:
    """Else the last text that somebody reads is "cancelled", and they do meet."""
    at(clock, 2026, 11, 23, hour, 0)
    outbox = Outbox(service)
    outbox.member(group)
    cancels(service, plans(service, group, 2026, 11, 26, 14, 0))
    announces(service, group, "We meet after all, at the school")
    if hour == 22:
        assert outbox.claims(Lane.NORMAL) == outbox.claims(Lane.BULK) == []
        at(clock, 2026, 11, 24, 7, 10)
    assert outbox.claims(Lane.BULK) == [], "the news is due"
    news = outbox.claims(Lane.NORMAL)
    clock.time += timedelta(seconds=10)
    assert outbox.claims(Lane.BULK) == [], "the news is being sent"
    outbox.records(news, Verdict.RETRY)
    clock.time += timedelta(minutes=1)
    outbox.records(outbox.claims(Lane.NORMAL), Verdict.ACCEPTED, "one")
    clock.time += timedelta(seconds=10)
    assert [one.kind for one in outbox.claims(Lane.BULK)] == [MessageKind.NOTICE]


def test_a_notice_waits_for_no_news_that_is_stuck_or_of_another_group(
    group: Group, service: Service, clock: Clock
) -> None:
    outbox = Outbox(service)
    outbox.member(group)
    with service.database.transaction() as session:
        other = groups.create(session, "Other", "Africa/Nairobi", service.now(), code="8888")
        session.add(Membership(member_id=1, group_id=other.id, joined_at=service.now()))
    cancels(service, plans(service, group, 2026, 11, 26, 14, 0))
    announces(service, other, "Elsewhere")
    assert [one.words for one in outbox.claims(Lane.BULK)] == ["Elsewhere"]
    announces(service, group, "See you next week")
    for _ in range(5):
        assert outbox.claims(Lane.BULK) == []
        clock.time += timedelta(minutes=2)
    assert [one.words for one in outbox.claims(Lane.BULK)] == ["See you next week"]


@pytest.mark.parametrize("first", [Lane.NORMAL, Lane.BULK])
def test_after_a_standstill_of_everything_the_order_is_kept(
    group: Group, service: Service, clock: Clock, first: Lane
) -> None:
    outbox = Outbox(service)
    outbox.member(group)
    cancels(service, plans(service, group, 2026, 11, 26, 14, 0))
    announces(service, group, "On Friday all is as planned")
    cancels(service, plans(service, group, 2026, 11, 27, 14, 0))
    with service.database.transaction() as session:
        kill_switches.pause(session, None, service.now())
    clock.time += timedelta(hours=2)
    assert outbox.claims(Lane.NORMAL) == outbox.claims(Lane.BULK) == []
    with service.database.transaction() as session:
        kill_switches.resume(session, None, service.now())
    lanes, sent = [first, *({Lane.NORMAL, Lane.BULK} - {first})], list[str]()
    for _ in range(9):
        for lane in lanes:
            claimed = outbox.claims(lane)
            sent += [one.words for one in claimed]
            outbox.records(claimed, Verdict.ACCEPTED, f"id{len(sent)}")
        clock.time += timedelta(seconds=5)
    assert ["Thu" in sent[0], sent[1], "Fri" in sent[2]] == [True, "On Friday all is as planned", True]


def test_news_that_is_nearly_too_late_waits_for_no_notice(group: Group, service: Service, clock: Clock) -> None:
    outbox = Outbox(service)
    outbox.member(group)
    soon = clock.now().astimezone(NAIROBI) + timedelta(minutes=50)
    meeting = plans(service, group, soon.year, soon.month, soon.day, soon.hour, soon.minute)
    announces(service, group, "As planned")
    cancels(service, meeting)
    assert [one.kind for one in outbox.claims(Lane.NORMAL)] == [MessageKind.MEETING_NEWS]


def test_news_waits_for_no_later_notice_and_none_of_another_group(group: Group, service: Service, clock: Clock) -> None:
    outbox = Outbox(service)
    outbox.member(group)
    with service.database.transaction() as session:
        other = groups.create(session, "Other", "Africa/Nairobi", service.now(), code="8888")
    meeting = plans(service, group, 2026, 11, 26, 14, 0)
    announces(service, other, "Elsewhere")
    cancels(service, meeting)
    announces(service, group, "See you next week")
    assert [one.kind for one in outbox.claims(Lane.NORMAL)] == [MessageKind.MEETING_NEWS]
