"""Finding a group, starting one, and leaders who help leaders, as people see it on their phones."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select, update

from smsgate.directory import areas, leaders, listing, start_requests
from smsgate.directory.leaders import WriteResult
from smsgate.directory.listing import ListingSettings
from smsgate.flows.typed.keypad import begins_with
from smsgate.groups import groups, roles
from smsgate.models import Area, Group, LeaderNotice, Listing, Member, Membership, OpenLeader, RoleAssignment, lookup
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from smsgate.web.console.accounts import permissions
from tests.support import directory
from tests.support.people import Clock, Phone, passes
from tests.support.pins import sets
from tests.support.stories import becomes, joins, offers


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


def test_a_stranger_finds_by_sms_before_anything_is_stored(amina: Phone, service: Service, few: None) -> None:
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
def test_a_keyword_alone_asks_how(amina: Phone, few: None, keyword: str) -> None:
    answer = amina.texts(keyword)
    assert answer.count("\n") >= 5
    assert "5 " in answer


def test_words_of_despair_are_no_search(amina: Phone, few: None) -> None:
    answer = amina.texts("find me a way to die")
    assert "No group was found" not in answer


def test_who_has_a_pin_is_told_to_dial(amina: Phone, group: Group, few: None) -> None:
    joins(amina)
    sets(amina)
    amina.texts("FIND dala")
    amina.hears("*384*77#")
    assert "Dala" not in amina.inbox[-1]


@pytest.mark.by_night
def test_searches_by_sms_have_the_limit_of_other_answers(amina: Phone, few: None) -> None:
    answers = [amina.texts(f"find na{n}") for n in range(40)]
    assert sum(bool(answer) for answer in answers) <= 33


def test_a_group_shows_what_it_allows_and_no_more(amina: Phone, service: Service, few: None) -> None:
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
    amina: Phone, service: Service, group: Group, few: None
) -> None:
    joins(amina)
    amina.dials(None, "5", "2", "5", "dal")
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
            with pytest.raises(Exception, match=r"characters|phone number"):
                listing.apply(session, session.get_one(Group, group.id), ListingSettings(meets={"en": words}))


def test_a_wish_to_start_a_group_is_answered_without_a_number_and_forgotten(
    amina: Phone, service: Service, group: Group
) -> None:
    joins(amina)
    amina.dials(None, "5", "2")
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


def test_who_opted_out_is_told_to_start_first(amina: Phone, service: Service) -> None:
    with service.database.transaction() as session:
        phone = lookup.ensure_phone(session, amina.number, service.now())
        phone.stopped_at = service.now()
        assert not start_requests.ask(session, phone, "Molo", "x", "en", service.now())


@pytest.fixture
def other(service: Service) -> Group:
    with service.database.transaction() as session:
        return groups.create(session, "Upendo", "Africa/Nairobi", service.now(), code="4777")


@pytest.fixture
def two_leaders(amina: Phone, juma: Phone, service: Service, group: Group, other: Group) -> None:
    """Make Amina lead Tumaini, and Juma, who is a member there, lead Upendo."""
    becomes(amina, service, group)
    joins(juma, "Juma")
    juma.dials(f"*384*77*{offers(service, other)}#", "2")
    juma.sees("Thank you")


def others(phone: Phone) -> str:
    """Open the list of other leaders and return the screen."""
    phone.dials()
    phone.picks("Lead a group")
    while "Other leaders" not in phone.handset.screen:
        phone.types("98")
    return phone.picks("Other leaders")


def test_leaders_who_wish_so_write_to_one_another_and_see_no_number(
    amina: Phone, juma: Phone, service: Service, two_leaders: None
) -> None:
    for leader in (amina, juma):
        others(leader)
        leader.picks("Put me on the list")
        leader.sees("You're on the list")
    others(amina)
    amina.picks("Write to a leader")
    amina.sees("Juma, Upendo")
    amina.types("1", "Can we meet in May?")
    amina.sees("Sent.")
    said = juma.hears("From Amina, a leader: Can we meet in May?")
    assert amina.number[-9:] not in said.replace(" ", "")
    assert "Tumaini" not in said, "phones are shared"


def test_who_is_not_on_the_list_sees_nobody_and_gets_nothing(
    amina: Phone, juma: Phone, service: Service, two_leaders: None
) -> None:
    others(amina)
    amina.picks("Put me on the list")
    others(juma)
    juma.sees_not("Amina", "Write to a leader")
    others(amina)
    amina.sees_not("Write to a leader")


def test_a_leader_who_leaves_the_list_or_the_role_gets_no_more(
    amina: Phone, juma: Phone, service: Service, two_leaders: None
) -> None:
    for leader in (amina, juma):
        others(leader)
        leader.picks("Put me on the list")
    others(amina)
    amina.picks("Write to a leader")
    amina.types("1")
    others(juma)
    juma.picks("Take me off")
    juma.sees("You're off the list")
    amina.types("Hello")
    amina.sees("They can't be written to any more")
    with service.database.transaction() as session:
        for assignment in session.scalars(select(RoleAssignment)).all():
            roles.end(session, assignment, service.now(), by=assignment.phone_id)
        assert session.scalar(select(func.count()).select_from(LeaderNotice)) == 0
        assert leaders.leading(session, service.now()) == []


def test_writing_to_leaders_has_a_limit(amina: Phone, juma: Phone, service: Service, two_leaders: None) -> None:
    for leader in (amina, juma):
        others(leader)
        leader.picks("Put me on the list")
    with service.database.transaction() as session:
        first, second = session.scalars(select(OpenLeader).order_by(OpenLeader.id)).all()
        sender = session.get_one(RoleAssignment, first.assignment_id)
        done = [leaders.write(session, sender, second.id, f"word {n}", service.now(), "*384*77#") for n in range(8)]
    assert done == [WriteResult.SENT] * 6 + [WriteResult.LIMITED] * 2


def test_a_notice_of_the_network_reaches_each_leader_once_and_is_read_again(
    amina: Phone, juma: Phone, fatuma: Phone, service: Service, clock: Clock, two_leaders: None
) -> None:
    joins(fatuma, "Fatuma")
    juma.dials(f"*384*77*{offers(service, session_group(service))}#", "2")
    with service.database.transaction() as session:
        assert leaders.tell_all(session, "Training on Friday", service.now(), by=None).people == 2
    for leader in (amina, juma):
        assert [text for text in leader.reads() if "Training" in text] == ["To all leaders: Training on Friday"]
    assert not [text for text in fatuma.reads() if "Training" in text]
    others(amina)
    amina.types("98")
    amina.picks("From the network")
    amina.sees("23 Nov: Training on Friday")
    passes(service, clock, days=91)
    with service.database.reading() as session:
        assert leaders.recent_notices(session) == []


@pytest.mark.both_databases
@pytest.mark.parametrize("ended", [["Tumaini"], ["Upendo"], ["Tumaini", "Upendo"]], ids=" and ".join)
def test_a_notice_of_the_network_comes_as_long_as_its_reader_leads_any_group(
    juma: Phone, service: Service, two_leaders: None, ended: list[str]
) -> None:
    juma.dials(f"*384*77*{offers(service, session_group(service))}#", "2")  # he leads both
    with service.database.transaction() as session:
        leaders.tell_all(session, "Training on Friday", service.now(), by=None)
        him = lookup.find_phone(session, juma.number)
        assert him
        mine = select(RoleAssignment).where(RoleAssignment.phone_id == him.id)
        for one in session.scalars(mine):
            if one.group.name in ended:
                one.ended_at = service.now()
    assert any("Training" in text for text in juma.reads()) == (len(ended) == 1)


def test_a_notice_of_the_network_comes_in_each_leaders_language(
    amina: Phone, juma: Phone, service: Service, two_leaders: None
) -> None:
    speaks(service, juma, "sw")
    with service.database.transaction() as session:
        words = {"sw": "Mafunzo Ijumaa", "fr": ""}
        leaders.tell_all(session, "Training on Friday", service.now(), by=None, translations=words)
    amina.hears("To all leaders: Training on Friday")
    assert "Mafunzo Ijumaa" in juma.reads()[-1]
    with service.database.reading() as session:
        mine = session.scalars(select(RoleAssignment).join(PhoneRow).where(PhoneRow.language == "sw")).first()
        assert mine is not None
        assert leaders.seen_by(session, mine, service.now())["notices"][0]["words"] == "Mafunzo Ijumaa"


def speaks(service: Service, phone: Phone, language: str) -> None:
    with service.database.transaction() as session:
        lookup.find_phone(session, phone.number).language = language  # type: ignore[union-attr]


@pytest.mark.parametrize("happens", ["the role ends", "the group closes", "STOP", "off the list", "nothing"])
def test_what_waits_for_a_leader_is_not_sent_once_they_are_none(
    happens: str, amina: Phone, juma: Phone, service: Service, two_leaders: None
) -> None:
    """That is a notice to all leaders, and a text that another leader wrote."""
    with service.database.transaction() as session:
        for one in session.scalars(select(RoleAssignment)).all():
            leaders.set_open(session, one, True, service.now())
        sender, reader = session.scalars(select(RoleAssignment).order_by(RoleAssignment.id)).all()
        entry = session.scalars(select(OpenLeader).where(OpenLeader.assignment_id == reader.id)).one()
        leaders.tell_all(session, "Training on Friday", service.now(), by=None)
        leaders.write(session, sender, entry.id, "Can we meet?", service.now(), "*384*77#")
        match happens:
            case "the role ends":
                reader.ended_at = service.now()
            case "the group closes":
                reader.group.closed_at = service.now()
            case "STOP":
                reader.phone.stopped_at = service.now()
            case "off the list":
                leaders.set_open(session, reader, False, service.now())
    came = [word for word in ("Training", "Can we meet") if any(word in text for text in juma.reads())]
    assert came == {"nothing": ["Training", "Can we meet"], "off the list": ["Training"]}.get(happens, [])


def test_admins_of_the_network_read_once_a_day_that_a_question_waits(
    amina: Phone, juma: Phone, fatuma: Phone, service: Service, clock: Clock
) -> None:
    """The text is neutral, in their language, only if they want it, and only while they are admins."""
    with service.database.transaction() as session:
        for phone in (juma, fatuma):
            permissions.appoint(session, lookup.ensure_phone(session, phone.number, service.now()), service.now())
        start_requests.set_texted(session, lookup.ensure_phone(session, fatuma.number, service.now()).id, False)
    amina.dials(None, "1", "1")
    amina.picks("Start a group")
    amina.types("Molo", "Young mothers", "1")
    assert [text for text in juma.reads() if "Molo" in text or "group" in text] == []
    juma.hears("A new question waits for the network.")
    ask_again(service, amina)
    assert len(juma.reads()) == 1, "once a day"
    passes(service, clock, days=1)
    ask_again(service, amina)
    with service.database.transaction() as session:
        permissions.dismiss(session, lookup.find_phone(session, juma.number), service.now())
    assert len(juma.reads()) == 1, "no admin any more"
    assert fatuma.reads() == []


def ask_again(service: Service, phone: Phone) -> None:
    with service.database.transaction() as session:
        row = lookup.ensure_phone(session, phone.number, service.now())
        assert start_requests.ask(session, row, "Molo", "Young mothers", "en", service.now())


def session_group(service: Service) -> Group:
    with service.database.reading() as session:
        return session.scalars(select(Group).where(Group.code == "4521")).one()
