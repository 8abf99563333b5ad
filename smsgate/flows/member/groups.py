"""The caller's groups: joining by code or from the list, leaving, and whether leaders see the caller's name."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import Any

from smsgate.core.i18n import _, say_when
from smsgate.flows.actions import (
    AcceptRole,
    FindGroup,
    FindOffer,
    FlowsHere,
    LeaveGroup,
    ListedGroups,
    LookAtDirectory,
    MyGroups,
    NewsOfGroup,
    ShowName,
    ShowsName,
)
from smsgate.flows.actions.members import CARD_DIGITS
from smsgate.flows.actions.results import GroupSeen
from smsgate.flows.finding import find
from smsgate.flows.matching import asking
from smsgate.flows.member import enrol, joining, surveys
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, InputType, Tell

TRIES = 3
LISTED_MOST = 30  # groups in one list: more are looked for by place, letters or language
ROLE_DIGITS = 8


def groups(caller: Caller) -> Flow:
    """Show the caller's groups and offer to join another."""
    joined = yield Do("mine", MyGroups())
    options = {str(group["id"]): group["name"] for group in joined}
    choice = yield Choose("group", _("Your groups:") if joined else "", {**options, "join": _("Join a group")})
    if choice == "join":
        yield from join_one(caller)
        return
    yield from one_group(caller, int(choice), options[choice])


def one_group(caller: Caller, group_id: int, name: str) -> Flow:
    """Offer what a member can do in one of their groups."""
    if (yield from joining.greet(caller, group_id, goes_on=True)):
        return
    shown = yield Do("shows_name", ShowsName(group_id))
    flows = yield Do("flows", FlowsHere(group_id))
    within = {
        "stay": _("Stay"),
        "leave": _("Leave this group"),
        "name": _("Hide my name from leaders") if shown else _("Let leaders see that I'm coming"),
        "news": _("Last notices"),
        **({"own": _("From the group")} if flows else {}),
    }
    leave = yield Choose("leave", name, within)
    if leave == "own":
        titles = {str(flow["id"]): flow["title"] for flow in flows}
        yield from surveys.chosen(int((yield Choose("own_flow", name, titles))))
    elif leave == "news":
        yield from _news(group_id)
    elif leave == "name":
        yield Do("name_shown", ShowName(group_id, not shown))
        yield Tell(
            _("Saved. They only see how many are coming.") if shown else _("Saved. They see the name you chose.")
        )
    elif leave == "leave":
        yield from _leave(group_id, name)
    else:
        yield Tell(_("Nothing was changed."))


def _leave(group_id: int, name: str) -> Flow:
    """Ask once, then leave. Key 2 opened this screen; pressed twice, it does not leave the group."""
    sure = yield Choose("sure_leave", _("Leave {group}?").format(group=name), {"yes": _("Leave"), "no": _("Stay")})
    if sure == "yes":
        yield Do("left", LeaveGroup(group_id))
        text = _("You have left {group}. Your help text still works. You can come back at any time.")
        yield Tell(text.format(group=name))
    else:
        yield Tell(_("Nothing was changed."))


def _news(group_id: int) -> Flow:
    """Show the group's last notices, for members who read by dialling."""
    news = yield Do("news", NewsOfGroup(group_id))
    if not news:
        yield Tell(_("Nothing was sent in the last 14 days."))
    for notice in news:
        yield Tell(f"{say_when(datetime.fromisoformat(notice['at']))}: {notice['words']}")


def join_one(caller: Caller) -> Flow:
    """Offer to join a group by its code, from the list or by looking for it, or not now; ask a newcomer's name last."""
    there = yield Do("directory", LookAtDirectory())
    way = yield Choose(
        "way", _("Join a group?"),
        {"code": _("I have a code"), "list": _("Show groups"), "no": _("Not now"), **find.ways(there)},
    )  # fmt: skip
    if way == "code":
        yield from _by_typed_code(caller)
    elif way == "list":
        yield from _from_list(caller)
    elif way == "no":
        yield from enrol.if_new(caller)
        yield Tell(_("That is fine. Dial {code} for the menu.").format(code=caller.service_code))
    else:
        yield from find.go(caller, way)


