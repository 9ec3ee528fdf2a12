"""The fields of a person that can be written, and how each is read."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..api.exchange import Form, Refused
from ..team.names import SENIORITIES
from ..team.state import State

TEXTS = (
    *("email_address", "secondary_email_address", "personal_email_address", "first_name", "last_name", "title"),
    *("phone", "phone_extension", "home_phone", "mobile_phone", "linkedin_url", "twitter_handle", "personal_website"),
    *("city", "state", "country", "work_city", "work_state", "work_country", "locale", "crm_id"),
    *("person_company_name", "person_company_website", "person_company_industry"),
)  # fmt: skip
RESTRICTIONS = ("call", "email", "message")
# What a person has who was made with nothing of it.
EMPTY: Form = dict.fromkeys(TEXTS) | {"tags": [], "contact_restrictions": [], "custom_fields": {}}
Reader = Callable[[State, Any], Any]


def _text(_state: State, value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise ValueError("must be a string")
    return value or None


def _address(state: State, value: Any) -> str | None:
    text = _text(state, value)
    if text and ("@" not in text[1:-1] or any(letter.isspace() for letter in text)):
        raise ValueError("is invalid")
    return text


def _words(_state: State, value: Any) -> list[str]:
    if not isinstance(value, list) or not all(isinstance(word, str) for word in value):
        raise ValueError("must be an array of strings")
    return value


def _restrictions(state: State, value: Any) -> list[str]:
    if unknown := set(_words(state, value)) - set(RESTRICTIONS):
        raise ValueError(f"does not know {', '.join(sorted(unknown))}")
    return list(value)


def _custom(state: State, value: Any) -> dict[str, Any]:
    table = state["custom_fields"]
    kinds = dict(zip(table["name"].tolist(), table["field_type"].tolist(), strict=True))
    if not isinstance(value, dict):
        raise TypeError("must be an object")
    if unknown := [name for name in value if kinds.get(name) != "person"]:
        raise ValueError(f"has no field {', '.join(unknown)} for people")
    return value


def _flag(_state: State, value: Any) -> bool:
    if value not in (True, False, "true", "false"):
        raise ValueError("must be true or false")
    return value in (True, "true")


def _seniority(_state: State, value: Any) -> int:
    if value is not None and value not in SENIORITIES:
        raise ValueError(f"must be one of {', '.join(SENIORITIES)}")
    return -1 if value is None else SENIORITIES.index(value)


def row_in(table: str) -> Reader:
    """The row of an id of this table; null takes the reference away."""

    def read(state: State, value: Any) -> int:
        if value is None or value == "":
            return -1
        row = state[table].row_of(int(value)) if str(value).isdecimal() else None
        if row is None:
            raise ValueError("does not exist")
        return row

    return read


# Field: the column it is kept in, and how it is read.
COLUMNS: dict[str, tuple[str, Reader]] = {
    "account_id": ("account", row_in("accounts")),
    "owner_id": ("owner", row_in("users")),
    "person_stage_id": ("stage", row_in("person_stages")),
    "import_id": ("import", row_in("imports")),
    "do_not_contact": ("do_not_contact", _flag),
    "job_seniority": ("seniority", _seniority),
}
WRITTEN: dict[str, Reader] = {
    **dict.fromkeys(TEXTS, _text),
    **{name: _address for name in TEXTS if name.endswith("email_address")},
    "tags": _words,
    "contact_restrictions": _restrictions,
    "custom_fields": _custom,
}


def fields_of(state: State, form: Form) -> tuple[Form, Form]:
    """Columns to set, and fields to show as they were written. Unknown names are ignored.

    Raises Refused (422) that names every field with a value it cannot have.
    """
    columns, written, errors = {}, {}, {}
    for name, value in form.items():
        try:
            if name in COLUMNS:
                column, read = COLUMNS[name]
                columns[column] = read(state, value)
            elif name in WRITTEN:
                written[name] = WRITTEN[name](state, value)
        except (TypeError, ValueError) as error:
            errors[name] = str(error)
    if written.get("crm_id") and form.get("crm_id_type") != "salesforce":
        errors["crm_id_type"] = "must be one of: salesforce"
    if errors:
        raise Refused.invalid(**errors)
    return columns, written
