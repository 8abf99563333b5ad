"""How members and responders are named in texts to each other, and in which language responders read."""

from __future__ import annotations

from smsgate.core.phone_numbers import readable_number
from smsgate.flows.plain_names import is_name
from smsgate.models import Member, Responder


def member_name(member: Member) -> str:
    """A member as responders see them: their name, if they gave one, and the number to call back."""
    number = readable_number(member.phone.number)
    return f"{member.name} ({number})" if member.name else number


def stranger_name(member: Member) -> str:
    """The same for somebody who has not agreed to anything yet: a name that is none is left out."""
    return member_name(member) if member.name and is_name(member.name) else readable_number(member.phone.number)


def language_for(responder: Responder) -> str | None:
    """The responder's language; until they choose one, that of the member who chose them."""
    return responder.phone.language or responder.member.phone.language


def responder_name(responder: Responder) -> str:
    """A responder by the name that the member gave them, else by their number."""
    return responder.name or readable_number(responder.phone.number)
