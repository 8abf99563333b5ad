"""A PIN on a shared phone: a stranger's first screen, slow guessing, the duress account, sending without a PIN."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from smsgate.core.i18n import LANGUAGES
from smsgate.flows.checks import walker
from smsgate.flows.member import pin_entry
from smsgate.flows.steps import Caller, Flow, Tell
from smsgate.members import opt_out, pins
from smsgate.models import (
    Base,
    Group,
    HelpText,
    Member,
    Membership,
    Message,
    PerformedAction,
    Pin,
    Responder,
    lookup,
)
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from tests.support.people import Clock, Phone
from tests.support.pins import PIN, SECOND, WELCOME, sets_second
from tests.support.stories import copies, joins


def count(service: Service, table: type[Base]) -> int:
    with service.database.reading() as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_the_first_screen_is_a_strangers_until_the_pin(owner: Phone, otieno: Phone) -> None:
    for typed in ("", "9", "1234", "12345678901", "abc"):
        screens = set()
        for person in (owner, otieno):
            person.dials()
            assert person.handset.screen == WELCOME
            screens.add(person.types(typed) if typed else person.handset.screen)
        assert len(screens) == 1, f"{typed!r} tells the member from the stranger"
    owner.dials(None, PIN)
    owner.sees("1 Send my help text", "4 My people")
    owner.types("3")
    owner.sees("Bring the blue umbrella")
    owner.types("00")
    assert owner.handset.screen == WELCOME


@pytest.mark.parametrize("pin", [PIN, SECOND])
def test_a_pin_typed_in_a_call_that_redis_lost_is_no_groups_code_and_is_not_shown(
    owner: Phone, service: Service, pin: str
) -> None:
    sets_second(owner)
    owner.dials()
    service.redis.flushall()
    owner.types(pin, pin)
    owner.sees("1 Send my help text")
    owner.sees_not(pin)


def test_whatever_is_known_of_the_member_does_not_show(
    owner: Phone, juma: Phone, service: Service, group: Group
) -> None:
    owner.dials(None, "1", "1", "2")  # a request is open
    owner.dials()
    assert owner.handset.screen == WELCOME
    owner.dials("*384*77*4521#")
    assert owner.handset.screen == WELCOME
    owner.types(PIN)
    owner.sees("1 See who answered", "8 Tumaini")


def test_a_call_that_broke_off_is_not_offered_to_whoever_dials_next(owner: Phone) -> None:
    owner.dials(None, PIN, "4")
    owner.sees("Juma")
    owner.drops()
    assert owner.handset.dials() == WELCOME


def test_sending_takes_three_keys_and_no_pin_and_names_nobody(
    owner: Phone, juma: Phone, time_passes: Callable[..., None]
) -> None:
    owner.dials(None, "1")
    owner.sees("Type your PIN, or:", "1 Send my text")
    owner.types("1")
    owner.sees("Send it now?", "2 Yes, send it now")
    owner.sees_not("umbrella", "Juma")
    owner.types("2")
    owner.sees("on its way to 1 person")
    juma.hears("Bring the blue umbrella")
    juma.texts("1")
    owner.dials(None, "2", "1")  # in the other language too
    owner.sees("Imetumwa 09:0", ": 1")
    owner.sees_not("Juma", "umbrella")
    owner.dials(None, "1", "1")
    owner.picks("I am fine now")
    juma.hears("I am fine now")


def test_guarded_by_sms_too_and_a_pin_is_never_taken_from_one(owner: Phone, juma: Phone, service: Service) -> None:
    guarded = ("menu", "next", "mytext other words", "erase", "join 4521", PIN, "notice", "3", "hello", "rest", "leave")
    for words in guarded:
        assert owner.texts(words) == "Please dial *384*77# for this.", words
    assert "Groups announce meetings here" in owner.texts("info")
    owner.dials(None, "1", "1", "2")
    assert "Everyone who got your text" in owner.texts("fine")
    assert "You'll get no more texts" in owner.texts("stop")
    with service.database.reading() as session:
        assert session.scalars(select(HelpText)).one().words == "Bring the blue umbrella"


def test_the_word_and_a_missed_call_send_as_before(owner: Phone, juma: Phone) -> None:
    owner.dials(None, PIN, "3")
    owner.picks("Ways to send", "By text")
    owner.types("mvua")
    assert "Done. On its way" in owner.texts("mvua")
    juma.hears("Bring the blue umbrella")


def test_wrong_ones_wait_longer_and_longer(owner: Phone, time_passes: Callable[..., None], clock: Clock) -> None:
    owner.dials(None, "1")
    for guess in ("4001", "4002", "4003", "4004"):
        owner.types(guess)
        owner.sees("That is not the PIN.")
    owner.types("4005")
    owner.sees("Please wait 1 minute")
    owner.types(PIN)
    owner.sees("Please wait 1 minute")
    clock.time += timedelta(seconds=61)
    owner.types("4006")
    owner.sees("Please wait 2 minutes")
    clock.time += timedelta(seconds=121)
    owner.types(PIN)
    owner.sees("1 Send my help text")
    owner.dials(None, "1", "4001")
    owner.sees("That is not the PIN.")  # the count starts again


@pytest.mark.by_night
def test_ten_thousand_guesses_in_a_day_find_next_to_nothing_and_the_owner_still_sends(
    owner: Phone, juma: Phone, service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked, matches = set[str](), pins.matches

    def counted(kept: str | None, typed: str) -> bool:
        looked.add(typed)
        return matches(kept, typed)

    monkeypatch.setattr(pins, "matches", counted)
    with service.database.reading() as session:
        member = session.scalars(select(Member).join(Pin)).one()
    for guess in range(10_000):
        clock.time += timedelta(days=1) / 10_000
        typed = f"{guess:04}" if guess != int(PIN) else "4920"
        with service.database.transaction() as session:
            assert pins.check_pin(session, member, typed, clock.now())[0] is not pins.PinResult.OPEN
        if guess == 5_000:
            owner.dials(None, "1", "1", "2")
            owner.sees("on its way to 1 person")
            juma.hears("Bring the blue umbrella")
    assert 5 < len(looked) <= 20, f"{len(looked)} of 10,000 were looked at"  # at most 0.2 %


def test_the_second_pin_shows_an_empty_account_that_can_do_nothing(
    owner: Phone, juma: Phone, fatuma: Phone, service: Service
) -> None:
    sets_second(owner)
    juma.reads()
    deeds = count(service, PerformedAction)
    owner.dials(None, SECOND)
    owner.sees("1 Send my help text", "7 About")
    owner.sees_not("Lead", "Who chose")
    owner.types("1")
    owner.sees("first choose people who agree")
    owner.dials(None, SECOND, "2")
    owner.sees_not("Tumaini")
    owner.dials(None, SECOND, "4")
    owner.sees_not("Juma")
    owner.picks("Add a person")
    owner.types(fatuma.number, "Fatuma", "1")
    owner.sees("We've asked them.")
    owner.dials(None, SECOND, "6")
    owner.picks("PIN", "Remove the PIN")
    owner.sees("The PIN is removed.")
    owner.dials(None, SECOND, "6")
    owner.picks("PIN", "Another PIN")
    owner.types("9173", "9173")
    owner.dials(None, SECOND, "6")
    owner.types("98") if "98 More" in owner.handset.screen else None
    owner.picks("Erase my data", "Yes, erase")
    owner.sees("erased")
    fatuma.hears_nothing_new()
    juma.hears_nothing_new()
    assert [count(service, table) for table in (Member, Pin, Responder, Membership)] == [1, 1, 1, 1]
    assert count(service, PerformedAction) == deeds
    owner.dials(None, PIN, "4")
    owner.sees("Juma: agreed")


def test_the_second_pin_gives_no_more_tries(owner: Phone, clock: Clock) -> None:
    """Otherwise someone who knows it could guess four times, open the empty account, and go on guessing forever."""
    sets_second(owner)
    for round_ in range(3):
        for guess in range(4):
            owner.dials(None, "1", f"3{round_}0{guess}")
        owner.dials(None, SECOND)
    owner.dials(None, "1", "3999")
    owner.sees("Please wait")


def test_the_first_pin_is_never_changed_to_the_second(owner: Phone) -> None:
    sets_second(owner)
    owner.dials(None, PIN, "6")
    owner.picks("PIN", "Another PIN")
    owner.types(SECOND)
    owner.sees("That is your PIN already. Please choose another.")
    owner.dials(None, SECOND, "4")
    owner.sees_not("Juma")


def test_a_new_pin_ends_the_removal_of_the_old_one(owner: Phone, juma: Phone, time_passes: Callable[..., None]) -> None:
    owner.dials(None, "1")
    owner.picks("I forgot it", "With one of my people")
    code = juma.hears("tell them: ")[-6:]
    owner.dials(None, "1")
    owner.picks("I forgot it", "After 3 days")
    owner.dials(None, PIN)
    owner.picks("It was me")
    owner.picks("Settings", "PIN", "Another PIN")
    owner.types("6381", "6381")
    owner.dials(None, "1")
    owner.picks("I forgot it", "I have the code")
    owner.types(code)
    owner.sees("That is not the code.")
    for _n in range(4):
        time_passes(days=1)
    assert owner.dials() == WELCOME


def test_the_second_pin_is_never_the_first(owner: Phone) -> None:
    owner.dials(None, PIN, "6")
    owner.picks("PIN", "Second PIN: off", "Set it")
    owner.types(PIN)
    owner.sees("That is your PIN already. Please choose another.")


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("12", "4 to 8 digits"), ("123456789", "4 to 8 digits"), ("abcd", "4 to 8 digits"),
        ("1234", "easy to guess"), ("7777", "easy to guess"), ("1212", "easy to guess"),
    ],
)  # fmt: skip
def test_a_poor_pin_is_explained(typed: str, answer: str, amina: Phone, group: Group) -> None:
    joins(amina)
    amina.dials(None, "6")
    amina.picks("PIN", "Set a PIN")
    amina.types(typed)
    amina.sees(answer)
    amina.types(PIN, "4922")
    amina.sees("They were not the same. Nothing was changed.")
    amina.dials()
    amina.sees("1 Send my help text")


def test_a_pin_is_not_set_by_sms(amina: Phone, group: Group) -> None:
    joins(amina)
    amina.texts("menu")
    assert "PIN" not in amina.texts("6")


def test_a_forgotten_pin_goes_off_after_three_days_of_which_texts_tell(
    owner: Phone, time_passes: Callable[..., None]
) -> None:
    owner.dials(None, "1", "2", "2")
    owner.sees("It will be removed in 3 days")
    owner.hears("Someone asked for a change. If it wasn't you, dial *384*77#")
    owner.dials(None, "1", "2", "2")
    owner.sees("That was already asked")
    for _day in range(2):
        before = copies(owner, "Someone asked for a change")
        time_passes(days=1, minutes=1)
        assert copies(owner, "Someone asked for a change") == before + 1
    owner.dials()
    assert owner.handset.screen == WELCOME
    time_passes(days=1)
    owner.hears("The change that was asked for is made")
    owner.dials()
    owner.sees("1 Send my help text")


def test_who_knows_the_pin_sees_that_it_was_asked_and_stops_it(owner: Phone, time_passes: Callable[..., None]) -> None:
    owner.dials(None, "1", "2", "2")
    owner.dials(None, PIN)
    owner.sees("Someone with this phone asked to remove your PIN", "26 Nov")
    owner.picks("Stop it")
    owner.sees("Your PIN stays.")
    time_passes(days=4)
    owner.dials()
    assert owner.handset.screen == WELCOME


def test_no_waiting_where_no_text_could_tell_of_it(owner: Phone) -> None:
    owner.texts("stop")
    owner.dials(None, "1", "2", "2")
    owner.sees("That isn't possible right now.")


@pytest.mark.both_databases
@pytest.mark.parametrize("state", ["stopped_at", "doubted_at", "silent_at", "blocked_at"])
def test_no_pin_goes_off_where_the_texts_that_tell_of_it_reach_nobody(
    state: str, owner: Phone, service: Service, time_passes: Callable[..., None]
) -> None:
    owner.dials(None, "1", "2", "2")
    owner.sees("It will be removed in 3 days")
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, owner.number)
        assert phone is not None
        setattr(phone, state, service.now())
    time_passes(minutes=5)
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, owner.number)
        assert phone is not None
        setattr(phone, state, None)  # sending STOP, waiting three days and sending START must not work
    for _day in range(4):
        time_passes(days=1, minutes=1)
    assert owner.dials() == WELCOME
    owner.dials(None, "1", "2", "2")
    owner.sees("It will be removed in 3 days")  # it can be requested again, and texts announce it


def test_a_pin_stays_after_stop(owner: Phone, time_passes: Callable[..., None]) -> None:
    owner.dials(None, "1", "2", "2")
    owner.texts("STOP")
    for _day in range(4):
        time_passes(days=1, minutes=1)
    assert owner.dials() == WELCOME


def test_a_responder_helps_with_a_code(owner: Phone, juma: Phone, time_passes: Callable[..., None]) -> None:
    owner.dials(None, "1", "2", "1")
    owner.sees("Your people got a code")
    owner.sees_not("Juma")
    code = juma.hears("If you spoke with them and it is really them")[-6:]
    owner.dials(None, "1", "2", "1")
    owner.sees("That isn't possible right now.")  # once a day
    wrong = "000000" if code != "000000" else "000001"
    for _n in range(2):
        owner.dials(None, "1", "2", "3", wrong)
        owner.sees("That is not the code.")
    owner.dials(None, "1", "2", "3", code)
    owner.sees("The PIN is removed.")
    owner.dials()
    owner.sees("1 Send my help text")


def test_a_code_has_five_tries_and_a_day(owner: Phone, juma: Phone, time_passes: Callable[..., None]) -> None:
    owner.dials(None, "1", "2", "1")
    code = juma.reads()[-1][-6:]
    for n in range(5):
        owner.dials(None, "1", "2", "3", f"{(int(code) + 1 + n) % 10**6:06}")
    owner.dials(None, "1", "2", "3", code)
    owner.sees("That is not the code.")
    time_passes(days=1, minutes=1)
    owner.dials(None, "1", "2", "1")
    later = juma.reads()[-1][-6:]
    time_passes(days=1, minutes=1)
    owner.dials(None, "1", "2", "3", later)
    owner.sees("That is not the code.")


def test_a_pin_is_found_nowhere(owner: Phone, service: Service, logged: Callable[[], str], tmp_path: Path) -> None:
    secret, other = "830561", "640297"
    owner.dials(None, PIN, "6")
    owner.picks("PIN", "Another PIN")
    owner.types(secret, secret)
    sets_second(owner, secret, other)
    owner.dials(None, "1", "830562")
    owner.types(secret, "4")
    owner.dials(None, other, "4")
    owner.drops()
    kept = [logged().encode()]
    for key in service.redis.keys("*"):
        kept.append(repr(key).encode())
        kept.append(service.redis.dump(key) or b"")
    with service.database.reading() as session:
        for table in Message.metadata.tables.values():
            for row in session.execute(select(table)):
                kept.append(repr(row).encode())
    kept += [path.read_bytes() for path in tmp_path.iterdir() if path.is_file()]
    for one in kept:
        assert secret.encode() not in one
        assert other.encode() not in one
        assert b"830562" not in one


def inside(caller: Caller) -> Flow:
    """The entry alone; the menu behind it is walked in other tests."""
    found = yield from pin_entry.admit(caller)
    if found is not None:
        yield Tell("inside")


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_path_through_the_pin_gate_fits(language: str) -> None:
    caller = Caller(language=language, member=True, pin=True, service_code="*384*77#")
    outside = 0
    for seen in walker.walk(inside, caller, language, 160):
        assert walker.faults_in(seen, 160) == [], f"after {seen.said}"
        outside += any(answer.name == "raised" for answer in seen.stop.answers)
    assert outside


def test_the_empty_account_remembers_for_a_day_what_is_done_in_it(owner: Phone, service: Service, clock: Clock) -> None:
    sets_second(owner)
    owner.dials(None, SECOND, "6")
    owner.picks("Language", "Kiswahili")
    owner.dials(None, SECOND)
    owner.sees("Mikutano")
    owner.dials(None, PIN)
    owner.sees("Meetings")  # their own account is unchanged
    with service.database.reading() as session:
        assert session.scalars(select(PhoneRow.language).where(PhoneRow.number == owner.number)).one() == "en"


@pytest.mark.parametrize(
    ("does", "shows", "seen"),
    [
        ((["6"], "Hours for texts", "8-18"), (["6"], "Hours for texts"), "08:00-18:00"),
        ((["6"], "PIN", "Second PIN: off", "Set it", "=8350", "=8350"), (["6"], "PIN"), "Second PIN: on"),
        ((["3"], "If nobody answers", "Show me numbers", "15 min"), (["3"], "If nobody answers"), "Numbers"),
        ((["2", "1"], "I am coming"), (["2", "1"],), "You said: coming."),
    ],
)  # fmt: skip
def test_every_setting_of_the_empty_account_is_remembered(
    does: tuple[Any, ...], shows: tuple[Any, ...], seen: str, owner: Phone
) -> None:
    sets_second(owner)
    owner.dials("*384*77*4521#", SECOND)
    owner.picks("Join")
    for keys, *picks in (does, shows):
        owner.dials(None, SECOND, *keys)
        for one in picks:
            owner.types(one[1:]) if one.startswith("=") else owner.picks(one)
    owner.sees(seen)


def test_what_is_of_the_number_shows_in_the_empty_account_too(owner: Phone, service: Service) -> None:
    """Whoever sent STOP from this phone, and sees no trace of it, knows that this account isn't real."""
    sets_second(owner)
    owner.texts("STOP")
    owner.dials(None, SECOND, "6")
    owner.picks("Texts are stopped", "Yes")
    owner.sees("Texts are on again.")
    owner.dials(None, SECOND, "6")
    owner.sees_not("Texts are stopped")
    owner.dials(None, PIN, "6")
    owner.sees("Texts are stopped")  # it wasn't real


