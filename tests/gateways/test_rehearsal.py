"""The rehearsal provider: it misbehaves as its scenario and seed say, and its ledger records what happened."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import requests
from flask import Flask
from werkzeug.serving import make_server

from smsgate.gateways import SendError, Verdict
from smsgate.gateways import africastalking as gateway
from smsgate.gateways.africastalking import AfricasTalking
from smsgate.gateways.rehearsal import answers, ledger
from smsgate.gateways.rehearsal.people import DEEDS, Person
from smsgate.gateways.rehearsal.postman import Postman
from smsgate.gateways.rehearsal.provider import Provider, rehearsing
from smsgate.gateways.rehearsal.scenarios import SCENARIOS, Scenario
from smsgate.gateways.rehearsal.table import table
from smsgate.models import MessageStatus
from smsgate.service import Service, wire
from tests.support.outbox import Outbox
from tests.support.people import TOKEN, work
from tests.support.waiting import PATIENT, eventually

NUMBERS = [f"+2547120000{n}" for n in range(40, 60)]
KEY = {"apiKey": "any"}


@pytest.fixture
def book(tmp_path: Path) -> Path:
    return tmp_path / "ledger.jsonl"


@pytest.fixture
def provider(book: Path) -> Iterator[Provider]:
    with rehearsing(book, "instant") as made:
        yield made


@pytest.fixture
def carrier(provider: Provider, monkeypatch: pytest.MonkeyPatch) -> AfricasTalking:
    monkeypatch.setattr(gateway, "ANSWER_MANY", 1.5)
    return AfricasTalking("rehearsal", "any", "PEERS", provider.url)


def answering(name: str) -> Scenario:
    return SCENARIOS["instant"]._replace(answers={name: 1})


def sent(carrier: AfricasTalking, words: str = "Habari") -> set[Verdict]:
    try:
        return {outcome.verdict for outcome in carrier.send(words, NUMBERS)}
    except SendError as error:
        return {error.verdict}


# The verdicts that each answer may give, and whether the provider accepted all, none or some of the texts.
THOUGHT = {
    "well": ({Verdict.ACCEPTED}, "all"),
    "timeout": ({Verdict.UNKNOWN}, "all"),
    "broken_before": ({Verdict.UNKNOWN}, "none"),
    "broken_after": ({Verdict.UNKNOWN}, "all"),
    "broken_within": ({Verdict.UNKNOWN}, "all"),
    "error": ({Verdict.RETRY, Verdict.PAUSED}, "none"),
    "server_error": ({Verdict.UNKNOWN}, "some"),
    "empty": ({Verdict.RETRY, Verdict.PAUSED}, "none"),
    "some": ({Verdict.ACCEPTED, Verdict.RETRY}, "some"),
    "other_type": ({Verdict.ACCEPTED}, "all"),
    "unreadable": ({Verdict.UNKNOWN}, "all"),
    "codes": (set(Verdict), "some"),
}


@pytest.mark.parametrize("answer", THOUGHT)
def test_what_it_took_stands_in_the_ledger_whatever_it_answered(
    provider: Provider, carrier: AfricasTalking, book: Path, answer: str
) -> None:
    provider.scenario = answering(answer)
    allowed, taken = THOUGHT[answer]
    assert sent(carrier) <= allowed
    summary = ledger.read(book)
    assert summary.calls == {answer: 1}
    assert summary.accepted in {"all": [20], "none": [0], "some": range(21)}[taken]


def test_every_answer_is_one_that_the_service_is_held_against() -> None:
    assert set(THOUGHT) | {"slow"} == set(answers.ANSWERS)


def test_a_text_is_surely_not_taken_where_the_service_would_send_it_again(
    provider: Provider, carrier: AfricasTalking, book: Path
) -> None:
    """Otherwise there would be two copies of a notice."""
    provider.scenario = SCENARIOS["everything"]._replace(a_call=0, a_recipient=0, answers={
        name: 1 for name in answers.ANSWERS if name not in ("slow", "timeout")
    })  # fmt: skip
    again = set()
    for turn in range(60):
        try:
            outcomes = carrier.send(f"Notice {turn}", NUMBERS)
        except SendError as error:
            if error.verdict in (Verdict.RETRY, Verdict.PAUSED):
                again |= {(number, f"Notice {turn}") for number in NUMBERS}
        else:
            later = (Verdict.RETRY, Verdict.PAUSED, Verdict.FAILED, Verdict.BLOCKED)
            again |= {(one.number, f"Notice {turn}") for one in outcomes if one.verdict in later}
    assert again
    assert not again & ledger.read(book).copies.keys()


def test_the_same_seed_draws_the_same_luck(tmp_path: Path) -> None:
    def luck(seed: int) -> list[set[Verdict]]:
        with rehearsing(tmp_path / f"{time.monotonic()}.jsonl", "odd", seed) as provider:
            provider.scenario = provider.scenario._replace(a_call=0, a_recipient=0)
            carrier = AfricasTalking("rehearsal", "any", None, provider.url)
            return [sent(carrier, f"Notice {turn}") for turn in range(12)]

    assert luck(7) == luck(7)
    assert luck(7) != luck(8)


def test_the_account_runs_out_and_is_filled_again(provider: Provider, carrier: AfricasTalking) -> None:
    control = f"{provider.url}/rehearsal"
    assert requests.post(control, {"balance": "8"}, timeout=5).json()["balance"] == 8
    verdicts = [outcome.verdict for outcome in carrier.send("Habari", NUMBERS)]
    assert (verdicts.count(Verdict.ACCEPTED), verdicts.count(Verdict.PAUSED)) == (10, 10)
    told = requests.get(f"{provider.url}/version1/user?username=rehearsal", headers=KEY, timeout=5)
    assert told.json() == {"UserData": {"balance": "KES 0.0000"}}
    assert sent(carrier) == {Verdict.PAUSED}
    requests.post(control, {"balance": "500"}, timeout=5)
    assert sent(carrier) == {Verdict.ACCEPTED}


def test_the_scenario_changes_while_it_runs(provider: Provider, carrier: AfricasTalking) -> None:
    control = f"{provider.url}/rehearsal"
    assert requests.post(control, {"scenario": "broken", "seed": "9"}, timeout=5).json()["scenario"] == "broken"
    assert provider.seed == 9
    for wrong in ({"scenario": "nonsense"}, {"seed": "x"}, {"balance": "much"}):
        assert requests.post(control, wrong, timeout=5).status_code == 400
    assert requests.get(control, timeout=5).json()["scenario"] == "broken"


def test_without_a_key_it_takes_nothing(provider: Provider, book: Path) -> None:
    url = f"{provider.url}/version1/messaging"
    assert requests.post(url, {"to": NUMBERS[0], "message": "x"}, timeout=5).status_code == 401
    assert requests.post(f"{provider.url}/elsewhere", {"to": NUMBERS[0]}, headers=KEY, timeout=5).status_code == 404
    assert ledger.read(book).accepted == 0


@pytest.fixture
def hooks(app: Flask) -> Iterator[str]:
    """Serve the application over real HTTP and yield the address of its hooks."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/hooks/{TOKEN}/africastalking"
    server.shutdown()
    thread.join()
    server.server_close()


