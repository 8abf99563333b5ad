"""Scripts on a thread's own connection: replies match their requests, over each transport, whatever fails."""

from __future__ import annotations

import os
import signal
import socket
import tempfile
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

import pytest
from redis import Redis
from redis.exceptions import (
    AuthenticationError,
    ConnectionError,
    OutOfMemoryError,
    RedisError,
    ResponseError,
    TimeoutError,
)

from smsgate.core import redis_client
from smsgate.core.redis_client import OutageGuard, Script, connect
from smsgate.core.waits.deadlines import deadline
from tests.support.store_link import Line, line_to
from tests.support.tls import self_signed, tls_before
from tests.support.waiting import Stopwatch

SET = "redis.call('SET', KEYS[1], ARGV[1]) return ARGV[1]"
GET = "return redis.call('GET', KEYS[1])"
BREAK = "return redis.error_reply('MISCONF cannot')"
PASSWORD = "p/ä:ss@wörd"
over = pytest.mark.parametrize


class Link(NamedTuple):
    """A line to Redis over a network, and the client's URL for it."""

    url: str
    line: Line


@contextmanager
def linked(transport: str, redis_url: str, folder: Path) -> Iterator[Link]:
    socket_path = redis_url.removeprefix("unix://")
    if transport == "redis":
        with line_to(socket_path) as line:
            yield Link(f"redis://127.0.0.1:{line.port}", line)
    else:
        certificate = self_signed(folder / "store.pem")
        with tls_before(socket_path, certificate) as tls_path, line_to(tls_path) as line:
            yield Link(f"rediss://127.0.0.1:{line.port}?ssl_ca_certs={certificate}", line)


@pytest.fixture(params=["redis", "rediss"])
def link(request: pytest.FixtureRequest, redis_url: str, tmp_path: Path) -> Iterator[Link]:
    with linked(request.param, redis_url, tmp_path) as made:
        yield made


@pytest.fixture(params=["redis", "rediss", "unix"])
def url(request: pytest.FixtureRequest, redis_url: str, tmp_path: Path) -> Iterator[str]:
    if request.param == "unix":
        yield redis_url
    else:
        with linked(request.param, redis_url, tmp_path) as made:
            yield made.url


@pytest.fixture
def redis(url: str) -> Iterator[Redis]:
    with connect(url) as made:
        yield made


@pytest.fixture
def server(redis_url: str) -> Iterator[Redis]:
    """Yield a direct connection to Redis, for what tests do to it."""
    with Redis.from_url(redis_url) as made:
        yield made
        made.client_unpause()


def hangs(server: Redis) -> None:
    """Make Redis accept scripts without answering until `client_unpause`, and then answer all."""
    server.client_pause(600_000, all=False)


def test_what_was_sent_unheard_is_done_and_the_next_answer_is_the_next_questions(redis: Redis) -> None:
    put, get = Script(redis, SET), Script(redis, GET)
    for number in range(5):
        put.fire_and_forget(["k"], [number])
        assert get(["k"], []) == str(number).encode()
    put.fire_and_forget(["k"], ["a"])
    put.fire_and_forget(["k"], ["ä"])
    assert get(["k"], []) == "ä".encode()


def test_a_script_that_failed_unheard_does_not_answer_the_next_question(redis: Redis) -> None:
    put, get = Script(redis, SET), Script(redis, GET)
    put(["k"], ["v"])
    Script(redis, BREAK).fire_and_forget([], [])
    assert get(["k"], []) == b"v"


