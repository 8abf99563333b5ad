"""Tables and enums, by what they are about."""

from smsgate.models.accounts import Authenticator, ConsoleSession, NetworkAdmin, SignInCode
from smsgate.models.base import Base
from smsgate.models.crisis_lines import Line, LineKind, LineName
from smsgate.models.custom_texts import Rewording
from smsgate.models.gateway_accounts import Account
from smsgate.models.groups import REMINDED, Group, Invitation, JoinRequest, Member, Membership
from smsgate.models.help import Agreed, HelpAsk, HelpPlan, HelpRequest, HelpText, NeverContact, Responder
from smsgate.models.idempotency import Deed, Inbound, Round, Seal
from smsgate.models.kill_switches import Pause
from smsgate.models.meetings import Coming, Meeting, Reply, Series, SeriesLeader
from smsgate.models.notices import Audience, Notice, NoticeReply, NoticeVersion, Stage
from smsgate.models.outbox import FINAL, Kind, Lane, Message, State, StrayReport
from smsgate.models.phones import Consent, Phone, Pin, What
from smsgate.models.roles import Appointment, Entry, Role, RoleCode
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
