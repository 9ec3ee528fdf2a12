"""Signals that other products send into SalesLoft, and the plays that answer them."""

from __future__ import annotations

from pydantic import Field

from .base import Dated, Instant, InstantOrDay, Integer, Json, Record, Reference, Text, about


class SignalRegistration(Dated):
    """One row per kind of signal that an integration may send.

    (GET /integrations/signals/registrations, newer than 2023)
    """

    id: int = Field(description="SalesLoft's id of the registration.")
    type: Text = about("Kind of signal, such as video_watched.")
    signal_name: Text = about("Name of the signal as shown to users.")
    description: Json = about("What the signal tells, by language.")
    integration_slug: Text = about("Short name of the integration.")
    integration: Reference | None = about("Integration that sends the signal.")
    owner_user_guid: Text = about("Uuid of the user who owns the registration; matches users.guid.")
    attribution: Json = about("Kinds of record a signal may be about, as a list of names.")
    indicators: Json = about("What a signal may show, as a list of objects.")
    data_shape: Json = about("Shape of what a signal carries, as a JSON schema.")
    globally_installed_at: Instant = about("When the registration was opened to all teams.")


class SignalPlay(Record):
    """One row per play: the task that is made when a signal shows something.

    (GET /integrations/signals/registrations/plays, newer than 2023)
    """

    id: int = Field(description="SalesLoft's id of the play.")
    created_at: InstantOrDay = about("When SalesLoft created the record.")
    enabled_at: InstantOrDay = about("When the play was enabled; null for a draft.")
    state: Text = about("State of the play: draft or enabled.")
    identifier: Text = about("Name of the play in SalesLoft's system.")
    signal_type: Text = about("Kind of signal that starts it.")
    signal_registration: Reference | None = about("Registration of that signal.")
    indicators: Json = about("What the signal has to show, as a list of names.")
    integration: Reference | None = about("Integration that sends the signal.")
    owner_user_guid: Text = about("Uuid of the user who owns the play; matches users.guid.")
    owner_tenant_id: Integer = about("Id of the owning team's tenant.")
    name: Json = about("Title of the play, by language.")
    label: Json = about("What the play does in a few words, by language.")
    description: Json = about("What the play does, by language.")
    attributes: Json = about("The task that is made, as an object.")
