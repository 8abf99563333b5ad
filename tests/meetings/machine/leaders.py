"""What leaders do: meetings, series, settings, notices, closing, roles."""

from __future__ import annotations

from dataclasses import replace
from datetime import time, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.errors import Invalid
from smsgate.groups import roles, settings
from smsgate.meetings import change_notices, meetings, series
from smsgate.models import Audience, Group, Meeting, Notice, NoticeStatus, RoleAssignment
from smsgate.notices import approval, group_changes, group_closing, notices
from smsgate.notices.notices import NoticeContent
from tests.meetings.machine.workers import Workers
from tests.meetings.machine.world import DIAL, NAMES, PLACES, ZONES

GROUP, WHICH = st.integers(0, 1), st.integers(0, 2)
HOUR, PLACE = st.sampled_from([13, 14, 15, 16]), st.sampled_from(PLACES)
CODES = ("4521", "5632", "6743", "7854")


class Leaders(Workers):
    """Leaders change what members know."""

    def changes_one(self, which: int, group: int, change: Any) -> None:
        with self.service.database.transaction() as session:
            meeting = self.one_date(session, which, group)
            if meeting is not None:
                try:
                    change(session, meeting, self.service.now())
                except Invalid:
                    session.rollback()

    @rule(which=WHICH, group=GROUP, hour=HOUR)
    def a_date_is_moved(self, which: int, group: int, hour: int) -> None:
        def move(session: Session, meeting: Meeting, now: Any) -> None:
            local = meetings.local_start(meeting).replace(tzinfo=None, hour=hour)
            change_notices.move_meeting(session, meeting, local, now, DIAL)

        self.changes_one(which, group, move)

    @rule(which=WHICH, group=GROUP, place=PLACE, hour=st.none() | HOUR)
    def a_date_is_elsewhere(self, which: int, group: int, place: str, hour: int | None) -> None:
        def change(session: Session, meeting: Meeting, now: Any) -> None:
            local = meetings.local_start(meeting).replace(tzinfo=None, hour=hour) if hour else None
            change_notices.update_meeting(session, meeting, now, DIAL, local=local, place=place)

        self.changes_one(which, group, change)

    @rule(which=WHICH, group=GROUP)
    def a_date_is_cancelled(self, which: int, group: int) -> None:
        self.changes_one(which, group, lambda session, meeting, now: meetings.cancel(session, meeting, now, DIAL))

    @rule(group=GROUP, hour=HOUR)
    def a_date_is_planned(self, group: int, hour: int) -> None:
        now = self.service.now()
        with self.service.database.transaction() as session:
            found = session.get_one(Group, self.groups[group])
            day = self.local(now, found).replace(hour=hour, minute=0, second=0, microsecond=0) + timedelta(days=2)
            if found.closed_at is None:
                meetings.plan(session, found, day, PLACES[0], now)
        self.learns_of_new_dates()

    @rule(group=GROUP, day=st.sampled_from(["TH", "FR", "TH,FR"]), hour=HOUR, place=PLACE)
    def the_series_changes(self, group: int, day: str, hour: int, place: str) -> None:
        """Days that are dropped and come back are on after all."""
        with self.service.database.transaction() as session:
            one = self.own_series(session, group)
            if one is not None:
                before, rule = series.settings_of(one), f"FREQ=WEEKLY;BYDAY={day}"
                wanted = replace(before, rule=rule, at=time(hour), place=place)
                series.change_series(session, one, wanted, self.service.now(), DIAL)
        self.learns_of_new_dates()

    @rule(group=GROUP, name=st.sampled_from(NAMES), code=st.sampled_from(CODES), tells=st.booleans())
    def the_group_is_renamed(self, group: int, name: str, code: str, tells: bool) -> None:
        def wanted(now: settings.GroupSettings) -> settings.GroupSettings:
            return replace(now, name=name, code=code, tells_place=tells)

        self.changes_settings(group, wanted)

    @rule(group=GROUP, zone=st.sampled_from(ZONES))
    def it_goes_by_another_zone(self, group: int, zone: str) -> None:
        before = self.own_starts(group)
        self.changes_settings(group, lambda now: replace(now, zone=zone))
        self.reads_the_new_zone(before, self.own_starts(group))

    def own_starts(self, group: int) -> dict[int, Any]:
        with self.service.database.reading() as session:
            own = [one for one in self.everything(session) if one.group_id == self.groups[group]]
            return {one.id: meetings.local_start(one).replace(tzinfo=None) for one in own}

    def reads_the_new_zone(self, before: dict[int, Any], after: dict[int, Any]) -> None:
        """Those who are told that times are others now know what it means for dates that do not move with the zone."""
        for (phone, one), known in self.known.items():
            if one in before and known and known.start and after[one] != before[one]:
                self.known[phone, one] = known._replace(start=known.start + (after[one] - before[one]))

    def changes_settings(self, group: int, change: Any) -> None:
        with self.service.database.transaction() as session:
            found, now = session.get_one(Group, self.groups[group]), self.service.now()
            try:
                group_changes.change_settings(session, found, change(settings.settings_of(found)), now, DIAL, by=None)
            except Invalid:
                session.rollback()

    @rule(group=GROUP)
    def the_group_is_closed_or_reopened(self, group: int) -> None:
        with self.service.database.transaction() as session:
            found, now = session.get_one(Group, self.groups[group]), self.service.now()
            if found.closed_at is None:
                group_closing.close(session, found, now, DIAL)
            else:
                group_closing.reopen(session, found, now, DIAL)

    @rule(leader=st.integers(0, 3), hours=st.sampled_from([None, None, 2, 12]), coming=st.booleans())
    def a_notice_is_sent(self, leader: int, hours: int | None, coming: bool) -> None:
        """The third in a day waits for another leader."""
        now = self.service.now()
        due = now + timedelta(hours=hours) if hours else None
        audience = Audience.COMING if coming else Audience.EVERYBODY
        content, group = NoticeContent("Bring tea", audience=audience, due_at=due), self.groups[leader // 2]
        with self.service.database.transaction() as session:
            try:
                phone = self.leaders[leader]
                approval.submit(session, phone, group, content, now, self.service.settings, anyway=True)
            except Invalid:
                session.rollback()

    @rule(leader=st.integers(0, 3), yes=st.booleans())
    def a_notice_is_decided(self, leader: int, yes: bool) -> None:
        with self.service.database.transaction() as session:
            asked = (Notice.group_id == self.groups[leader // 2], Notice.stage == NoticeStatus.ASKED)
            notice = session.scalars(select(Notice).where(*asked).limit(1)).first()
            if notice is not None:
                approval.approve(session, notice, self.leaders[leader], yes, self.service.now(), DIAL)

    @rule(which=st.integers(0, 2))
    def a_notice_is_stopped(self, which: int) -> None:
        with self.service.database.transaction() as session:
            rows = session.scalars(select(Notice).order_by(Notice.id.desc()).limit(3)).all()
            if rows:
                notices.stop(session, rows[which % len(rows)], self.service.now())

    @rule(leader=st.integers(0, 3))
    def a_role_ends(self, leader: int) -> None:
        with self.service.database.transaction() as session:
            mine = select(RoleAssignment).where(RoleAssignment.phone_id == self.leaders[leader])
            roles.end(session, session.scalars(mine).one(), self.service.now(), by=None)
