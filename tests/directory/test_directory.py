"""Finding a group, starting one, and leaders for leaders, as people with phones meet them."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from smsgate.directory import areas, leaders, listing, start_requests
from smsgate.directory.listing import ListingSettings
from smsgate.flows.typed.keypad import begins_with
from smsgate.groups import groups
from smsgate.models import Area, Group, Listing, Meeting, Member, Membership, Phone, RoleAssignment, StartRequest, lookup
from smsgate.models import Phone as PhoneRow
from smsgate.members import leaving, retention
from smsgate.service import Service
from tests.support import directory
from tests.support.people import Clock, Phone as Handset
from tests.support.stories import becomes, joins


@pytest.fixture
def few(service: Service) -> None:
    with service.database.transaction() as session:
        directory.few_groups(session, service.now())


@pytest.mark.parametrize(
    ("name", "typed", "found"),
    [
        ("Nakuru", "nak", True), ("Nakuru", "NAKURU", True), ("Nakuru", "625", True), ("Nakuru", "6258781", False),
        ("Homa Bay", "bay", True), ("Homa Bay", "homab", True), ("Homa Bay", "46622", True), ("Homa Bay", "oma", False),
        ("Murang'a", "muranga", True), ("Kérou", "ker", True), ("Kerou", "kér", True), ("Group 12", "12", True),
        ("Nakuru", "", False), ("Nakuru", "*", False), ("Nakuru", "625#", True), ("Nakuru", "kuru", False),
    ],
)  # fmt: skip
def test_names_are_found_by_their_first_letters_or_keys(name: str, typed: str, found: bool) -> None:
    assert begins_with(name, typed) is found


def test_a_stranger_finds_by_sms_and_nothing_is_stored_but_the_number(amina: Handset, service: Service, few: None) -> None:
    amina.texts("FIND dala")
    amina.hears("Dala", "Kisumu", "For: Young people", "Dholuo")
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Member)) == 0
    amina.texts("1")
    amina.texts("1")
    amina.texts("1")
    amina.hears("You've joined Dala")
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Membership)) == 1


@pytest.mark.parametrize("keyword", ["FIND", "tafuta", "Chercher", "Find:"])
def test_a_keyword_alone_asks_how(amina: Handset, few: None, keyword: str) -> None:
    answer = amina.texts(keyword)
    assert answer.count("\n") >= 5
    assert "5 " in answer


def test_words_of_despair_are_no_search(amina: Handset, few: None) -> None:
    answer = amina.texts("find me a way to die")
    assert "No group was found" not in answer


def test_who_has_a_pin_is_told_to_dial(amina: Handset, few: None) -> None:
    joins(amina)
    amina.dials(None)
    amina.picks("Settings")
    amina.picks("PIN") if "PIN" in amina.handset.screen else amina.types("98")


def test_searches_by_sms_have_the_limit_of_other_answers(amina: Handset, few: None) -> None:
    answers = [amina.texts(f"find na{n}") for n in range(40)]
    assert sum(bool(answer) for answer in answers) <= 33


def test_a_group_shows_what_it_allows_and_no_more(amina: Handset, service: Service, few: None) -> None:
    amina.texts("FIND sauti")
    amina.hears("Next: Sat 28 Nov", "Library")
    with service.database.transaction() as session:
        session.execute(update(Listing).values(shows_next=False))
    shown = amina.texts("FIND sauti")
    assert "Next" not in shown
    assert "Library" not in shown
    with service.database.transaction() as session:
        session.execute(update(Group).where(Group.name == "Sauti Zetu").values(listed=False))
    assert "No group was found" in amina.texts("FIND sauti")


def test_a_group_that_closes_while_somebody_reads_is_said_to_be_closed(
    amina: Handset, service: Service, few: None
) -> None:
    joins(amina)
    amina.dials(None, "5", "2", "4", "2", "dal")
    amina.sees("Dala")
    with service.database.transaction() as session:
        session.execute(update(Group).where(Group.name == "Dala").values(closed_at=service.now()))
    amina.types("1", "1")
    amina.sees("closed")


def test_areas_by_csv_are_added_once_and_wrong_rows_are_named(service: Service) -> None:
    text = "County;Town\nNakuru;Naivasha\nNakuru;Molo\nnakuru;Molo\nKisumu\n;Ahero\nA name that is much too long;x\n"
    with service.database.transaction() as session:
        first = areas.import_areas(session, text)
        again = areas.import_areas(session, text)
        names = {county.area.name: [town.name for town in county.towns] for county in areas.counties(session)}
    assert names == {"Kisumu": [], "Nakuru": ["Molo", "Naivasha"]}
    assert (first.added, [row for row, _why in first.wrong]) == (4, [6, 7])
    assert again.added == 0


def test_removing_an_area_leaves_its_groups_without_one(service: Service, few: None) -> None:
    with service.database.transaction() as session:
        county = session.scalars(select(Area).where(Area.name == "Nakuru", Area.parent_id.is_(None))).one()
        areas.remove_area(session, county)
    with service.database.reading() as session:
        assert [one.area.name for one in areas.counties(session)] == ["Kisumu"]
        assert session.scalar(select(func.count()).where(Listing.area_id.is_not(None))) == 1
        assert session.scalar(select(func.count()).select_from(Group)) == 5


def test_what_a_group_says_is_checked(service: Service, group: Group) -> None:
    with service.database.transaction() as session:
        for words in ("x" * 41, "Call 0711 000 001", "Dial *123#"):
            with pytest.raises(Exception, match="characters|phone number"):
                listing.apply(session, session.get_one(Group, group.id), ListingSettings(meets={"en": words}))


def test_a_wish_to_start_a_group_is_answered_without_a_number_and_forgotten(
    amina: Handset, service: Service, clock: Clock
) -> None:
    joins(amina)
    amina.dials(None, "5", "2", "4")
    amina.picks("Start a group")
    amina.types("Molo", "Young mothers", "1")
    amina.sees("You'll get the answer by text")
    with service.database.transaction() as session:
        (wish,) = start_requests.requests(session)
        assert (wish.place, wish.idea) == ("Molo", "Young mothers")
        assert start_requests.answer(session, wish, "Come to the hall on Friday", service.now(), "*384*77#")
        assert start_requests.count_unanswered(session) == 0
    amina.hears("Come to the hall on Friday")
    with service.database.transaction() as session:
        start_requests.forget_old(session, service.now() + start_requests.KEPT)
    with service.database.reading() as session:
        assert start_requests.requests(session) == []
