"""How the actions of members and strangers are done."""

from __future__ import annotations

from smsgate.conversations.handlers.context import NotAMember, Scene, perform, the_member
from smsgate.flows import actions
from smsgate.flows.actions import results
from smsgate.groups import groups, join_requests, roles
from smsgate.meetings import meetings, rsvp
from smsgate.members import leaving, members, number_reassignment, opt_out
from smsgate.models import RsvpStatus
from smsgate.notices import summaries


@perform.register
def _(action: actions.FindGroup, scene: Scene) -> results.GroupSeen | None:
    group = groups.find_open_group(scene.session, action.code)
    return groups.group_results([group])[0] if group else None


@perform.register
def _(action: actions.ListedGroups, scene: Scene) -> list[results.GroupSeen]:
    return groups.group_results(groups.listed_groups(scene.session, scene.member))


@perform.register
def _(action: actions.MyGroups, scene: Scene) -> list[results.GroupSeen]:
    return groups.group_results(groups.groups_of(scene.session, scene.member))


@perform.register
def _(action: actions.NextMeetings, scene: Scene) -> list[results.MeetingSeen]:
    member = scene.member
    ids = [group.id for group in groups.groups_of(scene.session, member)]
    return meetings.meeting_results(scene.session, member, ids, scene.now)


@perform.register
def _(action: actions.WhatIsKept, scene: Scene) -> results.KeptSeen:
    return members.what_is_kept(scene.session, scene.phone_id)


@perform.register
def _(action: actions.MySettings, scene: Scene) -> dict[str, bool]:
    settings = members.settings_of(scene.session, scene.number)
    if settings is None:
        raise NotAMember
    return settings


@perform.register
def _(action: actions.SettleDoubt, scene: Scene) -> None:
    number_reassignment.resolve_reassignment(scene.session, scene.phone, action.mine, scene.now)


@perform.register
def _(action: actions.NewsOfGroup, scene: Scene) -> list[results.NewsSeen]:
    return summaries.news_of(scene.session, the_member(scene), action.group_id, scene.now)


@perform.register
def _(action: actions.ToldBlocked, scene: Scene) -> None:
    scene.phone.told_blocked_at = scene.now


@perform.register
def _(action: actions.Join, scene: Scene) -> None:
    members.join(scene.session, scene.phone, action.language, scene.now)


@perform.register
def _(action: actions.StartTexts, scene: Scene) -> None:
    opt_out.opt_in(scene.session, scene.phone, scene.now)


@perform.register
def _(action: actions.TakeLanguage, scene: Scene) -> None:
    scene.phone.language = action.language


@perform.register
def _(action: actions.TakeName, scene: Scene) -> None:
    members.set_name(the_member(scene), action.name)


@perform.register
def _(action: actions.JoinGroup, scene: Scene) -> str:
    return join_requests.join_or_ask(scene.session, the_member(scene), action.group_id, scene.now).value


@perform.register
def _(action: actions.WelcomeOf, scene: Scene) -> str:
    return join_requests.welcome_text(scene.session, the_member(scene), action.group_id)


@perform.register
def _(action: actions.LeaveGroup, scene: Scene) -> None:
    groups.leave(scene.session, the_member(scene), action.group_id, scene.now)


@perform.register
def _(action: actions.SayComing, scene: Scene) -> bool:
    coming = RsvpStatus(action.coming) if action.coming else None
    return rsvp.record_rsvp(scene.session, the_member(scene), action.meeting_id, coming, scene.now)


@perform.register
def _(action: actions.Set, scene: Scene) -> None:
    members.set_switch(the_member(scene), action.setting, action.on, scene.now)


@perform.register
def _(action: actions.LeaveAll, scene: Scene) -> None:
    member = the_member(scene)
    roles.leave_all_roles(scene.session, member.phone_id, scene.now)
    leaving.leave_service(scene.session, member, scene.now)


@perform.register
def _(action: actions.EraseMe, scene: Scene) -> None:
    leaving.erase(scene.session, scene.phone, scene.now)