def test_long_answers_numbers_and_nothing_come_as_they_are(redis: Redis) -> None:
    put, get = Script(redis, SET), Script(redis, GET)
    long = b"\r\n$-1\r\n:7" * 40_000
    assert put(["k"], [long]) == get(["k"], []) == long
    assert Script(redis, "return 7")([], []) == 7
    assert Script(redis, "return ''")([], []) == b""
    assert Script(redis, "return false")([], []) is None
    with pytest.raises(ResponseError, match="cannot"):
        Script(redis, BREAK)([], [])
    assert get(["k"], []) == long


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Allow more time if nothing is meant to hang: a busy machine may take over a second for three handshakes."""
    monkeypatch.setattr(redis_client, "TIMEOUT_SECONDS", 20.0)


@pytest.mark.usefixtures("patient")
def test_a_connection_that_redis_closed_meanwhile_is_no_trouble(redis: Redis, server: Redis) -> None:
    put, get = Script(redis, SET), Script(redis, GET)
    put(["k"], ["1"])
    server.client_kill_filter(_type="normal", skipme=True)
    assert get(["k"], []) == b"1"
    server.client_kill_filter(_type="normal", skipme=True)
    put.fire_and_forget(["k"], ["2"])
    assert get(["k"], []) in (b"1", b"2")


@pytest.mark.by_day(1)
def test_a_redis_that_hangs_is_left_after_a_second_and_its_late_answer_is_nobodys(redis: Redis, server: Redis) -> None:
    get = Script(redis, GET)
    assert get(["k"], []) is None
    hangs(server)
    with pytest.raises(TimeoutError):
        get(["k"], [])
    server.client_unpause()
    assert Script(redis, "return 'mine'")([], []) == b"mine"


@pytest.mark.by_night
def test_nor_is_the_late_answer_to_what_was_sent_unheard(redis: Redis, server: Redis) -> None:
    put, get = Script(redis, SET), Script(redis, GET)
    put(["k"], ["1"])
    hangs(server)
    put.fire_and_forget(["k"], ["2"])
    with pytest.raises(TimeoutError):
        get(["k"], [])
    server.client_unpause()
    assert Script(redis, "return 'mine'")([], []) == b"mine"


def test_nor_is_the_answer_to_a_question_that_was_broken_off(redis: Redis, server: Redis) -> None:
    class JobTakesTooLong(BaseException):
        """An exception like RQ's, raised from a signal handler."""

    def too_long(*_signal: object) -> None:
        raise JobTakesTooLong

    get = Script(redis, GET)
    assert get(["k"], []) is None
    hangs(server)
    before = signal.signal(signal.SIGALRM, too_long)
    signal.setitimer(signal.ITIMER_REAL, 0.2)
    try:
        with pytest.raises(JobTakesTooLong):
            get(["k"], [])
    finally:
        signal.signal(signal.SIGALRM, before)
    server.client_unpause()
    assert Script(redis, "return 'mine'")([], []) == b"mine"


@pytest.mark.by_day(1)
@over("scheme", ["redis", "rediss", "unix"])
def test_a_redis_that_never_answers_a_new_connection_is_asked_once(scheme: str) -> None:
    with tempfile.TemporaryDirectory() as folder:
        family, address = (socket.AF_UNIX, f"{folder}/s") if scheme == "unix" else (socket.AF_INET, ("127.0.0.1", 0))
        with socket.socket(family) as silent:
            silent.bind(address)
            silent.listen()
            place = address if scheme == "unix" else "127.0.0.1:{1}".format(*silent.getsockname())
            silent.setblocking(False)
            with connect(f"{scheme}://{place}") as redis, pytest.raises(TimeoutError):
                Script(redis, GET)(["k"], [])
            silent.accept()[0].close()
            with pytest.raises(BlockingIOError):
                silent.accept()


@pytest.mark.by_day(1)
def test_a_network_that_hangs_is_left_and_used_again(link: Link) -> None:
    with connect(link.url) as redis:
        put, get = Script(redis, SET), Script(redis, GET)
        put(["k"], ["1"])
        link.line.hang()
        for _on_the_kept_connection_then_on_a_new_one in range(2):
            with pytest.raises(TimeoutError):
                get(["k"], [])
        link.line.resume()
        assert Script(redis, "return 'mine'")([], []) == b"mine"


def test_a_line_that_was_cut_is_opened_anew(link: Link) -> None:
    with connect(link.url) as redis:
        put, get = Script(redis, SET), Script(redis, GET)
        put(["k"], ["1"])
        put.fire_and_forget(["k"], ["2"])
        assert get(["k"], []) == b"2"
        put.fire_and_forget(["k"], ["3"])
        link.line.cut()
        with pytest.raises(RedisError):
            get(["k"], [])
        link.line.mend()
        assert get(["k"], []) in (b"2", b"3")
        assert put(["k"], ["4"]) == b"4"


def test_scripts_that_redis_forgot_are_sent_again(redis: Redis, server: Redis) -> None:
    get = Script(redis, GET)
    assert get(["k"], []) is None
    server.script_flush()
    assert get(["k"], []) is None


