"""Pages with a row that can't be read: shown again without it, with a sentence that says so.

A page is read as usual first. Only if that fails with an error of our own is it read once more, past the bad row. Forms
are never handled like that: nothing is changed or sent on a guess.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

import structlog
from flask import Flask, request
from sqlalchemy.exc import SQLAlchemyError
from werkzeug.exceptions import HTTPException

from smsgate.core.errors import Invalid
from smsgate.core.reading import gaps
from smsgate.web.console.accounts.permissions import Forbidden, NotFound
from smsgate.web.console.text import _

log = structlog.get_logger()
ANSWERED = (HTTPException, NotFound, Forbidden, Invalid, SQLAlchemyError)  # not because of what a row holds
View = Callable[..., Any]


def show_the_rest(app: Flask) -> None:
    """Make every page of the console show the rest if single rows of it can't be read."""
    for endpoint, view in app.view_functions.items():
        app.view_functions[endpoint] = _reading_on(view)


def _reading_on(view: View) -> View:
    @wraps(view)
    def page(**values: Any) -> Any:  # noqa: ANN401 - what views return
        try:
            return view(**values)
        except ANSWERED:
            raise
        except Exception as error:
            if request.method == "POST" or (rest := _rest(view, values)) is None:
                raise
            log.error("console_row_unreadable", endpoint=request.endpoint, error=type(error).__name__)
            return rest

    return page


def _rest(view: View, values: dict[str, Any]) -> Any:  # noqa: ANN401 - what views return
    """Return the page without what can't be read; None if it fails all the same."""
    with gaps.reading_on(lambda _purpose: _("(can't be read)")) as here:
        try:
            answer = view(**values)
        except Exception:  # noqa: BLE001 - the first error is the one to report
            return None
    return answer if here.found else None
