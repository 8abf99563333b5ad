"""Africa's Talking, through the provider's own Python package.

The package raises every HTTP error without its status, opens a connection for each call, parses JSON only under one
content type, and waits for as long as anything keeps coming. `Channel` and `Account` override the one method that makes
requests to fix that; everything else is the package's.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Sequence
from typing import Any

import requests
from africastalking.Application import ApplicationService
from africastalking.SMS import SMSService
from urllib3.exceptions import NewConnectionError

from smsgate.gateways import LONGEST_CALL, Money, Outcome, SendError, Verdict
from smsgate.gateways.exchange import Answer, AnswerTooLong, exchange, session

CONNECT = 3.05  # seconds to connect, part of those of the whole call, below: for one recipient, for many
ANSWER, ANSWER_MANY = 10.0, LONGEST_CALL
BALANCE = 3.0  # seconds for the whole call; the scheduler waits for it
IDLE_SECONDS = 20.0
LONGEST_ID, LONGEST_COST = 100, 24  # characters that the outbox stores
E164 = re.compile(r"\+[1-9]\d{6,14}")  # stricter than the package's check, which raises for the whole list
CODES = {
    100: ("Processed", Verdict.ACCEPTED),
    101: ("Sent", Verdict.ACCEPTED),
    102: ("Queued", Verdict.ACCEPTED),
    401: ("RiskHold", Verdict.PAUSED),  # the operator has to talk to the provider
    402: ("InvalidSenderId", Verdict.PAUSED),  # a wrong setting, for every text alike
    403: ("InvalidPhoneNumber", Verdict.FAILED),
    404: ("UnsupportedNumberType", Verdict.FAILED),
    405: ("InsufficientBalance", Verdict.PAUSED),
    406: ("UserInBlacklist", Verdict.BLOCKED),
    407: ("CouldNotRoute", Verdict.FAILED),
    409: ("DoNotDisturbRejection", Verdict.RETRY),  # a network's quiet hours end; `expires_at` bounds the wait
    500: ("InternalServerError", Verdict.RETRY),  # the provider answered for this recipient, so it was not sent
    501: ("GatewayError", Verdict.RETRY),
    502: ("RejectedByGateway", Verdict.UNKNOWN),
}
REFUSED_ALL = frozenset({"InvalidSenderId", "InsufficientBalance", "RiskHold"})  # with an empty list of recipients


class Channel(SMSService):  # type: ignore[misc] # the package is untyped
    """The package's SMSService on a kept connection and, optionally, another host; `send` returns the answer."""

    def __init__(self, username: str, api_key: str, url: str | None) -> None:
        self._url = url
        self._session = session()
        self._pid = os.getpid()
        self._used = time.monotonic()
        super().__init__(username, api_key)

    def _init_service(self) -> None:
        super()._init_service()
        if self._url:
            self._baseUrl = f"{self._url}/version1"

    def _make_request(self, url: str, method: str, headers: Any, data: Any, params: Any, **options: Any) -> Answer:  # noqa: ANN401
        form = {"headers": headers, "data": data, "params": params}
        seconds = options["timeout"]
        return exchange(self._connection(), seconds, method, url, timeout=(min(CONNECT, seconds), seconds), **form)

    def _connection(self) -> requests.Session:
        # Another process's socket must not be used, and one that was idle for long may be dead without saying so: a
        # help text sent into it would wait for the whole read timeout.
        if self._pid != os.getpid() or time.monotonic() - self._used > IDLE_SECONDS:
            self._session, self._pid = session(), os.getpid()
        self._used = time.monotonic()
        return self._session


class Account(ApplicationService):  # type: ignore[misc]
    """The package's access to the account's data, optionally at another host."""

    def __init__(self, username: str, api_key: str, url: str | None) -> None:
        self._url = url
        super().__init__(username, api_key)

    def _init_service(self) -> None:
        super()._init_service()
        if self._url:
            self._baseUrl = f"{self._url}/version1"

    def _make_request(self, url: str, method: str, headers: Any, data: Any, params: Any, **options: Any) -> Answer:  # noqa: ANN401
        with session() as once:
            seconds = options["timeout"]
            return exchange(once, seconds, method, url, headers=headers, params=params, timeout=seconds)


