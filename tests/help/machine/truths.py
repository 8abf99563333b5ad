"""Invariants of open requests: nothing is sent after an answer or an end, and a redial shows the truth."""

from __future__ import annotations

from collections import Counter

from hypothesis.stateful import invariant
from sqlalchemy import select

from smsgate.help import request_states, status
from smsgate.models import HelpRequest, Member
from tests.help.machine.workers import Workers

REQUESTS = select(HelpRequest.id, HelpRequest.closed_at)


class Truths(Workers):
    """Invariants, checked after each step and within longer rules."""

    def all_holds(self) -> None:
        """Check all invariants, also after each step of a longer rule."""
        self.nothing_follows_an_answer_or_an_end()
        self.the_redial_tells_the_truth()

    @invariant()
    def nothing_follows_an_answer_or_an_end(self) -> None:
        with self.service.database.reading() as session:
            stands = {row.id: row.closed_at is None for row in session.execute(REQUESTS)}
        assert stands.keys() <= self.raised.keys(), "a help text without an act of the member"
        still_open = {request for request, is_open in stands.items() if is_open}
        assert still_open == self.raised.keys() - self.closed, "open, though it is over, or the other way round"
        assert not self.frozen or self.made(*self.frozen) == Counter(self.frozen), "a step after the answer or the end"

    @invariant()
    def the_redial_tells_the_truth(self) -> None:
        for who, practice in set(self.raised.values()):
            requests = self.open_of(who, practice)
            if not requests:
                continue
            with self.service.database.reading() as session:
                member = session.get_one(Member, self.members[who].id)
                case = request_states.open_case(session, member, practice=practice)
                assert case
                assert [one.id for one in case.requests] == requests
                seen = status.request_status(session, case, self.clock.now())
                assert seen
                assert seen["practice"] is practice
                phones = [person.responder.phone_id for person in case.people]
            assert len(seen["people"]) == len(phones) == len(set(phones))
            last = {phone: request for request in requests for phone in self.asked(request)}
            for phone, said in zip(phones, seen["people"], strict=True):
                self.is_true(requests, phone, said["state"], self.said.get((last[phone], phone)))

    def is_true(self, requests: list[int], phone: int, state: str, said: bool | None) -> None:
        assert (state == "answered") == (said is True)
        assert (state in ("declined", "left")) == (said is False)  # someone who left can't help, and the screen says so
        if said is not None:
            return
        placed = self.placed(*requests)
        mine = [one for one in self.copies if one.message in placed and one.number == phone]
        told = [one for one in mine if one.accepted]
        ends = ["Success" if "Success" in one.reports else one.reports[0] for one in told if one.reports]
        assert (state == "delivered") == ("Success" in ends)
        on_air = [one for one in told if not one.reports]
        assert state != "sent" or on_air
        assert not (on_air and state in ("unsent", "lost", "going")), f"{state}, though the gateway took it"
        assert not (mine and state == "unsent"), "not sent, though it may have been read"
