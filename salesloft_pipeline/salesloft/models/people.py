"""People, the stages they are in, and the imports that brought them."""

from __future__ import annotations

from pydantic import Field

from .base import Counts, Dated, Flag, Instant, Integer, Json, Reference, Text, about


class PersonCounts(Counts):
    """Lifetime engagement of one person (definition `PersonCounts`)."""

    emails_sent: Integer = about("Emails sent to the person.")
    emails_viewed: Integer = about("Distinct emails the person opened at least once.")
    emails_clicked: Integer = about("Distinct emails in which the person clicked a link.")
    emails_replied_to: Integer = about("Distinct emails the person answered.")
    emails_bounced: Integer = about("Distinct emails to the person that bounced.")
    calls: Integer = about("Calls logged to the person.")


class Person(Dated):
    """One row per person a rep reaches out to. (GET /people, definition `Person`)"""

    id: int = Field(description="SalesLoft's id of the person.")
    last_contacted_at: Instant = about("When the person was last contacted by any channel.")
    last_replied_at: Instant = about("When the person last replied to an email.")
    first_name: Text = about("Given name.")
    last_name: Text = about("Family name.")
    display_name: Text = about("Full name, or the email address when no name is known.")
    email_address: Text = about("Main email address, unique within the team.")
    full_email_address: Text = about("Name and address together, as in a message header.")
    secondary_email_address: Text = about("Alternative email address.")
    personal_email_address: Text = about("Private email address.")
    phone: Text = about("Main phone number as entered, unformatted.")
    phone_extension: Text = about("Extension of the main phone number.")
    home_phone: Text = about("Home phone number, unformatted.")
    mobile_phone: Text = about("Mobile phone number, unformatted.")
    linkedin_url: Text = about("Address of the LinkedIn profile.")
    title: Text = about("Job title, free text.")
    city: Text = about("City, free text.")
    state: Text = about("State or region, free text.")
    country: Text = about("Country, free text rather than a code.")
    work_city: Text = about("City of the workplace.")
    work_state: Text = about("State or region of the workplace.")
    work_country: Text = about("Country of the workplace, free text.")
    crm_url: Text = about("Link to the person in the CRM.")
    crm_id: Text = about("Id of the person in the CRM.")
    account_crm_id: Text = about("CRM id of the account the person belongs to.")
    crm_object_type: Text = about("Kind of CRM object behind the person, such as lead or contact.")
    owner_crm_id: Text = about("Owner of the person according to the CRM.")
    person_company_name: Text = about("Company name typed on the person; may differ from the linked account.")
    person_company_website: Text = about(
        "Company website typed on the person; may differ from the linked account."
    )
    person_company_industry: Text = about("Industry typed on the person; may differ from the linked account.")
    do_not_contact: Flag = about(
        "True when the person opted out of all communication; blocks calls, email and cadences."
    )
    bouncing: Flag = about("True when the current email address has bounced.")
    locale: Text = about("Time zone name of the person, for example US/Eastern.")
    locale_utc_offset: Integer = about("Offset of the person's time zone from UTC, in minutes.")
    eu_resident: Flag = about("True when marked as a resident of the European Union.")
    personal_website: Text = about("The person's own website.")
    twitter_handle: Text = about("Twitter handle, with its @.")
    last_contacted_type: Text = about("Channel of the last contact: call, email or other.")
    job_seniority: Text = about(
        "Seniority: director, executive, individual_contributor, manager, vice_president or unknown."
    )
    job_function: Text = about("Department or function of the job.")
    custom_fields: Json = about(
        "Team-defined fields by name; only those with a value appear, so a cleared one is missing."
    )
    tags: Json = about("Tags on the person, as a list of names.")
    contact_restrictions: Json = about(
        "Channels not to be used, as a list drawn from call, email and message."
    )
    success_count: Integer = about("1 when the person has an active success, else 0; not a running total.")
    starred: Flag = about("Starred by the user whose key read the data; other users may differ.")
    untouched: Flag = about("True while nobody has contacted the person.")
    hot_lead: Flag = about("True when SalesLoft marks the person as a hot lead.")
    external_source: Text = about("Outside system the person came from.")
    counts: PersonCounts | None = about("Lifetime engagement counters.")
    account: Reference | None = about("Account the person belongs to.")
    owner: Reference | None = about("User who owns the person.")
    last_contacted_by: Reference | None = about("User who last contacted the person.")
    import_: Reference | None = about("Import that brought the person in.", alias="import")
    person_stage: Reference | None = about("Stage the person is in.")
    most_recent_cadence: Reference | None = about("Cadence the person was most recently added to.")
    last_completed_step_cadence: Reference | None = about(
        "Cadence of the step last completed for the person."
    )
    last_completed_step: Reference | None = about("Step last completed for the person.")
    cadences: Json = about("Cadences the person is active on now, as a list of references.")


class PersonStage(Dated):
    """One row per stage of the team's process for people. (GET /person_stages, definition `PersonStage`)"""

    id: int = Field(description="SalesLoft's id of the person stage.")
    name: Text = about("Name of the stage, chosen by the team.")
    order: Integer = about("Position of the stage in the team's list.")
    active: Flag = about("False when the stage is no longer offered.")


class Import(Dated):
    """One row per import of people. (GET /imports, definition `Import`)

    `updated_at` ignores relationship changes, so `current_people_count` can change without it.
    """

    id: int = Field(description="SalesLoft's id of the import.")
    updated_at: Instant = about("When the import itself changed; changes among its people do not count.")
    name: Text = about("Name of the import, often the file name.")
    current_people_count: Integer = about(
        "People of the import not deleted since; drifts without updated_at moving."
    )
    imported_people_count: Integer = about("People that were ever part of the import.")
    errors_list: Json = about("Rows that could not be imported, with their reasons, as a list.")
    user_id: Integer = about("Id of the user who ran the import.")
    import_type: Text = about("Where the import came from, such as a file or the CRM.")
