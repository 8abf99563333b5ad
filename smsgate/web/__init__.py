"""The web edge."""

from __future__ import annotations

from flask import Flask

from smsgate.service import Service
from smsgate.web.calendar import calendar
from smsgate.web.console import console
from smsgate.web.hooks import hooks
from smsgate.web.phone_page import handset
from smsgate.web.status import status

MOST_BYTES = 64 * 1024  # of one callback; the provider's longest is under 4 KB


def build(service: Service) -> Flask:
    """The application of a service."""
    app = Flask("smsgate.web", static_folder=None)
    app.config["MAX_CONTENT_LENGTH"] = MOST_BYTES
    app.extensions["smsgate"] = service
    app.register_blueprint(hooks(service))
    app.register_blueprint(status(service))
    app.register_blueprint(calendar(service))
    app.register_blueprint(console(app, service))
    if service.settings.simulated:
        app.register_blueprint(handset(service))
    return app
