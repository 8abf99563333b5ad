"""Africa's Talking: send through its own package, judge every recipient by its own code.

Source: the provider's SMS documentation and recorded replies; no idempotency key is known, so what may have been
sent is told apart from what surely was not.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from typing import Any

import requests
from africastalking.SMS import SMSService
from requests.adapters import HTTPAdapter

from smsgate.gateways import Outcome, SendError, Verdict

TIMEOUT = (3.05, 20.0)  # seconds to connect, to read

CODES: Mapping[int, Verdict] = {
    100: Verdict.ACCEPTED,  # Processed
    101: Verdict.ACCEPTED,  # Sent
    102: Verdict.ACCEPTED,  # Queued
    401: Verdict.PAUSED,  # RiskHold: the operator has to talk to the provider
    402: Verdict.PAUSED,  # InvalidSenderId: a setting is wrong, for every text alike
    403: Verdict.FAILED,  # InvalidPhoneNumber
    404: Verdict.FAILED,  # UnsupportedNumberType
    405: Verdict.PAUSED,  # InsufficientBalance
    406: Verdict.BLOCKED,  # UserInBlacklist
    407: Verdict.FAILED,  # CouldNotRoute
    409: Verdict.RETRY,  # DoNotDisturbRejection: later, or never
    500: Verdict.RETRY,  # InternalServerError
    501: Verdict.RETRY,  # GatewayError
    502: Verdict.UNKNOWN,  # RejectedByGateway: may or may not have been sent
}


class AfricasTalking:
    """The gateway; `url` is another host than the provider's own, for a proxy or a rehearsal server."""

    name = "africastalking"

    def __init__(self, username: str, api_key: str, sender: str | None = None, url: str | None = None) -> None:
        self._sms = _Reusing(username, api_key, url)
        self._sender = sender

    def send(self, words: str, numbers: Sequence[str]) -> list[Outcome]:
        """One outcome for every number; raises SendError where the call as a whole failed."""
        reply = self._sms.send(words, list(numbers), self._sender, enqueue=len(numbers) > 1, timeout=TIMEOUT)
        return read_reply(reply, numbers)


class _Reusing(SMSService):  # type: ignore[misc]
    """The package's service, with a connection that is kept and errors that say what is known of the outcome."""

    def __init__(self, username: str, api_key: str, url: str | None) -> None:
        self._url = url
        self._sessions: dict[int, requests.Session] = {}  # by process: a connection does not survive a fork
        super().__init__(username, api_key)

    def _init_service(self) -> None:
        super()._init_service()
        if self._url:
            self._baseUrl = f"{self._url}/version1"

    def _session(self) -> requests.Session:
        session = self._sessions.get(os.getpid())
        if session is None:
            session = requests.Session()
            # Not one retry of its own: a request that was repeated unseen could be a text sent twice.
            for prefix in ("http://", "https://"):
                session.mount(prefix, HTTPAdapter(max_retries=0))
            self._sessions = {os.getpid(): session}
        return session

    def _make_request(
        self,
        url: str,
        method: str,
        headers: Mapping[str, str],
        data: Any,  # noqa: ANN401 - the package's signature
        params: Any,  # noqa: ANN401
        callback: Any = None,  # noqa: ANN401
        timeout: Any = TIMEOUT,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        try:
            reply = self._session().request(
                method, url, headers=dict(headers), data=data, params=params, timeout=timeout
            )  # fmt: skip
        except requests.exceptions.ConnectTimeout:
            raise SendError(Verdict.RETRY, "ConnectTimeout") from None
        except requests.exceptions.ConnectionError as error:
            raise SendError(*_connection(error)) from None
        except requests.exceptions.RequestException as error:
            raise SendError(Verdict.UNKNOWN, type(error).__name__) from None
        if not 200 <= reply.status_code < 300:
            raise SendError(_status(reply.status_code), f"HTTP {reply.status_code}")
        return reply.text  # judged by what it is, whatever content-type it claims


def _connection(error: requests.exceptions.ConnectionError) -> tuple[Verdict, str]:
    """A connection that was never made sent nothing; one that broke may have."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, (ConnectionRefusedError, OSError)) and "refused" in str(cause).lower():
            return Verdict.RETRY, "ConnectionRefused"
        if "NewConnectionError" in repr(cause) or "NameResolutionError" in repr(cause):
            return Verdict.RETRY, "NoConnection"
        cause = cause.__cause__ or cause.__context__
    return Verdict.UNKNOWN, "ConnectionBroken"


def _status(status: int) -> Verdict:
    if status in (401, 403):
        return Verdict.PAUSED  # the key or the user name is wrong: nothing can be sent until it is mended
    if status in (408, 425, 429):
        return Verdict.RETRY
    # A 5xx can come from a proxy after the provider took the text: nobody knows.
    return Verdict.FAILED if status < 500 else Verdict.UNKNOWN


def read_reply(reply: object, numbers: Sequence[str]) -> list[Outcome]:
    """What the provider said about each of `numbers`; raises SendError where it said nothing readable."""
    data = _message_data(reply)
    rows = data.get("Recipients")
    if not isinstance(rows, list):
        raise SendError(Verdict.UNKNOWN, "UnreadableReply")
    message = str(data.get("Message", ""))
    if not rows and message.startswith("Invalid"):
        raise SendError(Verdict.PAUSED, message[:60])  # InvalidSenderId: a setting is wrong, nothing was sent
    said = {str(row.get("number")): _judged(row) for row in rows if isinstance(row, dict)}
    return [said.get(number) or Outcome(number, Verdict.RETRY, reason="NotInReply") for number in numbers]


def _message_data(reply: object) -> dict[str, Any]:
    try:
        parsed = json.loads(reply) if isinstance(reply, str) else reply
        data = parsed["SMSMessageData"]  # type: ignore[index]
    except (ValueError, TypeError, KeyError):
        raise SendError(Verdict.UNKNOWN, "UnreadableReply") from None
    if not isinstance(data, dict):
        raise SendError(Verdict.UNKNOWN, "UnreadableReply")
    return data


def _judged(row: dict[str, Any]) -> Outcome:
    code = str(row.get("statusCode", ""))
    verdict = CODES.get(int(code), Verdict.UNKNOWN) if code.isdecimal() else Verdict.UNKNOWN
    provider_id = str(row.get("messageId") or "")
    return Outcome(
        number=str(row.get("number")),
        verdict=verdict,
        provider_id=provider_id[:100] if provider_id not in ("", "None") else None,
        cost=str(row.get("cost") or "")[:24] or None,
        reason=None if verdict is Verdict.ACCEPTED else str(row.get("status") or code)[:60],
    )
