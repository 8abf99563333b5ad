"""Whatever people, supporters and coordinators do, in whatever order, the promises of one-to-one support hold.

People ask, agree or decline, write, share numbers, meet, end, rest, opt out and are erased; two coordinators propose;
time passes. `make nightly` runs it for 50,000 steps.
"""

from __future__ import annotations

import os
from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import initialize, invariant, rule
from sqlalchemy import func, select

from smsgate.matching import carrying, endings, matches, meetings, programmes, retention, waiting
from smsgate.matching.carrying import Carried
from smsgate.matching.matches import Answered
from smsgate.matching.wishes import Wishes
from smsgate.members import leaving, opt_out
from smsgate.models import (
    OPEN_STATES,
    CarriedText,
    CheckIn,
    Ending,
    Match,
    MatchMeeting,
    MatchState,
    MeetingState,
    Member,
    Message,
    MessageKind,
    MessageStatus,
    Phone,
    Programme,
    Seeker,
    SeekerState,
    Supporter,
)
from tests.support.state_machines import Machine, runs

STEPS = int(os.environ.get("SMSGATE_WALK_STEPS", "0"))
CODE = "*384*77#"
PEOPLE, SUPPORTERS = range(4), range(2)
PERSON, SUPPORTER = st.sampled_from(PEOPLE), st.sampled_from(SUPPORTERS)
SIDE = st.booleans()


