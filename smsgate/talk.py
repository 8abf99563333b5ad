"""The simulated phone in a terminal: the same callbacks to the same hooks as the page."""

from __future__ import annotations

import requests
from redis import Redis
from redis.exceptions import RedisError
from rich.console import Console
from rich.panel import Panel

from smsgate.gateways.simulator import on_the_air
from smsgate.gsm import segments, units
from smsgate.handsets import Handset, LineBroken

HELP = "Type a code (like *384*77#) to call, an answer while in a call, /sms WORDS, /texts, /drop or /quit."


class Terminal:
    """One phone, its screen and its texts."""

    def __init__(self, handset: Handset, redis: Redis, console: Console) -> None:
        self.handset, self._redis, self._console = handset, redis, console
        self._mark = on_the_air(redis)[1]

    def hear(self, line: str) -> bool:
        """Do what was typed; False to hang up for good."""
        word, _space, rest = line.partition(" ")
        match word:
            case "/quit":
                self.handset.drops()
                return False
            case "/drop":
                self.handset.drops()
                self._console.print("The line dropped.")
            case "/sms":
                self._console.print("Sent." if self.handset.texts(rest) == 200 else "Refused: the network tries again.")
            case "/texts" | "":
                pass
            case _:
                self._say(line)
        self.show_texts()
        return True

    def _say(self, line: str) -> None:
        try:
            dialling = line.startswith("*") and line.endswith("#")
            if not dialling and not self.handset.session:
                self._console.print(HELP)
                return
            screen = self.handset.dials(line) if dialling else self.handset.types(line)
        except LineBroken:
            self._console.print("[bold]Connection problem or invalid MMI code.[/bold] (the operator's own error)")
            return
        state = "in a call" if self.handset.session else "call ended"
        self._console.print(Panel(screen, subtitle=f"{units(screen)} characters, {state}", width=44, highlight=False))

    def show_texts(self) -> None:
        """Print what came since the last look, and tell the network that it arrived."""
        try:
            texts, self._mark = on_the_air(self._redis, self._mark)
        except RedisError:
            return
        for text in texts:
            if text["to"] == self.handset.number:
                note = f"SMS, {segments(text['text'])} billed"
                self._console.print(Panel(text["text"], title=note, width=44, highlight=False))
                self.handset.reports(text["id"])


def talk(base: str, token: str, service_code: str, number: str, redis: Redis, console: Console) -> None:
    """A phone with `number` against the web process at `base`, until /quit or the end of input."""
    with requests.Session() as http:

        def post(path: str, form: dict[str, str]) -> tuple[int, str]:
            try:
                reply = http.post(f"{base}/hooks/{token}/africastalking/{path}", data=form, timeout=10)
            except requests.RequestException:
                return 0, ""
            return reply.status_code, reply.text

        terminal = Terminal(Handset(post, number, service_code), redis, console)
        console.print(f"A phone with {number}. {HELP}")
        try:
            while terminal.hear(console.input("> ").strip()):
                pass
        except (EOFError, KeyboardInterrupt):
            terminal.handset.drops()
