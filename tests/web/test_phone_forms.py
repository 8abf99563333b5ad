"""The simulated phone page as it is served, and the format of the provider's callbacks."""

from __future__ import annotations

import io
import re
from datetime import UTC, datetime, timedelta
from itertools import count

import pytest
from flask.testing import FlaskClient
from redis import Redis
from rich.console import Console

from smsgate import create_app
from smsgate.core.config import Settings
from smsgate.core.dial_codes import digits_below
from smsgate.gateways.handset import Handset, SessionFailed
from smsgate.gateways.terminal import over_http, talk
from smsgate.service import wire
from tests.support.phone_network import HOOKS, NO_DATABASE, TOKEN, Network, listening
from tests.support.stores import KEY
from tests.support.waiting import wire_patiently

AMINA = "+254711000001"
NOW = datetime(2026, 11, 23, 6, 0, tzinfo=UTC)


@pytest.fixture
def client(air: Network) -> FlaskClient:
    return air.app.test_client()


@pytest.fixture
def amina(client: FlaskClient) -> Handset:
    def post(path: str, form: dict[str, str]) -> tuple[int, str]:
        reply = client.post(HOOKS + path, data=form)
        return reply.status_code, reply.get_data(as_text=True)

    seconds = count()
    return Handset(post, AMINA, now=lambda: NOW + timedelta(seconds=next(seconds)))


def page_and_parts(client: FlaskClient) -> dict[str, str]:
    page = client.get("/phone").get_data(as_text=True)
    parts = {f"/phone/static/{name}" for name in re.findall(r'(?:href|src)="/phone/static/([^"]+)"', page)}
    bodies = {}
    for part in sorted(parts):
        with client.get(part) as reply:
            assert reply.status_code == 200, part
            bodies[part] = reply.get_data(as_text=True)
    return {"/phone": page, **bodies}


def test_the_page_knows_the_hooks_and_the_code(client: FlaskClient) -> None:
    page = client.get("/phone").get_data(as_text=True)
    assert f'data-hooks="{HOOKS}"' in page
    assert 'data-code="*384*77#"' in page
    assert 'data-limit="160"' in page


def test_the_page_is_light_and_whole(client: FlaskClient) -> None:
    served = page_and_parts(client)
    assert sum(len(body.encode()) for body in served.values()) < 60_000
    imported = {name for body in served.values() for name in re.findall(r'from "\./(\w+\.js)"', body)}
    assert {f"/phone/static/{name}" for name in imported} <= served.keys()


def test_nothing_comes_from_elsewhere_and_nothing_is_inline(client: FlaskClient) -> None:
    for name, body in page_and_parts(client).items():
        assert not re.search(r"https?://|@import|url\((?!data:)", body), name
    page = client.get("/phone")
    assert not re.search(r"<style|<script(?![^>]*src)|\sstyle=|\son\w+=", page.get_data(as_text=True))
    policy = page.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy


def test_the_air_gives_each_text_once(client: FlaskClient, air: Network) -> None:
    assert client.get("/phone/air").get_json() == {"texts": [], "mark": "0"}
    air.simulator.send("Hello", [AMINA])
    first = client.get("/phone/air?after=0").get_json()
    assert [(text["to"], text["text"], text["segments"]) for text in first["texts"]] == [(AMINA, "Hello", 1)]
    assert {"id", "at"} < first["texts"][0].keys()
    air.simulator.send("And more", [AMINA])
    second = client.get(f"/phone/air?after={first['mark']}").get_json()
    assert [text["text"] for text in second["texts"]] == ["And more"]
    assert client.get("/phone/air?after=soon").status_code == 400


def test_an_air_that_cannot_be_heard_says_so() -> None:
    service = wire(Settings(NO_DATABASE, "redis://127.0.0.1:1", (TOKEN,), (KEY,), "simulator"))
    reply = create_app(service).test_client().get("/phone/air")
    assert (reply.status_code, "cannot be heard" in reply.get_json()["error"]) == (503, True)
    service.database.engine.dispose()


def test_there_is_no_page_of_phones_in_production(redis_url: str) -> None:
    settings = Settings(
        NO_DATABASE,
        redis_url,
        (TOKEN,),
        (KEY,),
        "africastalking",
        africastalking_username="peers",
        africastalking_api_key="k",
    )
    service = wire_patiently(settings)
    client = create_app(service).test_client()
    assert client.get("/phone").status_code == 404
    assert client.get("/phone/air").status_code == 404
    service.database.engine.dispose()


def test_every_turn_repeats_what_was_typed(amina: Handset, air: Network) -> None:
    assert amina.dials() == "Hello\n1 Meetings\n2 Help"
    amina.types("1")
    amina.types("a*b")
    assert [form["text"] for form in air.forms("ussd")] == ["", "1", "1*a*b"]
    first = air.forms("ussd")[0]
    assert first["sessionId"].startswith("ATUid_")
    assert first == {
        "sessionId": first["sessionId"],
        "phoneNumber": AMINA,
        "networkCode": "63902",
        "serviceCode": "*384*77#",
        "text": "",
    }


def test_a_repeated_turn_is_the_same_turn(amina: Handset, air: Network) -> None:
    amina.dials()
    amina.types("1")
    amina.repeats()
    assert air.forms("ussd")[1] == air.forms("ussd")[2]


