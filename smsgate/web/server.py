"""Runs the application under gunicorn; bench/README.md compares it with granian."""

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
    """Sends gunicorn's errors to our own logs: its handlers would write URLs unmasked, with the token in them."""

    def setup(self, cfg: Any) -> None:  # noqa: ANN401 - gunicorn's type
        """Remove gunicorn's own handlers."""
        super().setup(cfg)
        for logger in (self.error_log, self.access_log):
            logger.handlers.clear()
            logger.propagate = True


class Server(BaseApplication):  # type: ignore[misc]
    """Serves an application that is built before the fork, so that the processes share its memory."""

    def __init__(self, app: Flask, service: Service, host: str = LOCAL) -> None:
        self._app, self._service, self._host = app, service, host
        super().__init__()

    def load_config(self) -> None:
        """Configure gunicorn; without an access log, since URLs contain the hook token."""
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
        """Return the application."""
        return self._app

    def _forked(self, _server: object, _worker: object) -> None:
        # Two processes must not share a connection that was opened before the fork.
        self._service.database.engine.dispose(close=False)


def serve(app: Flask, service: Service, host: str) -> None:
    """Serve on the configured port until told to stop. Raise Invalid if the port cannot be used."""
    check_port(host, service.settings.port)
    Server(app, service, host).run()


def check_port(host: str, port: int) -> None:
    """Raise Invalid if the port cannot be used: gunicorn would retry for seconds and report it only in its log."""
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
