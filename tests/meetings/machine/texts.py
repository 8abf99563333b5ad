"""What a text may say, and to whom it may go, at the moment at which it leaves."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.i18n import say_when
from smsgate.meetings import meetings
from smsgate.models import Group, Meeting, Message, MessageKind, MessageStatus, Notice, Phone, RoleAssignment
from smsgate.outbox import quiet_hours
from smsgate.outbox.claims import Claimed
from smsgate.outbox.eligibility import is_reached_by
from tests.meetings.machine.world import NAMES, PLACES, Date, Person, World

WHEN = r"(\w{3} \d+ \w{3} \d\d:\d\d)"
LIVE = re.compile(rf"(?:is now|on after all:|New place:) {WHEN}")  # of a date that the text is about
NEXT = re.compile(rf"Next: {WHEN}")
OPEN = (MessageStatus.WAITING, MessageStatus.SENDING)
OF_GROUPS = (MessageKind.REMINDER, MessageKind.MEETING_NEWS, MessageKind.NOTICE)


class Texts(World):
    """Looks at each text that a worker hands over."""

    def person_at(self, phone_id: int) -> Person | None:
        return next((person for person in self.people if person.phone == phone_id), None)

    def leaves(self, session: Session, text: Claimed) -> dict[int, Date]:
        """Check a text that leaves now; return what its reader will know by it."""
        row, now = session.get_one(Message, text.id), self.clock.time
        assert row.expires_at > now or text.possibly_sent_by is not None, "too late"
        group, person = session.get_one(Group, row.group_id), self.person_at(row.phone_id)
        if row.kind not in OF_GROUPS and person is None:
            self._goes_to_a_leader(session, row)
            return {}
        assert person is not None, f"{row.kind} to a stranger"
        if row.kind not in OF_GROUPS:
            self._says_who_is_in(text.words, group, person)
            return {}
        self._may_get_it(row, person, group, now)
        self._names_what_is_so(text.words, group, person, session)
        if row.kind is MessageKind.REMINDER:
            return self._reminds_truly(session, text.words, row, group)
        if row.kind is MessageKind.NOTICE:
            self._is_the_next_notice(session, row)
            return {}
        self._is_true(session, text.words, row, group)
        return self._told_by(session, row, person)

    def _goes_to_a_leader(self, session: Session, row: Message) -> None:
        phone = session.get_one(Phone, row.phone_id)
        assert is_reached_by(phone, row.kind)
        if row.role_id is not None:
            role = session.get_one(RoleAssignment, row.role_id)
            assert role.ended_at is None, "to who leads no more"
        subject = next(iter(row.about or {}), "")
        if subject.startswith("approval:") and not row.key.startswith("notice_dropped"):
            notice = session.get_one(Notice, int(subject.removeprefix("approval:")))
            assert notice.stopped_at is None, "about a notice that was stopped"

    def _says_who_is_in(self, words: str, group: Group, person: Person) -> None:
        is_in = self.place_of(group.id) in person.groups
        assert ("has let you in" in words or "You're in" in words) == is_in, f"{is_in}: {words}"
        assert ("has closed" in words) <= (group.closed_at is not None), words
        for name in NAMES:
            assert name not in words or (name == group.name and not person.discreet), words

    def _may_get_it(self, row: Message, person: Person, group: Group, now: datetime) -> None:
        assert person.may_get, f"{row.kind} to who may not get it"
        assert self.place_of(group.id) in person.groups, f"{row.kind} to who is not in the group"
        night = quiet_hours.hours_for(group)
        asleep = night is not None and night.over(now) is not None
        urgent = row.kind is MessageKind.MEETING_NEWS and row.expires_at - now < timedelta(hours=12)
        assert not asleep or urgent, f"{row.kind} at night"
        if person.hours:
            assert person.hours[0] <= self.local(now, group).time() < person.hours[1], "outside the hours chosen"

    def _names_what_is_so(self, words: str, group: Group, person: Person, session: Session) -> None:
        may_be = set() if person.discreet else {group.name}
        for name in NAMES:
            assert name in may_be or name not in words, f"{name} in: {words}"
        places = set(session.scalars(select(Meeting.place).where(Meeting.group_id == group.id)))
        for place in PLACES:
            allowed = not person.discreet and group.tells_place and place in places
            assert allowed or place not in words, f"{place} in: {words}"

    def _reminds_truly(self, session: Session, words: str, row: Message, group: Group) -> dict[int, Date]:
        meeting = session.get_one(Meeting, row.meeting_id)
        assert meeting.cancelled_at is None, f"reminded of what is cancelled: {words}"
        assert say_when(meetings.local_start(meeting)) in words, words
        others = [place for place in PLACES if place != meeting.place]
        assert not [place for place in others if place in words], words
        return {meeting.id: self.is_now(meeting)}

    def _is_the_next_notice(self, session: Session, row: Message) -> None:
        own = session.get_one(Notice, row.notice_id)
        assert own.stopped_at is None
        earlier = select(Message.id).join(Notice, Notice.id == Message.notice_id)
        before = (Notice.group_id == own.group_id, Notice.due_at < own.due_at, Notice.stopped_at.is_(None))
        mine = (Message.phone_id == row.phone_id, Message.state.in_(OPEN), Message.id != row.id)
        alive = Message.expires_at > self.clock.time
        assert not session.scalars(earlier.where(*before, *mine, alive)).all(), "overtakes an earlier notice"

    def _is_true(self, session: Session, words: str, row: Message, group: Group) -> None:
        about = [session.get_one(Meeting, int(one[8:])) for one in row.about or {} if one.startswith("meeting:")]
        now = {say_when(meetings.local_start(one)) for one in about if one.cancelled_at is None}
        for when in LIVE.findall(words):
            assert when in now, f"{words!r}, and it is {now}"
        for when in NEXT.findall(words):
            assert when in self._may_be_next(session, group, row), f"not the next date: {words}"
        if "new code" in words:
            assert f"*{group.code}#" in words, words

    def _may_be_next(self, session: Session, group: Group, row: Message) -> set[str]:
        """Return the next date of the group and of each series, of all or of those planned before the text."""
        alive = (Meeting.group_id == group.id, Meeting.cancelled_at.is_(None), Meeting.starts_at > self.clock.time)
        first: dict[tuple[bool, int | None], str] = {}
        for meeting in session.scalars(select(Meeting).where(*alive).order_by(Meeting.starts_at)):
            said = say_when(meetings.local_start(meeting))
            for before in {False, meeting.created_at <= row.created_at}:
                first.setdefault((before, 0), said)
                first.setdefault((before, meeting.series_id or 0), said)
        return set(first.values())

    def _told_by(self, session: Session, row: Message, person: Person) -> dict[int, Date]:
        about = [int(one[8:]) for one in row.about or {} if one.startswith("meeting:")]
        told = {one: self.is_now(session.get_one(Meeting, one)) for one in about}
        known = {one: self.known.get((person.phone, one)) for one in about}
        news = [one for one in about if known[one] is None or known[one] != told[one]]
        assert news or not about, f"tells what is known: {row.words}"
        return told
