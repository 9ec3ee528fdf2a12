"""Postgres: by what people look into the mart. DuckDB keeps the ends of each stretch of a column, and needs none.

Most questions are of some days, or of one person; whatever groups a whole table reads it whole anyway.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping

from salesloft_pipeline.warehouse import Sql

INDEXES: Mapping[str, tuple[str, ...]] = {
    "dim_person": ("person_id", "account_id"),
    "fct_email": ("sent_date", "person_id"),
    "fct_call": ("call_date", "person_id"),
    "fct_dial": ("dial_date", "person_id"),
    "fct_activity": ("occurred_date", "person_id"),
    "fct_engagement_event": ("event_date", "person_id"),
    "fct_cadence_enrollment": ("added_date", "person_id"),
    "fct_task": ("due_date", "person_id"),
    "daily_engagement": ("engagement_date",),
    "daily_user_engagement": ("engagement_date",),
    "daily_cadence_engagement": ("engagement_date",),
    "person_engagement": ("person_id",),
}


def index(sql: Sql, schema: str, tables: Collection[str]) -> None:
    """Index those of `tables`, all just made in `schema`, that have something to be looked up by."""
    for table in tables:
        for column in INDEXES.get(table, ()):
            sql.execute(f"create index on {schema}.{table} ({column})")
