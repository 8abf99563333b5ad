"""A provider on loopback: `python -m bench.provider PORT [instant]`. It takes 300 ms and 0.2 ms a recipient for a call,
as the prototype's did, unless it is to answer at once, and tells under /arrivals when each text came."""

from __future__ import annotations

import json
import sys
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

A_CALL, A_RECIPIENT = (0.0, 0.0) if "instant" in sys.argv else (0.3, 0.0002)

arrivals: list[tuple[float, str, int]] = []  # when (this machine's monotonic clock), the text, to how many


class Provider(BaseHTTPRequestHandler):
    """Answers in the provider's form."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Take a text."""
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        numbers = ",".join(form["to"]).split(",")
        arrivals.append((time.monotonic(), form["message"][0], len(numbers)))
        if A_CALL:
            time.sleep(A_CALL + A_RECIPIENT * len(numbers))
        recipients = [
            {"statusCode": 101, "number": number, "status": "Success", "cost": "KES 0.8000", "messageId": f"ATXid_{n}"}
            for n, number in enumerate(numbers, start=len(arrivals) * 1000)
        ]
        told = f"Sent to {len(numbers)}/{len(numbers)}"
        self._say(201, {"SMSMessageData": {"Message": told, "Recipients": recipients}})

    def do_GET(self) -> None:
        """What came so far."""
        self._say(200, list(arrivals))

    def _say(self, status: int, data: object) -> None:
        body = json.dumps(data).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Provider).serve_forever()
