"""Raw tables as years of a team's work leave them, written by the engine itself: for measuring what is built of them.

    fill(warehouse, emails=2_000_000)  ->  raw_salesloft.*, twice as many versions of emails, a fifth as many calls, ...

Everything follows from a row's number, so the same size gives the same rows on both engines.
"""

from __future__ import annotations

from datetime import UTC, datetime

from salesloft_pipeline.ingest import columns, ops
from salesloft_pipeline.warehouse import Warehouse

AS_OF = datetime(2026, 6, 30, 18, 0, tzinfo=UTC)
USERS, CADENCES, STEPS = 80, 60, 8
_AT = "timestamptz '2025-06-30 08:00:00+00' + (n * 31104000.0 / {rows}) * interval '1 second'"
# Five emails to each person, within a month.
_PERSON = "1 + (cast(floor(n * 1.0 * {people} / {rows}) as bigint) + {people} - n % 5 * {stride}) % {people}"
_CADENCE = f"1 + cast(floor(n / 5.0) as bigint) % {CADENCES}"
_USER = f"1 + (n * 13) % {USERS}"
_GUID = "'00000000-0000-4000-8000-' || lpad(cast({} as text), 12, '0')"
_STEP = f"({_CADENCE}) * 100 + n % {STEPS}"
_BOUNCED, _REPLIED = "n % 37 = 0", "n % 20 = 0"
_VIEWS = "greatest((n * 31) % 7 - 3, 0)"  # Three in seven are opened, up to three times.

# Table: how many rows for each email, and its columns, n counting from 1.
_ROWS: dict[str, tuple[float, dict[str, str]]] = {
    "users": (
        0,
        {
            "id": "n",
            "guid": _GUID.format("n"),
            "name": "'User ' || cast(n as text)",
            "active": "true",
            "time_zone": "case when n % 3 = 0 then 'US/Eastern' else 'Europe/Oslo' end",
            "group_id": "1 + n % 6",
            "created_at": "timestamptz '2024-01-01 00:00:00+00'",
        },
    ),
    "people": (
        0.2,
        {
            "id": "n",
            "display_name": "'Person ' || cast(n as text)",
            "email_address": "'p' || cast(n as text) || '@example.com'",
            "account_id": "1 + n % 5000",
            "owner_id": _USER,
            "title": "'Head of Work'",
            "created_at": "timestamptz '2025-01-01 00:00:00+00'",
        },
    ),
    "emails": (
        1,
        {
            "id": "n",
            "created_at": f"{_AT} - interval '1 hour'",
            "updated_at": f"{_AT} + interval '2 days'",
            "status": "'sent'",
            "bounced": _BOUNCED,
            "sent_at": _AT,
            "view_tracking": "n % 11 <> 0",
            "click_tracking": "n % 7 <> 0",
            "counts_views": f"case when {_BOUNCED} then 0 else {_VIEWS} end",
            "counts_clicks": f"case when {_BOUNCED} then 0 else {_VIEWS} / 3 end",
            "counts_replies": f"case when {_REPLIED} then 1 else 0 end",
            "user_id": _USER,
            "recipient_id": _PERSON,
            "cadence_id": f"case when n % 10 = 0 then null else {_CADENCE} end",
            "step_id": f"case when n % 10 = 0 then null else {_STEP} end",
            "email_template_id": "1 + n % 200",
            "personalization": "'13.4'",
            "subject": "'A word about subject ' || cast(n % 1000 as text)",
        },
    ),
    "calls": (
        0.2,
        {
            "id": "n",
            "created_at": _AT,
            "updated_at": _AT,
            "duration": "n % 300",
            "disposition": "case n % 3 when 0 then 'Connected' when 1 then 'Left Voicemail' end",
            "sentiment": "case when n % 9 = 0 then 'Interested' end",
            "user_id": _USER,
            "called_person_id": _PERSON,
            "cadence_id": _CADENCE,
            "step_id": _STEP,
        },
    ),
    "call_data_records": (
        0.25,
        {
            "id": "n",
            "created_at": _AT,
            "updated_at": _AT,
            "direction": "'outbound'",
            "duration": "n % 300",
            "user_id": _USER,
            "called_person_id": _PERSON,
            "call_id": "case when n % 5 <> 0 then 1 + cast(floor(n * 0.8) as bigint) end",
        },
    ),
    "cadence_memberships": (
        0.2,
        {
            "id": "n",
            "created_at": _AT,
            "added_at": _AT,
            "updated_at": _AT,
            "currently_on_cadence": "n % 4 = 0",
            "current_state": "'active'",
            "cadence_id": _CADENCE,
            "person_id": _PERSON,
            "user_id": _USER,
            "step_id": _STEP,
        },
    ),
    "activity_histories": (
        0.3,
        {
            "id": "cast(n as text)",
            "type": "case n % 3 when 0 then 'email_reply' when 1 then 'completed_action' else 'sent_email' end",
            "resource_type": "'person'",
            "resource_id": f"cast({_PERSON} as text)",
            "occurred_at": _AT,
            "created_at": _AT,
            "updated_at": _AT,
            "user_guid": _GUID.format(_USER),
            "static_data": 'cast(\'{{"email_id": \' || cast(cast(floor(n / 3.0) as bigint) * 10 as text) || \', "step_type": "other"}}\''
            " as json)",
        },
    ),
    "meetings": (
        0.01,
        {
            "id": "n",
            "created_at": _AT,
            "updated_at": _AT,
            "start_time": _AT + " + interval '3 days'",
            "status": "'booked'",
            "person_id": _PERSON,
            "cadence_id": _CADENCE,
            "step_id": _STEP,
            "booked_by_user_id": _GUID.format(_USER),
        },
    ),
    "successes": (
        0.005,
        {
            "id": "n",
            "created_at": _AT,
            "updated_at": _AT,
            "succeeded_at": _AT,
            "user_id": _USER,
            "person_id": _PERSON,
            "latest_cadence_id": _CADENCE,
            "counts_total_emails": "n % 9",
        },
    ),
}

# Each email is seen as it was sent, and as it is now.
_VERSIONS = """
insert into raw_salesloft.emails_versions (
    version_id, id, updated_at, observed_at, source, status, bounced, sent_at, user_id,
    counts_views, counts_clicks, counts_replies, _dlt_load_id
)
select cast(id as text) || '-1', id, sent_at, sent_at + interval '1 hour', 'poll', status, false, sent_at, user_id, 0, 0, 0, '1'
from raw_salesloft.emails
union all
select cast(id as text) || '-2', id, updated_at, updated_at + interval '1 hour', 'poll', status, bounced, sent_at, user_id,
    counts_views, counts_clicks, counts_replies, '1'
from raw_salesloft.emails
"""


def fill(warehouse: Warehouse, *, emails: int) -> None:
    """Create the raw tables and fill them with what `emails` emails in a year bring with them."""
    columns.create_tables(warehouse)
    ops.create_tables(warehouse)
    people = emails // 5
    with warehouse.transaction() as sql:
        for table, (share, cells) in _ROWS.items():
            rows = int(emails * share) or USERS
            marks = {
                "_dlt_load_id": "'1'",
                "_synced_at": "timestamptz '2026-06-30 18:00:00+00'",
                "_source": "'poll'",
            }
            cells = cells | marks
            select = ", ".join(
                value.format(rows=rows, people=people, stride=people // 50) for value in cells.values()
            )
            sql.execute(
                f"insert into raw_salesloft.{table} ({', '.join(cells)}) "
                f"select {select} from generate_series(1, {rows}) as s(n)"
            )
        sql.execute(_VERSIONS)
