"""A network for the page of phones: the page and its feed of texts are real; a script answers the hooks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Thread

from flask import Flask, Response, request
from redis import Redis
from werkzeug.serving import make_server

from smsgate.core.config import Settings
from smsgate.core.encryption import Keyring
from smsgate.gateways.simulator import Simulator
from smsgate.service import wire
from smsgate.web.phone_page import handset
from tests.support.stores import KEY
from tests.support.waiting import PATIENT

NO_DATABASE = "sqlite:///never-opened.sqlite"
TOKEN = Keyring([KEY]).derived("simulated phone")[0]  # the page's own: it never shows one that an operator set
HOOKS = f"/hooks/{TOKEN}/africastalking/"
HELLO = "CON Hello\n1 Meetings\n2 Help"
Form = dict[str, str]


@dataclass
class Network:
    """What was posted, and the scripted answers: by the last key typed, or by the path."""

    app: Flask
    simulator: Simulator
    answers: dict[str, tuple[int, str]] = field(default_factory=dict)
    posted: list[tuple[str, Form]] = field(default_factory=list)

    def hear(self, path: str) -> Response:
        """Record a callback and answer it as the script says."""
        form = request.form.to_dict()
        self.posted.append((path, form))
        asked = form["text"].rpartition("*")[2] if path == "ussd" else path
        status, body = self.answers.get(asked, (200, HELLO if path == "ussd" else ""))
        return Response(body, status, mimetype="text/plain")

    def forms(self, path: str) -> list[Form]:
        """Return what was posted to one hook, in order."""
        return [form for where, form in self.posted if where == path]


@contextmanager
def network(redis_url: str) -> Iterator[Network]:
    """Yield the page and scripted hooks, as one app."""
    settings = Settings(NO_DATABASE, redis_url, (TOKEN,), (KEY,), "simulator")
    service = wire(settings, limits=PATIENT)
    app = Flask("smsgate.web", static_folder=None)
    app.register_blueprint(handset(service))
    with Redis.from_url(redis_url) as redis:
        made = Network(app, Simulator(redis))
        app.add_url_rule(f"{HOOKS}<path:path>", "hooks", made.hear, methods=["POST"])
        yield made
    service.redis.close()
    service.database.engine.dispose()


@contextmanager
def listening(app: Flask) -> Iterator[str]:
    """Serve the app on a local port and yield its address."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
