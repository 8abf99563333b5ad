"""How the actions of people who lead a group are done: each looks at the role anew."""

from __future__ import annotations

from smsgate.conversations.handlers.context import Scene, perform, the_member
from smsgate.core.errors import Invalid
from smsgate.flows import actions
from smsgate.flows.actions import results
from smsgate.groups import join_requests, roles
from smsgate.help import escalation
from smsgate.models import Role, RoleAssignment


def _leads(scene: Scene, group_id: int, *, admin: bool = False) -> RoleAssignment | None:
    """The caller's role as it is at this moment, whatever it was when the call began."""
    mine = roles.current_assignment(scene.session, scene.phone_id, group_id, scene.now)
    return mine if mine and (mine.role is Role.ADMIN or not admin) else None


@perform.register
def _(action: actions.GroupsLed, scene: Scene) -> list[results.LedSeen]:
    return roles.led_seen(scene.session, scene.phone_id, scene.now)


@perform.register
def _(action: actions.RolesHere, scene: Scene) -> list[results.RoleSeen]:
    mine = _leads(scene, action.group_id, admin=True)
    return roles.roles_seen(scene.session, mine, scene.now) if mine else []


@perform.register
def _(action: actions.GroupLog, scene: Scene) -> list[results.EntrySeen]:
    mine = _leads(scene, action.group_id, admin=True)
    return roles.log_seen(scene.session, mine.group) if mine else []


@perform.register
def _(action: actions.FindOffer, scene: Scene) -> results.OfferSeen | None:
    found = roles.offered(scene.session, action.code, scene.now)
    return {"group": found.group.name, "role": found.role.value} if found else None


@perform.register
def _(action: actions.AcceptRole, scene: Scene) -> bool:
    return roles.accept(scene.session, the_member(scene).phone, action.code, scene.now)


@perform.register
def _(action: actions.OfferRole, scene: Scene) -> str:
    mine = _leads(scene, action.group_id, admin=True)
    return _code(scene, mine, Role(action.role), over=False) if mine else ""


@perform.register
def _(action: actions.HandOver, scene: Scene) -> str:
    mine = _leads(scene, action.group_id)
    return _code(scene, mine, mine.role, over=True) if mine else ""


def _code(scene: Scene, mine: RoleAssignment, role: Role, *, over: bool) -> str:
    try:
        return roles.offer(scene.session, mine.group, role, scene.now, by=mine, over=over)
    except Invalid:
        return ""


@perform.register
def _(action: actions.GoOn, scene: Scene) -> None:
    if mine := _leads(scene, action.group_id):
        roles.renew(scene.session, mine, scene.now)


@perform.register
def _(action: actions.LeaveRole, scene: Scene) -> None:
    if mine := _leads(scene, action.group_id):
        roles.end(scene.session, mine, scene.now, by=mine.phone_id)


@perform.register
def _(action: actions.TakeHelp, scene: Scene) -> None:
    if mine := _leads(scene, action.group_id):
        escalation.set_takes_help(scene.session, mine, action.on, scene.now)


@perform.register
def _(action: actions.EndRole, scene: Scene) -> bool:
    one = scene.session.get(RoleAssignment, action.appointment_id)
    mine = _leads(scene, one.group_id, admin=True) if one else None
    if one is None or mine is None or one.ended_at is not None:
        return False
    roles.revoke(scene.session, mine, one, scene.now, scene.code)
    return True


@perform.register
def _(action: actions.AskedToJoin, scene: Scene) -> list[results.AskerSeen]:
    mine = _leads(scene, action.group_id)
    found = join_requests.open_requests(scene.session, mine.group_id, scene.now) if mine else []
    return [{"id": one.id, "name": one.name} for one in found]


@perform.register
def _(action: actions.AnswerAsked, scene: Scene) -> bool:
    mine = _leads(scene, action.group_id)
    if mine is None:
        return False
    given = (mine.group, action.request_id, action.yes, scene.now, scene.code)
    return join_requests.decide(scene.session, *given, by=mine.phone_id)
