"""Notices: send, approve, watch and stop them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text
from sqlalchemy.orm import Session

from smsgate.cli.arguments import get_group, parse_local_time
from smsgate.cli.context import listing, print_changes, renamed, warn_about_wording, wired_service
from smsgate.cli.operations import counts_as_objects, counts_table
from smsgate.cli.output import AS_JSON, WHEN, people_text, print_json
from smsgate.core import gsm7
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.meetings import time_input
from smsgate.models import Audience, MessageKind, MessageStatus, Notice, NoticeStatus
from smsgate.models import Group as GroupRow
from smsgate.notices import approval, notices, pricing
from smsgate.notices.audience import AudienceSelector, next_meeting, price
from smsgate.outbox import quiet_hours, summary
from smsgate.service import Service

REFRESH_SECONDS = 1.0
FINISHED_STATUSES = (
    MessageStatus.SENT,
    MessageStatus.DELIVERED,
    MessageStatus.FAILED,
    MessageStatus.TOO_LATE,
    MessageStatus.WITHDRAWN,
    MessageStatus.UNKNOWN,
)
TIME_ERRORS = {
    time_input.Wrong.PAST: "That time is in the past.",
    time_input.Wrong.FAR: "That is more than 60 days ahead.",
    time_input.Wrong.SKIPPED: "That time does not exist: the clocks go forward then.",
}
REFUSALS = {
    approval.ApprovalResult.USED: "That notice is not waiting for approval.",
    approval.ApprovalResult.MISSED: "The time of that notice has passed, so it is not sent.",
    approval.ApprovalResult.AUTHOR_GONE: "The author of that notice no longer leads the group, so it is not sent.",
    approval.ApprovalResult.OVER: "Nobody approved that notice within a day, so it is not sent.",
}


@click.group()
def notice() -> None:
    """Send, approve, show and stop notices to a group."""


@notice.command("send", epilog='Example: smsgate notice send 4521 "Bring a friend" --to coming')
@click.argument("code")
@click.argument("words")
@click.option("--sw", help="The text in Kiswahili, for members who speak it.")
@click.option("--fr", help="The text in French, for members who speak it.")
@click.option("--en", help="The text in English, for members who speak it, if WORDS are in another language.")
@click.option(
    "--to", "whom", default="everybody", show_default=True, type=click.Choice(["everybody", "coming", *LANGUAGES]),
    help="Everybody, those coming to the next meeting, or those who speak one language.",
)  # fmt: skip
@click.option("--at", help='When to send it, in the group\'s time zone, like "2026-12-01 14:00". Left out: now.')
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
def notice_send(
    code: str, words: str, sw: str | None, fr: str | None, en: str | None, whom: str, at: str | None, yes: bool
) -> None:
    """Send WORDS to group CODE, after showing what it costs and asking you."""
    service = wired_service()
    versions = {language: text for language, text in (("sw", sw), ("fr", fr), ("en", en)) if text is not None}
    with service.database.reading() as session:
        group = get_group(session, code)
        content = _content(words, versions, whom, _send_time(group, at, service.now()))
        print_changes(words, *versions.values())
        _print_price(session, service, group, content)
    if not yes:
        click.confirm("Send it?", abort=True)
    with service.database.transaction() as session:
        group, now = get_group(session, code), service.now()
        notice, count = notices.send(session, group, content, now)
        click.echo(f"Notice {notice.id} leaves {_departure_text(group, notice, now)}, to {people_text(count)}.")


def _content(words: str, versions: dict[str, str], whom: str, due_at: datetime | None) -> notices.NoticeContent:
    fitted = {language: notices.fit(text) for language, text in versions.items()}
    if whom in LANGUAGES:
        return notices.NoticeContent(notices.fit(words), fitted, Audience.SPEAKERS, whom, due_at)
    return notices.NoticeContent(notices.fit(words), fitted, Audience(whom), None, due_at)


def _send_time(group: GroupRow, at: str | None, now: datetime) -> datetime | None:
    try:
        return time_input.near_future_utc(parse_local_time(at), ZoneInfo(group.zone), now) if at is not None else None
    except time_input.InvalidTime as error:
        raise Invalid(TIME_ERRORS[error.wrong]) from None


def _print_price(session: Session, service: Service, group: GroupRow, content: notices.NoticeContent) -> None:
    meeting = next_meeting(session, group.id, service.now()) if content.audience is Audience.COMING else None
    recipients = AudienceSelector(group.id, content.audience, content.language, meeting)
    cost = price(session, recipients, content.words, dict(content.versions), service.settings.price)
    parts = "-".join(str(count) for count in sorted({cost.parts[0], cost.parts[-1]}))
    costs = f" It costs about {pricing.price_text([cost.amount])}." if cost.amount else ""
    click.echo(f"{len(content.words)} characters, {parts} SMS for each of {cost.people} people.{costs}")
    for text in (content.words, *content.versions.values()):
        if not gsm7.is_gsm7(text):
            click.echo(f"These characters double the price: {' '.join(gsm7.expensive_chars(text))}")
    warn_about_wording(content.words, *content.versions.values())


def _departure_text(group: GroupRow, notice: Notice, now: datetime) -> str:
    due = notice.due_at or now
    if notice.stage is NoticeStatus.TIMED and not quiet_hours.held_until(
        quiet_hours.hours_for(group), MessageKind.NOTICE, due, due
    ):
        return f"at {due.astimezone(ZoneInfo(group.zone)):{WHEN}} ({group.zone})"
    return quiet_hours.send_time_text(group, MessageKind.NOTICE, due + notices.WORTH_SENDING, due)


@notice.command("approve", epilog="Example: smsgate notice approve 1")
@click.argument("number", type=int)
@click.option("--no", is_flag=True, help="Decline it, so that it is not sent.")
def notice_approve(number: int, no: bool) -> None:
    """Approve notice NUMBER as the second approver, if its group has no other leader.

    Read it first: smsgate notice show NUMBER
    """
    service = wired_service()
    with service.database.transaction() as session:
        notice, now = get_notice(session, number), service.now()
        result = approval.approve(session, notice, None, not no, now, service.settings.service_code).result
        if result in REFUSALS:
            raise Invalid(REFUSALS[result])
        departure = "" if no else f" It leaves {_departure_text(notice.group, notice, now)}."
        click.echo("Declined. It is not sent." if no else f"Approved.{departure}")


@notice.command("show", epilog="Example: smsgate notice show 1 --watch")
@click.argument("number", type=int)
@click.option("--watch", is_flag=True, help="Keep showing it until nothing is waiting.")
@AS_JSON
def notice_show(number: int, watch: bool, as_json: bool) -> None:
    """Show the status of notice NUMBER and what it has cost so far."""
    service, console = wired_service(), Console()
    progress = _progress(service, number)
    if as_json:
        print_json(progress.as_object())
        return
    if not watch:
        console.print(progress.view())
        return
    with Live(progress.view(), console=console, auto_refresh=False) as live:
        while progress.unfinished:
            time.sleep(REFRESH_SECONDS)
            progress = _progress(service, number)
            live.update(progress.view(), refresh=True)


@dataclass(frozen=True)
class _Progress:
    """What `show` prints about a notice. `words` are the texts that need approval, if any."""

    number: int
    words: list[str]
    status: str
    done: int
    total: int
    cost: str
    counts: list[summary.OutboxCount]
    zone: ZoneInfo
    unfinished: bool

    def view(self) -> RenderableType:
        cost = f", {self.cost} so far" if self.cost else ""
        bar = Table.grid()  # a ProgressBar printed on its own doesn't end its line
        bar.add_row(ProgressBar(total=max(self.total, 1), completed=self.done, width=40))
        lines = [Text(line) for line in (*self.words, self.status, f"{self.done} of {self.total} texts{cost}")]
        return Group(*lines, bar, counts_table(self.counts, self.zone))

    def as_object(self) -> dict[str, object]:
        plain = {"notice": self.number, "status": self.status, "done": self.done, "texts": self.total}
        return {**plain, "cost": self.cost, "counts": counts_as_objects(self.counts, self.zone)}


def _progress(service: Service, number: int) -> _Progress:
    with listing(service) as session:
        notice = get_notice(session, number)
        states = notices.progress(session, notice)
        done, total = sum(states[state] for state in FINISHED_STATUSES), states.total()
        all_sent = all(states[state] == 0 for state in (MessageStatus.WAITING, MessageStatus.SENDING))
        zone = ZoneInfo(notice.group.zone)
        return _Progress(
            number,
            [notice.words, *notices.versions_of(notice).values()] if notice.stage is NoticeStatus.ASKED else [],
            _status_text(notice, zone, all_sent=all_sent),
            done,
            total,
            pricing.price_text(pricing.cost_of_notice(session, notice.id)),
            summary.counts_of_notice(session, notice),
            zone,
            notice.stopped_at is None and (notice.stage is NoticeStatus.TIMED or done < total),
        )


def _status_text(notice: Notice, zone: ZoneInfo, *, all_sent: bool) -> str:
    due = f"{notice.due_at.astimezone(zone):{WHEN}}" if notice.due_at else "now"
    return {
        NoticeStatus.DRAFT: "Draft: its author has not confirmed it with the code.",
        NoticeStatus.ASKED: f"It needs approval by a second person: smsgate notice approve {notice.id}",
        NoticeStatus.TIMED: f"It will be sent at {due} ({zone}).",
        NoticeStatus.DROPPED: "It was not sent.",
    }.get(notice.stage, "Stopped." if notice.stopped_at else "Sent." if all_sent else "Sending.")


@notice.command("stop", epilog="Example: smsgate notice stop 1")
@click.argument("number", type=int)
def notice_stop(number: int) -> None:
    """Stop sending notice NUMBER; texts that are waiting are withdrawn."""
    service = wired_service()
    with service.database.transaction() as session:
        notices.stop(session, get_notice(session, number), service.now())
    click.echo("Stopped.")


def get_notice(session: Session, number: int) -> Notice:
    """Return the notice with this id. Raises Invalid."""
    notice = session.get(Notice, number)
    if notice is None:
        raise Invalid(f"There is no notice {number}.")
    return notice


renamed(notice, "agree", "approve")
COMMANDS = (notice,)
