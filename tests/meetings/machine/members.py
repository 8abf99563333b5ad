"""What members do: pause, stop, join, wait, leave, are erased, answer, and choose how they are written to."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st
from hypothesis.stateful import rule

from smsgate.groups import groups, join_requests
from smsgate.meetings import rsvp
from smsgate.members import leaving, opt_out, private_texts
from smsgate.models import Group, Member, RsvpStatus, lookup
from tests.meetings.machine.leaders import GROUP, WHICH, Leaders
from tests.meetings.machine.world import DIAL, Person

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
            elif join_requests.join_or_ask(session, member, self.groups[group], now) is join_requests.JoinResult.IN:
                self.is_in(one, group)

    def is_in(self, one: Person, group: int) -> None:
        one.groups = one.groups | {group}
        self.sees_all(one, sure=False)

    @rule(group=GROUP, on=st.booleans())
    def newcomers_need_approval(self, group: int, on: bool) -> None:
        """Whoever waits is let in when they need it no longer."""
        self.changes_settings(group, lambda now: replace(now, by_approval=on))
        self.knows_who_is_in(group)

    @rule(group=GROUP, yes=st.booleans())
    def a_request_is_decided(self, group: int, yes: bool) -> None:
        with self.service.database.transaction() as session:
            found, now = session.get_one(Group, self.groups[group]), self.service.now()
            for request in join_requests.open_requests(session, found.id, now)[:1]:
                join_requests.decide(session, found, request.id, yes, now, DIAL, by=None)
        self.knows_who_is_in(group)

    def knows_who_is_in(self, group: int) -> None:
        with self.service.database.reading() as session:
            for one in self.people:
                is_in = lookup.find_membership(session, one.member, self.groups[group]) is not None
                if is_in and group not in one.groups:
                    self.is_in(one, group)

    @rule(person=PERSON, group=GROUP)
    def is_taken_out(self, person: int, group: int) -> None:
        one = self.people[person]
        with self.service.database.transaction() as session:
            membership = lookup.find_membership(session, one.member, self.groups[group])
            if membership is not None:
                groups.remove_member(session, membership, self.service.now(), DIAL)
                one.groups = one.groups - {group}

    @rule(person=PERSON)
    def is_erased(self, person: int) -> None:
        """Somebody else joins in their place."""
        with self.service.database.transaction() as session:
            leaving.erase(session, self.phone_row(session, self.people[person]), self.service.now())
        self.people[person] = self.joins({0})
        self.sees_all(self.people[person])

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
