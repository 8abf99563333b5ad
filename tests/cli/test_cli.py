"""The `smsgate` command, as an operator types it."""

from __future__ import annotations

import json
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from flask import Flask
from rich.console import Console

from smsgate import cli
from smsgate.gateways.rehearsal.provider import Provider
from smsgate.models import Group, Meeting
from tests.support.command_line import A_LINE, NEEDED, Typed
from tests.support.people import Clock, Phone, passes
from tests.support.phone_network import listening
from tests.support.stores import KEY
from tests.support.stories import agrees, joins


def test_groups_are_made_listed_and_closed(types: Typed) -> None:
    assert "Tumaini has the code 4521" in types("group", "add", "Tumaini", "--code", "4521", "--listed")
    assert "has the code" in types("group", "add", " Pamoja   nasi ")
    assert "dial *384*77*452#" in types("group", "add", "Upendo", "--code", "452")
    shown = types("group", "list")
    for name in ("Tumaini", "Upendo", "Pamoja nasi", "none", "Africa/Nairobi"):
        assert name in shown
    assert "Tumaini is closed" in types("group", "close", "4521")
    assert "No group has the code 1111" in types("group", "close", "1111", refused=True)


def test_a_group_is_joined_as_it_wishes(types: Typed, group: Group, amina: Phone, juma: Phone) -> None:
    assert "People join Tumaini at once. It uses en, sw, fr" in types("group", "joining", "4521")
    said = types("group", "joining", "4521", "--by-approval", "--language", "sw", "--language", "en")
    assert "after a leader approves. It uses en, sw" in said
    assert "It uses en, sw, fr" in types("group", "joining", "4521", "--all-languages")
    assert "The languages are" in types("group", "joining", "4521", "--language", "xx", refused=True)
    assert "en: Tea is ready." in types("group", "welcome", "4521", "en", "Tea is ready.")
    assert "at most 100" in types("group", "welcome", "4521", "en", "x" * 101, refused=True)
    for person in (amina, juma):
        person.dials("*384*77*4521#", "1", "1", "1", "1")
        person.sees("You have asked")
    assert "Somebody" in types("group", "requests", "4521")
    assert amina.number[-4:] not in types("group", "requests", "4521")
    types("group", "requests", "4521", "--let-in", "1")
    assert types("group", "requests", "4521", "--decline", "2") == "Nobody is asking to join.\n"
    assert "has let you in" in amina.reads()[-1]
    assert "take you in for now" in juma.reads()[-1]
    assert "Nobody with the number 1" in types("group", "requests", "4521", "--let-in", "1", refused=True)
    assert "has no welcome" in types("group", "welcome", "4521", "en", "")


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("Other", "--code", "4521"), "The code 4521 is taken"),
        (("Other", "--code", "12"), "3 to 8 digits"),
        (("Other", "--code", "12a4"), "3 to 8 digits"),
        (("Other", "--code", "١٢٣٤"), "3 to 8 digits"),
        (("Other", "--zone", "Africa/Atlantis"), "no time zone"),
        (("Other", "--zone", "../../etc/passwd"), "no time zone"),
        (("Other", "--zone", ""), "no time zone"),
        (("Other", "--zone", "Africa"), "no time zone"),
        (("",), "1 to 30 characters"),
        (("x" * 31,), "1 to 30 characters"),
    ],
)
def test_a_group_that_cannot_be(types: Typed, group: Group, words: tuple[str, ...], said: str) -> None:
    assert said in types("group", "add", *words, refused=True)


def test_meetings_are_planned_moved_and_cancelled(types: Typed, group: Group, amina: Phone) -> None:
    joins(amina)
    assert "Meeting 1 is planned" in types("meeting", "add", "4521", "2099-12-01 14:00", "--place", "The hall")
    shown = types("meeting", "list", "4521")
    assert "2099-12-01" in shown
    assert "The hall" in shown
    assert "Moved. 1 person told" in types("meeting", "move", "1", "2099-12-02 14:00")
    assert "already" in types("meeting", "move", "1", "2099-12-02 14:00", refused=True)
    assert "Cancelled. 1 person told" in types("meeting", "cancel", "1")
    assert "cancelled" in types("meeting", "cancel", "1", refused=True)
    assert "cancelled" in types("meeting", "move", "1", "2099-12-03 14:00", refused=True)
    assert "no meeting 77" in types("meeting", "cancel", "77", refused=True)
    assert "2099" not in types("meeting", "list", "4521")


