"""Signing in to the console and staying signed in, with a phone to hand, in all kinds of browsers."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask

from smsgate.gateways import Money
from smsgate.groups import roles
from smsgate.models import Authenticator, ConsoleSession, Group, RecoveryCode, Role, RoleAssignment
from smsgate.models import Phone as PhoneRow
from smsgate.outbox import credit
from smsgate.outbox.limits import LIMITS, Cause, Scope
from smsgate.service import Service
from smsgate.web.console.accounts import growing_waits, permissions
from tests.support.console import Console, code_of, dialled_code, leads, looks_after_the_network, shown_by
from tests.support.people import Clock, Phone

RECOVERY = re.compile(r"\d{4}-\d{4}-\d{4}")


@pytest.fixture
def console(app: Flask, service: Service) -> Console:
    return Console(app, service)


@pytest.fixture
def leader(service: Service, group: Group, amina: Phone) -> Phone:
    leads(service, amina, group, Role.ADMIN)
    return amina


def asks(console: Console, number: str) -> None:
    console.opens("/console/sign-in")
    console.sends("Send code", number=number)


def test_in_with_a_number_and_a_code_and_out_again(console: Console, leader: Phone) -> None:
    console.opens("/console/")
    assert console.at == "/console/sign-in"
    asks(console, "0711 000 001")
    console.sees("ending in 001")
    leader.hears("is your sign-in code")
    console.sends("Sign in", code=code_of(leader))
    console.sees("Tumaini", "You're an admin")
    console.sends("Sign out")
    console.sees("You're signed out.")
    console.opens("/console/me")
    assert console.at == "/console/sign-in"


def test_who_leads_nothing_is_told_the_same_and_gets_nothing(console: Console, leader: Phone, juma: Phone) -> None:
    asks(console, leader.number)
    told = console.words.replace("001", "…")
    asks(console, juma.number)
    assert console.words.replace("002", "…") == told
    juma.hears_nothing_new()


def test_a_code_is_good_once_for_ten_minutes_and_in_the_browser_that_asked(
    console: Console, leader: Phone, app: Flask, service: Service, time_passes: Callable[..., None]
) -> None:
    asks(console, leader.number)
    code = code_of(leader)
    other = Console(app, service)
    other.opens("/console/sign-in")
    other.sends("Send code", number="0722000009")
    other.sends("Sign in", code=code, status=422)
    console.sends("Sign in", code=code)
    console.sees("Tumaini")
    again = Console(app, service)
    asks(again, leader.number)
    again.sends("Sign in", code=code, status=422)
    time_passes(minutes=10, seconds=1)
    again.sends("Sign in", code=code_of(leader), status=422)


def test_five_tries_and_then_not_even_the_right_one(console: Console, leader: Phone) -> None:
    asks(console, leader.number)
    code = code_of(leader)
    wrong = "000000" if code != "000000" else "111111"
    for _try in range(5):
        console.sends("Sign in", code=wrong, status=422)
    console.sends("Sign in", code=code, status=422)


def test_three_codes_an_hour(console: Console, leader: Phone, time_passes: Callable[..., None]) -> None:
    for _time in range(5):
        asks(console, leader.number)
        console.sees("we've sent it a code")
    assert len(leader.reads()) == 3
    time_passes(hours=1, minutes=1)
    asks(console, leader.number)
    assert len(leader.reads()) == 4


def test_no_number_and_no_code_is_explained_beside_the_field(console: Console, leader: Phone) -> None:
    console.opens("/console/sign-in")
    console.sends("Send code", number="12", status=422)
    console.sees("We can't text that number")
    assert 'value="12"' in console.last.text, "what was typed stays"
    assert 'aria-invalid="true"' in console.last.text


def test_a_borrowed_computer_is_left_after_half_an_hour_and_ones_own_after_two_weeks(
    app: Flask, service: Service, leader: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    borrowed, own = Console(app, service), Console(app, service)
    borrowed.signs_in(leader)
    own.signs_in(leader, own=True)
    for _n in range(3):
        time_passes(minutes=20)
        borrowed.opens("/console/")
        assert borrowed.at == "/console/", "while it is used it goes on"
    time_passes(minutes=31)
    borrowed.opens("/console/")
    assert borrowed.at == "/console/sign-in"
    time_passes(days=13)
    own.opens("/console/")
    assert own.at == "/console/"
    time_passes(days=15)
    own.opens("/console/")
    assert own.at == "/console/sign-in"


def test_browsers_are_listed_and_ended(app: Flask, service: Service, leader: Phone) -> None:
    one, two = Console(app, service), Console(app, service)
    one.signs_in(leader)
    two.signs_in(leader)
    one.opens("/console/me")
    one.sees("this browser")
    one.sends("Sign out there")
    two.opens("/console/")
    assert two.at == "/console/sign-in"
    one.opens("/console/me")
    one.sends("Sign out everywhere")
    one.opens("/console/")
    assert one.at == "/console/sign-in"


def test_nobody_ends_a_session_of_somebody_else(app: Flask, service: Service, leader: Phone, juma: Phone) -> None:
    looks_after_the_network(service, juma)
    hers, his = Console(app, service), Console(app, service)
    hers.signs_in(leader)
    his.signs_in(juma)
    with service.database.reading() as session:
        theirs = session.query(ConsoleSession).order_by(ConsoleSession.id).first()
        assert theirs
    token = his.form("Sign out").values[0][1]
    his.posts(f"/console/me/sessions/{theirs.id}/end", {"csrf_token": token})
    hers.opens("/console/me")
    assert hers.at == "/console/me"


def test_with_the_role_ends_the_console_at_once(console: Console, service: Service, leader: Phone) -> None:
    console.signs_in(leader)
    with service.database.transaction() as session:
        for one in session.query(RoleAssignment):
            roles.end(session, one, service.now(), by=None)
    console.opens("/console/")
    assert console.at == "/console/sign-in"


def test_a_number_that_somebody_else_may_hold_opens_nothing(console: Console, service: Service, leader: Phone) -> None:
    console.signs_in(leader)
    with service.database.transaction() as session:
        session.query(PhoneRow).update({"doubted_at": service.now()})
    console.opens("/console/")
    assert console.at == "/console/sign-in"
    before = len(leader.reads())
    asks(console, leader.number)
    assert len(leader.reads()) == before


def sets_up_app(console: Console, service: Service, clock: Clock) -> str:
    console.opens("/console/me")
    console.sends("Set up")
    with service.database.reading() as session:
        secret = session.query(Authenticator).one().secret
    console.sees(" ".join(re.findall("....", secret)))
    console.sends("Turn on", code="000000", status=422)
    console.sends("Turn on", code=shown_by(secret, clock))
    console.sees("Two-factor sign-in is on")
    return secret


def test_an_authenticator_app_is_a_second_proof(
    app: Flask, service: Service, leader: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    console, elsewhere = Console(app, service), Console(app, service)
    console.signs_in(leader)
    elsewhere.signs_in(leader)
    secret = sets_up_app(console, service, clock)
    console.opens("/console/")
    assert console.at == "/console/", "the browser that showed it stays"
    elsewhere.opens("/console/")
    assert elsewhere.at == "/console/sign-in", "the others begin again"
    time_passes(hours=1, minutes=1)
    texts = len(leader.reads())
    asks(elsewhere, leader.number)
    assert len(leader.reads()) == texts, "nothing leaves before the app is shown"
    code = shown_by(secret, clock)
    elsewhere.sends("Sign in", code=code)
    elsewhere.sees("The app's code is right")
    elsewhere.opens("/console/")
    assert elsewhere.at == "/console/sign-in", "half a proof opens nothing"
    elsewhere.opens("/console/code")
    elsewhere.sends("Sign in", code=code_of(leader))
    elsewhere.sees("Tumaini")
    third = Console(app, service)
    asks(third, leader.number)
    third.sends("Sign in", code=code, status=422)
    third.sees("Wrong or expired code")


def test_a_recovery_code_stands_in_for_the_app_once(
    app: Flask, service: Service, leader: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    console, elsewhere = Console(app, service), Console(app, service)
    console.signs_in(leader, own=True)
    sets_up_app(console, service, clock)
    codes = RECOVERY.findall(console.words)
    assert len(codes) == 8
    console.follows("I've saved them")
    console.sees("You have 8 recovery codes left")
    assert not RECOVERY.findall(console.words), "shown once"
    asks(elsewhere, leader.number)
    elsewhere.sends("Sign in", code=codes[0])
    elsewhere.sees("The app's code is right")
    elsewhere.sends("Sign in", code=code_of(leader))
    elsewhere.sees("Tumaini")
    third = Console(app, service)
    asks(third, leader.number)
    third.sends("Sign in", code=codes[0], status=422)
    third.sends("Sign in", code=codes[1].replace("-", " "))
    third.sees("The app's code is right")
    console.opens("/console/me")
    console.sees("You have 6 recovery codes left")
    console.sends("Create new recovery codes")
    assert set(RECOVERY.findall(console.words)).isdisjoint(codes)
    console.opens("/console/me")
    console.sends("Remove the app", code=codes[2], status=422)
    with service.database.reading() as session:
        stored = [one.code for one in session.query(RecoveryCode)]
    assert not any(code.replace("-", "") in "".join(stored) for code in codes), "hashed"


def test_the_account_says_the_local_time_and_opens_the_app(console: Console, leader: Phone) -> None:
    console.signs_in(leader)
    console.opens("/console/me")
    console.sees("since Mon 23 Nov 09:00")
    console.sends("Set up")
    assert console.page.links["Open the app on this phone"].startswith("otpauth://totp/")


def test_in_a_browser_that_is_known_the_app_is_enough(
    app: Flask, service: Service, leader: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    console = Console(app, service)
    console.signs_in(leader, own=True)
    secret = sets_up_app(console, service, clock)
    console.sends("Sign out")
    texts = len(leader.reads())
    time_passes(minutes=1)
    asks(console, leader.number)
    console.sends("Sign in", code=shown_by(secret, clock))
    console.sees("Tumaini")
    assert len(leader.reads()) == texts


def test_a_dialled_code_and_the_app_need_no_text_in_any_order(
    app: Flask, service: Service, leader: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    console = Console(app, service)
    console.signs_in(leader)
    secret = sets_up_app(console, service, clock)
    console.sends("Sign out")
    texts = len(leader.reads())
    time_passes(minutes=1)
    asks(console, leader.number)
    console.sends("Sign in", code=dialled_code(service, leader))
    console.sees("Type the code that your app shows now")
    console.opens("/console/")
    assert console.at == "/console/sign-in"
    console.opens("/console/app")
    console.sends("Sign in", code=shown_by(secret, clock))
    console.sees("Tumaini")
    assert len(leader.reads()) == texts


def test_a_stranger_with_an_admins_number_locks_nobody_out(
    app: Flask, service: Service, leader: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    known, elsewhere, stranger = (Console(app, service) for _browser in range(3))
    known.signs_in(leader, own=True)
    secret = sets_up_app(known, service, clock)
    known.sends("Sign out")
    texts = len(leader.reads())
    time_passes(minutes=1)
    for _time in range(growing_waits.FREE):
        asks(stranger, leader.number)
        stranger.sends("Sign in", code="000000", status=422)
    asks(stranger, leader.number)
    stranger.sends("Sign in", code=shown_by(secret, clock), status=422)  # even a right guess is not checked
    assert len(leader.reads()) == texts, "a stranger makes no text leave"
    asks(known, leader.number)
    known.sends("Sign in", code=shown_by(secret, clock))
    known.sees("Tumaini")
    asks(elsewhere, leader.number)
    elsewhere.sends("Sign in", code=dialled_code(service, leader))
    elsewhere.sends("Sign in", code=shown_by(secret, clock, 1))
    elsewhere.sees("Tumaini")
    time_passes(minutes=2)
    asks(stranger, leader.number)
    stranger.sends("Sign in", code=shown_by(secret, clock, 1))
    stranger.sees("The app's code is right")


def test_a_copied_cookie_gets_no_more_tries_by_being_written_in_another_way(
    app: Flask, service: Service, leader: Phone, clock: Clock, time_passes: Callable[..., None]
) -> None:
    known, thief = Console(app, service), Console(app, service)
    known.signs_in(leader, own=True)
    secret = sets_up_app(known, service, clock)
    cookie = known.client.get_cookie("console_known", path="/console")
    assert cookie is not None
    time_passes(minutes=1)
    for number in range(growing_waits.FREE):
        thief.client.set_cookie("console_known", cookie.value + "=" * number, path="/console")
        asks(thief, leader.number)
        thief.sends("Sign in", code="000000", status=422)
    thief.client.set_cookie("console_known", cookie.value + "=" * growing_waits.FREE, path="/console")
    asks(thief, leader.number)
    thief.sends("Sign in", code=shown_by(secret, clock), status=422)  # even the right one has to wait


def test_of_two_tries_at_once_the_earlier_one_may_come_last(service: Service) -> None:
    now = service.now()
    with service.database.transaction() as session:
        growing_waits.note_wrong(session, "somebody", now)
        assert not growing_waits.wait_left(session, "somebody", now - timedelta(seconds=1))


def test_waits_grow_from_a_minute_to_an_hour() -> None:
    minutes = [growing_waits.wait_after(times).total_seconds() / 60 for times in (0, 4, 5, 6, 7, 11, 40, 10_000)]
    assert minutes == [0, 0, 1, 2, 4, 60, 60, 60]


def test_a_code_read_by_dialling_is_used_up_by_nobody_else(
    app: Flask, service: Service, leader: Phone, time_passes: Callable[..., None]
) -> None:
    stranger, console = Console(app, service), Console(app, service)
    for _time in range(5):
        asks(stranger, leader.number)
    asks(console, leader.number)
    assert len(leader.reads()) == LIMITS[Cause.SIGN_IN][Scope.TARGET].hour
    first, code = dialled_code(service, leader), dialled_code(service, leader)
    asks(stranger, "0722000009")
    stranger.sends("Sign in", code=code, status=422)
    for wrong in (first, *(str(digit) * len(code) for digit in range(5))):
        console.sends("Sign in", code=wrong, status=422)
    console.sends("Sign in", code=code)
    console.sees("Tumaini")
    console.sends("Sign out")
    asks(console, leader.number)
    console.sends("Sign in", code=code, status=422)  # works only once
    late = dialled_code(service, leader)
    time_passes(minutes=10, seconds=1)
    console.sends("Sign in", code=late, status=422)


def test_a_browser_that_is_known_has_codes_of_its_own(app: Flask, service: Service, leader: Phone) -> None:
    known, stranger = Console(app, service), Console(app, service)
    known.signs_in(leader, own=True)
    known.sends("Sign out")
    for _time in range(5):
        asks(stranger, leader.number)
    texts = len(leader.reads())
    asks(known, leader.number)
    assert len(leader.reads()) == texts + 1
    known.sends("Sign in", code=code_of(leader))
    known.sees("Tumaini")
    forged = Console(app, service)
    forged.client.set_cookie("console_known", "WyJ4Il0.forged.forged", path="/console")
    asks(forged, leader.number)
    assert len(leader.reads()) == texts + 1


@pytest.mark.parametrize("press", ["Set up", "Turn on", "Remove the app"])
def test_a_factor_is_changed_only_with_a_fresh_proof(
    app: Flask, service: Service, leader: Phone, clock: Clock, time_passes: Callable[..., None], press: str
) -> None:
    console = Console(app, service)
    console.signs_in(leader, own=True)
    if press == "Turn on":
        console.opens("/console/me")
        console.sends("Set up")
    elif press == "Remove the app":
        sets_up_app(console, service, clock)
    time_passes(minutes=15, seconds=1)
    with service.database.reading() as session:
        app_now = session.query(Authenticator).one_or_none()
    console.opens("/console/me")
    if press == "Set up" or app_now is None:
        console.sends(press)
    else:
        console.sends(press, code=shown_by(app_now.secret, clock))
    console.sees("Please sign in again first")
    with service.database.reading() as session:
        after = session.query(Authenticator).one_or_none()
        assert (after and after.confirmed_at) == (app_now and app_now.confirmed_at)


def test_in_the_language_of_the_phone_and_in_another(console: Console, service: Service, leader: Phone) -> None:
    with service.database.transaction() as session:
        session.query(PhoneRow).update({"language": "sw"})
    console.signs_in(leader)
    assert '<html lang="sw">' in console.last.text
    console.opens("/console/language/fr")
    assert '<html lang="fr">' in console.last.text
    console.opens("/console/", headers={"Accept-Language": "sw"})
    assert '<html lang="fr">' in console.last.text


def test_a_form_from_elsewhere_is_refused(console: Console, leader: Phone) -> None:
    console.signs_in(leader)
    console.posts("/console/me/sign-out", {}, status=400)
    console.sees("Nothing was sent")
    console.opens("/console/me")
    assert console.at == "/console/me"


def test_every_answer_carries_what_a_browser_has_to_know(console: Console, leader: Phone) -> None:
    console.opens("/console/sign-in")
    policy = console.last.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "no-store" in console.last.headers["Cache-Control"]
    cookie = console.last.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/console" in cookie


def test_no_number_and_no_code_stands_in_a_log(console: Console, leader: Phone, logged: Callable[[], str]) -> None:
    console.signs_in(leader)
    code = code_of(leader)
    assert code not in logged()
    assert "711000001" not in logged()


def test_after_the_sign_in_it_goes_on_where_one_wanted_to_go(console: Console, leader: Phone) -> None:
    console.opens("/console/me")
    assert console.at == "/console/sign-in"
    console.sends("Send code", number=leader.number)
    console.sends("Sign in", code=code_of(leader))
    assert console.at == "/console/me"


def test_what_breaks_is_told_with_an_id_for_the_operator(
    console: Console, leader: Phone, logged: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    console.signs_in(leader)

    def broken(*_given: Any) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(permissions, "groups_of", broken)
    console.opens("/console/", status=500)
    console.sees("It's our fault")
    mark = console.last.text.split("<code>")[1].split("</code>")[0]
    assert mark in logged()


def test_the_credit_is_for_who_looks_after_the_network(
    app: Flask, service: Service, group: Group, amina: Phone, juma: Phone
) -> None:
    leads(service, amina, group, Role.ADMIN)
    leads(service, juma, group, Role.ADMIN)
    looks_after_the_network(service, amina)
    with service.database.transaction() as session:
        credit.record_balance(session, "simulator", Money("KES", Decimal("1234.5")), service.now(), 0, "")
    for phone, sees in ((amina, True), (juma, False)):
        console = Console(app, service)
        console.signs_in(phone)
        console.opens("/console/groups/4521")
        console.sees("The SMS network is working.")
        (console.sees if sees else console.sees_not)("KES 1234.50")


def test_the_menu_says_where_one_is(app: Flask, service: Service, group: Group, amina: Phone) -> None:
    leads(service, amina, group, Role.ADMIN)
    console = Console(app, service)
    console.signs_in(amina)
    for path, here in (("", "Overview"), ("/log", "People"), ("/meetings/new", "Meetings"), ("/settings", "Settings")):
        console.opens(f"/console/groups/4521{path}")
        rooms = re.findall(r"<a href=[^>]*aria-current=.(?:page|true).>([^<]+)</a>", console.last.text)
        assert rooms[0] == here
