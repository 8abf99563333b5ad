"""The menu of leaders, and roles: their own, and for group admins those of others and the audit log."""

from __future__ import annotations

from smsgate.core.dial_codes import code_below
from smsgate.core.i18n import _, say_day_of, say_short_day_of
from smsgate.flows.actions import (
    ConsoleCode,
    EndRole,
    GroupLog,
    GroupsLed,
    HandOver,
    LeadNews,
    LeaveRole,
    OfferRole,
    RenewRole,
    RolesHere,
    TakeHelp,
)
from smsgate.flows.actions.results import LeadNewsSeen, LedSeen
from smsgate.flows.leader import attendance, join_requests, notice_replies, notices, other_leaders
from smsgate.flows.leader.audit_events import audit_label
from smsgate.flows.steps import Caller, Choose, Do, Flow, Tell

ADMIN = "admin"


def lead_group(caller: Caller) -> Flow:
    """Choose a group that the caller leads and what to do there."""
    led = yield Do("led", GroupsLed())
    if not led:
        yield Tell(_("You have no role in a group now."))
        return
    chosen = str(led[0]["id"])
    if len(led) > 1:
        chosen = yield Choose("led_group", _("Which group?"), {str(group["id"]): group["name"] for group in led})
    group = next(group for group in led if str(group["id"]) == chosen)
    news = yield Do("lead_news", LeadNews(group["id"]))
    entries = {**_notice_entries(news), "mine": _("My role")}
    if group["role"] == ADMIN:
        entries |= {"roles": _("Leaders"), "give": _("Give a role"), "log": _("History")}
        entries |= {"reminders": _("Reminders")}
    entries |= _meeting_entries(news)
    entries["takes_help"] = _("Help texts to me: on") if group["takes_help"] else _("Help texts to me: off")
    entries["console"] = _("Sign-in code")
    entries["others"] = _("Other leaders")
    entry = yield Choose("lead", group["name"], entries)
    yield from ROOMS[entry](caller, group)


def _notice_entries(news: LeadNewsSeen) -> dict[str, str]:
    """Return the entries about notices: writing one, and what else there is to do."""
    entries = {"notice": _("Write a notice")}
    if news["agree"]:
        entries["agree"] = _("To approve: {count}").format(count=news["agree"])
    if news["replies"]:
        entries["replies"] = _("Replies to read: {count}").format(count=news["replies"])
    if news["sent"]:
        entries["sent"] = _("Notices sent")
    return entries


def _meeting_entries(news: LeadNewsSeen) -> dict[str, str]:
    entries = {"expected": _("Who is coming")} if news["planned"] else {}
    if news["over"]:
        entries["came"] = _("How many came")
    if asked := news.get("asked"):
        entries["asked"] = _("Requests to join: {count}").format(count=asked)
    return entries


def _own_role(caller: Caller, group: LedSeen) -> Flow:
    text = _("You are admin until {date}.") if group["role"] == ADMIN else _("You are facilitator until {date}.")
    options = {"stay": _("Keep as it is"), "over": _("Hand it over"), "end": _("End my role")}
    if group["ends_soon"]:
        options = {"go_on": _("Go on for a year"), **options}
    choice = yield Choose("my_role", text.format(date=say_day_of(group["until"])), options)
    if choice == "go_on":
        yield Do("went_on", RenewRole(group["id"]))
        yield Tell(_("Thank you. Your role goes on for a year."))
    elif choice == "over":
        code = yield Do("handed", HandOver(group["id"]))
        yield _code_text(caller, code, _("Your role ends when they accept."))
    elif choice == "end":
        yield from _end_own_role(group)
    else:
        yield Tell(_("Nothing was changed."))


def _end_own_role(group: LedSeen) -> Flow:
    sure = yield Choose(
        "sure_end", _("End your role in this group? You stay a member."), {"no": _("No"), "yes": _("Yes, end it")}
    )
    if sure == "yes":
        yield Do("role_left", LeaveRole(group["id"]))
        yield Tell(_("Your role has ended. Thank you for what you did."))
    else:
        yield Tell(_("Nothing was changed."))


def _takes_help(caller: Caller, group: LedSeen) -> Flow:
    text = _("May members choose that you get their help text when nobody else answers? They see your name.")
    on = yield Choose("takes_help", text, {"off": _("No"), "on": _("Yes")})
    yield Do("took_help", TakeHelp(group["id"], on == "on"))
    yield Tell(_("Thank you. No duty, and no emergency service.") if on == "on" else _("Saved."))


def _console_code(caller: Caller, group: LedSeen) -> Flow:
    code = yield Do("console_code", ConsoleCode())
    if not code:
        yield Tell(_("That isn't possible right now."))
        return
    text = _("In the browser type your number, then {code}. It works once, for 10 minutes. Don't tell anyone.")
    yield Tell(text.format(code=code))


def _offer_role(caller: Caller, group: LedSeen) -> Flow:
    role = yield Choose("give_role", _("Which role?"), {"facilitator": _("Facilitator"), ADMIN: _("Admin")})
    code = yield Do("offered", OfferRole(group["id"], role))
    yield _code_text(caller, code, "")


def _code_text(caller: Caller, code: str, more: str) -> Tell:
    if not code:
        return Tell(_("That isn't possible right now."))
    dial = code_below(caller.service_code, code)
    text = _("Within 7 days they dial {dial} or text JOIN {code}. It works once.").format(dial=dial, code=code)
    return Tell(f"{text} {more}".strip())


def _end_role(caller: Caller, group: LedSeen) -> Flow:
    roles = yield Do("roles", RolesHere(group["id"]))
    others = {str(role["id"]): role["name"] for role in roles if not role["mine"]}
    if not others:
        yield Tell(_("Nobody else has a role here."))
        return
    chosen = yield Choose("role_of", _("Leaders"), others)
    role = next(role for role in roles if str(role["id"]) == chosen)
    text = _("{name}: admin until {date}") if role["role"] == ADMIN else _("{name}: facilitator until {date}")
    question = text.format(name=role["name"], date=say_day_of(role["until"]))
    sure = yield Choose("end_role", question, {"stay": _("Keep as it is"), "end": _("End this role")})
    if sure == "end" and (yield Do("role_ended", EndRole(int(chosen)))):
        yield Tell(_("The role has ended, and they are told."))
    else:
        yield Tell(_("Nothing was changed."))


def _audit_log(caller: Caller, group: LedSeen) -> Flow:
    events = yield Do("log", GroupLog(group["id"]))
    if not events:
        yield Tell(_("Nothing was done yet."))
        return
    lines = [f"{say_short_day_of(event['at'])} {event['who']}: {audit_label(event['what'])}" for event in events]
    yield Tell("\n".join(lines))


ROOMS = {
    "notice": notices.write,
    "agree": notices.agree,
    "replies": notice_replies.replies,
    "expected": attendance.expected,
    "came": attendance.came,
    "asked": join_requests.asked,
    "reminders": attendance.reminders,
    "sent": notices.sent,
    "mine": _own_role,
    "takes_help": _takes_help,
    "roles": _end_role,
    "give": _offer_role,
    "log": _audit_log,
    "console": _console_code,
    "others": other_leaders.other_leaders,
}
