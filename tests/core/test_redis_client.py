"""Scripts on a kept connection: answers stay with their questions, whatever happens to the line."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator

import pytest
from redis import Redis
from redis.exceptions import RedisError, ResponseError, TimeoutError

from smsgate.core.redis_scripts import Script
from tests.support.store_link import Line, line_to

SET = "redis.call('SET', KEYS[1], ARGV[1]) return ARGV[1]"
GET = "return redis.call('GET', KEYS[1])"
BREAK = "return redis.error_reply('MISCONF cannot')"


@pytest.fixture
def line(redis_url: str) -> Iterator[Line]:
    with line_to(redis_url.removeprefix("unix://")) as made:
        yield made


@pytest.fixture
def redis(line: Line) -> Iterator[Redis]:
    with Redis.from_url(f"redis://127.0.0.1:{line.port}", socket_timeout=1, socket_connect_timeout=1) as made:
        yield made


def test_what_was_told_is_done_and_the_next_answer_is_the_next_questions(redis: Redis) -> None:
    put, get = Script(redis, SET), Script(redis, GET)
    for number in range(5):
        put.tell(["k"], [number])
        assert get(["k"], []) == str(number).encode()
    put.tell(["k"], ["a"])
    put.tell(["k"], ["ä"])
    assert get(["k"], []) == "ä".encode()


def test_a_script_that_failed_unheard_does_not_answer_the_next_question(redis: Redis) -> None:
    put, get = Script(redis, SET), Script(redis, GET)
    put(["k"], ["v"])
    Script(redis, BREAK).tell([], [])
    assert get(["k"], []) == b"v"


def test_long_answers_numbers_and_nothing_come_as_they_are(redis: Redis) -> None:
    put, get = Script(redis, SET), Script(redis, GET)
    long = b"\r\n$-1\r\n:7" * 40_000
    assert put(["k"], [long]) == get(["k"], []) == long
    assert Script(redis, "return 7")([], []) == 7
    assert Script(redis, "return ''")([], []) == b""
    assert Script(redis, "return false")([], []) is None
    with pytest.raises(ResponseError, match="MISCONF"):
        Script(redis, BREAK)([], [])


def test_a_connection_that_redis_closed_meanwhile_is_no_trouble(redis: Redis) -> None:
    put, get = Script(redis, SET), Script(redis, GET)
    put(["k"], ["1"])
    redis.client_kill_filter(_type="normal", skipme=True)
    assert get(["k"], []) == b"1"


def test_a_redis_that_hangs_is_left_after_a_second_and_its_late_answer_is_nobodys(redis: Redis) -> None:
    get = Script(redis, GET)
    assert get(["k"], []) is None
    redis.client_pause(1500)
    with pytest.raises(TimeoutError):
        get(["k"], [])
    time.sleep(1)
    assert Script(redis, "return 'mine'")([], []) == b"mine"


def test_a_line_that_was_cut_is_opened_anew(redis: Redis, line: Line) -> None:
    put, get = Script(redis, SET), Script(redis, GET)
    put(["k"], ["1"])
    put.tell(["k"], ["2"])
    assert get(["k"], []) == b"2"
    put.tell(["k"], ["3"])
    line.cut()
    with pytest.raises(RedisError):
        get(["k"], [])
    line.mend()
    assert get(["k"], []) in (b"2", b"3")
    assert put(["k"], ["4"]) == b"4"


def test_scripts_that_redis_forgot_are_sent_again(redis: Redis) -> None:
    get = Script(redis, GET)
    assert get(["k"], []) is None
    redis.script_flush()
    assert get(["k"], []) is None


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_opens_its_own(redis: Redis) -> None:
    put, get = Script(redis, SET), Script(redis, GET)
    put.tell(["k"], ["parent"])
    child = os.fork()
    if child == 0:
        os._exit(0 if put(["c"], ["child"]) == b"child" else 1)
    assert os.waitpid(child, 0)[1] == 0
    assert get(["k"], []) == b"parent"
