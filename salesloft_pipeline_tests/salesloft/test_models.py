"""The typed records: complete, described, strict about types and generous about new fields."""

from __future__ import annotations

import json
import re
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import ValidationError
from pydantic.fields import FieldInfo

from salesloft_pipeline.salesloft import models
from salesloft_pipeline.salesloft.endpoints import ENDPOINTS
from salesloft_pipeline.salesloft.models import (
    Account,
    ActivityHistory,
    Call,
    CallDataRecord,
    Counts,
    Dated,
    Day,
    Email,
    Flag,
    Instant,
    Integer,
    Number,
    Opportunity,
    Person,
    Record,
    Reference,
    Step,
    Task,
    Text,
    TextReference,
    Unnamed,
    User,
    WebhookSubscription,
)

REFERENCE = Path(__file__).parents[3] / "shared" / "salesloft"
FIELDS = REFERENCE / "FIELDS.md"
SAMPLES = REFERENCE / "samples" / "airbyte_sandbox_records_redacted.jsonl"

RESOURCES: dict[str, type[Record]] = {endpoint.path.strip("/"): endpoint.record for endpoint in ENDPOINTS}
DOCUMENTED_RESOURCES = re.findall(r"^## (.+)$", FIELDS.read_text(), re.MULTILINE) if FIELDS.exists() else []
RECORDS = sorted(set(RESOURCES.values()), key=lambda record: record.__name__)
COUNTERS = [kind for kind in vars(models).values() if isinstance(kind, type) and issubclass(kind, Counts)]

ANNOTATIONS: dict[Any, str] = {
    int: "integer",
    str: "text",
    Integer: "integer",
    Text: "text",
    Number: "number",
    Flag: "flag",
    Day: "day",
    Instant: "instant",
    Reference | None: "reference",
    TextReference | None: "text reference",
}
DOCUMENTED = [
    (r"integer|integer\|string", "integer"),
    (r"string|uuid", "text"),
    (r"boolean", "flag"),
    (r"decimal", "number"),
    (r"datetime", "instant"),
    (r"date", "day"),
    (r"ref\{id:int,_href\}|\{id:integer\}", "reference"),
    (r"ref\{id:STRING,_href\}", "text reference"),
    (r"\{\w+:integer(, \w+:integer)*\}", "counts"),
    (r"object.*|array.*|integer\[\]|\{.*\}", "json"),
]
# Where the field reference knows only of an object, and the vendor's description calls it a reference.
SETTLED = {
    ("call_data_records", "user"): "reference",
    ("call_data_records", "called_person"): "reference",
    ("call_data_records", "call"): "reference",
    # The details of a conversation say so of the same fields.
    ("conversations", "person"): "text reference",
    ("conversations", "account"): "text reference",
}


def kind_of(field: FieldInfo) -> str:
    if "json" in field.metadata:
        return "json"
    if field.annotation in ANNOTATIONS:
        return ANNOTATIONS[field.annotation]
    (inner, _) = get_args(field.annotation)
    assert issubclass(inner, Counts)
    return "counts"


def kind_documented(type_: str) -> str | None:
    """The kind a documented type maps to; None where only a payload is known, not a type."""
    return next((kind for pattern, kind in DOCUMENTED if re.fullmatch(pattern, type_)), None)


def by_api_name(record: type[Record]) -> dict[str, FieldInfo]:
    return {field.alias or name: field for name, field in record.model_fields.items()}


def documented_fields(resource: str) -> dict[str, str]:
    section = FIELDS.read_text().split(f"\n## {resource}\n")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (\w+) \| (.+?) \| \w+ \| .+ \|$", section, re.MULTILINE)
    return {name: type_ for name, type_ in rows if not name.startswith("_") and type_ != "type"}


def samples() -> list[Any]:
    lines = SAMPLES.read_text().splitlines() if SAMPLES.exists() else []
    known = [sample for sample in map(json.loads, lines) if sample["resource"] in RESOURCES]
    return [pytest.param(s["resource"], s["data"], id=f"{s['resource']}-{s['data']['id']}") for s in known]


