"""Inbound texts are handled once and in order, whatever a network, a machine or a bug does."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from flask.testing import FlaskClient
from redis.exceptions import RedisError
from sqlalchemy import select, text

from smsgate.conversations.sessions import SessionStore
from smsgate.conversations.sms import inbox as sms_inbox
from smsgate.conversations.sms import router
from smsgate.flows.typed import keywords
from smsgate.models import Group, Inbound
from smsgate.models import Phone as PhoneRow
from smsgate.outbox import queues
from smsgate.outbox.limits import LIMITS, Cause, Scope
from smsgate.service import Service
from smsgate.workers import drain
from tests.support.people import TOKEN, Clock, Phone, passes, work
from tests.support.stories import agrees, joins, plans
from tests.ussd_and_sms.test_what_was_read import arrives


def words_kept(service: Service) -> list[str | None]:
    with service.database.reading() as session:
        return list(session.scalars(select(Inbound.words).where(Inbound.words.is_not(None))))


def test_a_text_is_answered_before_it_is_worked_on_and_its_words_go_when_it_is(amina: Phone, service: Service) -> None:
    amina.writes("info")
    assert words_kept(service) == ["info"]
    work(service)
    assert words_kept(service) == []
    amina.hears("STOP")


def test_the_same_id_is_one_text(amina: Phone, group: Group) -> None:
    joins(amina)
    amina.texts("menu", message_id="m1")
    before = len(amina.reads())
    assert amina.texts("menu", message_id="m1") == ""
    assert len(amina.reads()) == before


def test_the_same_words_within_seconds_are_one_text_and_later_they_are_two(amina: Phone, group: Group) -> None:
    joins(amina)
    for _ in range(3):  # three provider ids: repeated by a network or a thumb
        assert amina.handset.texts("3") == 200
    assert len(amina.reads()) == 1
    assert amina.texts("3") != ""


def test_a_gateway_that_sends_a_text_again_for_minutes_answers_no_later_question(
    amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    amina.texts("menu")
    written = clock.time + timedelta(seconds=6)
    clock.time = written
    arrives(amina, "1", written)  # the language
    work(service)
    question = amina.reads()[-1]
    for seconds in (4, 20, 60, 240):
        clock.time += timedelta(seconds=seconds)
        arrives(amina, "1", written)
    amina.writes("hm")
    arrives(amina, "1", written)
    work(service)
    assert question.splitlines()[-1] in amina.reads()[-1]
    assert "Join a group?" in amina.texts("1")


def test_without_dates_the_next_question_is_asked_once_more(
    amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    for words in ("menu", "1"):
        arrives(amina, words, "")
        work(service)
        clock.time += timedelta(seconds=20)
    arrives(amina, "1", "")
    amina.hears("1 Join", "2 Not now")
    clock.time += timedelta(minutes=2)
    arrives(amina, "1", "")
    amina.hears("Join a group?")


def test_the_same_words_are_new_where_something_else_was_asked_in_between(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    joins(juma, "Juma")
    agrees(amina, juma, "Juma")
    clock.time += timedelta(minutes=20)
    juma.handset.texts("1")
    work(service)
    amina.dials(None, "1", "2")
    juma.hears("Reply 1 if you can help")
    clock.time += timedelta(seconds=2)
    juma.handset.texts("1")
    juma.hears("knows you can help")


def test_one_id_with_two_texts_is_two_texts(amina: Phone, juma: Phone, group: Group) -> None:
    joins(amina)
    assert "Send my help text" in amina.texts("menu", message_id="m1")
    assert "STOP" in amina.texts("info", message_id="m1")
    assert "STOP" in juma.texts("info", message_id="m1")
    assert [person.texts("info", message_id="m1") for person in (amina, juma)] == ["", ""]


@pytest.mark.parametrize(
    ("words", "most"), [("I am driving now", router.MOST_ALIKE), ("It is {n} now", router.MOST_EQUAL_ANSWERS)]
)
@pytest.mark.parametrize("gap", [timedelta(seconds=30), timedelta(minutes=40)])
def test_a_machine_is_cut_after_a_handful_of_equal_answers_whatever_its_pace(
    gap: timedelta, words: str, most: int, amina: Phone, group: Group, clock: Clock
) -> None:
    joins(amina)
    answers = 0
    for number in range(16):
        answers += bool(amina.texts(words.format(n=number)))
        clock.time += gap
    assert answers == most
    assert "1 Send my help text" in amina.texts("menu")  # something else from a person is still answered


@pytest.mark.by_night
def test_who_sends_a_help_text_again_and_again_and_who_answers_each_are_no_machines(
    amina: Phone, juma: Phone, group: Group, clock: Clock
) -> None:
    """They get equal answers to equal texts all day, but each is about something that they did."""
    joins(amina)
    joins(juma, "Juma")
    agrees(amina, juma, "Juma")
    plans(amina, "Ways to send", "By text")
    amina.types("mvua")
    for time in range(8):
        assert "On its way to 1" in amina.texts("mvua"), time
        clock.time += timedelta(minutes=2)
        assert "knows you can help" in juma.texts("1"), time
        clock.time += timedelta(minutes=2)
        assert "Everyone who got your text knows" in amina.texts("fine"), time
        clock.time += timedelta(minutes=60)


def test_stop_start_stop_within_seconds_stops(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    for words in ("stop", "start", "stop", "stop"):
        assert amina.handset.texts(words) == 200
    work(service)
    with service.database.reading() as session:
        assert session.scalars(select(PhoneRow.stopped_at)).one() is not None


def test_equal_texts_that_arrive_together_are_one_only_if_written_together(
    amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    amina.texts("menu")
    before, times = len(amina.reads()), [clock.time - timedelta(minutes=minutes) for minutes in (3, 2, 2)]
    clock.tick = timedelta()
    for written in times:
        arrives(amina, "98", written)
    assert len(amina.reads()) == before + 2


def test_one_number_is_heard_as_it_wrote_whatever_order_the_network_keeps(
    amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    earlier = clock.time
    clock.time += timedelta(minutes=5)
    amina.writes("start")
    arrives(amina, "stop", earlier)
    work(service)
    with service.database.reading() as session:
        assert session.scalars(select(PhoneRow.stopped_at)).one() is None


def test_one_number_is_heard_in_the_order_in_which_it_wrote(amina: Phone, service: Service, group: Group) -> None:
    for words in ("join 4521", "1", "1", "Amina"):
        amina.writes(words)
    work(service)
    amina.dials()
    amina.sees("1 Send my help text")


def test_two_workers_do_each_text_once(amina: Phone, juma: Phone, service: Service, group: Group) -> None:
    joins(amina)
    amina.writes("info")
    juma.writes("info")
    with SessionStore(service.redis, service.keyring).locked(
        f"sms {amina.number}"
    ):  # as if another worker were handling Amina's
        assert router.work_through(service, lambda: False) == 1
        assert words_kept(service) == ["info"]
    assert router.work_through(service, lambda: False) == 1
    assert len(amina.reads()) == len(juma.reads()) == 1


@pytest.mark.parametrize("sender", ["22384", "AFRICASTKNG", "Safaricom", "+12025550123", "", "+2547"])
def test_short_and_alphanumeric_senders_are_never_answered(sender: str, client: FlaskClient, service: Service) -> None:
    form = {"id": "m1", "from": sender or "0", "text": "menu"}
    assert client.post(f"/hooks/{TOKEN}/africastalking/sms", data=form).status_code == 200
    with service.database.reading() as session:
        assert session.scalars(select(Inbound.id)).all() == []
        assert session.scalars(select(PhoneRow.id)).all() == []


def test_a_machine_that_answers_our_answers_is_left_alone_and_a_person_may_write_again(
    amina: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    for number in range(30):
        amina.handset.texts(f"Out of office {number}")
        work(service)
    assert len(amina.reads()) == router.MOST_EQUAL_ANSWERS
    assert "To leave, text STOP" in amina.texts("info")  # a different answer
    assert "You'll get no more texts" in amina.texts("stop")  # STOP always counts, however much they wrote before
    assert "on again" in amina.texts("start")
    clock.time += timedelta(minutes=61)
    assert "1 Send my help text" in amina.texts("menu")


def test_a_person_who_writes_much_is_still_heard_when_it_matters(
    amina: Phone, juma: Phone, group: Group, service: Service, clock: Clock
) -> None:
    joins(amina)
    joins(juma, "Juma")
    agrees(amina, juma, "Juma")
    plans(amina, "Ways to send", "By text")
    amina.types("mvua")
    for number in range(22):
        for person in (amina, juma):
            person.handset.texts("menu" if number % 2 else "0")
        work(service)
        clock.time += timedelta(seconds=6)
    assert "Done. On its way to 1" in amina.texts("mvua")
    juma.hears("Please get in touch with me", "Reply 1")
    assert "knows you can help" in juma.texts("1")
    amina.hears("is helping")
    assert "Everyone who got your text knows" in amina.texts("fine")


@pytest.mark.by_night
def test_nobody_gets_answers_without_end(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    for number in range(60):
        amina.handset.texts("start" if number % 2 else "stop")
        work(service)
    confirmed = [text for text in amina.reads() if "on again" in text or "You'll get no more texts" in text]
    assert len(confirmed) == LIMITS[Cause.CONFIRMATION][Scope.NUMBER].hour
    amina.handset.texts("stop")  # it counts, confirmed or not
    work(service)
    with service.database.reading() as session:
        assert session.scalars(select(PhoneRow.stopped_at)).one() is not None


def test_stop_does_not_wait_behind_others_for_a_redis_that_hangs(
    service: Service, phone: Callable[[str], Phone], monkeypatch: pytest.MonkeyPatch
) -> None:
    crowd = [phone(f"+2547110001{number:02}") for number in range(12)]
    for one in crowd:
        one.writes("menu")
    phone("+254711000199").writes("STOP")
    crowd[0].writes("STOP")  # behind a text of the same number, which needs Redis
    tries = 0

    def hangs(*_given: object) -> bytes:
        nonlocal tries
        tries += 1
        raise RedisError

    with monkeypatch.context() as outage:
        outage.setattr(SessionStore, "_taken", hangs)
        assert router.work_through(service, lambda: False) == 2
        assert tries == 1
        with service.database.reading() as session:
            assert len(session.scalars(select(PhoneRow.id).where(PhoneRow.stopped_at.is_not(None))).all()) == 2
    assert router.work_through(service, lambda: False) == 12


def test_a_text_that_fails_holds_up_no_later_one_and_is_tried_again(
    amina: Phone, group: Group, service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    joins(amina)
    good: Callable[[str], object] = keywords.parse_keyword

    def fails(words: str) -> object:
        if words == "menu":
            raise ZeroDivisionError
        return good(words)

    monkeypatch.setattr(router, "parse_keyword", fails)
    amina.writes("menu")
    assert "You'll get no more texts" in amina.texts("stop")
    assert "on again" in amina.texts("start")
    assert words_kept(service) == ["menu"]
    monkeypatch.setattr(router, "parse_keyword", good)
    passes(service, clock, minutes=1)
    amina.hears("1 Send my help text")


@pytest.mark.parametrize("column", ["inbounds.words", "phones.number"])
def test_a_text_that_cannot_be_read_holds_up_nobody(
    column: str, amina: Phone, juma: Phone, fatuma: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    joins(juma, "Juma")
    with pytest.MonkeyPatch.context() as away:
        away.setattr(router, "work_through", lambda *_: 0)
        fatuma.writes("menu")
        juma.writes("stop")
        amina.writes("menu")
    table, _dot, name = column.partition(".")
    with service.database.transaction() as session:
        first = session.scalars(select(Inbound).order_by(Inbound.id.desc()).limit(3)).all()[-1]
        row = first.id if table == "inbounds" else first.phone_id
        session.execute(text(f"UPDATE {table} SET {name} = :broken WHERE id = :row"), {"broken": b"odd", "row": row})
    work(service)
    juma.hears("You'll get no more texts")
    amina.hears("1 Send my help text")


def test_a_text_that_always_fails_is_given_up_and_forgotten(
    amina: Phone, group: Group, service: Service, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    joins(amina)

    def fails(words: str) -> object:
        raise ZeroDivisionError

    monkeypatch.setattr(router, "parse_keyword", fails)
    amina.writes("menu")
    for _ in range(len(sms_inbox.GAPS) + 1):
        passes(service, clock, hours=2)
    assert words_kept(service) == []
    amina.hears_nothing_new()


def test_a_text_that_lost_its_wake_up_is_found_by_the_clock(amina: Phone, group: Group, service: Service) -> None:
    joins(amina)
    amina.writes("menu")
    service.redis.flushall()
    with service.database.transaction() as session:
        woken: list[str] = []
        session.info["wake"] = woken.append
        sms_inbox.wake_waiting(session, service.now())
    assert woken == [queues.INBOUND]
    drain.use(service)
    assert drain.drain(queues.INBOUND) == 1


def test_an_erased_number_leaves_no_words_and_a_late_repeat_does_nothing(
    amina: Phone, group: Group, service: Service
) -> None:
    joins(amina)
    amina.texts("menu", message_id="m1")
    amina.dials(None, "6", "8", "2")
    amina.sees("erased")
    amina.texts("menu", message_id="m1")
    with service.database.reading() as session:
        assert session.scalars(select(Inbound.phone_id)).all() == [None]