class AfricasTalking:
    """The gateway: one call for many numbers, with a verdict for every recipient."""

    def __init__(
        self,
        username: str,
        api_key: str,
        sender: str | None = None,
        url: str | None = None,
        name: str = "africastalking",
    ) -> None:
        self.name = name
        self._channel = Channel(username, api_key, url)
        self._account = Account(username, api_key, url)
        self._sender = sender

    def send(self, words: str, numbers: Sequence[str]) -> list[Outcome]:
        """Return one outcome for every number; raises SendError if the whole call failed."""
        good = [number for number in numbers if E164.fullmatch(number)]
        bad = [Outcome(n, Verdict.FAILED, reason="InvalidPhoneNumber") for n in numbers if not E164.fullmatch(n)]
        return bad + (read(self._post(words, good), good) if good else [])

    def balance(self) -> Money | None:
        """Return the account's credit; None if it cannot be read, for whatever reason."""
        try:
            answer: Answer = self._account.fetch_application_data(timeout=BALANCE)
            return Money.read(json.loads(answer.body)["UserData"]["balance"]) if 200 <= answer.status < 300 else None
        except (requests.RequestException, ValueError, TypeError, KeyError, OSError, RecursionError):
            return None

    def _post(self, words: str, numbers: list[str]) -> Answer:
        try:
            many = len(numbers) > 1
            answer: Answer = self._channel.send(
                words, numbers, self._sender, enqueue=many, timeout=ANSWER_MANY if many else ANSWER
            )
        except (requests.RequestException, ValueError, OSError) as error:
            # `from None`: the underlying error may contain the URL, the numbers or the text.
            raise SendError(*judged_error(error)) from None
        return answer


def judged_error(error: Exception) -> tuple[Verdict, str]:
    """Return verdict and reason for a call without an answer: not sent if no connection was made, else unknown."""
    if isinstance(error, requests.ConnectTimeout):
        return Verdict.RETRY, "connect timeout"
    if isinstance(error, requests.exceptions.SSLError | requests.exceptions.ProxyError):
        return Verdict.RETRY, type(error).__name__
    if isinstance(error, requests.Timeout):
        return Verdict.UNKNOWN, "read timeout"
    if isinstance(error, AnswerTooLong):
        return Verdict.UNKNOWN, "answer too long"
    if isinstance(error, ValueError):  # not a valid URL: InvalidURL, MissingSchema
        return Verdict.PAUSED, type(error).__name__
    cause = error.args[0] if error.args else error
    if isinstance(getattr(cause, "reason", cause), NewConnectionError):
        return Verdict.RETRY, "no connection"
    return Verdict.UNKNOWN, "connection dropped"


def read(answer: Answer, numbers: Sequence[str]) -> list[Outcome]:
    """Return the outcomes in an answer for `numbers`; raises SendError if it says nothing about any of them."""
    if not 200 <= answer.status < 300:
        raise SendError(judged_status(answer.status), f"HTTP {answer.status}")
    try:
        return parse(json.loads(answer.body), numbers)  # whatever content type it claims
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        # The call was accepted; only what it said is lost.
        raise SendError(Verdict.UNKNOWN, "unreadable answer") from None


def judged_status(status: int) -> Verdict:
    """Return the verdict that an HTTP error status implies for the texts.

    429 and 503 are refusals at the front. Any other 5xx may come from in front of a server that had already sent. The
    rest are refusals for a wrong setting (key, name, address): waiting until it is corrected loses nothing.
    """
    if status in (408, 429, 503):
        return Verdict.RETRY
    return Verdict.UNKNOWN if status >= 500 else Verdict.PAUSED


def parse(body: Any, numbers: Sequence[str]) -> list[Outcome]:  # noqa: ANN401 - JSON
    """Return an outcome for every number; one that is missing from the answer was not sent."""
    data = body["SMSMessageData"]
    answers = {_e164(row["number"]): row for row in data["Recipients"]}
    message = str(data.get("Message", ""))
    # The provider's message is kept only if it is a known word: it might one day contain a number.
    absent = (Verdict.PAUSED, message) if message in REFUSED_ALL else (Verdict.RETRY, "not in the answer")
    return [_outcome(n, answers[n]) if n in answers else Outcome(n, absent[0], reason=absent[1]) for n in numbers]


def _outcome(number: str, row: dict[str, Any]) -> Outcome:
    code = _storable(row.get("statusCode"), 12)
    # For an unknown code only a delivery report can tell, which the id will match.
    word, verdict = CODES.get(int(code) if code.isdecimal() else 0, (f"statusCode {code}", Verdict.UNKNOWN))
    reason = None if verdict is Verdict.ACCEPTED else word
    provider_id, cost = _text_or_none(row.get("messageId"), LONGEST_ID), _text_or_none(row.get("cost"), LONGEST_COST)
    return Outcome(number, verdict, provider_id, cost, reason)


def _text_or_none(value: object, most: int) -> str | None:
    return None if value in (None, "", "None", 0, "0") else _storable(value, most)


def _storable(value: object, most: int) -> str:
    """Return a value as text that any database takes: of this length at most, with no NUL and no half of a character.

    What it says about one text must not keep the outcome of all from being recorded.
    """
    return str(value).replace("\0", "").encode(errors="replace").decode()[:most]


def _e164(number: object) -> str:
    return "+" + re.sub(r"\D", "", str(number))