def test_that_the_network_stops_our_texts_is_said_once_in_either_account(owner: Phone, service: Service) -> None:
    sets_second(owner)
    with service.database.transaction() as session:
        opt_out.record_blocked(session, owner.number, service.now())
    for pin in (SECOND, PIN):
        owner.dials(None, pin)
        owner.sees("Your network stops our texts to you.")
        owner.picks("Continue")
        owner.dials(None, pin)
        owner.sees("1 Send my help text")


def test_a_pin_is_compared_with_both_whatever_it_is(owner: Phone, monkeypatch: pytest.MonkeyPatch) -> None:
    compared: list[int] = []
    real = pins.matches

    def counting(kept: str | None, typed: str) -> bool:
        assert kept
        compared[-1] += 1
        return real(kept, typed)

    monkeypatch.setattr(pins, "matches", counting)
    for second in (False, True):
        for typed in (PIN, SECOND, "8350"):
            compared.append(0)
            owner.dials(None, typed)
        if not second:
            monkeypatch.undo()
            sets_second(owner)
            monkeypatch.setattr(pins, "matches", counting)
    assert compared == [2] * 6


@pytest.mark.parametrize(("code", "told"), [("4521", "Tumaini"), ("8080", "There is no group with code 8080.")])
def test_a_dialled_code_is_followed_with_either_pin(owner: Phone, code: str, told: str) -> None:
    """If one PIN led past it, that would tell that there are two."""
    sets_second(owner)
    owner.dials(f"*384*77*{code}#", SECOND)
    owner.sees(told)
