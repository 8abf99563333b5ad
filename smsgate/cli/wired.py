"""The service that the commands work on."""

from __future__ import annotations

from smsgate import config, service


def wired() -> service.Service:
    """The parts of the installation that the environment describes; raises SettingsError."""
    return service.wire(config.load())
