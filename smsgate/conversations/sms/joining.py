"""Joining by one text: JOIN with a code, a code alone, a code as it is dialled, or the name of a listed group.

`FIND nakuru` lists groups, and its keys go on from there.

The answer says what was joined, how to leave, and how to set a name or another language (`preferences.py`).

Groups cannot be probed by name: a group that is not in the directory, one that does not exist and a name that two
groups share get the same answer, which asks for the code.
"""

from __future__ import annotations

from dataclasses import replace

from smsgate.conversations import guesses
from smsgate.conversations.sms import exchange
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.core.gsm7 import transliterate
from smsgate.core.i18n import _
from smsgate.flows import sms
from smsgate.flows.finding.find import LONGEST_LETTERS
from smsgate.flows.guard import Act
from smsgate.flows.member.groups import ROLE_DIGITS
from smsgate.flows.typed.codes_in_texts import read_bare_code, read_name
from smsgate.flows.typed.keywords import Intent
from smsgate.groups import groups, join_requests
from smsgate.groups.join_requests import JoinResult
from smsgate.groups.wording import speaking_for
from smsgate.members import members
from smsgate.models import Group, lookup


def join_by_keyword(inbound: InboundContext) -> str | None:
    """Answer JOIN with a code, unless the sender must dial."""
    if inbound.keyword is None or inbound.keyword.intent is not Intent.JOIN or not inbound.keyword.code:
        return None
    if not inbound.is_free(Act.READ):
        return None
    return _join(inbound, groups.code_as_meant(inbound.session, inbound.keyword.code))


def join_by_code(inbound: InboundContext) -> str | None:
    """Answer a text that is just a code, unless the sender must dial or it may answer an open question."""
    code = read_bare_code(inbound.words, inbound.service_code)
    if not code or not _may_join(inbound):
        return None
    if not guesses.may_guess(inbound.session, inbound.number, inbound.now):
        return None
    code = groups.code_as_meant(inbound.session, code)
    is_sure = inbound.dialogue is None and inbound.words.strip(" .#*!").isdecimal()
    if not is_sure and not groups.is_code_taken(inbound.session, code):
        guesses.note_wrong(inbound.session, inbound.number, inbound.now)
        return None  # a key that the question does not have, or not a code
    return _join(inbound, code)


def join_by_name(inbound: InboundContext) -> str | None:
    """Answer `join Tumaini` where exactly one group of the directory has the name."""
    name = read_name(inbound.words)
    if name is None or not _may_join(inbound):
        return None
    found = groups.listed_by_name(inbound.session, name)
    return _join(inbound, found[0].code) if len(found) == 1 else None


def ask_for_code(inbound: InboundContext) -> str | None:
    """Answer `join` with any other name: the code is needed. An open question stays open."""
    if read_name(inbound.words) is None or not _may_join(inbound):
        return None
    return sms.join_by_code(inbound.service_code)


def _join(inbound: InboundContext, code: str) -> str:
    """Join the group with this code at once; any other code is that of a role or a survey, or does not exist."""
    session, may_guess = inbound.session, guesses.may_guess(inbound.session, inbound.number, inbound.now)
    group = groups.find_open_group(session, code) if may_guess else None
    if group is None:
        return _no_group(inbound, code, may_guess)
    exchange.end(inbound)
    language = _language(inbound, group)
    member = inbound.member or members.join(session, inbound.phone, language, inbound.now)
    was_in = lookup.find_membership(session, member.id, group.id) is not None
    result = join_requests.join_or_ask(session, member, group.id, inbound.now)
    with speaking_for(group, language):
        if was_in:
            return sms.in_already(group.name, group.code)
        if result is JoinResult.ASKED:
            return sms.asked_to_join(group.name)
        join_requests.greet_at_next_dial(session, member, group.id)
        return sms.joined(group.name, group.code)


def _no_group(inbound: InboundContext, code: str, may_guess: bool) -> str:
    """Follow the code of a role or a survey; for any other, first tell a newcomer that no group has it."""
    may_be_role = inbound.member is not None or len(code) == ROLE_DIGITS
    if may_be_role or (may_guess and groups.is_code_taken(inbound.session, code)):
        return exchange.begin(inbound, "groups", code)  # which counts a wrong one
    guesses.note_wrong(inbound.session, inbound.number, inbound.now)
    return exchange.begin_as(
        inbound, exchange.caller(inbound, "groups"), _("There is no group with code {code}.").format(code=code)
    )


def _language(inbound: InboundContext, group: Group) -> str:
    """Return the sender's language, else that of the keyword; for a code alone, the first language of the group."""
    has_keyword = any(letter.isalpha() for letter in inbound.words)
    return inbound.phone.language or (inbound.language if has_keyword else join_requests.languages_of(group)[0])


def _may_join(inbound: InboundContext) -> bool:
    if inbound.keyword is not None or inbound.words_are_asked_for or inbound.distress_language:
        return False
    return inbound.is_free(Act.READ)


def find_group(inbound: InboundContext) -> str | None:
    """Answer FIND, unless the sender must dial, was asked for words, or speaks of despair."""
    if inbound.intent is not Intent.FIND or inbound.keyword is None or inbound.distress_language:
        return None
    if inbound.words_are_asked_for or not inbound.is_free(Act.READ):
        return None
    sought = " ".join(inbound.keyword.rest.split())[:LONGEST_LETTERS]
    who = replace(exchange.caller(inbound, "find"), seeks=transliterate(sought))
    return exchange.begin_as(inbound, replace(who, language=who.language or inbound.language))
