"""Whose data the warehouse holds: one team's, for ever. Another team's key is refused before anything is read."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from salesloft_pipeline.salesloft.client import SalesloftClient
from salesloft_pipeline.salesloft.errors import BrokenContract, SalesloftError
from salesloft_pipeline.warehouse import Warehouse


class OtherTeam(SalesloftError):
    """The key belongs to another team than the one whose data the warehouse holds."""


def check(client: SalesloftClient, warehouse: Warehouse) -> None:
    """Write down which team and user fill the warehouse, or compare with who did. Costs one point.

    Raises OtherTeam; what the request raises, Unauthorized above all.
    """
    me = client.get("/me").data
    team, user = _identity(me)
    with warehouse.transaction() as sql:
        known = sql.query("select distinct team_id from ops.identity")
        if known and known != [(team,)]:
            raise OtherTeam(
                f"this warehouse holds the data of team {known[0][0]}, and the key belongs to team {team}: use a "
                "warehouse of its own for each team (WAREHOUSE_URL), or the right key"
            )
        sql.execute(
            "insert into ops.identity values ($1, $2, $3) on conflict do nothing",
            (team, user, datetime.now(UTC)),
        )


def team_of(client: SalesloftClient) -> str:
    """The id of the key's team. Costs one point. Raises what the request raises."""
    return _identity(client.get("/me").data)[0]


def team_in(warehouse: Warehouse) -> str | None:
    """The id of the team whose data the warehouse holds; None before the first sync."""
    if (warehouse.path and not warehouse.path.exists()) or "identity" not in warehouse.tables("ops"):
        return None
    known = warehouse.query("select team_id from ops.identity limit 1")
    return str(known[0][0]) if known else None


def _identity(me: Any) -> tuple[str, str]:
    """The team's and the user's id, as text."""
    try:
        return str(me["team"]["id"]), str(me["id"])
    except (TypeError, KeyError) as error:
        raise BrokenContract(
            "GET /me tells no user or no team, so nobody knows whose data this is"
        ) from error
