"""What the machine itself knows: who agreed, who asked for help, the status of each request, and each text sent."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select

from smsgate.conversations.sessions import LockedSession
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.conversations.sms.inbox import InboundSms
from smsgate.flows.typed.keywords import parse_keyword
from smsgate.models import HelpRecipient, HelpRequest, Member, Message, MessageStatus, Phone, Responder
from tests.support.people import Phone as Handset
from tests.support.state_machines import Machine

CODE = "*384*77#"
KEY = re.compile(r"Reply (\d+) if you can help")
MEMBERS, OTHERS = range(2), range(4)
# What must not be readable on a guarded phone: the group and its place, the people and the words.
PERSON, WORDS, ALONG, PLACE, GROUP = "Kunguru", "Mwavuli wa buluu", "Chai ya tangawizi", "Mtaa wa pili", "Tumaini"
CANARIES = (PERSON, WORDS, ALONG, PLACE, GROUP)
WORD = "mvua"  # the word that sends members' help texts


@dataclass
class Copy:
    """A text that was handed over, and what is known of its fate."""

    request: int
    message: int
    number: int  # the id of the phone's row
    provider_id: str
    words: str
    accepted: bool
    at: datetime
    reports: list[str] = field(default_factory=list)


class Knowledge(Machine):
    """Two members, four people whom they can choose, and the leader of their group."""

    group_id: int
    members: list[Member]
    others: list[int]  # ids of phones, as everywhere below
    leader: int
    appointment: int

    def __init__(self) -> None:
        super().__init__()
        self.service.redis.flushall()  # dialogues of the previous example
        self.agreed: set[tuple[int, int]] = set()  # member, phone
        self.turned_to: set[int] = set()  # members who chose the leader as a step of their plan
        self.then: dict[int, str] = {}  # by member: the steps of their plan
        self.takes_help = True
        self.rests: dict[int, datetime] = {}
        self.stopped: set[int] = set()
        self.unreached: set[int] = set()  # blocked, or possibly reassigned
        self.locked: set[int] = set()  # by a PIN
        self.guarded: set[int] = set()  # by a PIN, or possibly reassigned
        self.rings: set[int] = set()  # members whose missed calls send their help text
        self.never: set[tuple[int, int]] = set()
        self.raised: dict[int, tuple[int, bool]] = {}  # request to member, and whether it is a practice
        self.due: dict[int, datetime] = {}  # until when a request can be cancelled
        self.rung: set[int] = set()  # requests raised by a missed call
        self.closed: set[int] = set()
        self.said: dict[tuple[int, int], bool] = {}  # request, phone: can help, or can't
        self.asked_once: set[int] = set()  # recipients that were checked
        self.frozen: dict[int, int] = {}  # how many texts a request had caused when it was answered or ended
        self.copies: list[Copy] = []
        self.invited: dict[int, list[datetime]] = {}  # by responder: when invitations were handed over
        self.sent: Counter[tuple[int, int]] = Counter()
        self.handsets: dict[int, Handset] = {}
        self.texted = 0
        self.held: dict[int, tuple[int, datetime]] = {}  # by message: the attempt, and when its lease ends

    def number(self, phone_id: int) -> str:
        with self.service.database.reading() as session:
            return session.get_one(Phone, phone_id).number

    def who(self, member_id: int) -> int:
        return next(n for n in MEMBERS if self.members[n].id == member_id)

    # Who may be asked.

    def agrees(self, who: int, phone: int) -> bool:
        return (who, phone) in self.agreed or (phone == self.leader and self.takes_help and who in self.turned_to)

    def is_deaf(self, phone: int) -> bool:
        """Return whether this number gets no texts at all."""
        return phone in self.stopped or phone in self.unreached

    def may_hear(self, request: int, phone: int, *, resting: bool = True) -> bool:
        """Return whether a help text of this request may be sent there, by what everybody has said so far."""
        return self.may_be_asked(self.raised[request][0], phone, resting=resting)

    def may_be_asked(self, who: int, phone: int, *, resting: bool = True) -> bool:
        awake = not resting or self.rests.get(phone, self.clock.now()) <= self.clock.now()
        return self.agrees(who, phone) and awake and not self.is_deaf(phone) and (who, phone) not in self.never

    # The requests.

    def open_of(self, who: int, practice: bool) -> list[int]:
        kind = (who, practice)
        return [request for request, whose in self.raised.items() if whose == kind and request not in self.closed]

    def made(self, *requests: int) -> Counter[int]:
        """Return how many help texts each request has caused."""
        causes = {cause: request for request in requests for cause in _causes([request])}
        with self.service.database.reading() as session:
            found = session.scalars(select(Message.key).where(Message.key.in_(list(causes))))
            return Counter(causes[cause] for cause in found)

    def ends(self, request: int) -> None:
        self.closed.add(request)
        self.frozen.setdefault(request, self.made(request)[request])

    def unknown_requests(self) -> list[Any]:
        """Return the requests that the machine doesn't know yet, oldest first."""
        rows = select(HelpRequest.id, HelpRequest.member_id, HelpRequest.practice, HelpRequest.leaves_at)
        with self.service.database.reading() as session:
            return [row for row in session.execute(rows.order_by(HelpRequest.id)) if row.id not in self.raised]

    def learns_what_was_raised(self, who: int, *kinds: bool) -> list[int]:
        """Take in what one act of this member raised: at most one request, and a practice only if they practised."""
        rows = self.unknown_requests()
        assert len(rows) < 2, "one act, two requests"
        for row in rows:
            assert row.member_id == self.members[who].id, "a help text without an act of its member"
            assert row.practice in kinds, "a practice is real, or the other way round"
            before = self.open_of(who, row.practice)
            assert not (row.practice and self.open_of(who, False)), "a practice in the place of a real request"
            for earlier in before:
                self.frozen[earlier] = self.made(earlier)[earlier]
            if not row.practice:
                for practised in self.open_of(who, True):
                    self.ends(practised)
            self.raised[row.id] = (who, row.practice)
            self.due[row.id] = row.leaves_at or self.clock.time
            self.who_is_asked_agreed()
        return [row.id for row in rows]

    def who_is_asked_agreed(self) -> None:
        """Check that nobody is asked, or listed to be, without consent: the check before sending is not enough."""
        rows = select(HelpRecipient).join(HelpRequest).where(HelpRecipient.id.not_in(self.asked_once))
        with self.service.database.reading() as session:
            asked = [(one.id, one.request_id, one.responder.phone_id) for one in session.scalars(rows)]
        for recipient, request, phone in asked:
            self.asked_once.add(recipient)
            if request not in self.closed:
                assert self.may_hear(request, phone), "somebody is asked who did not agree to it"

    def learns_what_ended(self) -> None:
        """Take in which requests have ended, by time or by an act; requests sent before a cancelled one stay."""
        with self.service.database.reading() as session:
            still_open = set(session.scalars(select(HelpRequest.id).where(HelpRequest.closed_at.is_(None))))
        for whose in set(self.raised.values()):
            mine = self.open_of(*whose)
            over = [request for request in mine if request not in still_open]
            for request in over:
                self.ends(request)
            if over and mine[-1] in over and len(over) < len(mine):
                self.frozen.pop(mine[-len(over) - 1], None)
        self.answers_hold()

    # Who was asked, and what they may have read and said.

    def read(self, *requests: int) -> set[int]:
        """Return who on the list may have read one of these requests."""
        return self.reached(*requests) & self.asked(*requests)

    def reached(self, *requests: int) -> set[int]:
        """Return the numbers at which one of these may have been read: handed over, being sent, unknown or answered."""
        placed = self.placed(*requests)
        wire = {one.number for one in self.copies if one.message in placed}
        said = {phone for request, phone in self.said if request in requests}
        with self.service.database.reading() as session:
            rows = session.scalars(select(Message).where(Message.key.in_(_causes(requests))))
            hand = {one.phone_id for one in rows if one.id in placed and _is_in_hand(one)}
        return wire | said | hand

    def asked(self, *requests: int) -> set[int]:
        """Return who is still a recipient of these requests; someone taken off the list is not."""
        rows = select(Responder.phone_id).join(HelpRecipient, HelpRecipient.responder_id == Responder.id)
        with self.service.database.reading() as session:
            return set(session.scalars(rows.where(HelpRecipient.request_id.in_(requests))))

    def placed(self, *requests: int) -> set[int]:
        """Return the messages that still belong to these requests."""
        rows = select(HelpRecipient.message_id, HelpRecipient.again_id)
        with self.service.database.reading() as session:
            found = session.execute(rows.where(HelpRecipient.request_id.in_(requests)))
            return {id_ for ids in found for id_ in ids if id_ is not None}

    def heard(self, phone: int, key: str) -> bool:
        with self.service.database.reading() as session:
            rows = select(Message.id).where(Message.phone_id == phone, Message.key == key)
            return session.scalar(rows) is not None

    def in_hand(self, request: int, phone: int) -> bool:
        """Return whether a worker is sending this text, or died doing so: nobody knows whether it was sent."""
        with self.service.database.reading() as session:
            rows = session.scalars(
                select(Message).where(Message.key.in_(_causes([request])), Message.phone_id == phone)
            )
            return any(_is_in_hand(one) or one.state is MessageStatus.UNKNOWN for one in rows)

    def what_was_said(self) -> dict[tuple[int, int], bool]:
        """Take in and return what has changed in the answers to open requests."""
        rows = select(
            HelpRecipient.request_id, Responder.phone_id, HelpRecipient.answered_at, HelpRecipient.declined_at
        )
        with self.service.database.reading() as session:
            found = session.execute(rows.join(Responder, Responder.id == HelpRecipient.responder_id)).all()
        now = {(row.request_id, row.phone_id): row.answered_at is not None for row in found if row[2] or row[3]}
        changed = {
            one: on_it for one, on_it in now.items() if self.said.get(one) is not on_it and one[0] not in self.closed
        }
        helped_before = {request for (request, _phone), on_it in self.said.items() if on_it}
        self.said |= now
        for request in {request for request, _phone in changed} & helped_before:
            self.nobody_helps_any_more(request)
        self.answers_hold()
        return changed

    def nobody_helps_any_more(self, request: int) -> None:
        """Check that the next step comes at once when the last helper can't help after all."""
        if any(on_it for (one, _phone), on_it in self.said.items() if self.raised.get(one) == self.raised[request]):
            return
        newest = self.open_of(*self.raised[request])[-1]
        with self.service.database.reading() as session:
            row = session.get_one(HelpRequest, newest)
            soon = max(self.clock.time, row.leaves_at or self.clock.time)
            assert not row.then or (row.next_at is not None and row.next_at <= soon), "who was on it left in silence"

    def answers_hold(self) -> None:
        """Check that a request causes no more texts while someone is helping, or after it was sent again."""
        for whose in set(self.raised.values()):
            requests = self.open_of(*whose)
            if not requests:
                continue
            last = {phone: request for request in requests for phone in self.asked(request)}
            if any(self.said.get((request, phone)) for phone, request in last.items()):
                self.frozen.setdefault(requests[-1], self.made(requests[-1])[requests[-1]])
            else:
                self.frozen.pop(requests[-1], None)

    def inbound(self, session: Any, phone_id: int, words: str) -> InboundContext:
        text = InboundSms(0, "", session.get_one(Phone, phone_id).number, words, self.clock.now())
        return InboundContext(self.service, session, LockedSession(None), text, parse_keyword(words))


def _causes(requests: Iterable[int]) -> list[str]:
    return [f"help:{request}{again}" for request in requests for again in ("", ":again")]


def _is_in_hand(message: Message) -> bool:
    return message.state is MessageStatus.SENDING or message.repeats > 0
