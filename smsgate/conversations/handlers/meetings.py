"""Performs the actions about RSVPs, reminders and hours; those of leaders check the role again."""

from __future__ import annotations

from smsgate.conversations.handlers.context import ActionContext, perform, the_member
from smsgate.flows import actions, reminder_times
from smsgate.flows.actions import results
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.flows.reminder_times import InvalidReminderTimes
from smsgate.groups import audit_log, groups, roles
from smsgate.meetings import rsvp
from smsgate.members import preferences
from smsgate.models import Group, Role, lookup


def _led(context: ActionContext, group_id: int, *, admin: bool = False) -> Group | None:
    """Return the group, if the caller leads it at this moment."""
    role = roles.current_assignment(context.session, context.phone_id, group_id, context.now)
    return role.group if role and (role.role is Role.ADMIN or not admin) else None


def _note(context: ActionContext, group_id: int, event: AuditEvent, about: int | None = None) -> None:
    audit_log.record(context.session, group_id, context.phone_id, event, context.now, about)


@perform.register
def _(action: actions.MyReminders, context: ActionContext) -> results.RemindersSeen:
    member = the_member(context)
    return {"on": member.reminders, "groups": preferences.reminder_times(context.session, member)}


@perform.register
def _(action: actions.RemindMe, context: ActionContext) -> str:
    try:
        times = reminder_times.read(action.typed) if action.typed else action.typed
    except InvalidReminderTimes as error:
        return error.wrong.value
    preferences.set_reminders(context.session, the_member(context), action.group_id, times, context.now)
    return ""


@perform.register
def _(action: actions.MyHours, context: ActionContext) -> str:
    return preferences.text_hours(the_member(context))


@perform.register
def _(action: actions.KeepHours, context: ActionContext) -> str:
    wrong = preferences.set_text_hours(context.session, the_member(context), action.typed)
    return wrong.value if wrong else ""


@perform.register
def _(action: actions.ShowsName, context: ActionContext) -> bool:
    membership = lookup.find_membership(context.session, the_member(context).id, action.group_id)
    return membership is not None and membership.shows_name


@perform.register
def _(action: actions.ShowName, context: ActionContext) -> None:
    preferences.show_name(context.session, the_member(context), action.group_id, action.shown)


@perform.register
def _(action: actions.Expected, context: ActionContext) -> list[results.ExpectedSeen]:
    group = _led(context, action.group_id)
    return rsvp.expected_attendance(context.session, group.id, context.now) if group else []


@perform.register
def _(action: actions.MeetingOver, context: ActionContext) -> results.OverSeen | None:
    group = _led(context, action.group_id)
    return rsvp.recently_ended(context.session, group.id, context.now) if group else None


@perform.register
def _(action: actions.CountCame, context: ActionContext) -> bool:
    group = _led(context, action.group_id)
    if group is None or not rsvp.record_attendance(
        context.session, group.id, action.meeting_id, action.came, context.now
    ):
        return False
    _note(context, group.id, AuditEvent.COUNTED, action.meeting_id)
    return True


@perform.register
def _(action: actions.GroupReminders, context: ActionContext) -> str:
    group = _led(context, action.group_id, admin=True)
    return group.reminders if group else ""


@perform.register
def _(action: actions.RemindGroup, context: ActionContext) -> str:
    group = _led(context, action.group_id, admin=True)
    try:
        times = reminder_times.read(action.typed) if action.typed else ""
    except InvalidReminderTimes as error:
        return error.wrong.value
    if group:
        groups.set_reminder_times(context.session, group, times, context.now)
        _note(context, group.id, AuditEvent.REMINDERS)
    return ""
