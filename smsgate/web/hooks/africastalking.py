"""The provider's callbacks. A wrong token gets a 404 and changes nothing; a USSD turn is answered even if it fails."""

from __future__ import annotations

import structlog
from flask import Blueprint, Response, request
from redis.exceptions import RedisError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from smsgate.conversations import missed_calls
from smsgate.conversations.sessions import Busy
from smsgate.conversations.sms import router
from smsgate.conversations.ussd import UssdCall, UssdService
from smsgate.core.phone_numbers import NotANumber, e164
from smsgate.core.reading.bad_rows import past_bad_rows
from smsgate.members import opt_out
from smsgate.outbox import delivery_reports
from smsgate.service import Service
from smsgate.web.hooks.fields import BadField, Form
from smsgate.web.hooks.guard import HookGuard

log = structlog.get_logger()

# In all three languages at once: when this is needed, the caller's language is unknown.
TROUBLE = "Sorry, please try again in a few minutes. / Samahani, jaribu tena baadaye. / Pardon, reessayez plus tard."
DOWN = (RedisError, OperationalError, InterfaceError, PoolTimeout, Busy)
MEANT = "success"  # the status of a USSD session that ended normally instead of being cut off
REFUSE_CALL = '<?xml version="1.0" encoding="UTF-8"?><Response><Reject/></Response>'


def hooks(service: Service) -> Blueprint:
    """Return the blueprint of the provider's callbacks, below the hook token."""
    routes = Blueprint("hooks", __name__, url_prefix="/hooks/<token>/africastalking")
    ussd_service = UssdService(service)
    guard = HookGuard(service)

    @routes.url_value_preprocessor
    def hold_token(_endpoint: str | None, values: dict[str, str] | None) -> None:
        guard.admit(request, (values or {}).pop("token", ""))

    @routes.post("/ussd")
    def ussd() -> Response:
        return _plain(_ussd(ussd_service, guard))

    @routes.post("/ussd/end")
    def ussd_end() -> Response:
        # A session that was cut off stays in Redis for some minutes: the next dial offers to resume it.
        field = Form(request)
        status = field("status", default="")
        log.info("ussd_ended", status=status)
        if status.strip().casefold() == MEANT:
            ussd_service.hang_up(field("sessionId", default=""), field("phoneNumber", default=""))
        return _plain("")

    @routes.post("/sms")
    def sms() -> Response:
        field = Form(request)
        if not router.receive(service, field("id"), field("from"), field("text", default=""), _date(field)):
            guard.note_odd("sms")
        return _plain("")

    @routes.post("/delivery")
    def delivery() -> Response:
        field = Form(request)
        report = (field("id"), field("status"), field("failureReason", default=""), field("networkCode", default=""))
        about, now = _number_reported_on(service, field), service.now()
        with service.database.transaction() as session:
            delivery_reports.receive(session, report[0], report[1], report[2] or None, report[3] or None, now, about)
        return _plain("")

    @routes.post("/optout")
    def optout() -> Response:
        _record_blocked(service, Form(request)("phoneNumber"))
        return _plain("")

    @routes.post("/voice")
    def voice() -> Response:
        _missed_call(service)
        return Response(REFUSE_CALL, mimetype="application/xml")

    @routes.errorhandler(BadField)
    def bad(error: BadField) -> tuple[Response, int]:
        log.warning("callback_refused", hook=request.endpoint, why=str(error))
        guard.note_odd("field")
        return _plain(f"{error}\n"), 400

    for trouble in DOWN:
        routes.register_error_handler(trouble, _unavailable)
    return routes


def _ussd(ussd_service: UssdService, guard: HookGuard) -> str:
    call: UssdCall | None = None
    try:
        field = Form(request)
        call = UssdCall(
            field("sessionId"), field("phoneNumber"), field("serviceCode", default=""), field("text", default="")
        )
        turn = ussd_service.take_turn(call)
    except BadField as error:
        log.warning("callback_refused", hook="ussd", why=str(error))
        guard.note_odd("ussd")
        return f"END {TROUBLE}"
    except DOWN as error:
        log.error("ussd_unavailable", error=type(error).__name__)
        return f"END {TROUBLE}"
    except Exception:
        log.exception("ussd_failed", session=call and call.session)
        return f"END {TROUBLE}"
    return f"{'END' if turn.ends else 'CON'} {turn.text}"


def _date(field: Form) -> str:
    """Return the provider's date, "" if it is malformed: refusing the text for its date would lose the text."""
    try:
        return field("date", default="")
    except BadField:
        return ""


def _missed_call(service: Service) -> None:
    """Answer a missed call by SMS. Never raises: the call must be rejected in any case, or the caller pays for it."""
    try:
        field = Form(request)
        if field("isActive", default="1") != "1" or field("direction", default="Inbound").lower() != "inbound":
            return
        number = e164(field("callerNumber"), service.settings.countries)
        past_bad_rows(lambda: _answer_missed_call(service, number))
    except (BadField, NotANumber):
        return
    except DOWN as error:
        log.error("missed_call_not_answered", error=type(error).__name__)
    except Exception:
        log.exception("missed_call_failed")


def _answer_missed_call(service: Service, number: str) -> None:
    with service.database.transaction() as session:
        missed_calls.answer(session, number, service.now(), service.settings.service_code)


def _record_blocked(service: Service, number: str) -> None:
    """Record as opted out a number that, according to the network, blocks our sender."""
    if known := _number(service, number):
        with service.database.transaction() as session:
            opt_out.record_blocked(session, known, service.now())


def _number_reported_on(service: Service, field: Form) -> str | None:
    """Return the number in a delivery report, or None: the provider does not promise this field."""
    try:
        return _number(service, field("phoneNumber", default=""))
    except BadField:
        return None


def _number(service: Service, number: str) -> str | None:
    """Return the number in the form in which it is stored; None if it is not a phone number."""
    try:
        return e164(number, service.settings.countries)
    except NotANumber:
        return None


def _unavailable(error: Exception) -> tuple[Response, int]:
    log.error("callback_unavailable", error=type(error).__name__)
    return _plain("Please repeat this later.\n"), 503


def _plain(text: str) -> Response:
    return Response(text, mimetype="text/plain")
