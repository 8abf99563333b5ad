"""The service that commands work on, and what they say about words that an admin may want to think over."""

from __future__ import annotations

import click

from smsgate import service
from smsgate.core import config
from smsgate.flows.checks import style


def wired() -> service.Service:
    """The parts of the installation that the environment describes, until the command ends; raises SettingsError."""
    made = service.wire(config.load())
    click.get_current_context().call_on_close(made.close)
    return made


def tell_doubts(*texts: str | None) -> None:
    """Say which words of texts that others will read may sound medical or like an order, a line each."""
    given = [text for text in texts if text]
    for word in dict.fromkeys(word for text in given for word in style.medical(text)):
        click.echo(f"{word}: this word may sound medical on a shared phone.")
    for word in dict.fromkeys(word for text in given for word in style.orders(text)):
        click.echo(f"{word}: this may sound like an order.")
