"""How a notice's texts were delivered by the networks, and what a group's texts cost in a month.

Counts only: pages show a small one as "a few", and charts draw it at the largest value that a small one can have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from smsgate.core.privacy import at_least_few
from smsgate.gateways import Money
from smsgate.models import Group, Message, MessageStatus, Notice
from smsgate.notices import pricing

HOURS = 24  # shown at most in the chart over time
LEFT = (MessageStatus.SENT, MessageStatus.DELIVERED, MessageStatus.FAILED, MessageStatus.UNKNOWN)


@dataclass(frozen=True)
class Failed:
    """Texts that failed for the same reason on the same network."""

    reason: str  # in the provider's words
    network: str
    count: int


@dataclass(frozen=True)
class Hour:
    """What the networks reported within one hour of the group's local time."""

    at: datetime  # local
    delivered: int
    failed: int


@dataclass(frozen=True)
class Month:
    """What was sent for a group in a month."""

    texts: int
    segments: int
    failed: int
    cost: list[Money]


def failures(session: Session, notice: Notice) -> list[Failed]:
    """Return why texts of a notice failed, most frequent reason first."""
    cause = (func.coalesce(Message.reason, ""), func.coalesce(Message.network, ""))
    rows = select(*cause, func.count()).where(Message.notice_id == notice.id, Message.state == MessageStatus.FAILED)
    return [Failed(*row) for row in session.execute(rows.group_by(*cause).order_by(func.count().desc(), *cause))]


def by_hour(session: Session, notice: Notice) -> list[Hour]:
    """Return the last 24 hours, in the group's zone, in which any texts of a notice were delivered or failed."""
    zone, counts = ZoneInfo(notice.group.zone), dict[datetime, Counter[MessageStatus]]()
    ended = (Message.notice_id == notice.id, Message.state.in_((MessageStatus.DELIVERED, MessageStatus.FAILED)))
    hour = _hour(session)
    rows = select(Message.state, hour, func.count()).where(*ended, Message.ended_at.is_not(None))
    for state, at, count in session.execute(rows.group_by(Message.state, hour)):
        local = datetime.fromisoformat(str(at)).replace(tzinfo=UTC).astimezone(zone).replace(tzinfo=None)
        counts.setdefault(local, Counter())[state] += count
    last = sorted(counts.items())[-HOURS:]
    return [Hour(at, states[MessageStatus.DELIVERED], states[MessageStatus.FAILED]) for at, states in last]


def _hour(session: Session) -> ColumnElement[str]:
    """Return the SQL expression for the UTC hour in which a text was delivered or failed: `2026-11-23 14:00:00`."""
    if session.get_bind().dialect.name == "sqlite":
        return func.strftime("%Y-%m-%d %H:00:00", Message.ended_at)
    return func.to_char(func.timezone("UTC", Message.ended_at), "YYYY-MM-DD HH24:00:00")


def this_month(session: Session, group: Group, now: datetime) -> Month:
    """Sum up a group's texts sent this month."""
    return _month(session, group, _month_start(group, now), now + timedelta(days=1))


def month_before(session: Session, group: Group, now: datetime) -> Month:
    """Sum up a group's texts sent last month."""
    ended = _month_start(group, now)
    return _month(session, group, _month_start(group, ended - timedelta(days=1)), ended)


def _month_start(group: Group, at: datetime) -> datetime:
    return at.astimezone(ZoneInfo(group.zone)).replace(day=1, hour=0, minute=0, second=0, microsecond=0)


def _month(session: Session, group: Group, start: datetime, end: datetime) -> Month:
    within = (Message.created_at >= start, Message.created_at < end)
    sent_since = (Message.group_id == group.id, *within, Message.state.in_(LEFT))
    sums = select(func.count(), func.coalesce(func.sum(Message.segments), 0)).where(*sent_since)
    texts, segments = session.execute(sums).one()
    failed = session.scalar(select(func.count()).where(*sent_since, Message.state == MessageStatus.FAILED)) or 0
    rows = select(Message.cost, func.count()).where(*sent_since, Message.cost.is_not(None)).group_by(Message.cost)
    return Month(texts, segments, failed, pricing.summed(session.execute(rows).all()))


def drawn(counts: Mapping[str, int]) -> list[tuple[str, float]]:
    """Return the parts of a bar in per cent; a small count is drawn at the largest value that a small one can have."""
    shown = {name: at_least_few(count) for name, count in counts.items() if count}
    total = sum(shown.values())
    return [(name, 100 * count / total) for name, count in shown.items()]


def tallest(hours: Iterable[Hour]) -> int:
    """Return the highest count of any hour, for the scale of the chart."""
    return max((at_least_few(hour.delivered + hour.failed) for hour in hours), default=at_least_few(0))
