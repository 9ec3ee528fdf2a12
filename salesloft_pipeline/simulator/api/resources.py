"""The catalogue: one row per list, with what it filters and sorts by and how it pages.

This is our reading of the vendor's index pages. What is not in a row does not exist: an unknown filter is
ignored without a word, an unknown sort is refused.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal

from ..records import activities, cadences, office, people, work
from ..records.identity import Naming
from ..records.office import Renderer
from ..team.codes import ACTIVITIES, CALL_STATUSES, STATUSES, TASK_TYPES
from ..team.hours import NEVER
from ..team.names import SENIORITIES
from ..team.playbook import STEP_TYPES
from ..team.state import State
from ..team.table import Table
from . import visibility
from .filters import Filter, Flag, Ids, Mask, OneOf, Range

TIMES = {"created_at": "created_at", "updated_at": "updated_at"}
CHANGED: dict[str, Filter] = {"updated_at": Range("updated_at")}
IDS: dict[str, Filter] = {"ids": Ids()}


@dataclass(frozen=True)
class Resource:
    """One list.

    `sorts` maps the API's sort names to columns; `paging` is "always", "on request" (only when `page` is sent)
    or "never"; `shown` gives the rows a request may see by default, from the raw parameters and the key.
    """

    path: str
    table: str
    record: Renderer
    filters: dict[str, Filter]
    sorts: dict[str, str] = field(default_factory=lambda: TIMES)
    default: tuple[str, str] = ("updated_at", "DESC")
    paging: Literal["always", "on request", "never"] = "always"
    shown: Callable[[State, Table, dict[str, str]], Mask] | None = None
    naming: Naming = "number"
    scope: str = "team:read"

    @property
    def name(self) -> str:
        """The last part of the path: `emails` for /activities/emails."""
        return self.path.rpartition("/")[2]


def _flag(column: str) -> Flag:
    return Flag(lambda table: table[column])


def _some(column: str) -> Flag:
    return Flag(lambda table: table[column] > 0)


def _nothing(_voice: Any, _record: Any) -> Any:
    raise AssertionError("this list is always empty in the simulator")


PERSON, USER, CADENCE, STEP = (
    OneOf(n, via=t)
    for n, t in (("person", "people"), ("user", "users"), ("cadence", "cadences"), ("step", "steps"))
)
WHO: dict[str, Filter] = {"person_id": PERSON, "user_guid": OneOf("user", guids=True)}
ARCHIVED = Flag(lambda table: table["archived_at"] != NEVER)
LISTS = (
    Resource(
        "people", "people", people.person,
        IDS | CHANGED | {
            "created_at": Range("created_at"), "last_contacted": Range("contacted_at"),
            "owned_by_guid": OneOf("owner", guids=True), "owner_id": OneOf("owner", via="users"),
            "person_stage_id": OneOf("stage", via="person_stages"), "account_id": OneOf("account", via="accounts"),
            "import_id": OneOf("import", via="imports"), "do_not_contact": _flag("do_not_contact"),
            "job_seniority": OneOf("seniority", words=SENIORITIES),
            "replied": _some("replied"), "bounced": _some("bounced"), "success": _some("successes"),
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
        IDS | CHANGED | {"archived": ARCHIVED, "team_cadence": _flag("team"), "shared": _flag("shared"),
                         "owned_by_guid": OneOf("owner", guids=True), "name": OneOf("name", text=True)},
        scope="cadences:read",
    ),
    Resource(
        "cadence_memberships", "cadence_memberships", cadences.membership,
        IDS | CHANGED | {"person_id": PERSON, "cadence_id": CADENCE, "currently_on_cadence": _flag("on")},
        {"added_at": "added_at", "updated_at": "updated_at"}, scope="cadences:read",
    ),
    Resource(
        "activities/emails", "emails", activities.email,
        IDS | CHANGED | {
            "sent_at": Range("sent_at"), "bounced": _flag("bounced"), "person_id": PERSON, "user_id": USER,
            "cadence_id": CADENCE, "step_id": STEP, "status": OneOf("status", words=STATUSES), "action_id": OneOf("action"),
            "crm_activity_id": OneOf("crm_activity", via="crm_activities"), "one_off": Flag(lambda t: t["cadence"] < 0),
            "email_template_id": OneOf("template", via="email_templates"),
            "has_replies": _some("replies"), "has_clicks": _some("clicks"), "has_views": _some("views"),
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
        IDS | CHANGED | WHO | {"step_id": STEP, "cadence_id": CADENCE}, shown=visibility.own_actions, scope="actions:read",
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
               "no_show": _flag("no_show"), "cadence_id": CADENCE, "step_id": STEP},
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
    Resource("crm_users", "crm_users", office.crm_user, IDS | {"user_id": USER}, {"id": "id", "updated_at": "updated_at"}, ("id", "DESC"), scope="crm:read"),
    Resource(
        "email_templates", "email_templates", office.email_template, IDS | CHANGED,
        TIMES | {"last_used_at": "used_at"}, shown=visibility.templates, scope="emails:read",
    ),
    Resource(
        "team_templates", "team_templates", office.team_template, {"ids": Ids("guid")} | CHANGED,
        TIMES | {"last_used_at": "used_at"}, shown=visibility.templates, naming="guid", scope="emails:read",
    ),
    Resource("imports", "imports", office.import_, IDS | {"created_at": Range("created_at")}, default=("created_at", "DESC"), scope="people:read"),
    Resource("person_stages", "person_stages", office.stage, IDS | {"active": _flag("active")}),
    Resource("account_stages", "account_stages", office.stage, IDS | CHANGED | {"active": _flag("active")}, TIMES | {"order": "order"}),
    Resource("account_tiers", "account_tiers", office.stage, IDS | {"active": _flag("active"), "name": OneOf("name", text=True)}, TIMES | {"order": "order"}),
    Resource("custom_fields", "custom_fields", office.custom_field, IDS | {"field_type": OneOf("field_type", text=True)}),
    Resource("call_dispositions", "call_dispositions", office.disposition, {}, {"name": "name", "updated_at": "updated_at"}, ("name", "ASC")),
    Resource("call_sentiments", "call_sentiments", office.sentiment, {"name": OneOf("name", text=True)}, {"name": "name", "updated_at": "updated_at"}, ("name", "ASC")),
    Resource("phone_number_assignments", "phone_number_assignments", office.phone_number_assignment, IDS),
    Resource("groups", "groups", office.group, IDS, paging="never"),
    Resource(
        "users", "users", office.user,
        IDS | {"active": _flag("active"), "group_id": OneOf("group", via="groups"), "guid": OneOf("row", guids=True)},
        {"id": "id", "email": "name", "name": "name", "group": "group", "role": "role"}, ("id", "DESC"),
        paging="on request", shown=visibility.active_users,
    ),
    Resource("tags", "tags", office.tag, IDS, {"name": "name"}, ("name", "ASC")),
    Resource("custom_roles", "custom_roles", office.custom_role, {"ids": Ids("guid")}, {"id": "id", "name": "name"}, ("id", "DESC"), naming="guid"),
    *(
        Resource(path, "nothing", _nothing, IDS | CHANGED, scope=scope)
        for path, scope in (("opportunities", "opportunities:read"), ("opportunity_people", "opportunities:read"),
                            ("opportunity_stages", "opportunities:read"), ("conversations", "conversations:read"),
                            ("transcriptions", "conversations:read"))
    ),
    *(
        Resource(path, "nothing", _nothing, IDS, {sort: "id", "updated_at": "updated_at"}, (sort, direction))
        for path, sort, direction in (
            ("crm_activity_fields", "title", "ASC"), ("email_template_attachments", "id", "DESC"),
            ("team_template_attachments", "id", "DESC"), ("saved_list_views", "name", "ASC"), ("pending_emails", "id", "DESC"),
            ("calendar/events", "start_time", "DESC"), ("action_details/call_instructions", "created_at", "DESC"),
        )
    ),
)  # fmt: skip
RESOURCES = {resource.path: resource for resource in LISTS}
BY_NAME = {resource.name: resource for resource in LISTS}
