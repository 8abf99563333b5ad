"""The tables and enums, by subject: what is stored and the states it passes through. Rules live in the layers above.

Table, column and enum names in the database, and the `Sealed` purposes, never change with a rename in the code, so some
differ from the class or attribute (`messages.cause` is `Message.key`, `help_asks` is `HelpRecipient`). People's
numbers, names and words are sealed. Rows owned by a person or a group are deleted with it (`owned_by`), so erasing
someone leaves nothing behind; ids are never reused.

Start with `phones.py` (a number, and what its holder consented to), `groups.py` (members, groups, memberships) and
`outbox.py` (messages and their status). `lookup.py` has the queries that every part of the service starts from.
"""

from smsgate.models.accounts import (
    Authenticator,
    ConsoleSession,
    NetworkAdmin,
    RecoveryCode,
    SignInCode,
    WrongCodes,
)
from smsgate.models.base import Base
from smsgate.models.custom_texts import CustomText
from smsgate.models.groups import (
    REMINDED,
    Group,
    ImportStage,
    Invitation,
    JoinRequest,
    Member,
    Membership,
    NumberImport,
)
from smsgate.models.help import DoNotContact, HelpPlan, HelpRecipient, HelpRequest, HelpText, Responder, ResponderStatus
from smsgate.models.idempotency import Inbound, IndexKey, KeyCheck, PerformedAction, SchedulerRun, SchemaVersion
from smsgate.models.matching import (
    OPEN_STATES,
    CardBatch,
    CarriedText,
    CheckIn,
    CheckInAnswer,
    Coordinator,
    Ending,
    Match,
    MatchCount,
    MatchMeeting,
    MatchState,
    MeetingState,
    Programme,
    ProgrammeOffer,
    ProgrammeRole,
    Seeker,
    SeekerState,
    Supporter,
)
from smsgate.models.meetings import Meeting, Reply, RsvpStatus, Series, SeriesLeader
from smsgate.models.network.areas import LONGEST_AREA, LONGEST_LANGUAGE, Area, SpokenLanguage
from smsgate.models.network.crisis_lines import CrisisLine, CrisisLineKind, CrisisLineName
from smsgate.models.network.directory import (
    LeaderNotice,
    Listing,
    ListingLanguage,
    ListingOpenTo,
    OpenLeader,
    OpenTo,
    PublicDirectory,
    StartRequest,
)
from smsgate.models.notices import Audience, Notice, NoticeReply, NoticeStatus, NoticeVersion
from smsgate.models.outbox import (
    FINAL,
    DeliveryReport,
    GatewayAccount,
    GatewayCall,
    KillSwitch,
    Lane,
    LimitUse,
    Message,
    MessageKind,
    MessageStatus,
)
from smsgate.models.phones import Consent, ConsentSubject, Phone, Pin
from smsgate.models.roles import AuditEntry, Role, RoleAssignment, RoleCode
from smsgate.models.row_failures import RowFailure
from smsgate.models.security_events import NetworkEntry, SecurityEvent
from smsgate.models.surveys import Survey, SurveyAnswer, SurveyVersion

__all__ = [
    "FINAL",
    "LONGEST_AREA",
    "LONGEST_LANGUAGE",
    "OPEN_STATES",
    "REMINDED",
    "Area",
    "Audience",
    "AuditEntry",
    "Authenticator",
    "Base",
    "CardBatch",
    "CarriedText",
    "CheckIn",
    "CheckInAnswer",
    "Consent",
    "ConsentSubject",
    "ConsoleSession",
    "Coordinator",
    "CrisisLine",
    "CrisisLineKind",
    "CrisisLineName",
    "CustomText",
    "DeliveryReport",
    "DoNotContact",
    "Ending",
    "GatewayAccount",
    "GatewayCall",
    "Group",
    "HelpPlan",
    "HelpRecipient",
    "HelpRequest",
    "HelpText",
    "ImportStage",
    "Inbound",
    "IndexKey",
    "Invitation",
    "JoinRequest",
    "KeyCheck",
    "KillSwitch",
    "Lane",
    "LeaderNotice",
    "LimitUse",
    "Listing",
    "ListingLanguage",
    "ListingOpenTo",
    "Match",
    "MatchCount",
    "MatchMeeting",
    "MatchState",
    "Meeting",
    "MeetingState",
    "Member",
    "Membership",
    "Message",
    "MessageKind",
    "MessageStatus",
    "NetworkAdmin",
    "NetworkEntry",
    "Notice",
    "NoticeReply",
    "NoticeStatus",
    "NoticeVersion",
    "NumberImport",
    "OpenLeader",
    "OpenTo",
    "PerformedAction",
    "Phone",
    "Pin",
    "Programme",
    "ProgrammeOffer",
    "ProgrammeRole",
    "PublicDirectory",
    "RecoveryCode",
    "Reply",
    "Responder",
    "ResponderStatus",
    "Role",
    "RoleAssignment",
    "RoleCode",
    "RowFailure",
    "RsvpStatus",
    "SchedulerRun",
    "SchemaVersion",
    "SecurityEvent",
    "Seeker",
    "SeekerState",
    "Series",
    "SeriesLeader",
    "SignInCode",
    "SpokenLanguage",
    "StartRequest",
    "Supporter",
    "Survey",
    "SurveyAnswer",
    "SurveyVersion",
    "WrongCodes",
]
