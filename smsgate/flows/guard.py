"""The one table of what the holder of a phone may read and do over each channel, in each state of the phone's owner.

A PIN is set so that nobody else who picks up the phone can read or change anything. A number that may have been
reassigned may be in a stranger's hands. USSD, SMS and missed calls all ask `access`. Sending a help text and taking it
back are never barred; STOP works for everybody. `docs/understand/guarding.md` shows the table.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Channel(StrEnum):
    """How a person reaches us."""

    USSD = "ussd"
    SMS = "sms"
    MISSED_CALL = "missed_call"


class PersonState(StrEnum):
    """A state that the table depends on. Someone can be in several at once, or in none."""

    PIN = "pin"  # a PIN is set
    REASSIGNED = "reassigned"  # someone else may hold the number by now
    OPTED_OUT = "opted_out"  # said STOP
    SILENT = "silent"  # reads by dialling only
    BLOCKED = "blocked"  # the network says that the number blocks us


class Act(StrEnum):
    """What a person wants to do."""

    STOP = "stop"  # opt out of everything
    START = "start"  # opt in again
    INFORM = "inform"  # ask what this is
    SEND_HELP = "send_help"
    SAY_FINE = "say_fine"  # take the help text back, or say that they are fine
    COMFORT = "comfort"  # write of despair, and get the answer with its choices
    ANSWER = "answer"  # reply to what was asked by a text on this phone
    READ = "read"  # groups, meetings, people, words
    CHANGE = "change"  # any of it, including being someone's responder
    LEAVE_GROUP = "leave_group"  # STOP with the code of a group
    LEAD = "lead"  # write and approve notices
    ERASE = "erase"
    REMOVE_PIN = "remove_pin"  # by waiting three days, announced by texts


class Access(StrEnum):
    """Whether an act is performed, from the least strict to the strictest; of several states the strictest counts."""

    FREE = "free"
    UNNAMED = "unnamed"  # performed; the answer names no person, group or place and shows no words
    ASK_HOLDER = "ask_holder"  # after we ask whether the number is still theirs
    ASK_PIN = "ask_pin"  # after they type the PIN
    DIAL = "dial"  # not over this channel: the answer says what to dial, and is the same whatever is stored about them
    REFUSED = "refused"  # not performed, and not answered


STRICTNESS = tuple(Access)
_S, _A = PersonState, Access
Row = Mapping[PersonState, Access]
FREE: Row = {}
BEHIND: Row = {_S.PIN: _A.ASK_PIN, _S.REASSIGNED: _A.ASK_HOLDER}
TO_DIAL: Row = {_S.PIN: _A.DIAL, _S.REASSIGNED: _A.DIAL}
TO_DIAL_OR_SILENCE: Row = {**TO_DIAL, _S.OPTED_OUT: _A.REFUSED}
UNNAMED: Row = {_S.PIN: _A.UNNAMED, _S.REASSIGNED: _A.UNNAMED}
UNNAMED_EVEN_AFTER_STOP: Row = {**UNNAMED, _S.OPTED_OUT: _A.UNNAMED}

# By channel and act: the states in which the act is not free. A missing act cannot be done over that channel.
TABLE: Mapping[Channel, Mapping[Act, Row]] = {
    Channel.USSD: {
        Act.SEND_HELP: {_S.PIN: _A.UNNAMED, _S.REASSIGNED: _A.ASK_HOLDER},
        Act.SAY_FINE: {_S.PIN: _A.UNNAMED, _S.REASSIGNED: _A.ASK_HOLDER},
        **dict.fromkeys(
            (Act.START, Act.INFORM, Act.ANSWER, Act.READ, Act.CHANGE, Act.LEAVE_GROUP, Act.LEAD, Act.ERASE), BEHIND
        ),
        # The texts that announce it have to reach the phone, or the PIN would be removed in secret.
        Act.REMOVE_PIN: dict.fromkeys((_S.REASSIGNED, _S.OPTED_OUT, _S.SILENT, _S.BLOCKED), _A.REFUSED),
    },
    Channel.SMS: {
        **dict.fromkeys((Act.STOP, Act.START, Act.INFORM), FREE),
        **dict.fromkeys((Act.SEND_HELP, Act.SAY_FINE, Act.COMFORT), UNNAMED_EVEN_AFTER_STOP),
        # The question is in a text on this phone anyway; a PIN must not keep anybody from answering a call for help.
        Act.ANSWER: {_S.REASSIGNED: _A.DIAL, _S.OPTED_OUT: _A.REFUSED},
        **dict.fromkeys((Act.READ, Act.CHANGE, Act.LEAD), TO_DIAL_OR_SILENCE),
        Act.LEAVE_GROUP: TO_DIAL,
        Act.ERASE: TO_DIAL,
    },
    Channel.MISSED_CALL: {
        Act.SEND_HELP: UNNAMED,
        # No text is pushed to these, so nothing can be read.
        Act.READ: {**TO_DIAL, **dict.fromkeys((_S.OPTED_OUT, _S.SILENT, _S.BLOCKED), _A.REFUSED)},
    },
}


def access(channel: Channel, act: Act, states: Iterable[PersonState]) -> Access:
    """Return whether, and after what, someone in these states may do this over that channel."""
    row = TABLE[channel].get(act)
    if row is None:
        return Access.REFUSED
    return max((row.get(state, Access.FREE) for state in states), key=STRICTNESS.index, default=Access.FREE)
