"""Setting a name or a language by one text, as the answer to JOIN explains: `NAME Amina`, `KISWAHILI`."""

from __future__ import annotations

from smsgate.conversations.sms import exchange
from smsgate.conversations.sms.inbound_context import InboundContext
from smsgate.core.i18n import speaking
from smsgate.flows import sms
from smsgate.flows.guard import Act
from smsgate.flows.member.settings import LONGEST_NAME
from smsgate.flows.typed.keywords import Intent
from smsgate.flows.typed.plain_names import is_name
from smsgate.members import members


def set_name(inbound: InboundContext) -> str | None:
    """Answer NAME and a name from a member."""
    if inbound.intent is not Intent.NAME or inbound.member is None or not _is_free(inbound):
        return None
    name = " ".join(inbound.keyword.rest.split()) if inbound.keyword else ""
    if len(name) > LONGEST_NAME:
        return sms.name_too_long(LONGEST_NAME)
    if name and not is_name(name):
        return sms.not_a_name()
    members.set_name(inbound.member, name)
    return sms.name_kept(name)


def set_language(inbound: InboundContext) -> str | None:
    """Answer the name of a language, which becomes the sender's. Someone who has not joined gets the first screen."""
    if inbound.keyword is None or inbound.intent is not Intent.LANGUAGE or not _is_free(inbound):
        return None
    inbound.phone.language = inbound.keyword.rest
    with speaking(inbound.phone.language, inbound.wording):
        if inbound.member is not None:
            return sms.language_kept(inbound.service_code)
        return exchange.begin(inbound, "menu")


def _is_free(inbound: InboundContext) -> bool:
    """Return whether the sender may change things by text, and no question is open that any words may answer."""
    return not inbound.words_are_asked_for and inbound.is_free(Act.CHANGE)
