"""A handset as the provider sees it: makes the callbacks that a real phone on the network would cause."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import uuid4

from smsgate.core.dial_codes import digits_below

SAFARICOM = "63902"
SHORT_CODE = "22384"  # the number to which people text the simulated service
SESSION_SECONDS = 180  # how long a Kenyan network keeps a session open
FREE = "KES 0.0000"
Post = Callable[[str, dict[str, str]], tuple[int, str]]  # (path below the hooks, form) -> (status, body)


class SessionFailed(Exception):
    """The operator shows its own error: the answer was neither CON nor END."""


def _utc() -> datetime:
    return datetime.now(UTC)


@dataclass
class Handset:
    """One phone. `post` sends a form to the hooks; `screen` is what the person sees."""

    post: Post
    number: str
    service_code: str = "*384*77#"
    network: str = SAFARICOM
    now: Callable[[], datetime] = _utc
    session: str = ""
    typed: list[str] = field(default_factory=list)
    screen: str = ""
    hops: int = 0
    began: datetime = field(default_factory=_utc)
    answered: str = ""  # the service's last answer verbatim, including CON or END

    def dials(self, code: str | None = None) -> str:
        """Dial the service, or a code below it (`*384*77*4521#`), and return the screen. Drops an open session."""
        behind = digits_below(self.service_code, code or self.service_code)
        if behind is None:
            raise SessionFailed(f"{code} is another service's code; this one is {self.service_code}.")
        self.drops()
        self.session, self.typed, self.hops = f"ATUid_{uuid4().hex}", [behind] if behind else [], 0
        self.began = self.now()
        return self.repeats()

    def types(self, text: str) -> str:
        """Answer what is on the screen and return the next screen."""
        if not self.session:
            raise SessionFailed("There is no call to type into.")
        self.typed.append(text)
        return self.repeats()

    def repeats(self) -> str:
        """Have the network send the current turn, or send it again; return the screen."""
        status, self.answered = self.post("ussd", self._turn())
        self.hops += 1
        kind, _space, words = self.answered.partition(" ")
        if status != 200 or kind not in ("CON", "END"):
            self.screen = ""
            self._end("Failed")
            raise SessionFailed(f"HTTP {status}: {self.answered[:40]!r}")
        self.screen = words
        if kind == "END":
            self._end("Success")
        return self.screen

    def drops(self) -> None:
        """End the session early: the line breaks, the person hangs up, or credit runs out."""
        if self.session:
            self._end("Incomplete")

    @property
    def overdue(self) -> bool:
        """True if the network would have ended this session by now."""
        return bool(self.session) and (self.now() - self.began).total_seconds() >= SESSION_SECONDS

    def texts(self, text: str, to: str = SHORT_CODE, message_id: str | None = None) -> int:
        """Send an SMS to the service and return the HTTP status that the provider got."""
        form = {
            "date": self._stamp(),
            "from": self.number,
            "id": message_id or uuid4().hex,
            "linkId": "",
            "text": text,
            "to": to,
            "cost": FREE,
            "networkCode": self.network,
        }
        return self.post("sms", form)[0]

    def rings(self) -> str:
        """Call the service's number and let it ring; return the last answer that the provider got."""
        call = {
            "sessionId": f"ATVId_{uuid4().hex}",
            "direction": "Inbound",
            "destinationNumber": SHORT_CODE,
            "callerNumber": self.number,
        }
        for active in ("1", "0"):
            answer = self.post("voice", {**call, "isActive": active})[1]
        return answer

    def reports(self, text_id: str, status: str = "Success", reason: str = "") -> int:
        """Report what became of a text to this phone and return the HTTP status that the provider got."""
        form = {
            "id": text_id,
            "status": status,
            "phoneNumber": self.number,
            "networkCode": self.network,
            "retryCount": "0",
        }
        return self.post("delivery", {**form, "failureReason": reason} if reason else form)[0]

    def _turn(self) -> dict[str, str]:
        return {
            "sessionId": self.session,
            "phoneNumber": self.number,
            "networkCode": self.network,
            "serviceCode": self.service_code,
            "text": "*".join(self.typed),
        }

    def _end(self, status: str) -> None:
        lasted = (self.now() - self.began).total_seconds()
        form = {
            "date": self._stamp(),
            "sessionId": self.session,
            "serviceCode": self.service_code,
            "networkCode": self.network,
            "phoneNumber": self.number,
            "status": status,
            "cost": FREE,
            "durationInMillis": str(round(lasted * 1000)),
            "hopsCount": str(self.hops),
            "input": "*".join(self.typed),
            "lastAppResponse": self.answered,
        }
        self.session = ""
        self.post("ussd/end", form)

    def _stamp(self) -> str:
        return self.now().strftime("%Y-%m-%d %H:%M:%S")
