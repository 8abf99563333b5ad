"""A year of reminders: 200 groups in four time zones, every clock change, and restarts in between.

Dates are moved and cancelled, members choose other times and hours, and the scheduler stops for hours. The test works
out when each reminder is due from local wall-clock times, independently of the service's own calculation.

The whole year takes more than a minute and runs at night (`--whole-year`, `make nightly`). By day seven weeks are
enough: in them clocks go forward in Toronto and Paris, and back in Santiago.
"""

from __future__ import annotations

import random
from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from smsgate.core.errors import Invalid
from smsgate.core.i18n import say_when
from smsgate.groups import groups
from smsgate.meetings import change_notices, meetings, occurrences, reminders, series
from smsgate.meetings.series import SeriesSettings
from smsgate.members import members, preferences
from smsgate.models import Group, Lane, Meeting, Member, Message, MessageKind, MessageStatus, lookup
from smsgate.service import Service, wire
from smsgate.workers import drain
from tests.support.people import Clock
from tests.support.series import TIMES, WEEKDAYS, ZONES, moment
from tests.support.waiting import PATIENT

HOUR = timedelta(hours=1)
SPRING, WEEKS = datetime(2027, 2, 22, 6, 0, tzinfo=UTC), timedelta(weeks=7)
CHOICES: tuple[str | None, ...] = (None, None, None, "2h", "3d 5h", "")
GROUPS_HAVE = ("1d 2h", "1d 2h", "2d 3h", "7d 1d 4h", "")
HOURS: tuple[tuple[time, time] | None, ...] = (None, None, (time(7), time(20)), (time(17), time(22)))
NIGHTS: tuple[tuple[time, time] | None, ...] = ((time(21), time(7)), (time(22), time(6, 30)), None)
MONTHLY = ("FREQ=MONTHLY;BYDAY=-1{}", "FREQ=MONTHLY;BYDAY=2{}", "FREQ=MONTHLY;BYDAY=3{}")
RULES = ("FREQ=WEEKLY;BYDAY={}", "FREQ=WEEKLY;INTERVAL=2;BYDAY={}", *2 * MONTHLY)


@dataclass
class Known:
    """A value and its history, newest last."""

    since: list[datetime] = field(default_factory=list)
    what: list[object] = field(default_factory=list)

    def becomes(self, at: datetime, what: object) -> None:
        """Set the value from this time on."""
        self.since.append(at)
        self.what.append(what)

    def at(self, moment: datetime) -> object:
        """Return the value at a moment; a change at that very moment does not count yet."""
        return self.what[max(0, bisect_left(self.since, moment) - 1)]

    def steady(self, start: datetime, end: datetime) -> bool:
        """Return whether the value stayed the same between two times."""
        return not any(start <= one <= end for one in self.since)


