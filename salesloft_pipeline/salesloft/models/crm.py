"""What SalesLoft knows of the CRM: users, account teams, logged activities, opportunities; ids in outside systems."""

from __future__ import annotations

from pydantic import Field

from .base import (
    Dated,
    Day,
    Flag,
    Instant,
    InstantOrDay,
    Integer,
    Json,
    Record,
    Reference,
    Text,
    Unnamed,
    about,
)


class CrmUser(Dated):
    """One row per CRM user known to SalesLoft. (GET /crm_users, definition `CrmUser`)"""

    id: int = Field(description="SalesLoft's id of the CRM user.")
    crm_id: Text = about("Id of the user in the CRM.")
    first_name: Text = about("Given name in the CRM.")
    last_name: Text = about("Family name in the CRM.")
    name: Text = about("Full name in the CRM.")
    crm_username: Text = about("Sign-in name in the CRM.")
    user: Reference | None = about("SalesLoft user who is this CRM user.")


class CrmAccountTeamMember(Record):
    """One row per member of an account's team in the CRM. (GET /crm_account_team_members, newer than 2023)"""

    id: int = Field(description="SalesLoft's id of the membership.")
    crm_id: Text = about("Id of the membership in the CRM.")
    account_crm_id: Text = about("CRM id of the account.")
    user_crm_id: Text = about("CRM id of the user.")
    user_crm_name: Text = about("Name of the user in the CRM.")
    team_member_role: Text = about("Role of the user on the account's team.")
    account_access_level: Text = about("What the user may do with the account.")


class CrmTeamMember(Unnamed):
    """One row per user, account and role on an account's team in the CRM.

    (GET /crm_team_members_with_roles, newer than 2023)
    """

    user_crm_id: Text = about("CRM id of the user.")
    team_member_role: Text = about("Role of the user on the account's team.")
    account_name: Text = about("Name of the account.")
    account_email: Text = about("Address of the account.")


class CrmActivity(Dated):
    """One row per activity logged, or to be logged, to the CRM.

    (GET /crm_activities, definition `CrmActivity`)
    """

    id: int = Field(description="SalesLoft's id of the CRM activity.")
    subject: Text = about("Subject written to the CRM.")
    description: Text = about("Description written to the CRM.")
    crm_id: Text = about("Id of the activity in the CRM; null until written there.")
    activity_type: Text = about(
        "Kind of activity, such as email, phone, email reminder or inmail; values may change."
    )
    error: Text = about("Why the last sync failed; failed activities are tried again and may yet succeed.")
    custom_crm_fields: Json = about("Further fields logged to the CRM, as an object.")
    crm_record_type: Text = about("Kind of CRM record the activity became.")
    person: Reference | None = about("Person the activity was with.")
    user: Reference | None = about("User whose activity it was.")


class CrmActivityField(Dated):
    """One row per CRM field that activities are logged to.

    (GET /crm_activity_fields, definition `CrmActivityField`)
    """

    id: int = Field(description="SalesLoft's id of the field mapping.")
    title: Text = about("Name of the field as shown to users.")
    salesforce_object_type: Text = about("Salesforce object of the field, such as Task.")
    crm_object_type: Text = about("CRM object of the field, such as Task, Phonecall or Email.")
    source: Text = about("Activity the field is for: email or phone.")
    field: Text = about("Name of the field in the CRM.")
    field_type: Text = about("Type of the field in the CRM.")
    value: Text = about("Value always written; set for every email field.")
    picklist_values: Json = about("Allowed values by label, as an object.")


