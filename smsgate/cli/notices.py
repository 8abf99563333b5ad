"""Notices: send, approve, watch and stop them, and set whether members may reply."""

from __future__ import annotations

import time
from datetime import datetime
from zoneinfo import ZoneInfo

import click
from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from sqlalchemy.orm import Session

from smsgate.cli.context import print_changes, warn_about_wording, wired_service
from smsgate.cli.groups import get_group, parse_local_time, people_text
from smsgate.cli.groups import group as group_commands
from smsgate.cli.operations import counts_table as standing_table
from smsgate.core import gsm7
from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.groups import groups
from smsgate.meetings import time_input
from smsgate.models import Audience, MessageKind, MessageStatus, Notice, NoticeStatus
from smsgate.models import Group as GroupRow
from smsgate.notices import approval, notices, pricing
from smsgate.notices.audience import AudienceSelector, next_meeting, price
from smsgate.outbox import quiet_hours, summary
from smsgate.service import Service

REFRESH_SECONDS = 1.0  # seconds
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
    approval.ApprovalResult.USED: "That notice does not wait for anybody to agree.",
    approval.ApprovalResult.MISSED: "The time of that notice has passed: it is not sent.",
    approval.ApprovalResult.AUTHOR_GONE: "The author of that notice no longer leads the group: it is not sent.",
    approval.ApprovalResult.OVER: "Nobody agreed to that notice within a day: it is not sent.",
}


@click.group()
def notice() -> None:
    """Send a notice to a group, agree to a large one, see how far it is, stop it."""


@notice.command("send")
@click.argument("code")
@click.argument("words")
@click.option("--sw", help="The same in Kiswahili, for those who speak it.")
@click.option("--fr", help="The same in French, for those who speak it.")
@click.option("--en", help="The same in English, for those who speak it, where WORDS are in another language.")
@click.option(
    "--to", "whom", default="everybody", show_default=True, type=click.Choice(["everybody", "coming", *LANGUAGES]),
    help="Everybody, those who come to the next meeting, or those who speak a language.",
)  # fmt: skip
@click.option("--at", help='Local time at which it leaves, like "2026-12-01 14:00"; else now.')
@click.option("--yes", is_flag=True, help="Do not ask whether to send.")
def notice_send(
    code: str, words: str, sw: str | None, fr: str | None, en: str | None, whom: str, at: str | None, yes: bool
) -> None:
    """Send WORDS to the group with CODE. You see first what it costs."""
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
        return f"at {due.astimezone(ZoneInfo(group.zone)):%Y-%m-%d %H:%M}"
    return quiet_hours.send_time_text(group, MessageKind.NOTICE, due + notices.WORTH_SENDING, due)


@notice.command("agree")
@click.argument("number", type=int)
@click.option("--no", is_flag=True, help="Decline it: it is not sent.")
def notice_agree(number: int, no: bool) -> None:
    """Agree to notice NUMBER as the second person, where nobody else leads its group. You see it first in `show`."""
    service = wired_service()
    with service.database.transaction() as session:
        notice, now = get_notice(session, number), service.now()
        result = approval.approve(session, notice, None, not no, now, service.settings.service_code).result
        if result in REFUSALS:
            raise Invalid(REFUSALS[result])
        departure = "" if no else f" It leaves {_departure_text(notice.group, notice, now)}."
        click.echo("Declined. It is not sent." if no else f"Agreed.{departure}")


@notice.command("show")
@click.argument("number", type=int)
@click.option("--watch", is_flag=True, help="Go on showing it until nothing waits any more.")
def notice_show(number: int, watch: bool) -> None:
    """How far notice NUMBER is, and what it cost until now."""
    service, console = wired_service(), Console()
    view, unfinished = _progress(service, number)
    if not watch:
        console.print(view)
        return
    with Live(view, console=console, auto_refresh=False) as live:
        while unfinished:
            time.sleep(REFRESH_SECONDS)
            view, unfinished = _progress(service, number)
            live.update(view, refresh=True)


def _progress(service: Service, number: int) -> tuple[RenderableType, bool]:
    """Return what `show` prints about a notice, and whether texts of it are still to be sent."""
    with service.database.reading() as session:
        notice = get_notice(session, number)
        states = notices.progress(session, notice)
        counts = summary.counts_of_notice(session, notice)
        cost = pricing.price_text(pricing.cost_of_notice(session, notice.id))
        zone = ZoneInfo(notice.group.zone)
        words = [notice.words, *notices.versions_of(notice).values()] if notice.stage is NoticeStatus.ASKED else []
        status = _status_text(
            notice, zone, all_sent=all(states[state] == 0 for state in (MessageStatus.WAITING, MessageStatus.SENDING))
        )
    done, total = sum(states[state] for state in FINISHED_STATUSES), states.total()
    lines = [*words, status, f"{done} of {total} texts" + (f", {cost} until now" if cost else "")]
    bar = Table.grid()  # printed alone, a ProgressBar does not end its line
    bar.add_row(ProgressBar(total=max(total, 1), completed=done, width=40))
    unfinished = notice.stopped_at is None and (notice.stage is NoticeStatus.TIMED or done < total)
    return Group(*lines, bar, standing_table(counts, zone)), unfinished


def _status_text(notice: Notice, zone: ZoneInfo, *, all_sent: bool) -> str:
    due = f"{notice.due_at.astimezone(zone):%Y-%m-%d %H:%M}" if notice.due_at else "now"
    return {
        NoticeStatus.DRAFT: "It waits for the code of who wrote it.",
        NoticeStatus.ASKED: f"It waits until a second person agrees: smsgate notice agree {notice.id}",
        NoticeStatus.TIMED: f"It waits for its time, {due}.",
        NoticeStatus.DROPPED: "It was not sent.",
    }.get(notice.stage, "Stopped." if notice.stopped_at else "It has left." if all_sent else "It is on its way.")


@notice.command("stop")
@click.argument("number", type=int)
def notice_stop(number: int) -> None:
    """Stop notice NUMBER: what has not left yet does not leave."""
    service = wired_service()
    with service.database.transaction() as session:
        notices.stop(session, get_notice(session, number), service.now())
    click.echo("Stopped.")


@group_commands.command("replies")
@click.argument("code")
@click.argument("switch", metavar="on|off", type=click.Choice(["on", "off"]), required=False)
@click.option("--days", type=int, help="Days until a reply is forgotten, 14 unless you say otherwise.")
def group_replies(code: str, switch: str | None, days: int | None) -> None:
    """Show or set whether members of the group with CODE may write back to notices: on or off (ON|OFF).

    Those who lead the group read what they write, by phone; it is forgotten after the days of the group.
    """
    service = wired_service()
    with service.database.transaction() as session:
        group = get_group(session, code)
        if switch or days is not None:
            groups.allow_replies(group, switch == "on" if switch else group.replies_allowed, days)
        setting = f"on, kept for {group.replies_days} days" if group.replies_allowed else "off"
        click.echo(f"{group.name}: replies to notices are {setting}.")


def get_notice(session: Session, number: int) -> Notice:
    """Return the notice with this id. Raises Invalid."""
    notice = session.get(Notice, number)
    if notice is None:
        raise Invalid(f"There is no notice {number}.")
    return notice


COMMANDS = (notice,)
