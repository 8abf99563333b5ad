"""Every way in which the provider answers a send: well, late, in part, wrongly, or not at all.

Each takes the provider and the call. What it accepts stands in the ledger before a byte of the answer leaves; that is
what makes "timed out after accepting" different from "broke before".
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from smsgate.gateways.rehearsal.wire import Call

Row = dict[str, object]
WORDS = {
    100: "Processed", 101: "Success", 102: "Queued", 401: "RiskHold", 402: "InvalidSenderId",
    403: "InvalidPhoneNumber", 404: "UnsupportedNumberType", 405: "InsufficientBalance", 406: "UserInBlacklist",
    407: "CouldNotRoute", 409: "DoNotDisturbRejection", 500: "InternalServerError", 501: "GatewayError",
    502: "RejectedByGateway",
}  # fmt: skip
TAKEN = (100, 101, 102)
# Where a number stands for what always becomes of it: its last two digits, and the code it is answered with.
DEAD = {"13": 403, "17": 404, "31": 406, "37": 407}
PASSING = (401, 402, 409, 500, 501, 502)  # said of a recipient now, perhaps not the next time
REFUSED_AT_THE_DOOR = (400, 401, 403, 404, 408, 429, 503)
AFTER_THE_DOOR = (500, 502, 504)  # the server behind may have sent it


class Accepts(Protocol):
    """The provider, as far as an answer needs it."""

    def accepts(self, call: Call, numbers: Sequence[str], code: int = 101) -> list[Row]:
        """Take the text for these numbers, as long as the credit lasts; a row for each."""
        ...


Answer = Callable[[Accepts, Call], None]


def reply(rows: Sequence[Row], message: str | None = None) -> str:
    """A body in the provider's form."""
    taken = sum(row["statusCode"] in TAKEN for row in rows)
    said = f"Sent to {taken}/{len(rows)} Total Cost: KES {0.8 * taken:.4f}" if message is None else message
    return json.dumps({"SMSMessageData": {"Message": said, "Recipients": list(rows)}})


def refused(number: str, code: int) -> Row:
    """The row of a recipient to whom nothing was sent."""
    return {"number": number, "statusCode": code, "status": WORDS[code], "messageId": "None", "cost": "0"}


def well(provider: Accepts, call: Call) -> None:
    """Accepted and said so."""
    call.answer(201, reply(provider.accepts(call, call.numbers)))


def slow(provider: Accepts, call: Call) -> None:
    """Accepted, and said so seconds later."""
    rows = provider.accepts(call, call.numbers)
    time.sleep(call.draw.uniform(1, 4))
    call.answer(201, reply(rows))


def timeout(provider: Accepts, call: Call) -> None:
    """Accepted, and never said so."""
    provider.accepts(call, call.numbers)
    call.hang()


def broken_before(_provider: Accepts, call: Call) -> None:
    """The connection breaks, and nothing was accepted."""
    call.drop()


def broken_after(provider: Accepts, call: Call) -> None:
    """Accepted, and then the connection breaks."""
    provider.accepts(call, call.numbers)
    call.drop()


def broken_within(provider: Accepts, call: Call) -> None:
    """Accepted, and the connection breaks within the answer."""
    provider.accepts(call, call.numbers)
    call.cut()


def error(_provider: Accepts, call: Call) -> None:
    """A 4xx, or a 503: nothing was accepted."""
    call.answer(call.draw.choice(REFUSED_AT_THE_DOOR), "The request was refused", "text/plain")


def server_error(provider: Accepts, call: Call) -> None:
    """A 5xx; whether it was accepted cannot be told from it."""
    if call.draw.random() < 0.5:
        provider.accepts(call, call.numbers)
    call.answer(call.draw.choice(AFTER_THE_DOOR), "<html>Bad gateway</html>", "text/html")


def empty(_provider: Accepts, call: Call) -> None:
    """An empty list: nothing was accepted."""
    call.answer(201, reply([], call.draw.choice(("InvalidSenderId", "Sent to 0/0"))))


def some(provider: Accepts, call: Call) -> None:
    """Some recipients only; the others are not in the list and got nothing."""
    call.answer(201, reply(provider.accepts(call, [one for one in call.numbers if call.draw.random() < 0.5])))


def other_type(provider: Accepts, call: Call) -> None:
    """Accepted, and said as JSON under another content type."""
    kind = call.draw.choice(("text/plain", "text/html; charset=utf-8", "application/json; charset=utf-8"))
    call.answer(201, reply(provider.accepts(call, call.numbers)), kind)


def unreadable(provider: Accepts, call: Call) -> None:
    """Accepted, and said as something that is no JSON."""
    provider.accepts(call, call.numbers)
    call.answer(201, call.draw.choice(("", "<html>", "[]", '{"SMSMessageData": null}')))


def codes(provider: Accepts, call: Call) -> None:
    """Every statusCode: a number that is dead says so each time, the others draw one."""
    rows: list[Row] = []
    for number in call.numbers:
        code = DEAD.get(number[-2:]) or call.draw.choice((*TAKEN, *TAKEN, *PASSING))
        # 502 leaves open whether it was sent, so it is, half of the time.
        sent = code in TAKEN or (code == 502 and call.draw.random() < 0.5)
        rows += provider.accepts(call, [number], code) if sent else [refused(number, code)]
    call.answer(201, reply(rows))


ANSWERS: Mapping[str, Answer] = {
    answer.__name__: answer
    for answer in (
        well, slow, timeout, broken_before, broken_after, broken_within, error, server_error, empty, some, other_type,
        unreadable, codes,
    )
}  # fmt: skip
