"""The web layer: two Flask applications behind one server, which share a Service and nothing else.

`Application` serves the provider's callbacks, monitoring, calendars, the home page, the public directory and the
simulated phones; none of these has a browser session. The console, with its sign-in, CSRF protection and rate limits,
is a separate application below `/console`, so a callback never runs code that only a browser needs. Anything added to
`Application` itself slows down every dial. To follow a callback, start in `hooks`; to follow a leader's page, in
`console/__init__.py`.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask

from smsgate.core.waits.deadlines import deadline
from smsgate.service import Service
from smsgate.web import console
from smsgate.web.calendar import calendar
from smsgate.web.console.access import PREFIX
from smsgate.web.front import answer_errors, front
from smsgate.web.hooks import africastalking
from smsgate.web.phone_page import handset
from smsgate.web.public_groups import public_groups
from smsgate.web.status import status

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIEnvironment

SLOW_PAGES = ("/metrics",)  # counts the whole outbox
MOST_BYTES = 64 * 1024  # per request; the provider's longest callback is under 4 KB


class Application(Flask):
    """The application for callbacks; it passes every path below `/console` to the console's application."""

    def __init__(self, service: Service) -> None:
        super().__init__("smsgate.web", static_folder=None)
        self.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
        self.register_blueprint(africastalking.hooks(service))
        self.register_blueprint(status(service))
        self.register_blueprint(calendar(service))
        self.register_blueprint(front(service))
        self.register_blueprint(public_groups(service))
        if service.settings.simulated:
            self.register_blueprint(handset(service))
        answer_errors(self)
        self.limits = service.database.limits
        self.console = console.build(service, MOST_BYTES)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Serve one request under its deadline. Paths stay whole, so each application knows its own full addresses."""
        # Not werkzeug's DispatcherMiddleware: it moves the prefix to SCRIPT_NAME and makes a dial ten times as
        # expensive.
        path = environ.get("PATH_INFO", "")
        is_console = path.startswith(PREFIX) and path[len(PREFIX) :][:1] in ("", "/")
        limits = self.limits
        with deadline(limits.page if is_console or path in SLOW_PAGES else limits.request):
            return (self.console if is_console else self).wsgi_app(environ, start_response)
