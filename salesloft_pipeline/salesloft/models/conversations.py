"""Recorded conversations and their transcriptions. Every key here is text, mostly a uuid."""

from __future__ import annotations

from pydantic import Field

from .base import Dated, Flag, Instant, Integer, Json, Number, Text, TextReference, Unnamed, about


class _Conversation(Dated):
    """What the list of conversations and the details of one have in common."""

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
    person: TextReference | None = about("Person the conversation was with; the id as text.")
    account: TextReference | None = about("Account the conversation was with; the id as text.")
    recording: TextReference | None = about("Recording of the conversation.")
    transcription: TextReference | None = about("Transcription of the conversation.")
    transcription_artifact: TextReference | None = about("File that holds the transcription.")


class Conversation(_Conversation):
    """One row per recorded conversation. (GET /conversations, newer than the 2023 description)"""

    people: TextReference | None = about("Link to the people of the conversation.")
    transcription_sentences: TextReference | None = about("Sentences of the transcription.")


class ConversationDetails(_Conversation):
    """One row per recorded conversation: what SalesLoft made of it.

    (GET /conversations/{id}/extensive, newer than the 2023 description)
    """

    parent_id: Text = about("Conversation that was asked for: the same id.", alias="_parent_id")
    owner_email: Text = about("Address of the owner.")
    opportunity: TextReference | None = about("Opportunity the conversation was about; the id as text.")
    key_moments: Json = about("Moments found in the text, as an object with status and items.")
    summary: Json = about("Summary of the conversation, as an object with text and status.")
    action_items: Json = about("What was agreed to be done, as an object with status and items.")
    attendees: Json = about("Who took part, as a list of objects; sentences name them by id.")
    invitees: Json = about("Who was invited, as a list of objects.")
    meddpicc: Json = about("Qualification of the deal by MEDDPICC, as an object with categories.")


class Transcription(Dated):
    """One row per transcription of a conversation. (GET /transcriptions, newer than the 2023 description)"""

    id: str = Field(description="SalesLoft's id of the transcription, as text.")
    language_code: Text = about("Language of the text, as a code such as en-US.")
    conversation: TextReference | None = about("Conversation that was transcribed.")
    transcription_sentences: TextReference | None = about(
        "Sentences of the transcription; they have no ids of their own."
    )
    transcription_artifact: TextReference | None = about("File that holds the transcription.")


class TranscriptionSentence(Unnamed):
    """One row per sentence of a transcription. (GET /transcriptions/{id}/sentences, newer than 2023)"""

    parent_id: Text = about("Transcription the sentence belongs to.", alias="_parent_id")
    order_number: Integer = about("Place of the sentence in the transcription.")
    start_time: Number = about("When the sentence begins, in seconds from the beginning of the recording.")
    end_time: Number = about("When the sentence ends, in seconds from the beginning of the recording.")
    recording_attendee_id: Text = about(
        "Who speaks: an id among the attendees of the conversation's details."
    )
    text: Text = about("What was said.")
    conversation: TextReference | None = about("Conversation the sentence was said in.")
