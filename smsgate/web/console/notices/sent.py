"""The list of everything that a group sent and scheduled; texts other than notices are stopped there."""

from __future__ import annotations

from collections import Counter
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple
from zoneinfo import ZoneInfo

from flask import Blueprint, request, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.graphemes import clip
from smsgate.core.i18n import language_now, say_when
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log, invitations
from smsgate.groups.roles import display_name
from smsgate.meetings.meetings import local_start
from smsgate.models import Group, Meeting, MessageStatus, Notice, Survey
from smsgate.notices import notices, outgoing
from smsgate.surveys import surveys
from smsgate.web.console.access import current_staff
from smsgate.web.console.notices import story
from smsgate.web.console.notices.delivery_bar import DeliveryBar, counts_by_part, draw
from smsgate.web.console.pages import Form, Page, accept_once, already_done, few, redirect_to, the_group
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service

LISTED_MOST = 50
LONGEST = 60  # characters of a notice


class Sent(NamedTuple):
    """A line of the list. Waiting texts are stopped by `key`, a notice by `number`, anything else at `address`."""

    at: datetime
    what: str
    status: str
    waits: bool
    address: str = ""
    key: str = ""
    number: int = 0  # the notice's id
    look: str = ""  # the style of the status
    about: str = ""  # audience and author
    bar: DeliveryBar | None = None


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the route for stopping waiting texts; the list itself is on the page of notices."""

    @routes.post("/groups/<code>/notices/stop")
    def sending_stop(code: str) -> Page:
        form, now = Form(), service.now()
        with service.database.transaction() as session:
            group = the_group(session, code, appointed=True)
            if not accept_once(session, form, now):
                return already_done("notices_here", code=code)
            stopped = outgoing.stop(session, group, request.form.get("key", ""), now)
            if stopped:
                audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.TEXTS_STOPPED, now, stopped)
        if not stopped:
            return redirect_to("notices_here", _("Too late to stop: everything had been sent."), "wait", code=code)
        return redirect_to("notices_here", _("Stopped. Texts that weren't sent yet won't be sent."), code=code)


def list_sent(session: Session, group: Group, now: datetime) -> list[Sent]:
    """Return everything sent and scheduled, waiting texts first, each part newest first."""
    rows = [*_notices(session, group), *_other_texts(session, group, now), *_invitations(session, group, now)]
    return sorted(rows, key=lambda row: (row.waits, row.at), reverse=True)[:LISTED_MOST]


def _notices(session: Session, group: Group) -> list[Sent]:
    found = select(Notice).where(Notice.group_id == group.id, notices.left_its_author())
    rows = session.scalars(found.order_by(Notice.id.desc()).limit(LISTED_MOST)).all()
    states = notices.states_of(session, [one.id for one in rows])
    return [_notice(session, group, one, states[one.id]) for one in rows]


def _notice(session: Session, group: Group, notice: Notice, states: Counter[MessageStatus]) -> Sent:
    said = _("Notice: {words}").format(words=clip(notice.words, LONGEST)) if notice.words else _("Notice")
    counts = counts_by_part(states, stopped=notice.stopped_at is not None)
    state = story.state_of(notice, counts)
    at = (notice.due_at or notice.created_at).astimezone(ZoneInfo(group.zone)).replace(tzinfo=None)
    return Sent(
        at, said, state.said, state.waits, url_for("console.notice", code=group.code, number=notice.id),
        number=notice.id, look=state.look, bar=draw(counts),
        about=f"{story.audience_said(notice)} · {display_name(session, notice.author_id)}",
    )  # fmt: skip


def _other_texts(session: Session, group: Group, now: datetime) -> list[Sent]:
    zone = ZoneInfo(group.zone)
    found = []
    for one in outgoing.recent(session, group, now):
        status = _("waiting: {count}").format(count=few(one.waiting)) if one.waiting else _("sent out")
        at = one.due_at.astimezone(zone).replace(tzinfo=None)
        found.append(Sent(at, _subject(session, one), status, bool(one.waiting), key=one.key))
    return found


def _subject(session: Session, one: outgoing.Outgoing) -> str:
    if one.survey_id is not None:
        survey = session.get(Survey, one.survey_id)
        title = surveys.title(surveys.draft_of(survey), language_now()) if survey else ""
        return _("What to dial for: {title}").format(title=title)
    meeting = session.get(Meeting, one.meeting_id) if one.meeting_id else None
    if meeting is not None:
        return _("News about the meeting on {time}").format(time=say_when(local_start(meeting)))
    return _("News about the group")


def _invitations(session: Session, group: Group, now: datetime) -> list[Sent]:
    waiting = invitations.waiting(session, group)
    if not waiting:
        return []
    status = _("waiting: {count}").format(count=waiting)
    at, address = (
        now.astimezone(ZoneInfo(group.zone)).replace(tzinfo=None),
        url_for("console.invitations", code=group.code),
    )
    return [Sent(at, _("Invitations"), status, waits=True, address=address)]
