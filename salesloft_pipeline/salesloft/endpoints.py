"""The catalogue: every collection that is read, one row each. To add a collection, add a row.

The reading follows from what the list endpoint can do (filter and sort by updated_at: KEYSET; sort only:
DESCENDING; neither: SNAPSHOT). `history` names the columns whose every observed version is kept, because
SalesLoft changes them in place and tells no time for the change.
https://developers.salesloft.com/docs/api/ has a page for each path. Scopes are listed on
https://developers.salesloft.com/docs/platform/api-basics/scopes/, but nowhere by path: those of lists that no
webhook event names a scope for are inferred.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from salesloft_pipeline.salesloft import models
from salesloft_pipeline.salesloft.models import Record


class Reading(Enum):
    """How a list is read completely; see walk.py."""

    KEYSET = "keyset"
    DESCENDING = "descending"
    SNAPSHOT = "snapshot"
    BY_ID = "by id"
    PER_PARENT = "per parent"


class Absence(Enum):
    """What it means that SalesLoft no longer lists a record that we know."""

    DELETED = "deleted"
    CLOSED = "closed"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Endpoint:
    """One collection: `name` is its raw table, `path` its place under /v2, `record` its typed shape.

    params: sent with every request, mostly to see what is hidden by default. history: columns whose observed
    versions are kept. scope: what a key needs to read it. ids: it takes `ids[]`, so known records can be asked
    for by name, 100 for a point. counted_by: the range filter that counts a closed day. reread_by: the range
    filter by which recent records are read again, because counters may move without updated_at. parent: the
    collection whose ids stand for `{id}` in the path. with_parent: it changes only when its parent's updated_at
    moves. absence: what leaving the list means.
    """

    name: str
    path: str
    record: type[Record]
    reading: Reading
    params: Mapping[str, str] = field(default_factory=dict)
    history: tuple[str, ...] = ()
    scope: str = "team:read"
    ids: bool = False
    counted_by: str | None = None
    reread_by: str | None = None
    parent: str | None = None
    with_parent: bool = True
    absence: Absence = Absence.DELETED

    @property
    def description(self) -> str:
        """The grain: first line of the record's docstring."""
        return (self.record.__doc__ or "").strip().splitlines()[0]

    @property
    def versions_name(self) -> str:
        """The table of observed versions; exists where `history` names columns."""
        return f"{self.name}_versions"


_A, _B, _C = Reading.KEYSET, Reading.DESCENDING, Reading.SNAPSHOT

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("team", "/team", models.Team, _C),
    # Deactivated users are hidden unless asked for, and without `page` the answer has no paging at all.
    Endpoint(
        "users", "/users", models.User, _C, params={"visible_only": "false"}, ids=True,
        history=("name", "active", "group_id", "role_id", "job_role"),
    ),
    Endpoint("groups", "/groups", models.Group, _C, ids=True),
    Endpoint("phone_number_assignments", "/phone_number_assignments", models.PhoneNumberAssignment, _C, ids=True),
    Endpoint("custom_fields", "/custom_fields", models.CustomField, _B, ids=True),
    Endpoint("person_stages", "/person_stages", models.PersonStage, _B, ids=True, scope="people:read"),
    Endpoint("account_stages", "/account_stages", models.AccountStage, _A, ids=True, scope="accounts:read"),
    Endpoint("account_tiers", "/account_tiers", models.AccountTier, _B, ids=True, scope="accounts:read"),
    Endpoint("call_dispositions", "/call_dispositions", models.CallDisposition, _B, scope="calls:read"),
    Endpoint("call_sentiments", "/call_sentiments", models.CallSentiment, _B, scope="calls:read"),
    Endpoint("accounts", "/accounts", models.Account, _A, ids=True, scope="accounts:read"),
    Endpoint(
        "people", "/people", models.Person, _A, ids=True, scope="people:read",
        history=("person_stage_id", "owner_id", "account_id", "do_not_contact", "bouncing", "success_count"),
    ),
    Endpoint("imports", "/imports", models.Import, _B, ids=True, scope="people:read"),
    Endpoint("cadences", "/cadences", models.Cadence, _A, ids=True, scope="cadences:read"),
    Endpoint("steps", "/steps", models.Step, _A, ids=True, scope="cadences:read"),
    Endpoint(
        "cadence_memberships", "/cadence_memberships", models.CadenceMembership, _A, ids=True, scope="cadences:read",
        history=(
            "added_at", "current_state", "currently_on_cadence", "person_deleted", "person_id", "cadence_id",
            "user_id", "step_id", "counts_views", "counts_clicks", "counts_replies", "counts_calls",
            "counts_sent_emails", "counts_bounces",
        ),
    ),
    # Lists actions in progress only: a row here says that the action was open when it was last seen.
    Endpoint("actions", "/actions", models.Action, _A, ids=True, scope="cadences:read", absence=Absence.CLOSED),
    Endpoint(
        "emails", "/activities/emails", models.Email, _A, ids=True, scope="emails:read",
        counted_by="sent_at", reread_by="sent_at",
        history=("status", "bounced", "sent_at", "user_id", "counts_views", "counts_clicks", "counts_replies"),
    ),
    Endpoint(
        "email_templates", "/email_templates", models.EmailTemplate, _A, ids=True, scope="emails:read",
        params={"include_archived_templates": "true", "include_cadence_templates": "true"},
    ),
    Endpoint(
        "team_templates", "/team_templates", models.TeamTemplate, _A, ids=True, scope="emails:read",
        params={"include_archived_templates": "true"},
    ),
    Endpoint(
        "email_template_attachments", "/email_template_attachments", models.EmailTemplateAttachment, _C,
        ids=True, scope="emails:read",
    ),
    Endpoint(
        "team_template_attachments", "/team_template_attachments", models.TeamTemplateAttachment, _C,
        ids=True, scope="emails:read",
    ),
    Endpoint(
        "calls", "/activities/calls", models.Call, _A, ids=True, scope="calls:read", counted_by="created_at",
        history=("disposition", "sentiment", "duration", "user_id"),
    ),
    # Lists those of the past year only: older ones leave, and are no less true for it.
    Endpoint(
        "call_data_records", "/call_data_records", models.CallDataRecord, _A, ids=True, scope="calls:read",
        counted_by="created_at", absence=Absence.UNKNOWN,
    ),
    Endpoint("activity_histories", "/activity_histories", models.ActivityHistory, _A, ids=True, scope="activities:read"),
    # No updated_at filter; deleted meetings come only when asked for.
    Endpoint(
        "meetings", "/meetings", models.Meeting, _B, ids=True, scope="meetings:read", counted_by="created_at",
        params={"show_deleted": "true"},
        history=("status", "start_time", "canceled_at", "no_show", "reschedule_status"),
    ),
    Endpoint(
        "successes", "/successes", models.Success, _A, ids=True, scope="people:read",
        history=(
            "succeeded_at", "user_id", "person_id", "counts_total_emails", "counts_total_calls",
            "counts_total_other_touches",
        ),
    ),
    Endpoint("notes", "/notes", models.Note, _A, ids=True, scope="notes:read"),
    Endpoint("tasks", "/tasks", models.Task, _A, ids=True, scope="tasks:read"),
    Endpoint("crm_activities", "/crm_activities", models.CrmActivity, _A, ids=True, scope="crm:read"),
    Endpoint("crm_users", "/crm_users", models.CrmUser, _B, ids=True, scope="crm:read"),
)  # fmt: skip

BY_NAME: Mapping[str, Endpoint] = {endpoint.name: endpoint for endpoint in ENDPOINTS}