@dataclass
class World:
    """The service, and what the test itself knows about the people in it."""

    service: Service
    clock: Clock
    lasts: timedelta
    luck: random.Random = field(default_factory=lambda: random.Random(11))
    zones: dict[int, ZoneInfo] = field(default_factory=dict)
    nights: dict[int, tuple[time, time] | None] = field(default_factory=dict)
    has: dict[int, Known] = field(default_factory=lambda: defaultdict(Known))  # a group's reminder times
    starts: dict[int, Known] = field(default_factory=lambda: defaultdict(Known))  # a meeting's, None if cancelled
    wants: dict[tuple[int, int], Known] = field(default_factory=lambda: defaultdict(Known))  # by phone and group
    hours: dict[int, tuple[time, time] | None] = field(default_factory=dict)  # by phone
    rounds: list[datetime] = field(default_factory=list)

    def moves_in(self) -> None:
        """Create 200 groups, each with a series and one or two members."""
        with self.service.database.transaction() as session:
            for number in range(200):
                zone = ZONES[number % 4]
                group = groups.create(session, f"Group {number}", zone, self.clock.time)
                night = NIGHTS[number % 3]
                groups.set_quiet_hours(session, group, night, self.clock.time)
                groups.set_reminder_times(session, group, self.luck.choice(GROUPS_HAVE), self.clock.time)
                self.zones[group.id], self.nights[group.id] = ZoneInfo(zone), night
                self.has[group.id].becomes(self.clock.time, group.reminders)
                rule = RULES[number // 4 % len(RULES)].format(self.luck.choice(WEEKDAYS))
                series.add_series(
                    session, group, SeriesSettings(rule=rule, at=self.luck.choice(TIMES), zone=zone), self.clock.time
                )
                for one in range(2 if number % 3 == 0 else 1):
                    self._joins(group, number * 2 + one, session)

    def _joins(self, group: Group, number: int, session) -> None:  # type: ignore[no-untyped-def]
        holder = lookup.ensure_phone(session, f"+254711{number:06d}", self.clock.time)
        member = members.join(session, holder, "en", self.clock.time)
        groups.join(session, member, group.id, self.clock.time)
        choice, hours = self.luck.choice(CHOICES), self.luck.choice(HOURS)
        preferences.set_reminders(session, member, group.id, choice, self.clock.time)
        member.texts_from, member.texts_until = hours or (None, None)
        self.hours[holder.id] = hours
        self.wants[holder.id, group.id].becomes(self.clock.time, choice)

    def round(self) -> None:
        """Run what the scheduler and the worker do about reminders."""
        now = self.clock.time
        with self.service.database.transaction() as session:
            if not self.rounds or self.rounds[-1].date() != now.date():
                occurrences.plan_ahead(session, now)
            queued = reminders.queue_due_reminders(session, now, "*384*77#")
        if queued or self.luck.random() < 0.2:  # held messages come due by themselves
            drain.use(self.service)
            drain.drain(Lane.NORMAL)
        self.rounds.append(now)

    def something_changes(self) -> None:
        """Move or cancel a date, or let a member or group choose other times."""
        now = self.clock.time
        with self.service.database.transaction() as session:
            soon = (Meeting.starts_at > now, Meeting.starts_at < now + 8 * 24 * HOUR, Meeting.cancelled_at.is_(None))
            found = list(session.scalars(select(Meeting).where(*soon).order_by(Meeting.id)))
            match self.luck.randrange(4):
                case 0 if found:
                    self._was(one := self.luck.choice(found))
                    meetings.cancel(session, one, now, "*384*77#")
                    self.starts[one.id].becomes(now, None)
                case 1 if found:
                    self._moves(session, self.luck.choice(found))
                case 2:
                    phone_id, group_id = self.luck.choice(list(self.wants))
                    member = session.scalars(select(Member).where(Member.phone_id == phone_id)).one()
                    preferences.set_reminders(session, member, group_id, choice := self.luck.choice(CHOICES), now)
                    self.wants[phone_id, group_id].becomes(now, choice)
                case 3:
                    group = session.get_one(Group, self.luck.choice(list(self.zones)))
                    groups.set_reminder_times(session, group, self.luck.choice(GROUPS_HAVE), now)
                    self.has[group.id].becomes(now, group.reminders)

    def _was(self, one: Meeting) -> None:
        if one.id not in self.starts:
            self.starts[one.id].becomes(one.created_at, one.starts_at)

    def _moves(self, session, one: Meeting) -> None:  # type: ignore[no-untyped-def]
        self._was(one)
        local = meetings.local_start(one).replace(tzinfo=None) + self.luck.choice((-3, 2, 26)) * HOUR
        try:
            change_notices.move_meeting(session, one, local, self.clock.time, "*384*77#")
        except Invalid:
            return
        self.starts[one.id].becomes(self.clock.time, one.starts_at)

    def times_for(self, phone_id: int, group_id: int, at: datetime) -> object:
        """Return the reminder times that a member had in a group at that time."""
        own = self.wants[phone_id, group_id].at(at)
        return self.has[group_id].at(at) if own is None else own

    def is_quiet(self, phone_id: int, group_id: int, at: datetime) -> bool:
        """Return whether, by local time, it is the group's night or outside the member's hours."""
        wall, night, hours = at.astimezone(self.zones[group_id]).time(), self.nights[group_id], self.hours[phone_id]
        asleep = night is not None and (wall >= night[0] or wall < night[1])
        return asleep or (hours is not None and not hours[0] <= wall < hours[1])


@pytest.fixture
def world(service: Service, clock: Clock, request: pytest.FixtureRequest) -> Iterator[World]:
    if request.config.getoption("whole_year"):
        made = World(service, clock, timedelta(days=365))
    else:
        clock.time, made = SPRING, World(service, clock, WEEKS)
    made.moves_in()
    end = clock.time + made.lasts
    while clock.time < end:
        gap = made.luck.choice((1.5, 2, 2.5, 3)) if made.luck.random() > 0.01 else made.luck.uniform(3, 30)
        clock.time += gap * HOUR
        if made.luck.random() < 0.02:  # a restart
            made.service.close()
            made.service = wire(service.settings, now=clock.now, limits=PATIENT)
        if made.luck.random() < 0.05:
            made.something_changes()
            clock.time += timedelta(seconds=1)
        made.round()
    yield made
    made.service.close()


def due(world: World, meeting: Meeting, before: str) -> datetime:
    """Return when a reminder should come if there were no quiet hours."""
    zone = world.zones[meeting.group_id]
    if before[-1] == "h":
        return meeting.starts_at - int(before[:-1]) * HOUR
    wall = meeting.starts_at.astimezone(zone)
    return moment(wall.date() - timedelta(days=int(before[:-1])), wall.time(), zone)


@pytest.mark.by_night
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_never_late_never_twice_never_for_what_was_cancelled(world: World) -> None:
    with world.service.database.reading() as session:
        sent = session.scalars(
            select(Message).where(Message.kind == MessageKind.REMINDER, Message.sent_at.is_not(None))
        ).all()
        all_of_them = session.scalars(select(Message).where(Message.kind == MessageKind.REMINDER)).all()
        planned = {one.id: one for one in session.scalars(select(Meeting))}
    for one in sent:
        assert one.sent_at
        assert one.meeting_id
        assert one.group_id
        changed = world.starts.get(one.meeting_id)
        start = changed.at(one.sent_at) if changed else planned[one.meeting_id].starts_at
        assert isinstance(start, datetime), "cancelled"
        assert one.sent_at < start
        assert not world.is_quiet(one.phone_id, one.group_id, one.sent_at)
        assert world.times_for(one.phone_id, one.group_id, one.sent_at) != ""
        assert say_when(start.astimezone(world.zones[one.group_id])) in (one.words or "")
    assert len(sent) > 11 * world.lasts.days
    assert {one.state for one in all_of_them} <= {
        MessageStatus.SENT,
        MessageStatus.TOO_LATE,
        MessageStatus.WITHDRAWN,
        MessageStatus.WAITING,
    }
    assert len({(one.phone_id, one.key) for one in sent}) == len(sent)
    _each_once(world, sent, planned)


def _each_once(world: World, sent: Sequence[Message], planned: dict[int, Meeting]) -> None:
    """Check that each reminder due outside quiet hours came once, within the hour, and that nothing else came."""
    got: dict[tuple[int, int], list[datetime]] = defaultdict(list)
    for one in sent:
        got[one.phone_id, one.meeting_id or 0].append(one.sent_at or one.due_at)
    plain = Counter[bool]()
    for meeting in planned.values():
        if meeting.id in world.starts or not world.rounds[0] + 15 * 24 * HOUR < meeting.starts_at < world.rounds[-1]:
            continue
        for phone_id, group_id in world.wants:
            if group_id == meeting.group_id:
                _holds(world, meeting, phone_id, got[phone_id, meeting.id], plain)
    assert plain[True] > 2.75 * world.lasts.days


def _holds(world: World, meeting: Meeting, phone_id: int, got: list[datetime], plain: Counter[bool]) -> None:
    group_id, start = meeting.group_id, meeting.starts_at
    fortnight = start - 15 * 24 * HOUR, start
    if not (world.has[group_id].steady(*fortnight) and world.wants[phone_id, group_id].steady(*fortnight)):
        return
    steps = [due(world, meeting, before) for before in str(world.times_for(phone_id, group_id, start)).split()]
    assert len(got) <= len(steps), (meeting.id, got)
    for step in steps:
        following = world.rounds[bisect_left(world.rounds, step)]
        too_late = min([one - HOUR for one in steps if one > step], default=start)
        is_plain = following < min(step + 3 * HOUR, too_late) and not any(
            world.is_quiet(phone_id, group_id, step + minutes * timedelta(minutes=1)) for minutes in range(0, 300, 10)
        )
        plain[is_plain] += 1
        if is_plain:
            assert len([one for one in got if step <= one < step + 5 * HOUR]) == 1, (meeting.id, step, got)
