"""A group at a glance: the leader's tasks, the next meetings, texts sent and their cost, members out of reach."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from flask import Blueprint, g, url_for
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate.core.graphemes import clip
from smsgate.core.privacy import is_few
from smsgate.gateways import Money
from smsgate.groups import groups
from smsgate.groups.join_requests import languages_of
from smsgate.meetings import meetings, rsvp
from smsgate.models import Group, Membership, Message, MessageKind, MessageStatus, Notice, Role
from smsgate.notices import delivery_stats, first_steps, pricing
from smsgate.notices.first_steps import FirstStep
from smsgate.outbox import credit, messages
from smsgate.outbox.calls.circuit_breaker import Circuit, CircuitState
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import is_appointed
from smsgate.web.console.groups.checklist import listed_steps
from smsgate.web.console.groups.invitations import InviteOneForm, what_it_says
from smsgate.web.console.pages import Form, Page, few, redirect_to, render_page, the_group
from smsgate.web.console.text import _, ngettext

if TYPE_CHECKING:
    from smsgate.service import Service

MEETINGS = 3
BOUNCED_WITHIN = timedelta(days=7)
LONGEST = 60  # characters of a notice


class ToDo(NamedTuple):
    """Something that waits for a leader, with a link to the page that deals with it."""

    said: str
    address: str
    action: str


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for a group's overview, and for hiding its first steps."""

    @routes.get("/groups/<code>")
    def overview(code: str) -> Page:
        now = service.now()
        with service.database.reading() as session:
            group = the_group(session, code)
            steps = first_steps.first_steps(session, group, now) if is_appointed(current_staff(), group) else {}
            return render_page(
                "overview", **_figures(session, group, now), **_inviting(service, session, group, steps),
                gateway=_gateway(session, service, now), waiting_for_me=list_to_do(session, group, now),
                steps=listed_steps(group, steps), form=Form(),
            )  # fmt: skip

    @routes.post("/groups/<code>/steps/away")
    def steps_away(code: str) -> Page:
        with service.database.transaction() as session:
            the_group(session, code, Role.ADMIN, appointed=True).steps_hidden_at = service.now()
        return redirect_to("overview", _("First steps hidden."), code=code)


def _inviting(service: Service, session: Session, group: Group, steps: Mapping[FirstStep, bool]) -> dict[str, Any]:
    """Return the invitation form for the overview, which has it until someone was invited."""
    if steps.get(FirstStep.INVITE, True):
        return {}
    form = InviteOneForm(formdata=None, language=languages_of(group)[0])
    return {"invite": form, "says": what_it_says(service, session, group)}


def list_to_do(session: Session, group: Group, now: datetime) -> list[ToDo]:
    """Return what waits for the signed-in leader; nothing without a role in the group."""
    if "to_do" not in g:
        return []
    at, found = partial(url_for, code=group.code), []
    if count := g.to_do.requests:
        said = ngettext("{count} person would like to join", "{count} people would like to join", count).format(
            count=count
        )
        found.append(ToDo(said, at("console.asking"), _("Answer the requests")))
    if count := g.to_do.replies:
        said = ngettext("{count} unread reply", "{count} unread replies", count).format(count=count)
        found.append(ToDo(said, at("console.replies"), _("Read the replies")))
    if count := g.to_do.approvals:
        said = ngettext("{count} notice to approve", "{count} notices to approve", count).format(count=count)
        found.append(ToDo(said, at("console.notices_here"), _("Read and decide")))
    over = rsvp.recently_ended(session, group.id, now)
    if over is not None and over["attended"] is None:
        address = at("console.meeting", number=over["id"])
        found.append(ToDo(_("How many people came to the last meeting?"), address, _("Enter the number")))
    return [*found, *_bounces(session, group, now)]


def _bounces(session: Session, group: Group, now: datetime) -> list[ToDo]:
    """Return the newest notice of the last week that some people didn't get, if any."""
    failed = (Message.state == MessageStatus.FAILED, Message.created_at > now - BOUNCED_WITHIN)
    rows = (
        select(Message.notice_id, func.count())
        .where(Message.group_id == group.id, Message.notice_id.is_not(None), *failed)
        .group_by(Message.notice_id)
        .order_by(Message.notice_id.desc())
        .limit(1)
    )
    found = session.execute(rows).first()
    if found is None:
        return []
    notice = session.get_one(Notice, found[0])
    said = _("Not delivered: {count} of “{words}”").format(count=few(found[1]), words=clip(notice.words, LONGEST))
    return [ToDo(said, url_for("console.notice", code=group.code, number=notice.id), _("See why"))]


def _figures(session: Session, group: Group, now: datetime) -> dict[str, Any]:
    month, before = delivery_stats.this_month(session, group, now), delivery_stats.month_before(session, group, now)
    members = session.scalar(select(func.count()).where(Membership.group_id == group.id)) or 0
    reached = messages.count_reachable(session, groups.unpaused_phones(group.id), MessageKind.NOTICE)
    waits = (Message.group_id == group.id, Message.stands(MessageStatus.WAITING))
    waiting, oldest = session.execute(select(func.count(), func.min(Message.due_at)).where(*waits)).one()
    ahead = meetings.upcoming(session, [group.id], now)[:MEETINGS]
    return {
        "month": month,
        "cost": _cost(month),
        "before": before,
        "cost_before": _cost(before),
        "members": members,
        "unreached": max(0, members - reached),
        "bars": delivery_stats.drawn({"f": reached, "d": max(0, members - reached)}),
        "waiting": waiting,
        "oldest": oldest if oldest is not None and oldest < now else None,
        "meetings": [(one, rsvp.rsvp_counts(session, one)) for one in ahead],
    }


def _cost(month: delivery_stats.Month) -> str:
    """Return what a month cost; "" for a few texts, whose exact cost would reveal how many they were."""
    return "" if is_few(month.texts) else pricing.price_text(month.cost)


def _gateway(session: Session, service: Service, now: datetime) -> dict[str, Any]:
    """Return whether the gateway works and, for admins of the network, its credit."""
    accounts = credit.accounts(session).values() if current_staff().network else []
    return {
        "works": Circuit(service.redis, service.gateway.name).seen().state_at(now) is CircuitState.CLOSED,
        "short": any(credit.is_short(one, now) for one in accounts),
        "balance": pricing.price_text(money for one in accounts if (money := Money.read(one.balance))),
        "looked_at": max((one.looked_at for one in accounts if one.looked_at), default=None),
    }