@pytest.mark.parametrize(
    ("when", "said"),
    [
        ("2099-12-01 25:00", "isn't a date and time"),
        ("2099-02-30 14:00", "isn't a date and time"),
        ("tomorrow", "isn't a date and time"),
        ("", "isn't a date and time"),
        ("2001-12-01 14:00", "in the past"),
        ("0001-01-01 00:00", "in the past"),
    ],
)
def test_a_time_that_cannot_be(types: Typed, group: Group, meeting: Meeting, when: str, said: str) -> None:
    assert said in types("meeting", "add", "4521", when, refused=True)
    assert said in types("meeting", "move", str(meeting.id), when, refused=True)


def test_a_notice_is_priced_sent_seen_and_stopped(types: Typed, group: Group, amina: Phone) -> None:
    joins(amina)
    assert "characters, 1 SMS for each of 1 people" in types(
        "notice", "send", "4521", "Bring a cup", answer="n\n", refused=True
    )
    assert "leaves at once, to 1 person" in types("notice", "send", "4521", "Bring a cup", answer="y\n")
    assert "waiting" in types("notice", "show", "1")
    amina.hears("Bring a cup")
    assert "sent" in types("notice", "show", "1")
    assert "Stopped" in types("notice", "stop", "1")
    assert "no notice 7" in types("notice", "show", "7", refused=True)


def test_quiet_hours_are_shown_set_and_ended(types: Typed, group: Group) -> None:
    assert "quiet hours 21:00-07:00, in Africa/Nairobi" in types("group", "quiet", "4521")
    assert "quiet hours 22:30-06:00" in types("group", "quiet", "4521", "22:30", "06:00")
    for wrong in (("22:30",), ("25:00", "06:00"), ("late", "early")):
        assert "isn't a time of day" in types("group", "quiet", "4521", *wrong, refused=True)
    assert "up to 16 hours" in types("group", "quiet", "4521", "07:00", "07:00", refused=True)
    assert "quiet hours none" in types("group", "quiet", "4521", "--none")
    assert "quiet hours none" in types("group", "quiet", "4521")


def test_what_is_said_at_night_is_seen_to_wait(types: Typed, group: Group, amina: Phone, operator: Clock) -> None:
    joins(amina)
    assert "No scheduler has run yet" in types("outbox")
    types("meeting", "add", "4521", "2099-12-01 14:00")
    operator.time = datetime(2026, 11, 23, 19, 0, tzinfo=UTC)  # ten in the evening
    at_seven = "when the quiet hours end, at 07:00"
    assert f"leaves {at_seven}, to 1 person" in types("notice", "send", "4521", "Bring a cup", "--yes")
    assert f"1 person told {at_seven}." in types("meeting", "move", "1", "2099-12-01 15:00")
    assert "1 person told at once." in types("meeting", "move", "1", "2026-11-24 06:00")
    amina.hears("is now Tue 24 Nov 06:00")
    shown = types("notice", "show", "1")
    assert "QuietHours" in shown
    assert "Tue 24 Nov 07:0" in shown
    passes(amina.service, operator, hours=3)
    shown = types("outbox")
    assert "Tue 24 Nov 04:0" in shown
    assert "last ran at 2026-11-23 22:00:00 UTC" in shown


def test_a_stopped_notice_does_not_leave(types: Typed, group: Group, amina: Phone) -> None:
    joins(amina)
    types("notice", "send", "4521", "Bring a cup", "--yes")
    types("notice", "stop", "1")
    amina.hears_nothing_new()


