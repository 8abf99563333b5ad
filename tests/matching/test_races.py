"""Two coordinators propose at the same moment: never more than a supporter's room, and one proposal per person."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from smsgate.matching import matches
from smsgate.models import Group, Match, Programme, Supporter
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.walks import asks, becomes_supporter, hands_out_cards, makes_programme, proposes

pytestmark = pytest.mark.both_databases


def at_once(*acts: Callable[[], object]) -> list[object]:
    """Run acts that begin together, and return their results."""
    start = Barrier(len(acts))

    def begins(act: Callable[[], object]) -> object:
        start.wait(30)
        try:
            return act()
        except IntegrityError:  # the unique key is the last guard; the page reports it as a change in the meantime
            return matches.Refusal.NOT_WAITING

    with ThreadPoolExecutor(len(acts)) as threads:
        return list(threads.map(begins, acts))


def proposed(service: Service) -> int:
    with service.database.reading() as session:
        return len(session.scalars(select(Match.id)).all())


@pytest.fixture
def programme(service: Service, group: Group, juma: Phone, fatuma: Phone) -> Programme:
    """Create a programme with two supporters, who have room for one person each."""
    made = makes_programme(service)
    for phone, name in ((juma, "Juma"), (fatuma, "Fatuma")):
        becomes_supporter(service, phone, made, name)
    with service.database.transaction() as session:
        session.execute(update(Supporter).values(room=1))
    return made


def test_a_supporter_with_room_for_one_is_proposed_to_two(
    service: Service, programme: Programme, amina: Phone, otieno: Phone, juma: Phone
) -> None:
    card = hands_out_cards(service, programme)
    asks(amina, card)
    asks(otieno, card, "Otieno")
    came = at_once(*(lambda who=who: proposes(service, programme, who, juma) for who in (amina, otieno)))
    assert proposed(service) == 1
    assert [one for one in came if one is matches.Refusal.NO_ROOM]


def test_one_person_is_proposed_to_two_supporters(
    service: Service, programme: Programme, amina: Phone, juma: Phone, fatuma: Phone
) -> None:
    asks(amina, hands_out_cards(service, programme))
    came = at_once(*(lambda whom=whom: proposes(service, programme, amina, whom) for whom in (juma, fatuma)))
    assert proposed(service) == 1
    assert [one for one in came if one is matches.Refusal.NOT_WAITING]
