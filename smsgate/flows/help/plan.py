"""Settings of help texts: extra information, what happens when nobody answers, other ways to send, regular reviews.

Each entry takes the plan that `texts.help_text` has loaded.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from enum import StrEnum
from typing import Any

from smsgate.core.i18n import _, ngettext
from smsgate.flows.actions import (
    AvailableLeaders,
    KeepLooking,
    KeepPause,
    KeepRings,
    KeepWord,
    SaveEscalation,
    SaveExtraInfo,
)
from smsgate.flows.actions.results import HelpPlanSeen
from smsgate.flows.spelling import how_it_is_sent
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Tell

LONGEST_ALONG = 40
LONGEST_WORD = 20
MOST_STEPS = 3
MINUTES = (5, 15, 30, 60)
SECONDS = (30, 60, 120)


class EscalationStep(StrEnum):
    """What can happen when nobody answers. A plan stores the values, in order, separated by spaces."""

    NEXT = "next"  # the responders one after the other, in the member's order
    AGAIN = "again"
    LEADER = "lead"
    LINES = "lines"


def parts(plan: HelpPlanSeen) -> dict[str, str]:
    """Return the entries of this module, shown below the texts."""
    reviews = _("Ask me if it is still right: on") if plan["look_again"] else _("Ask me if it is still right: off")
    entries = {"then": _("If nobody answers"), "along": _("Extra information"), "ways": _("Ways to send")}
    if plan["agreed"] or plan["practice"]:
        entries["practice"] = _("Practise")
    return {**entries, "look": reviews}


def _extra_info(caller: Caller, plan: HelpPlanSeen) -> Flow:
    saved = {"helps": plan["helps"], "hinders": plan["hinders"], "avoid": plan["avoid"]}
    labels = {"helps": _("What helps"), "hinders": _("What doesn't help"), "avoid": _("Who not to call")}
    which = yield Choose("along", _("Your people read this with your words:"), labels)
    change = "write"
    if saved[which]:
        current = f"{labels[which]}: {saved[which]}"
        options = {"keep": _("Keep as it is"), "write": _("Other words"), "remove": _("Remove it")}
        change = yield Choose("along_change", current, options)
    if change == "keep":
        yield Tell(_("Nothing was changed."))
        return
    words = ""
    if change == "write":
        words = yield Ask(
            "along_words", _("{what}: type a few words.").format(what=labels[which]), longest=LONGEST_ALONG
        )
    yield Do("along_kept", SaveExtraInfo(which, words))
    yield Tell(_("Saved.") if words else _("Removed."))
    if told := how_it_is_sent(words):
        yield Tell(told)


def _escalation(caller: Caller, plan: HelpPlanSeen) -> Flow:
    if plan["then"]:
        steps = plan["then"].split()
        options = {"keep": _("Keep as it is"), "change": _("Change it"), "off": _("Do nothing")}
        if EscalationStep.LEADER in steps and len(steps) > 1:
            options["leaderless"] = _("Don't ask a leader")
        change = yield Choose("then_change", _steps_now(plan), options)
        if change == "keep":
            yield Tell(_("Nothing was changed."))
            return
        if change == "off":
            yield Do("then_off", SaveEscalation("", plan["minutes"]))
            yield Tell(_("Saved. You can dial again at any time to see who answered."))
            return
        if change == "leaderless":
            others = " ".join(step for step in steps if step != EscalationStep.LEADER)
            yield Do("then_leaderless", SaveEscalation(others, plan["minutes"]))
            yield Tell(then_said(others, plan["minutes"]))
            return
    yield from _choose_steps()


def _steps_now(plan: HelpPlanSeen) -> str:
    """Return what happens when nobody answers, and whether the chosen leader can be asked at all."""
    said = then_said(plan["then"], plan["minutes"])
    if plan["leader"] or EscalationStep.LEADER not in plan["then"].split():
        return said
    return " ".join((said, _("Your leader can't be asked right now.")))


def _choose_steps() -> Flow:
    steps: list[str] = []
    minutes, leader = "15", 0
    for number in range(1, MOST_STEPS + 1):
        intro = _("If nobody answers:") if not steps else _("And if still nobody answers:")
        labels = {step: label for step, label in _step_labels().items() if step not in steps}
        step = yield Choose(
            f"then_{number}", intro, {**labels, "nothing": _("Nothing more") if steps else _("Nothing")}
        )
        if step == "nothing":
            break
        if step == EscalationStep.LEADER:
            leader = yield from _choose_leader()
            if not leader:
                return
        steps.append(step)
        if number == 1:
            waits = {str(count): _minutes(count) for count in MINUTES}
            minutes = yield Choose("then_wait", _("After how long?"), waits)
        if step == EscalationStep.LINES:
            break  # the last step: nobody is asked after it
    if not (yield Do("then_kept", SaveEscalation(" ".join(steps), int(minutes), leader))):
        yield Tell(_("That isn't possible right now."))
        return
    yield Tell(then_said(" ".join(steps), int(minutes)) if steps else _("Saved. Nothing happens by itself."))


def _choose_leader() -> Generator[Tell | Ask | Choose | Do, Any, int]:
    """Let the member choose a leader who agreed beforehand to be asked. Returns 0 if there is none."""
    leaders = yield Do("leaders", AvailableLeaders())
    if not leaders:
        yield Tell(_("None of your group leaders takes help texts right now. Nothing was changed."))
        return 0
    names = {str(leader["id"]): leader["name"] for leader in leaders}
    chosen = yield Choose("leader", _("Who? They will see your name, number and words."), names)
    return int(chosen)


def _step_labels() -> dict[str, str]:
    return {
        EscalationStep.NEXT.value: _("One person after the other"),
        EscalationStep.AGAIN.value: _("Send again"),
        EscalationStep.LEADER.value: _("Ask my group leader"),
        EscalationStep.LINES.value: _("Show me numbers to call"),
    }


def then_said(then: str, minutes: int) -> str:
    """Return what happens when nobody answers, in a sentence."""
    labels = {
        EscalationStep.NEXT: _("we ask the next person"),
        EscalationStep.AGAIN: _("we send it again"),
        EscalationStep.LEADER: _("we ask your group leader"),
        EscalationStep.LINES: _("you get numbers to call"),
    }
    steps = ", ".join(labels[EscalationStep(step)] for step in then.split())
    return _("After {minutes} without an answer: {steps}.").format(minutes=_minutes(minutes), steps=steps)


def _minutes(count: int) -> str:
    return ngettext("{count} minute", "{count} minutes", count).format(count=count)


def _ways_to_send(caller: Caller, plan: HelpPlanSeen) -> Flow:
    word = _("By text: {word}").format(word=plan["word"]) if plan["word"] else _("By text, with a word of mine")
    options = {
        "pause": _("Time to cancel it"),
        "word": word,
        "rings": _("By missed call: on") if plan["rings"] else _("By missed call: off"),
    }
    way = yield Choose("way_to_send", "", options)
    yield from {"pause": _pause, "word": _word, "rings": _missed_call}[way](plan)


def _pause(plan: HelpPlanSeen) -> Flow:
    options = {"0": _("None"), **{str(count): _("{count} seconds").format(count=count) for count in SECONDS}}
    now = options.get(str(plan["pause"]), options["0"])
    text = _("It waits this long before it is sent, and one key cancels it. Now: {time}")
    seconds = yield Choose("pause", text.format(time=now), options)
    yield Do("pause_kept", KeepPause(int(seconds)))
    yield Tell(_("Saved."))


def _word(plan: HelpPlanSeen) -> Flow:
    if plan["word"]:
        options = {"keep": _("Keep as it is"), "write": _("Another word"), "remove": _("Remove it")}
        text = _("To send your help text, text only this word: {word}").format(word=plan["word"])
        change = yield Choose("word_change", text, options)
        if change == "keep":
            yield Tell(_("Nothing was changed."))
            return
        if change == "remove":
            yield Do("word_removed", KeepWord(""))
            yield Tell(_("Removed."))
            return
    word = yield Ask(
        "word", _("Type a word that means nothing to others. A text with only this word sends your help text."),
        longest=LONGEST_WORD,
    )  # fmt: skip
    wrong = yield Do("word_kept", KeepWord(word))
    yield Tell(_word_refusal(wrong) if wrong else _("Saved. Text {word} to send it.").format(word=word))


def _word_refusal(wrong: str) -> str:
    return {
        "short": _("That is too short: 3 characters at least."),
        "long": _("That is too long: 20 characters at most."),
        "taken": _("That word means something else here. Please choose another."),
    }[wrong]


def _missed_call(plan: HelpPlanSeen) -> Flow:
    text = _("A missed call to us sends your help text. You have a minute to cancel it.")
    on = yield Choose("rings", text, {"on": _("On"), "off": _("Off")})
    taken_back = yield Do("rings_kept", KeepRings(on == "on"))
    yield Tell(_("Saved. What your missed call started was not sent.") if taken_back else _("Saved."))


def _reviews(caller: Caller, plan: HelpPlanSeen) -> Flow:
    text = _("Every 90 days a short text asks if your words and people are still right. It says nothing else.")
    on = yield Choose("look", text, {"on": _("On"), "off": _("Off")})
    yield Do("look_kept", KeepLooking(on == "on"))
    yield Tell(_("Saved."))


ROOMS: dict[str, Callable[[Caller, HelpPlanSeen], Flow]] = {
    "along": _extra_info,
    "then": _escalation,
    "ways": _ways_to_send,
    "look": _reviews,
}
