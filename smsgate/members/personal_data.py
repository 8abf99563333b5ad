"""Which rows are a person's, table by table: the one list that exports use and that erasure is tested against.

Every table that leads to a phone is listed here, either exported or with the reason why not, which
`tests/members/test_personal_data.py` checks. Columns that would only help a thief are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from smsgate.groups import invitation_tags
from smsgate.models import (
    AuditEntry,
    Authenticator,
    Base,
    CarriedText,
    CheckIn,
    Consent,
    ConsoleSession,
    Coordinator,
    CustomText,
    DoNotContact,
    HelpPlan,
    HelpRecipient,
    HelpRequest,
    HelpText,
    Inbound,
    Invitation,
    JoinRequest,
    LeaderNotice,
    Match,
    MatchMeeting,
    Meeting,
    Member,
    Membership,
    Message,
    NetworkAdmin,
    NetworkEntry,
    Notice,
    NoticeReply,
    NoticeVersion,
    OpenLeader,
    PerformedAction,
    Phone,
    Pin,
    RecoveryCode,
    Reply,
    Responder,
    RoleAssignment,
    RoleCode,
    Seeker,
    SeriesLeader,
    SignInCode,
    StartRequest,
    Supporter,
    SurveyAnswer,
    SurveyVersion,
    lookup,
)

Rows = Callable[[Session, Phone], ColumnElement[bool]]


def _by_phone(table: Any) -> Rows:  # noqa: ANN401 - a class with a `phone_id`
    return lambda _session, phone: table.phone_id == phone.id


def _by_member(table: Any) -> Rows:  # noqa: ANN401 - a class with a `member_id`
    return lambda _session, phone: table.member_id.in_(_members(phone))


def _members(phone: Phone) -> Any:  # noqa: ANN401 - a SELECT of ids
    return select(Member.id).where(Member.phone_id == phone.id)


def _notices(phone: Phone) -> ColumnElement[bool]:
    return or_(Notice.author_id == phone.id, Notice.agreed_by == phone.id)


def _help_asks(_session: Session, phone: Phone) -> ColumnElement[bool]:
    """Return the condition for whom they asked, and what they answered themselves."""
    requests = select(HelpRequest.id).where(HelpRequest.member_id.in_(_members(phone)))
    chosen = select(Responder.id).where(Responder.phone_id == phone.id)
    return or_(HelpRecipient.request_id.in_(requests), HelpRecipient.responder_id.in_(chosen))


def _role_codes(_session: Session, phone: Phone) -> ColumnElement[bool]:
    return or_(RoleCode.given_by.in_(_roles(phone)), RoleCode.handed_over_by.in_(_roles(phone)))


def _roles(phone: Phone) -> Any:  # noqa: ANN401 - a SELECT of ids
    return select(RoleAssignment.id).where(RoleAssignment.phone_id == phone.id)


def _matches(phone: Phone) -> ColumnElement[bool]:
    """Return the condition for matches in which they are the person or the supporter."""
    mine = select(Supporter.id).where(Supporter.member_id.in_(_members(phone)))
    return or_(Match.member_id.in_(_members(phone)), Match.supporter_id.in_(mine))


def _check_ins(phone: Phone) -> ColumnElement[bool]:
    """Return the condition for what they answered or reported themselves, never what the other person did."""
    mine = select(Supporter.id).where(Supporter.member_id.in_(_members(phone)))
    as_person = CheckIn.match_id.in_(select(Match.id).where(Match.member_id.in_(_members(phone))))
    as_supporter = CheckIn.match_id.in_(select(Match.id).where(Match.supporter_id.in_(mine)))
    return or_(~CheckIn.by_supporter & as_person, CheckIn.by_supporter & as_supporter)


PERSONAL: Mapping[type[Base], Rows] = {
    Phone: lambda _session, phone: Phone.id == phone.id,
    **{
        table: _by_phone(table)
        for table in (
            Consent, Member, Message, Inbound, NoticeReply, RoleAssignment, AuditEntry, NetworkAdmin, SignInCode,
            ConsoleSession, Authenticator, RecoveryCode, SurveyAnswer, StartRequest,
            Coordinator,
        )
    },
    **{
        table: _by_member(table)
        for table in (
            Pin, JoinRequest, Membership, HelpText, HelpPlan, DoNotContact, Responder, HelpRequest, Reply, SeriesLeader,
            Seeker, Supporter,
        )
    },
    HelpRecipient: _help_asks,
    RoleCode: _role_codes,
    Match: lambda _session, phone: _matches(phone),
    MatchMeeting: lambda _session, phone: MatchMeeting.match_id.in_(select(Match.id).where(_matches(phone))),
    CarriedText: lambda _session, phone: CarriedText.match_id.in_(select(Match.id).where(_matches(phone))),
    CheckIn: lambda _session, phone: _check_ins(phone),
    OpenLeader: lambda _session, phone: OpenLeader.assignment_id.in_(_roles(phone)),
    LeaderNotice: lambda _session, phone: LeaderNotice.by == phone.id,
    NetworkEntry: lambda _session, phone: or_(NetworkEntry.phone_id == phone.id, NetworkEntry.subject_id == phone.id),
    Notice: lambda _session, phone: _notices(phone),
    NoticeVersion: lambda _session, phone: NoticeVersion.notice_id.in_(select(Notice.id).where(_notices(phone))),
    SurveyVersion: lambda _session, phone: SurveyVersion.published_by == phone.id,
    CustomText: lambda _session, phone: CustomText.by == phone.id,
    Meeting: lambda _session, phone: Meeting.leader_id.in_(_members(phone)),
    Invitation: lambda session, phone: Invitation.tag.in_(invitation_tags.tags(session, phone.number)),
    PerformedAction: lambda session, phone: PerformedAction.owner == lookup.owner_tag(session, phone.number),
}  # fmt: skip
LEFT_OUT: Mapping[type[Base], tuple[str, ...]] = {
    Match: ("person_agreed", "supporter_agreed", "ending"),  # neither may read who said what
    Pin: ("first", "second", "code"),  # hashes; nobody may learn whether there is a second PIN
    SignInCode: ("code", "browser"),
    ConsoleSession: ("secret",),
    Authenticator: ("secret",),
    RecoveryCode: ("code",),
    RoleCode: ("code",),
    Notice: ("code", "agree_code"),
    Inbound: ("likeness",),
    Invitation: ("tag",),
    PerformedAction: ("owner",),
    SurveyVersion: ("definition",),  # the group's
}
# Other columns that lead to a phone, and why they are not exported.
OTHERS: Mapping[str, str] = {
    "responders.phone_id": "who chose them, and what they call them, is those members' own: they are told how many",
    "number_imports.content": "numbers in a leader's file are opened part by part, and forgotten within a day at most",
    "check_ins.match_id": "what a person answers to how it goes is never the supporter's to read",
    "never_contacts.number": "that a member does not want them told is that member's own, and protects both",
}
# What remains when someone is erased, and why. Everything else is deleted.
STAYS: Mapping[type[Base], str] = {
    AuditEntry: "that something was done in a group stays, without who did it",
    NetworkEntry: "that something of the network was changed stays, without who did it and whom it concerned",
    Inbound: "that a text came in, without words and number, for two days: a late repeat must do nothing",
    CustomText: "the words are the group's; who wrote them is gone",
    SurveyVersion: "the poll is the group's; who published it is gone",
    Notice: "the words went to a group and are the group's for 90 days; the id of who wrote them leads nowhere",
    NoticeVersion: "as the notice",
    LeaderNotice: "the words went to the leaders of the network; who wrote them is gone",
    Meeting: "the date is the group's; the id of who was to lead it leads nowhere",
}


def rows_of(session: Session, phone: Phone) -> dict[str, list[dict[str, Any]]]:
    """Return every row about a person, by table, as JSON values; times are ISO 8601, in UTC."""
    found = {table.__tablename__: _exported(session, table, PERSONAL[table](session, phone)) for table in PERSONAL}
    return {name: rows for name, rows in found.items() if rows}


def _exported(session: Session, table: type[Base], which: ColumnElement[bool]) -> list[dict[str, Any]]:
    columns = [column for column in table.__table__.columns if column.key not in LEFT_OUT.get(table, ())]
    rows = session.execute(select(*columns).where(which).order_by(table.id))
    return [{str(column.name): _plain(value) for column, value in zip(columns, row, strict=True)} for row in rows]


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime | date | time) else value
