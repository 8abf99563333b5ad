"""The provider's own package against a server that imitates the provider: the meaning of each answer and failure."""

from __future__ import annotations

import json
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from smsgate.gateways import Money, Outcome, SendError, Verdict
from smsgate.gateways import africastalking as gateway
from smsgate.gateways.africastalking import AfricasTalking, parse
from smsgate.gateways.exchange import Answer
from smsgate.gateways.rehearsal.answers import ANSWERS, reply
from smsgate.gateways.rehearsal.provider import Provider, rehearsing
from smsgate.gateways.rehearsal.wire import Call
from smsgate.outbox import recording
from smsgate.service import Service
from tests.support.outbox import Outbox
from tests.support.waiting import Stopwatch

ONE, TWO, THREE = (f"+25471100000{n}" for n in (1, 2, 3))


@pytest.fixture
def wire(tmp_path: Path) -> Iterator[Provider]:
    with rehearsing(tmp_path / "ledger.jsonl", "instant") as made:
        yield made


@pytest.fixture
def carrier(wire: Provider) -> AfricasTalking:
    return AfricasTalking("tumaini", "secret-key", "PEERS", wire.url)


def test_the_form_is_the_provider_s(wire: Provider, carrier: AfricasTalking) -> None:
    outcomes = carrier.send("Habari, meeting at 2", [ONE, TWO])
    (call,) = wire.calls
    assert call.path == "/version1/messaging"
    assert {name.lower(): value for name, value in call.headers.items()}["apikey"] == "secret-key"
    wanted = {"username": "tumaini", "from": "PEERS", "bulkSMSMode": "1", "message": "Habari, meeting at 2"}
    assert call.form.items() >= {**wanted, "to": f"{ONE},{TWO}"}.items()
    assert [(o.number, o.verdict, o.cost, o.reason) for o in outcomes] == [
        (ONE, Verdict.ACCEPTED, "KES 0.8000", None),
        (TWO, Verdict.ACCEPTED, "KES 0.8000", None),
    ]
    assert all(o.provider_id and o.provider_id.startswith("ATXid_") for o in outcomes)


