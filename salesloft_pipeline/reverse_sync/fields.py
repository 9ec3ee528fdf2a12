"""The fields of a person that can be written: one row each, with how a value is read and shown.

A column of raw_salesloft.people has the name of the field. A custom field goes by `custom_fields.<its name>`.
https://developers.salesloft.com/docs/api/people-update/
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

CUSTOM = "custom_fields"
_SENIORITIES = ("director", "executive", "individual_contributor", "manager", "vice_president", "unknown")
_CHANNELS = ("call", "email", "message")
REFERENCES = ("account_id", "owner_id", "person_stage_id", "import_id")
_ADDRESSES = ("email_address", "secondary_email_address", "personal_email_address")
_TEXTS = (
    *("first_name", "last_name", "title", "phone", "phone_extension", "home_phone", "mobile_phone"),
    *("linkedin_url", "twitter_handle", "personal_website", "city", "state", "country", "work_city"),
    *("work_state", "work_country", "locale", "crm_id"),
    *("person_company_name", "person_company_website", "person_company_industry"),
)

Read = Callable[[Any], Any]


class BadValue(ValueError):
    """A cell that cannot be a value of its field; the message says what it must be, and never what it is."""


def is_empty(value: Any) -> bool:
    """Does a cell say nothing? Null, NaN, a blank text."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return True
    return isinstance(value, str) and not value.strip()


def _text(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise BadValue("must be text")
    return str(value).strip()


def _address(value: Any) -> str:
    text = _text(value)
    if "@" not in text[1:-1] or text.split() != [text]:
        raise BadValue("is no email address")
    return text


def whole(value: Any) -> int:
    """A whole number, however a file spells it. Raises BadValue."""
    if isinstance(value, bool):
        raise BadValue("must be a whole number")
    if isinstance(value, str) and value.strip().isascii() and value.strip().isdigit():
        return int(value)
    if isinstance(value, int) or (isinstance(value, float) and value.is_integer()):
        return int(value)
    raise BadValue("must be a whole number")


def flag(value: Any) -> bool:
    """True or false. Raises BadValue for anything that does not clearly say which."""
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.strip().lower() in ("true", "false"):
        return value.strip().lower() == "true"
    raise BadValue("must be true or false")


def _one_of(words: tuple[str, ...]) -> Read:
    def read(value: Any) -> str:
        if value not in words:
            raise BadValue(f"must be one of {', '.join(words)}")
        return str(value)

    return read


def _words(value: Any) -> list[str]:
    try:
        listed = json.loads(value) if isinstance(value, str) else value
    except json.JSONDecodeError:
        listed = None
    listed = listed.tolist() if hasattr(listed, "tolist") else listed
    if not isinstance(listed, list) or not all(isinstance(word, str) for word in listed):
        raise BadValue('must be a list of texts, in a file as ["one", "two"]')
    return sorted(set(listed))


def _channels(value: Any) -> list[str]:
    listed = _words(value)
    if set(listed) - set(_CHANNELS):
        raise BadValue(f"must be a list out of {', '.join(_CHANNELS)}")
    return listed


def _custom(value: Any) -> str:
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise BadValue("must be text or a number")
    return str(value).strip()


READERS: dict[str, Read] = {
    **dict.fromkeys(_TEXTS, _text),
    **dict.fromkeys(_ADDRESSES, _address),
    **dict.fromkeys(REFERENCES, whole),
    "job_seniority": _one_of(_SENIORITIES),
    "do_not_contact": flag,
    "tags": _words,
    "contact_restrictions": _channels,
}


def reader(field: str) -> Read | None:
    """How a value of this field is read; None for a field that cannot be written."""
    return _custom if is_custom(field) else READERS.get(field)


def is_custom(field: str) -> bool:
    """Is it a custom field, such as custom_fields.Region?"""
    return field.startswith(f"{CUSTOM}.") and len(field) > len(CUSTOM) + 1


def shown(record: Mapping[str, Any], field: str) -> Any:
    """The field's value in a record of the API or a row of our copy; None where there is none."""
    if is_custom(field):
        value = (record.get(CUSTOM) or {}).get(field.partition(".")[2])
        return None if is_empty(value) else str(value).strip()
    if field in REFERENCES and field not in record:
        return (record.get(field.removesuffix("_id")) or {}).get("id")
    value = record.get(field)
    if isinstance(value, list):
        return sorted(value) or None
    return None if is_empty(value) else value


def same(wanted: Any, have: Any) -> bool:
    """Do both mean the same? An empty list and false are what a person has of whom nothing was said."""
    return bool(wanted == have or (not wanted and not have))


def body(fields: Mapping[str, Any], custom: Mapping[str, Any]) -> dict[str, Any]:
    """What is sent to write these fields. custom: all custom fields the person has, which are sent along: whether
    SalesLoft would keep those that are left out is nowhere said.
    """
    sent = {field: value for field, value in fields.items() if not is_custom(field)}
    if own := {field.partition(".")[2]: value for field, value in fields.items() if is_custom(field)}:
        sent[CUSTOM] = {**custom, **own}
    if "crm_id" in sent:
        sent["crm_id_type"] = "salesforce"
    return sent
