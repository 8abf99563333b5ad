"""smsgate: SMS and USSD for peer support groups, where a phone has no data."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smsgate.core.config import Settings
    from smsgate.service import Service
    from smsgate.web import Application


def create_app(config: Settings | Service | None = None) -> Application:
    """The web application: callbacks, health, the console, and the simulated phone where texts go to nobody else.

    Takes the settings, or a service that is wired already; without either, the settings are read from the environment.
    """
    from smsgate import service as services
    from smsgate.core import config as configuration
    from smsgate.web import Application

    if config is None:
        config = configuration.load()
    return Application(config if isinstance(config, services.Service) else services.wire(config))
