"""`erase`: takes people out of everything we keep. What is kept where is a row of SHELVES.

    traces (ids, and the texts that identify them)  ->  shelf after shelf  ->  what was done, in rows

Repeating it is harmless, and finishes what a crash left: the ids are recorded first.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import orjson

from salesloft_pipeline import connections, transform
from salesloft_pipeline.ingest import ops
from salesloft_pipeline.ingest.columns import RAW_SCHEMA
from salesloft_pipeline.ingest.erase import Deed, erase
from salesloft_pipeline.ingest.forgotten import names_one
from salesloft_pipeline.ingest.traces import Traces, mentions, requested, trace
from salesloft_pipeline.landing import Delivery
from salesloft_pipeline.salesloft.endpoints import BY_NAME
from salesloft_pipeline.salesloft.webhooks import route_of
from salesloft_pipeline.served import hand_on
from salesloft_pipeline.settings import Settings
from salesloft_pipeline.transform import serving
from salesloft_pipeline.transform.marts import SCHEMA as MART_SCHEMA
from salesloft_pipeline.warehouse import Warehouse

SCHEMAS = (RAW_SCHEMA, ops.SCHEMA, MART_SCHEMA)
Shelf = Callable[[Settings, Traces], Iterator[Deed]]


def people_to_erase(settings: Settings, named: Sequence[int], *, requests: bool) -> list[int]:
    """The named people, and with `requests` those whom SalesLoft was asked to forget; each once."""
    asked = requested(connections.warehouse(settings)) if requests else []
    return list(dict.fromkeys([*named, *asked]))


def run_erase(settings: Settings, people: Sequence[int]) -> tuple[Traces, list[Deed]]:
    """Erase these people, by id. A deed that is not `done` names a place where they still stand.

    Raises WarehouseError, also while a sync has the file open; BuildError when the mart cannot be built again.
    """
    traces = trace(connections.warehouse(settings), people)
    return traces, [deed for shelf in SHELVES for deed in shelf(settings, traces)]


def words_for(traces: Traces, deeds: Sequence[Deed]) -> list[str]:
    """What was done, line by line, for the person at the terminal: places and counts, never a text."""
    lines = [
        f"person {number} is unknown here: the id is recorded, so that no load brings them in"
        for number in traces.strangers
    ]
    lines += [
        f"{deed.place:<45} {deed.rows or '':>9} {'rows ' * bool(deed.rows)}{deed.what}" for deed in deeds
    ]
    if traces.shared:
        lines.append(
            f"{traces.shared} of their texts (a namesake's name, a shared number) belong to others too and were not "
            "searched for"
        )
    return lines


def _tables(settings: Settings, traces: Traces) -> Iterator[Deed]:
    yield from erase(connections.warehouse(settings), traces, SCHEMAS)


def _landing(settings: Settings, traces: Traces) -> Iterator[Deed]:
    """Deliveries that name a person go whole, waiting or not: what else they tell, the next poll reads."""
    landing = connections.landing(settings)
    if landing.path and not landing.path.exists():
        return
    named = [delivery.id for delivery in landing.everything() if _tells_of_one(delivery, traces)]
    if named:
        landing.remove(named)
    yield Deed("the landing", "deliveries deleted", len(named))


def _tells_of_one(delivery: Delivery, traces: Traces) -> bool:
    try:
        record = orjson.loads(delivery.body)
    except orjson.JSONDecodeError:
        record = delivery.body.decode("utf-8", "replace")
    # Written anew, because a body may spell the same letters in several ways.
    said = orjson.dumps(record).decode().lower()
    endpoint = BY_NAME.get(route_of(delivery.event_type).resource or "")
    named = endpoint is not None and names_one(endpoint, record, frozenset(traces.ids))
    return named or any(text.lower() in said for text in traces.texts)


def _mart(settings: Settings, traces: Traces) -> Iterator[Deed]:
    """Built again from what is left. A seed that names the person has to be edited by whoever wrote it."""
    warehouse = connections.warehouse(settings)
    as_of = ops.loaded_until(warehouse)
    if as_of is None or transform.BUILD_INFO not in warehouse.tables(MART_SCHEMA):
        return
    rules = transform.Rules(settings.engaged_includes_opens, settings.connected_by_duration_seconds)
    transform.build(warehouse, as_of, settings.reporting_time_zone, rules=rules)
    yield Deed(MART_SCHEMA, "built again", 0)
    with warehouse.transaction() as sql:
        for found in mentions(sql, traces.texts, [MART_SCHEMA]):
            yield Deed(found.place, "STILL THERE: it comes from a seed", found.rows, done=False)


def _file(settings: Settings, _: Traces) -> Iterator[Deed]:
    """The bytes: a database keeps what was deleted in blocks that are free."""
    warehouse = connections.warehouse(settings)
    warehouse.compact(_schemas(warehouse))
    yield Deed("the database", "written anew", 0)


def _schemas(warehouse: Warehouse) -> list[str]:
    """Ours, and where loads stage their rows."""
    found = warehouse.query(
        f"select schema_name from information_schema.schemata where schema_name like '{RAW_SCHEMA}_staging%'"
    )
    return [*SCHEMAS, *dict.fromkeys(name for (name,) in found)]


def _serving(settings: Settings, _: Traces) -> Iterator[Deed]:
    """The copy that people look at: published again, where there is one."""
    copy = settings.serving_folder / serving.COPY
    if not settings.serving_url and not copy.exists():
        return
    warehouse = connections.warehouse(settings)
    if transform.BUILD_INFO not in warehouse.tables(MART_SCHEMA):
        yield Deed(
            str(settings.serving_folder),
            "STILL THERE: this warehouse has no mart to copy; delete it",
            0,
            done=False,
        )
        return
    serving.publish(warehouse, settings.serving_folder)
    hand_on(settings, settings.serving_folder / "parquet", copy)
    yield Deed("the serving copy", "published again", 0)


SHELVES: tuple[Shelf, ...] = (_tables, _landing, _mart, _file, _serving)
