"""From rows to records as GET shows them: for one answer, or for the whole truth."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from ..records.voice import Voice
from ..team.order import Rows
from .listing import Resource
from .parts import PARTS, Part
from .visibility import seen

if TYPE_CHECKING:
    from ..world import World
    from .keys import Key

AT_ONCE = 2_000


def render(
    world: World, resource: Resource, rows: Rows, zone: str, extras: frozenset[str] = frozenset()
) -> list[dict[str, Any]]:
    """The records of these rows as JSON objects, spoilt where the world was told to."""
    voice = Voice(world.state, rows, zone, extras)
    records = [resource.record(voice, record) for record in world.state[resource.table].records(rows)]
    wrong = world.malformed.get(resource.path)
    if not wrong:
        return records
    return [wrong[r["id"]].spoil(r) if r.get("id") in wrong else r for r in records]


def single(
    world: World, resource: Resource, rows: Rows, zone: str, extras: frozenset[str] = frozenset()
) -> dict[str, Any]:
    """The answer about one record: under `data`, or bare where the switch for subscriptions says so."""
    record = render(world, resource, rows, zone, extras)[0]
    bare = resource.name == "webhook_subscriptions" and world.switches.bare_subscriptions
    return record if bare else {"data": record}


def render_part(world: World, part: Part, rows: Rows, zone: str) -> list[Any]:
    """What each of these parents has: one object, or a list of them."""
    voice = Voice(world.state, rows, zone)
    return [part.records(voice, record) for record in world.state[part.of.table].records(rows)]


def truth(world: World, name: str, key: Key) -> Iterator[dict[str, Any]]:
    """Every living record this key may see, in no promised order; those of a part with the id of their parent."""
    part = PARTS.get(name)
    resource = part.of if part else world.resource(name)
    with world.lock:
        world.catch_up()
        table = world.state[resource.table]
        rows, mask = table.alive, seen(world.state, table, key.visible_share)
    rows = rows if mask is None else rows[mask[rows]]
    for start in range(0, len(rows), AT_ONCE):
        several = rows[start : start + AT_ONCE]
        with world.lock:
            living = several[~table["gone"][several]]
            records = (
                _with_parents(world, part, living, key) if part else render(world, resource, living, key.zone)
            )
        yield from records


def _with_parents(world: World, part: Part, rows: Rows, key: Key) -> list[dict[str, Any]]:
    parents = render(world, part.of, rows, key.zone)
    made = render_part(world, part, rows, key.zone)
    return [
        {part.key: parent["id"], **record}
        for parent, one in zip(parents, made, strict=True)
        for record in ([one] if part.paging == "none" else one)
    ]
