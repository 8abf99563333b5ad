"""What tests of the outbox need: a few people in the database, a message, and a look at where it stands."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import randrange
from typing import Any

from sqlalchemy import select

from smsgate.core.config import Settings
from smsgate.gateways import Outcome, Verdict
from smsgate.gateways.rehearsal.provider import Provider
from smsgate.models import (
    Group,
    HelpRecipient,
    HelpRequest,
    Lane,
    Meeting,
    Member,
    Membership,
    Message,
    MessageKind,
    Notice,
    Phone,
    Responder,
    ResponderStatus,
)
from smsgate.outbox import claims, messages, recording
from smsgate.outbox.calls import handover
from smsgate.outbox.claims import Claimed
from smsgate.outbox.messages import Text
from smsgate.service import Service


def through(settings: Settings, provider: Provider, **changes: Any) -> Settings:
    """The settings of an installation whose texts go to a rehearsal provider."""
    account: dict[str, Any] = {"africastalking_username": "tumaini", "africastalking_api_key": "key"}
    return replace(settings, gateway="africastalking", africastalking_url=provider.url, **account, **changes)


@dataclass(frozen=True, kw_only=True)
class Draft(Text):
    """A text, and to whom."""

    phone_id: int


@dataclass
class Outbox:
    """One group, its members, and the messages to them, straight in the database."""

    service: Service
    phones: list[int] = field(default_factory=list)

    def adds(self, row: Any) -> Any:
        """Keep a row; returns it with its id."""
        with self.service.database.transaction() as session:
            session.add(row)
        return row

    def changes(self, row: Any, **values: Any) -> None:
        """Change a row that was kept."""
        with self.service.database.transaction() as session:
            found = session.get(type(row), row.id)
            for name, value in values.items():
                setattr(found, name, value)

    def phone(self) -> Phone:
        """A new number."""
        number = f"+2547110{len(self.phones) + 10001:05d}"
        phone: Phone = self.adds(Phone(number=number, created_at=self.service.now()))
        self.phones.append(phone.id)
        return phone

    def member(self, group: Group) -> Member:
        """Someone in the group."""
        now = self.service.now()
        before = now - timedelta(days=30)
        member: Member = self.adds(Member(phone_id=self.phone().id, joined_at=before))
        self.adds(Membership(member_id=member.id, group_id=group.id, joined_at=before))
        return member

    def group(self) -> Group:
        """A group without quiet hours: tests by the real clock run at any hour."""
        code = f"{randrange(10**8):08d}"
        group = Group(name="Tumaini", code=code, zone="Africa/Nairobi", created_at=self.service.now())
        self.changes(self.adds(group), quiet_from=None, quiet_until=None)
        return group

    def meeting(self, group: Group, **after: float) -> Meeting:
        """A meeting of the group, so long from now."""
        now = self.service.now()
        meeting = Meeting(group_id=group.id, starts_at=now + timedelta(**after), created_at=now)
        return self.adds(meeting)  # type: ignore[no-any-return]

    def notice(self, group: Group) -> Notice:
        """A broadcast."""
        return self.adds(Notice(group_id=group.id, words="x", created_at=self.service.now()))  # type: ignore[no-any-return]

    def draft(self, phone_id: int | None = None, **changes: Any) -> Draft:
        """A reply to a new number, unless told otherwise."""
        values: dict[str, Any] = {
            "phone_id": phone_id or self.phone().id,
            "words": "Habari",
            "key": "reply:1",
            "kind": MessageKind.REPLY,
            "lane": Lane.NORMAL,
            "expires_at": self.service.now() + timedelta(hours=2),
        }
        return Draft(**{**values, **changes})

    def queues(self, *drafts: Draft) -> list[int]:
        """Queue them."""
        with self.service.database.transaction() as session:
            return messages.send_texts(session, [(draft.phone_id, draft) for draft in drafts], self.service.now())

    def queues_one(self, **changes: Any) -> int:
        """Queue one message to a new number."""
        (made,) = self.queues(self.draft(**changes))
        return made

    def help(self) -> tuple[int, Responder, HelpRequest]:
        """A help text on its way to a responder who agreed."""
        now = self.service.now()
        member = self.member(self.group())
        responder = Responder(member_id=member.id, phone_id=self.phone().id, agreed=ResponderStatus.YES, asked_at=now)
        request = HelpRequest(member_id=member.id, raised_at=now)
        self.adds(responder)
        self.adds(request)
        draft = self.draft(
            responder.phone_id, key=f"help:{request.id}", kind=MessageKind.HELP, lane=Lane.URGENT,
            responder_id=responder.id,
        )  # fmt: skip
        with self.service.database.transaction() as session:  # together, or a worker that runs finds no request
            made = messages.send_text(session, draft.phone_id, draft, now)
            assert made is not None
            session.add(HelpRecipient(request_id=request.id, responder_id=responder.id, message_id=made))
        return made, responder, request

    def claims(self, lane: Lane = Lane.NORMAL, limit: int = 100) -> list[Claimed]:
        """What a worker takes."""
        with self.service.database.transaction() as session:
            return claims.claim(session, lane, self.service.now(), limit) or []

    def hands_over(self, claimed: list[Claimed]) -> list[Claimed]:
        """What a worker still holds when it is about to call the gateway; nothing more may be heard of it."""
        with self.service.database.transaction() as session:
            return list(handover.hand_over(session, claimed, self.service.now()).texts)

    def loses(self, claimed: list[Claimed]) -> None:
        """The worker died a minute ago: its leases are over."""
        for one in claimed:
            self.changes(self.row(one.id), leased_until=self.service.now() - timedelta(minutes=1))

    def records(self, claimed: list[Claimed], verdict: Verdict, provider_id: str | None = None, **more: Any) -> None:
        """What a worker writes down."""
        outcomes = [Outcome(one.number, verdict, provider_id, **more) for one in claimed]
        with self.service.database.transaction() as session:
            recording.record(session, claimed, outcomes, self.service.now())

    def takes_back(self) -> None:
        """What the clock does about leases."""
        with self.service.database.transaction() as session:
            handover.reclaim_expired(session, self.service.now())

    def row(self, message_id: int) -> Message:
        """Where a message stands."""
        with self.service.database.reading() as session:
            return session.scalars(select(Message).where(Message.id == message_id)).one()

    def state(self, message_id: int) -> str:
        """Its state, as a word."""
        return self.row(message_id).state.value

    def due_in(self, message_id: int) -> float:
        """Seconds until it is due."""
        due: datetime = self.row(message_id).due_at
        return (due - self.service.now()).total_seconds()
