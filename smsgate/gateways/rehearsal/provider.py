"""The provider itself: accepts sends, keeps the account and the ledger, and has the network report."""

from __future__ import annotations

import ipaddress
import threading
from collections import Counter, deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from hashlib import blake2s
from pathlib import Path
from random import Random
from uuid import uuid4

from smsgate.core.gsm7 import segments
from smsgate.gateways.rehearsal import answers
from smsgate.gateways.rehearsal.answers import ANSWERS, Row, refused
from smsgate.gateways.rehearsal.fates import FATES
from smsgate.gateways.rehearsal.ledger import Ledger
from smsgate.gateways.rehearsal.postman import Postman
from smsgate.gateways.rehearsal.scenarios import SCENARIOS, Scenario, Weights
from smsgate.gateways.rehearsal.wire import Call, Server

PRICE = 0.8  # KES per segment
KEPT = 1000  # latest calls kept, for inspection
CONTROL = "/rehearsal"
AT_THE_DOOR = ("broken_before", "error")  # these can happen to any call, not only to a send


class Provider:
    """Answers on a loopback port. `answers` can be replaced, to answer in a way that no scenario has."""

    def __init__(self, ledger: Ledger, scenario: Scenario, seed: int, hooks: str, host: str, port: int) -> None:
        self.ledger, self.scenario, self.seed, self.balance = ledger, scenario, seed, scenario.balance
        self.postman = Postman(hooks, ledger)
        self.answers: Callable[[Call], None] = self.plays
        self.calls: deque[Call] = deque(maxlen=KEPT)
        self._lock = threading.Lock()
        self._heard: Counter[bytes] = Counter()
        self._run, self._texts = uuid4().hex[:12], 0
        self._server = Server(host, port, self._take)
        self.url = f"http://{host}:{self._server.server_port}"

    def serve(self) -> None:
        """Answer calls until stopped."""
        self._server.serve_forever(poll_interval=0.02)

    def stop(self) -> None:
        """Stop answering calls and sending reports."""
        self._server.shutdown()
        self._server.server_close()
        self.postman.closes()

    def plays(self, call: Call) -> None:
        """Answer a send as the scenario says."""
        name = drawn(call.draw, self.scenario.answers)
        self.ledger.adds("called", answer=name, words=call.words, to=list(call.numbers))
        if wait := self.scenario.a_call + self.scenario.a_recipient * len(call.numbers):
            threading.Event().wait(wait)
        ANSWERS[name](self, call)

    def accepts(self, call: Call, numbers: Sequence[str], code: int = 101) -> list[Row]:
        """Take the text for these numbers, as far as the credit lasts; return a row for each."""
        cost = PRICE * segments(call.words)
        paid, first = self._charge(len(numbers), cost)
        taken = {number: f"ATXid_{self._run}{first + n:08d}" for n, number in enumerate(numbers[:paid])}
        if taken:
            self.ledger.adds("accepted", words=call.words, sender=call.form.get("from", ""), to=taken)
            self._schedule_reports(call.draw, taken)
        status, price = answers.WORDS.get(code, ""), f"KES {cost:.4f}"
        rows: list[Row] = [
            {"number": number, "statusCode": code, "status": status, "messageId": text_id, "cost": price}
            for number, text_id in taken.items()
        ]
        return rows + [refused(number, 405) for number in numbers[paid:]]

    def _charge(self, count: int, cost: float) -> tuple[int, int]:
        """Return for how many texts the credit lasts, and the serial number of the first."""
        with self._lock:
            if self.balance is not None:
                count = min(count, int(self.balance / cost + 1e-9))
                self.balance -= count * cost
            self._texts += count
            return count, self._texts - count

    def _schedule_reports(self, draw: Random, taken: dict[str, str]) -> None:
        if self.scenario.reports and self.postman.listens:
            for number, text_id in taken.items():
                for report in FATES[drawn(draw, self.scenario.reports)]:
                    self.postman.reports(number, text_id, report)

    def _take(self, call: Call) -> None:
        call.draw = self._draw(call)
        if call.path == CONTROL:
            self._control(call)
        elif not call.handler.headers.get("apiKey"):
            call.answer(401, "The supplied authentication is invalid", "text/plain")
        elif call.path == "/version1/user":
            self._answer_balance(call)
        elif call.path == "/version1/messaging" and call.form.get("to"):
            self.calls.append(call)
            self.answers(call)
        else:
            call.answer(404, "The requested resource could not be found", "text/plain")

    def _draw(self, call: Call) -> Random:
        """Return randomness that depends only on the seed and the call, not on which thread came first."""
        key = blake2s(f"{call.path} {call.form.get('to')} {call.words}".encode(), digest_size=16).digest()
        with self._lock:
            self._heard[key] += 1
            return Random(f"{self.seed} {key.hex()} {self._heard[key]}")  # noqa: S311 - no secret

    def _answer_balance(self, call: Call) -> None:
        name = drawn(call.draw, self.scenario.answers)
        if name in AT_THE_DOOR:
            ANSWERS[name](self, call)
        else:
            call.says(200, {"UserData": {"balance": f"KES {self.balance if self.balance is not None else 1e6:.4f}"}})

    def _control(self, call: Call) -> None:
        """Return the current state, after changing what the form says; only for callers on this machine."""
        if not ipaddress.ip_address(call.handler.client_address[0]).is_loopback:
            call.answer(404, "", "text/plain")
            return
        try:
            if call.method == "POST":
                self.becomes(call.form)
        except (KeyError, ValueError) as problem:
            call.says(400, {"error": f"{type(problem).__name__}: {problem}"})
            return
        state = {"scenario": self.scenario.name, "seed": self.seed, "balance": self.balance, "accepted": self._texts}
        call.says(200, {**state, "unreported": self.postman.waiting()})

    def becomes(self, form: dict[str, str]) -> None:
        """Switch to another scenario, seed or balance; raises KeyError or ValueError for invalid values."""
        scenario = SCENARIOS[form["scenario"]] if "scenario" in form else self.scenario
        seed = int(form.get("seed", self.seed))
        balance = scenario.balance if "scenario" in form else self.balance
        if "balance" in form:
            balance = float(form["balance"]) if form["balance"] else None
        self.scenario, self.seed, self.balance = scenario, seed, balance


def drawn(draw: Random, weights: Weights) -> str:
    """Return one name at random, by weight."""
    return draw.choices(list(weights), list(weights.values()))[0] if len(weights) > 1 else next(iter(weights))


@contextmanager
def rehearsing(
    ledger: Path, scenario: str = "calm", seed: int = 1, hooks: str = "", host: str = "127.0.0.1", port: int = 0
) -> Iterator[Provider]:
    """Run a provider that answers until the block ends."""
    records = Ledger(ledger)
    provider = Provider(records, SCENARIOS[scenario], seed, hooks, host, port)
    thread = threading.Thread(target=provider.serve, daemon=True)
    thread.start()
    try:
        yield provider
    finally:
        provider.stop()
        thread.join()
        records.close()
