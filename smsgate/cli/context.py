"""What commands share: the service wired from the environment, and warnings about wording that others will read."""

from __future__ import annotations

import click

from smsgate import service
from smsgate.core import config
from smsgate.flows.checks import style


def wired_service() -> service.Service:
    """Wire the service from the environment and close it when the command ends. Raises SettingsError."""
    made = service.wire(config.load())
    click.get_current_context().call_on_close(made.close)
    return made


def warn_about_wording(*texts: str | None) -> None:
    """Print one line for each word that may sound medical or like an order. Texts that are None are skipped."""
    given = [text for text in texts if text]
    for word in dict.fromkeys(word for text in given for word in style.medical(text)):
        click.echo(f"{word}: this word may sound medical on a shared phone.")
    for word in dict.fromkeys(word for text in given for word in style.orders(text)):
        click.echo(f"{word}: this may sound like an order.")
