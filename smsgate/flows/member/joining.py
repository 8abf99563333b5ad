"""Joining a group that someone found, at once or by asking its leaders, and the welcome for those who were let in."""

from __future__ import annotations

from smsgate.core.i18n import _
from smsgate.flows.actions import JoinGroup, LeaveGroup, ReadWelcome, UnreadWelcome, WelcomeOf
from smsgate.flows.actions.results import GroupSeen
from smsgate.flows.member import enrol, surveys
from smsgate.flows.steps import Caller, Choose, Do, Flow, Tell


def greet(caller: Caller, group_id: int, *, goes_on: bool = False) -> surveys.Found:
    """Welcome someone who was let in, once. Returns True if they were offered the group's survey for new members."""
    welcome = yield Do("let_in", UnreadWelcome(group_id))
    if welcome is None:
        return False
    yield Do("welcome_read", ReadWelcome(group_id))
    if welcome and goes_on:
        yield Choose("welcomed", welcome, {"on": _("Continue")})
    elif welcome:
        yield Tell(welcome)
    return (yield from surveys.after_joining(caller, group_id))


def _already_asked(group: GroupSeen) -> Flow:
    """Say that a request waits, and offer to withdraw it."""
    text = _("You have asked to join {group}. You'll get the answer by text.").format(group=group["name"])
    options = {"wait": _("Wait for the answer"), "withdraw": _("Withdraw my request")}
    if (yield Choose("asked_before", text, options)) == "withdraw":
        yield Do("request_withdrawn", LeaveGroup(group["id"]))
        yield Tell(_("Your request is withdrawn. You can ask again whenever you like."))
    else:
        yield Tell(_("That is fine. Nothing was changed."))


def confirm_joining(caller: Caller, group: GroupSeen) -> Flow:
    """Ask whether to join; a newcomer who joins is asked for a name first."""
    name = group["name"]
    if group.get("standing") == "in":
        yield Tell(_("You're in {group}. You can leave at any time, under Groups.").format(group=name))
        yield from greet(caller, group["id"])
        return
    if group.get("standing") == "asked" and group.get("by_approval"):
        yield from _already_asked(group)
        return
    question, yes = _("Join {group}? We'll text you about its meetings."), _("Join")
    if group.get("by_approval"):
        question = _("Ask to join {group}? Its leader sees the name you chose, and says yes or no.")
        yes = _("Ask")
    if (yield Choose("sure", question.format(group=name), {"yes": yes, "no": _("Not now")})) == "no":
        yield Tell(_("That is fine. Nothing was changed."))
        return
    yield from enrol.if_new(caller)
    done = yield Do("in_group", JoinGroup(group["id"]))
    if done == "asked":
        yield Tell(_("You have asked. You'll get the answer by text. If none comes in 14 days, ask again."))
        yield Tell(_("To check, dial {code}: if it's yes, the group is under Groups.").format(code=caller.service_code))
    elif done:
        yield Tell(_("You've joined {group}. You can leave at any time, under Groups.").format(group=name))
        if welcome := (yield Do("welcome", WelcomeOf(group["id"]))):
            yield Tell(welcome)
        yield from surveys.after_joining(caller, group["id"])
    else:
        yield Tell(_("This group is closed. Nothing was changed."))
