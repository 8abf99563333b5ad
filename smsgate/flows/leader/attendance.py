"""For leaders: who is coming, how many came, and how long before meetings the group is reminded."""

from __future__ import annotations

from datetime import datetime

from smsgate.core.i18n import _, say_when
from smsgate.core.privacy import is_few
from smsgate.flows import reminder_times
from smsgate.flows.actions import CountCame, Expected, GroupReminders, MeetingOver, RemindGroup
from smsgate.flows.actions.results import ExpectedSeen, LedSeen
from smsgate.flows.member.text_hours import TRIES, ask_times
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Sort, Tell

MOST_CAME = 999


def expected(caller: Caller, group: LedSeen) -> Flow:
    """Show how many replied that they come, and the names of those who let them be seen."""
    found = yield Do("expected", Expected(group["id"]))
    if not found:
        yield Tell(_("No meeting is planned in this group."))
        return
    chosen = str(found[0]["id"])
    if len(found) > 1:
        chosen = yield Choose("expected_at", _("Which meeting?"), {str(one["id"]): _when(one["when"]) for one in found})
    yield Tell(_told(next(one for one in found if str(one["id"]) == chosen)))


def _told(one: ExpectedSeen) -> str:
    counts = [
        _("Coming: {count}").format(count=_said(one["yes"])),
        _("Maybe: {count}").format(count=_said(one["maybe"])),
        _("Not coming: {count}").format(count=_said(one["no"])),
    ]
    names = _("Names: {names}").format(names=", ".join(one["names"])) if one["names"] else ""
    return "\n".join(filter(None, (_when(one["when"]), *counts, names)))


def _said(count: int) -> str:
    """Blur a small count, 0 included: otherwise the first reply would give away who sent it."""
    return _("a few at most") if is_few(count) else str(count)


def came(caller: Caller, group: LedSeen) -> Flow:
    """Take the number of people who came: a count without names, given only by a leader who wants to."""
    one = yield Do("over", MeetingOver(group["id"]))
    if one is None:
        yield Tell(_("No meeting of the last three days."))
        return
    # Not 0 for nobody: that is the key that goes back.
    text = _("How many came on {when}? Type 000 for nobody.").format(when=_when(one["when"]))
    if one["attended"] is not None:
        text = f"{text} " + _("Until now: {count}").format(count=one["attended"])
    for turn in range(1, TRIES + 1):
        typed = yield Ask(f"came{turn}", text, sort=Sort.CODE)
        if int(typed) <= MOST_CAME:
            kept = yield Do(f"counted{turn}", CountCame(group["id"], one["id"], int(typed)))
            yield Tell(_("Thank you. Kept: {count}").format(count=int(typed)) if kept else _("It stays as it is."))
            return
        yield Tell(_("That is more than fits here: at most {count}.").format(count=MOST_CAME))
    yield Tell(_("It stays as it is."))


def reminders(caller: Caller, group: LedSeen) -> Flow:
    """Set how long before meetings the group is reminded. A member's own times go before these."""
    now = yield Do("group_reminders", GroupReminders(group["id"]))
    said = _("Before a meeting now: {times}").format(times=reminder_times.said(now))
    choice = yield Choose("group_remind", said, {"own": _("Other times"), "none": _("No reminders")})
    if choice == "none":
        yield Do("group_reminded", RemindGroup(group["id"], ""))
        yield Tell(_("Kept. No reminders come."))
        return
    kept = _("Kept. Members may choose other times.")
    yield from ask_times("group_", lambda typed: RemindGroup(group["id"], typed), kept)


def _when(local: str) -> str:
    return say_when(datetime.fromisoformat(local))