@pytest.mark.parametrize(
    ("dialled", "behind"),
    [
        ("*384*77#", ""),
        ("*384*77*1234#", "1234"),
        ("*384*77*1*2#", "1*2"),
        ("*384*77", None),
        ("*384*771#", None),
        ("*100#", None),
        ("", None),
    ],
)
def test_a_deep_dial(dialled: str, behind: str | None) -> None:
    assert digits_below("*384*77#", dialled) == behind


def test_another_code_reaches_another_service(amina: Handset, air: Network) -> None:
    with pytest.raises(SessionFailed, match=r"another service's code"):
        amina.dials("*100#")
    assert air.posted == []


@pytest.mark.parametrize(
    ("answer", "status"),
    [((200, "END Bye"), "Success"), ((500, "boom"), "Failed"), ((200, "CONTINUE"), "Failed")],
)
def test_how_a_session_ends(amina: Handset, air: Network, answer: tuple[int, str], status: str) -> None:
    air.answers["9"] = answer
    amina.dials()
    if status == "Success":
        assert amina.types("9") == "Bye"
    else:
        with pytest.raises(SessionFailed):
            amina.types("9")
    [end] = air.forms("ussd/end")
    assert end == {
        "date": end["date"],
        "sessionId": air.forms("ussd")[0]["sessionId"],
        "serviceCode": "*384*77#",
        "networkCode": "63902",
        "phoneNumber": AMINA,
        "status": status,
        "cost": "KES 0.0000",
        "durationInMillis": "1000",
        "hopsCount": "2",
        "input": "9",
        "lastAppResponse": answer[1],
    }
    with pytest.raises(SessionFailed, match="no call"):
        amina.types("1")


def test_a_dropped_line_ends_the_session_once(amina: Handset, air: Network) -> None:
    amina.dials()
    amina.drops()
    amina.drops()
    assert [form["status"] for form in air.forms("ussd/end")] == ["Incomplete"]


def test_a_session_is_overdue_after_three_minutes(amina: Handset) -> None:
    amina.dials()
    assert not amina.overdue
    amina.now = lambda: NOW + timedelta(seconds=200)
    assert amina.overdue


def test_a_text_and_a_report(amina: Handset, air: Network) -> None:
    assert amina.texts("STOP", message_id="one") == 200
    assert amina.reports("ATXid_1", "Failed", "UserIsInactive") == 200
    assert amina.reports("ATXid_2") == 200
    assert air.forms("sms") == [
        {
            "date": "2026-11-23 06:00:00",
            "from": AMINA,
            "id": "one",
            "linkId": "",
            "text": "STOP",
            "to": "22384",
            "cost": "KES 0.0000",
            "networkCode": "63902",
        }
    ]
    failed, delivered = air.forms("delivery")
    assert failed["failureReason"] == "UserIsInactive"
    assert delivered == {
        "id": "ATXid_2",
        "status": "Success",
        "phoneNumber": AMINA,
        "networkCode": "63902",
        "retryCount": "0",
    }


class Typing(Console):
    """A terminal at which someone types these lines and then leaves."""

    def __init__(self, *lines: str) -> None:
        super().__init__(file=io.StringIO(), width=80)
        self._lines = iter(lines)

    def input(self, *_args: object, **_more: object) -> str:
        for line in self._lines:
            return line
        raise EOFError

    def shown(self) -> str:
        assert isinstance(self.file, io.StringIO)
        return self.file.getvalue()


def test_the_phone_in_a_terminal(air: Network, redis_url: str) -> None:
    air.answers |= {"9": (200, "END Bye [b]now[/b]"), "8": (500, "")}
    typed = ("hello", "", "1", "/drop", "*384*77*12#", "9", "*384*77#", "8", "/sms STOP", "/texts", "*384*77#")
    console = Typing(*typed)
    with listening(air.app) as address, Redis.from_url(redis_url) as redis:
        talk(address, TOKEN, "*384*77#", AMINA, redis, console)
    assert [form["text"] for form in air.forms("ussd")] == ["", "1", "12", "12*9", "", "8", ""]
    ends = [form["status"] for form in air.forms("ussd/end")]
    assert ends == ["Incomplete", "Success", "Failed", "Incomplete"]
    assert air.forms("sms")[0]["text"] == "STOP"
    for words in (
        "1 Meetings",
        "Bye [b]now[/b]",
        "call ended",
        "Connection problem",
        "Sent, 1 segment.",
        "No texts yet",
    ):
        assert words in console.shown()


def test_texts_come_to_the_terminal_and_are_reported(air: Network, redis_url: str) -> None:
    class Waiting(Typing):
        def input(self, *_args: object, **_more: object) -> str:
            air.simulator.send("x" * 161, [AMINA, "+254711000002"])
            return "/quit"

    console = Waiting()
    with listening(air.app) as address, Redis.from_url(redis_url) as redis:
        talk(address, TOKEN, "*384*77#", AMINA, redis, console)
    assert [form["phoneNumber"] for form in air.forms("delivery")] == [AMINA]
    assert "SMS, 2 segments, KES 1.60" in console.shown()


def test_a_service_that_is_not_there_is_status_0() -> None:
    assert over_http("http://127.0.0.1:1", TOKEN)("ussd", {}) == (0, "")
