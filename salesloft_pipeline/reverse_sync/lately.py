"""What is, for very many people at once: our copy, and over it whoever changed in SalesLoft since it was read.

A hundred of those who changed cost a point, where asking for each by name costs a point for a hundred of all. Where
that would not be cheaper, or cannot be relied upon, they are asked for by name.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from salesloft_pipeline.reverse_sync.actual import PATH, People, of_records, refreshed
from salesloft_pipeline.reverse_sync.desired import Key
from salesloft_pipeline.reverse_sync.fields import CUSTOM
from salesloft_pipeline.salesloft import walk
from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.protocol import Params, Reply
from salesloft_pipeline.warehouse import Warehouse

# What is committed late carries an earlier updated_at.
OVERLAP = timedelta(minutes=10)
# Nowhere is said that a change of these moves updated_at.
_SILENT = ("tags", CUSTOM)


def as_of_now(
    client: SalesloftClient,
    warehouse: Warehouse,
    match: str,
    keys: Sequence[Key],
    fields: Sequence[str],
    copy: People,
    *,
    erased: bool,
) -> People:
    """These people as SalesLoft shows them now. copy: as they were when the last sync read them.

    erased: was anybody erased here? Our copy does not know them, so whom it does not know is then asked for by name.
    Raises what requests raise.
    """

    def fetch(params: Params) -> Reply:
        return client.get(PATH, params)

    since = read_at(warehouse)
    if since is None or any(name.startswith(_SILENT) for name in fields):
        return refreshed(client, match, keys, fields)
    changed = walk.latest(fetch, since).total_count
    if changed is None or changed >= len(keys):
        return refreshed(client, match, keys, fields)
    pages = walk.keyset(fetch, walk.Position(since))
    newer = of_records(match, fields, (record for page, _ in pages for record in page))
    merged = _over(copy, newer)
    unknown = [key for key in keys if key not in merged.by_key] if erased else []
    return _over(merged, refreshed(client, match, unknown, fields)) if unknown else merged


def _over(older: People, newer: People) -> People:
    """Whoever changed counts by what they have now, also where their key is another one."""
    ids = {person.id for person in newer.by_key.values()}
    kept = {key: person for key, person in older.by_key.items() if person.id not in ids}
    shared = {key for key in newer.by_key if key in kept}
    return People({**kept, **newer.by_key}, older.shared | newer.shared | shared)


def read_at(warehouse: Warehouse) -> datetime | None:
    """The instant (UTC, by SalesLoft's clock) as of which our copy of all people is complete; None where that is not
    known: before the first sync ended, or when the last one was cut short.
    """
    if "sync_log" not in warehouse.tables("ops"):
        return None
    last = warehouse.query(
        "select outcome from ops.sync_log where resource = 'people' and kind = 'sync' order by started_at desc limit 1"
    )
    if last != [("done",)]:
        return None
    # What webhooks and sweeps read may be newer than what the sync got to.
    ((newest,),) = warehouse.query("select max(updated_at) from raw_salesloft.people where _source = 'poll'")
    return newest.astimezone(UTC) - OVERLAP if newest else None
