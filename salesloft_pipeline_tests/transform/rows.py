"""Rows for the raw tables, written as data: `fill(warehouse, email(1, views=3), call(5, disposition="Connected"))`.

Defaults are those of the worked examples: user 7, cadence 10, step 101, tracking on, status sent, sent on 2 March 2026.
Times are text in UTC, the year left out: "03-02 15:00".
"""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from salesloft_pipeline.transform import SEED_FOLDER, BuildReport, build
from salesloft_pipeline.warehouse import Warehouse, quote

RAW = "raw_salesloft"
NEW_YORK = "America/New_York"


@dataclass(frozen=True)
class Row:
    """One row for one raw table; it takes the place of the row with the same id."""

    table: str
    values: dict[str, Any]

    @property
    def key(self) -> str:
        return "version_id" if self.table.endswith("_versions") else "id"


def at(text: str) -> datetime:
    """`03-02 15:00` or `03-02 04:59:59` as an instant of 2026 in UTC; a full date keeps its year."""
    full = text if text[:4].isdigit() else f"2026-{text}"
    return datetime.fromisoformat(full).replace(tzinfo=UTC)


def maybe_at(text: str | None) -> datetime | None:
    return at(text) if text else None


def fill(warehouse: Warehouse, *rows: Row) -> None:
    """Put rows into their raw tables."""
    with warehouse.transaction() as sql:
        for row in rows:
            sql.execute(f"delete from {RAW}.{row.table} where {row.key} = $1", [row.values[row.key]])
            names = ", ".join(quote(name) for name in row.values)
            places = ", ".join(f"${number}" for number, _ in enumerate(row.values, start=1))
            sql.execute(
                f"insert into {RAW}.{row.table} ({names}) values ({places})", list(row.values.values())
            )


def built(
    warehouse: Warehouse, *rows: Row, as_of: str = "2026-11-20 00:00", time_zone: str = NEW_YORK
) -> BuildReport:
    """Fill and build."""
    fill(warehouse, *rows)
    return build(warehouse, at(as_of), time_zone)


def system(synced_at: datetime | None, deleted_at: str | None, source: str = "poll") -> dict[str, Any]:
    return {"_synced_at": synced_at, "_deleted_at": maybe_at(deleted_at), "_source": source}


def email(
    number: int,
    sent_at: str | None = "03-02 15:00",
    *,
    views: int = 0,
    clicks: int = 0,
    replies: int = 0,
    bounced: bool = False,
    tracking: bool = True,
    status: str = "sent",
    user: int | None = 7,
    person: int | None = 50,
    cadence: int | None = 10,
    step: int | None = 101,
    mailing: int | None = None,
    updated_at: str | None = None,
    deleted_at: str | None = None,
    **more: Any,
) -> Row:
    updated = at(updated_at or sent_at or "03-02 15:00")
    values = {
        "id": number,
        "created_at": at(sent_at or "03-02 15:00"),
        "updated_at": updated,
        "sent_at": maybe_at(sent_at),
        "status": status,
        "bounced": bounced,
        "view_tracking": tracking,
        "click_tracking": tracking,
        "counts_views": views,
        "counts_clicks": clicks,
        "counts_replies": replies,
        "user_id": user,
        "recipient_id": person,
        "cadence_id": cadence,
        "step_id": step,
        "mailing_id": mailing,
    }
    return Row("emails", values | system(updated, deleted_at) | more)


def email_version(
    number: int,
    updated_at: str,
    *,
    seen_at: str | None = None,
    source: str = "poll",
    views: int = 0,
    clicks: int = 0,
    replies: int = 0,
    bounced: bool = False,
) -> Row:
    observed = seen_at or updated_at
    values = {
        "version_id": f"{number}/{updated_at}/{observed}/{source}/{views}/{clicks}/{replies}/{bounced}",
        "id": number,
        "updated_at": at(updated_at),
        "observed_at": at(observed),
        "source": source,
        "status": "sent",
        "bounced": bounced,
        "counts_views": views,
        "counts_clicks": clicks,
        "counts_replies": replies,
    }
    return Row("emails_versions", values)


