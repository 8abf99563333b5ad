"""smsgate: SMS and USSD for peer support groups whose members own phones without data.

Members, responders and leaders use it from any phone; leaders also use the console; operators use the `smsgate`
command. The folders are layers, from `cli` at the edge to `core`, and each imports only from those below it:
pyproject.toml defines their order.

Start with `flows` for what members read, with `web/hooks` for how a callback comes in, and with `outbox` for how a text
goes out. Each package's `__init__` says what it promises.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from smsgate.core.config import Settings
    from smsgate.service import Service
    from smsgate.web import Application


def create_app(config: Settings | Service | None = None) -> Application:
    """Return the web application: callbacks, health checks, the console and, with the simulator, its phone.

    Takes settings or an already wired service; given neither, reads the settings from the environment.
    """
    from smsgate import service as services
    from smsgate.core import config as configuration
    from smsgate.web import Application

    if config is None:
        config = configuration.load()
    return Application(config if isinstance(config, services.Service) else services.wire(config))
