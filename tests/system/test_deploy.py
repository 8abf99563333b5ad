"""The files in `deploy/` for monitoring and systemd: alerts use existing metrics, units are right and sandboxed."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
from configparser import ConfigParser
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner
from flask.testing import FlaskClient

from smsgate import cli
from smsgate.cli.backups import LATE
from smsgate.models import scheduler_runs
from smsgate.service import Service
from smsgate.web.probes import LOW_BYTES

ROOT = Path(__file__).resolve().parents[2]
UNITS = ROOT / "deploy" / "systemd"
ALERTS = ROOT / "deploy" / "prometheus-alerts.yml"
LANES = ("inbound", "urgent", "normal", "bulk")
PROGRAM = "/srv/smsgate/.venv/bin/smsgate"
MOST_EXPOSED = 2.5  # of 10, by systemd's own score
systemd = pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd is not installed")


def read(name: str) -> ConfigParser:
    """Read a unit; if an option occurs twice, the last one counts."""
    parser = ConfigParser(strict=False, interpolation=None)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    parser.read(UNITS / name)
    return parser


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_alerts_read_figures_that_exist(client: FlaskClient, service: Service) -> None:
    with service.database.transaction() as session:
        for name in (scheduler_runs.BACKUP, "rounds"):
            scheduler_runs.record_run(session, name, service.now())
    shown = client.get("/metrics", headers={"Authorization": f"Bearer {'m' * 20}"}).text
    figures = set(re.findall(r"^# TYPE (smsgate_\w+)", shown, re.MULTILINE))
    rules = [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    assert len({rule["alert"] for rule in rules}) == len(rules)
    for rule in rules:
        assert set(re.findall(r"smsgate_\w+", rule["expr"])) <= figures, rule["alert"]
        for label, value in re.findall(r'(\w+)!?="(\w+)"', rule["expr"]):
            assert f'{label}="{value}"' in shown, rule["alert"]
        assert rule["labels"]["severity"] in {"urgent", "warning"}
        assert rule["annotations"]["summary"]
        for page in re.findall(r"docs/\S+\.md", rule["annotations"]["summary"]):
            assert (ROOT / page).is_file(), rule["alert"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_figures_that_come_with_the_first_run_are_missed_by_an_alert(client: FlaskClient) -> None:
    """A comparison with a figure that is not there is silent: `absent` tells of what never ran."""
    shown = client.get("/metrics", headers={"Authorization": f"Bearer {'m' * 20}"}).text
    expressions = [rule["expr"] for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]
    assert "\nsmsgate_members 0.0" in shown
    dated = {name for one in expressions for name in re.findall(r"smsgate_\w+_timestamp_seconds", one)}
    missing = {name for name in dated if f"\n{name}" not in shown}
    assert missing
    for name in missing:
        assert any(f"absent({name}) and on() smsgate_members" in one for one in expressions), name


SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
UNITS_SAID = {"second": 1, "minute": 60, "hour": 3600, "day": 86_400, "MB": 2**20, "wrong": 1}


def figures_of(rule: dict[str, str]) -> set[int]:
    """Return what a rule compares with, other than 0 and 1 and shares, and for how many seconds it has to be so."""
    compared = {int(one) for one in re.findall(r"[<>] (\d+)", rule["expr"])} - {0}
    return compared | {int(many) * SECONDS[unit] for many, unit in re.findall(r"(\d+)(\w)", rule.get("for", ""))}


def figures_said(words: str) -> set[int]:
    counted = re.findall(r"(\d+) (second|minute|hour|day|MB)s?\b", words)
    return {int(many) * UNITS_SAID[unit] for many, unit in counted} | {
        int(one) for one in re.findall(r"over (\d+) wrong", words)
    }


def test_the_page_on_what_to_watch_says_what_the_rules_do() -> None:
    rules = {rule["alert"]: rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]}
    page = (ROOT / "docs" / "operate" / "watch.md").read_text()
    said = dict(re.findall(r"^\| `(Smsgate\w+)` \| ([^|]*)", page, re.MULTILINE))
    assert list(said) == list(rules)
    for name, rule in rules.items():
        assert figures_said(said[name]) == figures_of(rule), name


def test_a_backup_is_late_and_a_disk_fills_up_for_the_service_when_they_do_for_the_rules() -> None:
    rules = {rule["alert"]: rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]}
    assert LATE.total_seconds() in figures_of(rules["SmsgateBackupLate"]) & figures_of(rules["SmsgateNoBackup"])
    assert LOW_BYTES in figures_of(rules["SmsgateDiskFillsUp"])


def started() -> dict[str, str]:
    """Return the command that each unit starts, by its name without the ending."""
    commands = {path.stem: read(path.name)["Service"]["ExecStart"] for path in UNITS.glob("*.service")}
    worker = commands.pop("smsgate-worker@")
    return commands | {f"smsgate-worker@{lane}": worker.replace("%i", lane) for lane in LANES}


def test_one_unit_for_each_process_and_one_target_for_all() -> None:
    processes = dict(line.split(": ", 1) for line in (ROOT / "Procfile").read_text().splitlines())
    ran = {command.removeprefix(f"{PROGRAM} ") for name, command in started().items() if "backup" not in name}
    assert ran == {command.removeprefix("smsgate ") for command in processes.values()}
    wanted = re.findall(r"(smsgate-[\w@]+)\.service", (UNITS / "smsgate.target").read_text())
    assert set(wanted) == set(started()) - {"smsgate-backup", "smsgate-migrate"}


def test_what_units_start_is_a_command() -> None:
    for command in started().values():
        program, *words = shlex.split(command)
        assert program == PROGRAM
        assert CliRunner().invoke(cli.smsgate, [words[0], "--help"]).exit_code == 0
    assert "backup --keep 14" in started()["smsgate-backup"]


@systemd
def test_systemd_finds_no_fault(tmp_path: Path) -> None:
    shutil.copytree(UNITS, tmp_path / "units")
    for unit in (tmp_path / "units").glob("*.service"):
        unit.write_text(unit.read_text().replace(PROGRAM, "/bin/true"))
    names = [*(f"{name}.service" for name in started()), "smsgate.target", "smsgate-backup.timer"]
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *names],
        capture_output=True, text=True, cwd=tmp_path / "units",
        env={"SYSTEMD_UNIT_PATH": f"{tmp_path / 'units'}:", "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert "smsgate" not in checked.stderr, checked.stderr
    assert checked.returncode == 0, checked.stderr


@systemd
@pytest.mark.parametrize("name", sorted(started()))
def test_units_may_do_little(name: str, tmp_path: Path) -> None:
    folder = tmp_path / "etc" / "systemd" / "system"
    shutil.copytree(UNITS, folder)
    judged = subprocess.run(
        ["systemd-analyze", "security", "--offline=yes", f"--root={tmp_path}", "--no-pager", f"{name}.service"],
        capture_output=True, text=True,
    )  # fmt: skip
    level = re.search(r"exposure level for \S+: ([\d.]+)", judged.stdout)
    assert level, judged.stderr
    assert float(level[1]) <= MOST_EXPOSED, judged.stdout
