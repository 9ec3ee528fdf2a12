"""What the warehouse holds of one collection, in the order of its keys: what a sweep asks SalesLoft about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from salesloft_pipeline.ingest.columns import KEY, RAW_SCHEMA, gone_column
from salesloft_pipeline.ingest.deletions import mark
from salesloft_pipeline.salesloft.endpoints import Absence, Endpoint
from salesloft_pipeline.warehouse import Warehouse, quote

Key = Any


@dataclass(frozen=True)
class Known:
    """One row that we hold: its key, the change it shows (UTC; None: unknown), and whether it is marked as gone."""

    key: Key
    updated_at: datetime | None
    gone: bool


class Held:
    """The rows of one raw table. since, until: of a list that counts by a date, only rows from then to then (included).

    Closed rows are left out, because nobody asks whether a matter opened again; deleted ones may be restored.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        endpoint: Endpoint,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        self._warehouse, self._endpoint = warehouse, endpoint
        self._gone = gone_column(endpoint)
        self._conditions, self._params = ["true"], list[Any]()
        # What was never sent has no date of its own.
        date = f"coalesce({quote(endpoint.counted_by)}, updated_at)" if endpoint.counted_by else None
        for operator, bound in ((">=", since), ("<=", until)):
            if date and bound:
                self._params.append(bound)
                self._conditions.append(f"{date} {operator} ${len(self._params)}")
        if endpoint.absence is Absence.CLOSED:
            self._conditions.append(f"{self._gone} is null")

    def count(self) -> int:
        """How many rows there are that are not marked as gone."""
        ((rows,),) = self._warehouse.query(
            f"select count(*) from {self._from()} and {self._gone} is null", self._params
        )
        return int(rows)

    def behind(self, key: Key | None, rows: int) -> list[Known]:
        """The next rows behind a key; from the first one for None."""
        place, params = len(self._params) + 1, self._params
        behind = "" if key is None else f" and {KEY} > ${place}"
        found = self._warehouse.query(
            f"select {KEY}, updated_at, {self._gone} is not null from {self._from()}{behind} "
            f"order by {KEY} limit {rows}",
            params if key is None else [*params, key],
        )
        return [Known(number, at.astimezone(UTC) if at else None, gone) for number, at, gone in found]

    def mark(self, keys: Sequence[Key], at: datetime) -> None:
        """Mark rows as gone; see deletions.py."""
        mark(self._warehouse, self._endpoint, keys, at)

    def _from(self) -> str:
        return f"{RAW_SCHEMA}.{quote(self._endpoint.name)} where {' and '.join(self._conditions)}"
