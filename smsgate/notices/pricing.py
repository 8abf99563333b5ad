"""What texts cost: what the provider charged lately, else what the operator expects; in the provider's words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from smsgate.gateways import FALLBACK, Money
from smsgate.models import Meeting, Message, Notice

CENT = Decimal("0.01")


def price_per_segment(session: Session, group_id: int, expected: str) -> Money | None:
    """The price of one SMS to a member of the group; None where nobody knows it yet."""
    charged = (
        select(Message.cost, Message.segments)
        .where(Message.cost.is_not(None), Message.gateway.is_distinct_from(FALLBACK))
        .order_by(Message.id.desc())
        .limit(1)
    )
    here = or_(
        Message.notice_id.in_(select(Notice.id).where(Notice.group_id == group_id)),
        Message.meeting_id.in_(select(Meeting.id).where(Meeting.group_id == group_id)),
    )
    last = session.execute(charged.where(here)).first() or session.execute(charged).first()
    price = Money.read(last.cost) if last else None
    if last is not None and price is not None:
        return Money(price.currency, price.amount / max(last.segments, 1))
    return Money.read(expected)


def cost_of_notice(session: Session, notice_id: int) -> list[Money]:
    """What the texts of a notice have cost until now, an amount for each currency."""
    rows = select(Message.cost, func.count()).where(Message.notice_id == notice_id, Message.cost.is_not(None))
    return summed(session.execute(rows.group_by(Message.cost)).all())


def summed(costs: Iterable[Sequence[Any]]) -> list[Money]:
    """Costs in the provider's words, each with how often it was charged, as an amount for each currency."""
    sums: dict[str, Decimal] = {}
    for said, count in costs:
        if (one := Money.read(said)) is not None:
            sums[one.currency] = sums.get(one.currency, Decimal(0)) + one.amount * count
    return [Money(currency, amount) for currency, amount in sorted(sums.items())]


def price_text(amounts: Iterable[Money]) -> str:
    """Amounts as `KES 9.60`; "" for none."""
    return ", ".join(f"{one.currency} {one.amount.quantize(CENT)}" for one in amounts)
