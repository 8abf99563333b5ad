"""Words that an admin may want to think over; they are told, never stopped."""

from __future__ import annotations

import click

from smsgate.flows.checks import style


def tell_doubts(*texts: str | None) -> None:
    """Say which words of texts that others will read may sound medical or like an order, a line each."""
    given = [text for text in texts if text]
    for word in dict.fromkeys(word for text in given for word in style.medical(text)):
        click.echo(f"{word}: this word may sound medical on a shared phone.")
    for word in dict.fromkeys(word for text in given for word in style.orders(text)):
        click.echo(f"{word}: this may sound like an order.")
