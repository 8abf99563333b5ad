"""Notices by phone: write one, see the status of those sent, approve or decline another leader's."""

from __future__ import annotations

from collections.abc import Generator
from datetime import datetime
from typing import Any

from smsgate.core.i18n import LANGUAGES, _, ngettext, say_when
from smsgate.core.privacy import few, is_few
from smsgate.flows.actions import (
    ApproveNotice,
    DeliveryStatus,
    NoticeChoices,
    NoticesHere,
    NoticesToApprove,
    PriceNotice,
    ReadMoment,
    SendNotice,
    SendNoticeToo,
    StopNotice,
)
from smsgate.flows.actions.results import ChoicesSeen, HowFarSeen, LedSeen, MomentSeen, PricedSeen, SentSeen
from smsgate.flows.spelling import changed_said, odd_said
from smsgate.flows.steps import Ask, Caller, Choose, Do, Flow, Tell

LONGEST = 640
TRIES = 2
Answered = Generator[Tell | Ask | Choose | Do, Any, Any]


def write(caller: Caller, group: LedSeen) -> Flow:
    """Take the words, show what they cost, ask when to send, and send after two different keys."""
    choices = yield Do("choices", NoticeChoices(group["id"]))
    audience, language = yield from _choose_audience(choices)
    words = yield Ask("notice", _("Type the notice."), longest=LONGEST)
    priced = yield Do("priced", PriceNotice(group["id"], words, audience, language))
    if priced["wrong"] or not priced["people"]:
        yield Tell(_refusal(priced))
        return
    if respelled := changed_said(words):
        yield Choose("respelled", respelled, {"so": _("Continue")})
    if priced["odd"]:
        yield Choose("odd", odd_said(priced["odd"]), {"so": _("Continue")})
    if (yield from _confirm_doubts(priced)) == "no":
        yield Tell(_("Nothing was sent."))
        return
    when = yield Choose(
        "when", price_said(priced), {"now": _("Now"), "later": _("At a set time"), "no": _("Do not send")}
    )
    at, local = "", ""
    if when == "later":
        at, local = yield from _ask_time(group)
    if when == "no" or (when == "later" and not at):
        yield Tell(_("Nothing was sent."))
        return
    # Two different keys: 1 or a typed time opened this screen, so 2 sends.
    options = {"no": _("No"), "yes": _("Yes, send it")}
    if (yield Choose("sure_notice", _confirm_question(priced, local), options)) == "no":
        yield Tell(_("Nothing was sent."))
        return
    sent = yield Do("notice_sent", SendNotice(group["id"], words, audience, language, at))
    if sent["outcome"] == "another":
        question = _("Somebody else sent a notice to this group minutes ago. Send yours too?")
        # Swapped: key 2 opened this screen, so here 1 sends.
        if (yield Choose("too", question, {"yes": _("Yes, send it"), "no": _("No")})) == "no":
            yield Tell(_("Nothing was sent."))
            return
        sent = yield Do("notice_sent_too", SendNoticeToo(group["id"], words, audience, language, at))
    yield Tell(outcome_said(sent))


def _confirm_doubts(priced: PricedSeen) -> Answered:
    """Warn of words that may be misread. The leader decides; nothing is blocked."""
    doubts = "\n".join(doubts_said(priced))
    if not doubts:
        return "so"
    question = _("{said} Send anyway?").format(said=doubts)
    return (yield Choose("doubts", question, {"so": _("Continue"), "no": _("Do not send")}))


def doubts_said(priced: PricedSeen) -> list[str]:
    """Return the warnings about words that sound medical on a shared phone or like an order, one a line."""
    lines = []
    if priced["medical"]:
        lines.append(_("{word}: this word may sound medical on a shared phone.").format(word=priced["medical"]))
    if priced["order"]:
        lines.append(_("{word}: this may sound like an order.").format(word=priced["order"]))
    return lines


