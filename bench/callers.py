"""The provider's side of a callback: cheap, and with a new connection for each request, as the provider does."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

AT_ONCE = 4


class Unexpected(Exception):
    """The response was not what the benchmark relies on, so its figures would mean nothing."""


def post(port: int, path: str, form: dict[str, str]) -> str:
    """Post a form on a new connection and return the body. Raises Unexpected unless the status is 200."""
    body = urlencode(form).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), 10) as connection:
        connection.sendall(head.encode() + body)
        answer = b"".join(iter(lambda: connection.recv(65536), b""))
    if b" 200 " not in answer.split(b"\r\n", 1)[0]:
        raise Unexpected(answer[:200])
    return answer.partition(b"\r\n\r\n")[2].decode()


def form(session: str, number: str, text: str) -> dict[str, str]:
    """Return the form of one turn, with the five fields that the provider sends."""
    return {
        "sessionId": session,
        "phoneNumber": number,
        "networkCode": "63902",
        "serviceCode": "*384*77#",
        "text": text,
    }


def everybody(port: int, path: str, forms: Sequence[dict[str, str]], fits: Callable[[str], bool]) -> None:
    """Post every form, AT_ONCE at a time. Raises Unexpected for a response that does not satisfy `fits`."""

    def one(fields: dict[str, str]) -> None:
        answer = post(port, path, fields)
        if not fits(answer):
            raise Unexpected(answer)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, forms))
