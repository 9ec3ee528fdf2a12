"""The team, its users and groups, and what is theirs: roles, numbers, fields, tags, views, subscriptions."""

from __future__ import annotations

from pydantic import Field

from .base import Dated, Flag, Integer, Json, Record, Reference, Text, TextReference, about


class User(Dated):
    """One row per user (rep) of the team. (GET /users and /me, definition `User`)"""

    id: int = Field(description="SalesLoft's id of the user.")
    guid: Text = about("Uuid of the user, by which meetings, conversations and histories name users.")
    name: Text = about("Name shown for the user.")
    first_name: Text = about("Given name.")
    last_name: Text = about("Family name.")
    job_role: Text = about("Role in the sales team, chosen from a list.")
    active: Flag = about("False when the user has been deactivated.")
    time_zone: Text = about("Time zone name of the user, for example US/Eastern.")
    locale_utc_offset: Integer = about("Offset of the user's time zone from UTC, in minutes.")
    slack_username: Text = about("Name on Slack.")
    twitter_handle: Text = about("Twitter handle, with its @.")
    email: Text = about("Address the user signs in with.")
    email_client_email_address: Text = about("Address of the connected email client.")
    sending_email_address: Text = about(
        "Address the user's emails leave from, resolved from the other addresses."
    )
    from_address: Text = about("Sender address the user set, when other than the default.")
    full_email_address: Text = about("Name and address together, as in a message header.")
    bcc_email_address: Text = about("Address blind-copied on every email of the user.")
    work_country: Text = about("Country the user works in, usually a two-letter ISO code.")
    seat_package: Text = about("Licence package of the seat, such as admin.")
    email_signature: Text = about("Signature under the user's emails, usually HTML.")
    email_signature_type: Text = about("Format of the signature, such as html.")
    email_signature_click_tracking_disabled: Flag = about("True when links in the signature are not tracked.")
    team_admin: Flag = about("True when the user administers the team.")
    local_dial_enabled: Flag = about("True when the user may dial from a local number.")
    click_to_call_enabled: Flag = about("True when clicking a number dials it.")
    email_client_configured: Flag = about("True when an email client is connected.")
    crm_connected: Flag = about("True when the user is connected to the CRM.")
    external_feature_flags: Json = about("Feature switches of the user, as an object; names come and go.")
    phone_client: Reference | None = about("Dialler of the user.")
    phone_number_assignment: Reference | None = about("Phone number assigned to the user.")
    group: Reference | None = about("Group the user belongs to.")
    team: Reference | None = about("Team the user belongs to.")
    role: TextReference | None = about(
        "Role of the user: a name such as Admin, or a custom role's id as text."
    )


class Group(Record):
    """One row per group of users. (GET /groups, definition `Group`)"""

    id: int = Field(description="SalesLoft's id of the group.")
    name: Text = about("Name of the group, chosen by the team.")
    parent_id: Integer = about("Id of the group above; null at the top.")
    accessible_groups: Json = about("Groups this one may see, itself included, as a list of references.")


class CustomRole(Record):
    """One row per role the team defined. (GET /custom_roles, definition `CustomRole`)"""

    id: str = Field(description="SalesLoft's id of the role, as text.")
    name: Text = about("Name of the role.")


class Team(Dated):
    """One row for the team whose key read the data. (GET /team, definition `Team`)"""

    id: int = Field(description="SalesLoft's id of the team.")
    name: Text = about("Name of the team.")
    plan: Text = about("Plan of the team: group, professional or enterprise.")
    plan_features: Json = about("Features bought on top of the plan, as an object.")
    license_limit: Integer = about("Seats the team has licensed.")
    deactivated: Flag = about("True when the team has been deactivated.")
    allow_automated_email_steps: Flag = about("True when cadences may send emails without a user's click.")
    call_recording_disabled: Flag = about("True when no call is recorded.")
    record_by_default: Flag = about("True when calls are recorded unless switched off.")
    click_tracking_default: Flag = about("True when new emails track clicks by default.")
    custom_tracking_domain: Text = about("Domain through which opens and clicks are tracked.")
    dispositions_required: Flag = about("True when every call must be given a disposition.")
    sentiments_required: Flag = about("True when every call must be given a sentiment.")
    email_daily_limit: Integer = about("Emails each member may send per day.")
    group_privacy_setting: Text = about(
        "Who sees what: group_public limits some records to the same group, all_public shows them to the team."
    )
    local_dial_enabled: Flag = about("True when the team may dial from local numbers.")
    team_visibility_default: Text = about(
        "Default visibility in the user interface, public or private; the API ignores it."
    )


class PhoneNumberAssignment(Record):
    """One row per phone number given to a user.

    (GET /phone_number_assignments, definition `PhoneNumberAssignment`)
    """

    id: int = Field(description="SalesLoft's id of the assignment.")
    number: Text = about("Phone number, with its country code.")
    user: Reference | None = about("User the number is assigned to.")


class CustomField(Dated):
    """One row per field the team defined. (GET /custom_fields, definition `CustomField`)"""

    id: int = Field(description="SalesLoft's id of the custom field.")
    name: Text = about("Name of the field, the key in custom_fields objects; upper and lower case differ.")
    field_type: Text = about("Kind of record it belongs to: person, company or opportunity.")
    value_type: Text = about("Kind of value: text or date.")


class Tag(Record):
    """One row per tag of the team. (GET /tags, definition `Tag`)"""

    id: int = Field(description="SalesLoft's id of the tag.")
    name: Text = about("Name of the tag; tagged records carry this name, not the id.")


class SavedListView(Record):
    """One row per saved list view of the requesting user.

    (GET /saved_list_views, definition `SavedListView`)
    """

    id: int = Field(description="SalesLoft's id of the saved view.")
    view: Text = about("Kind of list the view shows, such as companies.")
    name: Text = about("Name of the view.")
    view_params: Json = about("Filters of the view, as an object.")
    is_default: Flag = about("True when the list opens with this view.")
    shared: Flag = about("True when others can use the view.")


class WebhookSubscription(Record):
    """One row per webhook subscription; each listens to one event type.

    (GET /webhook_subscriptions, `Subscription`)
    """

    id: int = Field(description="SalesLoft's id of the subscription.")
    user_guid: Text = about("Uuid of the user whose key made the subscription and whose view limits it.")
    tenant_id: Integer = about("Id of the team's tenant.")
    event_type: Text = about("Event the subscription listens to.")
    enabled: Flag = about("True when events are delivered.")
    callback_url: Text = about("Address that receives the events.")
    callback_token: Text = about(
        "Key that signs deliveries; a secret, never written to the warehouse.", secret=True
    )