CODES = [
    (100, Verdict.ACCEPTED), (101, Verdict.ACCEPTED), (102, Verdict.ACCEPTED), (401, Verdict.PAUSED),
    (402, Verdict.PAUSED), (403, Verdict.FAILED), (404, Verdict.FAILED), (405, Verdict.PAUSED), (406, Verdict.BLOCKED),
    (407, Verdict.FAILED), (409, Verdict.RETRY), (500, Verdict.RETRY), (501, Verdict.RETRY), (502, Verdict.UNKNOWN),
    (799, Verdict.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("code", "verdict"), CODES)
@pytest.mark.parametrize("kind", [int, str])
def test_every_recipient_is_judged_by_their_own_code(code: int, verdict: Verdict, kind: type) -> None:
    rows = [
        {"number": ONE, "statusCode": kind(101), "messageId": "ATXid_1", "cost": "KES 0.8"},
        {"number": TWO, "statusCode": kind(code), "messageId": "None", "cost": "0"},
    ]
    first, second = parse({"SMSMessageData": {"Message": "Sent to 1/2", "Recipients": rows}}, [ONE, TWO])
    assert (first.verdict, first.provider_id) == (Verdict.ACCEPTED, "ATXid_1")
    assert (second.verdict, second.provider_id, second.cost) == (verdict, None, None)
    assert (second.reason is None) is (verdict is Verdict.ACCEPTED)


@pytest.mark.parametrize("written", ["254711000001", "+254 711 000 001", "+254711000001"])
def test_numbers_are_compared_as_e164_however_the_reply_writes_them(written: str) -> None:
    rows = [{"number": written, "statusCode": 101, "messageId": "a"}]
    assert parse({"SMSMessageData": {"Recipients": rows}}, [ONE]) == [Outcome(ONE, Verdict.ACCEPTED, "a")]


def test_one_who_is_missing_from_the_reply_was_not_sent(wire: Provider, carrier: AfricasTalking) -> None:
    wire.answers = lambda call: call.answer(201, reply(wire.accepts(call, call.numbers[1:])))
    verdicts = {o.number: o.verdict for o in carrier.send("Hi", [ONE, TWO, THREE])}
    assert verdicts == {ONE: Verdict.RETRY, TWO: Verdict.ACCEPTED, THREE: Verdict.ACCEPTED}


def test_a_wrong_sender_id_is_a_setting_and_waits(wire: Provider, carrier: AfricasTalking) -> None:
    wire.answers = lambda call: call.answer(201, reply([], "InvalidSenderId"))
    assert carrier.send("Hi", [ONE]) == [Outcome(ONE, Verdict.PAUSED, reason="InvalidSenderId")]


def test_a_sentence_of_the_provider_is_not_kept(wire: Provider, carrier: AfricasTalking) -> None:
    wire.answers = lambda call: call.answer(201, reply([], f"Cannot send to {ONE}"))
    assert carrier.send("Hi", [ONE]) == [Outcome(ONE, Verdict.RETRY, reason="not in the answer")]


def test_a_bad_number_does_not_spoil_the_list(wire: Provider, carrier: AfricasTalking) -> None:
    verdicts = {o.number: o.verdict for o in carrier.send("Hi", ["0711", ONE, "+0711000001"])}
    assert verdicts == {"0711": Verdict.FAILED, "+0711000001": Verdict.FAILED, ONE: Verdict.ACCEPTED}
    assert wire.calls[0].numbers == [ONE]
    carrier.send("Hi", ["0711"])
    assert len(wire.calls) == 1


@pytest.mark.parametrize("content_type", ["text/plain", "application/json; charset=utf-8", "text/html"])
def test_json_is_read_under_any_content_type(wire: Provider, carrier: AfricasTalking, content_type: str) -> None:
    wire.answers = lambda call: call.answer(201, reply(wire.accepts(call, call.numbers)), content_type)
    assert [o.verdict for o in carrier.send("Hi", [ONE])] == [Verdict.ACCEPTED]


@pytest.mark.parametrize(
    "body",
    [
        "", "<html>", "[]", "{}", '{"SMSMessageData": null}', '{"SMSMessageData": {"Recipients": 7}}', "null",
        '{"SMSMessageData": {"Recip', "[" * 50_000,
    ],
)  # fmt: skip
def test_an_unreadable_answer_to_an_accepted_call_is_unknown(
    wire: Provider, carrier: AfricasTalking, body: str
) -> None:
    wire.answers = lambda call: call.answer(201, body)
    with pytest.raises(SendError) as raised:
        carrier.send("Hi", [ONE])
    assert raised.value.verdict is Verdict.UNKNOWN


STRANGE = {"long": "x" * 5000, "NUL": "ATX\0id", "half a character": "\ud83d", "a list": ["x"] * 500}


@pytest.mark.both_databases
@pytest.mark.parametrize("strange", STRANGE.values(), ids=list(STRANGE))
@pytest.mark.parametrize("place", ["messageId", "cost", "statusCode"])
def test_whatever_an_answer_says_about_one_all_outcomes_are_recorded(
    strange: object, place: str, service: Service
) -> None:
    """Otherwise a help text would be in doubt and sent again."""
    outbox = Outbox(service)
    ids = [outbox.queues_one() for _ in range(2)]
    claimed = outbox.claims()
    good = {"statusCode": 101, "messageId": "ATXid_1", "cost": "KES 0.8"}
    rows = [good | {"number": claimed[0].number}, good | {"number": claimed[1].number, place: strange}]
    body = json.dumps({"SMSMessageData": {"Message": "Sent", "Recipients": rows}}).encode()
    outcomes = gateway.read(Answer(201, body), [one.number for one in claimed])
    with service.database.transaction() as session:
        recording.record(session, claimed, outcomes, service.now())
    states = [outbox.state(each) for each in ids]
    assert states == ["sent", "unknown" if place == "statusCode" else "sent"]


@pytest.mark.parametrize("amount", ["1" * 41, "\0 1", "\ud83d 5", "KES 1 KES", "KES NaN"])
def test_a_strange_balance_is_none(amount: str) -> None:
    assert Money.read(f"KES {amount}") is None


STATUSES = [
    (301, Verdict.PAUSED), (400, Verdict.PAUSED), (401, Verdict.PAUSED), (403, Verdict.PAUSED), (404, Verdict.PAUSED),
    (408, Verdict.RETRY), (429, Verdict.RETRY), (500, Verdict.UNKNOWN), (502, Verdict.UNKNOWN), (503, Verdict.RETRY),
    (504, Verdict.UNKNOWN),
]  # fmt: skip


@pytest.mark.parametrize(("status", "verdict"), STATUSES)
def test_http_errors(wire: Provider, carrier: AfricasTalking, status: int, verdict: Verdict) -> None:
    wire.answers = lambda call: call.answer(status, f"The request to {ONE} was refused", "text/plain")
    with pytest.raises(SendError) as raised:
        carrier.send("Hi", [ONE])
    assert (raised.value.verdict, raised.value.reason) == (verdict, f"HTTP {status}")
    assert len(wire.calls) == 1


@pytest.mark.parametrize("answer", ["broken_before", "broken_after", "broken_within"])
def test_a_connection_that_broke_after_the_text_left_is_unknown(
    wire: Provider, carrier: AfricasTalking, answer: str
) -> None:
    wire.answers = lambda call: ANSWERS[answer](wire, call)
    with pytest.raises(SendError) as raised:
        carrier.send("Hi", [ONE])
    assert raised.value.verdict is Verdict.UNKNOWN
    assert len(wire.calls) == 1  # no lower layer retried the call


def test_no_answer_in_time_is_unknown(wire: Provider, carrier: AfricasTalking, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "ANSWER", 0.2)
    wire.answers = lambda call: ANSWERS["timeout"](wire, call)
    with pytest.raises(SendError) as raised:
        carrier.send("Hi", [ONE])
    assert raised.value.verdict is Verdict.UNKNOWN


@pytest.mark.parametrize("url", ["http://127.0.0.1:{free}", "http://nowhere.invalid", "https://127.0.0.1:{plain}"])
def test_where_no_connection_was_made_nothing_was_sent(wire: Provider, url: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        free = taken.getsockname()[1]
    where = url.format(free=free, plain=wire.url.rpartition(":")[2])
    with pytest.raises(SendError) as raised:
        AfricasTalking("tumaini", "key", None, where).send("Hi", [ONE])
    assert raised.value.verdict is Verdict.RETRY
    assert not wire.calls


def test_an_address_that_is_none_waits_for_the_operator() -> None:
    with pytest.raises(SendError) as raised:
        AfricasTalking("tumaini", "key", None, "localhost").send("Hi", [ONE])
    assert raised.value.verdict is Verdict.PAUSED


def test_no_error_names_a_number_or_a_text(wire: Provider, carrier: AfricasTalking) -> None:
    wire.answers = lambda call: call.answer(500, json.dumps(call.form))
    with pytest.raises(SendError) as raised:
        carrier.send("Please sit with me", [ONE])
    error: BaseException | None = raised.value
    assert error is not None
    assert error.__cause__ is None
    assert error.__suppress_context__ or error.__context__ is None
    assert "711" not in str(error)
    assert "sit" not in str(error)


def test_a_connection_is_kept_while_it_is_fresh(
    wire: Provider, carrier: AfricasTalking, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(3):
        carrier.send("Hi", [ONE])
    assert len({call.handler.client_address for call in wire.calls}) == 1
    monkeypatch.setattr(gateway, "IDLE_SECONDS", -1.0)
    carrier.send("Hi", [ONE])
    assert len({call.handler.client_address for call in wire.calls}) == 2


def test_the_host_is_the_provider_s_unless_another_is_set() -> None:
    assert AfricasTalking("tumaini", "key")._channel._baseUrl == "https://api.africastalking.com/version1"
    assert AfricasTalking("sandbox", "key")._channel._baseUrl == "https://api.sandbox.africastalking.com/version1"


def dripping(call: Call, head: bytes, answer: bytes, every: float = 0.1) -> None:
    """Send the head of an answer at once, and the rest byte by byte."""
    call.handler.wfile.write(head)
    for byte in answer:
        call.handler.wfile.write(bytes([byte]))
        call.handler.wfile.flush()
        time.sleep(every)


HEAD = b"HTTP/1.1 201 Created\r\nContent-Length: 1000\r\n\r\n"
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
DRIPS: dict[str, Callable[[Call], None]] = {
    "in its head": lambda call: dripping(call, b"", HEAD * 9),
    "in its body": lambda call: dripping(call, HEAD, b"{" * 999),
    "in chunks": lambda call: dripping(call, CHUNKED, b"1\r\na\r\n" * 99),
    "without a length": lambda call: dripping(call, b"HTTP/1.0 201 OK\r\n\r\n", b"{" * 999),
    "with nothing but hints": lambda call: dripping(call, b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 99, every=0.01),
}


@pytest.mark.by_day(2)
@pytest.mark.parametrize("way", DRIPS)
def test_a_call_has_one_deadline_for_all_of_it(
    wire: Provider, carrier: AfricasTalking, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    monkeypatch.setattr(gateway, "ANSWER", 0.5)
    wire.answers = DRIPS[way]
    watch = Stopwatch()
    with pytest.raises(SendError) as raised:
        carrier.send("Hi", [ONE])
    assert (raised.value.verdict, raised.value.reason) == (Verdict.UNKNOWN, "read timeout")
    assert watch.seconds() < 1.5
    wire.answers = wire.plays
    monkeypatch.setattr(gateway, "ANSWER", 10.0)
    assert [outcome.verdict for outcome in carrier.send("Hi", [ONE])] == [Verdict.ACCEPTED]


def test_a_handshake_has_it_too_and_nothing_was_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gateway, "ANSWER", 0.5)
    with socket.create_server(("127.0.0.1", 0)) as silent, pytest.raises(SendError) as raised:
        AfricasTalking("tumaini", "key", None, f"https://127.0.0.1:{silent.getsockname()[1]}").send("Hi", [ONE])
    assert (raised.value.verdict, raised.value.reason) == (Verdict.RETRY, "connect timeout")


@pytest.mark.parametrize("length", [None, 10_000_000])
def test_an_answer_has_a_limit(wire: Provider, carrier: AfricasTalking, length: int | None) -> None:
    wire.answers = lambda call: call.answer(201, " " * 2_000_000, length=length)
    with pytest.raises(SendError) as raised:
        carrier.send("Hi", [ONE])
    assert (raised.value.verdict, raised.value.reason) == (Verdict.UNKNOWN, "answer too long")


def test_the_balance_has_a_deadline_too(
    wire: Provider, carrier: AfricasTalking, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway, "BALANCE", 0.5)
    monkeypatch.setattr(wire, "_answer_balance", DRIPS["in its body"])
    watch = Stopwatch()
    assert carrier.balance() is None
    assert watch.seconds() < 1.5
