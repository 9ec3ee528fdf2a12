"""Calls as reps log them, the telephone legs behind them, and the words reps choose from."""

from __future__ import annotations

from pydantic import Field

from .base import Dated, Flag, Instant, Integer, Json, Reference, Text, about


class Call(Dated):
    """One row per call logged by a user. (GET /activities/calls, definition `Call`)"""

    id: int = Field(description="SalesLoft's id of the call.")
    to: Text = about("Number the user dialled.")
    duration: Integer = about("Length of the call in seconds; null when none was measured.")
    sentiment: Text = about("Name, not id, of the call sentiment: how the conversation went.")
    disposition: Text = about("Name, not id, of the call disposition: what the dialling led to.")
    positive: Flag = about("True when the call counts as having a positive outcome.")
    connected: Flag = about("True when the call counts as having reached someone.")
    recordings: Json = about("Recordings as a list of objects with url, status and recording_status.")
    user: Reference | None = about("User who made the call.")
    action: Reference | None = about("Cadence action the call fulfilled.")
    task: Reference | None = about("Task the call fulfilled.")
    called_person: Reference | None = about("Person who was called.")
    crm_activity: Reference | None = about("CRM activity the call was logged as.")
    note: Reference | None = about("Note taken on the call.")
    cadence: Reference | None = about("Cadence the call was made from; null for a one-off call.")
    step: Reference | None = about("Cadence step the call was made from.")


class CallDataRecord(Dated):
    """One row per telephone leg; only the past year is listed.

    (GET /call_data_records, definition `CallDataRecord`)
    """

    id: int = Field(description="SalesLoft's id of the call data record.")
    call_uuid: Text = about("Uuid shared by all legs of one call.")
    call_type: Text = about("Kind of leg: call, bridge or collaboration; values may change.")
    direction: Text = about("Direction: inbound or outbound.")
    status: Text = about(
        "Progress of the leg: queued, initiated, ringing, in-progress, completed, busy, no-answer, canceled or failed."
    )
    from_: Text = about("Number the leg was dialled from.", alias="from")
    to: Text = about("Number the leg was dialled to.")
    started_at: Instant = about("When the leg started.")
    ended_at: Instant = about("When the leg ended.")
    duration: Integer = about("Length of the leg in seconds.")
    user: Reference | None = about("User on the call.")
    called_person: Reference | None = about("Person on the call.")
    call: Reference | None = about("Logged call this leg belongs to; null when none was logged.")
    recording: Json = about("Recording of the leg, as an object with its address and status.")
    dialer_recording: Json = about("Recording made by the dialler, as an object.")


class CallDisposition(Dated):
    """One row per disposition reps may choose. (GET /call_dispositions, definition `CallDisposition`)"""

    id: int = Field(description="SalesLoft's id of the disposition.")
    name: Text = about("Name of the disposition, the value that calls carry.")
    crm_value: Text = about("Value written to the CRM for this disposition.")


class CallSentiment(Dated):
    """One row per sentiment reps may choose. (GET /call_sentiments, definition `CallSentiment`)"""

    id: int = Field(description="SalesLoft's id of the sentiment.")
    name: Text = about("Name of the sentiment, the value that calls carry.")
