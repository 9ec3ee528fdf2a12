"""Cadences, their steps, the people on them, the actions they create, and the successes they lead to."""

from __future__ import annotations

from pydantic import Field

from .base import Counts, Dated, Day, Flag, Instant, Integer, Json, Record, Reference, Text, about


class CadenceCounts(Counts):
    """Counters of one cadence (definition `CadenceCounts`)."""

    cadence_people: Integer = about("People ever added to the cadence; null where zero is expected.")
    people_acted_on_count: Integer = about("People advanced, scheduled or skipped on the cadence.")
    target_daily_people: Integer = about("People the owner means to add per day; a goal, not a count.")
    opportunities_created: Integer = about("Opportunities attributed to the cadence.")
    meetings_booked: Integer = about("Meetings attributed to the cadence.")


class Cadence(Dated):
    """One row per cadence, live or archived. (GET /cadences, definition `Cadence`)"""

    id: int = Field(description="SalesLoft's id of the cadence.")
    archived_at: Instant = about("When the cadence was archived; null while in use.")
    latest_active_date: Day = about("Last day on which the cadence is active, without a time zone.")
    team_cadence: Flag = about("True when an admin made the cadence for all users to run.")
    shared: Flag = about("True when team members can see the cadence.")
    archived: Flag = about("True when the cadence is archived.")
    remove_bounces_enabled: Flag = about("True when people whose email bounces are taken off the cadence.")
    remove_replies_enabled: Flag = about("True when people who reply are taken off the cadence.")
    opt_out_link_included: Flag = about("True when its emails carry an opt-out link by default.")
    draft: Flag = about("True while the cadence is a draft.")
    override_contact_restrictions: Flag = about(
        "True when the cadence ignores people's contact restrictions."
    )
    cadence_framework_id: Integer = about("Id of the framework the steps were generated from.")
    archived_by: Text = about("User who archived the cadence, as text.")
    cadence_function: Text = about("Use of the cadence: outbound, inbound, event or other.")
    name: Text = about("Name of the cadence.")
    external_identifier: Text = about("Id given to the cadence by an outside system.")
    tags: Json = about("Tags on the cadence, as a list of names.")
    current_state: Text = about("State of the cadence: draft, active, archived, expired or deleted.")
    creator: Reference | None = about("User who created the cadence.")
    owner: Reference | None = about("User who owns the cadence.")
    bounced_stage: Reference | None = about("Person stage set when an email bounces.")
    replied_stage: Reference | None = about("Person stage set when a person replies.")
    added_stage: Reference | None = about("Person stage set when a person is added.")
    finished_stage: Reference | None = about("Person stage set when a person finishes.")
    cadence_priority: Reference | None = about("Priority of the cadence.")
    groups: Json = about("Groups the cadence is assigned to, as a list of references.")
    counts: CadenceCounts | None = about("Counters of the cadence.")
    knowledge_library_document_ids: Json = about("Ids of linked knowledge documents, as a list of numbers.")


class Step(Dated):
    """One row per planned contact of a cadence. (GET /steps, definition `Step`)"""

    id: int = Field(description="SalesLoft's id of the step.")
    disabled: Flag = about("True when the step is switched off; the vendor's text says the opposite.")
    type: Text = about("Kind of action the step creates: email, phone, integration or other; more may come.")
    name: Text = about("Name the author gave the step.")
    display_name: Text = about("Name with day and position, as shown to users.")
    day: Integer = about("Day of the cadence the step belongs to, counted from 1.")
    step_number: Integer = about("Position of the step within its day, not within the cadence.")
    multitouch_enabled: Flag = about("True when the step is part of a multitouch cadence.")
    details: Reference | None = about("Details of the step, kept under action_details.")
    cadence: Reference | None = about("Cadence the step belongs to.")


class CadenceMembershipCounts(Counts):
    """Engagement of one person on one cadence (definition `CadenceMembershipCounts`)."""

    views: Integer = about("Opens of the cadence's emails to the person.")
    clicks: Integer = about("Clicks on links in those emails.")
    replies: Integer = about("Replies to those emails.")
    calls: Integer = about("Calls logged from the cadence to the person.")
    sent_emails: Integer = about("Emails sent from the cadence to the person.")
    bounces: Integer = about("Those emails that bounced.")


