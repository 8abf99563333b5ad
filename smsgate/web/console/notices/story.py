"""A notice's history in words: its state, what happened when, and why someone didn't get it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate.core.i18n import LANGUAGES
from smsgate.groups.roles import display_name
from smsgate.models import Audience, Message, MessageStatus, Notice, NoticeStatus
from smsgate.notices import notices
from smsgate.web.console.text import _

NOT_GONE = (NoticeStatus.ASKED, NoticeStatus.TIMED)


class State(NamedTuple):
    """A state in words, the style of its label, and whether texts may still be sent."""

    said: str
    look: str
    waits: bool


def state_of(notice: Notice, counts: Mapping[str, int]) -> State:
    """Return the state of a notice other than a draft; `counts` are by part of the bar."""
    if notice.stopped_at is not None and not notices.was_too_late(notice):
        return State(_("stopped"), "plain", waits=False)
    if notice.stage is NoticeStatus.ASKED:
        return State(_("needs approval"), "wait", waits=True)
    if notice.stage is NoticeStatus.TIMED:
        return State(_("scheduled"), "wait", waits=True)
    if notice.stage is NoticeStatus.DROPPED:
        return State(_("not sent"), "plain", waits=False)
    if counts["waiting"] or notice.queued_to is not None:
        return State(_("being sent"), "wait", waits=True)
    return State(_("sent"), "good", waits=False)


def audience_said(notice: Notice) -> str:
    """Say whom a notice is for."""
    if notice.audience is Audience.SPEAKERS:
        return _("Those who speak {language}").format(language=LANGUAGES[notice.language or "en"])
    if notice.audience is Audience.COMING:
        return _("Those who said they're coming to the next meeting")
    return _("Everybody")


def timeline(session: Session, notice: Notice, now: datetime) -> list[tuple[datetime | None, str]]:
    """Return what happened to a notice, in order, as (time, event); the time is None if only the order is known."""
    return list(_events(session, notice, now))


def _events(session: Session, notice: Notice, now: datetime) -> Iterator[tuple[datetime | None, str]]:
    yield notice.created_at, _("Written by {name}").format(name=display_name(session, notice.author_id))
    if notice.asked_at is not None:
        yield notice.asked_at, _("Another leader was asked to approve it")
    if notice.agreed_by is not None:
        yield None, _("Approved by {name}").format(name=display_name(session, notice.agreed_by))
    if notice.due_at is not None and notice.stopped_at is None and notice.stage in (*NOT_GONE, NoticeStatus.GOING):
        yield notice.due_at, _("Will be sent") if notice.due_at > now else _("Sending began")
    rows = select(func.max(Message.sent_at), func.max(Message.ended_at)).where(Message.notice_id == notice.id)
    last_sent, last_report = session.execute(rows).one()
    if last_sent is not None:
        yield last_sent, _("Last text sent")
    if last_report is not None and (last_sent is None or last_report > last_sent):
        yield last_report, _("Last report of a network")
    if notice.stopped_at is not None:
        late = notices.was_too_late(notice)
        yield notice.stopped_at, _("Not sent: it would have come a day late") if late else _("Stopped")


def reason_said(reason: str) -> str:
    """Say in plain words why a network did not deliver a text; an unknown reason is returned unchanged."""
    return {
        "absentsubscriber": _("The phone was off or out of reach"),
        "userinactive": _("The phone was off or out of reach"),
        "userinblacklist": _("They asked their network to block texts like these"),
        "userdoesnotexist": _("The number isn't in use"),
        "usernotprovisioned": _("The number isn't in use"),
        "notnetworksubscriber": _("The number isn't in use"),
        "useraccountsuspended": _("The number is blocked by its network"),
        "invalidphonenumber": _("The number can't get texts"),
        "unsupportednumbertype": _("The number can't get texts"),
        "couldnotroute": _("The network could not be reached"),
        "gatewayerror": _("The network could not be reached"),
        "internalservererror": _("The network could not be reached"),
        "deliveryfailure": _("The network tried and gave up"),
        "rejectedbygateway": _("The network refused it"),
        "insufficientcredit": _("The member had no credit to receive it"),
        "insufficientbalance": _("There was no credit left for texts"),
    }.get(reason.strip().casefold(), reason or _("The network did not say why"))


def unsent_said(states: Mapping[MessageStatus, int], *, stopped: bool) -> list[tuple[str, int]]:
    """Return why texts were not sent, or that their fate is unknown, as (reason, count) pairs."""
    held = states.get(MessageStatus.WITHDRAWN, 0) + (states.get(MessageStatus.WAITING, 0) if stopped else 0)
    found = {
        _("It was too late to send them"): states.get(MessageStatus.TOO_LATE, 0),
        _("Stopped, or the member no longer wants texts"): held,
        _("Nobody knows whether they arrived"): states.get(MessageStatus.UNKNOWN, 0),
    }
    return [(said, count) for said, count in found.items() if count]