def call(
    number: int,
    disposition: str | None = None,
    sentiment: str | None = None,
    duration: int | None = None,
    *,
    called_at: str = "03-02 15:00",
    user: int | None = 7,
    person: int | None = 50,
    cadence: int | None = 10,
    step: int | None = 101,
    deleted_at: str | None = None,
    **more: Any,
) -> Row:
    values = {
        "id": number,
        "created_at": at(called_at),
        "updated_at": at(called_at),
        "disposition": disposition,
        "sentiment": sentiment,
        "duration": duration,
        "user_id": user,
        "called_person_id": person,
        "cadence_id": cadence,
        "step_id": step,
    }
    return Row("calls", values | system(at(called_at), deleted_at) | more)


def dial(
    number: int,
    call_id: int | None = None,
    *,
    dialed_at: str = "03-02 15:00",
    direction: str = "outbound",
    user: int | None = 7,
    person: int | None = 50,
    deleted_at: str | None = None,
    **more: Any,
) -> Row:
    values = {
        "id": number,
        "created_at": at(dialed_at),
        "updated_at": at(dialed_at),
        "direction": direction,
        "call_id": call_id,
        "user_id": user,
        "called_person_id": person,
    }
    return Row("call_data_records", values | system(at(dialed_at), deleted_at) | more)


def meeting(
    number: int,
    booked_at: str = "03-02 15:00",
    starts_at: str = "03-04 15:00",
    *,
    status: str = "booked",
    canceled_at: str | None = None,
    no_show: bool = False,
    booked_by: str | None = None,
    owned_by: str | None = None,
    person: int | None = 50,
    cadence: int | None = 10,
    step: int | None = 101,
    deleted_at: str | None = None,
) -> Row:
    values = {
        "id": number,
        "created_at": at(booked_at),
        "updated_at": at(booked_at),
        "start_time": at(starts_at),
        "status": status,
        "canceled_at": maybe_at(canceled_at),
        "no_show": no_show,
        "booked_by_user_id": booked_by,
        "owned_by_user_id": owned_by,
        "person_id": person,
        "cadence_id": cadence,
        "step_id": step,
    }
    return Row("meetings", values | system(at(booked_at), deleted_at))


def success(
    number: int,
    succeeded_at: str = "03-02 15:00",
    *,
    emails: int = 0,
    calls: int = 0,
    others: int = 0,
    person: int | None = 50,
    deleted_at: str | None = None,
) -> Row:
    values = {
        "id": number,
        "succeeded_at": at(succeeded_at),
        "success_window_started_at": at("02-20 15:00"),
        "updated_at": at(succeeded_at),
        "user_id": 7,
        "person_id": person,
        "latest_cadence_id": 10,
        "latest_step_id": 101,
        "counts_total_emails": emails,
        "counts_total_calls": calls,
        "counts_total_other_touches": others,
    }
    return Row("successes", values | system(at(succeeded_at), deleted_at))


def activity(
    number: str,
    kind: str,
    occurred_at: str,
    *,
    guid: str | None = None,
    person: str | None = "50",
    resource: str = "person",
    static: Any = None,
) -> Row:
    values = {
        "id": number,
        "type": kind,
        "occurred_at": at(occurred_at),
        "updated_at": at(occurred_at),
        "user_guid": guid,
        "resource_type": resource,
        "resource_id": person,
        "static_data": json.dumps(static),
    }
    return Row("activity_histories", values | system(at(occurred_at), None))


def reply(number: str, email_id: int, occurred_at: str) -> Row:
    return activity(number, "email_reply", occurred_at, static={"email_id": email_id})