# The final status of a message after each fate of its text.
ENDS = {
    "at_once": MessageStatus.DELIVERED,
    "delivered": MessageStatus.DELIVERED,
    "in_steps": MessageStatus.DELIVERED,
    "early": MessageStatus.DELIVERED,
    "twice": MessageStatus.DELIVERED,
    "reordered": MessageStatus.DELIVERED,
    "absent": MessageStatus.DELIVERED,
    "failed": MessageStatus.FAILED,
    "rejected": MessageStatus.FAILED,
    "unknown_word": MessageStatus.DELIVERED,
    "unknown_id": MessageStatus.DELIVERED,
}


@pytest.fixture
def brisk_post(monkeypatch: pytest.MonkeyPatch) -> None:
    """Speed up the network four times: everything stays in order and far enough apart."""
    later = Postman.later
    monkeypatch.setattr(Postman, "later", lambda post, seconds, action: later(post, seconds / 4, action))


@pytest.mark.parametrize("fate", ENDS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.usefixtures("brisk_post")
def test_reports_reach_the_service_and_end_a_text(service: Service, hooks: str, book: Path, fate: str) -> None:
    with rehearsing(book, "instant", hooks=hooks) as provider:
        provider.scenario = provider.scenario._replace(reports={fate: 1})
        outbox = Outbox(service)
        made = outbox.queues_one()
        with through(service, provider) as running:
            work(running)
        eventually(lambda: not provider.postman.waiting())
        eventually(lambda: work(service) or outbox.row(made).state is ENDS[fate])  # type: ignore[func-returns-value]
    reported = ledger.read(book)
    assert reported.ids & reported.reported.keys()


@contextmanager
def through(service: Service, provider: Provider) -> Iterator[Service]:
    """Yield the same installation, with the rehearsal as its provider."""
    settings = replace(
        service.settings, gateway="africastalking", africastalking_username="rehearsal", africastalking_api_key="any",
        africastalking_url=provider.url,
    )  # fmt: skip
    made = wire(settings, now=service.now, limits=PATIENT)
    yield made
    made.close()


@pytest.mark.parametrize("deed", DEEDS)
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_people_do_to_the_service_what_people_do(service: Service, hooks: str, book: Path, deed: str) -> None:
    with rehearsing(book, "instant", hooks=hooks) as provider:
        for index in range(3):
            DEEDS[deed](Person(provider, index, "*384*77#"))
    posted = ledger.read(book).posted
    assert posted
    assert {status for _hook, status in posted} == {200}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_text_is_repeated_until_it_is_answered(service: Service, hooks: str, book: Path) -> None:
    with rehearsing(book, "instant", hooks=hooks.replace(TOKEN, "not-yet-the-token-0")) as provider:
        Person(provider, 1, "*384*77#").texts()
        provider.postman._hooks = hooks
        eventually(lambda: ledger.read(book).posted["sms", 200] == 1)
    assert ledger.read(book).posted["sms", 404] == 1


@pytest.mark.by_night
def test_the_command_ends_with_a_table_and_keeps_the_ledger(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "smsgate", "rehearse", "instant", "--port", "0"]
    ended = []
    for _run in range(2):
        with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout
            url = process.stdout.readline().split("on ")[1].split(";")[0]
            AfricasTalking("rehearsal", "any", None, url).send("Habari", NUMBERS)
            process.send_signal(signal.SIGINT)
            ended.append(process.stdout.read())
        assert process.returncode == 0
    assert all("texts accepted" in one and " 20 " in one for one in ended)  # each run reports only its own texts
    path = tmp_path / "var" / "rehearsal.jsonl"
    assert ledger.read(path).accepted == 40
    assert path.stat().st_mode & 0o777 == 0o600
    assert [json.loads(line)["event"] for line in path.read_text().splitlines()] == ["called", "accepted"] * 2


def test_the_table_counts_copies_and_reports() -> None:
    summary = ledger.Summary()
    for one in ("a", "b"):
        summary.adds({"event": "accepted", "at": 1.0, "words": "Hi", "to": {"+1": one}})
    for one in ("a", "a", "nobody"):
        summary.adds({"event": "posted", "hook": "delivery", "status": 200, "id": one})
    cells = dict(zip(*(column.cells for column in table(summary).columns), strict=True))
    assert (cells["texts accepted"], cells["of them duplicated"], cells["of them reported on"]) == ("2", "1", "1")
    assert (cells["reported on twice or more"], cells["reports about unknown texts"]) == ("1", "1")
