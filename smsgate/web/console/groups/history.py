"""What leaders did in a group, as sentences with links to what they are about; row ids are never shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from flask import Blueprint, url_for
from sqlalchemy import select
from sqlalchemy.orm import Session

from smsgate.core.i18n import language_now, say_when
from smsgate.flows.leader.audit_events import AuditEvent, audit_label
from smsgate.groups.roles import display_name
from smsgate.meetings.meetings import local_start
from smsgate.models import AuditEntry, Group, Meeting, Notice, NoticeStatus, Role, Series, Survey
from smsgate.surveys import surveys
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import is_appointed
from smsgate.web.console.groups.members import page_number
from smsgate.web.console.meetings.recurrence_form import describe_rule
from smsgate.web.console.pages import Page, local, render_page, the_group
from smsgate.web.console.text import _, ngettext

if TYPE_CHECKING:
    from smsgate.service import Service

PAGE_SIZE = 50
NOTICES = (AuditEvent.NOTICE, AuditEvent.NOTICE_AGREED, AuditEvent.NOTICE_DECLINED, AuditEvent.NOTICE_STOPPED)
MEETINGS = (
    AuditEvent.COUNTED, AuditEvent.MEETING_PLANNED, AuditEvent.MEETING_CHANGED, AuditEvent.MEETING_CANCELLED,
)  # fmt: skip
SERIES = (AuditEvent.SERIES_ADDED, AuditEvent.SERIES_CHANGED, AuditEvent.SERIES_ENDED)
FLOWS = (AuditEvent.FLOW_PUBLISHED, AuditEvent.FLOW_RETIRED, AuditEvent.FLOW_SENT, AuditEvent.FLOW_EXPORTED)


class About(NamedTuple):
    """What an entry is about, in words, and the address of its page; "" if there is none to see."""

    said: str = ""
    address: str = ""


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the route of the history."""

    @routes.get("/groups/<code>/log")
    def log(code: str) -> Page:
        with service.database.reading() as session:
            return _log(session, the_group(session, code, Role.ADMIN))


def _log(session: Session, group: Group) -> Page:
    page = page_number()
    rows = select(AuditEntry).where(AuditEntry.group_id == group.id).order_by(AuditEntry.id.desc())
    found = list(session.scalars(rows.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE + 1)))
    names = {one.phone_id: display_name(session, one.phone_id) for one in found}
    entries = [
        (one.at, names[one.phone_id], label_of(one.what), about(session, group, one.what)) for one in found[:PAGE_SIZE]
    ]
    return render_page("log", entries=entries, more=len(found) > PAGE_SIZE, page=page)


def label_of(what: str) -> str:
    """Describe what was done; for an event without a label here, use the label that phones show."""
    event, _colon, number = what.partition(":")
    if event == AuditEvent.INVITED_FILE and number.isdecimal():
        return ngettext(
            "invited {count} number from a file", "invited {count} numbers from a file", int(number)
        ).format(count=number)
    return _labels().get(event) or audit_label(event)


def about(session: Session, group: Group, what: str) -> About:
    """Describe and link what it was done to: a notice, meeting, series or flow of this group that still exists."""
    event, _colon, number = what.partition(":")
    look = next((look for events, look in LOOKS.items() if event in events), None)
    if look is None or not number.isdecimal():
        return About()
    return look(session, group, int(number))


def _notice(session: Session, group: Group, number: int) -> About:
    one = session.get(Notice, number)
    if one is None or one.group_id != group.id:
        return About()
    unseen = one.stage is NoticeStatus.DRAFT or not is_appointed(current_staff(), group)
    address = "" if unseen else url_for("console.notice", code=group.code, number=number)
    return About(_("of {time}").format(time=local(one.created_at, group)), address)


def _meeting(session: Session, group: Group, number: int) -> About:
    one = session.get(Meeting, number)
    if one is None or one.group_id != group.id:
        return About()
    address = url_for("console.meeting", code=group.code, number=number)
    return About(_("of {time}").format(time=say_when(local_start(one))), address)


def _series(session: Session, group: Group, number: int) -> About:
    one = session.get(Series, number)
    if one is None or one.group_id != group.id:
        return About()
    address = url_for("console.series_one", code=group.code, number=number) if one.ended_at is None else ""
    return About(describe_rule(one.rule), address)


def _flow(session: Session, group: Group, number: int) -> About:
    one = session.get(Survey, number)
    if one is None or one.group_id != group.id:
        return About()
    address = url_for("console.flow", code=group.code, number=number) if one.retired_at is None else ""
    return About(surveys.title(surveys.draft_of(one), language_now()), address)


LOOKS: Mapping[tuple[AuditEvent, ...], Callable[[Session, Group, int], About]] = {
    NOTICES: _notice, MEETINGS: _meeting, SERIES: _series, FLOWS: _flow,
}  # fmt: skip


def _labels() -> dict[str, str]:
    return {
        AuditEvent.OFFERED_FACILITATOR: _("made a code for a facilitator"),
        AuditEvent.OFFERED_ADMIN: _("made a code for an admin"),
        AuditEvent.ACCEPTED_FACILITATOR: _("became facilitator"),
        AuditEvent.ACCEPTED_ADMIN: _("became admin"),
        AuditEvent.HANDED_OVER: _("handed their role over"),
        AuditEvent.ENDED: _("ended their own role"),
        AuditEvent.REVOKED: _("ended someone's role"),
        AuditEvent.WENT_ON: _("renewed their role for a year"),
        AuditEvent.NOTICE: _("wrote the notice"),
        AuditEvent.NOTICE_AGREED: _("approved the notice"),
        AuditEvent.NOTICE_DECLINED: _("declined the notice"),
        AuditEvent.NOTICE_STOPPED: _("stopped the notice"),
        AuditEvent.REPLY_ANSWERED: _("answered a reply"),
        AuditEvent.COUNTED: _("saved how many came to the meeting"),
        AuditEvent.MEETING_PLANNED: _("planned the meeting"),
        AuditEvent.MEETING_CHANGED: _("changed the meeting"),
        AuditEvent.MEETING_CANCELLED: _("cancelled the meeting"),
        AuditEvent.SERIES_ADDED: _("added a repeating meeting"),
        AuditEvent.SERIES_CHANGED: _("changed a repeating meeting"),
        AuditEvent.SERIES_ENDED: _("ended a repeating meeting"),
        AuditEvent.REMINDERS: _("changed the reminder times"),
        AuditEvent.INVITED: _("invited a number"),
        AuditEvent.WITHDREW: _("withdrew invitations"),
        AuditEvent.INVITES_BY_NAME: _("put the group's name into invitations"),
        AuditEvent.INVITES_WITHOUT_NAME: _("took the group's name out of invitations"),
        AuditEvent.TOOK_OUT: _("removed someone from the group"),
        AuditEvent.SAVED_LIST: _("downloaded the list of names"),
        AuditEvent.FLOW_PUBLISHED: _("published the flow"),
        AuditEvent.FLOW_RETIRED: _("archived the flow"),
        AuditEvent.FLOW_SENT: _("told members what to dial for the flow"),
        AuditEvent.FLOW_EXPORTED: _("downloaded the answers of the flow"),
    }
