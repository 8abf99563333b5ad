"""Performs the actions of leaders; each checks the role again."""

from __future__ import annotations

from smsgate.conversations.handlers.context import ActionContext, perform, the_member
from smsgate.core.errors import Invalid
from smsgate.directory import leaders
from smsgate.flows import actions
from smsgate.flows.actions import results
from smsgate.groups import console_codes, join_requests, roles
from smsgate.help import backup_leader
from smsgate.matching import programmes
from smsgate.models import Role, RoleAssignment


def _assignment(context: ActionContext, group_id: int, *, admin: bool = False) -> RoleAssignment | None:
    """Return the caller's role as it is at this moment, whatever it was when the call began."""
    assignment = roles.current_assignment(context.session, context.phone_id, group_id, context.now)
    return assignment if assignment and (assignment.role is Role.ADMIN or not admin) else None


@perform.register
def _(action: actions.GroupsLed, context: ActionContext) -> list[results.LedSeen]:
    return roles.led_group_results(context.session, context.phone_id, context.now)


@perform.register
def _(action: actions.RolesHere, context: ActionContext) -> list[results.RoleSeen]:
    assignment = _assignment(context, action.group_id, admin=True)
    return roles.role_results(context.session, assignment, context.now) if assignment else []


@perform.register
def _(action: actions.GroupLog, context: ActionContext) -> list[results.EntrySeen]:
    assignment = _assignment(context, action.group_id, admin=True)
    return roles.log_seen(context.session, assignment.group) if assignment else []


@perform.register
def _(action: actions.FindOffer, context: ActionContext) -> results.OfferSeen | None:
    offer = roles.find_offer(context.session, action.code, context.now)
    if offer is not None:
        return {"group": offer.group.name, "role": offer.role.value}
    in_programme = programmes.find_offer(context.session, action.code, context.now)
    return {"group": in_programme.programme.name, "role": in_programme.role.value} if in_programme else None


@perform.register
def _(action: actions.ConsoleCode, context: ActionContext) -> str:
    leads = roles.groups_led(context.session, context.phone_id, context.now)
    return console_codes.issue(context.session, context.phone, context.now) if leads else ""


@perform.register
def _(action: actions.AcceptRole, context: ActionContext) -> bool:
    member = the_member(context)
    if programmes.find_offer(context.session, action.code, context.now) is not None:
        return programmes.accept(context.session, member, action.code, context.now)
    return roles.accept(context.session, member.phone, action.code, context.now)


@perform.register
def _(action: actions.OfferRole, context: ActionContext) -> str:
    assignment = _assignment(context, action.group_id, admin=True)
    return _offer(context, assignment, Role(action.role), over=False) if assignment else ""


@perform.register
def _(action: actions.HandOver, context: ActionContext) -> str:
    assignment = _assignment(context, action.group_id)
    return _offer(context, assignment, assignment.role, over=True) if assignment else ""


def _offer(context: ActionContext, by: RoleAssignment, role: Role, *, over: bool) -> str:
    try:
        return roles.offer(context.session, by.group, role, context.now, by=by, over=over)
    except Invalid:
        return ""


@perform.register
def _(action: actions.RenewRole, context: ActionContext) -> None:
    if assignment := _assignment(context, action.group_id):
        roles.renew(context.session, assignment, context.now)


@perform.register
def _(action: actions.LeaveRole, context: ActionContext) -> None:
    if assignment := _assignment(context, action.group_id):
        roles.end(context.session, assignment, context.now, by=assignment.phone_id)


@perform.register
def _(action: actions.TakeHelp, context: ActionContext) -> None:
    if assignment := _assignment(context, action.group_id):
        backup_leader.set_takes_help(context.session, assignment, action.on)


@perform.register
def _(action: actions.EndRole, context: ActionContext) -> bool:
    ended = context.session.get(RoleAssignment, action.assignment_id)
    assignment = _assignment(context, ended.group_id, admin=True) if ended else None
    if ended is None or assignment is None or ended.ended_at is not None:
        return False
    roles.revoke(context.session, assignment, ended, context.now, context.code)
    return True


@perform.register
def _(action: actions.AskedToJoin, context: ActionContext) -> list[results.AskerSeen]:
    assignment = _assignment(context, action.group_id)
    requests = join_requests.open_requests(context.session, assignment.group_id, context.now) if assignment else []
    return [{"id": request.id, "name": request.name} for request in requests]


@perform.register
def _(action: actions.AnswerAsked, context: ActionContext) -> bool:
    assignment = _assignment(context, action.group_id)
    if assignment is None:
        return False
    return join_requests.decide(
        context.session,
        assignment.group,
        action.request_id,
        action.yes,
        context.now,
        context.code,
        by=assignment.phone_id,
    )


@perform.register
def _(action: actions.OtherLeaders, context: ActionContext) -> results.OtherLeadersSeen:
    assignment = _assignment(context, action.group_id)
    if assignment is None:
        return {"on": False, "named": False, "leaders": [], "notices": []}
    return leaders.seen_by(context.session, assignment, context.now)


@perform.register
def _(action: actions.BeOnLeadersList, context: ActionContext) -> None:
    if assignment := _assignment(context, action.group_id):
        leaders.set_open(context.session, assignment, action.on, context.now)


@perform.register
def _(action: actions.WriteToLeader, context: ActionContext) -> str:
    assignment = _assignment(context, action.group_id)
    if assignment is None:
        return leaders.WriteResult.GONE.value
    return leaders.write(context.session, assignment, action.to, action.words, context.now, context.code).value
