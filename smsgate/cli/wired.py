"""The service that the commands work on."""

from __future__ import annotations

import click

from smsgate import service
from smsgate.core import config


def wired() -> service.Service:
    """The parts of the installation that the environment describes, until the command ends; raises SettingsError."""
    made = service.wire(config.load())
    click.get_current_context().call_on_close(made.close)
    return made
