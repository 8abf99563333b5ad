"""A match under way, as one of the two uses it: meeting, writing, and ending it with one key and no reason."""

from __future__ import annotations

from datetime import datetime

from smsgate.core.i18n import _, say_when
from smsgate.flows.actions import (
    AnswerCheckIn,
    AnswerMeeting,
    EndMatch,
    NoteMeeting,
    ProposeMeeting,
    ReadTimeOfTwo,
    SetChecked,
    SetWalkReminders,
    ShareNumber,
    SkipMeeting,
    TextsOfOther,
    TwoHere,
    WriteToOther,
)
from smsgate.flows.actions.walking_results import MeetingOfTwoSeen, TwoSeen, WalkSeen
from smsgate.flows.leader.notices import moment_said
from smsgate.flows.sms.walking import LONGEST_CARRIED, named
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Tell

LONGEST_PLACE = 30
TRIES = 3
NONE = "none"


def two(caller: Caller, match_id: int, *, own: WalkSeen | None = None) -> Flow:
    """Offer everything about one match; `own` is given if the caller is the person, and None for the supporter."""
    seen = yield Do("match", TwoHere(match_id))
    if seen is None:
        yield Tell(_("This has ended."))
        return
    choice = yield Choose("two", _title(seen), _entries(seen))
    if choice == "check_in":
        yield from _check_in(seen)
    elif choice == "note":
        yield from _note(seen)
    elif choice == "write":
        yield from _write(seen)
    elif choice == "texts":
        yield from _texts(seen)
    elif choice == "meet":
        yield from _propose(seen)
    elif choice.startswith("meeting"):
        yield from _one_meeting(seen, seen["meetings"][int(choice.removeprefix("meeting"))])
    elif choice == "more":
        yield from _more(seen, own)
    else:
        yield from _not_right(seen, own)


def _title(seen: TwoSeen) -> str:
    name = named(seen["name"])
    return f"{name}: {seen['number']}" if seen["number"] else name


def _entries(seen: TwoSeen) -> dict[str, str]:
    entries = {"write": _("Write"), "meet": _("Propose a time"), "not_right": _("It doesn't feel right")}
    entries["more"] = _("More")
    if seen["check_in"]:
        entries["check_in"] = _("How is it going?")
    if seen["texts"]:
        entries["texts"] = _("Read texts")
    if seen["to_note"]:
        entries["note"] = _("Note a meeting")
    for number, meeting in enumerate(seen["meetings"][:2]):
        entries[f"meeting{number}"] = _when(meeting)
    return entries


def _when(meeting: MeetingOfTwoSeen) -> str:
    return say_when(datetime.fromisoformat(meeting["when"]))


def _check_in(seen: TwoSeen) -> Flow:
    options = {"well": _("Well"), "so_so": _("So-so"), "call": _("Please call me"), "other": _("Someone else, please")}
    text = _("How is it going? Only coordinators read this; to call you, they see your number.")
    said = yield Choose("goes", text, {**options, "later": _("Later")})
    if said == "later":
        yield Tell(_("That is fine. Not answering is fine, too."))
    elif (yield Do("went", AnswerCheckIn(seen["check_in"] or 0, said))):
        yield Tell(_("Thank you. A coordinator will call you.") if said in ("call", "other") else _("Thank you."))
    else:
        yield Tell(_("This is no longer open. Nothing else changes."))


