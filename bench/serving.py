"""One server process tree: `python -m bench.serving SERVER APP`, with the settings in the environment.

SERVER is gthread (as `smsgate web` runs it), sync or granian; APP is ours or bare, a view that says one constant text.
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
    """Flask with one view and nothing else."""
    app = Flask("bench", static_folder=None)

    @app.post("/ussd")
    def ussd() -> Response:
        return Response("END Hello.", mimetype="text/plain")

    return app


def ours() -> Flask:
    """The application as the settings describe it."""
    logs.configure("WARNING")
    return create_app()


class Measured(Server):
    """The settings of `smsgate web`, with another application or another class of workers."""

    def __init__(self, service: Service, worker_class: str, app: str) -> None:
        self._worker_class, self._app = worker_class, app
        super().__init__(service)

    def load_config(self) -> None:
        """As `smsgate web`, but for the class of workers."""
        super().load_config()
        self.cfg.set("worker_class", self._worker_class)

    def load(self) -> Flask:
        """One of the two."""
        return ours_of(self._service) if self._app == "ours" else bare()


def ours_of(service: Service) -> Flask:
    """The application of a service, built before the fork."""
    logs.configure("WARNING")
    return create_app(service)


def main(server: str, app: str) -> None:
    """Serve until told to stop."""
    if server != "granian":
        Measured(service.wire(config.load()), server, app).run()
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
