"""The catalogue against SalesLoft's own description of its API: nothing left out, nothing read in a way it has not."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from salesloft_pipeline.salesloft.endpoints import BY_NAME, ENDPOINTS, Absence, Endpoint, Reading
from salesloft_pipeline.salesloft.models import Dated

REFERENCE = Path(__file__).parents[3] / "shared" / "salesloft"
DESCRIPTION, NEWER = REFERENCE / "openapi.yaml", REFERENCE / "query_params_2026_delta.yaml"
EVENTS = REFERENCE / "webhook_events.json"
pytestmark = pytest.mark.skipif(
    not DESCRIPTION.exists(), reason="SalesLoft's description is not beside this checkout"
)

# What can be read and is not, and why.
NOT_READ = {
    "/me": "the user of the key, who is among /users; every run asks for it to know whose warehouse it fills",
    "/phone_numbers/caller_ids": "a look-up of one number, not a list: it refuses to answer without",
    "/phone_numbers/recording_settings/{id}": "a look-up by phone number: may a call to it be recorded?",
    "/cadence_exports/{id}": "a cadence as text to import elsewhere, without ids; cadences and steps hold the same",
    "/mime_email_payloads/{id}": "the raw message of an email in the queue, gone once it is sent",
    "/conversations/{id}/recording": "the media itself, behind an address that expires",
    "/transcriptions/{id}/artifact": "the sentences once more, as a file",
    "/tasks/counts": "sums of /tasks",
}


def plain(path: str) -> str:
    """A path as the catalogue writes it: `/bulk_jobs/{id}/results` for /v2/bulk_jobs/{bulk_jobs_id}/results.json."""
    return re.sub(r"\{\w+\}", "{id}", path.removeprefix("/v2").removesuffix(".json"))


def description() -> dict[str, Any]:
    # A third of a megabyte, in each test process: libyaml reads it in a tenth of the time.
    return yaml.load(DESCRIPTION.read_text(), yaml.CSafeLoader) if DESCRIPTION.exists() else {"paths": {}}


def newer() -> dict[str, Any]:
    return yaml.safe_load(NEWER.read_text()) if NEWER.exists() else {}


def described() -> dict[str, set[str]]:
    """Every path that can be read, and the names of its parameters."""
    found = {
        plain(path): {parameter["name"] for parameter in operations["get"].get("parameters", [])}
        for path, operations in description()["paths"].items()
        if "get" in operations
    }
    for path in newer().get("new_list_endpoints", []):
        found.setdefault(path, set())
    for kind in ("added_range_filters", "added_plain_filters"):
        for path, names in newer().get(kind, {}).items():
            found.setdefault(path, set()).update(names)
    return found


READABLE = described()
# Of the others nobody says what they take.
LISTED = {path: names for path, names in READABLE.items() if {"per_page", "ids", "updated_at"} & names}


def rows(*readings: Reading) -> list[Any]:
    return [
        pytest.param(each, id=each.name) for each in ENDPOINTS if each.reading in readings or not readings
    ]


def test_every_list_is_read_or_left_out_for_a_reason() -> None:
    """A path that SalesLoft describes is a row, or one record of a row, or stands among the exceptions."""
    paths = {endpoint.path for endpoint in ENDPOINTS}
    alone = {f"{path}/{{id}}" for path in paths}
    assert set(READABLE) - paths - alone - set(NOT_READ) == set()


def test_an_exception_is_no_row_and_exists() -> None:
    """The table of exceptions holds nothing that is read after all, or that SalesLoft does not have."""
    assert set(NOT_READ) <= set(READABLE)
    assert not set(NOT_READ) & {endpoint.path for endpoint in ENDPOINTS}


def test_names_and_paths_are_given_once() -> None:
    """One row, one table, one path."""
    assert len(BY_NAME) == len({endpoint.path for endpoint in ENDPOINTS}) == len(ENDPOINTS)


@pytest.mark.parametrize("endpoint", [p for p in rows() if p.values[0].path in LISTED])
def test_ids_are_asked_for_where_the_list_takes_them(endpoint: Endpoint) -> None:
    """A list that ignored ids[] would answer a deletion sweep with something else."""
    if "ids" in LISTED[endpoint.path]:
        assert endpoint.ids
    elif "sort_by" in LISTED[endpoint.path]:
        assert not endpoint.ids


@pytest.mark.parametrize("endpoint", [p for p in rows() if p.values[0].path in LISTED])
def test_a_list_is_read_as_it_can_be(endpoint: Endpoint) -> None:
    """Followed by change where it filters by updated_at; else never asked to."""
    assert (endpoint.reading is Reading.KEYSET) == ("updated_at" in LISTED[endpoint.path])
    for name in (endpoint.counted_by, endpoint.reread_by):
        assert name is None or name in LISTED[endpoint.path]
    assert set(endpoint.params) <= LISTED[endpoint.path]


@pytest.mark.parametrize("endpoint", rows(Reading.KEYSET, Reading.DESCENDING))
def test_what_is_followed_by_change_tells_when_it_changed(endpoint: Endpoint) -> None:
    """The walk lives on updated_at, and so do versions."""
    assert issubclass(endpoint.record, Dated)


@pytest.mark.parametrize("endpoint", rows(Reading.PER_PARENT))
def test_what_hangs_on_a_record_names_its_list(endpoint: Endpoint) -> None:
    """The parent is read before, tells when it changed, and its id has its place in the path."""
    assert endpoint.parent
    assert issubclass(BY_NAME[endpoint.parent].record, Dated)
    assert "{id}" in endpoint.path
    assert endpoint.scope == BY_NAME[endpoint.parent].scope
    assert not endpoint.ids
    names = [each.name for each in ENDPOINTS]
    assert names.index(endpoint.parent) < names.index(endpoint.name)


def test_scopes_are_those_of_the_webhook_events() -> None:
    """Where SalesLoft says which scope an event about a record needs, its list needs the same."""
    asked = {
        event["get_path"].removeprefix("/v2").partition("/{id}")[0]: event["required_scope"]
        for event in json.loads(EVENTS.read_text())["events"]
        if event["get_path"] and event["required_scope"] and "privileged" not in event["required_scope"]
    }
    paths = {endpoint.path: endpoint.scope for endpoint in ENDPOINTS}
    assert {path: paths[path] for path in asked} == asked


def test_absence_means_deletion_but_for_queues_and_windows() -> None:
    """Whatever else leaves its list otherwise is named here."""
    meanings = {each.name: each.absence for each in ENDPOINTS if each.absence is not Absence.DELETED}
    assert meanings == {
        "actions": Absence.CLOSED,
        "pending_emails": Absence.CLOSED,
        "call_data_records": Absence.UNKNOWN,
        "activity_histories": Absence.UNKNOWN,
        "crm_activities": Absence.UNKNOWN,
        "calendar_events": Absence.UNKNOWN,
        "bulk_jobs_job_data": Absence.UNKNOWN,
        "bulk_jobs_results": Absence.UNKNOWN,
    }


def test_what_is_reconciled_has_a_date_that_its_list_filters_by() -> None:
    """Emails by the day they were sent; calls, telephone legs and meetings by the day they were made."""
    counted = {each.name: each.counted_by for each in ENDPOINTS if each.counted_by}
    made = dict.fromkeys(("calls", "call_data_records", "meetings"), "created_at")
    assert counted == {"emails": "sent_at", **made}
    assert {each.name: each.reread_by for each in ENDPOINTS if each.reread_by} == {"emails": "sent_at"}


def test_no_privileged_field_is_asked_for() -> None:
    """A key without email_contents:read would be refused the whole list for asking."""
    assert not any("scoped_fields" in name for each in ENDPOINTS for name in each.params)
