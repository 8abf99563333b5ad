"""`smsgate translate`: the page where a speaker reads and improves the phone texts."""

from __future__ import annotations

from pathlib import Path

import click

from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES, SOURCE

LOCAL = "127.0.0.1"


@click.command(epilog="Example: smsgate translate sw")
@click.argument("language", type=click.Choice([code for code in LANGUAGES if code != SOURCE]))
@click.option("--port", type=click.IntRange(1, 65535), default=8321, show_default=True, help="The port of the page.")
@click.option("--file", type=click.Path(dir_okay=False, path_type=Path), help="Where to save. Left out: LANGUAGE.po.")
def translate(language: str, port: int, file: Path | None) -> None:
    """Open a page on this machine to read and improve the phone texts in LANGUAGE."""
    from werkzeug.serving import make_server

    from smsgate.web.translate import create_translate_app

    saved = file or Path(f"{language}.po")
    if not saved.parent.is_dir():
        raise Invalid(f"There is no folder {saved.parent}.")
    with make_server(LOCAL, port, create_translate_app(language, saved), threaded=True) as server:
        click.echo(
            f"Open http://{LOCAL}:{server.server_port}/ in a browser. What you save goes to {saved}. Ctrl-C ends."
        )
        server.serve_forever()


COMMANDS = (translate,)
