"""The network's log, for its admins: who appointed whom, changed a helpline or paused texts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from flask import Blueprint
from sqlalchemy.orm import Session

from smsgate.groups import network
from smsgate.groups.roles import display_name
from smsgate.models import NetworkEntry, SecurityEvent
from smsgate.web.console.access import current_staff
from smsgate.web.console.accounts.permissions import require_network_admin
from smsgate.web.console.groups.members import PAGE_SIZE, page_number
from smsgate.web.console.pages import Page, render_page
from smsgate.web.console.text import _

if TYPE_CHECKING:
    from smsgate.service import Service


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the route of the log."""

    @routes.get("/log")
    def network_log_here() -> Page:
        require_network_admin(current_staff())
        with service.database.reading() as session:
            return _log(session)


def _log(session: Session) -> Page:
    page = page_number()
    found = network.entries(session, PAGE_SIZE + 1, (page - 1) * PAGE_SIZE)
    codes = network.group_codes(session, found)
    rows = [
        (entry.at, display_name(session, entry.phone_id), label(entry), _concerns(session, entry, codes))
        for entry in found[:PAGE_SIZE]
    ]
    return render_page("network_log", rows=rows, more=len(found) > PAGE_SIZE, page=page)


def _concerns(session: Session, entry: NetworkEntry, codes: dict[int | None, str]) -> str:
    """Return the person and the group that an entry is about; "" if it names neither, or they no longer exist."""
    who = display_name(session, entry.subject_id) if entry.subject_id else ""
    group = _("group {code}").format(code=codes[entry.group_id]) if entry.group_id in codes else ""
    return ", ".join(part for part in (who, group) if part)


def label(entry: NetworkEntry) -> str:
    """Describe an entry; an event that only another release knows is shown by its name."""
    labels: dict[str, str] = {
        SecurityEvent.ADMIN_APPOINTED: _("made someone an admin of the network"),
        SecurityEvent.ADMIN_ENDED: _("ended the role of an admin of the network"),
        SecurityEvent.ROLE_OFFERED: _("made a code for a role"),
        SecurityEvent.ROLE_ACCEPTED: _("accepted a role"),
        SecurityEvent.ROLE_RENEWED: _("renewed a role for a year"),
        SecurityEvent.ROLE_ENDED: _("ended a role"),
        SecurityEvent.GROUP_MADE: _("created a group"),
        SecurityEvent.GROUP_CLOSED: _("closed a group"),
        SecurityEvent.GROUP_REOPENED: _("reopened a group"),
        SecurityEvent.HELPLINE_ADDED: _("added helpline {number}"),
        SecurityEvent.HELPLINE_CHANGED: _("changed or confirmed helpline {number}"),
        SecurityEvent.HELPLINE_REMOVED: _("removed helpline {number}"),
        SecurityEvent.DIRECTORY_SHOWN: _("turned the public page of groups on"),
        SecurityEvent.DIRECTORY_HIDDEN: _("turned the public page of groups off"),
        SecurityEvent.PAUSED: _("paused texts"),
        SecurityEvent.RESUMED: _("resumed texts"),
    }
    return labels.get(entry.what, entry.what.replace("_", " ")).format(number=entry.about or "")
