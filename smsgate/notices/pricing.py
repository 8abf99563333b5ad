"""What texts cost, in the provider's currency: by its last charge, or else by what the operator expects."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from smsgate.core.privacy import at_least_few, is_few
from smsgate.gateways import FALLBACK, Money
from smsgate.models import Meeting, Message, Notice

CENT = Decimal("0.01")


def price_per_segment(session: Session, group_id: int, expected: str) -> Money | None:
    """Return the price of one segment to a member of the group; None if nobody knows it yet.

    It is the last charge for a text of this group, else for any text, else `expected` (like "KES 0.80").
    """
    charged = (
        select(Message.cost, Message.segments)
        .where(Message.cost.is_not(None), Message.gateway.is_distinct_from(FALLBACK))
        .order_by(Message.id.desc())
        .limit(1)
    )
    of_group = or_(
        Message.notice_id.in_(select(Notice.id).where(Notice.group_id == group_id)),
        Message.meeting_id.in_(select(Meeting.id).where(Meeting.group_id == group_id)),
    )
    last = session.execute(charged.where(of_group)).first() or session.execute(charged).first()
    price = Money.read(last.cost) if last else None
    if last is not None and price is not None:
        return Money(price.currency, price.amount / max(last.segments, 1))
    return Money.read(expected)


def expected_cost(session: Session, group_id: int, expected: str, people: int, segments: int) -> str:
    """Return what texts to this many people will cost, as text; a few people are priced as the most a few can be.

    Their exact cost would reveal how many they are. "" if the price is unknown.
    """
    if not people:
        return ""
    shown = at_least_few(people) if is_few(people) else people
    return exact_cost(session, group_id, expected, Decimal(segments) * shown / people)


def exact_cost(session: Session, group_id: int, expected: str, segments: Decimal | int) -> str:
    """Return the cost of this many segments as text; "" if the price is unknown."""
    each = price_per_segment(session, group_id, expected)
    return price_text([Money(each.currency, each.amount * segments)]) if each else ""


def cost_of_notice(session: Session, notice_id: int) -> list[Money]:
    """Return what the texts of a notice have cost so far, one amount per currency."""
    rows = select(Message.cost, func.count()).where(Message.notice_id == notice_id, Message.cost.is_not(None))
    return summed(session.execute(rows.group_by(Message.cost)).all())


def summed(costs: Iterable[Sequence[Any]]) -> list[Money]:
    """Add up (cost as the provider writes it, how often it was charged) to one amount per currency."""
    sums: dict[str, Decimal] = {}
    for charged, count in costs:
        if (cost := Money.read(charged)) is not None:
            sums[cost.currency] = sums.get(cost.currency, Decimal(0)) + cost.amount * count
    return [Money(currency, amount) for currency, amount in sorted(sums.items())]


def price_text(amounts: Iterable[Money]) -> str:
    """Return amounts as `KES 9.60`; "" for none."""
    return ", ".join(f"{amount.currency} {amount.amount.quantize(CENT)}" for amount in amounts)
