"""Accounts (the companies people belong to), their stages, tiers and types, and the roles on their teams."""

from __future__ import annotations

from pydantic import Field

from .base import Counts, Dated, Flag, Instant, Integer, Json, Record, Reference, Text, Unnamed, about


class AccountCounts(Counts):
    """Counters of one account (definition `EmbeddedAccountCounts`)."""

    people: Integer = about("People on the account; null where zero is expected.")


class Account(Dated):
    """One row per account, the company people belong to. (GET /accounts, definition `Account`)"""

    id: int = Field(description="SalesLoft's id of the account.")
    archived_at: Instant = about(
        "When the account was archived; null while in use, and also on a deleted account."
    )
    name: Text = about("Full name of the company.")
    domain: Text = about("Web domain of the company, meant to be without scheme but not always so.")
    conversational_name: Text = about("Name of the company as used in conversation.")
    description: Text = about("Free text about the company.")
    phone: Text = about("Main phone number as entered, unformatted.")
    website: Text = about("Address of the website.")
    linkedin_url: Text = about("Address of the LinkedIn page.")
    twitter_handle: Text = about("Twitter handle, with its @.")
    street: Text = about("Street and number.")
    city: Text = about("City, free text.")
    state: Text = about("State or region, free text.")
    postal_code: Text = about("Postal code, as text.")
    country: Text = about("Country, free text rather than a code.")
    locale: Text = about("Time zone name of the account, for example Europe/London.")
    industry: Text = about("Industry, free text.")
    company_type: Text = about("Kind of company, such as private or public.")
    founded: Text = about("Year or date of founding, free text.")
    revenue_range: Text = about("Estimated yearly revenue, a range as free text.")
    size: Text = about("Estimated number of employees, as text.")
    crm_id: Text = about("Id of the account in the CRM.")
    crm_url: Text = about("Link to the account in the CRM.")
    crm_object_type: Text = about("Kind of CRM object behind the account.")
    owner_crm_id: Text = about("Owner of the account according to the CRM.")
    prospector_engagement_score: Text = about("Engagement score given by Prospector, a number as text.")
    prospector_engagement_level: Text = about("Engagement level given by Prospector, in words.")
    last_contacted_at: Instant = about("When anyone at the account was last contacted.")
    last_contacted_type: Text = about("Channel of the last contact: call, email or other.")
    do_not_contact: Flag = about("True when the company opted out; nobody there may be contacted.")
    custom_fields: Json = about(
        "Team-defined fields by name; only those with a value appear, so a cleared one is missing."
    )
    user_relationships: Json = about("Users tied to the account in team-defined roles, as a list.")
    tags: Json = about("Tags on the account, as a list of names.")
    counts: AccountCounts | None = about("Counters of the account.")
    owner: Reference | None = about("User who owns the account.")
    creator: Reference | None = about("User who created the account.")
    last_contacted_by: Reference | None = about("User who last contacted the account.")
    last_contacted_person: Reference | None = about("Person at the account who was last contacted.")
    company_stage: Reference | None = about("Account stage the account is in.")
    account_tier: Reference | None = about("Tier of the account.")


class AccountStage(Dated):
    """One row per stage of the team's process for accounts.

    (GET /account_stages, definition `AccountStage`)
    """

    id: int = Field(description="SalesLoft's id of the account stage.")
    name: Text = about("Name of the stage, chosen by the team.")
    order: Integer = about("Position of the stage in the team's list.")
    active: Flag = about("False when the stage is no longer offered.")


class AccountTier(Dated):
    """One row per priority tier for accounts. (GET /account_tiers, definition `AccountTier`)"""

    id: int = Field(description="SalesLoft's id of the account tier.")
    name: Text = about("Name of the tier, chosen by the team.")
    order: Integer = about("Position of the tier in the team's list.")
    active: Flag = about("False when the tier is no longer offered.")


class AccountType(Unnamed):
    """One row per type that accounts may have. (GET /account_types, newer than the 2023 description)"""

    name: Text = about("Name of the type.")


class AccountTeamMemberRole(Record):
    """One row per role that a user may have on an account's team. (GET /account_team_member_roles, newer than 2023)"""

    id: int = Field(description="SalesLoft's id of the role.")
    name: Text = about("Name of the role; members of CRM account teams carry it.")
