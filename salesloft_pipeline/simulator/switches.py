"""What SalesLoft does is not always written down: each doubtful behaviour is a switch."""

from __future__ import annotations

from dataclasses import dataclass, field, fields, replace
from typing import Any


def _switch(default: Any, meaning: str) -> Any:
    return field(default=default, metadata={"meaning": meaning})


@dataclass(frozen=True)
class Switches:
    """One row per behaviour; the default is what we believe, the meaning says what the value does."""

    malformed_timestamp_is_500: bool = _switch(True, "a timestamp that cannot be read answers 500, not 422")
    boundary_row_again: bool = _switch(False, "[gt] also returns the row that equals the bound")
    unstable_ties: bool = _switch(
        False, "rows with the same sort value come in another order on every request"
    )
    limit_paging_counts: bool = _switch(True, "total_count stops at 10 000 unless the request says otherwise")
    deep_pages_fail: bool = _switch(False, "pages past 500 answer 500")
    retry_after: bool = _switch(False, "a 429 carries Retry-After with the seconds to the next minute")
    counts_bump_updated_at: bool = _switch(True, "opens, clicks and replies move updated_at of their email")
    dynamic_data_moves: bool = _switch(
        False, "activities show the live counts of their email, without updated_at"
    )
    tasks_sort_by_updated_at: bool = _switch(True, "/tasks accepts sort_by=updated_at")
    imports_drift: bool = _switch(True, "deleting people lowers current_people_count without updated_at")
    late_commit_seconds: float = _switch(0.0, "what happens becomes visible this long after its updated_at")
    reused_refresh_logs_out: bool = _switch(
        True, "a revoked OAuth refresh token used again revokes the newest one too"
    )
    bare_subscriptions: bool = _switch(
        False, "the answer about one webhook subscription is not wrapped in data"
    )
    webhook_duplicates: float = _switch(0.0, "this share of webhooks is delivered twice")
    webhook_losses: float = _switch(0.0, "this share of webhooks is lost before the first attempt")
    webhook_delay_seconds: float = _switch(
        0.0, "webhooks wait up to this long, each its own time, so that they overtake each other"
    )
    webhook_burst_seconds: float = _switch(
        0.0, "webhooks wait for the next full multiple of this, and go out together"
    )
    webhook_timeout_seconds: float = _switch(5.0, "a receiver that says nothing for this long has failed")
    latency_ms: float = _switch(0.0, "wait before every answer")
    ignore_filters: bool = _switch(False, "no filter is applied, and the echo is empty")
    endpoint_cost: int = _switch(1, "points of a request before the surcharge for deep pages")

    def changed(self, **values: Any) -> Switches:
        """A copy with some switches set; unknown names raise ValueError listing the known ones."""
        known = {each.name for each in fields(self)}
        if unknown := set(values) - known:
            raise ValueError(f"no switch is called {sorted(unknown)}; there are {sorted(known)}")
        return replace(self, **values)

    @classmethod
    def table(cls) -> str:
        """Name, default and meaning of every switch, one per line."""
        return "\n".join(f"{each.name} = {each.default}: {each.metadata['meaning']}" for each in fields(cls))
