"""What members and responders are called in texts to each other, and in which language they read."""

from __future__ import annotations

from smsgate.core.phone_numbers import spoken
from smsgate.models import Member, Responder


def member_name(member: Member) -> str:
    """A member as a responder sees them: the chosen name, if any, and the number to call back."""
    number = spoken(member.phone.number)
    return f"{member.name} ({number})" if member.name else number


def language_for(responder: Responder) -> str | None:
    """The responder's language; while they chose none, that of the member who chose them."""
    return responder.phone.language or responder.member.phone.language


def responder_name(responder: Responder) -> str:
    """A responder as the member calls them."""
    return responder.name or spoken(responder.phone.number)
