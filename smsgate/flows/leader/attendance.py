"""For leaders: who is coming, how many came, and how long before meetings the group is reminded."""

from __future__ import annotations

from datetime import datetime

from smsgate.core.i18n import _, say_when
from smsgate.core.privacy import is_few
from smsgate.flows import reminder_times
from smsgate.flows.actions import CountCame, Expected, GroupReminders, MeetingOver, RemindGroup
from smsgate.flows.actions.results import ExpectedSeen, LedSeen
from smsgate.flows.member.text_hours import TRIES, ask_times
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, InputType, Tell

MOST_CAME = 999


def expected(caller: Caller, group: LedSeen) -> Flow:
    """Show how many replied that they are coming, and the names of those who let leaders see them."""
    meetings = yield Do("expected", Expected(group["id"]))
    if not meetings:
        yield Tell(_("No meeting is planned in this group."))
        return
    chosen = str(meetings[0]["id"])
    if len(meetings) > 1:
        chosen = yield Choose(
            "expected_at", _("Which meeting?"), {str(meeting["id"]): _when(meeting["when"]) for meeting in meetings}
        )
    yield Tell(_expected_text(next(meeting for meeting in meetings if str(meeting["id"]) == chosen)))


def _expected_text(meeting: ExpectedSeen) -> str:
    counts = [
        _("Coming: {count}").format(count=_blurred(meeting["yes"])),
        _("Maybe: {count}").format(count=_blurred(meeting["maybe"])),
        _("Not coming: {count}").format(count=_blurred(meeting["no"])),
    ]
    names = _("Names: {names}").format(names=", ".join(meeting["names"])) if meeting["names"] else ""
    return "\n".join(filter(None, (_when(meeting["when"]), *counts, names)))


def _blurred(count: int) -> str:
    """Blur a small count, 0 included: otherwise the first reply would give away who sent it."""
    return _("fewer than 5") if is_few(count) else str(count)


def came(caller: Caller, group: LedSeen) -> Flow:
    """Record how many people came: a count without names, given only by a leader who wants to."""
    meeting = yield Do("over", MeetingOver(group["id"]))
    if meeting is None:
        yield Tell(_("There was no meeting in the last three days."))
        return
    # Nobody is not 0, since that is the key that goes back.
    text = _("How many came on {when}? Type 000 for nobody.").format(when=_when(meeting["when"]))
    if meeting["attended"] is not None:
        text = f"{text} " + _("So far: {count}").format(count=meeting["attended"])
    for turn in range(1, TRIES + 1):
        typed = yield Ask(f"came{turn}", text, input_type=InputType.CODE)
        if int(typed) <= MOST_CAME:
            saved = yield Do(f"counted{turn}", CountCame(group["id"], meeting["id"], int(typed)))
            yield Tell(_("Thank you. Saved: {count}").format(count=int(typed)) if saved else _("It stays as it is."))
            return
        yield Tell(_("That is too many: at most {count}.").format(count=MOST_CAME))
    yield Tell(_("It stays as it is."))


def reminders(caller: Caller, group: LedSeen) -> Flow:
    """Set how long before meetings the group is reminded. A member's own times take precedence."""
    current = yield Do("group_reminders", GroupReminders(group["id"]))
    question = _("Before a meeting now: {times}").format(times=reminder_times.in_words(current))
    choice = yield Choose("group_remind", question, {"own": _("Other times"), "none": _("No reminders")})
    if choice == "none":
        yield Do("group_reminded", RemindGroup(group["id"], ""))
        yield Tell(_("Saved. No reminders will be sent."))
        return
    confirmation = _("Saved. Members may choose other times.")
    yield from ask_times("group_", lambda typed: RemindGroup(group["id"], typed), confirmation)


def _when(local: str) -> str:
    return say_when(datetime.fromisoformat(local))