class CadenceMembership(Dated):
    """One row per person and cadence, past or present.

    (GET /cadence_memberships, definition `CadenceMembership`)

    The row is reused: adding a person again changes `added_at` and the state instead of making a new row.
    """

    id: int = Field(description="SalesLoft's id of the membership, kept when the person is added again.")
    created_at: Instant = about("When the person was first added to the cadence.")
    added_at: Instant = about("When the person was last added to the cadence; moves on every re-adding.")
    person_deleted: Flag = about("True when the person has since been deleted.")
    currently_on_cadence: Flag = about("True while the person is on the cadence.")
    current_state: Text = about(
        "State: processing, staged, active, scheduled, completed, removed, removed_no_action, reassigned or archived."
    )
    cadence: Reference | None = about("Cadence the person is or was on.")
    step: Reference | None = about("Step the person is at.")
    person: Reference | None = about("Person on the cadence.")
    user: Reference | None = about("User who works the person on the cadence.")
    latest_action: Reference | None = about("Action most recently created for the membership.")
    counts: CadenceMembershipCounts | None = about("Engagement counters of the membership.")


class Action(Dated):
    """One row per action in progress; completed ones vanish from the list.

    (GET /actions, definition `Action`)
    """

    id: int = Field(description="SalesLoft's id of the action.")
    due: Flag = about(
        "True when the action was due as it was read; it turns with the day while updated_at stands still."
    )
    type: Text = about("Kind of action: email, phone, integration or other; more may come.")
    status: Text = about("Progress: in_progress, or pending_activity when acted upon but not finished.")
    due_on: Instant = about("When the action is due; midnight UTC stands for a whole day.")
    multitouch_group_id: Integer = about("Id shared by actions of one multitouch step.")
    action_details: Reference | None = about("Details of the action, kept under action_details.")
    user: Reference | None = about("User who is to act.")
    person: Reference | None = about("Person to be contacted.")
    cadence: Reference | None = about("Cadence that created the action.")
    step: Reference | None = about("Step that created the action.")
    task: Reference | None = about("Task tied to the action.")


class SuccessCounts(Counts):
    """Effort spent in one success window (definition `SuccessCounts`)."""

    total_emails: Integer = about("Emails sent within the success window.")
    total_calls: Integer = about("Calls made within the success window.")
    total_other_touches: Integer = about("Other contacts made within the success window.")


class Success(Dated):
    """One row per conversion of a person. (GET /successes, definition `Success`)"""

    id: int = Field(description="SalesLoft's id of the success.")
    succeeded_at: Instant = about("When the success was recorded.")
    success_window_started_at: Instant = about("When the person was first worked towards this success.")
    user: Reference | None = about("User credited with the success.")
    person: Reference | None = about("Person who converted.")
    latest_email: Reference | None = about("Last email before the success.")
    latest_call: Reference | None = about("Last call before the success.")
    latest_action: Reference | None = about("Last action before the success.")
    latest_cadence: Reference | None = about("Last cadence before the success.")
    latest_step: Reference | None = about("Last step before the success.")
    counts: SuccessCounts | None = about("Effort spent from the start of the window to the success.")


class CallInstruction(Dated):
    """One row per text that tells a user what to do on a call.

    (GET /action_details/call_instructions, definition `CallInstruction`)
    """

    id: int = Field(
        description="SalesLoft's id of the instructions; steps and actions refer to it as details."
    )
    instructions: Text = about("The instructions.")


class CadenceStats(Record):
    """One row per cadence: SalesLoft's own sums since it began. (GET /cadence_stats/{id}, newer than 2023)"""

    id: int = Field(description="SalesLoft's id of the cadence.")
    parent_id: Integer = about("Cadence that was asked for.", alias="_parent_id")
    cadence: Reference | None = about("Cadence that the sums are of.")
    people_acted_on_count: Integer = about("People for whom a step was completed, skipped or scheduled.")
    sent_emails_count: Integer = about("Emails sent from the cadence.")
    viewed_count: Integer = about("Views of those emails.")
    replied_count: Integer = about("Replies to those emails.")
    calls_count: Integer = about("Calls made from the cadence.")
    meetings_booked_count: Integer = about("Meetings booked that the cadence is credited with.")
