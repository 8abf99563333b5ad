"""Who gets a notice, in which language, and what it costs. Each person gets it once."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from smsgate.core.gsm7 import segments
from smsgate.core.i18n import LANGUAGES, SOURCE
from smsgate.gateways import Money
from smsgate.groups import groups
from smsgate.meetings import meetings
from smsgate.models import Audience, Member, Membership, MessageKind, Notice, Phone, Reply, RsvpStatus
from smsgate.notices import pricing
from smsgate.outbox import messages

_spoken = func.coalesce(Phone.language, SOURCE)


@dataclass(frozen=True)
class AudienceSelector:
    """Part of a group: everybody, those coming to a meeting, or those who speak a language."""

    group_id: int
    audience: Audience = Audience.EVERYBODY
    language: str | None = None
    meeting_id: int | None = None

    @classmethod
    def of(cls, notice: Notice) -> AudienceSelector:
        """Return the audience of a notice."""
        return cls(notice.group_id, notice.audience, notice.language, notice.meeting_id)


@dataclass(frozen=True)
class Price:
    """How many people a notice reaches, how many segments each gets, and what it costs in all."""

    people: int
    parts: tuple[int, ...]  # segments of the versions that someone gets: distinct, ascending
    amount: Money | None
    each: Money | None = field(default=None, compare=False)  # price of one segment


def phones(selector: AudienceSelector) -> Select[int]:
    """Select the ids of the audience's phones."""
    members = groups.unpaused_phones(selector.group_id)
    if selector.audience is Audience.COMING:
        comes = (Reply.member_id == Member.id, Reply.meeting_id == selector.meeting_id, Reply.coming == RsvpStatus.YES)
        return members.where(exists().where(*comes))
    return members.where(_spoken == selector.language) if selector.audience is Audience.SPEAKERS else members


def by_language(words: str, versions: dict[str, str]) -> Iterator[tuple[str, ColumnElement[bool] | None]]:
    """Yield each version with the condition on Phone that selects who gets it; None selects everybody."""
    if not versions:
        yield words, None
        return
    yield words, _spoken.not_in(versions)
    for language, version in versions.items():
        yield version, _spoken == language


def price(session: Session, selector: AudienceSelector, words: str, versions: dict[str, str], expected: str) -> Price:
    """Return what a notice would cost now; `expected` is the price per segment if none has been charged yet."""
    counts: list[tuple[int, int]] = []
    for text, condition in by_language(words, versions):
        audience = phones(selector) if condition is None else phones(selector).where(condition)
        counts.append((messages.count_reachable(session, audience, MessageKind.NOTICE), segments(text)))
    each = pricing.price_per_segment(session, selector.group_id, expected)
    segment_count = Decimal(sum(people * parts for people, parts in counts))
    parts = sorted({parts for people, parts in counts if people}) or [counts[0][1]]
    total = Money(each.currency, each.amount * segment_count) if each else None
    return Price(sum(people for people, _parts in counts), tuple(parts), total, each)


def next_meeting(session: Session, group_id: int, now: datetime) -> int | None:
    """Return the id of the next meeting, whose attendees a notice may go to; None if none is planned."""
    upcoming = meetings.upcoming(session, [group_id], now)
    return upcoming[0].id if upcoming else None


def languages(session: Session, group_id: int) -> list[str]:
    """Return the languages spoken in a group, in the order of LANGUAGES."""
    rows = select(_spoken).join(Member, Member.phone_id == Phone.id).join(Membership).distinct()
    spoken = set(session.scalars(rows.where(Membership.group_id == group_id)))
    return [language for language in LANGUAGES if language in spoken]
