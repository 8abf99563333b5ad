"""The first screen, and the flows that its entries lead to."""

from __future__ import annotations

from smsgate.core.i18n import _
from smsgate.flows import guard, sms
from smsgate.flows.actions import ToldBlocked
from smsgate.flows.finding import find
from smsgate.flows.guard import Access, Act, Channel, PersonState
from smsgate.flows.help import crisis_lines, distress, own_word, people, responder, send, texts
from smsgate.flows.leader import leading
from smsgate.flows.matching import walking
from smsgate.flows.member import (
    about,
    groups,
    joining,
    meetings,
    pin_entry,
    reassigned_number,
    settings,
    sign_up,
    surveys,
)
from smsgate.flows.steps import Caller, Choose, Do, Flow, Tell

ENTRIES = {
    "help": send.get_help,
    "meetings": meetings.meetings,
    "text": texts.help_text,
    "people": people.responders,
    "groups": groups.groups,
    "settings": settings.settings,
    "about": about.about,
    "chosen": responder.chosen,
    "lead": leading.lead_group,
    "erase": settings.erase,
    "lines": crisis_lines.lines,
    "own": lambda caller: surveys.chosen(caller.flow),
    "taking_back": send.take_back,
    "choices": distress.hard_day,  # a neutral name, so that a stored session does not show why it began
    "choices_too": distress.passed_on,
    "word": own_word.own_word,
    "walk": walking.walking,
    "find": find.find,
}
DISTRESS_ENTRIES = ("choices", "choices_too")
# By a PIN or a possible reassignment: they show nothing that these guard.
NEVER_HELD_UP = (*DISTRESS_ENTRIES, "taking_back", "word")
GATES = {Access.ASK_PIN: pin_entry.admit, Access.ASK_HOLDER: reassigned_number.ask_if_same_holder}
FOR_ALL = ("erase", "lines", "chosen", "find", *DISTRESS_ENTRIES)  # open to callers who are not members


def menu(caller: Caller) -> Flow:
    """The root of every conversation.

    First it deals with a PIN and with a number that may have been reassigned, by the table of `guard.py`, and with a
    blocked number. Callers who wrote of despair or the word of their help text, or may want to take it back, are never
    held up.
    """
    if caller.start not in NEVER_HELD_UP:
        while (access := guard.access(_channel(caller), Act.READ, _states(caller))) is not Access.FREE:
            if access not in GATES:
                yield Tell(sms.please_dial(caller.service_code))
                return
            admitted = yield from GATES[access](caller)
            if admitted is None:
                return
            caller = admitted
        if caller.blocked:
            yield from _tell_blocked(caller)
    here = (yield from groups.dialled(caller)) if caller.member and caller.code and caller.start == "menu" else None
    if here and (yield from joining.greet(caller, here["id"], goes_on=True)):
        return
    if caller.member and caller.code and here is None:
        yield from groups.by_code(caller, caller.code)
    elif caller.start in ENTRIES and (caller.member or caller.start in FOR_ALL):
        yield from ENTRIES[caller.start](caller)
    elif not caller.member:
        yield from _stranger(caller)
    else:
        at_hand = {"here": here["name"]} if here else {}  # last, so that no key moves
        entry = yield Choose("menu", "", {**_entries(caller), **at_hand})
        if here and entry == "here":
            yield from groups.one_group(caller, here["id"], here["name"])
        else:
            yield from ENTRIES[entry](caller)


def _channel(caller: Caller) -> Channel:
    return Channel.SMS if caller.by_text else Channel.USSD


def _states(caller: Caller) -> list[PersonState]:
    """Return the states that guard the caller, without opting out: by SMS, that is dealt with before a dialogue."""
    true = {PersonState.PIN: caller.pin, PersonState.REASSIGNED: caller.doubted}
    return [state for state, holds in true.items() if holds]


def _tell_blocked(caller: Caller) -> Flow:
    text = _("Your network stops our texts to you. To get them again, ask it to allow them, then text us START.")
    if caller.allow:
        text = _("Your network stops our texts to you. To get them again, dial {code}, then text us START.")
    yield Choose("blocked", text.format(code=caller.allow), {"on": _("Continue")})
    yield Do("told_blocked", ToldBlocked())


def _entries(caller: Caller) -> dict[str, str]:
    entries = {
        "help": _("See who answered") if caller.asked_for_help else _("Send my help text"),
        "meetings": _("Meetings"),
        "text": _("My help text"),
        "people": _("My people"),
        "groups": _("Groups"),
        "settings": _("Settings"),
        "about": _("About"),
    }
    if caller.leads:
        entries["lead"] = _("Lead a group")
    if caller.chosen:
        entries["chosen"] = _("Who chose me")
    return {**entries, "walk": _("One to one")} if caller.walks else entries


def _stranger(caller: Caller) -> Flow:
    if caller.chosen and not caller.code:
        entry = yield Choose("door", "", {"chosen": _("Who chose me"), "join": _("Join"), "about": _("About")})
        if entry != "join":
            yield from ENTRIES[entry](caller)
            return
    yield from sign_up.sign_up(caller)
