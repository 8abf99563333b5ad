"""The example proxy configurations in `deploy/`, tried with the proxies that are installed."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from bench import house
from bench.processes import ROOT, free_port, listening, running
from smsgate.groups import number_files
from smsgate.web.console.groups.invitations import FORM_AROUND, UPLOADS
from smsgate.web.console.surveys.imports import ROOM, WITH_FILES
from tests.support.installation import settings
from tests.support.tls import self_signed
from tests.support.waiting import Stopwatch

pytestmark = [
    pytest.mark.xdist_group("processes"),
    pytest.mark.parametrize("database_url", ["sqlite"], indirect=True),
]
IDLE, SOON = 200, 1.0
LARGEST = max(number_files.MOST_BYTES + FORM_AROUND, ROOM)  # bytes that a form of the console takes
DIAL = b"sessionId=s1&phoneNumber=%2B254711000001&serviceCode=*384*77%23&text="


@pytest.fixture
def web(database_url: str, redis_url: str) -> Iterator[int]:
    port = free_port()
    env = settings(database_url, redis_url, "http://127.0.0.1:1", PORT=str(port), SMSGATE_PROXIES="1")
    with running(["smsgate", "web"], env):
        listening(port, 90)
        yield port


@pytest.mark.by_night
@pytest.mark.skipif(not shutil.which("nginx"), reason="nginx is not installed")
def test_nginx_buffers(web: int, tmp_path: Path) -> None:
    port, plain = free_port(), free_port()
    certificate = self_signed(tmp_path / "both.pem")
    words = (ROOT / "deploy" / "nginx.conf").read_text()
    for was, now in (
        ("127.0.0.1:8000", f"127.0.0.1:{web}"),
        ("listen 443", f"listen 127.0.0.1:{port}"),
        ("listen 80", f"listen 127.0.0.1:{plain}"),
        ("/etc/letsencrypt/live/sms.example.org/fullchain.pem", str(certificate)),
        ("/etc/letsencrypt/live/sms.example.org/privkey.pem", str(certificate)),
    ):
        assert was in words
        words = words.replace(was, now)
    (tmp_path / "nginx.conf").write_text(f"daemon off; pid {tmp_path}/pid; error_log stderr;\n{words}")
    command = ["nginx", "-e", "stderr", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    subprocess.run([*command, "-t"], check=True, capture_output=True)
    proxy = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    try:
        listening(port)
        strangers = [socket.create_connection(("127.0.0.1", port), 5) for _one in range(IDLE)]
        watch = Stopwatch()
        assert _dials(port).startswith("CON ")
        assert watch.seconds() < SOON
        assert _status(port, "/console/groups/4521/invitations/file", b"n" * LARGEST) != 413, "smsgate says so itself"
        assert _status(port, f"{house.HOOKS}/ussd", b"n" * 300_000) == 413
        for stranger in strangers:
            stranger.close()
    finally:
        proxy.terminate()
        proxy.wait(15)


def _dials(port: int) -> str:
    return _posts(port, f"{house.HOOKS}/ussd", DIAL)


def _posts(port: int, path: str, body: bytes) -> str:
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with urllib.request.urlopen(f"https://127.0.0.1:{port}{path}", body, timeout=30, context=trusting) as answer:
        return str(answer.read().decode())


def _status(port: int, path: str, body: bytes) -> int:
    try:
        _posts(port, path, body)
    except urllib.error.HTTPError as refused:
        return refused.code
    return 200


@pytest.mark.parametrize(
    ("file", "limit", "unit"),
    [
        ("nginx.conf", r"location (/console/\S*) \{\s+client_max_body_size (\d+)m;", 1024 * 1024),
        ("Caddyfile", r"@files path (/console/\S*)\*\s[^}]*?max_size (\d+)MB", 1_000_000),
    ],
)
def test_files_for_the_console_pass(app: Flask, file: str, limit: str, unit: int) -> None:
    found = re.search(limit, (ROOT / "deploy" / file).read_text())
    assert found
    assert int(found[2]) * unit > LARGEST
    paths = [rule.rule for rule in app.console.url_map.iter_rules() if rule.endpoint in (*UPLOADS, *WITH_FILES)]  # type: ignore[attr-defined]
    assert paths
    assert all(path.startswith(found[1]) for path in paths), paths


@pytest.mark.skipif(not shutil.which("caddy"), reason="Caddy is not installed")
def test_caddy_reads_its_file(web: int, tmp_path: Path) -> None:
    file = tmp_path / "Caddyfile"
    shutil.copy(ROOT / "deploy" / "Caddyfile", file)
    subprocess.run(["caddy", "validate", "--adapter", "caddyfile", "--config", str(file)], check=True)
