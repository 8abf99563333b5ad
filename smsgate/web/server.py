"""gunicorn around the application; measured against granian in bench/README.md."""

from __future__ import annotations

from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.glogging import Logger

from smsgate.core.config import OWNER_ONLY
from smsgate.service import Service
from smsgate.web.receiving import ReceivingWorker


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

    def __init__(self, app: Flask, service: Service) -> None:
        self._app, self._service = app, service
        super().__init__()

    def load_config(self) -> None:
        """Two processes unless WEB_CONCURRENCY says otherwise; no access log, since addresses contain the token."""
        settings: dict[str, Any] = {
            "bind": _address(self._service.settings.host, self._service.settings.port),
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
        if self.cfg.workers == 1:
            self.cfg.set("workers", 2)

    def load(self) -> Flask:
        """Returns the application."""
        return self._app

    def _forked(self, _server: object, _worker: object) -> None:
        # A connection opened before the fork must not be shared by two processes.
        self._service.database.engine.dispose(close=False)


def _address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def serve(app: Flask, service: Service) -> None:
    """Serve on the port until told to stop."""
    Server(app, service).run()
