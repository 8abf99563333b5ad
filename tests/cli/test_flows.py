"""Importing and exporting flows, as an operator types it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from smsgate import cli
from smsgate.models import Group
from smsgate.service import Service
from smsgate.surveys import surveys
from smsgate.surveys.definitions import yaml_files
from smsgate.surveys.definitions.schema import parse_definition
from tests.support.command_line import Typed
from tests.support.people import Phone
from tests.support.rapidpro import flow, says, waits, words
from tests.support.stories import joins
from tests.support.surveys import RIDE

TEA = flow(
    says("q", "Tea? 1. Yes 2. No", "w", attachments=["image:x"]), waits("w", "Tea", words("Y", "1"), words("N", "2"))
)


def written(folder: Path, data: Any, name: str = "export.json") -> str:
    path = folder / name
    path.write_text(data if isinstance(data, str) else json.dumps(data), encoding="utf-8")
    return str(path)


def run(*arguments: str) -> Result:
    assert isinstance(cli.smsgate, click.Command)
    return CliRunner().invoke(cli.smsgate, list(arguments))


def test_a_flow_comes_in_and_what_stays_behind_is_told(tmp_path: Path) -> None:
    done = run("flow", "import", written(tmp_path, TEA))
    assert done.exit_code == 0, done.output
    assert parse_definition(yaml_files.load(done.stdout.encode()))["steps"][0]["choose"] == {"en": "Tea?"}
    assert "“Tea? 1. Yes 2. No”: pictures, sound or files are left out." in done.stderr


def test_one_of_many_is_picked(tmp_path: Path) -> None:
    path = written(
        tmp_path, {"version": "13", "flows": [TEA, flow(says("q", "Bonjour"), name="Salut", language="fra")]}
    )
    done = run("flow", "import", path)
    assert done.exit_code == 2
    assert "1  Tea time  (eng)" in done.stderr
    assert "This file has 2 flows: choose one. Say which with --flow NUMBER." in done.stderr
    assert "2  Salut  (fra)" in run("flow", "import", path, "--list").stdout
    assert "Bonjour" in run("flow", "import", path, "--flow", "salut").stdout
    assert "no flow called 9" in run("flow", "import", path, "--flow", "9").stderr


def test_a_language_is_named(tmp_path: Path) -> None:
    path = written(tmp_path, flow(says("q", "Hola"), language="spa"))
    done = run("flow", "import", path)
    assert done.exit_code == 2
    assert "For example: --language spa=en" in done.stderr
    assert "en: Hola" in run("flow", "import", path, "--language", "spa=en").stdout
    for wrong in ("spa", "spa=xx"):
        done = run("flow", "import", path, "--language", wrong)
        assert done.exit_code == 2
        assert "Write --language CODE=LANGUAGE" in done.stderr


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"flows": []}', '{"flows": [{"rule_sets": [], "action_sets": []}]}', "x: ["]
)
def test_a_file_that_cannot_be_imported_is_told_in_words(tmp_path: Path, content: str) -> None:
    done = run("flow", "import", written(tmp_path, content))
    assert done.exit_code == 2, done.output
    assert done.stderr
    assert done.exception is None or isinstance(done.exception, SystemExit)


def test_a_flow_goes_out_of_a_file_and_of_a_group(types: Typed, group: Group, tmp_path: Path) -> None:
    path = written(tmp_path, yaml_files.dump(RIDE), "ride.yaml")
    exported = json.loads(types("flow", "export", path))
    assert exported["flows"][0]["spec_version"] == "13.1.0"
    types("flow", "publish", "4521", path)
    again = written(tmp_path, types("flow", "export", "1"))
    types("flow", "publish", "4521", path)
    assert parse_definition(yaml_files.load(types("flow", "import", again).encode())) == parse_definition(RIDE)
    assert "There is no flow 77" in types("flow", "export", "77", refused=True)
    assert "no flow has that number" in types("flow", "export", "nowhere.yaml", refused=True)


def test_answers_of_an_archived_flow_are_still_read(
    types: Typed, amina: Phone, group: Group, service: Service, tmp_path: Path
) -> None:
    joins(amina)
    path = written(tmp_path, yaml_files.dump(RIDE), "ride.yaml")
    types("flow", "publish", "4521", path, "--dial", "712")
    amina.dials("*384*77*712#", "2", "home")
    types("flow", "archive", "1")
    assert "seek,home" in types("flow", "answers", "1", "--csv")
    assert "I seek a ride" in types("flow", "answers", "1")
    assert "There is no flow 1" in types("flow", "send", "1", refused=True)


def test_a_file_does_not_overwrite_what_somebody_is_writing_in_the_console(
    types: Typed, service: Service, group: Group, tmp_path: Path
) -> None:
    path = written(tmp_path, yaml_files.dump(RIDE), "ride.yaml")
    types("flow", "publish", "4521", path)
    with service.database.transaction() as session:
        (survey,) = surveys.surveys_of(session, group.id)
        surveys.save_draft(session, survey, {**RIDE, "keep_days": 77}, survey.draft_number)
    assert "--overwrite" in types("flow", "publish", "4521", path, refused=True)
    with service.database.reading() as session:
        assert surveys.draft_of(surveys.surveys_of(session, group.id)[0])["keep_days"] == 77
    types("flow", "publish", "4521", path, "--overwrite")
