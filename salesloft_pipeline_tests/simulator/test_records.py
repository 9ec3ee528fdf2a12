"""What records look like: fields, times, quirks."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from salesloft_pipeline.simulator import World
from salesloft_pipeline.simulator.api.parts import PARTS

from .conftest import ask, make_world, when

FIELDS = Path(__file__).parents[3] / "shared" / "salesloft" / "FIELDS.md"
# Privileged, or only in webhook bodies.
ABSENT = {
    "activities/emails": {"subject", "body"},
    "tasks": {"custom_attribute_resources", "instigator", "reminded", "rollback_reason"},
}


def documented() -> dict[str, dict[str, str]]:
    """Resource → field → type, read in place."""
    found: dict[str, dict[str, str]] = {}
    for line in FIELDS.read_text().splitlines() if FIELDS.exists() else ():
        if line.startswith("## "):
            fields = found.setdefault(line[3:].strip(), {})
        elif match := re.match(r"\| ([\w ]+?) \| (.+?) \| [DAOP]+ \|", line):
            fields[match[1]] = match[2]
    return found


@pytest.mark.skipif(not FIELDS.exists(), reason="the field list is not beside this repository")
@pytest.mark.parametrize("path", sorted(documented()))
def test_records_carry_exactly_the_documented_fields(path: str) -> None:
    """No more and no less than FIELDS.md, with the types it gives."""
    world = make_world()
    fields = documented()[path]
    part = next((part for part in PARTS.values() if part.path == path), None)
    records = list(world.truth(part.name if part else path))[:300]
    assert records
    for record in records:
        if part:
            assert record.pop(part.key)
        assert set(record) == set(fields) - ABSENT.get(path, set())
    for record in records:
        wrong = {name: record[name] for name in record if not fits(record[name], fields[name])}
        assert not wrong, path


def fits(value: Any, kind: str) -> bool:
    """Does a value have a type of FIELDS.md? Null fits everything."""
    if value is None or kind.startswith("("):
        return True
    if kind.startswith("ref{"):
        return isinstance(value["id"], str if "STRING" in kind else int)
    if kind == "decimal":
        return isinstance(value, int | float)
    if kind.startswith(("array", "integer[]")):
        return isinstance(value, list)
    if kind.startswith(("object", "{")):
        return isinstance(value, dict)
    words = {"integer": int, "string": str, "boolean": bool, "datetime": str, "date": str, "uuid": str}
    return isinstance(value, tuple(words[word] for word in kind.split("|")))


def test_times_carry_the_offset_of_the_keys_user_with_daylight_saving() -> None:
    """-04:00 in October and -05:00 in November from the same key: text order is not time order."""
    world = make_world()
    times = [record["updated_at"] for record in world.truth("emails")]
    assert {time[-6:] for time in times} == {"-04:00", "-05:00"}
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}[+-]\d\d:\d\d", time) for time in times)
    change = when("2026-11-01T06:00:00Z")
    assert all((when(time) < change) == time.endswith("-04:00") for time in times)


def test_another_key_speaks_in_another_zone() -> None:
    """The zone belongs to the identity, not to the data."""
    world, same = make_world(), make_world(zone="Europe/Berlin")
    here, there = (ask(w, "/people").data[0] for w in (world, same))
    assert here["updated_at"] != there["updated_at"]
    assert there["updated_at"].endswith(("+01:00", "+02:00"))
    assert when(here["updated_at"]) == when(there["updated_at"])


def test_meetings_speak_utc_with_a_z(world: World) -> None:
    """And name users by guid."""
    guids = {user["guid"] for user in world.truth("users")}
    for meeting in world.truth("meetings"):
        assert all(
            meeting[name].endswith("Z") for name in ("created_at", "updated_at", "start_time", "end_time")
        )
        assert meeting["booked_by_user"]["id"] in guids


def test_known_oddities_are_there(world: World) -> None:
    """Numbers as text, nulls for zero, free spelling, step numbers as text, a Rails zone, users without a group."""
    assert all(isinstance(email["personalization"], str) for email in ask(world, "/activities/emails").data)
    assert 0 not in {account["counts"]["people"] for account in world.truth("accounts")}
    assert {type(step["step_number"]) for step in world.truth("steps")} == {int, str}
    users = list(world.truth("users"))
    assert "Mountain Time (US & Canada)" in {user["time_zone"] for user in users}
    assert {user["group"] is None for user in users} == {True, False}
    assert {user["active"] for user in users} == {True, False}
    dispositions = {call["disposition"] for call in make_world(emails=6_000).truth("calls")}
    assert {None, " connected ", "Connected"} <= dispositions


def test_only_actions_in_progress_are_listed(world: World) -> None:
    """Every action waits for a step of somebody who is on that cadence now."""
    running = {
        (m["person"]["id"], m["cadence"]["id"])
        for m in world.truth("cadence_memberships")
        if m["currently_on_cadence"]
    }
    waiting = [(a["person"]["id"], a["cadence"]["id"]) for a in world.truth("actions")]
    assert waiting
    assert set(waiting) <= running
    assert {action["status"] for action in world.truth("actions")} == {"in_progress"}


def test_dispositions_are_named_not_numbered(world: World) -> None:
    """Calls repeat the text of the list, give or take the spelling."""
    known = {each["name"].lower() for each in world.truth("call_dispositions")}
    assert {c["disposition"].strip().lower() for c in world.truth("calls") if c["disposition"]} <= known


def test_emails_are_of_every_kind() -> None:
    """Cadence, bulk, one-off and external; failed and scheduled; bounced yet sent."""
    emails = list(make_world(emails=6_000).truth("emails"))
    statuses = {email["status"] for email in emails}
    assert {"sent", "sent_from_gmail", "sent_from_external", "failed", "scheduled"} <= statuses
    assert any(email["bounced"] and email["status"] == "sent" for email in emails)
    kinds = {(email["cadence"] is not None, email["mailing"] is not None) for email in emails}
    assert kinds == {(True, False), (False, True), (False, False)}
    waiting = [email for email in emails if email["status"] in ("failed", "scheduled")]
    assert {email["sent_at"] for email in waiting} == {None}


def test_names_are_fictional_and_addresses_reserved(world: World) -> None:
    """Every address ends in a domain that is kept for examples."""
    addresses = [person["email_address"] for person in world.truth("people")] + [
        u["email"] for u in world.truth("users")
    ]
    assert all(address is None or address.endswith(("@example.com", "@example.org")) for address in addresses)
    assert len(set(addresses) - {None}) == len([address for address in addresses if address])


def test_a_year_of_history_is_as_long_as_asked() -> None:
    """`days` reaches back that far, and no record is from the future."""
    world = make_world(days=365)
    sent = [when(email["sent_at"]) for email in world.truth("emails") if email["sent_at"]]
    assert world.now - timedelta(days=366) <= min(sent) <= world.now - timedelta(days=355)
    for path in ("people", "emails", "calls", "activity_histories", "cadence_memberships", "accounts"):
        assert all(
            when(record["created_at"]) <= when(record["updated_at"]) <= world.now
            for record in world.truth(path)
        )
