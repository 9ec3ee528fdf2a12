"""What every record is made of: the kinds of field, references, counters, and the record itself.

    one JSON object of the API  →  Record.model_validate(data)  →  typed fields + `model_extra`

A field's kind decides its column. The API declares no nullability, so every kind but the key allows null.

    Text, Integer, Number, Flag   text, whole number, decimal, true or false
    Instant                       a point in time; the API gives an offset, and a value without one is refused
    InstantOrDay                  the same, where a plain day may come instead: its midnight in UTC
    Day                           a calendar day without a time zone
    Json                          a list or a free object, kept as it came
    Reference, TextReference      {"id": ..., "_href": ...}, kept as the id alone
    Counts                        counters grouped under one name
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

Text = str | None
Integer = int | None
Number = float | None
Flag = bool | None
Instant = AwareDatetime | None
Day = date | None


def _midnight(value: Any) -> Any:
    return f"{value}T00:00:00Z" if isinstance(value, str) and len(value) == len("2026-01-31") else value


InstantOrDay = Annotated[Instant, BeforeValidator(_midnight)]
Json = Annotated[Any, "json"]


def about(description: str, *, alias: str | None = None, secret: bool = False) -> Any:
    """A nullable field with the sentence that becomes its column comment.

    `alias` is the API's name where Python reserves it (`import`, `from`). A `secret` field is left out of
    `model_dump` and of the printed form; whoever turns fields into columns skips those with `exclude` set.
    """
    return Field(default=None, description=description, alias=alias, exclude=secret or None, repr=not secret)


class Reference(BaseModel):
    """A link to a record with a numeric id. Some links carry `_href`, some only `id`."""

    # Unknown parts are kept, because whoever turns fields into columns looks for them.
    model_config = ConfigDict(frozen=True, extra="allow")

    id: int | None


class TextReference(BaseModel):
    """A link to a record whose id is text: a uuid, a user's guid, or a role's name."""

    # A uuid is always text, but a numeric id in the same place loses nothing by being written as text.
    model_config = ConfigDict(frozen=True, extra="allow", coerce_numbers_to_str=True)

    id: str | None


class Counts(BaseModel):
    """Counters of one record. The API sends null where zero would be expected."""

    model_config = ConfigDict(frozen=True, extra="allow")


class Record(BaseModel):
    """One object of a SalesLoft collection, keyed by `id`.

    Fields the models do not name stay in `model_extra`. Validation is pydantic's lax mode: "12" is an
    integer, while "12.5x", or a time without offset, raises `pydantic.ValidationError`. Numbers in text
    fields become text, because the API sends some ids and percentages either way.
    """

    model_config = ConfigDict(extra="allow", frozen=True, populate_by_name=True, coerce_numbers_to_str=True)

    id: int | str = Field(description="SalesLoft's key of the record.")


class Dated(Record):
    """A record that tells when it was made and when it last changed."""

    created_at: Instant = about("When SalesLoft created the record.")
    updated_at: Instant = about("When the record last changed in SalesLoft.")


class Unnamed(Record):
    """A record that SalesLoft gives no id of its own: whoever reads it makes one up."""

    id: str = Field(description="Our id: a digest of the record, or its place below its parent.")
