"""How the actions about replies, reminders and hours are done; those of who leads look at the role anew."""

from __future__ import annotations

from smsgate.conversations.handlers.context import Scene, perform, the_member
from smsgate.flows import actions, reminder_times
from smsgate.flows.actions import results
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.flows.reminder_times import NotBefore
from smsgate.groups import audit_log, groups, roles
from smsgate.meetings import rsvp
from smsgate.members import preferences
from smsgate.models import Group, Role


def _led(scene: Scene, group_id: int, *, admin: bool = False) -> Group | None:
    mine = roles.current_assignment(scene.session, scene.phone_id, group_id, scene.now)
    return mine.group if mine and (mine.role is Role.ADMIN or not admin) else None


def _note(scene: Scene, group_id: int, event: AuditEvent, about: int | None = None) -> None:
    audit_log.record(scene.session, group_id, scene.phone_id, event, scene.now, about)


@perform.register
def _(action: actions.MyReminders, scene: Scene) -> results.RemindersSeen:
    member = the_member(scene)
    return {"on": member.reminders, "groups": preferences.reminder_times(scene.session, member)}


@perform.register
def _(action: actions.RemindMe, scene: Scene) -> str:
    try:
        times = reminder_times.read(action.typed) if action.typed else action.typed
    except NotBefore as error:
        return error.wrong.value
    preferences.set_reminders(scene.session, the_member(scene), action.group_id, times, scene.now)
    return ""


@perform.register
def _(action: actions.MyHours, scene: Scene) -> str:
    return preferences.text_hours(the_member(scene))


@perform.register
def _(action: actions.KeepHours, scene: Scene) -> str:
    wrong = preferences.set_text_hours(scene.session, the_member(scene), action.typed)
    return wrong.value if wrong else ""


@perform.register
def _(action: actions.ShowsName, scene: Scene) -> bool:
    mine = preferences.membership(scene.session, the_member(scene), action.group_id)
    return mine is not None and mine.shows_name


@perform.register
def _(action: actions.ShowName, scene: Scene) -> None:
    preferences.show_name(scene.session, the_member(scene), action.group_id, action.shown)


@perform.register
def _(action: actions.Expected, scene: Scene) -> list[results.ExpectedSeen]:
    group = _led(scene, action.group_id)
    return rsvp.expected_attendance(scene.session, group.id, scene.now) if group else []


@perform.register
def _(action: actions.MeetingOver, scene: Scene) -> results.OverSeen | None:
    group = _led(scene, action.group_id)
    return rsvp.recently_ended(scene.session, group.id, scene.now) if group else None


@perform.register
def _(action: actions.CountCame, scene: Scene) -> bool:
    group = _led(scene, action.group_id)
    if group is None or not rsvp.record_attendance(scene.session, group.id, action.meeting_id, action.came, scene.now):
        return False
    _note(scene, group.id, AuditEvent.COUNTED, action.meeting_id)
    return True


@perform.register
def _(action: actions.GroupReminders, scene: Scene) -> str:
    group = _led(scene, action.group_id, admin=True)
    return group.reminders if group else ""


@perform.register
def _(action: actions.RemindGroup, scene: Scene) -> str:
    group = _led(scene, action.group_id, admin=True)
    try:
        times = reminder_times.read(action.typed) if action.typed else ""
    except NotBefore as error:
        return error.wrong.value
    if group:
        groups.set_reminder_times(scene.session, group, times, scene.now)
        _note(scene, group.id, AuditEvent.REMINDERS)
    return ""
