"""`smsgate rehearse`: a stand-in for the provider that misbehaves on purpose."""

from __future__ import annotations

import re
import signal
import threading
from pathlib import Path
from typing import TYPE_CHECKING

import click

from smsgate.core import config

if TYPE_CHECKING:
    from smsgate.gateways.rehearsal.provider import Provider

MOST_PEOPLE = 1000
LONGEST = 1_000_000  # seconds
LAST_DEED = 15.0  # seconds for a simulated person to finish the session that they are in


def _local_hooks(needed: bool) -> str:
    """Return the callback address of the installation on this machine; "" if it has no settings and none are needed."""
    try:
        settings = config.load()
    except config.SettingsError:
        if needed:
            raise
        return ""
    return f"http://127.0.0.1:{settings.port}/hooks/{settings.hook_tokens[0]}/africastalking"


def _list_scenarios(ctx: click.Context, _parameter: click.Parameter, is_given: bool) -> None:
    if is_given:
        from smsgate.gateways.rehearsal.scenarios import SCENARIOS

        for scenario in SCENARIOS.values():
            click.echo(f"{scenario.name:<12}{scenario.about}")
        ctx.exit()


@click.command(epilog="Example: smsgate rehearse down --people 20")
@click.argument("scenario", default="calm")
@click.option(
    "--list", is_flag=True, is_eager=True, expose_value=False, callback=_list_scenarios, help="List the scenarios."
)
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8099,
    show_default=True,
    help="The port it listens on, on this machine only.",
)
@click.option("--seed", default=1, show_default=True, help="The same seed gives the same random events.")
@click.option(
    "--people",
    type=click.IntRange(0, MOST_PEOPLE),
    default=0,
    help="How many made-up people dial and text the service meanwhile.",
)
@click.option(
    "--hooks",
    default="",
    help="Address of the service's callbacks, up to …/africastalking. Left out: from the settings.",
)
@click.option("--seconds", type=float, help="Stop after so many seconds. Left out: Ctrl-C stops it.")
@click.option("--ledger", type=click.Path(path_type=Path), default=config.VAR / "rehearsal.jsonl", show_default=True,
              help="The file to which every event is written, one a line.")  # fmt: skip
def rehearse(scenario: str, port: int, seed: int, people: int, hooks: str, seconds: float | None, ledger: Path) -> None:
    r"""Simulate the provider as SCENARIO describes (calm), so that no text leaves this machine.

    Rehearse before you go live, with an installation that has no real people in it: the ledger holds the numbers and
    words of the rehearsal unencrypted. In a second terminal, start the service against it:

    \b
      SMSGATE_GATEWAY=africastalking AFRICASTALKING_USERNAME=rehearsal AFRICASTALKING_API_KEY=any \
      AFRICASTALKING_URL=http://127.0.0.1:8099 smsgate run

    Send a notice, dial, text. Change what happens while it runs:

    \b
      curl -d scenario=down http://127.0.0.1:8099/rehearsal
      curl -d balance=500 http://127.0.0.1:8099/rehearsal

    At the end a table shows what was accepted, reported and duplicated.
    """
    from smsgate.gateways.rehearsal import scenarios
    from smsgate.gateways.rehearsal.ledger import read
    from smsgate.gateways.rehearsal.provider import rehearsing
    from smsgate.gateways.rehearsal.table import shown

    if scenario not in scenarios.SCENARIOS:
        raise click.BadParameter(f"{scenario!r}; it may be {', '.join(scenarios.SCENARIOS)}.")
    if seconds is not None and not 0 <= seconds <= LONGEST:
        raise click.BadParameter(f"--seconds is {seconds}; it is a number from 0 to {LONGEST}.")
    if hooks and not re.fullmatch(r"https?://[^\s/]+/\S+", hooks):
        raise click.BadParameter(f"--hooks is {hooks!r}; it is an address, up to …/africastalking.")
    needs_hooks = bool(people or scenarios.SCENARIOS[scenario].reports)
    stop = threading.Event()
    for signal_number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(signal_number, lambda *_: stop.set())
    with rehearsing(ledger, scenario, seed, hooks or _local_hooks(needs_hooks), port=port) as provider:
        click.echo(f"{scenario}, seed {seed}, on {provider.url}; the ledger is {ledger}. Ctrl-C ends it.")
        _run_until(provider, people, seconds, stop)
    shown(read(ledger, provider.ledger.start))


def _run_until(provider: Provider, people: int, seconds: float | None, stop: threading.Event) -> None:
    from smsgate.gateways.rehearsal.people import everybody

    people_stop = threading.Event()
    service_code = config.environment().get("SMSGATE_SERVICE_CODE", config.Settings.service_code)
    threads = everybody(provider, people, service_code, people_stop)
    stop.wait(seconds)
    people_stop.set()
    for thread in threads:
        thread.join(LAST_DEED)


COMMANDS = (rehearse,)