def _choose_audience(choices: ChoicesSeen) -> Answered:
    """Ask for the audience and, if it is the speakers of a language, for that language."""
    options = {"everybody": _("Everybody")}
    if choices["coming"]:
        options["coming"] = _("People coming to the next meeting")
    if len(choices["languages"]) > 1:
        options["speakers"] = _("People who speak one language")
    if len(options) == 1:
        return "everybody", ""
    audience = yield Choose("audience", _("Send to whom?"), options)
    if audience != "speakers":
        return audience, ""
    names = {str(place): LANGUAGES[language] for place, language in enumerate(choices["languages"])}
    place = yield Choose("speakers", _("Which language?"), names)
    return audience, choices["languages"][int(place)]


def _ask_time(group: LedSeen) -> Answered:
    """Ask for a time. Returns it in ISO form, in UTC and in the group's local time, or two empty strings."""
    for turn in range(1, TRIES + 1):
        typed = yield Ask(f"time{turn}", _("When? Type it like 18:30, or 24/12 18:30."), longest=20)
        time: MomentSeen = yield Do(f"moment{turn}", ReadMoment(group["id"], typed))
        if not time["wrong"]:
            return time["at"], time["local"]
        yield Tell(moment_said(time["wrong"]))
    return "", ""


def moment_said(wrong: str) -> str:
    """Return why a time cannot be accepted."""
    return {
        "past": _("That time is in the past."),
        "far": _("That is more than 60 days ahead."),
        "skipped": _("That time does not exist: the clocks go forward then."),
    }.get(wrong, _("That isn't a time."))


def _refusal(priced: PricedSeen) -> str:
    if priced["wrong"] == "role":
        return _no_role()
    if priced["wrong"]:
        return too_long(int(priced["wrong"]))
    return _("Nobody in it can get texts right now. Nothing was sent.")


def _no_role() -> str:
    return _("You have no role in this group any more. Nothing was sent.")


def too_long(over: int) -> str:
    """Return by how many characters a notice is too long."""
    return ngettext("That is {count} character too long.", "That is {count} characters too long.", over).format(
        count=over
    )


def people_said(count: int) -> str:
    """Return a number of people in words, blurred if it is so small that it would identify someone."""
    return _("fewer than 5 people") if is_few(count) else _("{count} people").format(count=count)


def price_said(priced: PricedSeen) -> str:
    """Return how many people get a notice, its length, its price and, at night, when it would be sent."""
    lines = [_("{people}, {parts} SMS each").format(people=people_said(priced["people"]), parts=priced["parts"])]
    if priced["price"]:
        text = _("Price: up to {price}") if is_few(priced["people"]) else _("Price: {price}")
        lines.append(text.format(price=priced["price"]))
    if priced["leaves"]:
        lines.append(_("At night it waits until {when}").format(when=_when(priced["leaves"])))
    return "\n".join(lines)


def _confirm_question(priced: PricedSeen, local: str) -> str:
    people = people_said(priced["people"])
    if local:
        return _("Send it to {people} on {when}?").format(people=people, when=_when(local))
    return _("Send it to {people} now?").format(people=people)


def outcome_said(sent: SentSeen) -> str:
    """Return what became of a notice that was submitted, approved or declined."""
    people, leaves = people_said(sent["people"]), _when(sent["leaves"])
    if sent["outcome"] in ("going", "timed") and leaves:
        return _("It will be sent {when} to {people}. You can stop it until then.").format(when=leaves, people=people)
    return {
        "going": _("Sending to {people}. See progress under Notices sent.").format(people=people),
        "asked": _("It waits until a second person who leads the group agrees. We're telling them."),
        "operator": _(
            "It waits until a second person agrees. No other leader can be reached: we're asking the operator."
        ),
        "nobody": _("It waits until a second person agrees. Nobody who may agree can get texts right now."),
        "dropped": _("It won't be sent. We're telling its author."),
        "no_role": _no_role(),
        "past": _("That time is in the past. Nothing was sent."),
        "missed": _("Its time has passed, so it was not sent. The author is told."),
        "author_gone": _("Its author no longer leads the group. It was not sent."),
        "used": _("That is decided already."),
        "own": _("You wrote it yourself: somebody else has to agree."),
    }.get(sent["outcome"], _("It is too late for that. Nothing was sent."))


