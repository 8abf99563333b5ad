"""The scenarios by name: how sends are answered, what is reported about them, and what people do meanwhile.

Each of these is a set of weights: `{"well": 8, "slow": 2}` answers two calls in ten slowly. The names are defined in
`answers.py`, `fates.py` and `people.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from smsgate.gateways.rehearsal.answers import ANSWERS
from smsgate.gateways.rehearsal.fates import FATES

Weights = Mapping[str, float]
WELL: Weights = {"well": 1}
DELIVERED: Weights = {"delivered": 9, "none": 1}
EVERY_FATE: Weights = {**dict.fromkeys(FATES, 1), "delivered": 4, "none": 2}
ORDINARY: Weights = {"dials": 4, "hangs_up": 1, "texts": 2}
ROUGH: Weights = {
    "dials": 4, "hangs_up": 2, "turn_repeated": 2, "two_at_once": 2, "texts": 3, "text_repeated": 2, "machine_texts": 1,
    "opts_out": 1, "missed_call": 1,
}  # fmt: skip


class Scenario(NamedTuple):
    """One way for the provider to behave."""

    name: str
    about: str
    answers: Weights = WELL
    reports: Weights = {}
    people: Weights = ORDINARY
    a_call: float = 0.3  # seconds per call, and below per recipient, as with the real provider
    a_recipient: float = 0.0002
    balance: float | None = None  # of the account when the scenario begins; None: it never runs out


SCENARIOS = {
    scenario.name: scenario
    for scenario in (
        Scenario("calm", "All is well: 0.3 s a call, most texts reported delivered.", reports=DELIVERED),
        Scenario("silent", "All is well, and the network reports nothing."),
        Scenario("instant", "Answers at once and reports nothing: for measuring.", a_call=0, a_recipient=0),
        Scenario("prompt", "Answers and reports at once.", reports={"at_once": 1}, a_call=0, a_recipient=0),
        Scenario("slow", "Every answer takes seconds.", {"slow": 1}, DELIVERED),
        Scenario("timeouts", "Half of the calls are accepted, never answered.", {"timeout": 1, "well": 1}, DELIVERED),
        Scenario("broken", "Connections break before, after or within the answer.",
                 {"broken_before": 1, "broken_after": 1, "broken_within": 1, "well": 2}, DELIVERED),
        Scenario("errors", "4xx and 5xx.", {"error": 1, "server_error": 1, "well": 2}, DELIVERED),
        Scenario("down", "Nothing gets through: errors and broken connections.", {"error": 1, "broken_before": 1}),
        Scenario("odd", "Empty lists, some recipients only, other content types, no JSON.",
                 {"empty": 1, "some": 2, "other_type": 2, "unreadable": 1, "well": 2}, DELIVERED),
        Scenario("codes", "Every statusCode. Numbers that end in 13, 17, 31 or 37 are dead.", {"codes": 1}, DELIVERED),
        Scenario("credit", "The account runs out after KES 40.", reports=DELIVERED, balance=40.0),
        Scenario("reports", "Reports early, twice, in another order, for unknown ids, with unknown words.",
                 reports=EVERY_FATE),
        Scenario("people", "Turns repeated and two at once, texts repeated until answered, opt-outs, missed calls.",
                 reports=DELIVERED, people=ROUGH),
        Scenario("everything", "All of the above at once, but for the credit: `curl -d balance=40` does that.",
                 {**dict.fromkeys(ANSWERS, 1), "well": 12}, EVERY_FATE, ROUGH, a_call=0.05),
    )
}  # fmt: skip
