"""The lists of what the team does: people, cadences, emails, calls, meetings, deals, conversations."""

from __future__ import annotations

from ..records import activities, cadences, conversations, deals, desk, office, people, work
from ..team.codes import ACTIVITIES, CALL_STATUSES, STATUSES, TASK_TYPES
from ..team.hours import NEVER
from ..team.names import SENIORITIES
from ..team.playbook import STEP_TYPES
from . import visibility
from .filters import Flag, Ids, OneOf, Range, Shown, Since, Until
from .listing import (
    ARCHIVED,
    BY_ID,
    CADENCE,
    CHANGED,
    IDS,
    MADE,
    OWN_USER,
    PERSON,
    STEP,
    TIMES,
    USER,
    WHO,
    Resource,
    flag,
    some,
)

SELLING = (
    Resource(
        "people", "people", people.person,
        IDS | CHANGED | {
            "created_at": Range("created_at"), "last_contacted": Range("contacted_at"),
            "owned_by_guid": OneOf("owner", guids=True), "owner_id": OneOf("owner", via="users"),
            "person_stage_id": OneOf("stage", via="person_stages"), "account_id": OneOf("account", via="accounts"),
            "import_id": OneOf("import", via="imports"), "do_not_contact": flag("do_not_contact"),
            "job_seniority": OneOf("seniority", words=SENIORITIES),
            "email_addresses": Shown(people.email_address), "crm_id": Shown(people.crm_id),
            "replied": some("replied"), "bounced": some("bounced"), "success": some("successes"),
        },
        TIMES | {"last_contacted_at": "contacted_at", "call_count": "calls", "sent_emails": "sent",
                 "clicked_emails": "clicked", "replied_emails": "replied", "viewed_emails": "viewed"},
        scope="people:read",
    ),
    Resource(
        "accounts", "accounts", people.account,
        IDS | CHANGED | {
            "created_at": Range("created_at"), "last_contacted": Range("contacted_at"), "archived": ARCHIVED,
            "owner_id": OneOf("owner", via="users"), "name": OneOf("name", text=True),
            "account_stage_id": OneOf("stage", via="account_stages"), "account_tier_id": OneOf("tier", via="account_tiers"),
        },
        TIMES | {"last_contacted_at": "contacted_at", "counts_people": "people"}, scope="accounts:read",
    ),
    Resource(
        "cadences", "cadences", cadences.cadence,
        IDS | CHANGED | {"archived": ARCHIVED, "team_cadence": flag("team"), "shared": flag("shared"),
                         "owned_by_guid": OneOf("owner", guids=True), "name": OneOf("name", text=True)},
        scope="cadences:read",
    ),
    Resource(
        "cadence_memberships", "cadence_memberships", cadences.membership,
        IDS | CHANGED | {"person_id": PERSON, "cadence_id": CADENCE, "currently_on_cadence": flag("on")},
        {"added_at": "added_at", "updated_at": "updated_at"}, scope="cadences:read",
    ),
    Resource(
        "activities/emails", "emails", activities.email,
        IDS | CHANGED | {
            "sent_at": Range("sent_at"), "bounced": flag("bounced"), "person_id": PERSON, "user_id": USER,
            "cadence_id": CADENCE, "step_id": STEP, "status": OneOf("status", words=STATUSES), "action_id": OneOf("action"),
            "crm_activity_id": OneOf("crm_activity", via="crm_activities"), "one_off": Flag(lambda t: t["cadence"] < 0),
            "email_template_id": OneOf("template", via="email_templates"),
            "has_replies": some("replies"), "has_clicks": some("clicks"), "has_views": some("views"),
        },
        {"updated_at": "updated_at", "send_time": "sent_at"}, scope="emails:read",
    ),
    Resource(
        "activities/calls", "calls", activities.call,
        IDS | CHANGED | WHO | {"created_at": Range("created_at"), "sentiment": OneOf("sentiment", text=True),
                               "disposition": OneOf("disposition", text=True)},
        scope="calls:read",
    ),
    Resource(
        "call_data_records", "call_data_records", activities.call_data_record,
        IDS | CHANGED | WHO | {"created_at": Range("created_at"), "has_call": Flag(lambda t: t["call"] >= 0),
                               "status": OneOf("status", words=CALL_STATUSES)},
        default=("created_at", "DESC"), shown=visibility.past_year, scope="calls:read",
    ),
    Resource(
        "actions", "actions", cadences.action,
        IDS | CHANGED | WHO | {"step_id": STEP, "cadence_id": CADENCE}, shown=visibility.own_actions, scope="cadences:read",
    ),
    Resource(
        "steps", "steps", cadences.step,
        IDS | CHANGED | {"cadence_id": CADENCE, "type": OneOf("type", words=STEP_TYPES)}, scope="cadences:read",
    ),
    Resource(
        "tasks", "tasks", work.task,
        IDS | CHANGED | {"user_id": USER, "person_id": PERSON, "completed_at": Range("completed_at"),
                         "task_type": OneOf("type", words=TASK_TYPES)},
        {"due_date": "due_on", "due_at": "due_on", "updated_at": "updated_at"}, ("due_date", "ASC"), scope="tasks:read",
    ),
    Resource("notes", "notes", work.note, IDS | CHANGED, scope="notes:read"),
    Resource("successes", "successes", work.success, IDS | CHANGED | {"person_id": PERSON}, TIMES | {"succeeded_at": "succeeded_at"}, scope="people:read"),
    Resource(
        "meetings", "meetings", work.meeting,
        IDS | {"created_at": Range("created_at"), "start_time": Range("start_at"), "person_id": PERSON,
               "no_show": flag("no_show"), "cadence_id": CADENCE, "step_id": STEP},
        TIMES | {"start_time": "start_at"}, ("start_time", "DESC"), shown=visibility.meetings, scope="meetings:read",
    ),
    Resource(
        "activity_histories", "activity_histories", activities.activity,
        {"ids": Ids("activity")} | CHANGED | {"occurred_at": Range("occurred_at"), "type": OneOf("type", words=ACTIVITIES),
                   "user_guid": OneOf("user", guids=True), "pinned": Flag(lambda t: t["pinned_at"] != NEVER),
                   "resource_id": PERSON},
        {"occurred_at": "occurred_at", "updated_at": "updated_at"}, ("occurred_at", "DESC"), naming="activity", scope="activities:read",
    ),
    Resource("crm_activities", "crm_activities", work.crm_activity, IDS | CHANGED, scope="crm:read"),
    Resource(
        "opportunities", "opportunities", deals.opportunity,
        IDS | CHANGED | MADE | {"created_date": Range("created_at")}, scope="opportunities:read",
    ),
    Resource("opportunity_people", "opportunity_people", deals.opportunity_person, IDS | CHANGED, scope="opportunities:read"),
    Resource("opportunity_stages", "opportunity_stages", office.stage, IDS | CHANGED, scope="opportunities:read"),
    Resource(
        "conversations", "conversations", conversations.conversation,
        {"ids": Ids("guid")} | CHANGED | MADE | {"duration": Range("duration", number=True)}, naming="guid", scope="conversations:read",
    ),
    Resource(
        "transcriptions", "transcriptions", conversations.transcription, {"ids": Ids("guid")} | CHANGED | MADE,
        naming="guid", scope="conversations:read",
    ),
    Resource(
        "calendar/events", "calendar_events", desk.calendar_event,
        OWN_USER | {"start_time": Since("end_at"), "end_time": Until("start_at")},
        {"start_time": "start_at"}, ("start_time", "DESC"), naming="event", scope="meetings:read",
    ),
    Resource("pending_emails", "pending_emails", desk.pending_email, {}, *BY_ID, scope="emails:read"),
)  # fmt: skip
