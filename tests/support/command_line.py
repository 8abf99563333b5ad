"""The command line, as an operator types commands and reads the output."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from click.testing import CliRunner

from smsgate import cli, service
from smsgate.service import wire
from tests.support.people import TOKEN, Clock
from tests.support.stores import KEY

Typed = Callable[..., str]
NEEDED = ("DATABASE_URL", "REDIS_URL", "SMSGATE_HOOK_TOKENS", "SMSGATE_KEYS", "SMSGATE_GATEWAY")
A_LINE = ("line", "add", "KE", "000 000", "Befrienders", "--source", "their site", "--verified", "2026-11-20")


@pytest.fixture
def operator(database_url: str, redis_url: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: Clock) -> Clock:
    """Put an operator at the machine: in an empty folder, with this test's settings and clock."""
    monkeypatch.chdir(tmp_path)
    for name, value in zip(NEEDED, (database_url, redis_url, TOKEN, KEY, "simulator"), strict=True):
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(service, "wire", partial(wire, now=clock.now))
    return clock


@pytest.fixture
def types(operator: Clock, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Typed:
    """Return a function that types a command and returns its output; with `refused`, its error, without a traceback."""

    def run(*words: str, refused: bool = False, answer: str | None = None) -> str:
        if answer is not None:
            done = CliRunner().invoke(cli.smsgate, list(words), input=answer)
            assert done.exit_code == int(refused), done.output
            return done.output
        capsys.readouterr()
        monkeypatch.setattr("sys.argv", ["smsgate", *words])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        said = capsys.readouterr()
        assert bool(ended.value.code) is refused, said
        if refused:
            assert "Traceback" not in said.err
            assert said.err
        return said.err if refused else said.out

    return run
