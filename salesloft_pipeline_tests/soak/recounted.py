"""mart.daily_engagement counted a second time out of what SalesLoft holds: plain Python and pandas, no SQL, no copy.

world.truth(...)  ->  (day, user, cadence, step, column, how many)  ->  a frame to hold against the mart

What depends on when we looked (opens by the day on which they were seen, and the like) cannot be known from there;
Q27 compares all columns with a whole build of the same copy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from salesloft_pipeline.simulator import World
from salesloft_pipeline.warehouse import Warehouse

KEY = ["engagement_date", "user_id", "cadence_id", "step_id"]
SENT = ("sent", "sent_from_gmail", "sent_from_external")
Unit = tuple[Any, int, int, int, str, int]


def differences(warehouse: Warehouse, world: World, zone: str) -> list[str]:
    """Where the mart says something else than SalesLoft: day, key, column and both numbers."""
    expected = _frame(world, ZoneInfo(zone))
    found = warehouse.frame("select * from mart.daily_engagement")
    found["engagement_date"] = pd.to_datetime(found["engagement_date"]).dt.date
    both = found.set_index(KEY)[list(expected.columns)].astype(float)
    both, expected = both.align(expected, join="outer", fill_value=0.0)
    unlike = both.ne(expected)
    return [
        f"{key!r}: {column} is {both.at[key, column]:g}, and SalesLoft has {expected.at[key, column]:g}"  # type: ignore[str-bytes-safe]  # numbers
        for column in map(str, both.columns)
        for key in both.index[unlike[column]].tolist()
    ]


def columns_of(world: World, zone: str) -> list[str]:
    """The columns that are counted again."""
    return list(_frame(world, ZoneInfo(zone)).columns)


def _frame(world: World, zone: ZoneInfo) -> pd.DataFrame:
    units = [*_emails(world, zone), *_calls(world, zone), *_meetings(world, zone), *_successes(world, zone)]
    frame = pd.DataFrame(units, columns=[*KEY, "column", "number"])
    return frame.pivot_table("number", KEY, "column", "sum", fill_value=0).astype(float)


def _day(text: str, zone: ZoneInfo) -> Any:
    return datetime.fromisoformat(text).astimezone(zone).date()


def _id(record: Mapping[str, Any], name: str) -> int:
    return int((record.get(name) or {}).get("id") or -1)


def _emails(world: World, zone: ZoneInfo) -> Iterator[Unit]:
    for email in world.truth("activities/emails"):
        if email["status"] not in SENT or not email["sent_at"]:
            continue
        key = (_day(email["sent_at"], zone), *(_id(email, name) for name in ("user", "cadence", "step")))
        counts = {name: number or 0 for name, number in email["counts"].items()}
        there = not email["bounced"]
        yield *key, "emails_sent", 1
        yield *key, "emails_bounced", int(not there)
        yield *key, "emails_opened", int(there and email["view_tracking"] and counts["views"] > 0)
        yield *key, "emails_clicked", int(there and email["click_tracking"] and counts["clicks"] > 0)
        yield *key, "emails_replied", int(there and counts["replies"] > 0)
        yield *key, "replies_total", counts["replies"] if there else 0


def _calls(world: World, zone: ZoneInfo) -> Iterator[Unit]:
    for call in world.truth("activities/calls"):
        key = (_day(call["created_at"], zone), *(_id(call, name) for name in ("user", "cadence", "step")))
        yield *key, "calls_logged", 1
        yield *key, "calls_connected", int((call["disposition"] or "").strip().lower() == "connected")
        yield *key, "talk_seconds", call["duration"] or 0


def _meetings(world: World, zone: ZoneInfo) -> Iterator[Unit]:
    users = {user["guid"]: user["id"] for user in world.truth("users")}
    for meeting in world.truth("meetings"):
        if meeting["status"] == "booked":
            guids = [(meeting[name] or {}).get("id") for name in ("booked_by_user", "owned_by_user")]
            who = next((users[guid] for guid in guids if guid in users), -1)
            where = (_id(meeting, "cadence"), _id(meeting, "step"))
            yield _day(meeting["created_at"], zone), who, *where, "meetings_booked", 1


def _successes(world: World, zone: ZoneInfo) -> Iterator[Unit]:
    for success in world.truth("successes"):
        at = success["succeeded_at"] or success["created_at"]
        key = (_day(at, zone), *(_id(success, name) for name in ("user", "latest_cadence", "latest_step")))
        yield *key, "successes", 1
