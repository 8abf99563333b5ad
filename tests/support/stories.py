"""What people do in many stories: join, choose someone, prepare a help text, accept a role."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from smsgate.gateways import Outcome, Verdict
from smsgate.groups import roles
from smsgate.help.crisis import crisis_lines
from smsgate.models import Group, Role
from smsgate.service import Service
from tests.support.people import Phone

HELP = "Please get in touch with me"
TODAY = date(2026, 11, 23)
GOOD = crisis_lines.CrisisLineEntry(
    "KE", "0800 000 000", {"en": "Befrienders", "sw": "Marafiki"}, "their site", TODAY, hours="8-20"
)


def joins(person: Phone, name: str = "Amina", code: str = "4521") -> None:
    """Join a group by dialling its code, in English, with a name."""
    person.dials(f"*384*77*{code}#", "1", "1", name, "1")
    person.sees("You've joined Tumaini")


def agrees(member: Phone, responder: Phone, name: str) -> None:
    """Let the member choose someone, who says yes by SMS."""
    member.dials(None, "4")
    member.picks("Add a person")
    member.types(responder.number, name, "1")
    member.sees("We've asked them.")
    responder.hears("may they text you", "Reply 1")
    assert "Thank you" in responder.texts("1")


def chooses(member: Phone, other: Phone, name: str) -> None:
    """Let the member choose someone, who does not answer yet."""
    member.dials(None, "4")
    member.picks("Add a person")
    member.types(other.number, name, "1")
    member.sees("We've asked them.")


def plans(member: Phone, *labels: str) -> None:
    """Open a part of My help text, through its pages."""
    member.dials(None, "3")
    for label in labels:
        while label not in member.handset.screen and "98 More" in member.handset.screen:
            member.types("98")
        member.picks(label)


def copies(phone: Phone, words: str = HELP) -> int:
    """Return how many texts with these words a phone got."""
    return sum(words in text for text in phone.reads())


def offers(service: Service, group: Group, role: Role = Role.ADMIN) -> str:
    """Offer a role in the group and return its code."""
    with service.database.transaction() as session:
        return roles.offer(session, session.get_one(Group, group.id), role, service.now())


def becomes(person: Phone, service: Service, group: Group, role: Role = Role.ADMIN) -> None:
    """Join, and accept a role by dialling its code."""
    joins(person)
    person.dials(f"*384*77*{offers(service, group, role)}#", "2")
    person.sees("Thank you")


def keeps(service: Service, *entries: crisis_lines.CrisisLineEntry) -> None:
    """Add these helplines, as if a volunteer had verified them."""
    with service.database.transaction() as session:
        for entry in entries:
            crisis_lines.add(session, entry, service.now())


def lose_replies(service: Service) -> None:
    """From now on, texts are sent but the gateway's replies are lost; patches the gateway."""
    send = service.gateway.send

    def sending(words: str, numbers: Sequence[str]) -> list[Outcome]:
        send(words, numbers)
        return [Outcome(number, Verdict.UNKNOWN) for number in numbers]

    service.gateway.send = sending  # type: ignore[method-assign]


def refuse(service: Service, number: str, outcome: Outcome) -> None:
    """From now on, give texts to one number this outcome; patches the gateway."""
    send = service.gateway.send

    def sending(words: str, numbers: list[str]) -> list[Outcome]:
        others = [one for one in numbers if one != number]
        return [*(send(words, others) if others else []), *([outcome] if number in numbers else [])]

    service.gateway.send = sending  # type: ignore[assignment, method-assign]
