"""The next meetings of the caller's groups, and replies to them. A reply is never required and may always change."""

from __future__ import annotations

from datetime import datetime

from smsgate.core.i18n import _, say_when
from smsgate.flows.actions import NextMeetings, SayComing
from smsgate.flows.actions.results import MeetingSeen
from smsgate.flows.steps import Caller, Choose, Do, Flow, Tell


def meetings(caller: Caller) -> Flow:
    """List the meetings, then take a reply to one of them."""
    seen = yield Do("meetings", NextMeetings())
    if not seen:
        yield Tell(_("No meeting is planned in your groups now."))
        return
    choice = yield Choose("meeting", _("Next meetings:"), {str(one["id"]): _line(one) for one in seen})
    one = next(one for one in seen if str(one["id"]) == choice)
    options = {"yes": _("I am coming"), "no": _("I am not coming"), "maybe": _("Maybe")}
    if one["coming"]:
        options[""] = _("I would rather not say")
    coming = yield Choose("coming", _told(one), options)
    if not (yield Do("said_coming", SayComing(one["id"], coming))):
        yield Tell(_("This meeting was changed meanwhile. Please look again."))
    elif coming == "yes":
        yield Tell(_("Good. You can change your mind whenever you like."))
    elif coming == "maybe":
        yield Tell(_("Maybe, then. You can change your mind whenever you like."))
    else:
        yield Tell(_("That is fine. You can change your mind whenever you like."))


def _line(one: MeetingSeen) -> str:
    return f"{say_when(datetime.fromisoformat(one['when']))} {one['group']}"


def _told(one: MeetingSeen) -> str:
    said = {"yes": _("You said: coming."), "no": _("You said: not coming."), "maybe": _("You said: maybe.")}
    takes = _("{minutes} minutes").format(minutes=one["minutes"]) if one["minutes"] else ""
    return "\n".join(filter(None, (_line(one), one["topic"], one["place"], takes, said.get(one["coming"]))))
