"""Performs the actions of members and strangers."""

from __future__ import annotations

from smsgate.conversations.handlers.context import ActionContext, NotAMember, perform, the_member
from smsgate.flows import actions
from smsgate.flows.actions import results
from smsgate.groups import groups, join_requests, roles
from smsgate.help import responders
from smsgate.meetings import meetings, rsvp
from smsgate.members import leaving, members, number_reassignment, opt_out, private_texts
from smsgate.models import RsvpStatus
from smsgate.notices import summaries


@perform.register
def _(action: actions.FindGroup, context: ActionContext) -> results.GroupSeen | None:
    group = groups.find_open_group(context.session, action.code)
    return join_requests.group_results(context.session, [group], context.member)[0] if group else None


@perform.register
def _(action: actions.ListedGroups, context: ActionContext) -> list[results.GroupSeen]:
    listed = groups.listed_groups(context.session, context.member)
    return join_requests.group_results(context.session, listed, context.member)


@perform.register
def _(action: actions.MyGroups, context: ActionContext) -> list[results.GroupSeen]:
    mine = groups.groups_of(context.session, context.member)
    return join_requests.group_results(context.session, mine, context.member)


@perform.register
def _(action: actions.NextMeetings, context: ActionContext) -> list[results.MeetingSeen]:
    member = context.member
    ids = [group.id for group in groups.groups_of(context.session, member)]
    return meetings.meeting_results(context.session, member, ids, context.now)


@perform.register
def _(action: actions.WhatIsKept, context: ActionContext) -> results.KeptSeen:
    return members.count_stored_data(context.session, context.phone_id)


@perform.register
def _(action: actions.MySettings, context: ActionContext) -> dict[str, bool]:
    settings = members.settings_of(context.session, context.number)
    if settings is None:
        raise NotAMember
    return settings


@perform.register
def _(action: actions.ResolveReassignment, context: ActionContext) -> None:
    number_reassignment.resolve_reassignment(context.session, context.phone, action.mine, context.now)


@perform.register
def _(action: actions.NewsOfGroup, context: ActionContext) -> list[results.NewsSeen]:
    return summaries.member_news(context.session, the_member(context), action.group_id, context.now)


@perform.register
def _(action: actions.ToldBlocked, context: ActionContext) -> None:
    context.phone.told_blocked_at = context.now


@perform.register
def _(action: actions.Join, context: ActionContext) -> None:
    members.join(context.session, context.phone, action.language, context.now)


@perform.register
def _(action: actions.StartTexts, context: ActionContext) -> None:
    opt_out.opt_in(context.session, context.phone, context.now)


@perform.register
def _(action: actions.TakeLanguage, context: ActionContext) -> None:
    context.phone.language = action.language


@perform.register
def _(action: actions.TakeName, context: ActionContext) -> None:
    members.set_name(the_member(context), action.name)


@perform.register
def _(action: actions.JoinGroup, context: ActionContext) -> str:
    return join_requests.join_or_ask(context.session, the_member(context), action.group_id, context.now).value


@perform.register
def _(action: actions.WelcomeOf, context: ActionContext) -> str:
    return join_requests.welcome_text(context.session, the_member(context), action.group_id)


@perform.register
def _(action: actions.UnreadWelcome, context: ActionContext) -> str | None:
    return join_requests.unread_welcome(context.session, the_member(context), action.group_id)


@perform.register
def _(action: actions.ReadWelcome, context: ActionContext) -> None:
    join_requests.mark_welcomed(context.session, the_member(context), action.group_id)


@perform.register
def _(action: actions.LeaveGroup, context: ActionContext) -> None:
    groups.leave(context.session, the_member(context), action.group_id, context.now)


@perform.register
def _(action: actions.SayComing, context: ActionContext) -> bool:
    coming = RsvpStatus(action.coming) if action.coming else None
    return rsvp.record_rsvp(context.session, the_member(context), action.meeting_id, coming, context.now)


@perform.register
def _(action: actions.Set, context: ActionContext) -> None:
    member = the_member(context)
    if action.setting == "discreet":
        private_texts.switch(context.session, member, action.on, context.now, context.code)
    else:
        members.set_switch(member, action.setting, action.on, context.now)


@perform.register
def _(action: actions.LeaveAll, context: ActionContext) -> None:
    member = the_member(context)
    responders.stop_being_chosen(context.session, member.phone_id, context.now)
    roles.leave_all_roles(context.session, member.phone_id, context.now)
    leaving.leave_service(context.session, member, context.now)


@perform.register
def _(action: actions.EraseMe, context: ActionContext) -> None:
    leaving.erase(context.session, context.phone, context.now)
