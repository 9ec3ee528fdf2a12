"""Recorded conversations and their transcriptions. Every key here is text, mostly a uuid."""

from __future__ import annotations

from pydantic import Field

from .base import Dated, Flag, Instant, Json, Number, Text, TextReference, about


class Conversation(Dated):
    """One row per recorded conversation. (GET /conversations, newer than the 2023 description)"""

    id: str = Field(description="SalesLoft's id of the conversation, a uuid.")
    title: Text = about("Title of the conversation.")
    duration: Number = about("Length of the conversation; the vendor names no unit.")
    started_recording_at: Number = about(
        "When recording began, as a number; the vendor names no unit or origin."
    )
    event_start_date: Instant = about("When the underlying event starts.")
    event_end_date: Instant = about("When the underlying event ends.")
    platform: Text = about("System the conversation took place on.")
    media_type: Text = about("Kind of recording, such as audio or video.")
    language_code: Text = about("Language spoken, as a code such as en-US.")
    is_api: Flag = about("True when the conversation was brought in through the API.")
    call_id: Text = about("Id of the call the conversation was, as text.")
    organization_id: Text = about("Uuid of the team in SalesLoft's conversation system.")
    owner_id: Text = about("Uuid of the owner in SalesLoft's conversation system.")
    user_guid: Text = about("Uuid of the user; matches users.guid.")
    people: TextReference | None = about("Link to the people of the conversation.")
    person: Json = about("Person the conversation was with, as an object.")
    account: Json = about("Account the conversation was with, as an object.")
    recording: TextReference | None = about("Recording of the conversation.")
    transcription: TextReference | None = about("Transcription of the conversation.")
    transcription_sentences: TextReference | None = about("Sentences of the transcription.")
    transcription_artifact: TextReference | None = about("File that holds the transcription.")


class Transcription(Dated):
    """One row per transcription of a conversation. (GET /transcriptions, newer than the 2023 description)"""

    id: str = Field(description="SalesLoft's id of the transcription, as text.")
    language_code: Text = about("Language of the text, as a code such as en-US.")
    conversation: TextReference | None = about("Conversation that was transcribed.")
    transcription_sentences: TextReference | None = about(
        "Sentences of the transcription; they have no ids of their own."
    )
    transcription_artifact: TextReference | None = about("File that holds the transcription.")
