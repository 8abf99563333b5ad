"""One-to-one support in the console: setting up a programme, the waiting list, proposals, calls, cards, counts."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select

from smsgate.matching import counts
from smsgate.matching.counts import Count
from smsgate.matching.wishes import Wishes
from smsgate.models import Group, Match, MatchState, Programme, ProgrammeRole, Role, Seeker
from smsgate.service import Service
from smsgate.web import Application
from tests.support.console import Console, leads, looks_after_the_network
from tests.support.people import Phone
from tests.support.stories import joins
from tests.support.walks import (
    asks,
    becomes_supporter,
    goes_to,
    hands_out_cards,
    makes_programme,
    member_of,
    offers_role,
    walk_together,
)


def becomes_coordinator(service: Service, phone: Phone, programme: Programme, *, member: bool = False) -> None:
    if not member:
        joins(phone, "Fatuma")
    code = offers_role(service, programme, ProgrammeRole.COORDINATOR)
    phone.dials(f"*384*77*{code}#", "2")
    phone.sees("Sign in to the console")


def says(service: Service, phone: Phone, **said: object) -> None:
    with service.database.transaction() as session:
        seeker = session.scalars(select(Seeker).where(Seeker.member_id == member_of(session, phone).id)).one()
        seeker.said = Wishes(**said).stored()  # type: ignore[arg-type]


@pytest.fixture
def console(app: Application, service: Service) -> Console:
    return Console(app, service)


def test_an_admin_of_the_network_sets_a_programme_up(
    service: Service, group: Group, amina: Phone, juma: Phone, console: Console
) -> None:
    looks_after_the_network(service, amina)
    console.signs_in(amina)
    console.follows("One to one")
    console.follows("Create a programme")
    console.sends("Create", name="Side by side")
    console.sees("Programme created.", "No coordinator yet.")
    console.follows("Texts and rules")
    console.sends(
        "Save", words_en="Someone walks with you.", interests_en="Football\nGardening", languages="English\nDholuo",
        months="6", code_days="20",
    )  # fmt: skip
    console.sees("Saved.", "up to 6 months", "20 days")
    console.sends("Create code", role="coordinator")
    console.sees("A code for a coordinator")
    joins(juma, "Juma")
    code = console.words.partition("JOIN ")[2][:8]
    juma.dials(f"*384*77*{code}#")
    juma.sees("Side by side asks you to be coordinator for a year")
    console.opens("/console/programmes/1/waiting", 403)
    console.opens("/console/programmes/1/matches", 403)


def test_a_coordinator_reads_why_two_would_suit_each_other_and_proposes(
    service: Service, group: Group, amina: Phone, juma: Phone, fatuma: Phone, otieno: Phone, console: Console
) -> None:
    programme = makes_programme(service, languages=["English", "Dholuo"])
    becomes_supporter(service, juma, programme, "Juma", languages=("English",))
    becomes_supporter(service, otieno, programme, "Otieno", languages=("Dholuo",), interests=("2",), how="phone")
    asks(amina, hands_out_cards(service, programme))
    says(service, amina, languages=("Dholuo",), interests=("2", "1"), how="phone")
    becomes_coordinator(service, fatuma, programme)
    console.signs_in(fatuma)
    console.follows("One to one")
    console.follows("Side by sideThe network")
    console.follows("Waiting list")
    said = "both speak Dholuo; both would like to meet by phone; both like Gardening"
    console.sees("Amina", "speaks Dholuo; by phone; likes Gardening, Football", said, "But: no language in common")
    assert console.words.index("Otieno") < console.words.index("Juma")
    console.sees_not("score", "+254", "%")
    console.follows("Otieno for Amina")
    console.sees("Propose these two?", "Both get this text", "Someone could be in touch with you")
    console.sends("Propose")
    console.sees("We're asking both by text.", "Asked, no answer yet", "Nobody is waiting now.")
    for phone in (amina, otieno):
        phone.hears("Someone could be in touch with you")
    assert not juma.reads()


def test_two_coordinators_who_propose_the_same_supporter_at_once(
    app: Application, service: Service, group: Group, amina: Phone, juma: Phone, fatuma: Phone, otieno: Phone
) -> None:
    programme = makes_programme(service, room_each=1)
    becomes_supporter(service, juma, programme, "Juma")
    code = hands_out_cards(service, programme)
    asks(amina, code)
    asks(otieno, code, "Otieno")
    becomes_coordinator(service, fatuma, programme)
    first, second = Console(app, service), Console(app, service)
    first.signs_in(fatuma)
    second.signs_in(fatuma)
    first.opens("/console/programmes/1/waiting/1/1")
    second.opens("/console/programmes/1/waiting/2/1")
    first.sends("Propose")
    second.sends("Propose")
    second.sees("Nothing was sent: the supporter has no room now.")
    with service.database.reading() as session:
        assert len(session.scalars(select(Match)).all()) == 1


def test_a_coordinator_who_presses_what_is_an_admins_is_told_so(
    service: Service, group: Group, amina: Phone, otieno: Phone, console: Console
) -> None:
    """Whatever is refused on a programme's page is answered with a page, not with a failure."""
    programme = makes_programme(service)
    becomes_coordinator(service, amina, programme)
    console.signs_in(amina)
    for path in ("rules", "close"):
        console.opens(f"/console/programmes/1/{path}", 403)
        console.sees("Only an admin can do this")
    console.opens("/console/programmes/1")
    console.sends("Create code", 403, role="coordinator")
    console.sees("Only an admin can do this")
    looks_after_the_network(service, otieno)
    console.client.delete_cookie("console", path="/console")
    console.signs_in(otieno)
    console.opens("/console/programmes/1")
    token = dict(console.form("Create code").values)["csrf_token"]
    console.posts("/console/programmes/1/coordinators/9/end", {"csrf_token": token, "once": "x"}, 404)
    console.sees("Nothing here")


