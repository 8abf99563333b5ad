"""The simulated phone in a terminal: makes the same callbacks to the same hooks as the page."""

from __future__ import annotations

import threading
from typing import Any

import requests
from redis import Redis
from redis.exceptions import RedisError
from rich.console import Console
from rich.panel import Panel
from rich.text import Text

from smsgate.core.gsm7 import segments, units
from smsgate.gateways.handset import SESSION_SECONDS, Handset, Post, SessionFailed
from smsgate.gateways.simulator import PRICE, on_the_air

HELP = (
    "Enter, or a code like {code}, dials. In a call, what you type is your answer.\n"
    "/sms WORDS texts the service, /texts shows the last texts, /drop breaks the line, /quit ends."
)
OPERATORS_ERROR = "Connection problem or invalid MMI code."
WIDTH = 44
LAST = 5
SECONDS_BETWEEN_LOOKS = 1.0


class Terminal:
    """One phone with its screen and its texts."""

    def __init__(self, handset: Handset, redis: Redis, console: Console) -> None:
        self.handset, self._redis, self._console = handset, redis, console
        self._mark = on_the_air(redis)[1]
        self._unreported: list[str] = []

    def hear(self, line: str) -> bool:
        """Carry out a typed line; False to quit."""
        self._end_overdue()
        word, _space, rest = line.partition(" ")
        match word:
            case "/quit":
                return False
            case "/drop":
                self.handset.drops()
                self._console.print("The line dropped.")
            case "/sms":
                self._send_sms(rest)
            case "/texts":
                self._show_last()
            case "/help":
                self.help()
            case _:
                self._dial_or_answer(line)
        return True

    def help(self) -> None:
        """Print what can be typed."""
        self._console.print(HELP.format(code=self.handset.service_code), highlight=False)

    def hear_air(self) -> None:
        """Print the texts that arrived since the last call, and report them delivered."""
        try:
            texts, self._mark = on_the_air(self._redis, self._mark)
        except RedisError:
            return
        received = [text for text in texts if text["to"] == self.handset.number]
        for text in received:
            self._show(text)
        arrived = [*self._unreported, *(text["id"] for text in received)]
        self._unreported = [text_id for text_id in arrived if self.handset.reports(text_id) != 200]

    def _dial_or_answer(self, line: str) -> None:
        handset = self.handset
        if not handset.session and line and not line.startswith("*"):
            self.help()
            return
        try:
            screen = handset.types(line) if handset.session else handset.dials(line or None)
        except SessionFailed as trouble:
            self._console.print(Panel(OPERATORS_ERROR, subtitle="call failed", width=WIDTH))
            self._console.print(Text(str(trouble), style="dim"))
            return
        state = "in a call" if handset.session else "call ended"
        self._console.print(Panel(Text(screen), subtitle=f"{units(screen)} characters, {state}", width=WIDTH))

    def _send_sms(self, words: str) -> None:
        status = self.handset.texts(words)
        count = segments(words)
        if status == 200:
            self._console.print(f"Sent, {_parts(count)}.")
        else:
            self._console.print(f"Not taken ({status or 'no connection'}); the provider would repeat it each minute.")

    def _show(self, text: dict[str, Any]) -> None:
        count = segments(text["text"])
        title = f"SMS, {_parts(count)}, KES {PRICE * count:.2f}"
        self._console.print(Panel(Text(text["text"]), title=title, width=WIDTH))

    def _show_last(self) -> None:
        try:
            texts = on_the_air(self._redis)[0]
        except RedisError:
            self._console.print("The air cannot be heard at the moment.")
            return
        received = [text for text in texts if text["to"] == self.handset.number]
        for text in received[-LAST:]:
            self._show(text)
        if not received:
            self._console.print("No texts yet.")

    def _end_overdue(self) -> None:
        if self.handset.overdue:
            self.handset.drops()
            self._console.print(f"The call timed out after {SESSION_SECONDS} seconds.")


def talk(base_url: str, token: str, service_code: str, number: str, redis: Redis, console: Console) -> None:
    """Run a phone with `number` against the web process at `base_url`, until /quit or the end of input."""
    handset = Handset(over_http(base_url, token), number, service_code)
    terminal = Terminal(handset, redis, console)
    console.print(f"A phone with {number}.", highlight=False)
    terminal.help()
    over = threading.Event()
    ear = threading.Thread(target=_listen, args=(terminal, over), daemon=True)
    ear.start()
    try:
        while terminal.hear(console.input("> ").strip()):
            pass
    except (EOFError, KeyboardInterrupt):
        console.print()
    finally:
        over.set()
        ear.join()
        handset.drops()


def answers(base_url: str) -> bool:
    """True if a web process answers at `base_url`."""
    try:
        return requests.get(f"{base_url}/health", timeout=10).ok
    except requests.RequestException:
        return False


def over_http(base_url: str, token: str) -> Post:
    """Return a `Post` to the hooks of a running web process; status 0 if there is no answer within 10 seconds."""

    def post(path: str, form: dict[str, str]) -> tuple[int, str]:
        try:
            reply = requests.post(f"{base_url}/hooks/{token}/africastalking/{path}", data=form, timeout=10)
        except requests.RequestException:
            return 0, ""
        return reply.status_code, reply.text

    return post


def _listen(terminal: Terminal, over: threading.Event) -> None:
    while True:
        last = over.is_set()
        terminal.hear_air()  # once more after the end, so that nothing goes unreported
        if last:
            return
        over.wait(SECONDS_BETWEEN_LOOKS)


def _parts(count: int) -> str:
    return f"{count} segment{'' if count == 1 else 's'}"
