"""When the caller gets texts of their groups: how long before meetings, and at which hours of the day."""

from __future__ import annotations

from collections.abc import Callable

from smsgate.core.i18n import _
from smsgate.flows import reminder_times
from smsgate.flows.actions import KeepHours, MyHours, MyReminders, RemindMe, Set
from smsgate.flows.actions.results import RemindedSeen
from smsgate.flows.steps import Action, Ask, Caller, Choose, Do, Flow, Tell

TRIES = 3
LONGEST = 30


def reminders(caller: Caller) -> Flow:
    """Set the reminders of one group, or switch them off for all groups."""
    now = yield Do("my_reminders", MyReminders())
    if not (now["on"] and now["groups"]):
        yield from _all_groups(on=now["on"])
        return
    names = {str(group["id"]): group["name"] for group in now["groups"]}
    chosen = yield Choose("remind_in", _("Reminders of which group?"), {**names, "off": _("None, for all groups")})
    if chosen == "off":
        yield Do("reminders_off", Set("reminders", on=False))
        yield Tell(_("Saved. No reminders will be sent."))
    else:
        yield from _one_group(next(group for group in now["groups"] if str(group["id"]) == chosen))


def _all_groups(*, on: bool) -> Flow:
    text = _("Reminders of meetings are on.") if on else _("Reminders of meetings are off, for all your groups.")
    choice = yield Choose("switch_reminders", text, {"on": _("On"), "off": _("Off")})
    yield Do("switched_reminders", Set("reminders", choice == "on"))
    yield Tell(_("Saved.") if (choice == "on") != on else _("It stays as it is."))


def _one_group(group: RemindedSeen) -> Flow:
    times = group["theirs"] if group["mine"] is None else group["mine"]
    text = _("Before a meeting now: {times}").format(times=reminder_times.in_words(times))
    options = {
        "group": _("Same as the group"),
        "1d": _("A day before"),
        "2h": _("2 hours before"),
        "own": _("Other times"),
        "none": _("No reminders"),
    }
    choice = yield Choose("remind_me", f"{group['name']}\n{text}", options)
    if choice == "own":
        yield from ask_times("", lambda typed: RemindMe(group["id"], typed), _("Saved. Nothing else was changed."))
        return
    typed = {"group": None, "none": ""}.get(choice, choice)
    yield Do("reminded", RemindMe(group["id"], typed))
    yield Tell(_("Saved. Nothing else was changed."))


def ask_times(whose: str, keep: Callable[[str], Action], kept: str) -> Flow:
    """Ask for reminder times until they can be saved, at most TRIES times, then say `kept`.

    `keep` makes the action that saves what was typed and returns why it cannot, or "". `whose` is a prefix that keeps
    the names of the answers apart between callers of this flow.
    """
    text = _("Type it like 2d 3h: two days and three hours before.")
    why = {"many": _("At most four reminders of a meeting."), "far": _("At most 14 days before.")}
    for turn in range(1, TRIES + 1):
        typed = yield Ask(f"{whose}times{turn}", text, longest=LONGEST)
        wrong = yield Do(f"{whose}reminded{turn}", keep(typed))
        if not wrong:
            yield Tell(kept)
            return
        yield Tell(why.get(wrong, _("We didn't understand that.")))
    yield Tell(_("It stays as it is."))


def hours(caller: Caller) -> Flow:
    """Set the hours at which groups' texts may arrive."""
    now = yield Do("my_hours", MyHours())
    text = _("You get texts {hours}. Help texts and answers always come.")
    said = text.format(hours=now or _("at any hour"))
    options = {"": _("At any hour"), "08:00-18:00": "8-18", "17:00-21:00": "17-21", "own": _("Other hours")}
    choice = yield Choose("hours", said, options)
    if choice != "own":
        yield _hours_result((yield Do("hours_kept", KeepHours(choice))))
        return
    for turn in range(1, TRIES + 1):
        typed = yield Ask(f"hours{turn}", _("Type the start and end, like 17-20 or 17:30-21:00."), longest=LONGEST)
        wrong = yield Do(f"hours_kept{turn}", KeepHours(typed))
        yield _hours_result(wrong)
        if not wrong:
            return


def _hours_result(wrong: str) -> Tell:
    if wrong == "night":
        return Tell(_("These are your group's quiet hours: it sends nothing then. Nothing was changed."))
    return Tell(_("We didn't understand that. Nothing was changed.") if wrong else _("Saved."))