def membership(
    number: int,
    added_at: str,
    *,
    created_at: str | None = None,
    updated_at: str | None = None,
    state: str = "active",
    on_cadence: bool = True,
    user: int | None = 7,
    person: int | None = 50,
    cadence: int | None = 10,
    deleted_at: str | None = None,
    **more: Any,
) -> Row:
    updated = at(updated_at or added_at)
    values = {
        "id": number,
        "added_at": at(added_at),
        "created_at": at(created_at or added_at),
        "updated_at": updated,
        "current_state": state,
        "currently_on_cadence": on_cadence,
        "user_id": user,
        "person_id": person,
        "cadence_id": cadence,
    }
    return Row("cadence_memberships", values | system(updated, deleted_at) | more)


def membership_version(
    number: int,
    updated_at: str,
    added_at: str,
    *,
    state: str = "active",
    on_cadence: bool = True,
    user: int = 7,
) -> Row:
    values = {
        "version_id": f"{number}/{updated_at}/{added_at}/{state}",
        "id": number,
        "updated_at": at(updated_at),
        "observed_at": at(updated_at),
        "source": "poll",
        "added_at": at(added_at),
        "current_state": state,
        "currently_on_cadence": on_cadence,
        "user_id": user,
        "person_id": 50,
        "cadence_id": 10,
    }
    return Row("cadence_memberships_versions", values)


def user(number: int = 7, *, updated_at: str = "03-01 00:00", **more: Any) -> Row:
    values = {"id": number, "updated_at": at(updated_at), "name": f"Rep {number}", "active": True}
    return Row("users", values | system(at(updated_at), None) | more)


def user_version(number: int, updated_at: str, *, seen_at: str | None = None, **more: Any) -> Row:
    values = {
        "version_id": f"{number}/{updated_at}/{seen_at}/{more}",
        "id": number,
        "updated_at": at(updated_at),
        "observed_at": at(seen_at or updated_at),
        "source": "poll",
        "name": f"Rep {number}",
        "active": True,
    }
    return Row("users_versions", values | more)


def action(
    number: int,
    due_on: str | None,
    *,
    kind: str = "email",
    user: int | None = 7,
    cadence: int | None = 10,
    closed_at: str | None = None,
    deleted_at: str | None = None,
    **more: Any,
) -> Row:
    values = {
        "id": number,
        "type": kind,
        "due_on": maybe_at(due_on),
        "user_id": user,
        "cadence_id": cadence,
        "_closed_at": maybe_at(closed_at),
    }
    return Row("actions", values | system(at("03-01 00:00"), deleted_at) | more)


def task(
    number: int,
    due_date: str | None = None,
    *,
    kind: str = "call",
    state: str = "scheduled",
    due_at: str | None = None,
    completed_at: str | None = None,
    user: int | None = 7,
    person: int | None = 50,
    deleted_at: str | None = None,
) -> Row:
    """A task; its due date is a day such as `2026-03-02`."""
    values = {
        "id": number,
        "task_type": kind,
        "current_state": state,
        "due_date": date.fromisoformat(due_date) if due_date else None,
        "due_at": maybe_at(due_at),
        "completed_at": maybe_at(completed_at),
        "user_id": user,
        "person_id": person,
    }
    return Row("tasks", values | system(at("03-01 00:00"), deleted_at))


def person_version(number: int, updated_at: str, *, seen_at: str | None = None, **more: Any) -> Row:
    values = {
        "version_id": f"{number}/{updated_at}/{seen_at}/{more}",
        "id": number,
        "updated_at": at(updated_at),
        "observed_at": at(seen_at or updated_at),
        "source": "poll",
    }
    return Row("people_versions", values | more)


def record(table: str, number: int, **values: Any) -> Row:
    """A row of any other table: people, accounts, cadences, steps, groups ..."""
    return Row(table, {"id": number} | values)


def seed_folder(tmp_path: Path, **texts: str) -> Path:
    """A copy of the seeds with some of them replaced."""
    folder = tmp_path / "seeds"
    shutil.copytree(SEED_FOLDER, folder)
    for name, text in texts.items():
        (folder / f"{name}.csv").write_text(text, encoding="utf-8")
    return folder
