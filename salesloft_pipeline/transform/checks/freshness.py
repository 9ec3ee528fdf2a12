"""Is what was loaded fresh, and is all of it still there?"""

from __future__ import annotations

from salesloft_pipeline.transform.checks.check import Check
from salesloft_pipeline.transform.marts import MARTS, SCHEMA

_LATE_LOADS = """
    select log.resource as key
    from ops.sync_log as log join (values :schedules) as late (resource, seconds) on late.resource = log.resource
    where log.kind = 'sync'
    group by log.resource
    having coalesce(
        max(case when log.outcome <> 'failed' then log.finished_at end), timestamptz '1970-01-01 00:00:00+00'
    ) < :now - 2 * max(late.seconds) * interval '1 second'
    union all
    select 'no sync has finished yet' where not exists (select 1 from ops.sync_log)
"""
# On a Monday the newest may be of Friday; of a Saturday and a Sunday nothing is expected.
_SILENT_MAIL = """
    select 'newest email changed at ' || cast(newest as text) as key
    from (select max(updated_at) as newest from raw_salesloft.emails) emails
    where extract(isodow from :now) <= 5
        and newest < :now - case when extract(isodow from :now) = 1 then 72 else 24 end * interval '1 hour'
"""
_SILENT_WEBHOOKS = """
    select 'of ' || cast(lately as text) || ' versions of 24 hours none came by webhook, before ' || cast(before as text)
        as key
    from (
        select
            count(*) filter (where v.observed_at > b.as_of - interval '24 hours') as lately,
            count(*) filter (where v.source = 'webhook' and v.observed_at > b.as_of - interval '24 hours') as by_webhook,
            count(*) filter (where v.source = 'webhook' and v.observed_at <= b.as_of - interval '24 hours') as before
        from mart.fct_email_version v
        cross join mart.build_info b
        where v.observed_at > b.as_of - interval '8 days'
    ) week
    where lately > 0 and before > 0 and by_webhook = 0
"""


# Of a small table, one record that goes (an erased person, say) is already more than that share.
FEW = 5


def _fallen() -> str:
    """Raw tables that lost more than one row in two hundred since the build before."""
    prefix = "raw_salesloft."
    tables = {
        source.removeprefix(prefix) for mart in MARTS for source in mart.upstream if source.startswith(prefix)
    }
    counts = " union all ".join(
        f"select '{table}' as name, cast(raw_counts_before ->> '{table}' as bigint) as before, "
        f"cast(raw_counts ->> '{table}' as bigint) as now from {SCHEMA}.build_info"
        for table in sorted(tables)
    )
    return (
        "select name || ': ' || cast(before as text) || ' rows before, ' || cast(now as text) || ' now' as key "
        f"from ({counts}) counted where now * 1000 < before * 995 and before - now > {FEW}"
    )


CHECKS = (
    Check("Q14", "ops.sync_log", "error", "every resource was read within twice its schedule", _LATE_LOADS),
    Check(
        "Q15",
        "raw_salesloft.emails",
        "warn",
        "on working days some email has changed within 24 hours",
        _SILENT_MAIL,
    ),
    Check(
        "Q16",
        "mart.build_info",
        "error",
        "no raw table lost more than 0.5 % of its rows, a few rows aside",
        _fallen(),
    ),
    Check("Q30", "mart.fct_email_version", "warn", "webhooks that came go on coming", _SILENT_WEBHOOKS),
)
