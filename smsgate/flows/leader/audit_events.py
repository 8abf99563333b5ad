"""The vocabulary of a group's audit log: what leaders do, and how phones word it.

The console describes some of these events at more length (`web/console/groups/roles.py`).
"""

from __future__ import annotations

from enum import StrEnum

from smsgate.core.i18n import _


class AuditEvent(StrEnum):
    """What a leader did. Stored with the number of what it was done to, if that has one, as `notice:7`."""

    OFFERED_FACILITATOR = "offered_facilitator"
    OFFERED_ADMIN = "offered_admin"
    ACCEPTED_FACILITATOR = "accepted_facilitator"
    ACCEPTED_ADMIN = "accepted_admin"
    HANDED_OVER = "handed_over"
    ENDED = "ended"
    REVOKED = "revoked"
    WENT_ON = "went_on"
    OFFER_WITHDRAWN = "offer_withdrawn"
    NOTICE = "notice"
    NOTICE_AGREED = "notice_agreed"
    NOTICE_DECLINED = "notice_declined"
    NOTICE_STOPPED = "notice_stopped"
    TEXTS_STOPPED = "texts_stopped"
    REPLY_ANSWERED = "reply_answered"
    COUNTED = "counted"
    REMINDERS = "reminders"
    LET_IN = "let_in"
    NOT_LET_IN = "not_let_in"
    GROUP_MADE = "group_made"
    GROUP_CHANGED = "group_changed"
    MEETING_PLANNED = "meeting_planned"
    MEETING_CHANGED = "meeting_changed"
    MEETING_CANCELLED = "meeting_cancelled"
    SERIES_ADDED = "series_added"
    SERIES_CHANGED = "series_changed"
    SERIES_ENDED = "series_ended"
    CALENDAR = "calendar"
    INVITED = "invited"
    INVITED_FILE = "invited_file"
    WITHDREW = "withdrew"
    INVITES_BY_NAME = "invites_by_name"
    INVITES_WITHOUT_NAME = "invites_without_name"
    TOOK_OUT = "took_out"
    SAVED_LIST = "saved_list"
    GROUP_CLOSED = "group_closed"
    GROUP_REOPENED = "group_reopened"
    FLOW_PUBLISHED = "flow_published"
    FLOW_RETIRED = "flow_retired"
    FLOW_SENT = "flow_sent"
    FLOW_EXPORTED = "flow_exported"
    TEXT_REWORDED = "text_reworded"


WITHOUT_A_NUMBER = frozenset(
    {AuditEvent.HANDED_OVER, AuditEvent.ENDED, AuditEvent.REVOKED, AuditEvent.REPLY_ANSWERED, AuditEvent.REMINDERS}
)


def audit_label(entry: str) -> str:
    """Return an entry of the log as phones word it; an event of another release is shown as it is."""
    event, _colon, number = entry.partition(":")
    label = _labels().get(event, event.replace("_", " "))
    return label if event in WITHOUT_A_NUMBER else f"{label} {number}".strip()


def _labels() -> dict[str, str]:
    """Return the label of every event, in the language spoken now."""
    return {
        AuditEvent.OFFERED_FACILITATOR: _("offered a facilitator's role"),
        AuditEvent.OFFERED_ADMIN: _("offered an admin's role"),
        AuditEvent.ACCEPTED_FACILITATOR: _("became facilitator"),
        AuditEvent.ACCEPTED_ADMIN: _("became admin"),
        AuditEvent.HANDED_OVER: _("handed a role over"),
        AuditEvent.ENDED: _("ended their role"),
        AuditEvent.REVOKED: _("ended a role"),
        AuditEvent.WENT_ON: _("renewed their role for a year"),
        AuditEvent.OFFER_WITHDRAWN: _("withdrew a role's code"),
        AuditEvent.NOTICE: _("wrote notice"),
        AuditEvent.NOTICE_AGREED: _("agreed to notice"),
        AuditEvent.NOTICE_DECLINED: _("declined notice"),
        AuditEvent.NOTICE_STOPPED: _("stopped notice"),
        AuditEvent.TEXTS_STOPPED: _("stopped texts"),
        AuditEvent.REPLY_ANSWERED: _("answered a reply"),
        AuditEvent.COUNTED: _("recorded attendance"),
        AuditEvent.REMINDERS: _("changed the reminders"),
        AuditEvent.LET_IN: _("approved a request to join"),
        AuditEvent.NOT_LET_IN: _("declined a request to join"),
        AuditEvent.GROUP_MADE: _("created the group"),
        AuditEvent.GROUP_CHANGED: _("changed the group"),
        AuditEvent.MEETING_PLANNED: _("planned meeting"),
        AuditEvent.MEETING_CHANGED: _("changed meeting"),
        AuditEvent.MEETING_CANCELLED: _("cancelled meeting"),
        AuditEvent.SERIES_ADDED: _("added series"),
        AuditEvent.SERIES_CHANGED: _("changed series"),
        AuditEvent.SERIES_ENDED: _("ended series"),
        AuditEvent.CALENDAR: _("changed the calendar's address"),
        AuditEvent.INVITED: _("invited somebody"),
        AuditEvent.INVITED_FILE: _("invited from a file, numbers"),
        AuditEvent.WITHDREW: _("withdrew invitations"),
        AuditEvent.INVITES_BY_NAME: _("showed the group's name in invitations"),
        AuditEvent.INVITES_WITHOUT_NAME: _("hid the group's name in invitations"),
        AuditEvent.TOOK_OUT: _("removed a member"),
        AuditEvent.SAVED_LIST: _("saved the list of names"),
        AuditEvent.GROUP_CLOSED: _("closed the group"),
        AuditEvent.GROUP_REOPENED: _("reopened the group"),
        AuditEvent.FLOW_PUBLISHED: _("published flow"),
        AuditEvent.FLOW_RETIRED: _("withdrew flow"),
        AuditEvent.FLOW_SENT: _("announced flow"),
        AuditEvent.FLOW_EXPORTED: _("saved answers of flow"),
        AuditEvent.TEXT_REWORDED: _("reworded a text"),
    }
