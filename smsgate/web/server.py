"""gunicorn around the application; measured against granian in bench/README.md."""

from __future__ import annotations

import errno
import socket
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from smsgate.core.config import OWNER_ONLY
from smsgate.core.errors import Invalid
from smsgate.service import Service
from smsgate.web.receiving import ReceivingWorker

LOCAL = "127.0.0.1"


class Logging(Logger):  # type: ignore[misc]
    """Sends gunicorn's errors to our own logs: its handlers would write addresses unmasked, with the token in them."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn's type
        """Removes gunicorn's own handlers."""
        super().setup(cfg)
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """Serves an application that was built before the fork, so that the processes share its memory."""

    def __init__(self, app: Flask, service: Service, host: str = LOCAL) -> None:
        self._app, self._service, self._host = app, service, host
        super().__init__()

    def load_config(self) -> None:
        """No access log, since addresses contain the token."""
        settings: dict[str, Any] = {
            "bind": _address(self._host, self._service.settings.port),
            "workers": self._service.settings.web_processes,
            "worker_class": ReceivingWorker,
            "worker_connections": 500,
            "threads": 4,
            "preload_app": True,
            "timeout": 30,
            "graceful_timeout": 10,
            "umask": OWNER_ONLY,
            "accesslog": None,
            "loglevel": "warning",
            "logger_class": Logging,
            "post_fork": self._forked,
        }
        for name, value in settings.items():
            self.cfg.set(name, value)

    def load(self) -> Flask:
        """Returns the application."""
        return self._app

    def _forked(self, _server: object, _worker: object) -> None:
        # A connection opened before the fork must not be shared by two processes.
        self._service.database.engine.dispose(close=False)


def serve(app: Flask, service: Service, host: str) -> None:
    """Serve on the port until told to stop. Raises Invalid if it cannot listen there."""
    check_port(host, service.settings.port)
    Server(app, service, host).run()


def check_port(host: str, port: int) -> None:
    """Raise Invalid where this port cannot be listened to: gunicorn would try for seconds and say so in its log."""
    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except OSError as problem:
        why = "another process uses it" if problem.errno == errno.EADDRINUSE else str(problem.strerror).lower()
        raise Invalid(
            f"The port {port} cannot be used: {why}. Stop that, or set another PORT, like PORT=8001."
        ) from None


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
