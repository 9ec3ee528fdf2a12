"""The catalogue: every collection that is read, one row each. To add a collection, add a row.

`history` names the columns whose every observed version is kept, because SalesLoft changes them in place and tells
no time for the change. https://developers.salesloft.com/docs/api/ has a page for each path. Scopes are listed on
https://developers.salesloft.com/docs/platform/api-basics/scopes/, but nowhere by path: those of lists that no webhook
event names a scope for are inferred.
"""

from __future__ import annotations

from collections.abc import Mapping

from salesloft_pipeline.salesloft import models
from salesloft_pipeline.salesloft.endpoint import Absence, Endpoint, Reading

_A, _B, _C, _D, _E = Reading.KEYSET, Reading.DESCENDING, Reading.SNAPSHOT, Reading.BY_ID, Reading.PER_PARENT

ENDPOINTS: tuple[Endpoint, ...] = (
    Endpoint("team", "/team", models.Team, _C),
    # Deactivated users are hidden unless asked for, and without `page` the answer has no paging at all.
    Endpoint(
        "users", "/users", models.User, _C, params={"visible_only": "false"}, ids=True,
        history=("name", "active", "group_id", "role_id", "job_role"),
    ),
    Endpoint("custom_roles", "/custom_roles", models.CustomRole, _C, ids=True),
    Endpoint("groups", "/groups", models.Group, _C, ids=True),
    Endpoint(
        "phone_number_assignments", "/phone_number_assignments", models.PhoneNumberAssignment, _C, ids=True,
    ),
    Endpoint("saved_list_views", "/saved_list_views", models.SavedListView, _C, ids=True),
    Endpoint("tags", "/tags", models.Tag, _C, ids=True),
    Endpoint("custom_fields", "/custom_fields", models.CustomField, _B, ids=True),
    Endpoint("person_stages", "/person_stages", models.PersonStage, _B, ids=True, scope="people:read"),
    Endpoint("account_stages", "/account_stages", models.AccountStage, _A, ids=True, scope="accounts:read"),
    Endpoint("account_tiers", "/account_tiers", models.AccountTier, _B, ids=True, scope="accounts:read"),
    Endpoint("account_types", "/account_types", models.AccountType, _C, scope="accounts:read"),
    Endpoint(
        "account_team_member_roles", "/account_team_member_roles", models.AccountTeamMemberRole, _C,
        scope="accounts:read",
    ),
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
    # Its sums move with the work of every day, which its cadence's updated_at does not tell.
    Endpoint(
        "cadence_stats", "/cadence_stats/{id}", models.CadenceStats, _E, scope="cadences:read",
        parent="cadences", with_parent=False,
    ),
    Endpoint(
        "call_instructions", "/action_details/call_instructions", models.CallInstruction, _B, ids=True,
        scope="cadences:read",
    ),
    # Lists actions in progress only: a row here says that the action was open when it was last seen.
    Endpoint(
        "actions", "/actions", models.Action, _A, ids=True, scope="cadences:read", absence=Absence.CLOSED,
    ),
    Endpoint(
        "emails", "/activities/emails", models.Email, _A, ids=True, scope="emails:read",
        counted_by="sent_at", reread_by="sent_at",
        history=("status", "bounced", "sent_at", "user_id", "counts_views", "counts_clicks", "counts_replies"),
    ),
    # Emails leave this queue when they are sent; the id is that of the email.
    Endpoint(
        "pending_emails", "/pending_emails", models.PendingEmail, _C, scope="emails:read", absence=Absence.CLOSED,
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
    Endpoint(
        "conversations", "/conversations", models.Conversation, _A, ids=True, scope="conversations:read",
    ),
    Endpoint(
        "conversations_extensive", "/conversations/{id}/extensive", models.ConversationDetails, _E,
        scope="conversations:read", parent="conversations",
    ),
    Endpoint(
        "transcriptions", "/transcriptions", models.Transcription, _A, ids=True, scope="conversations:read",
    ),
    Endpoint(
        "transcriptions_sentences", "/transcriptions/{id}/sentences", models.TranscriptionSentence, _E,
        scope="conversations:read", parent="transcriptions",
    ),
    # A log: that an entry is gone does not undo what happened.
    Endpoint(
        "activity_histories", "/activity_histories", models.ActivityHistory, _A, ids=True, scope="activities:read",
        absence=Absence.UNKNOWN,
    ),
    # No updated_at filter; deleted meetings come only when asked for.
    Endpoint(
        "meetings", "/meetings", models.Meeting, _B, ids=True, scope="meetings:read", counted_by="created_at",
        params={"show_deleted": "true"},
        history=("status", "start_time", "canceled_at", "no_show", "reschedule_status"),
    ),
    # Everything in the calendars of all users, without any sign of what changed: of the past only the last months.
    Endpoint(
        "calendar_events", "/calendar/events", models.CalendarEvent, Reading.RECENT, scope="meetings:read",
        absence=Absence.UNKNOWN,
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
    Endpoint(
        "opportunities", "/opportunities", models.Opportunity, _A, ids=True, scope="opportunities:read",
        history=("stage_name", "amount", "probability", "close_date", "is_closed", "is_won", "owner_id"),
    ),
    Endpoint(
        "opportunity_people", "/opportunity_people", models.OpportunityPerson, _A, scope="opportunities:read",
    ),
    Endpoint(
        "opportunity_stages", "/opportunity_stages", models.OpportunityStage, _A, scope="opportunities:read",
    ),
    Endpoint(
        "crm_activities", "/crm_activities", models.CrmActivity, _A, ids=True, scope="crm:read", absence=Absence.UNKNOWN,
    ),
    Endpoint("crm_activity_fields", "/crm_activity_fields", models.CrmActivityField, _B, scope="crm:read"),
    Endpoint("crm_users", "/crm_users", models.CrmUser, _B, ids=True, scope="crm:read"),
    Endpoint(
        "crm_account_team_members", "/crm_account_team_members", models.CrmAccountTeamMember, _C, scope="crm:read",
    ),
    Endpoint(
        "crm_team_members_with_roles", "/crm_team_members_with_roles", models.CrmTeamMember, _C, scope="crm:read",
    ),
    Endpoint("external_mappings", "/external/mappings", models.ExternalMapping, _C, scope="external_id:read"),
    Endpoint(
        "external_configurations", "/external/configurations", models.ExternalConfiguration, _C,
        scope="external_id_configuration:read",
    ),
    Endpoint(
        "signal_registrations", "/integrations/signals/registrations", models.SignalRegistration, _C,
        scope="signal_registrations:read",
    ),
    Endpoint(
        "signal_plays", "/integrations/signals/registrations/plays", models.SignalPlay, _C, scope="workflow:read",
    ),
    Endpoint("bulk_jobs", "/bulk_jobs", models.BulkJob, _D),
    # SalesLoft keeps what a job was given and made for a month.
    Endpoint(
        "bulk_jobs_job_data", "/bulk_jobs/{id}/job_data", models.BulkJobData, _E, parent="bulk_jobs", below=_D,
        absence=Absence.UNKNOWN,
    ),
    Endpoint(
        "bulk_jobs_results", "/bulk_jobs/{id}/results", models.BulkJobResult, _E, parent="bulk_jobs", below=_D,
        absence=Absence.UNKNOWN,
    ),
    Endpoint("audit_reports", "/audit_reports", models.AuditReport, _C, scope="audit_reports:read"),
    Endpoint(
        "data_control_requests", "/data_control/requests", models.DataControlRequest, _C, scope="data_control:read",
    ),
    Endpoint("webhook_subscriptions", "/webhook_subscriptions", models.WebhookSubscription, _C),
)  # fmt: skip

BY_NAME: Mapping[str, Endpoint] = {endpoint.name: endpoint for endpoint in ENDPOINTS}
# Of which the records of a day can be counted; and asked for by name, where no reading of the list shows what is gone.
COUNTED = tuple(endpoint for endpoint in ENDPOINTS if endpoint.counted_by)
SWEPT = tuple(
    endpoint
    for endpoint in ENDPOINTS
    if endpoint.ids
    and endpoint.reading in (Reading.KEYSET, Reading.DESCENDING)
    and endpoint.absence is not Absence.UNKNOWN
)

__all__ = ["BY_NAME", "COUNTED", "ENDPOINTS", "SWEPT", "Absence", "Endpoint", "Reading"]
