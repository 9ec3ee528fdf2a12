"""What a team adds to the code location: its own schedules, which write back to SalesLoft twice an hour.

analytics.people  ->  people_push_job             their titles, by model.yaml
                  ->  enrollment_job              who of them is to be on the cadence
"""

from __future__ import annotations

from typing import Any

import dagster as dg

from salesloft_pipeline.defs.resources import API, POOL, SettingsResource
from salesloft_pipeline.defs.reverse_sync import people_push_job
from salesloft_pipeline.ingest import ops
from salesloft_pipeline.reverse_sync.cache import open_cache
from salesloft_pipeline.reverse_sync.desk import Desk, Whom

# Tags: of runs that were killed, and of each, what its process held at most.
KILLED, PEAK_MIB = {"soak/killed": "yes"}, "soak/peak_mib"
CADENCE = "Of the table"
MODEL: dict[str, Any] = {
    "source": {"table": "analytics.people"},
    "match": {"column": "id", "field": "id"},
    "fields": {"title": "title"},
    # One write for one change, so that they can be counted.
    "bulk": False,
}
PUSH: dict[str, Any] = {"ops": {"reverse_sync_apply": {"config": {"model": "model.yaml", "apply": True}}}}


@dg.op(pool=POOL)
def enroll(settings: SettingsResource) -> None:
    """Put on the cadence whom the table wants there."""
    warehouse = settings.warehouse()
    ops.create_tables(warehouse)
    wanted = warehouse.query("select id from analytics.people where is_enrolled order by id")
    whom = Whom(ids=[number for (number,) in wanted])
    if whom.ids:
        Desk(settings.client(), warehouse, open_cache(None)).enrollment("enroll", whom, CADENCE, apply=True)


@dg.job(tags=API)
def enrollment_job() -> None:
    """Of everybody in the table."""
    enroll()


SCHEDULES = [
    dg.ScheduleDefinition(
        name="people_push_schedule", job=people_push_job, cron_schedule="5,35 * * * *", run_config=PUSH
    ),
    dg.ScheduleDefinition(name="enrollment_schedule", job=enrollment_job, cron_schedule="10,40 * * * *"),
]
