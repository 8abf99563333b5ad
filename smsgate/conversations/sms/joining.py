"""Joining by a text without a keyword: a code alone, a code as it is dialled, or the name of a group of the directory.

Groups cannot be probed by name: one that is not in the directory, one that does not exist and a name that two groups
have get the same answer, which asks for the code.
"""

from __future__ import annotations

from smsgate.conversations import guesses
from smsgate.conversations.sms import exchange
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.flows import sms
from smsgate.flows.codes_in_texts import read_bare_code, read_name
from smsgate.flows.guard import Act
from smsgate.groups import groups


def open_by_code(inbound: InboundContext) -> str | None:
    """Answers a code and nothing else, unless the sender must dial or something is asked that it may answer."""
    code = read_bare_code(inbound.words, inbound.service_code)
    if not code or not _may_join(inbound):
        return None
    if not guesses.may_guess(inbound.session, inbound.number, inbound.now):
        return None
    code = groups.code_as_meant(inbound.session, code)
    is_sure = inbound.dialogue is None and inbound.words.strip(" .#*!").isdecimal()
    if not is_sure and not groups.is_code_taken(inbound.session, code):
        guesses.note_wrong(inbound.session, inbound.number, inbound.now)
        return None  # a key that the question does not have: or no code
    return exchange.begin(inbound, "groups", code)


def open_by_name(inbound: InboundContext) -> str | None:
    """Answers `join Tumaini` where exactly one group of the directory has the name."""
    name = read_name(inbound.words)
    if name is None or not _may_join(inbound):
        return None
    found = groups.listed_by_name(inbound.session, name)
    return exchange.begin(inbound, "groups", found[0].code) if len(found) == 1 else None


def ask_for_code(inbound: InboundContext) -> str | None:
    """Answers `join` with any other name: the code is needed. A question that waits goes on waiting."""
    if read_name(inbound.words) is None or not _may_join(inbound):
        return None
    return sms.join_by_code(inbound.service_code)


def _may_join(inbound: InboundContext) -> bool:
    if inbound.keyword is not None or inbound.words_are_asked_for or inbound.distress_language:
        return False
    return inbound.is_free(Act.READ)
