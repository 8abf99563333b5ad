"""Other leaders: notices from the network, and the list on which leaders see and write to one another."""

from __future__ import annotations

from smsgate.core.i18n import _, say_short_day_of
from smsgate.flows.actions import BeOnLeadersList, OtherLeaders, WriteToLeader
from smsgate.flows.actions.results import LedSeen, OtherLeadersSeen
from smsgate.flows.finding.narrowing import pick
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Tell

LONGEST_WORDS = 90  # characters; with the longest name, a text is still one SMS


def other_leaders(caller: Caller, group: LedSeen) -> Flow:
    """Show what the network wrote to leaders, and the list of other groups' leaders if the caller is on it."""
    seen = yield Do("other_leaders", OtherLeaders(group["id"]))
    if not seen["on"]:
        yield from _join_list(group, seen)
        return
    options = {"write": _("Write to a leader")} if seen["leaders"] else {}
    options |= _notices_entry(seen) | {"off": _("Take me off the list")}
    said = _("Leaders of other groups see your name and group, not your number.")
    choice = yield Choose("leaders", said, options)
    if choice == "write":
        yield from _write(group, seen)
    elif choice == "notices":
        yield _notices(seen)
    else:
        yield Do("off_list", BeOnLeadersList(group["id"], False))
        yield Tell(_("You're off the list. Other leaders can't write to you now."))


def _join_list(group: LedSeen, seen: OtherLeadersSeen) -> Flow:
    said = _("Leaders on the list see each other's name and group, and can text each other. Numbers stay hidden.")
    options = {"no": _("Not now"), "on": _("Put me on the list"), **_notices_entry(seen)}
    choice = yield Choose("leaders_list", said, options)
    if choice == "notices":
        yield _notices(seen)
    elif choice == "no":
        yield Tell(_("That is fine. Nothing was changed."))
    elif not seen["named"]:
        yield Tell(_("First choose a name, under Settings."))
    else:
        yield Do("on_list", BeOnLeadersList(group["id"], True))
        yield Tell(_("You're on the list. You can leave it at any time."))


def _notices_entry(seen: OtherLeadersSeen) -> dict[str, str]:
    return {"notices": _("From the network")} if seen["notices"] else {}


def _notices(seen: OtherLeadersSeen) -> Tell:
    return Tell("\n".join(f"{say_short_day_of(one['at'])}: {one['words']}" for one in seen["notices"]))


def _write(group: LedSeen, seen: OtherLeadersSeen) -> Flow:
    labels = {str(one["id"]): f"{one['name']}, {one['group']}" for one in seen["leaders"]}
    chosen = yield from pick("to_leader", _("To whom?"), labels)
    words = yield Ask("leader_words", _("Type your words."), longest=LONGEST_WORDS)
    done = yield Do("leader_written", WriteToLeader(group["id"], int(chosen), words))
    said = {
        "sent": _("Sent. They can answer you in the same way."),
        "gone": _("They can't be written to any more."),
        "limited": _("That's as much as can be written in a day. Try again tomorrow."),
    }
    yield Tell(said[done])
