"""How members and responders are named in texts to each other, and in which language responders read."""

from __future__ import annotations

from sqlalchemy import Select, SQLColumnExpression, select
from sqlalchemy.orm import aliased

from smsgate.core.phone_numbers import readable_number
from smsgate.flows.typed.plain_names import is_name
from smsgate.models import Member, Phone, Responder

NATIONAL_DIGITS = 9  # the last digits of a number, the same in every notation


def member_name(member: Member) -> str:
    """Return how responders see a member: by the name they gave, if any, and the number to call back."""
    number = readable_number(member.phone.number)
    return f"{member.name} ({number})" if member.name else number


def stranger_name(member: Member) -> str:
    """Return the same for someone who has not agreed to anything yet; the name only if it is nothing but a name."""
    return member_name(member) if member.name and is_name(member.name) else readable_number(member.phone.number)


def is_named(member: Member, words: str) -> bool:
    """Return whether words contain a member's name or, in any notation, number."""
    number = _digits(member.phone.number)[-NATIONAL_DIGITS:]
    return number in _digits(words) or bool(member.name and member.name in words)


def _digits(text: str) -> str:
    return "".join(filter(str.isdecimal, text))


def language_for(responder: Responder) -> str | None:
    """Return the responder's language or, until they choose one, that of the member who chose them."""
    return language_between(responder.member, responder.phone)


def language_between(member: Member, phone: Phone) -> str | None:
    """Return the same for the holder of a phone whom a member chooses."""
    return phone.language or member.phone.language


def responder_name(responder: Responder) -> str:
    """Return the name that the member gave this responder, else their number."""
    return responder.name or readable_number(responder.phone.number)


def asked_in(phone_id: SQLColumnExpression[int] | int) -> Select[str | None]:
    """Return a query for the language in which a number was last asked: that of the member, as in `language_for`."""
    member, phone = aliased(Member), aliased(Phone)
    rows = select(phone.language).join(member, member.phone_id == phone.id)
    rows = rows.join(Responder, Responder.member_id == member.id).where(Responder.phone_id == phone_id)
    return rows.order_by(Responder.id.desc()).limit(1)
