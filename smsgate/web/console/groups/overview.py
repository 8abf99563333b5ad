"""How a group stands, at a glance: what left and what it cost, what waits, the next meetings, who cannot be reached."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from smsgate.gateways import Money
from smsgate.groups import groups
from smsgate.meetings import meetings, rsvp
from smsgate.models import Group, Membership, Message, MessageKind, MessageStatus
from smsgate.notices import delivery_stats, pricing
from smsgate.outbox import credit, messages
from smsgate.outbox.circuit_breaker import Circuit, CircuitState
from smsgate.web.console.access import me
from smsgate.web.console.pages import show, the_group

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response
MEETINGS = 3


def add(routes: Blueprint, service: Service) -> None:
    """The first page of a group."""

    @routes.get("/groups/<code>")
    def overview(code: str) -> Page:
        with service.database.reading() as session:
            group = the_group(session, code)
            return show("overview", **_standing(session, group, service.now()), gateway=_gateway(session, service))


def _standing(session: Session, group: Group, now: datetime) -> dict[str, Any]:
    month = delivery_stats.this_month(session, group, now)
    members = session.scalar(select(func.count()).where(Membership.group_id == group.id)) or 0
    reached = messages.count_reachable(session, groups.unpaused_phones(group.id), MessageKind.NOTICE)
    waits = (Message.group_id == group.id, Message.stands(MessageStatus.WAITING))
    waiting, oldest = session.execute(select(func.count(), func.min(Message.due_at)).where(*waits)).one()
    ahead = meetings.upcoming(session, [group.id], now)[:MEETINGS]
    return {
        "month": month,
        # Of a few texts the exact cost would count them.
        "cost": pricing.price_text(month.cost) if month.texts >= delivery_stats.FEW else "",
        "members": members,
        "unreached": max(0, members - reached),
        "bars": delivery_stats.drawn({"a": reached, "d": max(0, members - reached)}),
        "waiting": waiting,
        "oldest": oldest if oldest is not None and oldest < now else None,
        "meetings": [(one, rsvp.rsvp_counts(session, one)) for one in ahead],
    }


def _gateway(session: Session, service: Service) -> dict[str, Any]:
    """Whether texts leave; and the credit, for somebody who looks after the network."""
    now, accounts = service.now(), credit.accounts(session).values() if me().network else []
    return {
        "works": Circuit(service.redis, service.gateway.name).seen().stand(now) is CircuitState.CLOSED,
        "short": any(credit.is_short(one, now) for one in accounts),
        "balance": pricing.price_text(money for one in accounts if (money := Money.read(one.balance))),
        "looked_at": max((one.looked_at for one in accounts if one.looked_at), default=None),
    }