class Opportunity(Dated):
    """One row per CRM opportunity known to SalesLoft.

    (GET /opportunities, newer than the 2023 description)
    """

    id: int = Field(description="SalesLoft's id of the opportunity.")
    name: Text = about("Name of the opportunity.")
    amount: Text = about("Value of the deal, a number as text in currency_iso_code.")
    currency_iso_code: Text = about("Currency of the amount, as a three-letter ISO code.")
    probability: Text = about("Chance of winning, a number as text.")
    stage_name: Text = about("Name of the stage in the CRM.")
    opportunity_type: Text = about("Kind of opportunity in the CRM.")
    is_closed: Flag = about("True when the opportunity is closed, won or lost.")
    is_won: Flag = about("True when the opportunity was won.")
    close_date: InstantOrDay = about("When the opportunity is expected to close, or did.")
    created_date: InstantOrDay = about(
        "When the CRM created the opportunity; created_at is SalesLoft's own time."
    )
    crm_last_updated_date: InstantOrDay = about("When the CRM last changed the opportunity.")
    crm_id: Text = about("Id of the opportunity in the CRM.")
    crm_type: Text = about("CRM the opportunity comes from.")
    crm_url: Text = about("Link to the opportunity in the CRM.")
    account_crm_id: Text = about("CRM id of the account.")
    account_name: Text = about("Name of the account in the CRM.")
    owner_crm_id: Text = about("CRM id of the owner.")
    owner_crm_name: Text = about("Name of the owner in the CRM.")
    created_by_crm_id: Text = about("CRM id of the opportunity's creator.")
    opportunity_window_person_id: Integer = about(
        "Id of the person whose contact opened the opportunity window."
    )
    opportunity_window_started_at: Instant = about("When the opportunity window opened.")
    custom_fields: Json = about(
        "Team-defined fields by name; only those with a value appear, so a cleared one is missing."
    )
    tags: Json = about("Tags on the opportunity, as a list of names.")
    most_recent_cadence: Reference | None = about("Cadence last run for the opportunity.")
    most_recent_step: Reference | None = about("Step last run for the opportunity.")
    most_recent_step_number: Integer = about("Position of that step.")
    most_recent_step_account: Reference | None = about("Account of that step.")
    owner: Reference | None = about("User who owns the opportunity.")
    creator: Reference | None = about("User who created the opportunity.")
    account: Reference | None = about("Account the opportunity is with.")


class OpportunityPerson(Dated):
    """One row per person on an opportunity. (GET /opportunity_people, newer than the 2023 description)"""

    id: int = Field(description="SalesLoft's id of the link.")
    person_id: Integer = about("Id of the person.")
    opportunity_id: Integer = about("Id of the opportunity.")
    opportunity_crm_id: Text = about("CRM id of the opportunity.")
    person_crm_id: Text = about("CRM id of the person.")
    crm_id: Text = about("CRM id of the link itself.")


class OpportunityStage(Dated):
    """One row per stage of opportunities. (GET /opportunity_stages, newer than the 2023 description)"""

    id: int = Field(description="SalesLoft's id of the opportunity stage.")
    name: Text = about("Name of the stage; opportunities carry it as stage_name.")
    order: Integer = about("Position of the stage in the team's list.")
    active: Flag = about("False when the stage is no longer offered.")


class ExternalMapping(Record):
    """One row per SalesLoft record known to an outside system.

    (GET /external/mappings, newer than the 2023 description)
    """

    id: int = Field(description="SalesLoft's id of the mapping.")
    source_type: Text = about("Kind of source that made the mapping.")
    source_id: Integer = about("Id of that source.")
    object_type: Text = about("Kind of SalesLoft record mapped.")
    object_id: Integer = about("Id of the SalesLoft record.")
    external_type: Text = about("Kind of record in the outside system.")
    external_id: Text = about("Id of the record in the outside system.")
    deleted: Flag = about("True when the mapping has been withdrawn.")
    inserted_at: Day = about("Day the mapping was made.")
    tenant_id: Integer = about("Id of the team's tenant.")


class ExternalConfiguration(Record):
    """One row per kind of outside id that the team may map. (GET /external/configurations, newer than 2023)"""

    id: int = Field(description="SalesLoft's id of the configuration.")
    source_type: Text = about("Kind of source that made the configuration.")
    source_id: Integer = about("Id of that source.")
    object_type: Text = about("Kind of SalesLoft record that may be mapped.")
    external_type: Text = about("Kind of record in the outside system.")
    deleted: Flag = about("True when the configuration has been withdrawn.")
