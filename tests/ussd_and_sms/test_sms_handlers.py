"""Which handler takes a text: STOP comes first, and reads nothing from the database that it doesn't need."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import event, select

from smsgate.conversations.sms import distress, exchange, fine, help, inbox, opt_out, router
from smsgate.members import leaving
from smsgate.models import Group
from smsgate.models import Phone as PhoneRow
from smsgate.service import Service
from tests.support.people import Phone
from tests.support.stories import agrees, joins


@contextmanager
def statements(service: Service) -> Iterator[list[str]]:
    """Yield a list of the first table of each SELECT, in order."""
    asked: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if statement.startswith("SELECT") and "FROM " in statement:  # an advisory lock of PostgreSQL reads no table
            asked.append(statement.partition("FROM ")[2].split()[0])

    event.listen(service.database.engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(service.database.engine, "before_cursor_execute", note)


@pytest.mark.parametrize(("said", "begins"), [("stop", "opt_out"), ("start", "opt_in")])
def test_nothing_is_loaded_before_stop_and_start_but_the_text_and_the_phone(
    said: str, begins: str, amina: Phone, group: Group, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    joins(amina)
    if said == "start":
        amina.texts("stop")
    act: Callable[..., None] = getattr(opt_out, begins)
    before: list[str] = []

    def recognised(*given: object) -> None:
        before.extend(asked)
        act(*given)

    monkeypatch.setattr(opt_out, begins, recognised)
    amina.writes(said)
    with statements(service) as asked:
        assert router.work_through(service, lambda: False) == 1
    a_later_stop_is_looked_for = ["inbounds"] if said == "start" else []
    # The waiting texts, the lock on this one, the phone.
    assert before == ["inbounds", "inbounds", "phones", *a_later_stop_is_looked_for]
    assert len(asked) <= 15, " ".join(asked)


def test_stop_comes_first_and_despair_before_what_it_might_disturb() -> None:
    assert router.AT_ONCE[0] is opt_out.stop
    order = [*router.AT_ONCE, *router.IN_TURN]
    assert order.index(distress.comfort_after_stop) < order.index(opt_out.stay_silent)
    assert order.index(distress.comfort_despite_question) < order.index(exchange.open_survey)
    # Every later handler is for numbers that get texts; after STOP, too, people can send and cancel their help text.
    before = [fine.say_fine, help.send_by_word, distress.comfort_after_stop, opt_out.stay_silent]
    assert list(router.IN_TURN[:4]) == before
    assert all((handler.__doc__ or "").startswith("Answer ") for handler in order)


def test_stop_said_again_is_no_reply_to_anything(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    amina.dials(None, "1", "2")
    juma.hears("Please get in touch with me")
    assert "You'll get no more texts" in juma.texts("stop")
    assert juma.texts("stop") == ""
    assert juma.texts("1") == ""


def test_a_number_erased_while_its_text_waited_is_answered_as_a_stranger(
    amina: Phone, group: Group, service: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    joins(amina)
    amina.writes("next")
    with service.database.transaction() as session:
        text = inbox.next_to_handle(session, service.now(), ())
        leaving.erase(session, session.scalars(select(PhoneRow)).one(), service.now())
    waiting = iter([text])
    monkeypatch.setattr(inbox, "next_to_handle", lambda *_: next(waiting, None))
    assert router.work_through(service, lambda: False) == 1
    amina.hears("Welcome / Karibu / Bienvenue")
