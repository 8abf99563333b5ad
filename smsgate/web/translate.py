"""`smsgate translate`: a local page on which a speaker of a language reads the phone texts and improves them.

It needs no account and no database, and loads nothing external. Each saved text is written to the file at once.
"""

from __future__ import annotations

import io
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.pofile import PoFileError, read_po
from flask import Flask, Response, abort, render_template, request
from werkzeug.exceptions import BadRequest

from smsgate.core.errors import Invalid
from smsgate.core.i18n import LANGUAGES
from smsgate.flows.checks.review import Review
from smsgate.web.hooks.guard import is_on_this_machine
from smsgate.web.security_headers import security_headers

HEADERS = security_headers(script_src="'self'", style_src="'self'", connect_src="'self'")


def create_translate_app(language: str, file: Path) -> Flask:
    """Return the app for a language. It saves to `file`, a catalogue to hand back, and resumes from what is there.

    Raise Invalid if the file is not a catalogue.
    """
    review = Review(language, _earlier(file, language))
    app = Flask(__name__, static_folder="static/translate", static_url_path="/static")
    app.add_url_rule("/", "page", lambda: _page(review, file))
    app.add_url_rule("/check", "check", lambda: {"faults": _faults(review)}, methods=["POST"])
    app.add_url_rule("/save", "save", lambda: _save(review, file), methods=["POST"])
    app.add_url_rule("/catalogue.po", "po", lambda: Response(review.as_po(), mimetype="text/x-gettext-translation"))
    app.before_request(_guard)
    app.after_request(_with_headers)
    return app


def _earlier(file: Path, language: str) -> Catalog | None:
    if not file.exists():
        return None
    try:
        return read_po(io.BytesIO(file.read_bytes()), locale=language, abort_invalid=True)
    except (PoFileError, ValueError):
        raise Invalid(f"{file} is no catalogue. Move it away, or save to another file with --file.") from None


def _guard() -> None:
    """Abort with 404 unless the browser is on this machine and a post is JSON, which other sites' forms can't send."""
    if not is_on_this_machine(request) or (request.method == "POST" and not request.is_json):
        abort(404)


def _with_headers(response: Response) -> Response:
    response.headers.update(HEADERS)
    return response


def _page(review: Review, file: Path) -> str:
    return render_template(
        "translate.html", entries=review.entries(), language=LANGUAGES[review.language], code=review.language, file=file
    )


def _words() -> tuple[str, list[str]]:
    match request.get_json():
        case {"key": str(key), "forms": [str(), *_] as forms} if all(isinstance(form, str) for form in forms):
            return key, forms
    raise BadRequest


def _faults(review: Review) -> list[str]:
    try:
        return review.faults(*_words())
    except KeyError:
        abort(404)


def _save(review: Review, file: Path) -> tuple[dict[str, list[str]], int]:
    faults = _faults(review)
    if faults:
        return {"faults": faults}, 422
    review.save(*_words())
    file.write_bytes(review.as_po())
    return {"faults": []}, 200
