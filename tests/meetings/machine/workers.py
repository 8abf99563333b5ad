"""What happens by itself: workers that call, die or are late, the scheduler, the night."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, consumes, rule

from smsgate.gateways import Verdict
from smsgate.meetings import reminders, waiting_news
from smsgate.models import Lane, Meeting
from smsgate.notices import approval, notices
from smsgate.outbox import claims
from smsgate.outbox.calls import handover
from smsgate.outbox.claims import Claimed
from tests.meetings.machine.texts import Texts
from tests.meetings.machine.world import DIAL, Date, Person

CALLS = [Verdict.ACCEPTED, Verdict.ACCEPTED, Verdict.RETRY, Verdict.UNKNOWN, Verdict.FAILED, "dies"]
HOW = st.sampled_from(CALLS)
HOURS = st.sampled_from([0.02, 0.2, 1, 3, 9, 13, 26])
LANES = (Lane.NORMAL, Lane.BULK)
InHand = list[tuple[Claimed, dict[int, Date]]]


class Workers(Texts):
    """Sends texts, or fails to."""

    hands = Bundle("hands")

    def takes(self, lane: Lane) -> InHand:
        """Claim what is due and hand it over, as the worker does before a call."""
        with self.service.database.transaction() as session:
            now = self.service.now()
            if lane is Lane.BULK:
                notices.queue_more(session, now)
            claimed = claims.claim(session, lane, now, 50) or []
            if late := claims.ended_too_late(session):
                waiting_news.tell_the_rest(session, late, now, DIAL)
        handed = self.outbox.hands_over(claimed)
        with self.service.database.reading() as session:
            return [(text, self.leaves(session, text)) for text in handed]

    def answers(self, in_hand: InHand, how: Any) -> None:
        """The gateway answers, or the worker dies in the call."""
        self.in_calls = [one for one in self.in_calls if one is not in_hand]
        if how != "dies":
            self.outbox.records([text for text, _told in in_hand], how)
        for text, told in in_hand:
            if how != Verdict.RETRY:
                known = {(text.phone_id, one): date if how == Verdict.ACCEPTED else None for one, date in told.items()}
                self.known.update(known)

    @rule(lane=st.sampled_from(LANES), how=HOW)
    def a_worker_sends(self, lane: Lane, how: Any) -> None:
        self.answers(self.takes(lane), how)

    @rule(target=hands, lane=st.sampled_from(LANES))
    def a_worker_is_in_a_call(self, lane: Lane) -> InHand:
        in_hand = self.takes(lane)
        self.in_calls.append(in_hand)
        return in_hand

    @rule(in_hand=consumes(hands), how=HOW)
    def its_call_ends(self, in_hand: InHand, how: Any) -> None:
        self.answers(in_hand, how)

    @rule(hours=HOURS)
    def time_passes(self, hours: float) -> None:
        self.clock.time += timedelta(hours=hours)
        self.the_scheduler_runs()

    def the_scheduler_runs(self) -> None:
        with self.service.database.transaction() as session:
            now = self.service.now()
            handover.reclaim_expired(session, now)
            reminders.queue_due_reminders(session, now, DIAL)
            approval.run_scheduled_tasks(session, now, DIAL, "")

    def everything_leaves(self) -> None:
        """A working day without trouble: until ten in the morning, then every few minutes."""
        morning = self.clock.time.replace(hour=8, minute=0) + timedelta(days=self.clock.time.hour >= 8)
        self.clock.time = morning
        for _ in range(12):
            self.the_scheduler_runs()
            for lane in LANES:
                self.answers(self.takes(lane), Verdict.ACCEPTED)
            self.clock.time += timedelta(minutes=6)

    def teardown(self) -> None:
        if hasattr(self, "people"):
            for in_hand in self.in_calls:
                self.answers(in_hand, "dies")
            self.everything_leaves()
            self.all_know_what_is_so()
        super().teardown()

    def all_know_what_is_so(self) -> None:
        with self.service.database.reading() as session:
            by_id = {meeting.id: meeting for meeting in self.everything(session)}
            for (phone, one), known in self.known.items():
                person = self.person_at(phone)
                if person and known and self._counts(person, by_id[one], known):
                    now = self.is_now(by_id[one])
                    assert known == now, f"phone {phone}, date {one}: {known}, and it is {now}; {self.texts_to(phone)}"

    def texts_to(self, phone: int) -> str:
        """Return the texts to a phone, to read after a failure."""
        rows = [row for row in self.rows() if row.phone_id == phone]
        return "".join(
            f"\n{row.id} {row.state} {row.reason} {row.expires_at:%d %H:%M} {row.words} {row.about}" for row in rows
        )

    def _counts(self, person: Person, meeting: Meeting, known: Date) -> bool:
        """Whether somebody must know what is so: they may get texts, and it has not begun either way."""
        if not person.may_get or self.place_of(meeting.group_id) not in person.groups:
            return False
        if meeting.id in person.said_no:
            return False
        soon = self.clock.time + timedelta(hours=1)
        known_start = known.start or self.local(meeting.starts_at, meeting.group)
        return meeting.starts_at > soon and known_start > self.local(soon, meeting.group)
