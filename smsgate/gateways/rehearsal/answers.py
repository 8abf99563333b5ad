"""All the ways in which the provider answers a send: properly, late, partly, wrongly, or not at all.

Each answer takes the provider and the call. What is accepted is in the ledger before the first byte of the answer is
sent; that is what distinguishes "timed out after accepting" from "broke before".
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
# Numbers that always meet the same fate: their last two digits, and the status code in the answer.
DEAD = {"13": 403, "17": 404, "31": 406, "37": 407}
PASSING = (401, 402, 409, 500, 501, 502)  # returned for a recipient now, perhaps not the next time
REFUSED_AT_THE_DOOR = (400, 401, 403, 404, 408, 429, 503)
AFTER_THE_DOOR = (500, 502, 504)  # the server behind it may have sent the text


class Accepts(Protocol):
    """The part of the provider that an answer uses."""

    def accepts(self, call: Call, numbers: Sequence[str], code: int = 101) -> list[Row]:
        """Take the text for these numbers, as far as the credit lasts; return a row for each."""
        ...


Answer = Callable[[Accepts, Call], None]


def reply(rows: Sequence[Row], message: str | None = None) -> str:
    """Return a response body in the provider's format."""
    taken = sum(row["statusCode"] in TAKEN for row in rows)
    sentence = f"Sent to {taken}/{len(rows)} Total Cost: KES {0.8 * taken:.4f}" if message is None else message
    return json.dumps({"SMSMessageData": {"Message": sentence, "Recipients": list(rows)}})


def refused(number: str, code: int) -> Row:
    """Return the row of a recipient who was sent nothing."""
    return {"number": number, "statusCode": code, "status": WORDS[code], "messageId": "None", "cost": "0"}


def well(provider: Accepts, call: Call) -> None:
    """Accept, and say so."""
    call.answer(201, reply(provider.accepts(call, call.numbers)))


def slow(provider: Accepts, call: Call) -> None:
    """Accept, and say so seconds later."""
    rows = provider.accepts(call, call.numbers)
    time.sleep(call.draw.uniform(1, 4))
    call.answer(201, reply(rows))


def timeout(provider: Accepts, call: Call) -> None:
    """Accept, and never say so."""
    provider.accepts(call, call.numbers)
    call.hang()


def broken_before(_provider: Accepts, call: Call) -> None:
    """Break the connection before anything is accepted."""
    call.drop()


def broken_after(provider: Accepts, call: Call) -> None:
    """Accept, then break the connection."""
    provider.accepts(call, call.numbers)
    call.drop()


def broken_within(provider: Accepts, call: Call) -> None:
    """Accept, and break the connection in the middle of the answer."""
    provider.accepts(call, call.numbers)
    call.cut()


def error(_provider: Accepts, call: Call) -> None:
    """Answer with a 4xx or a 503: nothing is accepted."""
    call.answer(call.draw.choice(REFUSED_AT_THE_DOOR), "The request was refused", "text/plain")


def server_error(provider: Accepts, call: Call) -> None:
    """Answer with a 5xx that does not say whether the text was accepted."""
    if call.draw.random() < 0.5:
        provider.accepts(call, call.numbers)
    call.answer(call.draw.choice(AFTER_THE_DOOR), "<html>Bad gateway</html>", "text/html")


def empty(_provider: Accepts, call: Call) -> None:
    """Answer with an empty list of recipients: nothing is accepted."""
    call.answer(201, reply([], call.draw.choice(("InvalidSenderId", "Sent to 0/0"))))


def some(provider: Accepts, call: Call) -> None:
    """Accept only some recipients; the others are missing from the list and get nothing."""
    call.answer(201, reply(provider.accepts(call, [number for number in call.numbers if call.draw.random() < 0.5])))


def other_type(provider: Accepts, call: Call) -> None:
    """Accept, and say so as JSON under another content type."""
    kind = call.draw.choice(("text/plain", "text/html; charset=utf-8", "application/json; charset=utf-8"))
    call.answer(201, reply(provider.accepts(call, call.numbers)), kind)


def unreadable(provider: Accepts, call: Call) -> None:
    """Accept, and say so in something that is not JSON of the expected form."""
    provider.accepts(call, call.numbers)
    call.answer(201, call.draw.choice(("", "<html>", "[]", '{"SMSMessageData": null}')))


def codes(provider: Accepts, call: Call) -> None:
    """Answer with all status codes: a dead number gets its own each time, the others draw one."""
    rows: list[Row] = []
    for number in call.numbers:
        code = DEAD.get(number[-2:]) or call.draw.choice((*TAKEN, *TAKEN, *PASSING))
        # 502 leaves open whether the text was sent, so half of the time it is.
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
