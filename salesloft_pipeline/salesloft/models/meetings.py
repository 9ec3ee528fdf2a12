"""Meetings booked with people, and the calendar events behind them."""

from __future__ import annotations

from pydantic import Field

from .base import Dated, Flag, Instant, Integer, Json, Reference, Text, TextReference, about


class Meeting(Dated):
    """One row per meeting with a person. (GET /meetings, definition `Meeting`)

    Times arrive in UTC. Cancelled meetings stay listed; deleted ones appear only with `show_deleted=true`.
    """

    id: int = Field(description="SalesLoft's id of the meeting.")
    title: Text = about("Title shown in the calendar.")
    start_time: Instant = about("When the meeting starts; the API sends it in UTC.")
    end_time: Instant = about("When the meeting ends; the API sends it in UTC.")
    calendar_id: Text = about("Calendar of the meeting's owner, often an email address.")
    calendar_type: Text = about("Kind of calendar: gmail, azure, nylas, linkedin_azure, cerebro or external.")
    meeting_type_id: Integer = about("Id of the meeting type.")
    meeting_type: Text = about("Name of the meeting type, chosen by the team.")
    recipient_name: Text = about("Name of the invited person.")
    recipient_email: Text = about("Email address of the invited person.")
    location: Text = about("Place or conference link, free text.")
    description: Text = about("Text of the invitation.")
    event_id: Text = about("Id of the event in the calendar it lives in.")
    account_id: Integer = about("Id of the account of the invited person.")
    task_id: Integer = about("Id of the task created for the meeting.")
    guests: Json = about("Email addresses of those invited, as a list.")
    attendees: Json = about("Those invited with their answers, as a list of objects.")
    person: Reference | None = about("Person the meeting is with.")
    cadence: Reference | None = about("Cadence the meeting is attributed to.")
    step: Reference | None = about("Step the meeting is attributed to.")
    owned_by_user: TextReference | None = about("Guid of the user who holds the meeting; matches users.guid.")
    booked_by_user: TextReference | None = about(
        "Guid of the user who booked the meeting; matches users.guid."
    )
    crm_references: Json = about("CRM records tied to the meeting, as an object.")
    crm: Json = about("How the meeting stands in the CRM, as an object.")
    event_source: Text = about(
        "Origin: internal when booked in SalesLoft, external when synced from a calendar."
    )
    canceled_at: Instant = about("When the meeting was cancelled; null otherwise.")
    all_day: Flag = about("True for an all-day meeting.")
    no_show: Flag = about("True when the person did not come.")
    crm_custom_fields: Json = about("CRM fields to be logged with the meeting, as an object.")
    strict_attribution: Flag = about("True when it is certain which cadence led to the meeting.")
    i_cal_uid: Text = about("iCalendar uid, shared by all copies of the event.")
    status: Text = about("Progress of booking: pending, booked, failed or retry; not whether it took place.")
    reschedule_status: Text = about("Progress of rescheduling: pending, booked, failed or retry.")
    owned_by_meetings_settings: Json = about(
        "Meeting settings of the holder, as an object with email_address."
    )
    booked_by_meetings_settings: Json = about(
        "Meeting settings of the booker, as an object with email_address."
    )
    reschedule_guid: Text = about("Uuid in the meeting's rescheduling link.")
    recurring: Flag = about("True when the meeting repeats.")
    recurrence: Json = about("iCalendar rules of the repetition, as a list.")
    recurring_interval: Text = about("How often the meeting repeats, in words.")
    last_occurrence_at: Instant = about("When a repeating meeting takes place for the last time.")
    undo_completion_count: Integer = about("How often the completion of the meeting was undone.")
    count_towards_meetings_attended_metric: Flag = about(
        "True when SalesLoft's own metric of attended meetings counts it."
    )
    count_towards_meetings_booked_metric: Flag = about(
        "True when SalesLoft's own metric of booked meetings counts it."
    )
    created_on_demand: Flag = about("True when the meeting was created on demand.")
    notes: Text = about("Notes on the meeting.")


class CalendarEvent(Dated):
    """One row per event in a user's connected calendar. (GET /calendar/events, definition `CalendarEvent`)"""

    id: str = Field(description="Id of the event given by the calendar provider, as text.")
    title: Text = about("Title of the event.")
    description: Text = about("Text of the event.")
    body_html: Text = about("Body as HTML; Microsoft calendars only.")
    start_time: Instant = about("When the event starts.")
    end_time: Instant = about("When the event ends; this instant is no longer part of it.")
    all_day: Flag = about("True for an all-day event.")
    busy: Flag = about("True when the event blocks the user's time.")
    status: Text = about("State given by the provider; may be empty outside Google.")
    canceled_at: Instant = about("When the event was cancelled; null otherwise.")
    provider: Text = about("Calendar provider, such as google.")
    calendar_id: Text = about("Calendar the event is in, often an email address.")
    i_cal_uid: Text = about("iCalendar uid, shared by all copies of the event.")
    html_link: Text = about("Link to the event in the provider's calendar.")
    location: Text = about("Place or conference link, free text.")
    organizer: Text = about("Email address of the organiser.")
    creator: Text = about("Email address of whoever created the event.")
    attendees: Json = about("Those invited with their answers, as a list of objects.")
    conference_data: Json = about("Video conference of the event, as an object.")
    extended_properties: Json = about("Further properties set by the provider, as an object.")
    recurring: Flag = about("True when the event repeats.")
    recurrence: Json = about("iCalendar rules of the repetition, as a list.")
    recurring_interval: Text = about("How often the event repeats, in words.")
    series_master_event_id: Text = about("Id of the event that heads the series.")
    last_occurrence_at: Instant = about("When a repeating event takes place for the last time.")
    user_guid: Text = about("Uuid of the user whose calendar it is; matches users.guid.")
    tenant_id: Integer = about("Id of the team's tenant.")
