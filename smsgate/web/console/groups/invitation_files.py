"""Inviting from a file of numbers: it is read, previewed, then invited; if unsure, we ask which column has the phones.

A short file is not stored in between: the page carries it in a hidden field and sends it back with the answer. A long
file goes to the workers (`number_imports.py`), which keep it encrypted until they are done.
"""

from __future__ import annotations

import io
import zlib
from base64 import b64decode, b64encode
from collections.abc import Sequence
from typing import TYPE_CHECKING, BinaryIO

from flask import Blueprint
from wtforms import HiddenField, SelectMultipleField

from smsgate.core.gsm7 import segments
from smsgate.core.i18n import LANGUAGES
from smsgate.core.phone_numbers import masked
from smsgate.flows.leader.audit_events import AuditEvent
from smsgate.groups import audit_log, invitations, number_files
from smsgate.groups.imports import number_imports
from smsgate.groups.number_columns import Column
from smsgate.groups.number_files import ParsedNumbers, Unreadable
from smsgate.models import MessageKind
from smsgate.notices import pricing
from smsgate.web.console.access import current_staff
from smsgate.web.console.confirm_change import ConfirmForm, leaves_text
from smsgate.web.console.fields import required
from smsgate.web.console.groups.invitations import InviteFileForm, listing_page, number_error
from smsgate.web.console.pages import Page, accept_once, already_done, redirect_to, render_page, the_group
from smsgate.web.console.text import _, ngettext

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from smsgate.models import Group
    from smsgate.service import Service

READ_AT_ONCE = 50_000  # bytes: longer files are read by the workers
RANGES_SHOWN = 400
LONGEST_SAMPLE = 40  # characters


class ColumnsForm(ConfirmForm):
    """The columns of a file to read, and the packed file itself."""

    columns = SelectMultipleField(
        coerce=int, validate_choice=False, validators=[required(lambda: _("Choose at least one column."))]
    )
    language = HiddenField()
    content = HiddenField()


def add_routes(routes: Blueprint, service: Service) -> None:
    """Add the routes for inviting from a file."""

    @routes.post("/groups/<code>/invitations/file")
    def invitation_file(code: str) -> Page:
        return _bring_file(service, code)

    @routes.post("/groups/<code>/invitations/file/columns")
    def invitation_columns(code: str) -> Page:
        return _choose_columns(service, code)


def _bring_file(service: Service, code: str) -> Page:
    form = InviteFileForm()
    with service.database.reading() as session:
        group = the_group(session, code, appointed=True)
        content = form.file.data.read() if form.validate() else None
        if content is not None and READ_AT_ONCE < len(content) <= number_files.MOST_BYTES:
            return _import(service, code, form, content)
        found = _read(form, io.BytesIO(content), service.settings.countries) if content is not None else None
        if content is None or found is None:
            return listing_page(service, session, group, 422, many=form)
    if not found.columns.sure:
        return ask_for_columns(found, content, form.language.data)
    read = [each.index for each in found.columns.read]
    return _review(service, code, found, columns_form(found.columns.read, read, content, form.language.data))


def _import(service: Service, code: str, form: InviteFileForm, content: bytes) -> Page:
    """Store a long file for the workers to read, and redirect to its progress page."""
    with service.database.transaction() as session:
        group = the_group(session, code, appointed=True)
        if not accept_once(session, form, service.now()):
            return already_done("invitations", code=code)
        one = number_imports.begin(session, group, content, form.language.data, service.now())
        number = one.id
    return redirect_to("number_import", code=code, number=number)


def _choose_columns(service: Service, code: str) -> Page:
    form = ColumnsForm()
    with service.database.reading() as session:
        group = the_group(session, code, appointed=True)
        again = InviteFileForm(formdata=None, language=form.language.data)
        content = _unpacked(form.content.data or "")
        found = _read(again, io.BytesIO(content), service.settings.countries, form.columns.data or ())
        if found is None or form.language.data not in LANGUAGES:
            return listing_page(service, session, group, 422, many=again)
    if not form.columns.data:
        return ask_for_columns(found, content, form.language.data, 422)
    if not form.is_confirmed():
        again = columns_form(found.columns.read, form.columns.data, content, form.language.data)
        return _review(service, code, found, again)
    return _invite(service, code, form, found)


def _read(
    form: InviteFileForm, file: BinaryIO, countries: tuple[str, ...], columns: Sequence[int] = ()
) -> ParsedNumbers | None:
    """Return the numbers in a file; if it cannot be read, set the field's error and return None."""
    try:
        return number_files.read(file, countries, columns)
    except Unreadable as error:
        form.file.errors = [file_error(error.reason)]
        return None