def test_what_a_notice_may_hold(types: Typed, group: Group, amina: Phone) -> None:
    joins(amina)
    for empty in ("", "  \n "):
        assert "empty" in types("notice", "send", "4521", empty, "--yes", refused=True)
    assert "at most 640" in types("notice", "send", "4521", "x" * 2000, "--yes", refused=True)
    assert "double" not in types("notice", "send", "4521", "It’s “on” – come…", "--yes")
    amina.hears('It\'s "on" - come...')
    assert "🙂" in types("notice", "send", "4521", "Come 🙂", "--yes")
    amina.hears("Come 🙂")
    said = types("notice", "send", "4521", "Friday\u200b: Łukasz, ½ past", "--yes")
    assert "An invisible character after 'Friday' is left out." in said
    assert "Ł is replaced by L" in said
    assert "½ is replaced by 1/2" in said
    amina.hears("Friday: Lukasz, 1/2 past")
    assert "double the price: ŋ" in types("notice", "send", "4521", "Cokcaŋ\u2060", "--yes")
    amina.hears("Cokcaŋ")


def test_small_counts_point_to_nobody(types: Typed, group: Group, amina: Phone, phone: Callable[[str], Phone]) -> None:
    assert types("member", "count") == "none\n"
    joins(amina)
    assert types("member", "count") == "fewer than 5\n"
    assert types("member", "count", "4521") == "fewer than 5\n"
    for number in range(5):
        joins(phone(f"+25471200000{number}"))
    assert types("member", "count", "4521") == "6\n"
    assert "No group" in types("member", "count", "9", refused=True)


def test_all_that_is_kept_is_handed_over(
    types: Typed, group: Group, meeting: Meeting, amina: Phone, juma: Phone, tmp_path: Path
) -> None:
    joins(amina)
    agrees(amina, juma, "Juma")
    file = tmp_path / "amina.json"
    file.write_text("old")
    file.chmod(0o644)
    types("export", "0711000001", str(file))
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    kept = json.loads(file.read_text())
    assert kept["number"] == "+254711000001"
    assert kept["member"]["name"] == "Amina"
    assert kept["member"]["groups"] == ["Tumaini"]
    assert kept["member"]["people"] == [
        {"number": "+254711000002", "name": "Juma", "agreed": "yes", "as_leader": False}
    ]
    assert kept["agreed_to"]
    assert "Nothing is stored" in types("export", "0711000009", str(tmp_path / "x"), refused=True)
    assert "isn't a phone number" in types("export", "12", str(tmp_path / "x"), refused=True)


def test_nobody_is_said_to_be_erased_while_redis_may_hold_their_dialogue(
    types: Typed, group: Group, amina: Phone, monkeypatch: pytest.MonkeyPatch
) -> None:
    joins(amina)
    amina.dials()
    with monkeypatch.context() as away:
        away.setenv("REDIS_URL", "redis://127.0.0.1:1")
        assert "Redis cannot be reached" in types("erase", "+254711000001", "--yes", refused=True)
    assert "Erased" in types("erase", "+254711000001", "--yes")


def test_one_who_asks_is_erased(types: Typed, group: Group, amina: Phone) -> None:
    joins(amina)
    types("erase", "+254711000001", answer="n\n", refused=True)
    assert types("member", "count") == "fewer than 5\n"
    assert "Erased" in types("erase", "+254711000001", answer="y\n")
    assert types("member", "count") == "none\n"
    assert "Nothing is stored" in types("erase", "+254711000001", "--yes", refused=True)
    amina.dials()
    amina.sees("Welcome / Karibu")


