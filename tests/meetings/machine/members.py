"""What members do: pause, stop, leave, come back, answer, and choose how they are written to."""

from __future__ import annotations

from hypothesis import strategies as st
from hypothesis.stateful import rule

from smsgate.groups import groups
from smsgate.meetings import rsvp
from smsgate.members import opt_out, private_texts
from smsgate.models import Member, RsvpStatus
from tests.meetings.machine.leaders import GROUP, WHICH, Leaders
from tests.meetings.machine.world import DIAL

PERSON = st.integers(0, 4)


class Members(Leaders):
    """The whole machine."""

    @rule(person=PERSON, how=st.sampled_from(["paused", "stopped", "silent"]))
    def wants_no_texts(self, person: int, how: str) -> None:
        one = self.people[person]
        with self.service.database.transaction() as session:
            phone, now = self.phone_row(session, one), self.service.now()
            if how == "stopped":
                opt_out.opt_out(session, phone, now)
            elif how == "silent":
                phone.silent_at = now
            else:
                session.get_one(Member, one.member).paused_at = now
        one.may_get = False

    @rule(person=PERSON)
    def wants_texts_again(self, person: int) -> None:
        """What came meanwhile they read by dialling, or never."""
        one = self.people[person]
        with self.service.database.transaction() as session:
            phone = self.phone_row(session, one)
            opt_out.opt_in(session, phone, self.service.now())
            phone.silent_at = session.get_one(Member, one.member).paused_at = None
        if not one.may_get:
            self.sees_all(one, sure=False)
        one.may_get = True

    @rule(person=PERSON, group=GROUP)
    def leaves_or_joins(self, person: int, group: int) -> None:
        one = self.people[person]
        with self.service.database.transaction() as session:
            member, now = session.get_one(Member, one.member), self.service.now()
            if group in one.groups:
                groups.leave(session, member, self.groups[group], now)
                one.groups = one.groups - {group}
            elif groups.join(session, member, self.groups[group], now):
                one.groups = one.groups | {group}
                self.sees_all(one, sure=False)

    @rule(person=PERSON, on=st.booleans())
    def switches_private_texts(self, person: int, on: bool) -> None:
        one = self.people[person]
        with self.service.database.transaction() as session:
            private_texts.switch(session, session.get_one(Member, one.member), on, self.service.now(), DIAL)
        one.discreet = on

    @rule(person=PERSON, which=WHICH, group=GROUP, coming=st.sampled_from([RsvpStatus.YES, RsvpStatus.NO]))
    def answers_for_a_date(self, person: int, which: int, group: int, coming: RsvpStatus) -> None:
        one = self.people[person]
        with self.service.database.transaction() as session:
            meeting, now = self.one_date(session, which, group), self.service.now()
            member = session.get_one(Member, one.member)
            taken = meeting is not None and rsvp.record_rsvp(session, member, meeting.id, coming, now)
            if taken and meeting and coming is RsvpStatus.NO:
                one.said_no.add(meeting.id)
