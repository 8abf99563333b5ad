"""Keys mean the same after sending, on a redial and when sending again; a printed code leads to its group."""

from __future__ import annotations

import pytest

from smsgate.models import Group, Membership
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import agrees, joins, plans


def choices(phone: Phone) -> list[str]:
    return [line for line in phone.handset.screen.splitlines() if line[:1].isdigit()]


@pytest.fixture
def sender(amina: Phone, juma: Phone, group: Group) -> Phone:
    joins(amina)
    agrees(amina, juma, "Juma")
    return amina


def test_taking_back_has_one_key_after_sending_on_a_redial_and_by_text(sender: Phone) -> None:
    plans(sender, "Ways to send", "Time to cancel it", "120 seconds")
    sender.dials(None, "1", "2")
    after_sending = choices(sender)
    assert after_sending[:2] == ["1 Cancel it", "2 Send it"]
    sender.dials(None, "1")
    assert choices(sender)[:2] == after_sending[:2]
    assert "1 Cancel it\n2 Send it" in sender.texts("wait")


def test_yes_has_one_key_when_it_is_sent_and_sent_again(sender: Phone, juma: Phone) -> None:
    sender.dials(None, "1")
    assert {"1 Not now", "2 Yes, send it now"} <= set(choices(sender))
    sender.types("2")
    sender.dials(None, "1")
    sender.picks("Send it again")
    assert {"1 Not now", "2 Yes, send it now"} <= set(choices(sender))


def test_so_with_other_words_and_none_of_them_is_chosen_with_that_key(sender: Phone) -> None:
    for words in ("Please call", "Please come"):
        sender.texts(f"mytext {words}")
    sender.dials(None, "1")
    sender.picks("Other words")
    sender.sees("1 Please call", "2 Not now", "3 Please come")
    sender.types("3")
    assert {"1 Not now", "2 Yes, send it now"} <= set(choices(sender))


def test_the_printed_code_leads_a_member_to_the_menu_with_the_group_at_hand(sender: Phone) -> None:
    menu = sender.dials()
    assert sender.dials("*384*77*4521#") == f"{menu}\n8 Tumaini"
    sender.types("8")
    sender.sees("Tumaini", "Leave this group")


def test_leaving_asks_once_and_names_the_group(sender: Phone, service: Service) -> None:
    sender.dials(None, "5", "1")
    sender.picks("Leave this group")
    sender.sees("Leave Tumaini?", "1 Leave", "2 Stay")
    sender.types("2")
    sender.sees("Nothing was changed")
    sender.dials(None, "5", "1", "2", "1")
    sender.sees("You have left Tumaini")
    with service.database.reading() as session:
        assert session.query(Membership).count() == 0


def test_joined_is_said_when_the_group_is_joined(amina: Phone, group: Group) -> None:
    amina.dials("*384*77*4521#", "1", "1")
    amina.sees_not("joined")
    amina.types("Amina", "1")
    amina.sees("You've joined Tumaini.")


@pytest.mark.parametrize(
    ("typed", "why"),
    [
        ("0711000001", "your own number"),
        ("0711000002", "on your list already"),
        ("0711000003", "never to tell"),
        ("020 2222222", "can't get texts"),
        ("0711OOO009", "letters"),
    ],
)
def test_a_number_is_looked_at_when_it_is_typed(typed: str, why: str, sender: Phone) -> None:
    sender.dials(None, "4")
    sender.picks("Never tell", "Add a number")
    sender.types("0711000003")
    sender.dials(None, "4")
    sender.picks("Add a person")
    sender.types(typed)
    sender.sees(why, "phone number")
    sender.types("0711000004")
    sender.sees("What do you call this person?")
