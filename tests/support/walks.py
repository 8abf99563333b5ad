"""One-to-one support in stories: a programme, its cards, a supporter, and two people who walk together."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy import select

from smsgate.matching import matches, programmes
from smsgate.matching.wishes import Wishes
from smsgate.models import CardBatch, Group, Match, Member, Phone, Programme, ProgrammeRole, Seeker, Supporter, lookup
from smsgate.service import Service
from tests.support import people
from tests.support.stories import joins

CODE = "*384*77#"
TODAY = date(2026, 11, 23)


def makes_programme(service: Service, group: Group | None = None, **rules: object) -> Programme:
    """Create a programme, of a group or of the network, with interests and rules."""
    with service.database.transaction() as session:
        made = programmes.create(session, "Side by side", "Africa/Nairobi", service.now(), group)
        made.words = {"en": "Someone walks with you."}
        made.interests = {"1": {"en": "Football", "sw": "Mpira"}, "2": {"en": "Gardening"}}
        for name, value in rules.items():
            setattr(made, name, value)
        return made


def hands_out_cards(service: Service, programme: Programme, on: date = TODAY) -> str:
    """Make cards and return their code."""
    with service.database.transaction() as session:
        mine = session.get_one(Programme, programme.id)
        return programmes.make_cards(session, mine, 20, on, service.now()).code


def offers_role(service: Service, programme: Programme, role: ProgrammeRole) -> str:
    """Offer a role in the programme and return its code."""
    with service.database.transaction() as session:
        return programmes.offer(session, session.get_one(Programme, programme.id), role, service.now())


def becomes_supporter(service: Service, phone: people.Phone, programme: Programme, name: str, **said: object) -> None:
    """Join, and accept the role of supporter."""
    joins(phone, name)
    code = offers_role(service, programme, ProgrammeRole.SUPPORTER)
    phone.dials(f"*384*77*{code}#", "2")
    phone.sees("Thank you. In the menu")
    with service.database.transaction() as session:
        supporter = supporter_of(session, phone)
        supporter.said = Wishes(**said).stored()  # type: ignore[arg-type]


def asks(phone: people.Phone, code: str, name: str = "Amina") -> None:
    """Dial a card's code as a stranger, join, ask for someone, and skip every question."""
    phone.dials(f"*384*77*{code}#", "1", "1", name)
    phone.picks("Ask for someone")
    while "You're on the list" not in phone.handset.screen:
        phone.picks(next(label for label in SKIPS if label in phone.handset.screen))


SKIPS = ("Skip", "Either is fine", "Anyone")


def member_of(session, phone: people.Phone) -> Member:  # type: ignore[no-untyped-def]
    found = lookup.find_member_by_number(session, phone.number)
    assert found
    return found


def supporter_of(session, phone: people.Phone) -> Supporter:  # type: ignore[no-untyped-def]
    return session.scalars(  # type: ignore[no-any-return]
        select(Supporter).where(Supporter.member_id == member_of(session, phone).id)
    ).one()


def proposes(service: Service, programme: Programme, person: people.Phone, supporter: people.Phone) -> Match | matches.Refusal:  # fmt: skip # noqa: E501
    """Propose a match of the two, as a coordinator."""
    with service.database.transaction() as session:
        seeker = session.scalars(
            select(Seeker).join(Member).join(Phone).where(Phone.id == member_of(session, person).phone_id)
        ).first()
        return matches.propose(
            session, session.get_one(Programme, programme.id), seeker.id if seeker else 0,
            supporter_of(session, supporter).id, service.now(), CODE,
        )  # fmt: skip


def walk_together(service: Service, person: people.Phone, supporter: people.Phone, **rules: Any) -> Programme:
    """Create a programme in which both have agreed to a match, and return it."""
    programme = makes_programme(service, **rules)
    becomes_supporter(service, supporter, programme, "Juma")
    asks(person, hands_out_cards(service, programme))
    proposes(service, programme, person, supporter)
    for phone in (person, supporter):
        phone.dials()
        goes_to(phone, "One to one")
        if phone is supporter:
            phone.picks("New:")
        phone.picks("Yes")
    supporter.sees("are in touch now")
    return programme


EVENTS = ("a programme hands out cards", "the role of supporter is on offer", "Amina has the card in her hand")
PROPOSES = "a coordinator proposes "


def happens(service: Service, event: str, phones: Mapping[str, people.Phone]) -> str:
    """Carry out an event of a transcript about one-to-one support; return the code that people then dial, or ""."""
    if event.startswith(PROPOSES):
        supporter, _to, person = event.removeprefix(PROPOSES).partition(" to ")
        proposes(service, the_programme(service), phones[person], phones[supporter])
        return ""
    if event == EVENTS[0]:
        words = {"en": "Someone walks with you.", "sw": "Mtu anatembea nawe.", "fr": "Quelqu'un fait route avec vous."}
        liked = [
            {"en": "Football", "sw": "Mpira", "fr": "Le football"},
            {"en": "Gardening", "sw": "Bustani", "fr": "Le jardin"},
        ]
        interests = {str(number): named for number, named in enumerate(liked, start=1)}
        return hands_out_cards(service, makes_programme(service, words=words, interests=interests))
    if event == EVENTS[1]:
        return offers_role(service, the_programme(service), ProgrammeRole.SUPPORTER)
    with service.database.reading() as session:
        return session.scalars(select(CardBatch.code)).one()


def the_programme(service: Service) -> Programme:
    """Return the only programme."""
    with service.database.reading() as session:
        return session.scalars(select(Programme)).one()


def goes_to(phone: people.Phone, *labels: str) -> None:
    """Choose options by their labels, through the pages of each menu."""
    for label in labels:
        while not any(line.partition(" ")[2].startswith(label) for line in phone.handset.screen.splitlines()):
            assert "98 More" in phone.handset.screen, f"{label!r} is nowhere:\n{phone.handset.screen}"
            phone.types("98")
        phone.picks(label)
