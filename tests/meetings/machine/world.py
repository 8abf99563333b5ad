"""Two groups in two time zones, their dates and members, and what each phone knows of each date."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from hypothesis.stateful import initialize
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.groups import groups
from smsgate.meetings import meetings, series
from smsgate.meetings.series import SeriesSettings
from smsgate.models import Group, Meeting, Member, Membership, Phone, Role, RoleAssignment, Series
from tests.support.state_machines import Machine

DIAL = "*384*77#"
ZONES = ("Africa/Nairobi", "Africa/Lagos")
NAMES = ("Tumaini", "Upendo", "Amani", "Furaha")
PLACES = ("Hall", "Church", "School")


class Date(NamedTuple):
    """A date as somebody knows it: its local start, None once it is cancelled, and its place."""

    start: datetime | None
    place: str


@dataclass
class Person:
    """A member, by the ids of their rows."""

    phone: int
    member: int
    groups: set[int]
    may_get: bool = True  # texts of groups
    discreet: bool = True
    hours: tuple[time, time] | None = None
    said_no: set[int] = field(default_factory=set)


class World(Machine):
    """What is so, and what each phone has read; acts are up to the layers above."""

    @initialize()
    def begin(self) -> None:
        self.in_calls: list[Any] = []
        with self.service.database.transaction() as session:
            made = [self._makes(session, *one) for one in zip(NAMES, ("4521", "7001"), ZONES, strict=False)]
        self.groups = [group.id for group in made]
        self.known: dict[tuple[int, int], Date | None] = {}  # by phone and meeting; None: nobody can tell
        self.people = [
            self.joins({0}),
            self.joins({0, 1}, discreet=False),
            self.joins({0}, hours=(time(9), time(18))),
            self.joins({0, 1}, wants_reminders=False),
            self.joins({1}, discreet=False),
        ]
        self.leaders = [self._leads(phone, group) for group in self.groups for phone in (0, 1)]
        self.learns_of_new_dates()

    def _makes(self, session: Session, name: str, code: str, zone: str) -> Group:
        now = self.service.now()
        group = groups.create(session, name, zone, now, code=code, tells_place=True)
        meetings.plan(session, group, datetime(2026, 11, 25, 14), PLACES[0], now)
        weekly = SeriesSettings(
            rule="FREQ=WEEKLY;BYDAY=TH", at=time(15), zone=ZONES[0], place=PLACES[0], until=date(2026, 12, 11)
        )
        series.add_series(session, group, weekly, now)
        return group

    def joins(
        self, own: set[int], *, hours: tuple[time, time] | None = None, wants_reminders: bool = True, **more: Any
    ) -> Person:
        now = self.service.now() - timedelta(days=1)
        phone, (start, end) = self.outbox.phone(), hours or (None, None)
        wishes = {"reminders": wants_reminders, "texts_from": start, "texts_until": end, **more}
        member = self.outbox.adds(Member(phone_id=phone.id, joined_at=now, **wishes))
        for one in own:
            self.outbox.adds(Membership(member_id=member.id, group_id=self.groups[one], joined_at=now))
        return Person(phone.id, member.id, own, hours=hours, **more)

    def _leads(self, _place: int, group: int) -> int:
        now, phone = self.service.now(), self.outbox.phone()
        role = RoleAssignment(
            group_id=group, phone_id=phone.id, role=Role.FACILITATOR, since=now, until=now + timedelta(days=300)
        )  # fmt: skip
        self.outbox.adds(role)
        return phone.id

    def everything(self, session: Session) -> list[Meeting]:
        return list(session.scalars(select(Meeting).order_by(Meeting.id)))

    def is_now(self, meeting: Meeting) -> Date:
        start = meetings.local_start(meeting).replace(tzinfo=None)
        return Date(None if meeting.cancelled_at else start, meeting.place or "")

    def learns_of_new_dates(self) -> None:
        """Whoever dials reads of dates that are new: news tells only of what changes."""
        with self.service.database.reading() as session:
            for meeting in self.everything(session):
                for person in self.people:
                    self.known.setdefault((person.phone, meeting.id), self.is_now(meeting))

    def sees_all(self, person: Person, *, sure: bool = True) -> None:
        """Somebody dials and reads what is so; `sure` False: nobody can tell what they know by now."""
        with self.service.database.reading() as session:
            for meeting in self.everything(session):
                self.known[person.phone, meeting.id] = self.is_now(meeting) if sure else None

    def place_of(self, group_id: int) -> int:
        return self.groups.index(group_id)

    def one_date(self, session: Session, which: int, group: int) -> Meeting | None:
        """Return one of the next dates of a group that can be changed."""
        now = self.service.now()
        to_come = (Meeting.group_id == self.groups[group], Meeting.cancelled_at.is_(None), Meeting.starts_at > now)
        rows = session.scalars(select(Meeting).where(*to_come).order_by(Meeting.starts_at).limit(3)).all()
        return rows[which % len(rows)] if rows else None

    def own_series(self, session: Session, group: int) -> Series | None:
        running = (Series.group_id == self.groups[group], Series.ended_at.is_(None))
        return session.scalars(select(Series).where(*running).limit(1)).first()

    def local(self, moment: datetime, group: Group) -> datetime:
        return moment.astimezone(ZoneInfo(group.zone)).replace(tzinfo=None)

    def phone_row(self, session: Session, person: Person) -> Phone:
        return session.get_one(Phone, person.phone)