def _review(service: Service, code: str, found: ParsedNumbers, form: ColumnsForm) -> Page:
    """Preview what was read, how many would be invited, when and at what price; nobody is invited yet."""
    form.is_confirmed()  # stores the fingerprint of what is previewed
    with service.database.reading() as session:
        group = the_group(session, code, appointed=True)
        return render_review(service, session, group, found, form)


def render_review(
    service: Service, session: Session, group: Group, found: ParsedNumbers, form: ColumnsForm, action: str = ""
) -> Page:
    """Render the preview of what was read; its forms post to `action`, or carry the file themselves without one."""
    now, language = service.now(), form.language.data or ""
    people = min(len(found.numbers), invitations.room(session, group))
    words = invitations.words_for(group, language, service.settings.service_code)
    price = pricing.exact_cost(session, group.id, service.settings.price, people * segments(words))
    leaves = leaves_text(group, MessageKind.INVITATION, now + invitations.WORTH, now, now)
    others = tuple(each for each in found.columns.offered if each not in found.columns.read)
    return render_page(
        "invitations_read",
        form=form,
        people=people,
        over=len(found.numbers) - people,
        words=words,
        price=price,
        leaves=leaves,
        rows=found.rows,
        rows_taken=found.taken,
        bad=[
            (number_error(reason), len(lines), *number_files.ranges(lines, RANGES_SHOWN))
            for reason, lines in found.bad.items()
        ],
        columns=[column_name(each) for each in found.columns.read],
        examples=[masked(number) for number in found.numbers[:3]],
        daily=invitations.DAILY,
        others=columns_form(others, (), form.content.data or "", language) if others else None,
        action=action,
    )


def _invite(service: Service, code: str, form: ColumnsForm, found: ParsedNumbers) -> Page:
    now = service.now()
    with service.database.transaction() as session:
        group = the_group(session, code, appointed=True)
        if not accept_once(session, form, now):
            return already_done("invitations", code=code)
        taken = invitations.invite(session, group, found.numbers, form.language.data, now)
        audit_log.record(session, group.id, current_staff().phone_id, AuditEvent.INVITED_FILE, now, taken.taken)
    said = ngettext(
        "{count} number added. It gets one text.",
        "{count} numbers added. Each gets one text, up to {daily} a day.",
        taken.taken,
    )
    return redirect_to("invitations", said.format(count=taken.taken, daily=invitations.DAILY), code=code)


def ask_for_columns(
    found: ParsedNumbers, content: bytes | str, language: str, status: int = 200, action: str = ""
) -> Page:
    """Render the page that asks which columns have the phones."""
    read = [each.index for each in found.columns.read]
    form = columns_form(found.columns.offered, read, content, language)
    if status != 200:
        form.columns.errors = [_("Choose at least one column.")]
    return render_page("invitations_columns", status, form=form, action=action)


def columns_form(
    offered: Sequence[Column], read: Sequence[int] | None, content: bytes | str, language: str | None
) -> ColumnsForm:
    """Return a form that carries the file; `content` is packed if it is bytes, and taken as packed if a string."""
    packed = _packed(content) if isinstance(content, bytes) else content
    form = ColumnsForm(formdata=None, language=language, content=packed, columns=list(read or ()))
    form.columns.choices = [(each.index, f"{column_name(each)}: {_samples(each)}") for each in offered]
    return form


def column_name(column: Column) -> str:
    """Return the column's name in the file, or else its position."""
    return f"“{column.name[:LONGEST_SAMPLE]}”" if column.name else _("Column {number}").format(number=column.index + 1)


def _samples(column: Column) -> str:
    return " · ".join(" ".join(sample.split())[:LONGEST_SAMPLE] for sample in column.samples)


def _packed(content: bytes) -> str:
    return b64encode(zlib.compress(content)).decode()


def _unpacked(packed: str) -> bytes:
    """Return the file that the page carried; empty if someone tampered with it, as for one longer than pages carry."""
    try:
        content = zlib.decompressobj().decompress(b64decode(packed), READ_AT_ONCE + 1)
    except (ValueError, zlib.error):
        return b""
    return content if len(content) <= READ_AT_ONCE else b""


def file_error(reason: str) -> str:
    """Say why a file could not be read."""
    return {
        "spreadsheet": _("This is a spreadsheet. Open it, save it as CSV and upload that file."),
        "binary": _("This isn't a list of numbers. Upload a CSV file, or plain text with one number on each line."),
        "encoding": _("The letters in this file can't be read. Save it again as “CSV UTF-8” and upload that file."),
        "big": _("The file is too big. Keep only the numbers, or upload it in parts."),
        "empty": _("The file is empty."),
        "unread": _("This file can't be read. Save it again as CSV and upload that file."),
    }[reason]
