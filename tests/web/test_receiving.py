"""Silent or slow connections hold nobody up; a request is handed over once it is complete."""

from __future__ import annotations

import pytest

from smsgate.web.receiving import MOST_BYTES, MOST_HEADERS, Receiving, is_whole

POST = b"POST /ussd HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    ("received", "whole"),
    [
        (b"", False),
        (b"GET /health HTTP/1.1\r\n", False),
        (b"GET /health HTTP/1.1\r\n\r\n", True),
        (POST + b"Content-Length: 4\r\n\r\n", False),
        (POST + b"Content-Length: 4\r\n\r\nab", False),
        (POST + b"Content-Length: 4\r\n\r\nabcd", True),
        (POST + b"content-length:4\r\n\r\nabcdGET /next", True),
        (POST + b"X: content-length: 9\r\n\r\n", True),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n", False),
        (POST + b"Transfer-Encoding: chunked\r\n\r\n4\r\nabcd\r\n0\r\n\r\n", True),
        (POST + b"Content-Length: 999999999\r\n\r\n", True),  # refused at once for its length alone
        (POST + b"Transfer-Encoding: chunked\r\n\r\n" + b"a" * MOST_BYTES, True),
        (b"a" * MOST_HEADERS, False),
        (b"a" * (MOST_HEADERS + 1), True),
    ],
)
def test_when_a_request_is_whole(received: bytes, whole: bool) -> None:
    assert is_whole(received) is whole


def test_a_byte_now_and_then_does_not_move_the_end_of_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("time.monotonic", lambda: now)
    receiving = Receiving(None)
    for _byte in range(10):
        now += 4
        receiving.took(b"a")
    assert receiving.until == 104 + 15
