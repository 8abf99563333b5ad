"""One-to-one support, by dialling and by SMS: asking, agreeing, meeting, writing, ending."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from smsgate.matching import endings, matches
from smsgate.matching.matches import Refusal
from smsgate.models import OPEN_STATES, CarriedText, Ending, Group, Match, MatchState, Programme, Seeker, SeekerState
from smsgate.service import Service
from tests.support.people import Clock, Phone
from tests.support.stories import joins
from tests.support.walks import (
    asks,
    becomes_supporter,
    goes_to,
    hands_out_cards,
    makes_programme,
    proposes,
    supporter_of,
    walk_together,
)


def the_match(service: Service) -> Match:
    with service.database.reading() as session:
        return session.scalars(select(Match).order_by(Match.id.desc())).first()  # type: ignore[return-value]


def seekers(service: Service) -> list[Seeker]:
    with service.database.reading() as session:
        return list(session.scalars(select(Seeker)))


def test_a_stranger_asks_with_a_card_and_may_skip_every_question(service: Service, group: Group, amina: Phone) -> None:
    code = hands_out_cards(service, makes_programme(service))
    asks(amina, code)
    amina.sees("You're on the list, number 1.")
    amina.dials()
    goes_to(amina, "One to one")
    amina.sees("You're number 1 on the list. We can't say yet how long")
    amina.dials(f"*384*77*{code}#")
    amina.sees("You have asked already")


def test_what_they_say_is_kept_for_the_coordinator(service: Service, group: Group, amina: Phone) -> None:
    code = hands_out_cards(service, makes_programme(service, languages=["English", "Dholuo"]))
    amina.dials(f"*384*77*{code}#", "1", "1", "Amina")
    amina.picks("Ask for someone", "Dholuo", "That's all", "By phone", "Gardening", "Football", "A woman")
    amina.sees("You're on the list")
    (seeker,) = seekers(service)
    assert '"languages": ["Dholuo"]' in seeker.said
    assert '"how": "phone", "interests": ["2", "1"], "kinds": ["woman"]' in seeker.said


def test_the_list_is_left_with_one_choice_and_nothing_stays(service: Service, group: Group, amina: Phone) -> None:
    asks(amina, hands_out_cards(service, makes_programme(service)))
    amina.dials()
    goes_to(amina, "One to one", "Leave the list", "Leave")
    amina.sees("nothing of it is stored")
    assert seekers(service) == []


def test_a_card_is_good_until_its_last_day_and_leads_to_groups_after_it(
    service: Service, group: Group, amina: Phone, juma: Phone, clock: Clock
) -> None:
    code = hands_out_cards(service, makes_programme(service))
    clock.time += timedelta(days=30)
    asks(amina, code)
    clock.time += timedelta(days=1)
    juma.dials(f"*384*77*{code}#", "1", "1", "Juma")
    juma.sees("This card is no longer good.")
    juma.picks("Groups", "Tumaini", "Join")
    juma.sees("You've joined Tumaini")


def test_a_full_programme_leads_to_groups(service: Service, group: Group, amina: Phone, juma: Phone) -> None:
    code = hands_out_cards(service, makes_programme(service, waiting_most=1))
    asks(amina, code)
    juma.dials(f"*384*77*{code}#", "1", "1", "Juma")
    juma.sees("Side by side has no room now.", "1 Groups")


def test_a_card_typed_wrongly_is_no_card(service: Service, group: Group, amina: Phone) -> None:
    code = hands_out_cards(service, makes_programme(service))
    wrong = code[:-1] + str((int(code[-1]) + 1) % 10)
    amina.dials(f"*384*77*{wrong}#", "1", "1", "Amina")
    amina.sees(f"There is no group with code {wrong}.")


def test_both_are_asked_and_walk_once_both_agree(service: Service, group: Group, amina: Phone, juma: Phone) -> None:
    programme = makes_programme(service)
    becomes_supporter(service, juma, programme, "Juma")
    asks(amina, hands_out_cards(service, programme))
    proposes(service, programme, amina, juma)
    for phone in (amina, juma):
        phone.hears("Someone could be in touch with you", "text PEER")
    amina.dials()
    goes_to(amina, "One to one")
    amina.sees("Juma", "Neither needs a reason")
    amina.picks("Yes")
    amina.sees("A text tells you when Juma has answered.")
    assert the_match(service).state is MatchState.PROPOSED
    juma.texts("PEER")
    juma.hears("1 New: Amina")
    juma.texts("1")
    juma.hears("Would you like to be in touch?")
    juma.texts("2")
    assert the_match(service).state is MatchState.WALKING
    amina.hears("You and Juma are in touch now.")


def test_a_no_needs_no_reason_and_nobody_learns_whose_it_was(
    service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    programme = makes_programme(service)
    becomes_supporter(service, juma, programme, "Juma")
    asks(amina, hands_out_cards(service, programme))
    proposes(service, programme, amina, juma)
    juma.dials()
    goes_to(juma, "One to one", "New: Amina", "Yes")
    amina.dials()
    goes_to(amina, "One to one", "No, thank you")
    amina.sees("Nobody learns who said no.")
    juma.hears("It isn't going ahead this time. It's nothing you did")
    match = the_match(service)
    assert (match.state, match.person_agreed, match.supporter_agreed) == (MatchState.NOT_AGREED, False, False)
    assert [one.state for one in seekers(service)] == [SeekerState.WAITING]


def test_a_supporter_without_room_is_not_proposed(
    service: Service, group: Group, amina: Phone, juma: Phone, fatuma: Phone
) -> None:
    programme = makes_programme(service, room_each=1)
    becomes_supporter(service, juma, programme, "Juma")
    code = hands_out_cards(service, programme)
    asks(amina, code)
    asks(fatuma, code, "Fatuma")
    assert isinstance(proposes(service, programme, amina, juma), Match)
    assert proposes(service, programme, fatuma, juma) is Refusal.NO_ROOM
    assert proposes(service, programme, amina, juma) is Refusal.NOT_WAITING


def test_words_are_passed_on_and_numbers_stay_hidden(service: Service, group: Group, amina: Phone, juma: Phone) -> None:
    walk_together(service, amina, juma)
    amina.texts("PEER Can we meet at the library?")
    amina.hears("Passed on to Juma.")
    juma.hears("Amina: Can we meet at the library?", "To answer: PEER and your words")
    juma.texts("peer, yes gladly")
    amina.reads()
    assert any("Juma: yes gladly" in text for text in amina.inbox)
    assert not any("+2547" in text or "0711" in text for phone in (amina, juma) for text in phone.inbox)
    amina.dials()
    goes_to(amina, "One to one", "Read texts")
    amina.sees("yes gladly")


def test_a_supporter_of_several_people_writes_to_each_by_number(
    service: Service, group: Group, amina: Phone, juma: Phone, fatuma: Phone
) -> None:
    programme = walk_together(service, amina, juma)
    asks(fatuma, hands_out_cards(service, programme), "Fatuma")
    match = proposes(service, programme, fatuma, juma)
    assert isinstance(match, Match)
    with service.database.transaction() as session:
        for side in (True, False):
            matches.answer(session, match.id, supporter=side, yes=True, now=service.now(), code="*384*77#")
    assert "To whom?" in juma.texts("PEER hello")
    juma.texts("PEER 2 hello")
    fatuma.hears("Juma: hello")
    assert not any("hello" in text for text in amina.reads())
    assert "To whom?" in juma.texts("PEER END")
    assert "It has ended." in juma.texts("PEER 1 END")
    amina.hears("Your time with Juma has ended.")


def test_so_many_texts_an_hour_and_so_long(service: Service, group: Group, amina: Phone, juma: Phone) -> None:
    walk_together(service, amina, juma)
    assert "at most 100 characters" in amina.texts("PEER " + "long " * 30)
    for number in range(10):
        assert "Passed on" in amina.texts(f"PEER word {number}")
    assert "room for a few texts an hour" in amina.texts("PEER one more")
    assert len([text for text in juma.reads() if text.startswith("Amina: word")]) == 10


@pytest.mark.parametrize("word", ["PEER END", "MWENZI maliza", "Binôme fin!"])
def test_a_word_ends_it_at_once_and_nothing_is_carried_after(
    word: str, service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    walk_together(service, amina, juma)
    amina.texts("PEER hello")
    assert "It has ended" in amina.texts(word)
    juma.hears("Your time with Amina has ended. Thank you")
    for phone in (amina, juma):
        assert "Nothing was passed on" in phone.texts("PEER are you there?")
    with service.database.reading() as session:
        assert session.scalars(select(CarriedText)).all() == []
    assert the_match(service).ending is Ending.NOT_RIGHT


def test_a_text_that_waits_when_it_ends_is_never_sent(
    service: Service, group: Group, amina: Phone, juma: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    walk_together(service, amina, juma)
    clock.time = clock.time.replace(hour=20)  # eleven at night in Nairobi
    amina.texts("PEER in the morning?")
    assert not any("in the morning" in text for text in juma.reads())
    amina.texts("PEER END")
    time_passes(hours=12)
    assert not any("in the morning" in text for text in juma.reads())


def test_it_does_not_feel_right_ends_it_and_the_person_waits_at_the_front(
    service: Service, group: Group, amina: Phone, juma: Phone, fatuma: Phone
) -> None:
    programme = walk_together(service, amina, juma)
    asks(fatuma, hands_out_cards(service, programme), "Fatuma")
    amina.dials()
    goes_to(amina, "One to one", "It doesn't feel right")
    amina.sees("without a reason")
    amina.picks("End, wait for another")
    amina.sees("You're at the front of the list.")
    juma.hears("Your time with Amina has ended. Thank you for being there.")
    fatuma.dials()
    goes_to(fatuma, "One to one")
    fatuma.sees("You're number 2 on the list.")


def test_a_supporter_who_rests_has_their_people_asked(
    service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    programme = walk_together(service, amina, juma)
    juma.dials()
    goes_to(juma, "One to one", "My role", "Rest", "They look for someone else")
    amina.hears("Your time with Juma has ended.", "To wait for someone else, or to stop")
    amina.dials()
    goes_to(amina, "One to one", "Wait for someone else")
    amina.sees("at the front of the list")
    assert proposes(service, programme, amina, juma) is Refusal.NO_ROOM


def test_a_supporter_who_leaves_the_service_lets_all_their_people_choose(
    service: Service, group: Group, juma: Phone, phone: Callable[[str], Phone]
) -> None:
    programme = makes_programme(service, room_each=6)
    becomes_supporter(service, juma, programme, "Juma")
    with service.database.transaction() as session:
        supporter_of(session, juma).room = 6
    code = hands_out_cards(service, programme)
    six = [phone(f"+25471100001{n}") for n in range(6)]
    for name, one in zip(("Ada", "Bea", "Cleo", "Dina", "Ella", "Faith"), six, strict=True):
        asks(one, code, name)
        proposes(service, programme, one, juma)
    with service.database.transaction() as session:
        for match in session.scalars(select(Match)).all():
            for side in (True, False):
                matches.answer(session, match.id, supporter=side, yes=True, now=service.now(), code="*384*77#")
    juma.texts("STOP")
    for one in six:
        one.hears("Your time with Juma has ended.")
    with service.database.reading() as session:
        assert {match.state for match in session.scalars(select(Match))} == {MatchState.ENDED}
        assert {one.state for one in session.scalars(select(Seeker))} == {SeekerState.DECIDING}


@pytest.mark.parametrize("who", ["the person", "the supporter"])
@pytest.mark.parametrize("when", ["proposed", "walking"])
def test_stop_ends_what_is_open_and_start_brings_none_of_it_back(
    who: str, when: str, service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    if when == "walking":
        walk_together(service, amina, juma)
    else:
        programme = makes_programme(service)
        becomes_supporter(service, juma, programme, "Juma")
        asks(amina, hands_out_cards(service, programme))
        proposes(service, programme, amina, juma)
    gone, other = (amina, juma) if who == "the person" else (juma, amina)
    gone.texts("STOP")
    with service.database.reading() as session:
        assert session.scalars(select(Match.id).where(Match.state.in_(OPEN_STATES))).all() == []
    other.reads()
    other.texts("PEER are you well?")
    gone.hears_nothing_new()
    gone.texts("START")
    before = len(gone.reads())
    other.texts("PEER are you well?")
    assert gone.reads()[before:] == []
    with service.database.reading() as session:
        assert session.scalars(select(Match.id).where(Match.state.in_(OPEN_STATES))).all() == []


def test_each_sees_the_others_number_only_when_both_agree(
    service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    walk_together(service, amina, juma, shares_numbers=True)
    amina.dials()
    goes_to(amina, "One to one", "More", "Show my number", "Yes, show it")
    juma.dials()
    goes_to(juma, "One to one", "Amina")
    juma.sees_not("+254")
    goes_to(juma, "More", "Show my number", "Yes, show it")
    juma.dials()
    goes_to(juma, "One to one", "Amina")
    juma.sees(amina.number)
    juma.picks("More")
    goes_to(juma, "Hide my number")
    amina.dials()
    goes_to(amina, "One to one")
    amina.sees_not(juma.number)


def test_a_number_that_is_never_told_ends_it_and_is_never_proposed(
    service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    programme = walk_together(service, amina, juma)
    amina.dials(None, "4")
    goes_to(amina, "Never tell")
    amina.picks("Add a number")
    amina.types(juma.number)
    juma.hears("Your time with Amina has ended.")
    amina.dials()
    goes_to(amina, "One to one", "Wait for someone else")
    assert proposes(service, programme, amina, juma) is Refusal.NOT_POSSIBLE


def test_a_programme_that_closes_ends_what_is_open_and_tells_whoever_waits(
    service: Service, group: Group, amina: Phone, juma: Phone, fatuma: Phone
) -> None:
    programme = walk_together(service, amina, juma)
    code = hands_out_cards(service, programme)
    asks(fatuma, code, "Fatuma")
    with service.database.transaction() as session:
        endings.close(session, session.get_one(Programme, programme.id), service.now(), "*384*77#")
    juma.hears("Your time with Amina has ended.")
    for phone in (amina, fatuma):
        phone.hears("What you were waiting for has ended here.")
    assert seekers(service) == []
    amina.dials(f"*384*77*{code}#")
    amina.sees("This card is no longer good.")


def test_the_entry_stands_in_the_menu_only_for_those_who_take_part(
    service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    joins(juma, "Juma")
    juma.dials()
    juma.sees_not("One to one")
    asks(amina, hands_out_cards(service, makes_programme(service)))
    amina.dials()
    amina.sees("7 About\n8 One to one")


def test_peer_is_no_keyword_for_anybody_else(service: Service, group: Group, amina: Phone) -> None:
    joins(amina)
    assert "PEER" not in amina.texts("Mwenzi wangu hajambo")
