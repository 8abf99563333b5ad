"""The provider's side of a callback: a new connection for every request, as it makes them, and little work besides."""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import urlencode

AT_ONCE = 4


class Unexpected(Exception):
    """The answer was not what the bench counts on; nothing that follows would mean anything."""


def post(port: int, path: str, form: dict[str, str]) -> str:
    """Post a form on a connection of its own; the body of a 200."""
    body = urlencode(form).encode()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/x-www-form-urlencoded\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        line.sendall(head.encode() + body)
        answer = b"".join(iter(lambda: line.recv(65536), b""))
    if b" 200 " not in answer.split(b"\r\n", 1)[0]:
        raise Unexpected(answer[:200])
    return answer.partition(b"\r\n\r\n")[2].decode()


def form(session: str, number: str, text: str) -> dict[str, str]:
    """One turn, with the five fields that the provider sends."""
    return {
        "sessionId": session,
        "phoneNumber": number,
        "networkCode": "63902",
        "serviceCode": "*384*77#",
        "text": text,
    }


def everybody(port: int, path: str, forms: Sequence[dict[str, str]], fits: Callable[[str], bool]) -> None:
    """Post every form, a few at a time; each answer has to fit."""

    def one(fields: dict[str, str]) -> None:
        answer = post(port, path, fields)
        if not fits(answer):
            raise Unexpected(answer)

    with ThreadPoolExecutor(AT_ONCE) as pool:
        list(pool.map(one, forms))
