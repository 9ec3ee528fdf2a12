"""The lists of how the team is set up: users, templates, stages, fields, the CRM, other systems, jobs."""

from __future__ import annotations

from ..records import desk, integrations, jobs, office
from ..team.codes import JOB_STATES
from . import visibility
from .filters import After, Filter, Ids, OneOf, Range
from .listing import BY_ID, CHANGED, IDS, OWN_USER, TIMES, USER, Resource, flag

DELETED: dict[str, Filter] = {"deleted": flag("deleted")}
ADMINISTRATION = (
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
    Resource("person_stages", "person_stages", office.stage, IDS | {"active": flag("active")}),
    Resource("account_stages", "account_stages", office.stage, IDS | CHANGED | {"active": flag("active")}, TIMES | {"order": "order"}),
    Resource("account_tiers", "account_tiers", office.stage, IDS | {"active": flag("active"), "name": OneOf("name", text=True)}, TIMES | {"order": "order"}),
    Resource("custom_fields", "custom_fields", office.custom_field, IDS | {"field_type": OneOf("field_type", text=True)}),
    Resource("call_dispositions", "call_dispositions", office.disposition, {}, {"name": "name", "updated_at": "updated_at"}, ("name", "ASC")),
    Resource("call_sentiments", "call_sentiments", office.sentiment, {"name": OneOf("name", text=True)}, {"name": "name", "updated_at": "updated_at"}, ("name", "ASC")),
    Resource("phone_number_assignments", "phone_number_assignments", office.phone_number_assignment, IDS),
    Resource("groups", "groups", office.group, IDS, paging="never"),
    Resource(
        "users", "users", office.user,
        IDS | {"active": flag("active"), "group_id": OneOf("group", via="groups"), "guid": OneOf("row", guids=True)},
        {"id": "id", "email": "name", "name": "name", "group": "group", "role": "role"}, ("id", "DESC"),
        paging="on request", shown=visibility.active_users,
    ),
    Resource("tags", "tags", office.tag, IDS, {"name": "name"}, ("name", "ASC")),
    Resource("custom_roles", "custom_roles", office.custom_role, {"ids": Ids("guid")}, {"id": "id", "name": "name"}, ("id", "DESC"), naming="guid"),
    Resource(
        "crm_activity_fields", "crm_activity_fields", integrations.crm_activity_field,
        {"source": OneOf("source", text=True)}, {"title": "name", "updated_at": "updated_at"}, ("title", "ASC"), scope="crm:read",
    ),
    Resource("crm_account_team_members", "crm_account_team_members", integrations.crm_account_team_member, {}, *BY_ID, scope="crm:read"),
    Resource("crm_team_members_with_roles", "crm_account_team_members", integrations.crm_team_member_with_role, {}, *BY_ID, scope="crm:read"),
    Resource("account_team_member_roles", "account_team_member_roles", office.tag, {}, *BY_ID, scope="accounts:read"),
    Resource("account_types", "account_types", integrations.account_type, {}, {"name": "name"}, ("name", "ASC"), scope="accounts:read"),
    Resource(
        "email_template_attachments", "email_template_attachments", desk.email_template_attachment,
        IDS | {"email_template_id": OneOf("template", via="email_templates")}, *BY_ID, scope="emails:read",
    ),
    Resource(
        "team_template_attachments", "team_template_attachments", desk.team_template_attachment,
        IDS | {"team_template_id": OneOf("template", via="team_templates", naming="guid")}, *BY_ID, scope="emails:read",
    ),
    Resource(
        "saved_list_views", "saved_list_views", desk.saved_list_view,
        IDS | {"view": OneOf("view", text=True), "shared": flag("shared")}, {"name": "name"}, ("name", "ASC"),
    ),
    Resource("action_details/call_instructions", "call_instructions", desk.call_instructions, IDS, default=("created_at", "DESC"), scope="cadences:read"),
    Resource("external/mappings", "external_mappings", integrations.external_mapping, DELETED, *BY_ID, scope="external_id:read"),
    Resource(
        "external/configurations", "external_configurations", integrations.external_configuration, DELETED, *BY_ID,
        scope="external_id_configuration:read",
    ),
    Resource("integrations/signals/registrations", "signal_registrations", integrations.signal_registration, {}, *BY_ID, scope="signal_registrations:read"),
    Resource("integrations/signals/registrations/plays", "signal_plays", integrations.signal_play, {}, *BY_ID, scope="workflow:read"),
    Resource("audit_reports", "audit_reports", jobs.audit_report, {}, *BY_ID, scope="audit_reports:read"),
    Resource(
        "data_control/requests", "data_control_requests", jobs.data_control_request,
        OWN_USER | {"team_id": OneOf("team"), "request_type": OneOf("request_type", text=True), "dry_run": flag("dry_run")}, *BY_ID,
        scope="data_control:read",
    ),
    Resource(
        "bulk_jobs", "bulk_jobs", jobs.bulk_job, {"id": After(), "state": OneOf("state", words=JOB_STATES)},
        {"id": "id"}, ("id", "ASC"), paging="cursor",
    ),
    Resource("webhook_subscriptions", "webhook_subscriptions", integrations.webhook_subscription, {"enabled": flag("enabled")}, *BY_ID, paging="never"),
)  # fmt: skip
