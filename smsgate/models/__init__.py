"""Tables and enums, by what they are about."""

from smsgate.models.accounts import Authenticator, ConsoleSession, NetworkAdmin, SignInCode
from smsgate.models.base import Base
from smsgate.models.crisis_lines import CrisisLine, CrisisLineKind, CrisisLineName
from smsgate.models.custom_texts import CustomText
from smsgate.models.gateway_accounts import GatewayAccount
from smsgate.models.groups import REMINDED, Group, Invitation, JoinRequest, Member, Membership
from smsgate.models.help import DoNotContact, HelpPlan, HelpRecipient, HelpRequest, HelpText, Responder, ResponderStatus
from smsgate.models.idempotency import Inbound, KeyCheck, PerformedAction, SchedulerRun
from smsgate.models.kill_switches import KillSwitch
from smsgate.models.meetings import Meeting, Reply, RsvpStatus, Series, SeriesLeader
from smsgate.models.notices import Audience, Notice, NoticeReply, NoticeStatus, NoticeVersion
from smsgate.models.outbox import FINAL, DeliveryReport, Lane, Message, MessageKind, MessageStatus
from smsgate.models.phones import Consent, ConsentSubject, Phone, Pin
from smsgate.models.roles import AuditEntry, Role, RoleAssignment, RoleCode
from smsgate.models.surveys import Survey, SurveyAnswer, SurveyVersion

__all__ = [
    "FINAL",
    "REMINDED",
    "GatewayAccount",
    "ResponderStatus",
    "RoleAssignment",
    "Audience",
    "Authenticator",
    "Base",
    "RsvpStatus",
    "Consent",
    "ConsoleSession",
    "PerformedAction",
    "AuditEntry",
    "Group",
    "HelpRecipient",
    "HelpPlan",
    "HelpRequest",
    "HelpText",
    "Inbound",
    "Invitation",
    "JoinRequest",
    "MessageKind",
    "Lane",
    "CrisisLine",
    "CrisisLineKind",
    "CrisisLineName",
    "Meeting",
    "Member",
    "Membership",
    "Message",
    "NetworkAdmin",
    "DoNotContact",
    "Notice",
    "NoticeReply",
    "NoticeVersion",
    "KillSwitch",
    "Phone",
    "Pin",
    "Reply",
    "Responder",
    "CustomText",
    "Role",
    "RoleCode",
    "SchedulerRun",
    "KeyCheck",
    "Series",
    "SeriesLeader",
    "SignInCode",
    "NoticeStatus",
    "MessageStatus",
    "DeliveryReport",
    "Survey",
    "SurveyAnswer",
    "SurveyVersion",
    "ConsentSubject",
]