def dialled(caller: Caller) -> Generator[Do, Any, GroupSeen | None]:
    """Return the caller's group whose printed code they dialled; None for any other code."""
    group: GroupSeen | None = yield Do("dialled", FindGroup(caller.code))
    return group if group and group.get("standing") == "in" else None


def by_code(caller: Caller, code: str) -> Flow:
    """Follow a dialled or texted code: of a group, a role on offer, a card or a survey."""
    group = yield Do("dialled", FindGroup(code))
    if group is None and len(code) == ROLE_DIGITS:
        yield from _offered_role(caller, code)
    elif group is None:
        if not (yield from asking.by_card(caller, code, _from_list, last=False)) and not (
            yield from surveys.by_code(code)
        ):
            yield Tell(_("There is no group with code {code}.").format(code=code))
            yield from join_one(caller)
    else:
        yield from joining.confirm_joining(caller, group)


def _offered_role(caller: Caller, code: str) -> Flow:
    """Offer the role behind a code of ROLE_DIGITS digits that belongs to no group."""
    offer = yield Do("offer", FindOffer(code))
    if offer is None:
        yield Tell(_("There is no group with code {code}. Ask whoever gave it to you for a new one.").format(code=code))
        return
    text = _offer_text(offer["role"])
    options = {"no": _("Not now"), "yes": _("Yes, I accept")}
    if (yield Choose("accept", text.format(group=offer["group"]), options)) == "no":
        yield Tell(_("That is fine. Nothing was changed."))
        return
    yield from enrol.if_new(caller)
    if (yield Do("accepted", AcceptRole(code))):
        yield Tell(_accepted_text(offer["role"]))
    else:
        yield Tell(_("There is no group with code {code}. Ask whoever gave it to you for a new one.").format(code=code))


def _offer_text(role: str) -> str:
    return {
        "facilitator": _("{group} asks you to be facilitator for a year: to send notices, and to lead."),
        "supporter": _("{group} asks you to be a supporter for a year: to be there for someone, one to one."),
        "coordinator": _("{group} asks you to be coordinator for a year: to find who fits whom, in the browser."),
    }.get(role, _("{group} asks you to be admin for a year: to give roles, and to lead."))


def _accepted_text(role: str) -> str:
    return {
        "supporter": _(
            "Thank you. In the menu, under One to one, say a few words about you. You can end it at any time."
        ),
        "coordinator": _("Thank you. Sign in to the console with your number. You can end it at any time."),
    }.get(role, _("Thank you. You'll find it in the menu, under Lead a group. You can end it at any time."))


def _by_typed_code(caller: Caller) -> Flow:
    for turn in range(1, TRIES + 1):
        code = yield Ask(f"code{turn}", _("Type the group's code."), input_type=InputType.CODE)
        group = yield Do(f"found{turn}", FindGroup(code))
        if group is not None:
            yield from joining.confirm_joining(caller, group)
            return
        if len(code) == ROLE_DIGITS:
            yield from _offered_role(caller, code)
            return
        if len(code) == CARD_DIGITS and (yield from asking.by_card(caller, code, _from_list, last=True)):
            return
        yield Tell(_("There is no group with code {code}.").format(code=code))
    yield Tell(_("Ask someone in the group for it, then dial {code}.").format(code=caller.service_code))


def _from_list(caller: Caller) -> Flow:
    listed = yield Do("listed", ListedGroups())
    if not listed:
        yield Tell(_("No other group is listed now. A group can give you its code."))
        return
    if len(listed) >= LISTED_MOST:
        yield from find.find(caller)
        return
    names = {str(group["id"]): group["name"] for group in listed}
    choice = yield Choose("pick", _("Which group?"), names)
    yield from joining.confirm_joining(caller, next(group for group in listed if str(group["id"]) == choice))
