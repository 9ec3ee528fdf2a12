"""The model of a push: a small YAML file that says where the rows are, whom they mean, and what goes where.

source:                        # one of: query, table, file (CSV or Parquet, beside the model)
  table: analytics.people
match:
  column: email                # whose rows are these: id, crm_id or email_address
  field: email_address
fields:
  job_title: title             # column: field of SalesLoft
  phone:
    field: phone
    policy: fill_if_empty      # warehouse_wins | salesloft_wins | newest_wins | fill_if_empty
  region: custom_fields.Region
policy: warehouse_wins         # of the fields that name none
create: false                  # make people who are not in SalesLoft yet?
limit: 1000                    # more changes than this are refused
bulk: true                     # many changes as one bulk job; false: one call each, where the key may not create jobs
changed_at: updated_at         # column: when the row last changed; newest_wins compares it
consent: has_consent           # column: may this resident of the European Union be contacted?
eu_resident: is_eu             # column: for people who are not in SalesLoft yet
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

import yaml

from salesloft_pipeline.reverse_sync.errors import ModelError
from salesloft_pipeline.reverse_sync.fields import READERS, reader

MATCHES = ("id", "crm_id", "email_address")
SOURCES = ("query", "table", "file")
LIMIT = 1_000
_COLUMNS = ("changed_at", "consent", "eu_resident")
_KNOWN = {"source", "match", "fields", "policy", "create", "limit", "bulk", *_COLUMNS}


class Policy(StrEnum):
    """Whose value stands where SalesLoft's differs from ours."""

    WAREHOUSE_WINS = "warehouse_wins"
    SALESLOFT_WINS = "salesloft_wins"
    NEWEST_WINS = "newest_wins"
    FILL_IF_EMPTY = "fill_if_empty"


@dataclass(frozen=True)
class Mapped:
    """One column of the source, the field of SalesLoft it goes to, and whose value stands."""

    column: str
    field: str
    policy: Policy


@dataclass(frozen=True)
class Model:
    """What a model file says; see the head of this module. source: (query | table | file, its text)."""

    name: str
    source: tuple[str, str]
    match: str
    key_column: str
    fields: tuple[Mapped, ...]
    create: bool = False
    limit: int = LIMIT
    bulk: bool = True
    changed_at: str | None = None
    consent: str | None = None
    eu_resident: str | None = None

    @property
    def policies(self) -> dict[str, Policy]:
        """The policy of each field that is written."""
        return {mapped.field: mapped.policy for mapped in self.fields}


def load_model(path: Path) -> Model:
    """The model in this file. Raises ModelError that names everything that is wrong with it."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ModelError(f"the model {path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelError(f"the model {path} is no YAML: {error}") from error
    if not isinstance(content, dict):
        raise ModelError(f"the model {path} holds no settings: it needs source, match and fields")
    if problems := list(_problems(content)):
        raise ModelError("\n".join([f"the model {path} cannot be used:", *problems]))
    return _model(content, path)


def _model(content: Mapping[str, Any], path: Path) -> Model:
    ((kind, text),) = content["source"].items()
    if kind == "file":
        text = str(path.parent / text)
    default = Policy(content.get("policy", Policy.WAREHOUSE_WINS))
    return Model(
        name=path.stem,
        source=(kind, text),
        match=content["match"]["field"],
        key_column=content["match"]["column"],
        fields=tuple(_mapped(column, goal, default) for column, goal in content["fields"].items()),
        create=content.get("create", False),
        limit=content.get("limit", LIMIT),
        bulk=content.get("bulk", True),
        **{name: content.get(name) for name in _COLUMNS},
    )


def _mapped(column: str, goal: Any, default: Policy) -> Mapped:
    if isinstance(goal, str):
        return Mapped(column, goal, default)
    return Mapped(column, goal["field"], Policy(goal.get("policy", default)))


def _problems(content: Mapping[str, Any]) -> Iterator[str]:
    yield from (f"{name}: no such setting" for name in sorted(map(str, content.keys() - _KNOWN)))
    yield from _heads(content)
    for name in ("create", "bulk"):
        if not isinstance(content.get(name, False), bool):
            yield f"{name}: must be true or false"
    limit = content.get("limit", LIMIT)
    if isinstance(limit, bool) or not isinstance(limit, int) or limit < 1:
        yield "limit: must be a number from 1"
    if content.get("policy", Policy.WAREHOUSE_WINS) not in list(Policy):
        yield f"policy: must be one of {', '.join(Policy)}"
    yield from (
        f"{name}: must be a column of the source"
        for name in _COLUMNS
        if not isinstance(content.get(name, ""), str)
    )
    yield from _fields(content)


def _heads(content: Mapping[str, Any]) -> Iterator[str]:
    source, match = content.get("source"), content.get("match")
    if not isinstance(source, dict) or len(source) != 1 or not _texts(source) or source.keys() - set(SOURCES):
        yield f"source: must have one of {', '.join(SOURCES)}"
    if not isinstance(match, dict) or match.keys() != {"column", "field"} or not _texts(match):
        yield "match: must have a column and a field"
    elif match["field"] not in MATCHES:
        yield f"match: field must be one of {', '.join(MATCHES)}"


def _fields(content: Mapping[str, Any]) -> Iterator[str]:
    fields = content.get("fields")
    if not isinstance(fields, dict) or not fields:
        yield "fields: must name at least one column and the field it goes to"
        return
    seen: set[str] = set()
    for column, goal in fields.items():
        field = goal.get("field") if isinstance(goal, dict) else goal
        policy = (
            goal.get("policy", content.get("policy")) if isinstance(goal, dict) else content.get("policy")
        )
        if not isinstance(field, str) or reader(field) is None:
            yield f"fields: {column} goes to no field that can be written; there are custom_fields.<name> and {', '.join(sorted(READERS))}"
        elif field in seen:
            yield f"fields: {field} is written by two columns"
        if policy is not None and policy not in list(Policy):
            yield f"fields: the policy of {column} must be one of {', '.join(Policy)}"
        if policy == Policy.NEWEST_WINS and not content.get("changed_at"):
            yield f"fields: {column} has newest_wins, so changed_at must name a column"
        seen.add(str(field))


def _texts(values: Mapping[str, Any]) -> bool:
    return all(isinstance(value, str) and value for value in values.values())