@pytest.mark.by_night
def test_looking_after_it(types: Typed, monkeypatch: pytest.MonkeyPatch, group: Group, amina: Phone) -> None:
    joins(amina)
    assert "ready" in types("migrate")
    assert "KE has no number to call" in types("check")
    types(*A_LINE)
    assert "All is well" in types("check")
    assert "All is well" in types("check", "catalogues")
    monkeypatch.setenv("SMSGATE_KEYS", f"{'b' * 64},{KEY}")
    assert "Put a + before it" in types("rotate", refused=True)
    monkeypatch.setenv("SMSGATE_KEYS", f"+{'b' * 64},{KEY}")
    assert "All is well" in types("check")
    monkeypatch.setenv("SMSGATE_KEYS", f"{'b' * 64},{KEY}")
    assert "encrypted again" in types("rotate")
    monkeypatch.setenv("SMSGATE_KEYS", "b" * 64)
    assert "All is well" in types("check")
    monkeypatch.setenv("SMSGATE_KEYS", KEY)
    assert "right key" in types("check", refused=True)
    assert "right key" in types("migrate", refused=True)
    monkeypatch.setenv("REDIS_URL", "redis://127.0.0.1:1")
    assert "Redis cannot be reached" in types("check", refused=True)
    monkeypatch.setenv("DATABASE_URL", "postgresql://x@127.0.0.1:1/x")
    assert "database cannot be reached" in types("check", refused=True)
    for words in (("group", "list"), ("rotate",), ("migrate",), ("web",)):
        assert "database cannot be reached" in types(*words, refused=True)


def test_check_asks_the_gateway(types: Typed, monkeypatch: pytest.MonkeyPatch, carrier: Provider) -> None:
    types(*A_LINE)
    for name, value in (("USERNAME", "x"), ("API_KEY", "key"), ("URL", carrier.url)):
        monkeypatch.setenv(f"AFRICASTALKING_{name}", value)
    monkeypatch.setenv("SMSGATE_GATEWAY", "africastalking")
    said = types("check")
    assert said.endswith("Everything is reachable and in order.\n")
    assert "No backup was ever made. Set SMSGATE_BACKUP_KEY." in said
    monkeypatch.setenv("AFRICASTALKING_URL", "http://127.0.0.1:1")
    assert "The gateway africastalking cannot be reached" in types("check", refused=True)


def test_times_say_whose_clock_they_go_by(types: Typed, group: Group) -> None:
    assert "due (UTC)" in types("outbox")
    types("notice", "send", "4521", "Bring a cup", "--yes")
    assert "due (Africa/Nairobi)" in types("notice", "show", "1")


def test_a_phone_in_a_terminal_needs_a_number_and_a_service(types: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "1")
    assert "No service answers at http://127.0.0.1:1." in types("talk", "0711000002", refused=True)
    assert "isn't a phone number" in types("talk", "0711", refused=True)


def test_texts_come_to_a_number_however_it_is_typed(
    types: Typed, app: Flask, amina: Phone, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock.time = datetime.now(UTC)  # the phone in the terminal dates its texts by the real clock
    lines = iter(("/sms HELP", "/texts"))
    shown: list[str] = []

    def typing(console: Console, *_args: object) -> str:
        line = next(lines, "")
        if not line:
            raise EOFError
        if line == "/texts":
            amina.reads()  # runs the workers
        return line

    monkeypatch.setattr(Console, "input", typing)
    with listening(app) as address:
        monkeypatch.setenv("PORT", address.rpartition(":")[2])
        shown.append(types("talk", "0711 000 001"))
    assert "A phone with +254711000001" in shown[0]
    assert "SMS, " in shown[0]


@pytest.mark.parametrize("gone", NEEDED)
def test_a_missing_setting_is_named(types: Typed, monkeypatch: pytest.MonkeyPatch, gone: str) -> None:
    monkeypatch.setenv(gone, "")
    assert f"missing: {gone}." in types("group", "list", refused=True)


def test_all_missing_settings_are_named_at_once(types: Typed, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in NEEDED:
        monkeypatch.delenv(name)
    said = types("check", refused=True)
    assert all(name in said for name in NEEDED)


def commands(command: click.Command, path: str = "smsgate") -> list[tuple[str, click.Command]]:
    below = command.commands.items() if isinstance(command, click.Group) else ()
    return [(path, command), *(one for name, sub in below for one in commands(sub, f"{path} {name}"))]


@pytest.mark.parametrize(("path", "command"), commands(cli.smsgate))
def test_every_command_explains_itself(path: str, command: click.Command) -> None:
    assert command.help
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"{path} {option.opts[0]}"
        else:
            assert option.human_readable_name.upper() in command.help.upper() or path == "smsgate check", path
    assert CliRunner().invoke(cli.smsgate, [*path.split()[1:], "--help"]).exit_code == 0