def test_two_who_change_the_rules_at_once(
    app: Application, service: Service, group: Group, amina: Phone, juma: Phone, console: Console
) -> None:
    makes_programme(service)
    other = Console(app, service)
    for browser, phone in ((console, amina), (other, juma)):
        looks_after_the_network(service, phone)
        browser.signs_in(phone)
        browser.opens("/console/programmes/1/rules")
    console.sends("Save", minutes="90")
    other.sends("Save", 422, name="Side by side")
    other.sees("Someone else changed this in the meantime.")
    assert "Side by side" in other.last.text, "what was typed is not lost"
    other.opens("/console/programmes/1/rules")
    assert 'value="90"' in other.last.text
    console.opens("/console/programmes/1/rules")
    console.sends("Save", minutes="60")
    console.sees("Saved.")


def test_whoever_asks_to_be_called_is_shown_to_coordinators_alone(
    app: Application, service: Service, group: Group, amina: Phone, juma: Phone, fatuma: Phone, otieno: Phone,
    time_passes: Callable[..., None],
) -> None:  # fmt: skip
    programme = walk_together(service, amina, juma)
    for phone in (juma, fatuma):
        becomes_coordinator(service, phone, programme, member=phone is juma)
    looks_after_the_network(service, otieno)
    time_passes(days=7)
    amina.hears("How is it going?", "Not answering is fine.")
    amina.dials()
    goes_to(amina, "One to one", "How is it going?", "Please call me")
    amina.sees("A coordinator will call you.")
    seen = Console(app, service)
    seen.signs_in(fatuma)
    seen.opens("/console/programmes/1/matches")
    seen.sees("Please call", "Amina", "asks to be called", "711 000001")
    supporter = Console(app, service)
    supporter.signs_in(juma)
    supporter.opens("/console/programmes/1/matches")
    supporter.sees_not("asks to be called", "711 000001")
    network = Console(app, service)
    network.signs_in(otieno)
    network.opens("/console/programmes/1/matches", 403)
    seen.sends("I called")
    seen.sees("Noted.")
    seen.sees_not("asks to be called")


def test_cards_are_printed_with_their_code_and_last_day(
    service: Service, group: Group, amina: Phone, console: Console
) -> None:
    leads(service, amina, group, Role.ADMIN)
    makes_programme(service, group)
    console.signs_in(amina)
    console.opens("/console/programmes/1/cards")
    console.sends("Create cards", cards="3", handed_out_on="2026-12-01")
    console.sees("Dial *384*77*", "Valid until 31 Dec 2026", "Composez *384*77*", "Piga *384*77*")
    assert console.words.count("Dial *384*77*") == 3
    console.opens("/console/programmes/1/cards")
    console.sends("Create cards", 422, cards="0")
    console.sends("Create cards", 422, cards="3", handed_out_on="9999-12-31")
    console.sees("Enter a day like 2026-12-25.")


def test_counts_hide_small_numbers_and_the_file_has_the_same(
    service: Service, group: Group, amina: Phone, console: Console
) -> None:
    looks_after_the_network(service, amina)
    programme = makes_programme(service)
    with service.database.transaction() as session:
        mine = session.get_one(Programme, programme.id)
        for what, number in ((Count.PEOPLE, 7), (Count.MEETINGS, 12), (Count.MINUTES, 600), (Count.BEGAN, 3)):
            counts.add(session, mine, what, service.now(), number)
        counts.add(session, mine, Count.PEOPLE_OF_YEAR, service.now(), 7)
    console.signs_in(amina)
    console.opens("/console/programmes/1/counts")
    console.sees("2026-11 7 12 10 0 hidden")
    table = console.client.get("/console/programmes/1/counts.csv").text
    assert "2026-11,7,12,10,0,hidden," in table
    assert "2026,7,12,10,0,hidden," in table


def test_closing_a_programme_tells_everybody(
    service: Service, group: Group, amina: Phone, juma: Phone, otieno: Phone, console: Console
) -> None:
    walk_together(service, amina, juma)
    looks_after_the_network(service, otieno)
    console.signs_in(otieno)
    console.opens("/console/programmes/1")
    console.follows("Close this programme…")
    console.sends("Close programme")
    console.sees("Programme closed.", "No programmes yet.")
    juma.hears("Your time with Amina has ended.")
    with service.database.reading() as session:
        assert {match.state for match in session.scalars(select(Match))} == {MatchState.ENDED}


def test_somebody_of_another_group_finds_no_programme(
    service: Service, group: Group, amina: Phone, console: Console
) -> None:
    makes_programme(service)
    leads(service, amina, group, Role.ADMIN)
    console.signs_in(amina)
    for path in ("", "/waiting", "/matches", "/cards", "/counts", "/counts.csv", "/rules", "/close"):
        console.opens(f"/console/programmes/1{path}", 404)
