"""`python -m bench.serving SERVER APP`: serve one application, with the settings in the environment.

SERVER is gthread (as `smsgate web` runs it), sync or granian; APP is ours, or bare: one view with a constant text.
"""

from __future__ import annotations

import os
import sys

from flask import Flask, Response

from smsgate import create_app, service
from smsgate.core import config, logs
from smsgate.service import Service
from smsgate.web.server import Server

SERVERS = ("gthread", "sync", "granian")
PROCESSES, THREADS = 2, 4  # those of smsgate/web/server.py


def bare() -> Flask:
    """Return a Flask application with one view and nothing else."""
    app = Flask("bench", static_folder=None)

    @app.post("/ussd")
    def ussd() -> Response:
        return Response("END Hello.", mimetype="text/plain")

    return app


def ours(service: Service | None = None) -> Flask:
    """Return smsgate's application for `service`, or for the service that the settings describe."""
    logs.configure("WARNING")
    return create_app(service)


class Measured(Server):
    """`smsgate web` with another worker class."""

    def __init__(self, app: Flask, service: Service, worker_class: str) -> None:
        self._worker_class = worker_class
        super().__init__(app, service)

    def load_config(self) -> None:
        """Load the configuration of `smsgate web`, then set the worker class."""
        super().load_config()
        if self._worker_class != "gthread":  # for gthread, keep the class that `smsgate web` runs, which is based on it
            self.cfg.set("worker_class", self._worker_class)


def main(server: str, app: str) -> None:
    """Serve until told to stop."""
    if server != "granian":
        wired = service.wire(config.load())
        Measured(ours(wired) if app == "ours" else bare(), wired, server).run()
        return
    from granian import Granian
    from granian.constants import Interfaces
    from granian.log import LogLevels

    Granian(
        f"bench.serving:{app}", address="127.0.0.1", port=int(os.environ["PORT"]), interface=Interfaces.WSGI,
        workers=PROCESSES, blocking_threads=THREADS, factory=True, log_level=LogLevels.warning,
    ).serve()  # fmt: skip


if __name__ == "__main__":
    main(*sys.argv[1:])
