"""What tests of the outbox need: a few people in the database, messages to them, and the messages' status."""

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
    """Return the settings of an installation whose texts go to a rehearsal provider."""
    account: dict[str, Any] = {"africastalking_username": "tumaini", "africastalking_api_key": "key"}
    return replace(settings, gateway="africastalking", africastalking_url=provider.url, **account, **changes)


@dataclass(frozen=True, kw_only=True)
class Draft(Text):
    """A text with its recipient."""

    phone_id: int


@dataclass
class Outbox:
    """Writes groups, members and messages straight to the database, and does what a worker does to messages."""

    service: Service
    phones: list[int] = field(default_factory=list)

    def adds(self, row: Any) -> Any:
        """Add a row and return it with its id."""
        with self.service.database.transaction() as session:
            session.add(row)
        return row

    def changes(self, row: Any, **values: Any) -> None:
        """Change a stored row."""
        with self.service.database.transaction() as session:
            found = session.get(type(row), row.id)
            for name, value in values.items():
                setattr(found, name, value)

    def phone(self) -> Phone:
        """Add a new number."""
        number = f"+2547110{len(self.phones) + 10001:05d}"
        phone: Phone = self.adds(Phone(number=number, created_at=self.service.now()))
        self.phones.append(phone.id)
        return phone

    def member(self, group: Group) -> Member:
        """Add a member to the group."""
        now = self.service.now()
        before = now - timedelta(days=30)
        member: Member = self.adds(Member(phone_id=self.phone().id, joined_at=before))
        self.adds(Membership(member_id=member.id, group_id=group.id, joined_at=before))
        return member

    def group(self) -> Group:
        """Add a group without quiet hours, since tests on the real clock run at any hour."""
        code = f"{randrange(10**8):08d}"
        group = Group(name="Tumaini", code=code, zone="Africa/Nairobi", created_at=self.service.now())
        self.changes(self.adds(group), quiet_from=None, quiet_until=None)
        return group

    def meeting(self, group: Group, **after: float) -> Meeting:
        """Add a meeting of the group, this long from now."""
        now = self.service.now()
        meeting = Meeting(group_id=group.id, starts_at=now + timedelta(**after), created_at=now)
        return self.adds(meeting)  # type: ignore[no-any-return]

    def notice(self, group: Group) -> Notice:
        """Add a notice to the group."""
        return self.adds(Notice(group_id=group.id, words="x", created_at=self.service.now()))  # type: ignore[no-any-return]

    def draft(self, phone_id: int | None = None, **changes: Any) -> Draft:
        """Return a draft: by default a reply to a new number."""
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
        """Queue these drafts and return their messages' ids."""
        with self.service.database.transaction() as session:
            return messages.send_texts(session, [(draft.phone_id, draft) for draft in drafts], self.service.now())

    def queues_one(self, **changes: Any) -> int:
        """Queue one message, by default to a new number, and return its id."""
        (made,) = self.queues(self.draft(**changes))
        return made

    def help(self) -> tuple[int, Responder, HelpRequest]:
        """Queue a help text to a responder who agreed."""
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
        with self.service.database.transaction() as session:  # or a worker may find no request
            made = messages.send_text(session, draft.phone_id, draft, now)
            assert made is not None
            session.add(HelpRecipient(request_id=request.id, responder_id=responder.id, message_id=made))
        return made, responder, request

    def claims(self, lane: Lane = Lane.NORMAL, limit: int = 100) -> list[Claimed]:
        """Claim messages as a worker does."""
        with self.service.database.transaction() as session:
            return claims.claim(session, lane, self.service.now(), limit) or []

    def hands_over(self, claimed: list[Claimed]) -> list[Claimed]:
        """Hand messages over as a worker does before it calls the gateway; return those that are still its own."""
        with self.service.database.transaction() as session:
            return list(handover.hand_over(session, claimed, self.service.now()).texts)

    def loses(self, claimed: list[Claimed]) -> None:
        """Let the leases expire a minute ago, as if the worker had died."""
        for one in claimed:
            self.changes(self.row(one.id), leased_until=self.service.now() - timedelta(minutes=1))

    def records(self, claimed: list[Claimed], verdict: Verdict, provider_id: str | None = None, **more: Any) -> None:
        """Record an outcome as a worker does."""
        outcomes = [Outcome(one.number, verdict, provider_id, **more) for one in claimed]
        with self.service.database.transaction() as session:
            recording.record(session, claimed, outcomes, self.service.now())

    def takes_back(self) -> None:
        """Reclaim expired leases as the scheduler does."""
        with self.service.database.transaction() as session:
            handover.reclaim_expired(session, self.service.now())

    def row(self, message_id: int) -> Message:
        """Return a message's row."""
        with self.service.database.reading() as session:
            return session.scalars(select(Message).where(Message.id == message_id)).one()

    def state(self, message_id: int) -> str:
        """Return a message's status as a word."""
        return self.row(message_id).state.value

    def due_in(self, message_id: int) -> float:
        """Return the seconds until a message is due."""
        due: datetime = self.row(message_id).due_at
        return (due - self.service.now()).total_seconds()
