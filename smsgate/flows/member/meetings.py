"""The next meetings of the caller's groups, and replies to them. A reply is never required and can always change."""

from __future__ import annotations

from datetime import datetime

from smsgate.core.i18n import _, say_when
from smsgate.flows import sms
from smsgate.flows.actions import NextMeetings, SayComing
from smsgate.flows.actions.results import MeetingSeen
from smsgate.flows.steps import Caller, Choose, Do, Flow, Tell


def meetings(caller: Caller) -> Flow:
    """List the meetings, then take a reply to one of them."""
    coming_up = yield Do("meetings", NextMeetings())
    if not coming_up:
        yield Tell(_("No meeting is planned in your groups now."))
        return
    choice = yield Choose(
        "meeting", _("Next meetings:"), {str(meeting["id"]): _when_and_group(meeting) for meeting in coming_up}
    )
    meeting = next(meeting for meeting in coming_up if str(meeting["id"]) == choice)
    if caller.coming:
        yield from _answered(meeting, caller.coming)
        return
    options = {"yes": _("I am coming"), "no": _("I am not coming"), "maybe": _("Maybe")}
    if meeting["coming"]:
        options[""] = _("I'd rather not say")
    reply = yield Choose("coming", _meeting_text(meeting), options)
    if not (yield Do("said_coming", SayComing(meeting["id"], reply))):
        yield Tell(_("This meeting has just changed. Please look again."))
    elif reply == "yes":
        yield Tell(_("Good. You can change your mind whenever you like."))
    elif reply == "maybe":
        yield Tell(_("Maybe, then. You can change your mind whenever you like."))
    else:
        yield Tell(_("That is fine. You can change your mind whenever you like."))


def _answered(meeting: MeetingSeen, coming: str) -> Flow:
    """Save the answer that was texted before we asked which meeting it is for."""
    if (yield Do("said_coming", SayComing(meeting["id"], coming))):
        yield Tell(sms.coming_said(coming, datetime.fromisoformat(meeting["when"]), meeting["group"]))
    else:
        yield Tell(_("This meeting has just changed. Please look again."))


def _when_and_group(meeting: MeetingSeen) -> str:
    return f"{say_when(datetime.fromisoformat(meeting['when']))} {meeting['group']}"


def _meeting_text(meeting: MeetingSeen) -> str:
    replies = {"yes": _("You said: coming."), "no": _("You said: not coming."), "maybe": _("You said: maybe.")}
    takes = _("{minutes} minutes").format(minutes=meeting["minutes"]) if meeting["minutes"] else ""
    lines = (_when_and_group(meeting), meeting["topic"], meeting["place"], takes, replies.get(meeting["coming"]))
    return "\n".join(filter(None, lines))
