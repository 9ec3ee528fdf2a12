"""The catalogue: every collection that is read, one row each. To add a collection, add a row.

The reading follows from what the list endpoint can do (filter and sort by updated_at: KEYSET; sort only:
DESCENDING; neither: SNAPSHOT). `history` names the columns whose every observed version is kept, because
SalesLoft changes them in place and tells no time for the change.
https://developers.salesloft.com/docs/api/ has a page for each path.
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
        "users",
        "/users",
        models.User,
        _C,
        params={"visible_only": "false"},
        history=("name", "active", "group_id", "role_id", "job_role"),
    ),
    Endpoint("groups", "/groups", models.Group, _C),
    Endpoint("person_stages", "/person_stages", models.PersonStage, _B),
    Endpoint("account_stages", "/account_stages", models.AccountStage, _A),
    Endpoint("account_tiers", "/account_tiers", models.AccountTier, _B),
    Endpoint("call_dispositions", "/call_dispositions", models.CallDisposition, _B),
    Endpoint("call_sentiments", "/call_sentiments", models.CallSentiment, _B),
    Endpoint("accounts", "/accounts", models.Account, _A),
    Endpoint(
        "people",
        "/people",
        models.Person,
        _A,
        history=("person_stage_id", "owner_id", "account_id", "do_not_contact", "bouncing", "success_count"),
    ),
    Endpoint("cadences", "/cadences", models.Cadence, _A),
    Endpoint("steps", "/steps", models.Step, _A),
    Endpoint(
        "cadence_memberships",
        "/cadence_memberships",
        models.CadenceMembership,
        _A,
        history=(
            "added_at",
            "current_state",
            "currently_on_cadence",
            "person_deleted",
            "person_id",
            "cadence_id",
            "user_id",
            "step_id",
            "counts_views",
            "counts_clicks",
            "counts_replies",
            "counts_calls",
            "counts_sent_emails",
            "counts_bounces",
        ),
    ),
    Endpoint(
        "emails",
        "/activities/emails",
        models.Email,
        _A,
        history=(
            "status",
            "bounced",
            "sent_at",
            "user_id",
            "counts_views",
            "counts_clicks",
            "counts_replies",
        ),
    ),
    Endpoint(
        "calls",
        "/activities/calls",
        models.Call,
        _A,
        history=("disposition", "sentiment", "duration", "user_id"),
    ),
    Endpoint("activity_histories", "/activity_histories", models.ActivityHistory, _A),
    # No updated_at filter; deleted meetings come only when asked for.
    Endpoint(
        "meetings",
        "/meetings",
        models.Meeting,
        _B,
        params={"show_deleted": "true"},
        history=("status", "start_time", "canceled_at", "no_show", "reschedule_status"),
    ),
    Endpoint(
        "successes",
        "/successes",
        models.Success,
        _A,
        history=(
            "succeeded_at",
            "user_id",
            "person_id",
            "counts_total_emails",
            "counts_total_calls",
            "counts_total_other_touches",
        ),
    ),
    Endpoint("notes", "/notes", models.Note, _A),
    Endpoint("tasks", "/tasks", models.Task, _A),
    # Lists actions in progress only: a row here says that the action was open when it was last seen.
    Endpoint("actions", "/actions", models.Action, _A),
    Endpoint(
        "email_templates",
        "/email_templates",
        models.EmailTemplate,
        _A,
        params={"include_archived_templates": "true", "include_cadence_templates": "true"},
    ),
    Endpoint(
        "team_templates",
        "/team_templates",
        models.TeamTemplate,
        _A,
        params={"include_archived_templates": "true"},
    ),
    Endpoint("email_template_attachments", "/email_template_attachments", models.EmailTemplateAttachment, _C),
    Endpoint("team_template_attachments", "/team_template_attachments", models.TeamTemplateAttachment, _C),
    Endpoint("custom_fields", "/custom_fields", models.CustomField, _B),
    Endpoint("imports", "/imports", models.Import, _B),
    Endpoint("crm_activities", "/crm_activities", models.CrmActivity, _A),
    Endpoint("crm_users", "/crm_users", models.CrmUser, _B),
    # Its records carry no updated_at, so sorting by it tells nothing.
    Endpoint("phone_number_assignments", "/phone_number_assignments", models.PhoneNumberAssignment, _C),
)

BY_NAME: Mapping[str, Endpoint] = {endpoint.name: endpoint for endpoint in ENDPOINTS}
