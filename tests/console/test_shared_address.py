"""Many phones behind one address of a carrier, with a stranger among them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event, Semaphore
from types import SimpleNamespace

import pytest
from flask import Flask

from smsgate.groups import console_codes
from smsgate.models import Group, SignInCode
from smsgate.service import Service
from smsgate.web.console.accounts import signing_in
from smsgate.web.console.accounts.try_limits import AT_ONCE, FLOOD
from tests.support.console import Console, code_of, dialled_code, leads
from tests.support.people import Phone


def uses_it_up(browser: Console, number: str) -> None:
    """Ask for codes and try them, as a stranger, until this browser is limited."""
    browser.opens("/console/sign-in")
    token = browser.form("Send code").values[0][1]
    for path, data in (("sign-in", {"number": number}), ("code", {"code": "000000"})):
        for _time in range(25):
            last = browser.client.post(f"/console/{path}", data={"csrf_token": token, **data})
        assert last.status_code == 429
        assert 0 < int(last.headers["Retry-After"]) <= 60
        assert "You can try again in a minute." in last.text


@pytest.mark.parametrize("people", [12, pytest.param(200, marks=pytest.mark.by_night)])
def test_all_of_them_sign_in_while_a_stranger_tries(
    app: Flask, service: Service, group: Group, juma: Phone, phone: Callable[[str], Phone], people: int
) -> None:
    strangers = [Console(app, service) for _one in range(3)]
    for one in strangers:
        uses_it_up(one, juma.number)
    for number in range(people):
        leader = phone(f"+254711{number + 1000:06}")
        leads(service, leader, group)
        browser = Console(app, service)
        browser.signs_in(leader, own=number % 2 == 0)
        browser.sees("Tumaini")


def test_who_leads_gets_in_after_a_stranger_spent_the_texts_of_their_number(
    app: Flask, service: Service, group: Group, amina: Phone
) -> None:
    """A leader behind the same address still gets in with a code by dialling, even from an unknown browser."""
    leads(service, amina, group)
    uses_it_up(Console(app, service), amina.number)
    code, browser = dialled_code(service, amina), Console(app, service)
    browser.opens("/console/sign-in")
    browser.sends("Send code", number=amina.number)
    browser.sends("Sign in", code=code)
    browser.sees("Tumaini")


def test_a_known_browser_has_its_own_budget(app: Flask, service: Service, group: Group, amina: Phone) -> None:
    leads(service, amina, group)
    known = Console(app, service)
    known.signs_in(amina, own=True)
    known.sends("Sign out")
    uses_it_up(Console(app, service), amina.number)
    known.opens("/console/sign-in")
    known.sends("Send code", number=amina.number)
    known.sends("Sign in", code=code_of(amina))
    known.sees("Tumaini")


def test_a_stranger_who_tries_as_often_as_one_address_may_does_not_use_it_up(
    service: Service, group: Group, amina: Phone
) -> None:
    leads(service, amina, group)
    code = dialled_code(service, amina)
    in_its_life = int(FLOOD.split()[0]) * (console_codes.LASTS // timedelta(minutes=1))
    with service.database.transaction() as session:
        tag = console_codes.number_tag(session, amina.number)
        for number in range(in_its_life // 10):
            wrong = f"{number:0{len(code)}}"
            assert wrong == code or console_codes.use(session, tag, wrong, service.now()) is None
    with service.database.transaction() as session:
        assert console_codes.use(session, tag, code, service.now())
    assert 8 * in_its_life <= console_codes.MOST_TRIES
    assert console_codes.MOST_TRIES <= 10**console_codes.DIGITS / 100_000


def test_a_dialled_code_is_good_for_so_many_tries_from_everywhere(
    app: Flask, service: Service, group: Group, amina: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads(service, amina, group)
    monkeypatch.setattr(console_codes, "MOST_TRIES", 3)
    code = dialled_code(service, amina)
    wrong = "0" * len(code) if int(code) else "1" * len(code)
    for _one in range(3):
        stranger = Console(app, service)
        stranger.opens("/console/sign-in")
        stranger.sends("Send code", number=amina.number)
        stranger.sends("Sign in", code=wrong, status=422)
    stranger.sends("Sign in", code=code, status=422)
    with service.database.reading() as session:
        assert max(row.tries for row in session.query(SignInCode)) == 3


def test_however_many_try_at_once_callers_find_a_thread_and_the_next_is_let_in(
    app: Flask, service: Service, group: Group, amina: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads(service, amina, group)
    waiting, over = Semaphore(0), Event()

    def takes_long(_began: float) -> None:
        waiting.release()
        assert over.wait(30)

    def asks(status: int) -> str:
        browser = Console(app, service)
        browser.opens("/console/sign-in")
        return browser.sends("Send code", status, number="0711000099")

    with monkeypatch.context() as patched, ThreadPoolExecutor(AT_ONCE) as threads:
        patched.setattr(signing_in, "_take_as_long", takes_long)
        strangers = [threads.submit(asks, 200) for _one in range(AT_ONCE)]
        for _one in strangers:
            assert waiting.acquire(timeout=30)
        assert "You can try again in a minute." in asks(429)
        amina.dials()
        amina.sees("English")
        over.set()
        for stranger in strangers:
            assert "code" in stranger.result()
    Console(app, service).signs_in(amina)


def test_a_number_is_answered_after_the_same_time_whoever_has_it(
    app: Flask, service: Service, group: Group, amina: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    leads(service, amina, group)
    for number in (amina.number, "0711000099"):
        browser, slept = Console(app, service), list[float]()
        monkeypatch.setattr(signing_in, "ANSWER_AFTER", 60.0)
        monkeypatch.setattr(signing_in, "time", SimpleNamespace(sleep=slept.append, monotonic=lambda: 1000.0))
        browser.opens("/console/sign-in")
        browser.sends("Send code", number=number)
        browser.sends("Sign in", 422, code="000000")
        assert slept == [60.0, 60.0]
