"""Processes: `web`, `worker` and `clock` (the scheduler), `run` (all in one terminal) and `talk` (a phone there)."""

from __future__ import annotations

import click

from smsgate import create_app
from smsgate.cli.context import phone_number, wired_service
from smsgate.core import config, logs
from smsgate.core.errors import Invalid
from smsgate.core.waits.limits import WEB, WORKER, Limits
from smsgate.models import Lane
from smsgate.outbox import queues
from smsgate.service import Service
from smsgate.workers import scheduler


@click.command()
def run() -> None:
    """Start everything in this terminal: web, workers, clock, database, Redis, a demo group, a simulated phone.

    Needs no settings: what is missing is made and kept in ./var. Ctrl-C stops it all.
    """
    from smsgate.cli.local import dev_server

    dev_server.run(config.VAR)


@click.command()
@click.option("--local", is_flag=True, help="Listen to this machine only.")
def web(local: bool) -> None:
    """Answer the provider's callbacks on PORT. WEB_CONCURRENCY is the number of processes (2)."""
    service = _ready(WEB)
    from smsgate.web import forwarded
    from smsgate.web.server import LOCAL, serve  # gunicorn reads WEB_CONCURRENCY, which is judged before

    forwarded.look_at_start(service)
    serve(create_app(service), service, LOCAL if local else service.settings.host)


@click.command()
@click.argument("lane", type=click.Choice([*(lane.value for lane in Lane), queues.INBOUND]))
def worker(lane: str) -> None:
    """Send what waits in LANE, or work on what came in (inbound).

    Run one process for each at least, so that help texts wait for nothing.
    """
    from smsgate.workers import worker as lane_worker

    lane_worker.work(_ready(WORKER), lane)


@click.command()
def clock() -> None:
    """Look every few seconds for what is due: reminders, texts to try again. Two of them do no harm."""
    scheduler.run_scheduler(_ready(WORKER))


@click.command()
@click.argument("number", default="+254711000001")
def talk(number: str) -> None:
    """A simulated phone with NUMBER in this terminal, against the running web process."""
    from rich.console import Console

    from smsgate.gateways.terminal import answers
    from smsgate.gateways.terminal import talk as phone

    service = wired_service()
    settings = service.settings
    if not settings.simulated:
        raise click.ClickException("The simulated phone works only where SMSGATE_GATEWAY is simulator.")
    base = f"http://127.0.0.1:{settings.port}"
    number = phone_number(service, number)
    if not answers(base):
        raise Invalid(f"No service answers at {base}. Start it in another terminal: smsgate run")
    phone(base, settings.hook_tokens[0], settings.service_code, number, service.redis, Console())


def _ready(limits: Limits) -> Service:
    service = wired_service(limits)
    logs.configure(service.settings.log_level)
    service.keyring.tag("")  # reads the secret of tags, so that no turn has to
    return service


COMMANDS = (run, web, worker, clock, talk)
