"""The processes `web`, `worker` and `scheduler`, `run` (all in one terminal) and `talk` (a phone in a terminal)."""

from __future__ import annotations

import click

from smsgate import create_app
from smsgate.cli.arguments import phone_number
from smsgate.cli.context import wired_service
from smsgate.core import config, logs
from smsgate.core.errors import Invalid
from smsgate.core.waits.limits import WEB, WORKER, Limits
from smsgate.models import Lane
from smsgate.outbox import queues
from smsgate.service import Service
from smsgate.workers import scheduler


@click.command(epilog="Example: smsgate run")
def run() -> None:
    """Start everything in this terminal, with a demo group and simulated phones.

    It starts the web process, workers, scheduler, database and Redis. It needs no settings: what is missing is created
    in ./var. Ctrl-C stops everything.
    """
    from smsgate.cli.local import dev_server

    dev_server.run(config.VAR)


@click.command(epilog="Example: smsgate web --local")
@click.option("--local", is_flag=True, help="Accept connections from this machine only.")
def web(local: bool) -> None:
    """Serve the provider's callbacks and the console on PORT, with WEB_CONCURRENCY processes (2)."""
    service = _ready(WEB)
    from smsgate.web import forwarded
    from smsgate.web.server import LOCAL, serve  # late: gunicorn reads WEB_CONCURRENCY on import, and we check it first

    forwarded.look_at_start(service)
    serve(create_app(service), service, LOCAL if local else service.settings.host)


@click.command(epilog="Example: smsgate worker urgent")
@click.argument("lane", type=click.Choice([*(lane.value for lane in Lane), queues.INBOUND]))
def worker(lane: str) -> None:
    """Send messages waiting in LANE, or process incoming ones (inbound).

    Run at least one process for each, so that help texts wait for nothing.
    """
    from smsgate.workers import worker as lane_worker

    lane_worker.work(_ready(WORKER), lane)


@click.command("scheduler", epilog="Example: smsgate scheduler")
def scheduler_() -> None:
    """Run the scheduler: reminders, retries, clean-up.

    Two at once are safe.
    """
    scheduler.run_scheduler(_ready(WORKER))


@click.command(epilog="Example: smsgate talk 0711000002")
@click.argument("number", default="+254711000001")
def talk(number: str) -> None:
    """Open a simulated phone with NUMBER in this terminal, connected to the running web process."""
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
    service.keyring.tag("")  # load the secret for tags now, so that no turn has to
    return service


COMMANDS = (run, web, worker, scheduler_, talk)
