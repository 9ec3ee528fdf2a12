"""The columns kept for each resource. What can be derived from a record's id is not kept at all.

One line per table: `name: column:kind ...` with the kinds of table.py. A column named after another record
(`owner`, `person`) holds that record's row number. `enrolments` is behind the scenes: one row per time a
person was put on a cadence, while `cadence_memberships` has one mutable row per person and cadence.
"""

from __future__ import annotations

import re

from .table import Table

_COLUMNS = """
groups: name:value parent:row members:value
users: name:value first_name:value last_name:value zone:row group:row role:code active:flag admin:flag
    started:time ended:time share:value job_role:value
person_stages: name:value order:count active:flag
account_stages: name:value order:count active:flag
account_tiers: name:value order:count active:flag
call_dispositions: name:value
call_sentiments: name:value
tags: name:value
custom_fields: name:value field_type:value value_type:value
custom_roles: name:value
imports: user:row name:value people:count imported:count
crm_users: user:row
phone_number_assignments: user:row
team_templates: title:value user:row used_at:time archived_at:time
email_templates: title:value owner:row team_template:row used_at:time archived_at:time cadence_template:flag
    views:count clicks:count replies:count sent:count bounces:count
cadences: name:value owner:row function:code state:code archived_at:time team:flag shared:flag
    stop_on_reply:flag stop_on_bounce:flag steps:value groups:value people:count acted:count meetings:count
    priority:number popularity:value
steps: instruction:row cadence:row type:code day:count number:count disabled:flag multitouch:flag template:row name:value
    content:value
accounts: owner:row creator:row stage:row tier:row archived_at:time contacted_at:time contacted_type:code
    contacted_by:row contacted_person:row do_not_contact:flag people:count name:value
people: owner:row account:row stage:row import:row contacted_at:time replied_at:time contacted_by:row
    contacted_type:code do_not_contact:flag bouncing:flag first:code last:code seniority:code
    recent_cadence:row last_step:row successes:count sent:count viewed:count clicked:count replied:count
    bounced:count calls:count written:value
enrolments: person:row cadence:row user:row membership:row added_at:time ended_at:time stage:count
    action:number action_row:row
cadence_memberships: person:row cadence:row user:row added_at:time moved_at:time state:code on:flag
    person_deleted:flag step:row action:number views:count clicks:count replies:count calls:count sent:count
    bounces:count
emails: user:row person:row enrolment:row cadence:row step:row template:row mailing:number action:number
    task:number crm_activity:row status:code bounced:flag send_after:time sent_at:time view_tracking:flag
    click_tracking:flag views:count clicks:count replies:count
calls: dial:row user:row person:row cadence:row step:row enrolment:row action:number task:number note:row
    crm_activity:row duration:number disposition:value sentiment:value positive:flag connected:flag
    recordings:count
call_data_records: user:row person:row call:row duration:number status:code inbound:flag uuid:number
activity_histories: type:code user:row person:row about:row cadence:row step:row number:number
    occurred_at:time pinned_at:time
meetings: event:row person:row account:row cadence:row step:row booker:row owner:row start_at:time minutes:count
    canceled_at:time no_show:flag deleted:flag task:number
successes: user:row person:row email:row call:row action:number cadence:row step:row succeeded_at:time
    window_started_at:time emails:count calls:count others:count
notes: user:row person:row account:row call:row
tasks: user:row creator:row person:row type:code completed_at:time due_on:number
actions: person:row user:row cadence:row step:row due_on:number
crm_activities: user:row person:row email:row call:row
opportunity_stages: name:value order:count active:flag
opportunities: person:row account:row owner:row creator:row stage:code amount:count moved_at:time close_on:number
    cadence:row step:row
opportunity_people: opportunity:row person:row
conversations: user:row person:row account:row opportunity:row call:row meeting:row transcription:row
    started_at:time duration:number
transcriptions: conversation:row person:row
calendar_events: user:row person:row meeting:row title:value recurring:flag start_at:time end_at:time
    canceled_at:time
call_instructions: step:row
email_template_attachments: template:row name:value
team_template_attachments: template:row name:value
saved_list_views: user:row name:value view:value shared:flag default:flag
pending_emails: email:row user:row person:row
crm_activity_fields: name:value source:value field:value field_type:value
external_mappings: person:row account:row deleted:flag
external_configurations: object_type:value external_type:value deleted:flag
account_types: name:value
account_team_member_roles: name:value
crm_account_team_members: account:row user:row role:row
audit_reports: user:row name:value record_type:value status:value days:count
data_control_requests: user:row request_type:value people:value dry_run:flag state:value done_at:time team:number
bulk_jobs: user:row name:value kind:value state:code total:count ready_at:time done_at:time
    data:value outcomes:value
signal_registrations: user:row name:value kind:value
signal_plays: registration:row user:row name:value enabled_at:time
webhook_subscriptions: user:row event_type:value enabled:flag callback_url:value callback_token:value
"""


def tables() -> dict[str, Table]:
    """Every table, empty."""
    lines = (line.partition(":") for line in re.sub(r"\n +", " ", _COLUMNS.strip()).splitlines())
    return {
        name: Table(name, dict(column.split(":") for column in columns.split())) for name, _, columns in lines
    }
