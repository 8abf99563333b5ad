"""Stored sessions: those of earlier releases are read and written unchanged, and no turn is lost."""

from __future__ import annotations

from smsgate.conversations.sessions import PhoneSession, SessionStore
from smsgate.flows.engine import Answer, AnswerSource
from smsgate.flows.steps import Caller, InputType
from smsgate.service import Service

STORED = (
    '{"session":"ATUid_1","caller":{"language":"sw","member":true,"stopped":false,"chosen":false,"leads":false,'
    '"asked_for_help":false,"allow":"","blocked":false,"pin":false,"doubted":false,"by_text":false,"start":"menu",'
    '"flow":0,"code":"","service_code":"*384*77#","wording":0},"id":"0f","heard":3,"heard_mark":"ab12","answers":'
    '[{"name":"menu","value":"people","kept":"said"},{"name":"plan","value":{"sort":false},"kept":"seen"}],'
    '"asked":{"name":"number","choice":false,"sort":"number","longest":160,"pin":false},"pages":[{"text":'
    '"Andika…\\n0 Rudi","options":{"1":"skip"}}],"page":0,"language":"sw","offering":false,"ended":false,'
    '"earlier":"ATUid_0","asked_at":1795.5}'
)  # by an earlier release
SINCE = (('"heard_mark":"ab12"', '"heard_mark":"ab12","text_form":""'), ("1795.5}", '1795.5,"interrupted":null}'))


def as_stored_now(stored: str) -> str:
    """Return it with the fields that later releases added, which earlier releases ignore."""
    for before, after in SINCE:
        stored = stored.replace(before, after)
    return stored


def test_a_stored_session_comes_back_byte_for_byte() -> None:
    phone_session = PhoneSession.loads(STORED)
    assert phone_session.dumps() == as_stored_now(STORED)
    assert PhoneSession.loads(as_stored_now(STORED)) == phone_session
    assert (phone_session.provider_session, phone_session.previous_session) == ("ATUid_1", "ATUid_0")
    assert (phone_session.text_length, phone_session.text_tag) == (3, "ab12")
    assert phone_session.asked is not None
    assert phone_session.asked.input_type is InputType.NUMBER
    assert phone_session.answers[1] == Answer("plan", {"sort": False}, AnswerSource.SEEN)  # a result is left unchanged


def test_a_session_that_asks_nothing_comes_back_too() -> None:
    stored = STORED.replace(STORED[STORED.index('"asked":{') : STORED.index(',"pages"')], '"asked":null')
    assert PhoneSession.loads(stored).dumps() == as_stored_now(stored)


NAME = "sms +254711000001"


def page(number: int) -> PhoneSession:
    return PhoneSession("", Caller(), page=number)


def stored_page(sessions: SessionStore) -> int | None:
    with sessions.locked(NAME) as locked:
        return locked.stored.page if locked.stored else None


def lock_expires(service: Service) -> None:
    """Let the lock expire while the turn still waits for the database."""
    for key in service.redis.scan_iter("turn:*"):
        service.redis.delete(key)


def test_a_turn_that_outlived_its_lock_is_kept_if_nobody_came_between(service: Service) -> None:
    sessions = SessionStore(service.redis, service.keyring)
    for number in (1, 2):  # a first session, and one that replaces another
        with sessions.locked(NAME) as locked:
            lock_expires(service)
            locked.save(page(number), 600)
        assert stored_page(sessions) == number


def test_a_turn_that_outlived_its_lock_gives_way_to_a_later_one(service: Service) -> None:
    sessions = SessionStore(service.redis, service.keyring)
    with sessions.locked(NAME) as locked:
        lock_expires(service)
        with sessions.locked(NAME) as later:
            later.save(page(5), 600)
        locked.save(page(2), 600)
    assert stored_page(sessions) == 5


def test_a_turn_that_outlived_its_lock_gives_way_to_one_at_work(service: Service) -> None:
    sessions = SessionStore(service.redis, service.keyring)
    first, later = sessions.locked(NAME), sessions.locked(NAME)
    locked = first.__enter__()
    lock_expires(service)
    with later as held:
        locked.save(page(2), 600)
        first.__exit__(None, None, None)
        held.save(page(5), 600)
    assert stored_page(sessions) == 5


def test_what_ran_out_meanwhile_is_written_anew(service: Service) -> None:
    sessions = SessionStore(service.redis, service.keyring)
    with sessions.locked(NAME) as locked:
        locked.save(page(1), 600)
    with sessions.locked(NAME) as locked:
        service.redis.flushall()
        locked.save(page(2), 600)
    assert stored_page(sessions) == 2


def test_a_turn_takes_one_read_and_one_write(service: Service) -> None:
    sessions = SessionStore(service.redis, service.keyring)
    assert stored_page(sessions) is None  # from now on the scripts are cached
    before = service.redis.info("commandstats")
    with sessions.locked(NAME) as locked:
        locked.save(page(1), 600)
    assert stored_page(sessions) == 1
    after = service.redis.info("commandstats")
    asked = {name: after[name]["calls"] - before.get(name, {"calls": 0})["calls"] for name in after}
    assert asked["cmdstat_evalsha"] + asked["cmdstat_eval"] == 4  # for two turns