class Walks(Machine):
    """Four people, and two supporters with room for one or two."""

    @initialize()
    def begin(self) -> None:
        group = self.outbox.group()
        self.group = group
        with self.service.database.transaction() as session:
            made = programmes.create(session, "Side by side", "Africa/Nairobi", self.clock.now())
            made.shares_numbers, made.room_each = True, 2
            self.programme_id = made.id
        self.people = [self.outbox.member(group).id for _one in PEOPLE]
        self.supporters = [self.becomes_supporter(self.outbox.member(group).id) for _one in SUPPORTERS]
        self.shared: dict[tuple[int, bool], bool] = {}  # match, side
        self.handed: dict[int, int] = {}  # texts passed on, by match
        for person in PEOPLE:
            self.asks(person)
        for pair in SUPPORTERS:
            self.both_come_together(pair, pair)
        with self.service.database.reading() as session:
            walks = session.scalars(select(Match.state)).all()
        assert walks == [MatchState.WALKING] * len(SUPPORTERS)

    def becomes_supporter(self, member_id: int) -> int:
        now = self.clock.now()
        with self.service.database.transaction() as session:
            row = Supporter(
                programme_id=self.programme_id, member_id=member_id, said=Wishes().stored(), room=1, since=now,
                until=now + timedelta(days=365),
            )  # fmt: skip
            session.add(row)
            session.flush()
            return row.id

    def transaction(self) -> Any:
        return self.service.database.transaction()

    def open_of(self, session: Any, person: int) -> Match | None:
        return waiting.open_match_of(session, self.people[person])

    @rule(person=PERSON)
    def asks(self, person: int) -> None:
        with self.transaction() as session:
            programme = session.get_one(Programme, self.programme_id)
            waiting.ask(session, session.get_one(Member, self.people[person]), programme, Wishes(), self.clock.now())

    @rule(person=PERSON, supporter=SUPPORTER)
    def a_coordinator_proposes(self, person: int, supporter: int) -> None:
        with self.transaction() as session:
            seeker = waiting.seeker_of(session, self.people[person])
            programme = session.get_one(Programme, self.programme_id)
            found = matches.propose(
                session, programme, seeker.id if seeker else 0, self.supporters[supporter], self.clock.now(), CODE
            )
            if isinstance(found, Match):
                assert seeker is not None
                assert seeker.state is SeekerState.WAITING

    @rule(person=PERSON, side=SIDE, yes=st.sampled_from([True, True, True, False]))
    def one_of_them_answers(self, person: int, side: bool, yes: bool) -> None:
        with self.transaction() as session:
            match = self.open_of(session, person)
            if match is None:
                return
            before = match.person_agreed if side else match.supporter_agreed  # the other's
            said = matches.answer(session, match.id, supporter=side, yes=yes, now=self.clock.now(), code=CODE)
            if match.state is MatchState.WALKING and said is Answered.WALKING:
                assert yes
                assert before, "walks, though the other did not agree"

    @rule(person=PERSON, supporter=SUPPORTER)
    def both_come_together(self, person: int, supporter: int) -> None:
        """A sequence that rarely comes about by chance."""
        self.asks(person)
        self.a_coordinator_proposes(person, supporter)
        self.one_of_them_answers(person, True, True)
        self.one_of_them_answers(person, False, True)

    @rule(person=PERSON, side=SIDE)
    def one_of_them_writes(self, person: int, side: bool) -> None:
        with self.transaction() as session:
            match = session.scalars(
                select(Match).where(Match.member_id == self.people[person]).order_by(Match.id.desc())
            ).first()
            if match is None:
                return
            walks = match.state is MatchState.WALKING
            carried = carrying.carry(session, match, "hello", self.clock.now(), by_supporter=side)
            assert (carried in (Carried.PASSED_ON, Carried.LIMIT)) == walks

    @rule(person=PERSON, side=SIDE, yes=st.booleans())
    def one_of_them_shares_their_number(self, person: int, side: bool, yes: bool) -> None:
        with self.transaction() as session:
            match = self.open_of(session, person)
            if match is not None and matches.share_number(session, match.id, supporter=side, yes=yes):
                self.shared[match.id, side] = yes

    @rule(person=PERSON, side=SIDE, days=st.integers(1, 20), extra=st.booleans())
    def a_meeting_is_proposed(self, person: int, side: bool, days: int, extra: bool) -> None:
        with self.transaction() as session:
            match = self.open_of(session, person)
            if match is not None:
                at = self.clock.now() + timedelta(days=days)
                meetings.propose(session, match, at, "Library", self.clock.now(), CODE, by_supporter=side, extra=extra)

    @rule(person=PERSON, side=SIDE, what=st.sampled_from(["yes", "no", "skip", "move", "note"]))
    def a_meeting_is_answered(self, person: int, side: bool, what: str) -> None:
        now = self.clock.now()
        with self.transaction() as session:
            rows = select(MatchMeeting).join(Match).where(Match.member_id == self.people[person])
            meeting = session.scalars(rows.order_by(MatchMeeting.id.desc())).first()
            if meeting is None:
                return
            asked = meeting.state is MeetingState.PROPOSED and meeting.by_supporter is not side
            match what:
                case "yes" | "no":
                    done = meetings.answer(session, meeting.id, what == "yes", now, CODE, supporter=side)
                    assert not done or asked, "answered by whoever proposed it"
                case "skip":
                    meetings.skip(session, meeting.id, now, CODE, supporter=side)
                case "move":
                    meetings.move(session, meeting.id, now + timedelta(days=3), now, CODE, supporter=side)
                case _:
                    meetings.note(session, meeting.id, 60, now)

    @rule(person=PERSON, ending=st.sampled_from([Ending.NOT_RIGHT, Ending.FINISHED]), again=st.booleans(), last=SIDE)
    def a_match_ends(self, person: int, ending: Ending, again: bool, last: bool) -> None:
        """Someone writes a last text, which is no longer sent."""
        self.one_of_them_writes(person, last)
        with self.transaction() as session:
            match = self.open_of(session, person)
            if match is not None and matches.end(session, match.id, ending, self.clock.now()):
                seeker = waiting.seeker_of(session, self.people[person])
                assert seeker is not None
                if again:
                    waiting.wait_again(session, seeker, self.clock.now())

    @rule(person=PERSON, again=st.booleans())
    def somebody_decides(self, person: int, again: bool) -> None:
        with self.transaction() as session:
            seeker = waiting.seeker_of(session, self.people[person])
            if seeker is None or self.open_of(session, person) is not None:
                return
            if again:
                waiting.wait_again(session, seeker, self.clock.now())
            else:
                waiting.leave(session, seeker)

    @rule(supporter=SUPPORTER, rests=st.booleans(), keeps=st.booleans(), room=st.integers(1, 2))
    def a_supporter_rests_or_has_other_room(self, supporter: int, rests: bool, keeps: bool, room: int) -> None:
        with self.transaction() as session:
            row = session.get_one(Supporter, self.supporters[supporter])
            matches.set_room(session, row, room)
            if rests:
                endings.rest(session, row, self.clock.now(), keeps_people=keeps)
            else:
                row.rests_at = None

    @rule(person=PERSON, how=st.sampled_from(["erase", "leave", "stop"]))
    def a_person_goes(self, person: int, how: str) -> None:
        """A person leaves, and someone else takes their place."""
        with self.transaction() as session:
            self.goes(session, session.get_one(Member, self.people[person]), how)
        self.people[person] = self.outbox.member(self.group).id
        self.asks(person)

    @rule(supporter=SUPPORTER, how=st.sampled_from(["erase", "leave", "stop"]))
    def a_supporter_goes(self, supporter: int, how: str) -> None:
        with self.transaction() as session:
            row = session.get_one(Supporter, self.supporters[supporter])
            self.goes(session, row.member, how)
        self.supporters[supporter] = self.becomes_supporter(self.outbox.member(self.group).id)

    def goes(self, session: Any, member: Member, how: str) -> None:
        phone, now = session.get_one(Phone, member.phone_id), self.clock.now()
        match how:
            case "erase":
                leaving.erase(session, phone, now)
            case "leave":
                leaving.leave_service(session, member, now)
            case _:
                opt_out.opt_out(session, phone, now)

    @rule(days=st.sampled_from([1, 8, 15, 30, 100, 200]))
    def time_passes(self, days: int) -> None:
        self.clock.time += timedelta(days=days)
        with self.transaction() as session:
            now = self.clock.now()
            endings.run_scheduled_tasks(session, now, CODE)
            meetings.plan_next(session, now)
            meetings.remind(session, now, CODE)
            retention.forget_old_data(session, now)
            self.nothing_is_kept_after_its_day(session)
            held = [session.get(Supporter, row) for row in self.supporters]
        for number, row in enumerate(held):
            if row is None or row.ended_at is not None:  # their year is over: someone else takes their place
                self.supporters[number] = self.becomes_supporter(self.outbox.member(self.group).id)

    def nothing_is_kept_after_its_day(self, session: Any) -> None:
        now = self.clock.time
        old = (
            select(Match.id).where(Match.ended_at < now - retention.MATCHES),
            select(CarriedText.id).where(CarriedText.at < now - carrying.KEPT),
            select(Seeker.id).where(Seeker.state == SeekerState.DECIDING, Seeker.changed_at < now - retention.DECIDING),
            select(CheckIn.id).join(Match).where(Match.ended_at < now - retention.MATCHES),
            select(Match.id).where(
                Match.state == MatchState.PROPOSED, Match.proposed_at < now - endings.PROPOSAL_LASTS
            ),
            select(Match.id).where(Match.state == MatchState.WALKING, Match.ends_at < now),
        )
        assert [session.scalars(rows).all() for rows in old] == [[]] * len(old)

    @invariant()
    def one_open_match_a_person_and_never_more_than_a_supporters_room(self) -> None:
        with self.service.database.reading() as session:
            is_open = Match.state.in_(OPEN_STATES)
            each = select(func.count()).where(is_open).group_by(Match.member_id)
            assert all(count == 1 for count in session.scalars(each))
            for supporter in session.scalars(select(Supporter)):
                here = (is_open, Match.supporter_id == supporter.id)
                taken = session.scalar(select(func.count()).select_from(Match).where(*here)) or 0
                assert taken <= min(supporter.room, 2), "more than there is room for"
                assert not (taken and supporter.ended_at), "walks with somebody, though the role is over"

    @invariant()
    def a_number_is_seen_only_where_both_agreed(self) -> None:
        with self.service.database.reading() as session:
            for match in session.scalars(select(Match)):
                both = self.shared.get((match.id, True)) and self.shared.get((match.id, False))
                for side in (True, False):
                    seen = matches.number_shown(match, supporter=side)
                    assert bool(seen) == bool(both and match.state is MatchState.WALKING)

    @invariant()
    def nothing_waits_between_two_whose_match_is_over(self) -> None:
        between = (MessageKind.CARRIED, MessageKind.WALK_REMINDER)
        with self.service.database.reading() as session:
            rows = select(Message).where(Message.kind.in_(between), Message.state == MessageStatus.WAITING)
            for text in session.scalars(rows):
                match = session.get(Match, text.match_id)
                assert match is not None
                assert match.state is MatchState.WALKING
            over = select(CarriedText.id).join(Match).where(Match.state != MatchState.WALKING)
            assert session.scalars(over).all() == []

    @invariant()
    def who_walks_does_not_wait(self) -> None:
        with self.service.database.reading() as session:
            for seeker in session.scalars(select(Seeker)):
                match = waiting.open_match_of(session, seeker.member_id)
                walks = match is not None and match.state is MatchState.WALKING
                assert (seeker.state is SeekerState.WALKING) == walks
            lost = select(Match.id).where(Match.state.in_(OPEN_STATES)).where(
                Match.member_id.not_in(select(Seeker.member_id))
            )  # fmt: skip
            assert session.scalars(lost).all() == [], "a match of somebody who is on no list"


def test_what_one_to_one_promises_holds_in_any_order(sqlite_template: Any, redis_url: str) -> None:
    Walks.template, Walks.redis_url = sqlite_template, redis_url
    runs(Walks, examples=6, steps=STEPS, depth=60 if STEPS else 40)
