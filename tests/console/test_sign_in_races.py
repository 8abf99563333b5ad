"""Codes from the app and by SMS, tried or asked for in two browsers at the same moment."""

from __future__ import annotations

import base64
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier, BrokenBarrierError

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from smsgate.models import Group, Role, SignInCode, WrongCodes, lookup
from smsgate.models import Phone as PhoneRow
from smsgate.outbox.limits import LIMITS, Cause, Scope
from smsgate.service import Service
from smsgate.web.console.accounts import login, totp
from tests.support.console import leads
from tests.support.people import Phone

pytestmark = pytest.mark.both_databases
TOGETHER = 4


@pytest.fixture
def leader(service: Service, group: Group, amina: Phone) -> Phone:
    leads(service, amina, group, Role.ADMIN)
    return amina


def at_once(service: Service, act: Callable[[Session, PhoneRow], object], number: str) -> list[object]:
    """Run an act in several transactions, each of which has read the rows before any acts, and return the results.

    SQLite lets one writer in at a time, so there they only begin together.
    """
    start = Barrier(TOGETHER)
    many_writers = service.database.engine.dialect.name == "postgresql"

    def acts(_n: int) -> object:
        if not many_writers:
            start.wait()
        with service.database.transaction() as session:
            phone = lookup.find_phone(session, number)
            assert phone is not None
            totp.find(session, phone.id)
            if many_writers:
                with suppress(BrokenBarrierError):
                    start.wait(30)
            return act(session, phone)

    with ThreadPoolExecutor(TOGETHER) as threads:
        return list(threads.map(acts, range(TOGETHER)))


def makes_app(service: Service, number: str) -> str:
    """Set up an app and return the code that it shows now."""
    with service.database.transaction() as session:
        phone = lookup.find_phone(session, number)
        assert phone is not None
        app = totp.create(session, phone.id, service.now())
        app.confirmed_at = service.now()
        code = TOTP(base64.b32decode(app.secret), 6, SHA1(), 30, enforce_key_length=False)
        return code.generate(int(service.now().timestamp())).decode()


def test_a_code_of_the_app_is_good_once(service: Service, leader: Phone) -> None:
    code = makes_app(service, leader.number)
    found = at_once(
        service,
        lambda session, phone: totp.check(session, phone.id, code, service.now(), who=totp.PROVED),
        leader.number,
    )
    assert sorted(map(bool, found)) == [False, False, False, True]


def test_wrong_codes_are_counted_one_by_one(service: Service, leader: Phone) -> None:
    makes_app(service, leader.number)
    at_once(service, lambda session, phone: totp.check(session, phone.id, "x", service.now(), who="x"), leader.number)
    with service.database.reading() as session:
        assert session.scalars(select(WrongCodes.times)).one() == TOGETHER


def test_of_four_who_ask_at_once_three_get_a_code(service: Service, leader: Phone) -> None:
    def asks(session: Session, phone: PhoneRow) -> bool:
        return login.request_code(session, phone, "browser", service.now())

    assert sorted(map(bool, at_once(service, asks, leader.number))) == [False, True, True, True]
    with service.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(SignInCode)) == LIMITS[Cause.SIGN_IN][Scope.TARGET].hour


def test_an_app_that_is_set_up_twice_at_once_is_one(service: Service, leader: Phone) -> None:
    secrets = at_once(
        service, lambda session, phone: totp.create(session, phone.id, service.now()).secret, leader.number
    )
    assert len(set(secrets)) == 1
