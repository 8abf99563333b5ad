"""A phone as the provider tells of it: forms the callbacks that a handset on the network would cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

SAFARICOM = "63902"
SHORT_CODE = "22384"  # the number that texts to the simulated service go to
Post = Callable[[str, dict[str, str]], tuple[int, str]]  # (path below the hooks, form) -> (status, body)


class LineBroken(Exception):
    """The operator shows its own error: the answer was no CON and no END."""


@dataclass
class Handset:
    """One phone. `post` carries a form to the hooks; what the person sees is in `screen`."""

    post: Post
    number: str
    service_code: str = "*384*77#"
    session: str = ""
    typed: list[str] = field(default_factory=list)
    screen: str = ""
    hops: int = 0

    def dials(self, code: str | None = None) -> str:
        """Dial the service, or deeper into it (`*384*77*4521#`); the screen."""
        deeper = (code or self.service_code).rstrip("#").removeprefix(self.service_code.rstrip("#")).strip("*")
        self.session, self.typed, self.hops = f"ATUid_{uuid4().hex}", [deeper] if deeper else [], 0
        return self.repeats()

    def types(self, text: str) -> str:
        """Answer what is on the screen; the next screen."""
        if not self.session:
            raise LineBroken("There is no call to type into.")
        self.typed.append(text)
        return self.repeats()

    def repeats(self) -> str:
        """The network sends this turn, or sends it again."""
        form = {
            "sessionId": self.session,
            "phoneNumber": self.number,
            "networkCode": SAFARICOM,
            "serviceCode": self.service_code,
            "text": "*".join(self.typed),
        }
        status, body = self.post("ussd", form)
        self.hops += 1
        kind, _space, self.screen = body.partition(" ")
        if status != 200 or kind not in ("CON", "END"):
            self._end("Failed")
            raise LineBroken(f"HTTP {status}: {body[:40]!r}")
        if kind == "END":
            self._end("Success")
        return self.screen

    def drops(self) -> None:
        """The line breaks, the person hangs up, or the credit ends."""
        if self.session:
            self._end("Incomplete")

    def _end(self, status: str) -> None:
        form = {
            "date": _now(),
            "sessionId": self.session,
            "serviceCode": self.service_code,
            "networkCode": SAFARICOM,
            "phoneNumber": self.number,
            "status": status,
            "cost": "KES 0.0000",
            "durationInMillis": str(1000 * self.hops),
            "hopsCount": str(self.hops),
            "input": "*".join(self.typed),
            "lastAppResponse": self.screen,
        }
        self.session = ""
        self.post("ussd/end", form)

    def texts(self, text: str, to: str = "22384", message_id: str | None = None) -> int:
        """Send an SMS to the service; the HTTP status that the provider got."""
        form = {
            "date": _now(),
            "from": self.number,
            "id": message_id or uuid4().hex,
            "linkId": "",
            "text": text,
            "to": to,
            "cost": "KES 0.0000",
            "networkCode": SAFARICOM,
        }
        return self.post("sms", form)[0]

    def reports(self, text_id: str, status: str = "Success", reason: str = "") -> int:
        """The network tells what became of a text to this phone."""
        form = {
            "id": text_id,
            "status": status,
            "phoneNumber": self.number,
            "networkCode": SAFARICOM,
            "retryCount": "0",
        }
        return self.post("delivery", {**form, "failureReason": reason} if reason else form)[0]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")