def a_record_with(**fields: Any) -> dict[str, Any]:
    return {"id": 1, "updated_at": "2026-03-08T01:59:59.123456-05:00", **fields}


@pytest.mark.skipif(not FIELDS.exists(), reason="the field reference is not at hand")
@pytest.mark.parametrize("resource", DOCUMENTED_RESOURCES)
def test_every_documented_field_is_modelled_with_its_kind(resource: str) -> None:
    """A model holds exactly the documented fields, each with the kind its documented type maps to."""
    documented = documented_fields(resource)
    modelled = {
        name: kind_of(field)
        for name, field in by_api_name(RESOURCES[resource]).items()
        if not name.startswith("_")
    }
    assert set(modelled) == set(documented)
    expected = {
        name: SETTLED.get((resource, name)) or kind_documented(type_) for name, type_ in documented.items()
    }
    assert {name: kind for name, kind in modelled.items() if expected[name]} == {
        k: v for k, v in expected.items() if v
    }


@pytest.mark.skipif(not SAMPLES.exists(), reason="the recorded records are not at hand")
@pytest.mark.parametrize(("resource", "data"), samples())
def test_a_recorded_record_validates_and_only_underscored_fields_are_extra(
    resource: str, data: dict[str, Any]
) -> None:
    """Real records pass, and every field without an underscore has its place in the model."""
    record = RESOURCES[resource].model_validate(data)
    assert record.id == data["id"]
    assert all(name.startswith("_") for name in record.model_extra or {})


@pytest.mark.parametrize("model", [*RECORDS, *COUNTERS])
def test_every_field_is_described_in_a_sentence(model: type[Record]) -> None:
    """Each field carries one sentence with a full stop, since it becomes a column comment."""
    unfinished = [n for n, f in model.model_fields.items() if not (f.description or "").endswith(".")]
    assert unfinished == []


@pytest.mark.parametrize("record", RECORDS)
def test_the_docstring_states_the_grain(record: type[Record]) -> None:
    """Each record says in its first words what one row is."""
    assert (record.__doc__ or "").startswith(("One row per ", "One row for "))


@pytest.mark.parametrize("record", RECORDS)
def test_only_the_key_is_required_and_has_one_type(record: type[Record]) -> None:
    """Nothing but `id` must be present, and it is either a number or text, never both."""
    assert [name for name, field in record.model_fields.items() if field.is_required()] == ["id"]
    assert record.model_fields["id"].annotation in (int, str)


@pytest.mark.parametrize("record", RECORDS)
def test_no_two_fields_become_the_same_column(record: type[Record]) -> None:
    """References and counters take prefixed column names that no other field already has."""
    columns: list[str] = []
    for name, field in by_api_name(record).items():
        if "reference" in kind_of(field):
            columns.append(f"{name}_id")
        elif kind_of(field) == "counts":
            columns += [f"{name}_{counter}" for counter in get_args(field.annotation)[0].model_fields]
        else:
            columns.append(name)
    assert len(columns) == len(set(columns))


def test_every_record_is_exported_and_belongs_to_a_collection() -> None:
    """A record that no row of the catalogue reads is noticed, and so is one that is not exported."""
    exported = {
        kind
        for kind in (getattr(models, name) for name in models.__all__)
        if isinstance(kind, type) and issubclass(kind, Record)
    }
    assert exported - {Record, Dated, Unnamed} == set(RECORDS)


def test_times_keep_their_instant() -> None:
    """An offset is read, not dropped: the same instant compares equal in UTC."""
    person = Person.model_validate(a_record_with())
    assert person.updated_at == datetime(2026, 3, 8, 6, 59, 59, 123456, tzinfo=UTC)


def test_references_counts_and_days_are_typed() -> None:
    """Links keep their ids, counters their numbers, and days stay days."""
    email = Email.model_validate(
        a_record_with(user={"id": 7, "_href": "x"}, counts={"views": 3, "replies": None})
    )
    assert email.user is not None
    assert email.user.id == 7
    assert email.counts is not None
    assert (email.counts.views, email.counts.replies, email.counts.clicks) == (3, None, None)
    assert User.model_validate(a_record_with(role={"id": "Admin"})).role == TextReference(id="Admin")
    assert Task.model_validate(a_record_with(due_date="2026-01-31")).due_date == date(2026, 1, 31)


