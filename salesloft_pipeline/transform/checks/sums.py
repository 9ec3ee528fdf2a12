"""The same thing counted in two places comes to the same number."""

from __future__ import annotations

from salesloft_pipeline.transform.checks.check import Check
from salesloft_pipeline.transform.checks.columns import DAILY

# A column of daily_engagement, and the rows of a fact that it must add up to.
INTEGRITY = (
    ("emails_sent", "fct_email where is_sent"),
    ("emails_replied", "fct_email where was_replied"),
    ("calls_logged", "fct_call where not is_deleted"),
    ("people_added", "fct_cadence_enrollment where not is_deleted"),
    ("meetings_booked", "fct_meeting where is_booked"),
    ("meetings_held", "fct_meeting where is_held"),
    ("successes", "fct_success where not is_deleted"),
)
# The event of each counter, and the mail on which it is counted.
COUNTERS = (
    ("views", "email_viewed", "is_sent and not is_bounced and view_tracking"),
    ("clicks", "email_clicked", "is_sent and not is_bounced and click_tracking"),
    ("replies", "email_replied", "is_sent and not is_bounced"),
)


def _unequal_sums() -> str:
    sums = " union all ".join(
        f"select '{column}' as name, (select coalesce(sum({column}), 0) from {DAILY}) as daily, "
        f"(select count(*) from mart.{rows}) as facts"
        for column, rows in INTEGRITY
    )
    return (
        "select name || ' ' || cast(daily as text) || ', in the fact ' || cast(facts as text) as key "
        f"from ({sums}) sums where daily <> facts"
    )


def _undated_counters() -> str:
    """Emails whose events do not add up to their counter, among those sent since versions are recorded."""
    return " union all ".join(
        f"select '{counter} of email ' || cast(f.email_id as text) as key from mart.fct_email f "
        "cross join mart.build_info b left join (select email_id, sum(quantity) as quantity "
        f"from mart.fct_engagement_event where event_type = '{event}' group by email_id) e on e.email_id = f.email_id "
        f"where {condition} and f.sent_at >= b.history_started_at and f.{counter} <> coalesce(e.quantity, 0)"
        for counter, event, condition in COUNTERS
    )


_MEMBERSHIPS = """
    with mail as (
        select cadence_id, person_id, count(*) as emails
        from mart.fct_email
        where is_sent and cadence_id <> -1 and person_id <> -1
        group by cadence_id, person_id
    ),
    compared as (
        select
            count(*) as memberships,
            count(*) filter (where m.sent_emails <> coalesce(e.emails, 0)) as unequal
        from mart.fct_cadence_membership m
        left join mail e on e.cadence_id = m.cadence_id and e.person_id = m.person_id
        where not m.is_deleted
    )
    select cast(unequal as text) || ' of ' || cast(memberships as text) || ' memberships' as key
    from compared
    where unequal * 100 > 2 * memberships
"""
_SUCCESSES = """
    select
        'person ' || cast(p.person_id as text) || ': success_count ' || cast(p.success_count as text) || ', live '
        || cast(coalesce(s.successes, 0) as text) as key
    from mart.dim_person p
    left join (
        select person_id, count(*) as successes from mart.fct_success where not is_deleted group by person_id
    ) s on s.person_id = p.person_id
    where p.person_id <> -1 and not p.is_inferred and not p.is_deleted
        and (p.success_count = 1) <> (coalesce(s.successes, 0) > 0)
"""

CHECKS = (
    Check("Q09", DAILY, "error", "sums over all days equal the facts", _unequal_sums()),
    Check("Q10", DAILY, "warn", "dated events add up to the counters", _undated_counters()),
    Check(
        "Q26",
        "mart.fct_cadence_membership",
        "warn",
        "98 % of the memberships count as many emails as we have of them",
        _MEMBERSHIPS,
    ),
    Check(
        "Q31",
        "mart.fct_success",
        "warn",
        "who counts as converted has a success, and nobody else",
        _SUCCESSES,
    ),
)