@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
def test_a_forked_process_opens_its_own(redis: Redis) -> None:
    put, get = Script(redis, SET), Script(redis, GET)
    put.fire_and_forget(["k"], ["parent"])
    child = os.fork()
    if child == 0:
        try:
            os._exit(0 if put(["c"], ["child"]) == b"child" else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
    assert get(["k"], []) == b"parent"


def test_threads_that_come_and_go_use_up_nothing(redis_url: str, server: Redis) -> None:
    with connect(redis_url) as redis:
        clients, get = len(server.client_list()), Script(redis, GET)
        for _thread in range(150):
            with ThreadPoolExecutor(1) as thread:
                assert thread.submit(get, ["k"], []).result() is None
        assert len(server.client_list()) < clients + 50


def test_a_certificate_that_nobody_vouched_for_is_refused(redis_url: str, tmp_path: Path) -> None:
    refused = pytest.raises(ConnectionError, match="CERTIFICATE_VERIFY_FAILED")
    with linked("rediss", redis_url, tmp_path) as link, connect(link.url.partition("?")[0]) as redis, refused:
        Script(redis, GET)(["k"], [])


@pytest.fixture
def user(server: Redis) -> Iterator[str]:
    """Yield a Redis user with only the permissions that the scripts need."""
    name, commands = "caller", ["+eval", "+evalsha", "+get", "+set"]
    server.acl_setuser(name, enabled=True, reset=True, passwords=[f"+{PASSWORD}"], keys=["*"], commands=commands)
    yield name
    server.acl_deluser(name)


def test_a_user_with_a_password_and_few_rights_is_served(link: Link, user: str) -> None:
    address = link.url.partition("://")
    with connect(f"{address[0]}://{user}:{quote(PASSWORD, safe='')}@{address[2]}") as redis:
        put, get = Script(redis, SET), Script(redis, GET)
        for number in range(3):
            put.fire_and_forget(["k"], [number])
            assert get(["k"], []) == str(number).encode()
        with pytest.raises(ResponseError, match="permission"):
            Script(redis, "return redis.call('DEL', KEYS[1])")(["k"], [])
        assert get(["k"], []) == b"2"


@pytest.mark.by_day(1)
@over("scheme", ["redis", "rediss", "unix"])
@over("way", ["hangs", "drips"])
def test_a_user_with_a_password_is_left_after_a_second_on_every_transport(
    scheme: str, way: str, redis_url: str, user: str, server: Redis, tmp_path: Path
) -> None:
    put_it, secret = "x" * 300, quote(PASSWORD, safe="")
    with ExitStack() as stack:
        if scheme == "unix":
            url, line = f"unix://{user}:{secret}@{redis_url.removeprefix('unix://')}", None
        else:
            linked_to = stack.enter_context(linked(scheme, redis_url, tmp_path))
            url, line = linked_to.url.replace("://", f"://{user}:{secret}@"), linked_to.line
        put = Script(stack.enter_context(connect(url)), SET)
        assert put(["k"], [put_it]) == put_it.encode()
        if line is None:
            hangs(server)
        elif way == "hangs":
            line.hang()
        else:
            line.drip(0.05)
        for _on_the_kept_connection_then_on_a_new_one in range(2):
            watch = Stopwatch()
            with pytest.raises(TimeoutError):
                put(["k"], [put_it])
            assert watch.seconds() < 1.9
        if line is None:
            server.client_unpause()
        else:
            line.resume()
        assert put(["k"], ["1"]) == b"1"


@pytest.mark.by_night
def test_a_deadline_holds_for_all_of_several_replies(redis: Redis, server: Redis) -> None:
    get = Script(redis, GET)
    assert get(["k"], []) is None
    hangs(server)
    watch = Stopwatch()
    with deadline(0.3), pytest.raises(TimeoutError):
        get(["k"], [])
    assert watch.seconds() < 0.9
    server.client_unpause()


def test_a_redis_that_is_full_is_heard(redis: Redis, server: Redis, logged: Callable[[], str]) -> None:
    put, get = Script(redis, SET), Script(redis, GET)
    server.config_set("maxmemory", 1)
    try:
        with pytest.raises(OutOfMemoryError):
            put(["k"], ["v"])
        put.fire_and_forget(["k"], ["v"])
        assert get(["k"], []) is None
    finally:
        server.config_set("maxmemory", 0)
    assert "redis_refused" in logged()


def test_a_wrong_password_is_a_redis_error(link: Link, user: str) -> None:
    address = link.url.partition("://")
    with connect(f"{address[0]}://{user}:wrong@{address[2]}") as redis, pytest.raises(AuthenticationError):
        Script(redis, GET)(["k"], [])


def test_while_redis_is_away_nobody_asks_again_for_some_seconds() -> None:
    guard, asked = OutageGuard(), []

    def command() -> str:
        asked.append(1)
        raise ConnectionError

    assert guard.attempt(lambda: "answer") == "answer"
    assert guard.attempt(command) is None
    assert guard.attempt(command) is None
    assert len(asked) == 1
