"""A group at a glance: texts sent and their cost, texts waiting, the next meetings, members out of reach."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from flask import Blueprint
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from smsgate.core.privacy import is_few
from smsgate.gateways import Money
from smsgate.groups import groups
from smsgate.meetings import meetings, rsvp
from smsgate.models import Group, Membership, Message, MessageKind, MessageStatus
from smsgate.notices import delivery_stats, pricing
from smsgate.outbox import credit, messages
from smsgate.outbox.calls.circuit_breaker import Circuit, CircuitState
from smsgate.web.console.access import current_staff
from smsgate.web.console.pages import render_page, the_group

if TYPE_CHECKING:
    from smsgate.service import Service

Page = tuple[str, int] | Response
MEETINGS = 3


def add_routes(routes: Blueprint, service: Service) -> None:
    """Route of the first page of a group."""

    @routes.get("/groups/<code>")
    def overview(code: str) -> Page:
        now = service.now()
        with service.database.reading() as session:
            group = the_group(session, code)
            return render_page("overview", **_figures(session, group, now), gateway=_gateway(session, service, now))


def _figures(session: Session, group: Group, now: datetime) -> dict[str, Any]:
    month = delivery_stats.this_month(session, group, now)
    members = session.scalar(select(func.count()).where(Membership.group_id == group.id)) or 0
    reached = messages.count_reachable(session, groups.unpaused_phones(group.id), MessageKind.NOTICE)
    waits = (Message.group_id == group.id, Message.stands(MessageStatus.WAITING))
    waiting, oldest = session.execute(select(func.count(), func.min(Message.due_at)).where(*waits)).one()
    ahead = meetings.upcoming(session, [group.id], now)[:MEETINGS]
    return {
        "month": month,
        # The exact cost of a few texts would give away their count.
        "cost": "" if is_few(month.texts) else pricing.price_text(month.cost),
        "members": members,
        "unreached": max(0, members - reached),
        "bars": delivery_stats.drawn({"a": reached, "d": max(0, members - reached)}),
        "waiting": waiting,
        "oldest": oldest if oldest is not None and oldest < now else None,
        "meetings": [(one, rsvp.rsvp_counts(session, one)) for one in ahead],
    }


def _gateway(session: Session, service: Service, now: datetime) -> dict[str, Any]:
    """Whether the gateway works; for admins of the network its credit, too."""
    accounts = credit.accounts(session).values() if current_staff().network else []
    return {
        "works": Circuit(service.redis, service.gateway.name).seen().state_at(now) is CircuitState.CLOSED,
        "short": any(credit.is_short(one, now) for one in accounts),
        "balance": pricing.price_text(money for one in accounts if (money := Money.read(one.balance))),
        "looked_at": max((one.looked_at for one in accounts if one.looked_at), default=None),
    }
