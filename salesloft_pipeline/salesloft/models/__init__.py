"""Typed records: what each SalesLoft collection holds, field by field.

One class per collection, one module per subject. A field's type decides its column, its description becomes
the column's comment, and the class docstring states the grain and the vendor's definition.
"""

from __future__ import annotations

from .accounts import Account, AccountCounts, AccountStage, AccountTier
from .activities import ActivityHistory, Note, Task
from .base import (
    Counts,
    Dated,
    Day,
    Flag,
    Instant,
    Integer,
    Json,
    Number,
    Record,
    Reference,
    Text,
    TextReference,
    about,
)
from .cadences import (
    Action,
    Cadence,
    CadenceCounts,
    CadenceMembership,
    CadenceMembershipCounts,
    Step,
    Success,
    SuccessCounts,
)
from .calls import Call, CallDataRecord, CallDisposition, CallSentiment
from .conversations import Conversation, Transcription
from .crm import (
    CrmActivity,
    CrmActivityField,
    CrmUser,
    ExternalMapping,
    Opportunity,
    OpportunityPerson,
    OpportunityStage,
)
from .emails import (
    Email,
    EmailCounts,
    EmailTemplate,
    EmailTemplateAttachment,
    PendingEmail,
    TeamTemplate,
    TeamTemplateAttachment,
    TemplateCounts,
)
from .meetings import CalendarEvent, Meeting
from .people import Import, Person, PersonCounts, PersonStage
from .team import (
    CustomField,
    CustomRole,
    Group,
    PhoneNumberAssignment,
    SavedListView,
    Tag,
    Team,
    User,
    WebhookSubscription,
)

__all__ = [
    "Account",
    "AccountCounts",
    "AccountStage",
    "AccountTier",
    "Action",
    "ActivityHistory",
    "Cadence",
    "CadenceCounts",
    "CadenceMembership",
    "CadenceMembershipCounts",
    "CalendarEvent",
    "Call",
    "CallDataRecord",
    "CallDisposition",
    "CallSentiment",
    "Conversation",
    "Counts",
    "CrmActivity",
    "CrmActivityField",
    "CrmUser",
    "CustomField",
    "CustomRole",
    "Dated",
    "Day",
    "Email",
    "EmailCounts",
    "EmailTemplate",
    "EmailTemplateAttachment",
    "ExternalMapping",
    "Flag",
    "Group",
    "Import",
    "Instant",
    "Integer",
    "Json",
    "Meeting",
    "Note",
    "Number",
    "Opportunity",
    "OpportunityPerson",
    "OpportunityStage",
    "PendingEmail",
    "Person",
    "PersonCounts",
    "PersonStage",
    "PhoneNumberAssignment",
    "Record",
    "Reference",
    "SavedListView",
    "Step",
    "Success",
    "SuccessCounts",
    "Tag",
    "Task",
    "Team",
    "TeamTemplate",
    "TeamTemplateAttachment",
    "TemplateCounts",
    "Text",
    "TextReference",
    "Transcription",
    "User",
    "WebhookSubscription",
    "about",
]