def _when(local: str) -> str:
    return say_when(datetime.fromisoformat(local)) if local else ""


def sent(caller: Caller, group: LedSeen) -> Flow:
    """Show the status of the last notices, and stop what is still waiting."""
    notices = yield Do("notices", NoticesHere(group["id"]))
    if not notices:
        yield Tell(_("No notice was sent yet."))
        return
    lines = {str(notice["id"]): f"{_when(notice['when'])} {stage_said(notice['stage'])}" for notice in notices}
    chosen = yield Choose("which_notice", _("Notices sent"), lines)
    status = yield Do("how_far", DeliveryStatus(int(chosen)))
    if status is None:
        yield Tell(_("You have no role in this group any more."))
        return
    options = {
        "read": _("Read it"),
        **({"stop": _("Stop sending")} if status["waiting"] else {}),
        "end": _("Keep as it is"),
    }
    choice = yield Choose("far", _status_text(status), options)
    if choice == "read":
        yield Tell(status["words"] or _("The words of notices are erased after 90 days."))
    elif choice == "stop":
        yield from _stop_rest(status["id"])
    else:
        yield Tell(_("It stays as it is."))


def _stop_rest(notice_id: int) -> Flow:
    question = _("Stop sending? What has been sent can't be called back.")
    if (yield Choose("sure_stop", question, {"yes": _("Yes, stop it"), "no": _("No")})) == "no":
        yield Tell(_("It stays as it is."))
    elif (yield Do("notice_stopped", StopNotice(notice_id))):
        yield Tell(_("Stopped. Nothing more will be sent."))
    else:
        yield Tell(_("You have no role in this group any more."))


def stage_said(stage: str) -> str:
    """Return the status of a notice in a few words."""
    return {
        "asked": _("needs approval"), "timed": _("waits for its time"), "dropped": _("not sent"),
    }.get(stage, _("sent out"))  # fmt: skip


def _status_text(status: HowFarSeen) -> str:
    counts = {
        _("waiting"): status["waiting"], _("sent"): status["sent"], _("delivered"): status["delivered"],
        _("failed"): status["failed"], _("too late"): status["too_late"],
        _("unknown"): status["unknown"], _("held back"): status["stopped"],
    }  # fmt: skip
    counted = ", ".join(f"{name} {count_said(count)}" for name, count in counts.items() if count)
    lines = [stage_said(status["stage"])] if status["stage"] != "going" else []
    lines.append(counted or _("Nobody gets it."))
    if status["cost"]:
        lines.append(_("Cost so far: {price}").format(price=status["cost"]))
    return "\n".join(lines)


def count_said(count: int) -> str:
    """Return a count, blurred if it is so small that it would identify someone."""
    return few(count, _("fewer than 5"))


def agree(caller: Caller, group: LedSeen) -> Flow:
    """Show another leader's notice and approve or decline it as the second approver."""
    notices = yield Do("to_agree", NoticesToApprove(group["id"]))
    if not notices:
        yield Tell(_("No notice waits for you."))
        return
    chosen = str(notices[0]["id"])
    if len(notices) > 1:
        lines = {str(notice["id"]): f"{_when(notice['when'])} {people_said(notice['people'])}" for notice in notices}
        chosen = yield Choose("agree_which", _("Which notice?"), lines)
    notice = next(notice for notice in notices if str(notice["id"]) == chosen)
    priced: PricedSeen = {"wrong": "", "odd": "", "medical": "", "order": "", "leaves": "", **notice}  # type: ignore[typeddict-item]
    yield Choose("agree_read", notice["words"], {"on": _("Continue")})
    options = {"later": _("Not now"), "yes": _("I agree"), "no": _("Do not send it")}
    choice = yield Choose("agree", price_said(priced), options)
    if choice == "later":
        yield Tell(_("It stays as it is."))
    else:
        yield Tell(outcome_said((yield Do("agreed", ApproveNotice(notice["id"], choice == "yes")))))