def _note(seen: TwoSeen) -> Flow:
    """Take whether they met, and how long, in two keys."""
    meeting = seen["to_note"][0]
    usual = seen["minutes"]
    options = {str(usual): _("Met, {minutes} min").format(minutes=usual)}
    options |= {str(minutes): _("Met, {minutes} min").format(minutes=minutes) for minutes in (usual // 2, usual * 2)}
    minutes = yield Choose("met", _when(meeting), {**options, "0": _("We didn't meet")})
    noted = yield Do("noted", NoteMeeting(meeting["id"], int(minutes)))
    yield Tell(_("Noted. It counts without any name.") if noted else _("This is no longer open. Nothing else changes."))


def _write(seen: TwoSeen) -> Flow:
    text = _("Write at most {most} characters. Your number stays hidden.").format(most=LONGEST_CARRIED)
    words = yield Ask("to_other", text, longest=LONGEST_CARRIED)
    carried = yield Do("carried", WriteToOther(seen["id"], words))
    yield Tell(carried_said(carried))


def carried_said(carried: str) -> str:
    """Return what became of words to the other."""
    return {
        "passed_on": _("Passed on. At night it waits until morning."),
        "limit": _("Not passed on: there's room for a few texts an hour. Please try again later."),
        "over": _("Nothing was passed on: you are not in touch through us now."),
    }.get(carried, _("Not passed on: please write at most {most} characters at once.").format(most=LONGEST_CARRIED))


def _texts(seen: TwoSeen) -> Flow:
    texts = yield Do("texts_of_other", TextsOfOther(seen["id"]))
    if not texts:
        yield Tell(_("There is nothing to read."))
    for text in texts:
        yield Tell(f"{say_when(datetime.fromisoformat(text['at']))}: {text['words']}")


def _propose(seen: TwoSeen, meeting: MeetingOfTwoSeen | None = None) -> Flow:
    """Ask for a time and, for a new meeting, a place; then propose it to the other."""
    for turn in range(1, TRIES + 1):
        typed = yield Ask(f"time{turn}", _("When? Type day/month and time, like 25/11 14.30"), longest=20)
        read = yield Do(f"time_read{turn}", ReadTimeOfTwo(seen["id"], typed))
        if not read["wrong"]:
            break
        yield Tell(moment_said(read["wrong"]))
    else:
        yield Tell(_("Nothing was changed."))
        return
    place = ""
    if meeting is None:
        where = yield Choose("where", _("How?"), {"phone": _("By phone"), "place": _("At a place")})
        if where == "place":
            place = yield Ask("place", _("Where? In a few words that say nothing private."), longest=LONGEST_PLACE)
    action = ProposeMeeting(seen["id"], read["at"], place, meeting["id"] if meeting else 0)
    proposed = yield Do("proposed", action)
    if proposed:
        when, name = say_when(datetime.fromisoformat(read["local"])), named(seen["name"])
        yield Tell(_("{name} is asked: {when}.").format(name=name, when=when))
    elif proposed is None:
        yield Tell(_("That isn't possible right now."))
    else:
        yield Tell(_("This is no longer open. Nothing else changes."))


def _one_meeting(seen: TwoSeen, meeting: MeetingOfTwoSeen) -> Flow:
    place = meeting["place"] or _("By phone")
    text = f"{_when(meeting)}, {place}"
    options = {"stay": _("Keep as it is"), "move": _("Another time"), "skip": _("Leave it out")}
    if meeting["state"] == "proposed" and not meeting["mine"]:
        options = {"later": _("Later"), "yes": _("Yes"), "no": _("No"), "move": _("Another time")}
    elif meeting["state"] == "proposed":
        text = _("{when}: not answered yet").format(when=text)
    choice = yield Choose("meeting", text, options)
    if choice in ("stay", "later"):
        yield Tell(_("Nothing was changed."))
    elif choice == "move":
        yield from _propose(seen, meeting)
    else:
        yield from _answer(seen, meeting, choice)


def _answer(seen: TwoSeen, meeting: MeetingOfTwoSeen, choice: str) -> Flow:
    if choice == "skip":
        done = yield Do("skipped", SkipMeeting(meeting["id"]))
    else:
        done = yield Do("meeting_answered", AnswerMeeting(meeting["id"], choice == "yes"))
    name = named(seen["name"])
    yield Tell(_("{name} is told.").format(name=name) if done else _("This is no longer open. Nothing else changes."))


def _more(seen: TwoSeen, own: WalkSeen | None) -> Flow:
    options = {"finished": _("We have finished")}
    if own is not None:
        options["reminders"] = _("Reminders")
        options["checked"] = _("Don't ask how it goes") if own["checked"] else _("Ask how it goes")
    if seen["may_share"]:
        options["share"] = _("Hide my number") if seen["shares"] else _("Show my number")
    choice = yield Choose("more_of_two", named(seen["name"]), options)
    if choice == "reminders":
        yield from reminders()
    elif choice == "checked" and own is not None:
        yield Do("checked", SetChecked(not own["checked"]))
        yield Tell(_("Saved."))
    elif choice == "share":
        yield from _share(seen)
    else:
        yield from _finish(seen, own)


def reminders(supporter_id: int = 0) -> Flow:
    """Set how long before meetings the caller is reminded."""
    options = {"1d": _("A day before"), "2h": _("Two hours before"), "1d 2h": _("Both"), NONE: _("None")}
    times = yield Choose("reminded", _("When shall we remind you of meetings?"), options)
    yield Do("reminders_set", SetWalkReminders("" if times == NONE else times, supporter_id))
    yield Tell(_("Saved."))


def _share(seen: TwoSeen) -> Flow:
    if seen["shares"]:
        yield Do("hidden", ShareNumber(seen["id"], False))
        yield Tell(_("Saved. Neither of you sees the other's number here."))
        return
    text = _("Each of you sees the other's number once both have agreed. Agree?")
    if (yield Choose("sure_share", text, {"no": _("No"), "yes": _("Yes, show it")})) == "yes":
        yield Do("shared", ShareNumber(seen["id"], True))
        yield Tell(_("Saved. If the other agrees too, you see the number here."))
    else:
        yield Tell(_("Nothing was changed."))


def _finish(seen: TwoSeen, own: WalkSeen | None) -> Flow:
    text = _("End your time with {name}? They are told, without a reason.").format(name=named(seen["name"]))
    if (yield Choose("sure_finish", text, {"no": _("Go on as before"), "yes": _("Yes, it has ended")})) == "yes":
        ended = yield Do("finished", EndMatch(seen["id"], "finished", "stop" if own is not None else ""))
        yield Tell(_("It has ended. All the best to both of you.") if ended else _("This has ended."))
    else:
        yield Tell(_("Nothing was changed."))


def _not_right(seen: TwoSeen, own: WalkSeen | None) -> Flow:
    """Ask what comes next: every choice except going back ends the match, and no reason is asked."""
    name = named(seen["name"])
    text = _("It ends now, without a reason, and {name} is told so kindly.").format(name=name)
    options = {"wait": _("End, wait for another"), "stop": _("End, and stop"), "back": _("Go on as before")}
    if own is None:
        options = {"end": _("End it"), "back": _("Go on as before")}
    choice = yield Choose("ends", text, options)
    if choice == "back":
        yield Tell(_("Nothing was changed."))
        return
    ended = yield Do("ended_match", EndMatch(seen["id"], "not_right", "" if choice == "end" else choice))
    if not ended:
        yield Tell(_("This has ended."))
    elif choice == "wait":
        yield Tell(_("It has ended. You're at the front of the list. A text tells you when there is someone."))
    else:
        yield Tell(_("It has ended. No reason is needed, and none is stored."))