@pytest.mark.parametrize(
    ("record", "fields"),
    [
        (Call, {"duration": "12.5x"}),
        (Call, {"duration": "about a minute"}),
        (Call, {"created_at": "2026-03-08T01:59:59.123456"}),
        (Call, {"created_at": "yesterday"}),
        (Call, {"connected": "perhaps"}),
        (Call, {"to": ["+15555550100"]}),
        (Call, {"user": {"id": "Admin"}}),
        (Call, {"user": 7}),
        (Call, {"id": None}),
        (Call, {"id": "call-1"}),
        (Account, {"counts": {"people": "many"}}),
        (Task, {"due_date": "31 January"}),
        (Opportunity, {"close_date": "2026-13-31"}),
        (Opportunity, {"close_date": "2026-03-31T00:00:00"}),
        (Person, {"import": {"href": "x"}}),
    ],
)
def test_a_value_that_does_not_fit_is_refused(record: type[Record], fields: dict[str, Any]) -> None:
    """A malformed value raises and names its field, so the row can be set aside with a reason."""
    with pytest.raises(ValidationError) as caught:
        record.model_validate(a_record_with() | fields)
    assert [error["loc"][0] for error in caught.value.errors()] == list(fields)


def test_a_record_without_key_is_refused() -> None:
    """No id, no row."""
    with pytest.raises(ValidationError, match="id"):
        Person.model_validate({"first_name": "Ada"})


@pytest.mark.parametrize("sent", ["2026-03-31", "2026-03-31T00:00:00Z", "2026-03-30T20:00:00-04:00"])
def test_a_date_of_the_crm_may_come_as_a_day_or_an_instant(sent: str) -> None:
    """Both load; a plain day is its midnight in UTC."""
    opportunity = Opportunity.model_validate(a_record_with(close_date=sent))
    assert opportunity.close_date == datetime(2026, 3, 31, tzinfo=UTC)


def test_numbers_written_as_text_are_read() -> None:
    """The API sends some numbers as text; a step number is one of them."""
    assert Step.model_validate(a_record_with(step_number="3")).step_number == 3


def test_text_written_as_a_number_is_read() -> None:
    """The API sends some ids as numbers where text is documented; they become text."""
    entry = ActivityHistory.model_validate({"id": 12, "resource_id": 34})
    assert (entry.id, entry.resource_id) == ("12", "34")


def test_unknown_fields_are_kept() -> None:
    """A field SalesLoft adds is kept as an extra, in a record and among its counters."""
    email = Email.model_validate(
        a_record_with(mood="sunny", _private_fields={}, counts={"views": 1, "forwards": 2})
    )
    assert email.model_extra == {"mood": "sunny", "_private_fields": {}}
    assert email.counts is not None
    assert email.counts.model_extra == {"forwards": 2}


def test_names_that_python_reserves_are_read_under_the_name_of_the_api() -> None:
    """`import` and `from` come in under their own names and go out under them."""
    person = Person.model_validate(a_record_with(**{"import": {"id": 5}}))
    leg = CallDataRecord.model_validate(a_record_with(**{"from": "+15555550100"}))
    assert (person.import_, leg.from_) == (Reference(id=5), "+15555550100")
    assert leg.model_dump(by_alias=True)["from"] == "+15555550100"
    assert Person(id=1, import_=Reference(id=5)).import_ == person.import_


def test_a_record_cannot_be_changed() -> None:
    """Records are values: assignment raises."""
    with pytest.raises(ValidationError, match="frozen"):
        Person(id=1).first_name = "Ada"


def test_a_callback_token_is_neither_printed_nor_dumped() -> None:
    """The key that signs webhooks leaves no trace in the printed or dumped record."""
    subscription = WebhookSubscription.model_validate({"id": 1, "callback_token": "sesame"})
    assert subscription.callback_token == "sesame"
    assert "sesame" not in repr(subscription) + str(subscription) + subscription.model_dump_json()
