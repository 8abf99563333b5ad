"""What people text, through the inbox, the worker and all handlers: chatter, stale answers, second thoughts."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import rule
from sqlalchemy import select

from smsgate.conversations.sms import router
from smsgate.gateways import Verdict
from smsgate.help import plans
from smsgate.models import (
    Inbound,
    Lane,
    Meeting,
    Member,
    Message,
    MessageKind,
    MessageStatus,
    Responder,
    ResponderStatus,
)
from tests.help.machine.knowledge import CANARIES, MEMBERS, OTHERS, PLACE
from tests.help.machine.requests import Requests

# Meant as an answer to a reminder, an invitation or a help text, or to nothing.
CHATTER = (
    "1", "2", "3", "4", "9", "0", "1 yes", "1 no", "yes", "NO", "coming", "nitakuja", "je viens", "labda", "👍", "one",
    "hm?", "asante", "who are you", "I come with my sister", "ok", "2 please", "not now",
)  # fmt: skip
# While a help text waits to be sent, these cancel it; our own labels are among them.
SECOND_THOUGHTS = (
    "FINE", "I'm fine", "I am fine now", "Fine thanks", "Im ok", "im ok now", "nipo sawa", "Niko sawa sasa",
    "ça va mieux", "Je vais bien maintenant", "Cancel it", "cancel", "it was a mistake", "usitume", "annuler",
)  # fmt: skip
SECOND = timedelta(seconds=1)  # the resolution of the provider's dates


class Texts(Requests):
    """A text answers only what its writer had read, and only the member's own words send a help text."""

    def texts(self, phone: int, words: str, seconds: int, *, written: datetime | None = None) -> str:
        """Return the answer to a text. `written` is the provider's date, in whole seconds, if the text was delayed."""
        self.clock.time += timedelta(seconds=seconds)
        self.texted += 1
        provider_id, date = f"in-{self.texted}", written.isoformat() if written else ""
        agreed = self.consents_of(phone)
        with self.ends_are_told(phone):
            assert router.receive(self.service, provider_id, self.number(phone), words, date)
            assert router.work_through(self.service, lambda: False) == 1
            with self.service.database.reading() as session:
                assert not session.scalar(select(Inbound.tries).where(Inbound.provider_id == provider_id)), words
        self.answers_what_was_read(phone, written + SECOND if written else self.clock.time, agreed)
        reply = self.reply_with(phone, f"reply:{provider_id}")
        self.guards_what_is_guarded(phone, reply)
        return reply

    def reply_with(self, phone: int, key: str) -> str:
        rows = select(Message).where(Message.phone_id == phone, Message.key.startswith(key)).order_by(Message.id.desc())
        with self.service.database.reading() as session:
            newest = session.scalars(rows.limit(1)).first()
            return newest.words or "" if newest else ""

    def guards_what_is_guarded(self, phone: int, shown: str) -> None:
        if phone in self.guarded:
            assert not [one for one in CANARIES if one in shown], f"a guarded phone tells {shown!r}"

    def consents_of(self, phone: int) -> dict[int, int]:
        """Return the members who chose this number and may text it, by the id of the choice."""
        yes = (Responder.phone_id == phone, Responder.agreed == ResponderStatus.YES, ~Responder.backup)
        with self.service.database.reading() as session:
            rows = session.execute(select(Responder.id, Responder.member_id).where(*yes))
            return {row.id: row.member_id for row in rows}

    def answers_what_was_read(self, phone: int, written: datetime, agreed: dict[int, int]) -> None:
        """Check that a text answers nothing that came after it was written."""
        now = self.consents_of(phone)
        for choice in now.keys() - agreed.keys():
            assert any(at <= written for at in self.invited.get(choice, [])), "consent that nobody gave"
        mine = {(self.who(member), phone) for member in now.values()}
        self.agreed = {pair for pair in self.agreed if pair[1] != phone} | mine
        self.rests_end_with_the_last_choice()
        for (request, whose), on_it in self.what_was_said().items():
            case = [one for one, kind in self.raised.items() if kind == self.raised[request]]
            read = any(one.number == whose and one.request in case and one.at <= written for one in self.copies)
            left = not on_it and not self.agrees(self.raised[request][0], whose)
            assert whose == phone, "an answer of somebody else"
            assert read or left or any(self.in_hand(one, whose) for one in case), "an answer older than the question"

    @contextmanager
    def ends_are_told(self, phone: int) -> Iterator[None]:
        """Check that if an act of this number ends a request, everyone who may have read it is told."""
        who = next((n for n in MEMBERS if self.members[n].phone_id == phone), None)
        mine = self.open_of(who, False) if who is not None else []
        read = self.read(*mine) if mine else set()
        yield
        self.learns_what_ended()
        if who is not None and mine and self.closed.issuperset(mine):
            self.everybody_heard(who, mine, read)

    # Answers to other questions.

    @rule(
        who=st.sampled_from(MEMBERS),
        asked=st.sampled_from(["reminder", "invitation", "help", "menu left", "nothing"]),
        texts=st.lists(st.sampled_from(CHATTER), min_size=1, max_size=3),
        seconds=st.sampled_from([0, 7, 7, 45, 700]),
    )
    def a_member_answers_something_else(self, who: int, asked: str, texts: list[str], seconds: int) -> None:
        """Answers to a question of another kind, in words or keys, right or wrong, never send a help text.

        The last keys are the ones that would send one in the menu.
        """
        phone = self.members[who].phone_id
        if asked == "menu left":  # the menu asks whether to send it, and another question comes before the answer
            for text in ("menu", "1"):
                self.texts(phone, text, 7)
        self.is_asked(who, "reminder" if asked == "menu left" else asked)
        for text in (*texts, "1", "2"):
            self.texts(phone, text, seconds)
            assert not self.unknown_requests(), f"{texts} after {asked} sent a help text"

    @rule(other=st.sampled_from(OTHERS), texts=st.lists(st.sampled_from(CHATTER), min_size=1, max_size=2))
    def somebody_texts(self, other: int, texts: list[str]) -> None:
        for text in texts:
            self.texts(self.others[other], text, 7)

    def is_asked(self, who: int, what: str) -> None:
        phone, now = self.members[who].phone_id, self.clock.now()
        if what == "help":
            self.sends(1 - who, False)
            self.a_worker_claims_at_once(Verdict.ACCEPTED)
        with self.service.database.transaction() as session:
            if what == "reminder":
                start = now + timedelta(hours=5)
                meeting = Meeting(group_id=self.group_id, starts_at=start, place=PLACE, created_at=now)
                session.add(meeting)
                session.flush()
                self.is_sent(session, phone, MessageKind.REMINDER, f"reminder:{meeting.id}", meeting_id=meeting.id)
            elif what == "invitation":
                chosen = Responder(
                    member_id=self.members[1 - who].id, phone_id=phone, agreed=ResponderStatus.ASKED, asked_at=now
                )
                known = select(Responder.id).where(
                    Responder.member_id == chosen.member_id, Responder.phone_id == phone, ~Responder.backup
                )
                if session.scalar(known) is None:
                    session.add(chosen)
                    session.flush()
                    self.invited[chosen.id] = [now]
                    key = f"invitation:{chosen.id}"
                    self.is_sent(session, phone, MessageKind.INVITATION, key, responder_id=chosen.id)
        self.clock.time += timedelta(seconds=1)

    def is_sent(self, session: Any, phone: int, kind: MessageKind, key: str, **about: Any) -> None:
        now = self.clock.now()
        row = {"words": "?", "segments": 1, "lane": Lane.NORMAL, "state": MessageStatus.SENT, "sent_at": now}
        times = {"due_at": now, "created_at": now, "expires_at": now + timedelta(days=1)}
        session.add(Message(phone_id=phone, key=key, kind=kind, **row, **times, **about))

    # Answers older than the question, and second thoughts.

    @rule(
        who=st.sampled_from(MEMBERS),
        other=st.sampled_from(OTHERS),
        words=st.sampled_from(["1", "1", "3", "yes", "ndiyo", "2", "no"]),
        asked=st.sampled_from(["help", "help", "invitation", "invitation", "invitation that waits"]),
        seconds=st.sampled_from([2, 30, 300]),
    )
    def an_answer_is_older_than_the_question(self, who: int, other: int, words: str, asked: str, seconds: int) -> None:
        """It was written about something else but processed after this question came, or this was not sent yet."""
        written = self.clock.time.replace(microsecond=0)
        self.clock.time += timedelta(seconds=seconds)
        if asked == "help":
            self.sends(who, False)
            self.a_worker_claims_at_once(Verdict.ACCEPTED)
        else:
            self.a_member_chooses_somebody(who, other)
        if asked == "invitation":
            self.a_worker_claims_at_once(Verdict.ACCEPTED, Lane.NORMAL)
        waits = asked == "invitation that waits"
        self.texts(self.others[other], words, 3, written=None if waits else written)

    @rule(
        who=st.sampled_from(MEMBERS),
        words=st.sampled_from(SECOND_THOUGHTS),
        unclear=st.sampled_from([None, None, "wait", "what?", "hm"]),
        seconds=st.sampled_from([7, 20]),
    )
    def a_member_has_second_thoughts(self, who: int, words: str, unclear: str | None, seconds: int) -> None:
        """While a help text waits, words like these cancel it, whatever guards the phone: nothing is sent.

        If the words are unclear, the service asks, and names the key that cancels.
        """
        self.pauses(who, 60)
        made = self.sends(who, False)
        self.pauses(who, 0)
        if made:
            phone = self.members[who].phone_id
            asked = self.texts(phone, unclear, 7) if unclear else ""
            self.texts(phone, "1" if "1 Cancel it" in asked else words, seconds)
            self.is_taken_back(made, words)

    def is_taken_back(self, made: list[int], words: str) -> None:
        assert self.closed.issuperset(made), f"{words!r} did not take it back"
        self.time_passes(61, Verdict.ACCEPTED)
        assert not [one for one in self.copies if one.request in made], "it left although it was taken back"

    def pauses(self, who: int, seconds: int) -> None:
        with self.service.database.transaction() as session:
            plans.set_pause(session, session.get_one(Member, self.members[who].id), seconds)
