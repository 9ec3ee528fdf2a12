"""Cadences as the marts know them, and as files: SalesLoft makes them out of a file, and changes or deletes none.

list, show   mart.dim_cadence, cadence_performance, step_performance
export       GET /cadence_exports/{id}
import       POST /cadence_imports: a new cadence, or steps for one that has none
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson
import pandas as pd
import yaml

from salesloft_pipeline.reverse_sync.errors import ModelError, ReverseSyncError
from salesloft_pipeline.reverse_sync.ledger import Answer, Ledger
from salesloft_pipeline.reverse_sync.plan import Change, FieldChange
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.errors import Refused
from salesloft_pipeline.warehouse import Warehouse

_PARTS = ("settings", "sharing_settings", "cadence_content")
_LISTED = """
    select
        c.cadence_id, c.cadence_name, c.is_team_cadence, c.archived_at is not null as is_archived, c.step_count,
        cast(coalesce(sum(p.people_added), 0) as bigint) as people_added,
        cast(coalesce(sum(p.people_replied), 0) as bigint) as people_replied,
        cast(coalesce(sum(p.people_meeting), 0) as bigint) as people_meeting,
        cast(coalesce(sum(p.people_success), 0) as bigint) as people_success,
        cast(sum(p.people_replied) as double precision) / nullif(sum(p.people_emailed), 0) as person_reply_rate
    from mart.dim_cadence c
    left join mart.cadence_performance p on p.cadence_id = c.cadence_id
    where c.cadence_id <> -1 and not c.is_deleted
    group by c.cadence_id, c.cadence_name, c.is_team_cadence, c.archived_at, c.step_count
    order by people_added desc, c.cadence_id
"""
_STEPS = """
    select
        s.step_id, s.day, s.step_order, s.step_name, s.step_type,
        cast(coalesce(sum(p.emails_sent), 0) as bigint) as emails_sent,
        cast(coalesce(sum(p.emails_replied), 0) as bigint) as emails_replied,
        cast(coalesce(sum(p.calls_logged), 0) as bigint) as calls_logged,
        cast(coalesce(sum(p.meetings_booked), 0) as bigint) as meetings_booked
    from mart.dim_step s
    left join mart.step_performance p on p.step_id = s.step_id
    where s.cadence_id = $1 and not s.is_deleted
    group by s.step_id, s.day, s.step_order, s.step_name, s.step_type
    order by s.step_order
"""


def listed(warehouse: Warehouse) -> pd.DataFrame:
    """One row per cadence with what it achieved. Raises ReverseSyncError where there is no mart yet."""
    if not {"dim_cadence", "cadence_performance", "step_performance"} <= set(warehouse.tables("mart")):
        raise ReverseSyncError(
            "there is no mart to count in yet: run main_job in Dagster, or salesloft-pipeline demo"
        )
    return warehouse.frame(_LISTED)


def steps(warehouse: Warehouse, cadence_id: int) -> pd.DataFrame:
    """One row per step of the cadence with what it achieved, in their order."""
    return warehouse.frame(_STEPS, [cadence_id])


def export(client: SalesloftClient, cadence_id: int) -> dict[str, Any]:
    """The cadence as `load_cadence` takes it, without ids. Raises NotFound."""
    return _in_parts(client.get(f"/cadence_exports/{cadence_id}").data)


def load_cadence(path: Path) -> dict[str, Any]:
    """The content of a JSON or YAML file, checked. Raises ModelError that names everything wrong with it."""
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))  # which JSON is, too
    except OSError as error:
        raise ModelError(f"the cadence {path} cannot be read: {error.strerror}") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ModelError(f"the cadence {path} is neither JSON nor YAML: {error}") from error
    parts = _in_parts(content) if isinstance(content, dict) else {}
    if problems := list(_problems(parts)):
        raise ModelError("\n".join([f"the cadence {path} cannot be imported:", *problems]))
    return parts


def import_cadence(client: SalesloftClient, ledger: Ledger, content: Mapping[str, Any]) -> tuple[int, bool]:
    """Make it in SalesLoft: its id, and whether it was made now. The same content is made once, whoever asks again.

    Raises Refused; what the request raises for lack of an answer: the next run looks whether it had happened.
    """
    digest = hashlib.sha256(orjson.dumps(content, option=orjson.OPT_SORT_KEYS)).hexdigest()
    if (known := ledger.imported(digest)) is not None:
        return known, False
    fields = (FieldChange("name", None, name_of(content)), FieldChange("digest", None, digest))
    (intent,) = ledger.intend([Change("import", 1, digest, None, fields)])
    try:
        made = client.create("/cadence_imports", content).data
    except Refused as error:
        ledger.answer([Answer(intent.change_id, "failed", error=str(error))])
        raise
    cadence_id = int(made["cadence"]["id"])
    ledger.answer([Answer(intent.change_id, "done", cadence_id=cadence_id)])
    return cadence_id, True


def name_of(content: Mapping[str, Any]) -> str:
    """What the cadence of a file is called; nothing for steps of one that is there already."""
    return str(content["settings"].get("name", ""))


def _in_parts(content: Mapping[str, Any]) -> dict[str, Any]:
    """An export holds the settings within its content, an import takes them beside it."""
    inner = (
        dict(content.get("cadence_content") or {}) if isinstance(content.get("cadence_content"), dict) else {}
    )
    parts = {name: content.get(name) or inner.pop(name, None) or {} for name in _PARTS[:2]}
    for name in _PARTS[:2]:
        inner.pop(name, None)
    return {**parts, "cadence_content": inner}


def _problems(parts: Mapping[str, Any]) -> Iterator[str]:
    content = parts.get("cadence_content", {})
    groups = content.get("step_groups")
    if "cadence_id" not in content and not (parts.get("settings") or {}).get("name"):
        yield "settings: must have a name"
    if not isinstance(groups, list) or not groups:
        yield "cadence_content: must have step_groups, a list of days with their steps"
        return
    for number, group in enumerate(groups, 1):
        known = group if isinstance(group, dict) else {}
        if not isinstance(known.get("day"), int) or known["day"] < 1:
            yield f"step_groups, group {number}: must have a day, from 1"
        steps = known.get("steps")
        if not isinstance(steps, list) or not steps:
            yield f"step_groups, group {number}: must have steps"
            continue
        for place, step in enumerate(steps, 1):
            if not isinstance(step, dict) or not step.get("name") or not step.get("type"):
                yield f"step_groups, group {number}, step {place}: must have a name and a type"
