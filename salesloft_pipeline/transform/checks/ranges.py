"""What each row of the daily mart must hold, whatever happened: rates between 0 and 1, parts within their whole."""

from __future__ import annotations

from salesloft_pipeline.transform.checks.check import Check, key_text
from salesloft_pipeline.transform.checks.columns import COUNTS, DAILY, DAILY_KEY, RATES

RELATIONS = (
    "emails_opened <= emails_view_tracked",
    "emails_view_tracked <= emails_delivered",
    "emails_clicked <= emails_click_tracked",
    "emails_click_tracked <= emails_delivered",
    "emails_replied <= emails_delivered",
    "emails_replied_with_outcome <= emails_replied",
    "emails_delivered + emails_bounced = emails_sent",
    "emails_cadence + emails_bulk + emails_one_off + emails_external = emails_sent",
    "calls_connected + calls_voicemail + calls_not_set <= calls_logged",
    "calls_positive <= calls_connected",
    "emails_sent + calls_logged + other_touches = total_touches",
)


def _daily_rows(condition: str) -> str:
    return f"select {key_text(DAILY_KEY)} as key from {DAILY} where {condition}"


CHECKS = (
    Check(
        "Q03",
        "mart.fct_engagement_event",
        "error",
        "every event counts at least one",
        "select event_id as key from mart.fct_engagement_event where quantity is null or quantity < 1",
    ),
    Check(
        "Q06",
        DAILY,
        "error",
        "every rate is NULL or between 0 and 1",
        _daily_rows(" or ".join(f"not {rate} between 0 and 1" for rate in RATES)),
    ),
    Check(
        "Q07",
        DAILY,
        "error",
        "parts are no greater than their whole, and add up",
        _daily_rows(" or ".join(f"not {relation}" for relation in RELATIONS)),
    ),
    Check(
        "Q08",
        DAILY,
        "error",
        "no count is NULL or negative",
        _daily_rows(" or ".join(f"{count} is null or {count} < 0" for count in COUNTS)),
    ),
)
