"""Tables and enums, by what they are about."""

from smsgate.models.base import Base
from smsgate.models.console import Authenticator, ConsoleSession, NetworkAdmin, SignInCode
from smsgate.models.help import Agreed, HelpAsk, HelpPlan, HelpRequest, HelpText, NeverContact, Responder
from smsgate.models.invitations import Invitation
from smsgate.models.lines import Line, LineKind, LineName
from smsgate.models.notices import Audience, Notice, NoticeReply, NoticeVersion, Stage
from smsgate.models.once import Deed, Inbound, Round, Seal
from smsgate.models.operating import Account, Pause
from smsgate.models.outbox import FINAL, Kind, Lane, Message, State, StrayReport
from smsgate.models.people import (
    REMINDED,
    Coming,
    Consent,
    Group,
    JoinRequest,
    Meeting,
    Member,
    Membership,
    Phone,
    Reply,
    What,
)
from smsgate.models.pins import Pin
from smsgate.models.rewordings import Rewording
from smsgate.models.roles import Appointment, Entry, Role, RoleCode
from smsgate.models.series import Series, SeriesLeader
from smsgate.models.surveys import Survey, SurveyAnswer, SurveyVersion

__all__ = [
    "FINAL",
    "REMINDED",
    "Account",
    "Agreed",
    "Appointment",
    "Audience",
    "Authenticator",
    "Base",
    "Coming",
    "Consent",
    "ConsoleSession",
    "Deed",
    "Entry",
    "Group",
    "HelpAsk",
    "HelpPlan",
    "HelpRequest",
    "HelpText",
    "Inbound",
    "Invitation",
    "JoinRequest",
    "Kind",
    "Lane",
    "Line",
    "LineKind",
    "LineName",
    "Meeting",
    "Member",
    "Membership",
    "Message",
    "NetworkAdmin",
    "NeverContact",
    "Notice",
    "NoticeReply",
    "NoticeVersion",
    "Pause",
    "Phone",
    "Pin",
    "Reply",
    "Responder",
    "Rewording",
    "Role",
    "RoleCode",
    "Round",
    "Seal",
    "Series",
    "SeriesLeader",
    "SignInCode",
    "Stage",
    "State",
    "StrayReport",
    "Survey",
    "SurveyAnswer",
    "SurveyVersion",
    "What",
]
